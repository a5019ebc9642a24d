// The chooser: six questions. Verdicts were worked out when the site was built and are looked up here; where an API is
// beside the site, it answers for a place, by single tiles.
"use strict";
(() => {
  const form = document.querySelector("[data-chooser]");
  if (!form) return;
  const { make } = atlas;
  const out = document.querySelector("[data-chosen]");
  const api = document.querySelector('meta[name="atlas-api"]')?.content;

  /** The verdict of several conditions: the first in the order that occurs. */
  const verdictOf = (told, order) => order.find((kind) => told.some(([given]) => given === kind)) ?? "yes";

  /** What is known of the place and the time: by the cells of one degree where an index was read, else as stated. */
  async function located(product, { place, sea, year }, order) {
    if (!place) return year ? product.years.told[product.years.at[year]] : [];
    const { lon, lat } = place;
    const away = product.outside && !product.boxes.some((box) => atlas.inBox(box, lon, lat));
    const table = (away && product.outside) || (sea && product.sea) || product.inside || product.years;
    const told = table.told[table.at[year || "any"]];
    const here = product.cells ? atlas.cellYears(await atlas.load(`cells/${product.id}`), lon, lat) : [];
    const [first, last] = (year ?? "0/9999").split("/").map(Number);
    const within = here.filter((one) => first <= one && one <= (last ?? first));
    const said = ([verdict, text]) => [verdict, text.replace("{years}", atlas.spans(within.length ? within : here)).replace("{span}", (year ?? "").replace("/", "–"))];
    if (within.length) return [said(product.within)];
    if (!here.length) return told;
    if (product.other[0] === "no") return [said(product.other)];
    // a part of the index takes nothing from what is stated
    return ["yes", "partly", "no"].includes(verdictOf(told, order)) ? told : [said(product.other), ...told];
  }

  /** The verdicts on one product that the answers ask for, each with its reason. */
  async function verdicts(product, answers, order) {
    const found = [...(await located(product, answers, order))];
    for (const question of ["type", "use", "effort", "change"]) if (answers[question]) found.push(...product.options[question][answers[question]]);
    return found;
  }

  /** Keep the answers in the address, beside what else stands in it. */
  function keep(data, place) {
    const params = new URLSearchParams([...new URLSearchParams(location.search)].filter(([name]) => !name.startsWith("fit-")));
    for (const [name, value] of data) if (value) params.set(`fit-${name}`, value);
    if (place) for (const axis of ["lon", "lat"]) params.set(`fit-${axis}`, place[axis].toFixed(4));
    atlas.remember(params);
  }

  let answered = "";
  let picked = null, asked = 0;
  async function answer() {
    const turn = (asked += 1);
    const data = new FormData(form);
    const { order, products } = await atlas.load("products");
    const name = (data.get("place") ?? "").trim();
    // Only a whole name counts: half of one would change the answer with every letter.
    const place = !name ? null : picked?.name === name ? picked : (await atlas.places.find(name, { exact: true, limit: 1 }))[0];
    const sea = place !== null && place !== undefined && atlas.atSea(await atlas.load("sea"), place.lon, place.lat);
    // A later question may have been answered while this one waited for data.
    if (turn !== asked) return;
    const [first, last] = [data.get("year"), data.get("to")];
    const answers = { place, sea, year: first && last > first ? `${first}/${last}` : first || null, type: data.get("type"), use: data.get("use"), effort: data.get("effort"), change: data.get("change") };
    // The same answers give the same list: it is left alone, so that a click on it is never lost.
    const key = JSON.stringify([...data]);
    if (key === answered) return;
    answered = key;
    keep(data, place);
    if (![...data.values()].some((v) => v)) { out.replaceChildren(make("p", {}, "Answer as many of the questions as you like.")); return; }
    const entries = await Promise.all(products.map(async (product) => {
      const found = await verdicts(product, answers, order);
      const why = (keep) => found.filter(([given]) => keep(given)).map(([, text]) => text);
      return {
        product,
        verdict: verdictOf(found, order),
        open: why((given) => given !== "yes" && given !== "no"),
        because: why((given) => given === "no"),
        warnings: [...product.warnings.always, ...(answers.year ? product.warnings.year : [])],
      };
    }));
    if (turn !== asked) return;
    render(entries, name, answers);
    if (!api || !place) return;
    try {
      const firm = await ask(products, answers);
      if (turn === asked) render(firm, name, answers);
    } catch (error) {
      if (turn === asked) out.append(make("p", { class: "note" }, `Single tiles could not be looked up (${error.message}): places are answered by cells of one degree.`));
    }
  }

  /** The same entries by the API. */
  async function ask(products, { place, year, type, use, effort, change }) {
    const query = new URLSearchParams({ lon: place.lon.toFixed(5), lat: place.lat.toFixed(5) });
    for (const [name, value] of Object.entries({ datetime: year, type, use, effort, change })) if (value) query.set(name, value);
    if (!atlas.tiles) await atlas.script("tiles.js");
    const body = await atlas.tiles.get(api, "choose", query);
    const known = new Map(products.map((product) => [product.id, product]));
    return [...body.fits, ...body.excluded].filter((entry) => known.has(entry.product)).map((entry) => ({ ...entry, product: known.get(entry.product) }));
  }

  function render(entries, name, { place }) {
    const fit = [], perhaps = [], left = [];
    for (const { product, verdict, open, because, warnings } of entries) {
      const [kept, told] = verdict === "no" ? [left, because] : [verdict === "yes" ? fit : perhaps, [...open, ...warnings]];
      kept.push([product, told, open.length, warnings.length]);
    }
    // As everywhere: first what leaves least open, then what needs fewest warnings.
    for (const kept of [fit, perhaps, left]) kept.sort((a, b) => a[2] - b[2] || a[3] - b[3] || (a[0].id < b[0].id ? -1 : 1));
    const facts = (p) => [p.type, p.ground, p.dimensions && `${p.dimensions} dimensions`, p.place, p.period, p.licence ?? "licence not stated"].filter(Boolean).join(" · ");
    const list = (entries, full = true) => make("ul", {}, ...entries.map(([p, why]) => make("li", {}, make("a", { href: atlas.root + p.path }, p.title), full ? make("span", { class: "note" }, facts(p)) : "", why.length ? make("span", { class: "note" }, `${full ? "But " : ""}${why.join("; ")}.`) : "")));
    const parts = [];
    if (name && !place) parts.push(make("p", {}, `“${name}” is not the full name of a country, region or larger town, so the place was not used. Choose one from the list below the field.`));
    parts.push(make("h3", {}, `${fit.length} ${fit.length === 1 ? "product fits" : "products fit"}`), fit.length ? list(fit) : make("p", {}, "No product fits all stated answers."));
    if (perhaps.length) parts.push(make("h3", {}, `${perhaps.length} may fit: something is not stated or not known`), list(perhaps));
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
    const { years, products } = await atlas.load("products");
    const { year, to } = form.elements;
    const options = (select, none, offered) => {
      const before = select.value;
      select.replaceChildren(make("option", { value: "" }, none), ...offered.map((y) => make("option", { value: y }, `${y}`)));
      select.value = offered.some((y) => `${y}` === before) ? before : "";
    };
    options(year, "any", [...years].reverse());
    options(to, "that year alone", [...years].reverse().filter((y) => products[0] && `${year.value}/${y}` in products[0].years.at));
    to.disabled = to.options.length < 2;
  };
  form.elements.year.addEventListener("change", fill);
  form.addEventListener("focusin", fill, { once: true });
  form.addEventListener("pointerdown", fill, { once: true });
  // An address with answers is answered at once.
  (async () => {
    const params = new URLSearchParams(location.search);
    const given = [...params].filter(([name]) => name.startsWith("fit-"));
    if (form.contains(document.activeElement)) await fill();
    if (!given.length) return answer(); // to what was given before this script was there
    await fill();
    for (const [name, value] of given) {
      const field = form.elements[name.slice(4)];
      if (field) field.value = value;
      if (name === "fit-year") await fill();
    }
    const [lon, lat] = ["lon", "lat"].map((axis) => Number(params.get(`fit-${axis}`)));
    if (params.has("fit-lon") && Math.abs(lon) <= 180 && Math.abs(lat) <= 90) picked = { name: form.elements.place.value.trim(), lon, lat };
    answer();
  })();
})();
