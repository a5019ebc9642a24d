// Runs the site's own scripts on its own data without a browser, and prints what they show, as JSON.
// Usage: node site_answers.js SITE SCRIPTS < questions.json
"use strict";
const fs = require("node:fs"), path = require("node:path"), vm = require("node:vm");
const [site, scripts] = process.argv.slice(2);
const asked = JSON.parse(fs.readFileSync(0, "utf-8"));
const source = (name) => new vm.Script(fs.readFileSync(path.join(scripts, `${name}.js`), "utf-8"), { filename: `${name}.js` });

// Anything that a script touches and that no answer depends on.
const anything = () => new Proxy(function () {}, {
  get: (_, key) => (key === Symbol.toPrimitive ? () => "" : key === Symbol.iterator ? [][Symbol.iterator].bind([]) : key === "then" ? undefined : anything()),
  apply: () => anything(), construct: () => anything(), set: () => true,
});
const element = (known = {}) => new Proxy(known, { get: (all, key) => (key in all ? all[key] : key === "then" ? undefined : anything()), set: (all, key, value) => { all[key] = value; return true; } });
const text = (node) => (node === null || node === undefined ? "" : typeof node === "object" ? (node.children ?? []).map(text).join("") : String(node));
const all = (node, tag) => (typeof node !== "object" || !node ? [] : [...(node.tag === tag ? [node] : []), ...(node.children ?? []).flatMap((child) => all(child, tag))]);
const make = (tag, attributes = {}, ...children) => {
  const self = { tag, attributes, children, addEventListener() {}, value: attributes.value, append: (...more) => self.children.push(...more), replaceChildren: (...more) => { self.children = more; } };
  return self;
};
// Products under the reason that they share: [href, reason].
const entries = (list) => all(list, "li").flatMap((li) => all(li, "a").map((a) => [a.attributes.href, li.children[0].replace(/: $/, "")]));

const data = new Map();
function load(name) {
  if (!data.has(name)) {
    const context = { atlas: { provide: (_, value) => data.set(name, value) } };
    vm.runInNewContext(fs.readFileSync(path.join(site, "data", `${name}.js`), "utf-8"), context);
  }
  return Promise.resolve(data.get(name));
}
const settle = async () => { for (let i = 0; i < 200; i += 1) await Promise.resolve(); await new Promise(setImmediate); };

/** What the common script offers to all others. */
function realAtlas() {
  const context = { document: element({ querySelector: () => element({ content: "/" }) }), console, localStorage: element(), matchMedia: () => element(), history: element(), location: { search: "", pathname: "/" }, navigator: element(), addEventListener() {}, setTimeout, URLSearchParams };
  context.window = context;
  source("atlas").runInNewContext(context);
  const { size, inBox, cell, atSea, cellYears, spans } = context.atlas;
  return { size, inBox, cell, atSea, cellYears, spans };
}
const real = realAtlas();

async function chooser(questions) {
  const shown = {};
  let pick, answers = {};
  const out = { querySelector: () => null, replaceChildren: (...parts) => { shown.parts = parts; } };
  const form = element({ addEventListener() {}, contains: () => false, elements: { place: {}, year: element() } });
  const context = {
    document: { querySelector: (wanted) => (wanted === "[data-chooser]" ? form : out) },
    URLSearchParams, location: { search: "" },
    atlas: { ...real, remember() {}, make, load, root: "", places: { attach: (_, callback) => { pick = callback; }, find: () => [] } },
    FormData: class { get(name) { return answers[name]; } values() { return Object.values(answers)[Symbol.iterator](); } [Symbol.iterator]() { return Object.entries(answers)[Symbol.iterator](); } },
  };
  source("chooser").runInNewContext(context);
  const found = [];
  for (const [i, question] of questions.entries()) {
    const { at, ...given } = question;
    answers = { place: at ? `place ${i}` : "", ...given };
    shown.parts = null;
    pick(at ? { name: answers.place, lon: at[0], lat: at[1] } : null);
    await settle();
    const lists = { fits: [], perhaps: [], excluded: [] };
    let under = null;
    for (const part of shown.parts ?? []) {
      if (part.tag === "h3") under = text(part).includes("may fit") ? "perhaps" : "fits";
      else if (part.tag === "ul") lists[under] = all(part, "li").map((li) => [all(li, "a")[0].attributes.href, text(all(li, "span")[1])]);
      else if (part.tag === "details") lists.excluded = all(part, "li").map((li) => [all(li, "a")[0].attributes.href, text(all(li, "span")[0])]);
    }
    found.push(shown.parts ? lists : null);
  }
  return found;
}

