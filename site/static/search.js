// Search over everything: the index is loaded on first use and searched in the browser.
"use strict";
(() => {
  const out = document.querySelector("[data-results]");
  const field = document.getElementById("search-field");
  if (!out || !field) return;
  const { make } = atlas;
  let engine;
  async function ready() {
    if (engine) return engine;
    const [entries] = await Promise.all([atlas.load("search"), atlas.script("minisearch.js")]);
    engine = new MiniSearch({
      fields: ["title", "names", "text"],
      storeFields: ["title", "kind", "path", "summary"],
      searchOptions: { boost: { title: 4, names: 2 }, prefix: true, fuzzy: (term) => (term.length > 4 ? 0.2 : false), combineWith: "AND" },
    });
    engine.addAll(entries);
    return engine;
  }
  async function run() {
    const text = field.value.trim();
    const params = new URLSearchParams();
    if (text) params.set("q", text);
    atlas.remember(params);
    document.querySelector("[data-all]").hidden = Boolean(text);
    if (!text) { out.replaceChildren(); return; }
    try {
      const hits = (await ready()).search(text).slice(0, 60);
      out.replaceChildren(
        make("p", {}, hits.length ? `${hits.length}${hits.length === 60 ? " or more" : ""} results` : `Nothing matches “${text}”.`),
        make("ol", { class: "results" }, ...hits.map((hit) => make("li", {}, make("a", { href: atlas.root + hit.path }, hit.title), make("span", { class: "kind" }, ` ${hit.kind}`), make("span", { class: "note" }, hit.summary)))));
    } catch (error) {
      out.replaceChildren(make("p", {}, `The search could not be started: ${error.message}`));
    }
  }
  field.form.addEventListener("submit", (event) => { event.preventDefault(); run(); });
  field.addEventListener("input", run);
  field.value = new URLSearchParams(location.search).get("q") ?? "";
  if (field.value) run();
})();
