// What covers a place: the verdicts were worked out when the site was built and are looked up here, by one-degree cells
// where a crawl has read the producer's index; the API's own Items stand in their place where one is beside the site.
"use strict";
(() => {
  const form = document.querySelector("[data-point]");
  const svg = document.querySelector("svg[data-map]");
  if (!form || !svg) return;
  const { make, cellYears, spans } = atlas;
  const answer = document.querySelector("[data-answer]");
  const said = document.querySelector("[data-said]");
  const api = document.querySelector('meta[name="atlas-api"]')?.content;
  const choice = (name) => form.elements[name]?.value || "";
  let cursor = [0, 20], asked = 0, question = null, drawn;

  /** The map's own script and its library, loaded when somebody first turns to the map or asks. */
  const map = () => (drawn ??= (async () => {
    await atlas.script("vendor/d3-map.js");
    await atlas.script("map.js");
    return atlas.map(svg, { area: askArea });
  })());

  const degrees = (lon, lat) => `${Math.abs(lat).toFixed(2)}° ${lat < 0 ? "S" : "N"}, ${Math.abs(lon).toFixed(2)}° ${lon < 0 ? "W" : "E"}`;
  const plural = (n, one, many) => `${n} ${n === 1 ? one : many}`;

  /** What is said of every product at a point: [{ product, tier, text, years: [[year, verdict]], items }]. */
  async function stated(lon, lat, year) {
    const { products } = await atlas.load("coverage");
    const sea = atlas.atSea(await atlas.load("sea"), lon, lat);
    const entries = [];
    for (const product of products) {
      let here = [], all = [];
      if (product.cells) {
        const cells = await atlas.load(`cells/${product.id}`);
        here = cellYears(cells, lon, lat);
        all = cells.years;
      }
      const years = all.map((y) => [y, here.includes(y) ? "yes" : product.state === "whole" ? "no" : "unknown"]);
      if (year ? here.includes(year) : here.length) {
        const text = `tiles in this one-degree cell, ${product.state === "whole" ? "index" : "part of the index"} read${product.crawled ? ` ${product.crawled}` : ""}`;
        entries.push({ product, tier: "tiles", text, years, items: [] });
        continue;
      }
      const inside = !product.boxes || product.boxes.some((box) => atlas.inBox(box, lon, lat));
      const table = !inside && product.outside ? product.outside : (sea && product.sea) || product.inside;
      const [tier, , text] = table[year || "any"];
      const cell = `its index lists tiles in this one-degree cell for ${spans(here)} only`;
      entries.push({ product, tier, text: !here.length ? text : product.state === "whole" ? cell : `${cell}; ${text}`, years: here.length ? years : [], items: [] });
    }
    return { entries, sea };
  }

  function sizes(rows) {
    const field = make("input", { id: "area", type: "number", min: "0.01", step: "any", value: "100", inputmode: "decimal" });
    const fill = () => {
      const area = Number(field.value);
      for (const [product, cell] of rows) {
        const known = product.per_km2 && product.vector_bytes && area > 0;
        cell.replaceChildren(known ? `at most ${atlas.size(Math.ceil(product.per_km2 * area) * product.vector_bytes)}` : make("span", { class: "missing" }, "size not derivable"));
      }
    };
    field.addEventListener("input", fill);
    fill();
    return make("div", { class: "controls area" }, make("div", { class: "field narrow" }, make("label", { for: "area" }, "Size for an area, km²"), field),
      make("p", { class: "note" }, "For one time step, before compression, from the stated distance between vectors, their dimensions and data type. Water and gaps are not subtracted."));
  }

  const link = (product) => make("a", { href: atlas.root + product.path }, product.title);
  const WORDS = { yes: "has", partly: "has part", no: "none", unknown: "open" };
  const chips = (years) => make("ul", { class: "chips" }, ...years.map(([year, verdict]) => make("li", { class: WORDS[verdict] ?? "open" }, `${year}`, verdict === "yes" ? "" : make("span", { class: "visually-hidden" }, verdict === "no" ? ", no tile" : `, ${verdict}`))));
  const outside = (href, text) => (/^https?:\/\//.test(href ?? "") ? make("a", { href, rel: "noopener external" }, text) : make("code", {}, href ?? text));

  /** Code that reads the vectors of this very point, from the tile or from the saved list of tiles. */
  function code(template, entry, lon, lat, year) {
    const { product, items } = entry;
    const fill = { lon: lon.toFixed(5), lat: lat.toFixed(5), items: items[0] ? new URL(items[0].href, location.href).href : `${product.id}/items`, years: year ? `, years=${year}` : "" };
    const text = template.replace(/\{(\w+)\}/g, (_, key) => fill[key]);
    return make("details", { class: "snippet" }, make("summary", {}, "Read this point"),
      items[0] ? "" : make("p", { class: "note" }, "First save the list of tiles from ", make("a", { href: `${atlas.root}${product.path}#downloads` }, "the product's downloads"), "."),
      make("figure", { class: "code" }, make("figcaption", {}, make("span", {}, "python"), make("button", { class: "copy", type: "button", "data-copy": true }, "Copy")), make("pre", { tabindex: "0", role: "region", "aria-label": "python" }, make("code", { class: "language-python" }, text))));
  }
  const tile = (item) => make("li", {}, outside(item.href, item.id), item.years?.length ? make("span", { class: "note" }, ` ${item.years.join(", ")}`) : "", ...Object.entries(item.assets ?? {}).flatMap(([key, asset]) => [" ", outside(asset.href, key)]));

  /** Entries as a list, those of a family under its name. */
  function listed(entries, names, line, open) {
    const groups = new Map();
    for (const entry of entries) {
      const { family, id } = entry.product;
      const key = names[family] ? family : id;
      groups.set(key, [...(groups.get(key) ?? []), entry]);
    }
    return make("ul", { class: "covering" }, ...[...groups].map(([key, members]) => (members.length === 1 ? line(members[0]) : make("li", {}, make("details", { open }, make("summary", {}, `${names[key]} `, make("span", { class: "count" }, `${members.length} products`)), make("ul", {}, ...members.map(line)))))));
  }
  /** Entries under the reason that they share. */
  function reasons(entries) {
    const groups = new Map();
    for (const entry of entries) groups.set(entry.text, [...(groups.get(entry.text) ?? []), entry.product]);
    return make("ul", {}, ...[...groups].map(([text, products]) => make("li", {}, `${text[0].toUpperCase()}${text.slice(1)}: `, ...products.flatMap((product, n) => [n ? ", " : "", link(product)]))));
  }
  const fold = (title, content) => make("details", {}, make("summary", {}, title), content);

  /** What to ask instead where nothing is there. */
  function hints(year, only) {
    const without = (name, text) => make("button", { type: "button", class: "other", onclick: () => { form.elements[name].value = ""; form.elements[name].dispatchEvent(new Event("change", { bubbles: true })); } }, text);
    return [make("p", {}, only ? "This product neither states nor shows data here. " : "No product of the atlas states or shows data here. ",
      year ? without("year", "Ask for any year") : "", only ? without("product", "Ask for all products") : "", year || only ? "" : "The encoders below compute a vector for any position.")];
  }

  const TIERS = [["tiles", "Tiles found"], ["stated", "Stated to be complete"], ["unknown", "Partial, or not known here"]];
  function render({ entries, sea, from }, lon, lat, year, place, others, data) {
    const only = choice("product");
    const kept = only ? entries.filter(({ product }) => product.id === only) : entries;
    const encoders = kept.filter(({ product, tier }) => product.encoder && tier !== "not_there");
    const without = kept.filter(({ tier }) => tier === "not_there");
    const cells = [];
    const line = (entry) => {
      const size = make("span", { class: "size" });
      cells.push([entry.product, size]);
      const when = entry.years.length ? chips(entry.years) : make("span", { class: "when" }, entry.product.when ?? make("span", { class: "missing" }, entry.product.undated));
      return make("li", { class: "covers" }, link(entry.product), make("span", { class: "kind" }, entry.product.type), when, size, make("span", { class: "note" }, entry.text),
        entry.items.length ? make("ul", { class: "items" }, ...entry.items.map(tile), entry.more ? make("li", {}, `${entry.more} more`) : "") : "",
        entry.tier === "tiles" ? code(data.snippet, entry, lon, lat, year) : "");
    };
    const title = `${place ? `${place.name}, ` : ""}${degrees(lon, lat)}${year ? `, ${year}` : ""}`;
    const there = TIERS.map(([tier, name]) => [tier, name, kept.filter((entry) => entry.tier === tier && !entry.product.encoder)]);
    const [tiles, complete, open] = there.map(([, , found]) => found.length);
    const sentence = `${title}: ${[
      tiles && plural(tiles, "product has tiles here", "products have tiles here"),
      complete && plural(complete, "is stated to be complete", "are stated to be complete"),
      open && plural(open, "is not known here", "are not known here"),
    ].filter(Boolean).join(", ") || "no product covers it"}`;
    const notes = [];
    if (sea) notes.push(make("p", { class: "at-sea" }, `Open sea: there is no land within a degree. ${tiles ? "Tiles reach this far" : "Products of land do not reach it"}; ${encoders.length ? `${plural(encoders.length, "encoder computes", "encoders compute")} a vector for any position` : "no encoder is shown"}.`));
    if (place && place.kind !== "town" && place.kind) notes.push(make("p", {}, `A ${place.kind} is not a point: this is the answer for a town near its centre. Click on the map for another point.`));
    if (others.length) notes.push(make("p", {}, "Also: ", ...others.map((other) => make("button", { type: "button", class: "other", onclick: () => { form.elements.place.value = other.name; ask(other.lon, other.lat, other); } }, other.name))));
    said.replaceChildren(`${sentence}.`);
    answer.replaceChildren(
      make("h3", {}, sentence), ...notes,
      ...there.filter(([, , found]) => found.length).map(([tier, name, found]) => make("section", { class: `tier tier-${tier}` }, make("h4", {}, `${name} `, make("span", { class: "count" }, `${found.length}`)), listed(found, data.families, line, tier === "tiles" || found.length < 4))),
      ...(cells.length ? [sizes(cells)] : hints(year, only)),
      encoders.length ? fold(`${plural(encoders.length, "encoder computes", "encoders compute")} a vector for any position`, reasons(encoders)) : "",
      without.length ? fold(`${plural(without.length, "does", "do")} not cover it, and why`, reasons(without)) : "",
      from ? make("p", { class: "note" }, from) : "");
  }

  const address = ({ lon, lat, place, area }) => {
    // What the chooser keeps there stays.
    const params = new URLSearchParams([...new URLSearchParams(location.search)].filter(([name]) => name.startsWith("fit-")));
    if (place) params.set("place", place.name);
    if (lon !== undefined) for (const [key, value] of Object.entries({ lon, lat })) params.set(key, value.toFixed(4));
    if (area) params.set("area", area.text);
    for (const key of ["year", "product"]) if (choice(key)) params.set(key, choice(key));
    return params;
  };
  /** Keep the question in the address: a new entry of the history for a new one, so that the way back leads to the last. */
  function keep(next) {
    const before = question;
    question = next;
    const params = address(next);
    // A link to the same question on another page takes it along.
    for (const other of document.querySelectorAll("a[data-keep]")) other.search = params;
    if (!next.restored) atlas.remember(params, before !== null || location.search === "");
  }

  /** Answer for a position; `place` is what was asked for, `others` are places of the same name. */
  async function ask(lon, lat, place = null, others = [], restored = false) {
    const year = Number(choice("year")) || null;
    const turn = (asked += 1);
    cursor = [lon, lat];
    keep({ lon, lat, place, others, restored });
    map().then((drawing) => drawing.mark(lon, lat), () => {});
    try {
      const data = await atlas.load("coverage");
      const found = await stated(lon, lat, year);
      if (turn !== asked) return; // a later question was quicker
      render(found, lon, lat, year, place, others, data);
      if (!api) return;
      if (!atlas.tiles) await atlas.script("tiles.js");
      if (turn !== asked) return;
      const firm = await atlas.tiles.point(api, data, found, lon, lat, year);
      if (turn !== asked) return;
      render(firm, lon, lat, year, place, others, data);
      atlas.tiles.more(answer, api, firm, lon, lat, year);
    } catch (error) {
      if (turn === asked) say(`The coverage could not be read: ${error.message}`);
    }
  }

  /** Answer for an area: { polygons, text for the address, name }. */
  async function askArea(area, restored = false) {
    const turn = (asked += 1);
    try {
      if (!atlas.area) await atlas.script("area.js");
      const asking = typeof area === "string" ? atlas.area.parse(area) : area;
      keep({ area: asking, restored });
      map().then((drawing) => drawing.outline(asking.polygons), () => {});
      const data = await atlas.load("coverage");
      said.replaceChildren(`${asking.name}: measuring…`);
      const parts = await atlas.area.answer(asking, data, { api, only: choice("product") });
      if (turn !== asked) return;
      said.replaceChildren(`${asking.name}: ${parts.sentence}`);
      answer.replaceChildren(make("h3", {}, asking.name), ...parts.content);
    } catch (error) {
      if (turn === asked) say(`The area could not be read: ${error.message}`);
    }
  }

  /** What stands in the way of an answer; an older answer would look like this one's. */
  function say(text) {
    said.replaceChildren(text);
    answer.replaceChildren();
  }

  async function submit(event) {
    event.preventDefault();
    const text = form.elements.place.value.trim();
    const numbers = text.match(/^\s*(-?\d+(?:\.\d+)?)\s*°?\s*([NS])?[\s,;]+(-?\d+(?:\.\d+)?)\s*°?\s*([EW])?\s*$/i);
    if (numbers) {
      const lat = Number(numbers[1]) * (/s/i.test(numbers[2] ?? "") ? -1 : 1);
      const lon = Number(numbers[3]) * (/w/i.test(numbers[4] ?? "") ? -1 : 1);
      if (Math.abs(lat) <= 90 && Math.abs(lon) <= 180) return ask(lon, lat);
      return say("Latitude goes from −90 to 90 and longitude from −180 to 180.");
    }
    if (/^-?[\d.]+(\s*,\s*-?[\d.]+){3}$/.test(text)) return askArea(text);
    if (!text) return say("Give a place or a position, or click on the map.");
    try {
      const exact = await atlas.places.find(text, { exact: true, limit: 7 });
      const [place, ...others] = exact.length ? exact : await atlas.places.find(text);
      if (place) return ask(place.lon, place.lat, place, others);
      return say(`“${text}” is not among the countries, regions and larger towns that the atlas knows. Give a town nearby, or a position as latitude, longitude.`);
    } catch (error) {
      return say(`The list of places could not be read: ${error.message}`);
    }
  }
  form.addEventListener("submit", submit);
  atlas.places.attach(form.elements.place, (place) => ask(place.lon, place.lat, place));

  svg.setAttribute("tabindex", "0");
  svg.classList.add("pick");
  for (const kind of ["pointerenter", "focusin", "touchstart"]) svg.addEventListener(kind, () => map().catch(() => {}), { once: true, passive: true });
  svg.addEventListener("click", async (event) => {
    const position = (await map()).invert(event.clientX, event.clientY);
    if (position) ask(...position);
  });
  svg.addEventListener("keydown", async (event) => {
    const step = event.shiftKey ? 1 : 5;
    const moves = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, step], ArrowDown: [0, -step] };
    if (event.key in moves) {
      event.preventDefault();
      const [dx, dy] = moves[event.key];
      cursor = [((cursor[0] + dx + 540) % 360) - 180, Math.max(-89, Math.min(89, cursor[1] + dy))];
      (await map()).mark(...cursor);
    } else if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      ask(...cursor);
    } else if ("+-=0".includes(event.key)) {
      event.preventDefault();
      (await map()).zoom({ "+": 2, "=": 2, "-": 0.5, 0: 0 }[event.key]);
    }
  });

  // The lists are filled when somebody first turns to the form.
  const fill = async () => {
    const { products, years } = await atlas.load("coverage");
    const options = { year: [...years].reverse().map((y) => [y, `${y}`]), product: products.map((p) => [p.id, p.title]) };
    for (const [name, values] of Object.entries(options)) {
      const select = form.elements[name];
      if (!select) continue;
      const before = select.value;
      select.replaceChildren(select.options[0], ...values.map(([value, text]) => make("option", { value }, text)));
      select.value = before;
    }
  };
  let filled;
  const once = () => (filled ??= fill());
  form.addEventListener("focusin", once, { once: true });
  form.addEventListener("pointerdown", once, { once: true });

  /** Ask again, or only draw, after another year or product was chosen. */
  async function again(restored = false) {
    if (!restored) atlas.remember(address(question ?? {}), true);
    const [year, product] = [Number(choice("year")) || null, choice("product")];
    if (year || product || drawn) (await map()).show(await atlas.load("coverage"), product, year, document.querySelector("[data-legend]"));
  }
  form.addEventListener("change", async ({ target }) => {
    if (target.name === "file") return target.files[0] && askArea(await target.files[0].text());
    if (target.name !== "year" && target.name !== "product") return;
    if (question?.lon !== undefined) ask(question.lon, question.lat, question.place, question.others);
    else if (question?.area) askArea(question.area);
    return again(question !== null);
  });

  // An address with a question is answered at once, also on the way back.
  async function restore() {
    const params = new URLSearchParams(location.search);
    if (![...params.keys()].some((key) => ["lon", "place", "area", "year", "product"].includes(key)) && !question) return;
    await once();
    for (const name of ["year", "product"]) if (form.elements[name]) form.elements[name].value = params.get(name) ?? "";
    form.elements.place.value = params.get("place") ?? "";
    const lon = Number(params.get("lon")), lat = Number(params.get("lat"));
    if (params.get("area")) await askArea(params.get("area"), true);
    else if (params.has("lon") && Number.isFinite(lon) && Number.isFinite(lat) && Math.abs(lon) <= 180 && Math.abs(lat) <= 90) await ask(lon, lat, params.get("place") ? { name: params.get("place") } : null, [], true);
    else if (params.get("place")) form.requestSubmit();
    else {
      question = null;
      said.replaceChildren();
      answer.replaceChildren();
      drawn?.then((drawing) => drawing.clear(), () => {});
    }
    if (params.get("year") || params.get("product") || drawn) await again(true);
  }
  addEventListener("popstate", restore);
  restore();
  // What was turned to or chosen before this script was there.
  if (form.contains(document.activeElement)) once();
  if (form.elements.file?.files[0]) form.elements.file.dispatchEvent(new Event("change", { bubbles: true }));
})();
