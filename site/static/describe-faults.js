// What the compiled schemas say of a document, in the words of the validator; tables and sentences come from it.
"use strict";
atlas.faults = (data, validators) => {
  const escaped = (part) => String(part).replace(/~/g, "~0").replace(/\//g, "~1");
  const parts = (pointer) => pointer.split("/").slice(1).map((part) => decodeURIComponent(part).replace(/~1/g, "/").replace(/~0/g, "~"));
  const at = (doc, pointer) => parts(pointer).reduce((value, part) => value?.[part], doc);
  const inside = (pointer, above) => pointer.startsWith(`${above}/`);

  /** A value as the validator writes it: JSON with blanks after commas and colons, cut off where it is long. */
  function shown(value) {
    const write = (v) => Array.isArray(v) ? `[${v.map(write).join(", ")}]`
      : v && typeof v === "object" ? `{${Object.entries(v).map(([k, one]) => `${JSON.stringify(k)}: ${write(one)}`).join(", ")}}` : JSON.stringify(v);
    const text = write(value) ?? "nothing";
    return text.length > 80 ? `${text.slice(0, 80)}...` : text;
  }

  function wanted({ keyword, params }) {
    const { format, pattern, type, limit } = data.words;
    if (keyword === "type") return [].concat(params.type).sort((a, b) => (a === "null") - (b === "null")).map((one) => type[one]).join(" or ");
    if (keyword === "enum") return `one of ${params.allowedValues.map(shown).join(", ")}`;
    if (keyword === "const") return shown(params.allowedValue);
    if (keyword === "format") return format[params.format];
    if (keyword === "pattern") return pattern[params.pattern];
    return keyword in limit ? `${limit[keyword]} ${params.limit}` : undefined;
  }

  /** What is missing, and what to write: the validator's words for members of core, the field table's for others. */
  function missing({ params: { missingProperty: name }, parentSchema }) {
    const described = parentSchema?.properties?.[name], told = `\`${name}\` is missing`;
    if (name in data.words.write) return `${told}: ${data.words.write[name]}`;
    if (Array.isArray(described?.enum)) return `${told}: give one of ${described.enum.map(shown).join(", ")}`;
    if (described?.description && /^[A-Za-z_]\w*$/.test(name)) return `${told}: ${described.description}`.replace(/\.+$/, "").slice(0, 300);
    return told;
  }

  /** What of an object breaks the rule of its method, as the validator says it before the rule's message. */
  function amiss(rule, value, then) {
    if (!rule.startsWith("quantization-") || !then?.not?.anyOf || !value || typeof value !== "object") return "";
    const named = (schemas) => schemas.flatMap((one) => one.required), quoted = (names) => names.map((name) => `\`${name}\``);
    const { usual } = data.words;
    const told = (then.required ?? []).filter((name) => !(name in value)).map((name) => `\`${name}\` is missing${usual[name] ? ` (write ${usual[name]})` : ""}`);
    const either = named(then.oneOf ?? []), given = either.filter((name) => name in value);
    if (given.length > 1) told.push(`of ${quoted(given).join(" and ")} one is too many`);
    else if (either.length && !given.length) told.push(`none of ${quoted(either).join(", ")} is given`);
    const foreign = named(then.not.anyOf).filter((name) => name in value);
    if (foreign.length) told.push(`${quoted(foreign).join(" and ")} must be left out`);
    return told.length ? `${told.join("; ")}: ` : "";
  }

  function told(error, value) {
    const { keyword, params, instancePath } = error;
    const must = wanted(error);
    if (must) return `must be ${must}, not ${shown(value)}`;
    if (keyword === "required") return missing(error);
    if (["minItems", "minProperties", "minLength"].includes(keyword) && (value === "" || !Object.keys(value ?? {}).length)) return `must not be empty: ${instancePath.includes("bbox") ? "give west, south, east and north in degrees" : data.words.write[parts(instancePath).at(-1)] ?? "give a value, or leave it out"}`;
    if (["minItems", "maxItems"].includes(keyword)) {
      if (!instancePath.includes("bbox")) return `must have ${keyword === "minItems" ? "at least" : "at most"} ${params.limit} entries, has ${value.length}`;
      return value.some(Array.isArray) ? "the first box holds all others: give it alone, or with two or more of its parts" : `a bbox has four numbers, or six with heights, this has ${value.length}`;
    }
    if (keyword === "uniqueItems") return "holds the same entry twice";
    if (keyword === "additionalProperties") return `\`${params.additionalProperty}\` is not known here`;
    if (keyword === "pattern") return `${shown(value)} does not match "${params.pattern}"`;
    if (keyword === "not") return "must be left out";
    return `breaks the schema’s rule “${keyword}”`;
  }

  /** Of several alternatives that all fail: what the value may be, or what the likeliest one says. */
  function alternatives(error, children, doc) {
    const branches = new Map();
    const start = error.schemaPath.length + 1;
    for (const child of children) {
      const branch = child.schemaPath.slice(start).split("/")[0];
      branches.set(branch, [...(branches.get(branch) ?? []), child]);
    }
    // Null has an alternative of its own, which is not the one that was meant where there is a value.
    const nulls = (branch) => branch.some((child) => child.keyword === "type" && child.instancePath === error.instancePath && [].concat(child.params.type).join() === "null");
    const all = [...branches.values()].filter((branch, _, every) => every.length === 1 || !nulls(branch));
    const may = all.map((branch) => branch.length === 1 && branch[0].instancePath === error.instancePath ? wanted(branch[0]) : undefined);
    if (may.length && may.every(Boolean)) return [{ path: error.instancePath, keyword: "type", message: `must be ${[...new Set(may)].join(" or ")}, not ${shown(at(doc, error.instancePath))}` }];
    const depth = (branch) => Math.max(...branch.map((child) => child.instancePath.split("/").length));
    const meant = all.sort((a, b) => depth(b) - depth(a) || a.length - b.length)[0] ?? [error];
    return meant.map((child) => ({ path: child.instancePath, keyword: child.keyword, message: told(child, at(doc, child.instancePath)) }));
  }

  const beneath = (child, error) => inside(child.schemaPath, error.schemaPath) && (child.instancePath === error.instancePath || inside(child.instancePath, error.instancePath));
  const RULE = /^([a-z0-9-]+): ([^]+)$/;

  function explain(errors, doc, ours) {
    const found = [];
    const ruleOf = (error) => (ours && RULE.exec(error.parentSchema?.$comment ?? "")) || null;
    const rules = errors.filter(ruleOf);
    const several = errors.filter((error) => ["anyOf", "oneOf"].includes(error.keyword) && !ruleOf(error));
    for (const error of errors) {
      const rule = ruleOf(error);
      if (rule) {
        found.push({ path: error.instancePath, keyword: "rule", message: amiss(rule[1], at(doc, error.instancePath), error.parentSchema.then) + rule[2], field: data.rules[rule[1]] ?? "" });
        continue;
      }
      // Only the rule itself speaks: what its parts say would tell the same again, and worse. All rules lie in an `allOf`.
      if (ours && (error.schemaPath.includes("/allOf/") || rules.some((above) => beneath(error, above)))) continue;
      if (["if", "allOf", "propertyNames"].includes(error.keyword) || several.some((above) => beneath(error, above))) continue;
      if (several.includes(error)) found.push(...alternatives(error, errors.filter((child) => beneath(child, error)), doc));
      else {
        const path = error.propertyName === undefined ? error.instancePath : `${error.instancePath}/${escaped(error.propertyName)}`;
        found.push({ path, keyword: error.keyword, message: told(error, error.propertyName ?? at(doc, error.instancePath)), missing: error.keyword === "required" ? error.params.missingProperty : undefined });
      }
    }
    return found;
  }

  /** One fault for each thing that is wrong: of a value of the wrong type nothing else is worth reading. */
  function distinct(found) {
    const of = (keyword) => new Set(found.filter((fault) => fault.keyword === keyword).map((fault) => fault.path));
    const mistyped = of("type"), seen = new Set();
    const weaker = { pattern: ["format", "enum"], minLength: ["format", "enum", "pattern"] };
    return found.filter((fault) => {
      if ([...mistyped].some((path) => inside(fault.path, path)) || (mistyped.has(fault.path) && fault.keyword !== "type")) return false;
      if ((weaker[fault.keyword] ?? []).some((keyword) => of(keyword).has(fault.path))) return false;
      const said = mistyped.has(fault.path) ? "type" : ["enum", "const", "minItems", "maxItems"].includes(fault.keyword) ? fault.keyword : fault.message;
      const key = JSON.stringify([fault.path, said]);
      return !seen.has(key) && seen.add(key);
    });
  }

  const run = (name, doc) => (validators[name](doc) ? [] : explain(validators[name].errors, doc, name === "emb"));
  return {
    parts,
    collection: (doc) => distinct([...run(data.versions.includes(doc.stac_version) ? doc.stac_version : data.versions.at(-1), doc), ...run("emb", doc)]),
    record: (record) => distinct(run("record", record)),
  };
};
