// The chooser: six questions that only filter stated facts. What is not stated never excludes; it is said.
"use strict";
(() => {
  const form = document.querySelector("[data-chooser]");
  if (!form) return;
  const { make } = atlas;
  const out = document.querySelector("[data-chosen]");
  const inBox = ([w, s, e, n], [lon, lat]) => lat >= s && lat <= n && (w <= e ? lon >= w && lon <= e : lon >= w || lon <= e);
  const OPEN = ["public-domain", "attribution", "share-alike"];

  /** [excluded because, unknown because] of one product under the answers. */
  function judge(product, answers) {
    const no = [], unknown = [];
    const rule = (stated, fits, reason, gap) => { if (!stated) unknown.push(gap); else if (!fits()) no.push(reason); };
    if (answers.place && product.type !== "location")
      rule(product.bbox, () => (product.bbox.length > 1 ? product.bbox.slice(1) : product.bbox).some((box) => inBox(box, [answers.place.lon, answers.place.lat])), `its extent (${product.place}) leaves out ${answers.place.name}`, "its extent is not stated");
    if (answers.year && product.type !== "location")
      rule(product.years, () => product.years.includes(answers.year), `it has no data for ${answers.year}`, "its years are not stated");
    if (answers.type) rule(true, () => product.type === answers.type, `it is a ${product.type} product`, "");
    if (answers.use === "commercial") rule(product.licence_class, () => OPEN.includes(product.licence_class) || product.licence_class === "use-restricted", `its licence (${product.licence}) does not allow commercial use as such`, "its licence is not stated or not classified");
    if (answers.use === "no-share-alike") rule(product.licence_class, () => ["public-domain", "attribution"].includes(product.licence_class), `its licence (${product.licence}) asks for more than credit`, "its licence is not stated or not classified");
    if (answers.effort === "anonymous") rule(product.auth, () => product.auth.includes("anonymous"), "every place that serves it asks for an account, a token or a request", "who may read it is not stated");
    if (answers.effort === "ready") rule(true, () => !["recipe", "announced"].includes(product.status) && product.type !== "location", product.type === "location" ? "you run the encoder yourself" : `its status is ${product.status}`, "");
    if (answers.change === "yes") {
      rule(product.years, () => product.years.length > 1, "it has a single time step", "its years are not stated");
      rule(product.space, () => true, "", "its vector space is not stated, so years may not be comparable");
    }
    return { no: no.filter(Boolean), unknown: unknown.filter(Boolean) };
  }

  let answered = "";
  let picked = null, asked = 0;
  async function answer() {
    const turn = (asked += 1);
    const data = new FormData(form);
    const products = await atlas.load("products");
    const name = (data.get("place") ?? "").trim();
    // Only a whole name counts: half of one would change the answer with every letter.
    const place = !name ? null : picked?.name === name ? picked : (await atlas.places.find(name, { exact: true, limit: 1 }))[0];
    // A later question may have been answered while this one waited for data.
    if (turn !== asked) return;
    const answers = { place, year: Number(data.get("year")) || null, type: data.get("type"), use: data.get("use"), effort: data.get("effort"), change: data.get("change") };
    // The same answers give the same list: it is left alone, so that a click on it is never lost.
    const key = JSON.stringify([...data]);
    if (key === answered) return;
    answered = key;
    if (![...data.values()].some((v) => v)) { out.replaceChildren(make("p", {}, "Answer any of the questions; none has to be answered.")); return; }
    const fit = [], perhaps = [], left = [];
    for (const product of products) {
      const { no, unknown } = judge(product, answers);
      if (no.length) left.push([product, no]);
      else if (unknown.length) perhaps.push([product, unknown]);
      else fit.push([product, []]);
    }
    const facts = (p) => [p.type, p.ground, p.dimensions && `${p.dimensions} dimensions`, p.place, p.period, p.licence ?? "licence not stated"].filter(Boolean).join(" · ");
    const list = (entries, full = true) => make("ul", {}, ...entries.map(([p, why]) => make("li", {}, make("a", { href: atlas.root + p.path }, p.title), full ? make("span", { class: "note" }, facts(p)) : "", why.length ? make("span", { class: "note" }, `${full ? "But " : ""}${why.join("; ")}.`) : "")));
    const parts = [];
    if (name && !place) parts.push(make("p", {}, `“${name}” is no whole name of a country, a region or a larger town, so the place was not used. Choose one from the list under the field.`));
    parts.push(make("h3", {}, `${fit.length} ${fit.length === 1 ? "product fits" : "products fit"}`), fit.length ? list(fit) : make("p", {}, "No product fits all stated answers."));
    if (perhaps.length) parts.push(make("h3", {}, `${perhaps.length} may fit: a fact is not stated`), list(perhaps));
    if (left.length) parts.push(make("details", {}, make("summary", {}, `${left.length} left out, and why`), list(left, false)));
    if (fit.length + perhaps.length >= 2) {
      const ids = [...fit, ...perhaps].slice(0, 4).map(([p]) => p.id);
      parts.push(make("p", {}, make("a", { class: "button", href: `${atlas.root}compare.html?ids=${ids.join(",")}` }, `Compare the first ${ids.length}`)));
    }
    // An answer that changes must not fold away what somebody reads.
    const open = out.querySelector("details")?.open ?? false;
    out.replaceChildren(...parts);
    const folded = out.querySelector("details");
    if (folded) folded.open = open;
  }
  form.addEventListener("submit", (event) => { event.preventDefault(); answer(); });
  form.addEventListener("input", answer);
  atlas.places.attach(form.elements.place, (place) => { picked = place; answer(); });
  const fill = async () => {
    const products = await atlas.load("products");
    const select = form.elements.year;
    const years = [...new Set(products.flatMap((p) => p.years ?? []))].sort((a, b) => b - a);
    const before = select.value;
    select.replaceChildren(make("option", { value: "" }, "any"), ...years.map((y) => make("option", { value: y }, `${y}`)));
    select.value = before;
  };
  form.addEventListener("focusin", fill, { once: true });
  form.addEventListener("pointerdown", fill, { once: true });
})();
