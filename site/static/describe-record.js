// From a Collection to the record of the catalogue, along the table that the site was built with.
"use strict";
atlas.record = (data) => {
  const split = (path) => path.split(".");
  const get = (object, keys) => keys.reduce((value, key) => value?.[key], object);
  const empty = (value) => value === undefined || value === "" || (typeof value === "object" && value !== null && !Object.keys(value).length);

  /** Set a value; what stands above it is made, a list where the next key is a number. */
  function set(object, keys, value) {
    const [key, ...rest] = keys;
    if (!rest.length) object[key] = value;
    else set((object[key] ??= /^\d+$/.test(rest[0]) ? [] : {}), rest, value);
  }
  const slug = (text) => text.normalize("NFKD").toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-+|-+$/g, "") || "unnamed";
  const merge = (into, more) => {
    for (const [key, value] of Object.entries(more)) {
      if (value && typeof value === "object" && !Array.isArray(value) && into[key]) merge(into[key], value);
      else into[key] = value;
    }
  };
  const FIRST = ["id", "title", "summary", "description", "keywords", "status", "version", "family", "providers", "embedding", "model", "training_data", "inference_data", "extent", "licences", "distributions", "citation", "known_issues"];

  /** The record, and what a reader of it must know: both follow from the document and from what only a record asks. */
  function build(doc, asset, more) {
    const record = {}, notes = [];
    for (const [from, to] of data.record.paths) {
      const keys = split(from).flatMap((key) => (key === data.asset ? asset : [key]));
      const value = get(doc, keys);
      if (!empty(value)) set(record, to.split("."), structuredClone(value));
    }
    const { embedding } = record;
    if (embedding) {
      if (embedding.space?.includes("://")) {
        notes.push(`The space is ${embedding.space}: the atlas gives it an id in catalog/spaces.yaml.`);
        delete embedding.space;
      }
      const ground = doc["emb:ground_size"];
      if (ground !== undefined) embedding.footprint = { size: [ground, ground], unit: "m", ...embedding.footprint };
      if (embedding.encoder?.coordinate_order) {
        embedding.coordinate_order = embedding.encoder.coordinate_order.join(",");
        delete embedding.encoder.coordinate_order;
        if (empty(embedding.encoder)) delete embedding.encoder;
      }
      if (embedding.quantization && !doc["emb:quantization"]) delete embedding.quantization;
    }
    for (const list of ["training_data", "inference_data"]) {
      if (!Array.isArray(record[list])) continue;
      record[list] = record[list].map(({ id, title, role, note }) => ({ input: id ?? slug(title ?? ""), ...(role && { role }), ...(note && { note }) }));
      const unknown = record[list].map(({ input }) => input).filter((input) => !(input in data.inputs));
      if (unknown.length) notes.push(`${list}: ${unknown.join(", ")} needs an entry in catalog/inputs.yaml.`);
    }
    record.known_issues &&= record.known_issues.map((issue) => ({ id: slug(issue.title ?? ""), ...issue }));
    record.licences ??= {};
    if (record.licences.data === "other") {
      delete record.licences.data;
      notes.push("The licence is not an SPDX identifier: give it as LicenseRef-<name> in licences.data.");
    }
    const text = doc.links?.find?.((link) => link?.rel === "license")?.href;
    if (text) record.licences.href = text;
    if (record.extent && (!record.extent.bbox?.[0]?.length)) delete record.extent;
    const { [data.record.further]: further = [], ...own } = structuredClone(more);
    merge(record, own);
    // A further source stands for the parts that name it; the main one for all others.
    const rests = {};
    further.forEach(({ of = [], ...source }, i) => {
      const name = `source-${i + 2}`;
      record.sources[name] = source;
      for (const part of of) (rests[part] ??= []).push(name);
      if (!of.length) notes.push(`${name} is for no part of the record yet.`);
    });
    record.absent = {};
    for (const [path, reason] of Object.entries(doc["emb:absent"] ?? {})) {
      const target = data.record.absent[path];
      if (target && empty(get(record, target.split(".")))) record.absent[target] = reason === "not_stated" ? { reason, looked_in: ["main"] } : reason;
    }
    // What a record must say and nobody gave here was not looked up: that is what the lack of a value means.
    const named = (path) => Object.keys(record.absent).some((one) => one === path || path.startsWith(`${one}.`));
    const files = doc["emb:delivery"] !== "on_demand" && doc["emb:type"] !== "location";
    for (const path of [...data.record.always, ...(files ? data.record.stored : [])]) if (empty(get(record, path.split("."))) && !named(path)) record.absent[path] = "not_looked_up";
    for (const place of record.distributions ?? []) for (const name of data.record.remote) if (place?.id && place[name] === undefined) record.absent[`distributions.${place.id}.${name}`] = "not_looked_up";
    if (empty(record.absent)) delete record.absent;
    record.evidence = {};
    for (const name of data.record.parts) if (!empty(record[name])) record.evidence[name] = rests[name] ?? ["main"];
    for (const place of record.distributions ?? []) if (place?.auth) record.evidence[`distributions.${place.id}.auth`] = rests.distributions ?? ["main"];
    if (record.status && record.status !== "released") record.evidence.status = ["main"];
    const known = new Set(data.record.paths.map(([from]) => from.split(".")[0]));
    const left = Object.keys(doc).filter((key) => key.startsWith("emb:") && !known.has(key) && !["emb:absent", "emb:ground_size", "emb:delivery"].includes(key));
    if (left.length) notes.push(`Not in a record: ${left.join(", ")}.`);
    const order = [...FIRST, "sources", "evidence", "absent"];
    const sorted = Object.fromEntries(Object.entries(record).sort(([a], [b]) => order.indexOf(a) - order.indexOf(b)));
    return { record: sorted, notes };
  }

  const yaml = ({ record, notes }) => `# yaml-language-server: $schema=../../schemas/records/product.json\n${notes.map((note) => `# ${note.replace(/\s+/g, " ")}\n`).join("")}${jsyaml.dump(record, { noRefs: true, lineWidth: 118 })}`;

  /** The address that opens an issue with the record in it, or without where it would be too long for a host. */
  function issue(text, id) {
    const address = (body) => {
      const url = new URL(data.issue.replace("{id}", encodeURIComponent(id || "new product")));
      url.searchParams.set("body", body);
      return url.href;
    };
    const whole = address(`A new product, described with the form of the atlas.\n\n\`\`\`yaml\n${text}\`\`\`\n`);
    if (whole.length <= data.longest) return { href: whole, whole: true };
    return { href: address("A new product, described with the form of the atlas. The record:\n\n```yaml\n(paste it here)\n```\n"), whole: false };
  }
  return { build, yaml, issue, get, set, split, empty };
};
