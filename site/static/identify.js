// Identifies a file by its header: its facts are read and matched with the table of signatures, in the browser.
"use strict";
(() => {
  const form = document.querySelector("[data-drop]");
  if (!form) return;
  const { make } = atlas;
  const said = document.querySelector("[data-said]");
  const out = document.querySelector("[data-found]");
  const DEPTH = 4;
  const MOST_FILES = 20_000;
  let tools;
  let run = 0;

  function ready() {
    tools ??= Promise.all([atlas.load("signatures"), ...["hyparquet.js", "geotiff.js", "fzstd.js", "icechunk.js", "filefacts.js", "judge.js"].map(atlas.script)]).then(([table]) => table);
    tools.catch(() => { tools = undefined; });
    return tools;
  }

  async function identify(input) {
    const mine = run += 1;
    out.replaceChildren();
    said.textContent = `Reading ${input.name} …`;
    let table;
    try {
      table = await ready();
    } catch (error) {
      if (mine === run) said.textContent = error.message;
      return;
    }
    let facts;
    try {
      facts = await filefacts.read(input);
    } catch (error) {
      if (mine === run) said.textContent = `${input.name} begins like a file that may hold vectors, but cannot be read: ${error.message}.`;
      return;
    }
    if (mine === run) show(facts, table);
  }

  function show(facts, table) {
    const kind = table.kinds[facts.kind ?? ""];
    const found = judge.match(facts, table.signatures);
    const fits = found.filter((one) => one.verdict === "fits");
    const title = fits.length ? table.products[fits[0].product].title : "";
    const alone = fits.length === 1 || (fits.length > 1 && fits[0].score > fits[1].score);
    const parts = [];
    if (alone) parts.push(fits.length > 1 ? `fits ${title} best, and ${products(fits.length - 1, true)}` : `fits ${title}`);
    else if (fits.length) parts.push(`fits ${products(fits.length)} equally well`);
    if (found.length > fits.length) parts.push(`may belong to ${products(found.length - fits.length, fits.length > 0)}`);
    said.textContent = `${facts.name} (${kind}): ${parts.length ? `${parts.join("; ")}.` : table.nothing}`;
    out.replaceChildren(...found.map((one) => candidate(one, table.products[one.product])), ...(facts.kind ? [whatItSays(facts)] : []));
  }

  const products = (count, more = false) => `${count} ${more ? "more " : ""}${count === 1 ? "product" : "products"}`;
  const link = (product) => make("a", { href: atlas.root + product.path }, product.title);

  function candidate(one, product) {
    const lines = product.brief[one.distribution].filter(([label]) => label !== "Product");
    // The field of the record at the end of a sentence is for those who want to look it up.
    const parted = (text) => /^(.*?) \(([a-z_]+\.[a-z_.]+)[^()]*\)$/.exec(text) ?? ["", text, null];
    const list = (texts, style, sign) => texts.map(parted).map(([, text, field]) => make("li", { class: style, title: field && `Field ${field} of the record` }, make("span", { class: "visually-hidden" }, sign), text));
    const facts = make("dl", { class: "facts wide" }, ...lines.map(([label, text]) => make("div", { class: "fact" }, make("dt", {}, label), make("dd", {}, text))));
    return make(
      "section", { class: "whose" },
      make("h2", {}, link(product), " ", make("span", { class: `tag tag-${one.verdict === "fits" ? "released" : "experimental"}` }, one.verdict)),
      make("ul", { class: "evidence" }, ...list(one.evidence, "for", "For: "), ...list(one.against, "against", "Against: ")),
      one.verdict === "fits" ? facts : make("details", {}, make("summary", {}, "What to know about it"), facts));
  }

  function whatItSays(facts) {
    const rows = Object.entries(facts.parts).map(([name, { numbers, dtype }]) => [name || "Numbers", `${dtype}, ${numbers ? numbers.join(" × ") : "length not stated"}`]);
    if (facts.columns.length) rows.push(["Columns", facts.columns.join(", ")]);
    if (facts.band_names.length) rows.push(["Bands", facts.band_names.join(", ")]);
    if (facts.kind === "tiff") rows.push(["CRS", facts.crs ?? "no EPSG code"], ["No data", facts.nodata]);
    return make("details", {}, make("summary", {}, "What the file says"), make("dl", { class: "facts wide" }, ...rows.map(([label, text]) => make("div", { class: "fact" }, make("dt", {}, label), make("dd", {}, text)))));
  }

  /** Files of a folder that was dropped, as far as metadata lie in it. */
  async function entries(directory, path, depth, files) {
    const reader = directory.createReader();
    const here = [];
    for (;;) {
      const some = await new Promise((resolve, reject) => { reader.readEntries(resolve, reject); });
      if (!some.length || here.length > MOST_FILES) break;
      here.push(...some);
    }
    for (const one of here) {
      const at = path ? `${path}/${one.name}` : one.name;
      if (one.isFile && files.size < MOST_FILES) files.set(at, await new Promise((resolve, reject) => { one.file(resolve, reject); }));
    }
    if (depth === DEPTH || here.some((one) => one.name === ".zarray")) return;
    // Chunks may be many: those of Zarr 3 lie in a folder "c", those of Icechunk in "chunks" and "manifests".
    const left = new Set(["c", ...(here.some((one) => one.name === "snapshots") ? ["chunks", "manifests"] : [])]);
    for (const one of here) if (one.isDirectory && !left.has(one.name)) await entries(one, path ? `${path}/${one.name}` : one.name, depth + 1, files);
  }

  const [single, folder] = ["file", "folder"].map((kind) => document.getElementById(`identify-${kind}`));
  const chosen = ({ files }) => {
    if (!files.length) return;
    if (!files[0].webkitRelativePath) return identify(files[0]);
    const inside = [...files].map((one) => [one.webkitRelativePath.split("/").slice(1).join("/"), one]);
    identify({ name: files[0].webkitRelativePath.split("/")[0], files: new Map(inside) });
  };
  for (const input of [single, folder]) {
    input.addEventListener("change", () => chosen(input));
    chosen(input); // what was chosen before this script was there
  }
  form.addEventListener("submit", (event) => event.preventDefault());
  for (const type of ["dragenter", "dragover", "dragleave", "drop"]) {
    form.addEventListener(type, (event) => {
      event.preventDefault();
      form.classList.toggle("over", type === "dragenter" || type === "dragover");
    });
  }
  // A file that is dropped beside the form would replace the page.
  for (const type of ["dragover", "drop"]) document.addEventListener(type, (event) => event.preventDefault());
  form.addEventListener("drop", async (event) => {
    const entry = event.dataTransfer.items?.[0]?.webkitGetAsEntry?.();
    const file = event.dataTransfer.files[0];
    if (!entry?.isDirectory) {
      if (file) identify(file);
      return;
    }
    const files = new Map();
    try {
      await entries(entry, "", 0, files);
      identify({ name: entry.name, files });
    } catch (error) {
      said.textContent = `${entry.name} cannot be read: ${error.message}.`;
    }
  });
})();