async function compare(pairs) {
  const { products } = await load("products");
  const heads = ["", ...products].map((p) => ({ dataset: p ? { id: p.id, space: p.space ?? undefined } : {}, textContent: p ? p.id : "Fact", hidden: false }));
  const script = source("compare");
  const found = [];
  for (const ids of pairs) {
    let parts = [];
    const verdict = { replaceChildren: (...more) => { parts = more; }, append() {} };
    const table = element({ tHead: { rows: [{ cells: heads, append() {} }] }, tBodies: [{ rows: [], append() {} }] });
    const form = { querySelectorAll: () => [], addEventListener() {} };
    script.runInNewContext({
      document: { getElementById: () => table, querySelector: (wanted) => (wanted === "[data-pick]" ? form : wanted === "[data-verdict]" ? verdict : element()) },
      atlas: { make, load }, URLSearchParams, location: { search: `?ids=${ids.join(",")}`, pathname: "" }, history: { replaceState() {} },
    });
    await settle();
    const notice = parts.find((part) => part.tag === "div");
    found.push(notice ? all(notice, "p").map(text) : null);
  }
  return found;
}

async function coverage(questions) {
  let attached, shown;
  const answer = { replaceChildren: (...parts) => { shown = parts; } };
  const year = { value: "" };
  const form = element({ elements: { year, place: {} }, contains: () => false, addEventListener() {} });
  const context = {
    document: element({
      querySelector: (wanted) => (wanted === "[data-point]" ? form : wanted === "[data-answer]" ? answer : wanted.startsWith("meta") ? null : element()),
    }),
    atlas: { ...real, make, load, root: "", remember() {}, script: () => Promise.reject(new Error("no map is drawn")), places: { attach: (_, callback) => { attached = callback; } } },
    location: { search: "" }, URLSearchParams, console, addEventListener() {},
  };
  source("coverage").runInNewContext(context);
  const found = [];
  for (const [[lon, lat], wanted] of questions) {
    year.value = wanted ?? "";
    shown = null;
    await attached({ lon, lat, name: "here", kind: "town" });
    await settle();
    const folds = shown.filter((part) => part?.tag === "details");
    const fold = (words) => folds.filter((part) => text(all(part, "summary")[0]).includes(words)).flatMap(entries);
    const rows = shown.flatMap((part) => all(part, "li")).filter((li) => li.attributes.class === "covers");
    const classed = (row, tag, name) => all(row, tag).filter((one) => one.attributes.class === name);
    found.push({
      sentence: text(shown[0]),
      rows: rows.map((row) => [all(row, "a")[0].attributes.href, classed(row, "li", "has").map(text), text(classed(row, "span", "note")[0])]),
      without: fold("not cover"), anywhere: fold("encoder"), sea: shown.some((part) => part?.attributes?.class === "at-sea"),
    });
  }
  return found;
}

function size(questions) {
  const script = source("size");
  return questions.map(([each, bytes, area, steps]) => {
    const output = {};
    const form = { dataset: { perKm2: String(each), vectorBytes: String(bytes) }, elements: { area: { value: area }, steps: { value: steps } }, querySelector: () => output, addEventListener() {} };
    script.runInNewContext({ document: { querySelector: () => form }, atlas: real });
    return output.textContent;
  });
}

(async () => {
  const found = { chooser: await chooser(asked.chooser), compare: await compare(asked.compare), coverage: await coverage(asked.coverage), size: size(asked.size) };
  process.stdout.write(JSON.stringify(found));
})();
