// The form: every field is made from its row of the field table and bound to its place in one document, so that what the
// form does not know stays as it came. The schema is asked after each change.
"use strict";
(async () => {
  const home = document.querySelector("[data-describe]");
  if (!home) return;
  const { make } = atlas;
  const KEY = "atlas-describe";
  const data = await atlas.load("describe");
  const tools = atlas.record(data);
  const { get, set, empty } = tools;
  const out = (name) => document.querySelector(`[data-${name}]`);
  const kindOf = (schema) => String(schema.$ref ?? "").split("/").pop();
  const sections = data.sections.map((section) => ({ ...section, fields: section.fields.map((field) => ({ ...field, keys: field.path.split(".") })) }));
  const fieldsOf = sections.flatMap((section) => (section.id === "record" ? [] : section.fields));
  let state, check, open = new Set(), touched = new Set(), touchedAll = false;

  function blank() {
    const doc = { type: "Collection", stac_version: data.versions.at(-1), stac_extensions: [data.extension] };
    for (const field of fieldsOf) if ("blank" in field) set(doc, field.keys, structuredClone(field.blank));
    return { doc, more: { status: "released", sources: { main: { checked: new Date().toISOString().slice(0, 10), strength: "primary" } } } };
  }
  function restore() {
    try {
      const kept = JSON.parse(localStorage.getItem(KEY));
      if (kept?.doc?.type === "Collection" && kept.more) return kept;
    } catch { /* nothing is kept, or it may not be read */ }
    return blank();
  }
  function keep() {
    try { localStorage.setItem(KEY, JSON.stringify(state)); } catch { /* not kept, still shown */ }
  }

  /** Where the Asset with the vectors stands, or would stand. */
  function assetKeys() {
    for (const holder of ["item_assets", "assets"]) {
      for (const [key, asset] of Object.entries(state.doc[holder] ?? {})) if (key === "embeddings" || asset?.roles?.includes?.("embedding")) return [holder, key];
    }
    return ["item_assets", "embeddings"];
  }
  const resolved = (keys) => keys.flatMap((key) => (key === data.asset ? assetKeys() : [key]));

  /** Set or, without a value, remove; what becomes empty above goes too, but never an entry of a list. */
  function put(root, keys, value, blanked) {
    if (value !== undefined) {
      set(root, keys, value);
      const at = keys.indexOf("item_assets") + 1 || keys.indexOf("assets") + 1;
      const asset = at === 1 && get(root, keys.slice(0, 2));
      if (asset && !asset.roles) asset.roles = ["data", "embedding"];
      return;
    }
    if (blanked !== undefined) { set(root, keys, structuredClone(blanked)); return; }
    for (let n = keys.length; n > 0; n -= 1) {
      const holder = get(root, keys.slice(0, n - 1));
      if (!holder || Array.isArray(holder)) return;
      delete holder[keys[n - 1]];
      const bare = ["item_assets", "assets"].includes(keys[0]) && n === 3 && Object.keys(holder).join() === "roles";
      if (n > 1 && Object.keys(holder).length && !bare) return;
    }
  }

  const idOf = (root, keys) => [root === state.more ? "r" : "f", ...keys].join("-").replace(/[^\w-]/g, "_");
  /** Text with `code` between backticks. */
  const prose = (text) => text.split("`").map((part, i) => (i % 2 ? make("code", {}, part) : part));
  const number = (text) => (/^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(text) ? Number(text) : text);
  const list = (text) => text.split(/[,;\s]+/).filter(Boolean).map(number);
  const lines = (text) => text.split("\n").map((line) => line.trim()).filter(Boolean);
  function moment(text, end) {
    const [, year, day] = /^(\d{4})(-\d\d-\d\d)?$/.exec(text) ?? [];
    return year ? `${year}${day ?? (end ? "-12-31" : "-01-01")}T${end ? "23:59:59" : "00:00:00"}Z` : text;
  }

  /** The text of a value and the way back, by the type that the field table gives it. */
  function codec(schema, keys) {
    const { type } = schema;
    if (type === "array") {
      const items = schema.items ?? {};
      if (["number", "integer"].includes(items.type)) return { show: (v) => (Array.isArray(v) ? v.join(", ") : String(v)), read: list };
      return { area: true, hint: "One per line.", show: (v) => (Array.isArray(v) ? v.join("\n") : String(v)), read: lines };
    }
    if (type === "object" && schema.additionalProperties) {
      const read = (text) => Object.fromEntries(lines(text).map((line) => line.split(/\s*:\s*/, 2)).map(([k, v]) => [k, v ?? ""]));
      return { area: true, hint: "One per line, such as 2017: partial.", show: (v) => Object.entries(v).map(([k, one]) => `${k}: ${one}`).join("\n"), read };
    }
    if (type === "object" || (type === undefined && !schema.anyOf)) {
      const read = (text) => { try { return JSON.parse(text); } catch { return text; } };
      return { area: true, hint: "JSON, or text where the field takes it.", show: (v) => (typeof v === "string" ? v : JSON.stringify(v)), read };
    }
    if (type === "number" || type === "integer") return { mode: "decimal", show: String, read: number };
    if (schema.anyOf) {
      const read = (text) => (schema.anyOf.some((arm) => arm.type === "array") && /[,;\s]/.test(text) ? list(text) : number(text));
      return { show: (v) => (Array.isArray(v) ? v.join(", ") : String(v)), read };
    }
    if (schema.format === "date-time") return { show: String, read: (text) => moment(text, keys.at(-1) === "1") };
    return { area: keys.at(-1) === "description", show: String, read: (text) => text };
  }

  function changed(keys, structure) {
    touched.add(keys.join("/"));
    keep();
    if (structure) draw();
    judge();
  }

  /** A select, checkboxes or a field of text for one value. */
  function control(row, root, keys, id, describedby, disabled) {
    const { schema } = row;
    const value = get(root, keys);
    const given = (v, structure) => { put(root, keys, empty(v) ? undefined : v, row.blank); changed(keys, structure); };
    const common = { id, "aria-describedby": describedby, disabled };
    const choices = schema.enum ?? (schema.type === "boolean" ? [true, false] : null);
    if (choices) {
      const select = make("select", { ...common, onchange: () => given(choices[select.selectedIndex - 1], true) },
        make("option", { value: "" }, "choose"), ...choices.map((one) => make("option", { value: String(one), selected: one === value }, one === true ? "yes" : one === false ? "no" : one)));
      return select;
    }
    const offered = schema.type === "array" && (schema.items?.enum ?? row.words);
    if (offered && schema.maxItems === undefined) {
      const now = Array.isArray(value) ? value : [];
      const others = now.filter((one) => !offered.includes(one));
      const box = make("div", { class: "choices", id, role: "group", "aria-label": row.label, "aria-describedby": describedby, tabindex: -1 });
      const other = make("input", { type: "text", id: `${id}-other`, value: others.join(", "), "aria-label": `Other: ${row.label}`, placeholder: "others, by commas", disabled });
      const read = () => given([...[...box.querySelectorAll("input:checked")].map((one) => one.value), ...(schema.items?.enum ? [] : other.value.split(",").map((one) => one.trim()).filter(Boolean))]);
      box.append(...offered.map((one, i) => make("label", { class: "choice" }, make("input", { type: "checkbox", id: `${id}-${i}`, value: one, checked: now.includes(one), disabled, onchange: read }), one)));
      if (!schema.items?.enum) { other.addEventListener("input", read); box.append(other); }
      return box;
    }
    const way = codec(schema, keys);
    const text = value === undefined || value === null ? "" : way.show(value);
    const words = schema.type === "array" ? null : keys.at(-1) === "emb:space" || keys.at(-1) === "space" ? "spaces" : keys.at(-1) === "id" && ["emb:training_data", "emb:inference_data"].includes(keys[0]) ? "inputs" : row.words ? `${id}-words` : null;
    const field = way.area
      ? make("textarea", { ...common, rows: keys.at(-1) === "description" ? 4 : 3, spellcheck: "false" })
      : make("input", { ...common, type: "text", list: words, inputmode: way.mode, autocomplete: "off", spellcheck: "false" });
    field.value = text;
    const read = (structure) => {
      const typed = field.value.trim();
      given(typed === "" ? undefined : way.read(typed), structure);
    };
    field.addEventListener("input", () => read(false));
    const decides = data.members.some((rule) => rule.member === keys.at(-1) && rule.object === row.of);
    field.addEventListener("change", () => {
      if (words === "inputs") fill(root, keys, field.value.trim());
      read(decides || words === "inputs");
    });
    if (!row.words || words !== `${id}-words`) return field;
    return make("span", { class: "stack" }, field, make("datalist", { id: words }, ...row.words.map((one) => make("option", { value: one }))));
  }

  /** What the catalogue knows of an input is filled in where nothing stands. */
  function fill(root, keys, id) {
    const entry = get(root, keys.slice(0, -1));
    for (const [name, value] of Object.entries(data.inputs[id] ?? {})) if (entry && entry[name] === undefined) entry[name] = structuredClone(value);
  }

  function reasonSelect(row, id) {
    const absent = state.doc["emb:absent"] ?? {};
    const keys = ["emb:absent", row.absent];
    const select = make("select", { id: `${id}-reason`, class: "reason", "aria-label": `Why there is no value: ${row.label}`, onchange: () => {
      put(state.doc, keys, data.reasons[select.selectedIndex - 1]?.[0]);
      if (select.selectedIndex > 0) put(state.doc, resolved(row.keys), undefined, row.blank);
      changed(keys, true);
    } }, make("option", { value: "" }, "or why not"), ...data.reasons.map(([reason, words]) => make("option", { value: reason, selected: absent[row.absent] === reason }, words)));
    return select;
  }

  /** Label, explanation, control, reason for absence and faults of one field. */
  function item(row, root, keys) {
    const id = idOf(root, keys);
    const reason = row.absent ? reasonSelect(row, id) : null;
    const why = row.absent && state.doc["emb:absent"]?.[row.absent];
    const name = keys.at(-1).startsWith("emb:") ? make("code", {}, keys.at(-1)) : null;
    const mark = row.required && !row.absent ? make("span", { class: "needed" }, "required") : null;
    const fault = make("p", { class: "fault", id: `${id}-fault`, hidden: true });
    const note = make("p", { class: "note", id: `${id}-note` }, ...prose(row.text), row.unit ? ` Unit: ${row.unit}.` : "");
    const object = kindOf(row.schema);
    const many = row.schema.type === "array" && row.schema.items?.$ref;
    const attributes = { class: "item", "data-path": `/${keys.join("/")}`, "data-root": root === state.more ? "more" : "doc" };
    if (object || many) {
      let parts = object ? members(object, root, keys) : entries(kindOf(row.schema.items), row, root, keys);
      // What most products do not need waits in a fold, until it holds something.
      if (object && !row.required && empty(get(root, keys)) && !data.members.some((rule) => rule.object === object)) parts = [fold(`Give ${/^[aeiou]/i.test(row.label) ? "an" : "a"} ${row.label.toLowerCase()}`, `${id}-fold`, parts)];
      return make("fieldset", { ...attributes, class: "item group", id, tabindex: -1 }, make("legend", {}, row.label, " ", name, mark), note, reason, fault, ...(why ? [] : parts));
    }
    const way = codec(row.schema, keys);
    const checks = row.schema.type === "array" && row.schema.maxItems === undefined && (row.schema.items?.enum ?? row.words);
    if (way.hint && !row.schema.enum && !checks) note.append(` ${way.hint}`);
    const element = control(row, root, keys, id, `${id}-note ${id}-fault`, Boolean(why));
    const label = checks ? make("span", { class: "label" }, row.label, " ", name, mark) : make("label", { for: id }, row.label, " ", name, mark);
    return make("div", attributes, label, make("div", { class: "line" }, element, reason), note, fault);
  }

  /** Members of an object: those that are needed or given are seen, others wait in a fold. */
  function members(kind, root, keys) {
    const value = get(root, keys) ?? {};
    const rules = data.members.filter((rule) => rule.object === kind);
    const rule = rules.find((one) => one.value === (value[one.member] ?? null)) ?? rules.find((one) => one.value === null);
    const seen = [], folded = [];
    for (const row of data.objects[kind].members) {
      const given = value[row.path] !== undefined;
      if (!given && rule?.refused.includes(row.path)) continue;
      const path = [...keys, row.path];
      const absent = keys.length === 1 && fieldsOf.some((field) => field.path === keys[0] && field.absent) && !row.required ? `${keys[0]}.${row.path}` : undefined;
      const full = { ...row, keys: path, of: kind, ...(absent && { absent }) };
      const shown = row.required || given || rule?.asked.includes(row.path) || (absent && state.doc["emb:absent"]?.[absent]);
      (shown ? seen : folded).push(item(full, root, path));
    }
    if (!seen.length) return folded;
    return folded.length ? [...seen, fold(`${folded.length} more: ${data.objects[kind].title.replace(/ Object$/, "").toLowerCase()}`, idOf(root, [...keys, "fold"]), folded)] : seen;
  }

  function fold(title, id, parts) {
    const details = make("details", { id, open: open.has(id), ontoggle: () => (details.open ? open.add(id) : open.delete(id)) }, make("summary", {}, title), ...parts);
    return details;
  }

  function entries(kind, row, root, keys) {
    const held = get(root, keys) ?? [];
    const word = data.objects[kind].title.replace(/ Object$/, "").toLowerCase();
    const parts = held.map((entry, i) => {
      const remove = make("button", { type: "button", id: idOf(root, [...keys, i, "remove"]), onclick: () => { held.splice(i, 1); if (!held.length) put(root, keys, undefined, row.blank); changed(keys, true); } }, `Remove ${word} ${i + 1}`);
      return make("fieldset", { class: "item entry", "data-path": `/${[...keys, i].join("/")}`, "data-root": root === state.more ? "more" : "doc" }, make("legend", {}, `${word} ${i + 1}`), make("p", { class: "fault", hidden: true }), ...members(kind, root, [...keys, i]), remove);
    });
    const add = make("button", { type: "button", id: idOf(root, [...keys, "add"]), onclick: () => {
      set(root, [...keys, held.length], {});
      changed(keys, true);
      document.getElementById(idOf(root, [...keys, held.length - (get(root, keys) === held ? 1 : 0), data.objects[kind].members[0].path]))?.focus();
    } }, `Add ${/^[aeiou]/.test(word) ? "an" : "a"} ${word}`);
    return [...parts, add];
  }

  function draw() {
    const focus = document.activeElement?.id;
    for (const section of sections) {
      const place = document.querySelector(`[data-section="${section.id}"]`);
      const root = section.id === "record" ? state.more : state.doc;
      place.replaceChildren(...section.fields.map((field) => item(field, root, resolved(field.keys))));
      if (section.id === "file") place.closest("section").hidden = state.doc["emb:delivery"] === "on_demand" && !get(state.doc, assetKeys());
    }
    const known = new Set(["type", "stac_version", "stac_extensions", "emb:absent", "assets", "item_assets", ...fieldsOf.map((field) => field.keys[0])]);
    const kept = Object.keys(state.doc).filter((key) => !known.has(key));
    out("kept").hidden = !kept.length;
    out("kept").replaceChildren("Kept unchanged, and not in the form: ", ...kept.flatMap((key, i) => [i ? ", " : "", make("code", {}, key)]), ".");
    if (focus) document.getElementById(focus)?.focus();
  }

  /** The document in its usual order. */
  function ordered() {
    const first = ["type", "stac_version", "stac_extensions", "id", "title", "description", "license", "extent", "keywords", "providers", "gsd", ...data.order];
    const rank = (key) => (first.includes(key) ? first.indexOf(key) : first.length + ["item_assets", "assets", "summaries", "links"].indexOf(key) + 1);
    return Object.fromEntries(Object.entries(state.doc).sort(([a], [b]) => rank(a) - rank(b)));
  }

  function place(fault, root) {
    const items = [...home.querySelectorAll(`.item[data-root="${root}"]`)];
    const own = (path) => items.find((one) => one.dataset.path === path);
    let path = fault.missing ? `${fault.path}/${fault.missing}` : fault.path;
    if (fault.field && !path) path = fault.field === "emb:layout" ? `/${[...assetKeys(), "emb:layout"].join("/")}` : `/${fault.field}`;
    while (path && !own(path)) path = path.slice(0, path.lastIndexOf("/"));
    if (path || root === "doc" || !fault.missing) return path ? own(path) : null;
    // What a record takes from the Collection is given there.
    const [from] = data.record.paths.find(([, to]) => to.split(".")[0] === fault.missing) ?? [];
    return from ? home.querySelector(`.item[data-root="doc"][data-path="/${resolved(from.split(".")).join("/")}"]`) : null;
  }

  const said = new Map();
  /** Show faults beside their fields and in a list, and name what is only needed; how many there are of each. */
  function showFaults(faults, root, summary) {
    for (const one of home.querySelectorAll(`.item[data-root="${root}"]`)) {
      one.querySelector(":scope > .fault").hidden = true;
      one.querySelector(":scope [aria-invalid]")?.removeAttribute("aria-invalid");
    }
    const needed = [];
    const rows = faults.flatMap((fault) => {
      const where = place(fault, root);
      const text = fault.message;
      const label = where?.querySelector(":scope > label, :scope > legend, :scope > .label")?.firstChild.textContent ?? (fault.path.slice(1).replaceAll("/", ".") || "The document");
      const target = where?.querySelector(":scope > .line [id]")?.id ?? where?.id;
      const link = target ? make("a", { href: `#${target}`, onclick: (event) => { event.preventDefault(); reveal(target); } }, label) : label;
      // What is missing is a fault once somebody was there or asked for the document; a wrong value at once.
      const value = where && get(where.dataset.root === "doc" ? state.doc : state.more, where.dataset.path.split("/").slice(1));
      const here = where ? !empty(value) || [...touched].some((path) => `/${path}`.startsWith(where.dataset.path)) : !fault.missing;
      if (!touchedAll && !here) {
        if (!needed.some((one) => one.textContent === label)) needed.push(make("li", {}, link));
        return [];
      }
      if (where?.dataset.root === root) {
        const line = where.querySelector(":scope > .fault");
        line.replaceChildren(...(line.hidden ? [] : [...line.childNodes, make("br")]), ...prose(text));
        line.hidden = false;
        where.querySelector(":scope > .line :is(input, select, textarea)")?.setAttribute("aria-invalid", "true");
      }
      return [make("li", {}, link, ": ", ...prose(text))];
    });
    for (const [name, list] of [[summary, rows], [`${summary}-needed`, needed]]) {
      // A list that says the same is left alone, so that a click on it is never lost.
      const key = list.map((row) => row.innerHTML).join();
      if (said.get(name) !== key) out(name).replaceChildren(...list);
      said.set(name, key);
    }
    return [rows.length, needed.length];
  }

  function reveal(id) {
    for (let one = document.getElementById(id)?.parentElement; one; one = one.parentElement) if (one.tagName === "DETAILS") one.open = true;
    document.getElementById(id)?.focus();
  }

  const plural = (n, one) => `${n} ${one}${n === 1 ? "" : "s"}`;
  let turn = 0;
  async function judge() {
    const mine = (turn += 1);
    const doc = ordered();
    const text = `${JSON.stringify(doc, null, 2)}\n`;
    out("collection").textContent = text;
    try {
      await ready();
    } catch (error) {
      out("verdict").textContent = error.message;
      return;
    }
    if (mine !== turn) return;
    const faults = check.collection(doc);
    const [wrong, needed] = showFaults(faults, "doc", "faults");
    const open = [wrong && `${plural(wrong, "thing")} to fix`, needed && `${plural(needed, "value")} still needed`].filter(Boolean);
    out("verdict").textContent = open.length ? `${wrong || touched.size ? "Not yet valid: " : ""}${open.join(", ")}.` : "Valid against the schemas of STAC and emb.";
    out("verdict").className = wrong ? "standing" : needed ? "standing begun" : "standing good";
    const built = tools.build(doc, assetKeys(), state.more);
    const yaml = tools.yaml(built);
    out("record").textContent = yaml;
    const [amiss, wanted] = showFaults(check.record(built.record).map((fault) => ({ ...fault, path: fault.path.replace(/^\/evidence.*/, "").replace(/^\/sources\/source-(\d+)/, (_, n) => `/${data.record.further}/${n - 2}`) })), "more", "lacks");
    out("record-verdict").textContent = amiss + wanted ? `The record still lacks ${plural(amiss + wanted, "thing")}.` : "The record can be read; “atlas lint” checks the rest.";
    out("file-name").replaceChildren(make("code", {}, `catalog/products/${built.record.id || "<id>"}.yaml`));
    const { href, whole } = tools.issue(yaml, built.record.id);
    out("issue").href = href;
    out("issue-note").textContent = whole ? "It holds the record; you can read it before you send it." : "The record is too long for a link: copy it and paste it into the issue.";
    home.dataset.ready = String(mine);
  }

  let loading;
  function ready() {
    return (loading ??= Promise.all([atlas.script("validator.js"), atlas.script("js-yaml.js")]).then(() => {
      check = atlas.faults(data, atlas.validators);
    }));
  }

  async function begin(text) {
    const told = out("told");
    try {
      await ready();
      const { doc, left, kind } = atlas.start(data).read(text);
      const fresh = blank();
      state = kind === "card" ? { doc: { ...fresh.doc, ...doc }, more: fresh.more } : { doc, more: fresh.more };
      touchedAll = true;
      told.replaceChildren(make("p", {}, kind === "card" ? "The card was read." : "The Collection was read; what the form does not show stays as it is."), left.length ? make("p", {}, "Left out or changed:") : "", make("ul", {}, ...left.map((line) => make("li", {}, line))));
      keep();
      draw();
      judge();
    } catch (error) {
      told.replaceChildren(make("p", { class: "fault" }, error.message));
    }
  }

  const save = (name, type, text) => {
    const link = make("a", { download: name, href: URL.createObjectURL(new Blob([text], { type })) });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  };
  const nameOf = () => String(state.doc.id || "").replace(/[^\w.-]/g, "-") || "my-product";
  home.addEventListener("click", (event) => {
    const pressed = event.target.closest("[data-do]")?.dataset.do;
    // Who takes the document away is told what is wrong with it.
    if (pressed?.startsWith("save-") || event.target.closest("[data-copy], [data-issue]")) { touchedAll = true; judge(); }
    if (pressed === "save-collection") save(`${nameOf()}.json`, "application/json", out("collection").textContent);
    if (pressed === "save-record") save(`${nameOf()}.yaml`, "application/yaml", out("record").textContent);
    if (pressed === "read") begin(out("paste").value.trim());
    if (pressed === "anew") {
      state = blank();
      touched = new Set();
      touchedAll = false;
      out("told").replaceChildren();
      keep();
      draw();
      judge();
    }
  });
  const opened = async () => {
    const [file] = out("open").files;
    if (file) begin(await file.text());
    out("open").value = "";
  };
  out("open").addEventListener("change", opened);
  home.append(
    make("datalist", { id: "spaces" }, ...data.spaces.map(([id, title]) => make("option", { value: id }, title))),
    make("datalist", { id: "inputs" }, ...Object.entries(data.inputs).map(([id, { title }]) => make("option", { value: id }, title))),
  );
  home.addEventListener("submit", (event) => event.preventDefault());
  home.addEventListener("focusout", (event) => {
    const left = event.target.closest?.(".item");
    if (left && event.target.matches("input, textarea") && !touched.has(left.dataset.path.slice(1))) { touched.add(left.dataset.path.slice(1)); judge(); }
  });
  state = restore();
  draw();
  judge();
  opened(); // a file that was chosen before this script was there
})();
