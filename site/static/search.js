// Search over everything: the index is loaded on first use and searched in the browser.
"use strict";
(() => {
  const out = document.querySelector("[data-results]");
  const field = document.getElementById("search-field");
  if (!out || !field) return;
  const { make } = atlas;
  const MOST = 60;
  let find, asked = 0;
  async function ready() {
    if (!find) {
      const [data] = await Promise.all([atlas.load("search"), atlas.script("minisearch.js"), atlas.script("finder.js")]);
      find = atlas.finder(data);
    }
    return find;
  }
  async function run(most = MOST) {
    const text = field.value.trim();
    const params = new URLSearchParams();
    if (text) params.set("q", text);
    atlas.remember(params);
    const all = document.querySelector("[data-all]");
    all.hidden = Boolean(text);
    if (!text) { out.replaceChildren(); return; }
    const turn = (asked += 1);
    try {
      const found = (await ready())(text);
      if (turn !== asked) return; // something else was typed meanwhile
      const hits = found.hits.slice(0, most);
      all.hidden = hits.length > 0; // who finds nothing sees what there is
      const count = `${found.hits.length > hits.length ? `The first ${hits.length} of ${found.hits.length}` : hits.length} ${found.hits.length === 1 ? "entry" : "entries"}`;
      out.replaceChildren(
        make("p", {}, !hits.length ? `Nothing in the atlas matches “${text}”. Try one word, or another spelling.` : found.all ? count : `No entry has all of these words. ${count} with some of them:`),
        make("ol", { class: "results" }, ...hits.map((hit) => make("li", {}, make("a", { href: atlas.root + hit.path }, hit.title), make("span", { class: "kind" }, ` ${hit.kind}`), make("span", { class: "note" }, hit.summary)))),
        found.hits.length > hits.length ? make("button", { type: "button", onclick: () => rest(found.hits.length) }, `Show all ${found.hits.length}`) : "");
    } catch (error) {
      out.replaceChildren(make("p", {}, `The search could not be started: ${error.message}`));
    }
  }
  /** All hits; a reader with a keyboard goes on with the first that was not there before. */
  async function rest(number) {
    const before = out.querySelectorAll("li").length;
    await run(number);
    out.querySelectorAll("li a")[before]?.focus();
  }
  field.form.addEventListener("submit", (event) => { event.preventDefault(); run(); });
  field.addEventListener("input", () => run());
  field.value = new URLSearchParams(location.search).get("q") ?? field.value; // typed before this script was there
  if (field.value) run();
})();
