// With an API beside the site, the answer for a point goes down to tiles and assets, and files can be counted.
"use strict";
atlas.tiles = (() => {
  const { make } = atlas;
  async function get(api, path, query) {
    const response = await fetch(`${api.replace(/\/?$/, "/")}atlas/${path}?${query}`, { headers: { accept: "application/json" } });
    if (!response.ok) throw new Error(`the API answered ${response.status}`);
    return response.json();
  }

  /** What the API says of a point, in the place of what the pages say; of what it does not know the latter stays. */
  async function point(api, data, plain, lon, lat, year) {
    const query = new URLSearchParams({ lon: lon.toFixed(5), lat: lat.toFixed(5) });
    if (year) query.set("datetime", year);
    try {
      const body = await get(api, "coverage", query);
      const told = new Map(["covered", "stated", "may_cover", "not_covered"].flatMap((key) => (body[key] ?? []).map((entry) => [entry.product, entry])));
      const entries = plain.entries.map((entry) => {
        const found = told.get(entry.product.id);
        if (!found) return entry;
        const years = found.tier === "tiles" ? found.by_year.map(({ year: one, verdict }) => [one, verdict]) : [];
        return { product: entry.product, tier: found.tier, text: found.reason, years, items: found.items ?? [], more: (found.items_matched ?? 0) - (found.items_shown ?? 0) };
      });
      const rank = ["tiles", "stated", "unknown", "not_there"];
      entries.sort((a, b) => rank.indexOf(a.tier) - rank.indexOf(b.tier));
      return { ...plain, entries };
    } catch (error) {
      return { ...plain, from: `Tiles could not be listed: ${error.message}.` };
    }
  }

  /** A square of so many square kilometres around a point, as a bbox; at the poles it is all longitudes. */
  function around(lon, lat, area) {
    const half = Math.sqrt(area) / 2 / 111.32;
    const wide = Math.min(179.9, half / Math.max(0.001, Math.cos((lat * Math.PI) / 180)));
    const turn = (x) => ((x + 540) % 360) - 180;
    return [turn(lon - wide), Math.max(-90, lat - half), turn(lon + wide), Math.min(90, lat + half)].map((v) => v.toFixed(5)).join(",");
  }

  async function count(api, box, products, lon, lat, year) {
    const area = Number(document.getElementById("area")?.value) || 100;
    box.replaceChildren(make("p", {}, "Counting…"));
    try {
      const rows = [];
      for (const { id, title } of products) {
        const query = new URLSearchParams({ product: id, bbox: around(lon, lat, area) });
        if (year) query.set("datetime", year);
        const found = await get(api, "estimate", query);
        const text = (value) => (value === null || value === undefined ? make("span", { class: "missing" }, "not stated") : atlas.number(value));
        rows.push(make("tr", {}, make("th", { scope: "row" }, title), ...["tiles", "files", "requests_at_least", "bytes"].map((key) => make("td", { class: "num" }, text(found[key]))), make("td", {}, found.bytes_basis ?? "", ...(found.notes ?? []).map((note) => make("span", { class: "note" }, note)))));
      }
      box.replaceChildren(make("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Files and bytes" },
        make("table", {}, make("caption", {}, `A square of ${atlas.number(area)} km² around the point${year ? `, ${year}` : ", all years"}. Each file counts whole, even if only a corner lies inside.`),
          make("thead", {}, make("tr", {}, make("th", { scope: "col" }, "Product"), ...["Tiles", "Files", "Requests, at least", "Bytes"].map((t) => make("th", { scope: "col", class: "num" }, t)), make("th", { scope: "col" }, "Counted from"))), make("tbody", {}, ...rows))));
    } catch (error) {
      box.replaceChildren(make("p", {}, `Files could not be counted: ${error.message}.`));
    }
  }

  /** The share of the square around the point that tiles cover, year by year. */
  async function shares(api, box, data, lon, lat) {
    const area = Number(document.getElementById("area")?.value) || 100;
    box.replaceChildren(make("p", {}, "Measuring…"));
    if (!atlas.area) await atlas.script("area.js");
    const asking = { text: around(lon, lat, area), polygons: [], name: "" };
    const { content } = await atlas.area.answer(asking, data, { api, only: "" });
    box.replaceChildren(make("p", {}, `A square of ${atlas.number(area)} km² around the point.`), content[0]);
  }

  /** Buttons for what is asked of the API only when somebody wants it. */
  function more(answer, api, { entries }, lon, lat, year) {
    const products = entries.filter(({ items }) => items.length).map(({ product }) => product);
    if (!products.length) return;
    const counted = make("div", { role: "status" });
    const data = { products: entries.map(({ product }) => product) };
    answer.append(make("p", { class: "actions" }, make("button", { type: "button", onclick: () => count(api, counted, products, lon, lat, year) }, "Count files and bytes for the area"), " ", make("button", { type: "button", onclick: () => shares(api, counted, data, lon, lat) }, "Show the share covered, year by year")), counted);
  }

  return { get, point, more };
})();
