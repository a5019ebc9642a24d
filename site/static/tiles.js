// With an API beside the site, the answer for a point goes down to tiles and assets, and files can be counted.
"use strict";
atlas.tiles = (() => {
  const { make } = atlas;
  const link = (href, text) => (/^https?:\/\//.test(href ?? "") ? make("a", { href, rel: "noopener external" }, text) : make("code", {}, href ?? text));
  async function get(api, path, query) {
    const response = await fetch(`${api.replace(/\/?$/, "/")}atlas/${path}?${query}`, { headers: { accept: "application/json" } });
    if (!response.ok) throw new Error(`the API answered ${response.status}`);
    return response.json();
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
      for (const { product, title } of products) {
        const query = new URLSearchParams({ product, bbox: around(lon, lat, area) });
        if (year) query.set("datetime", year);
        const found = await get(api, "estimate", query);
        const text = (value) => (value === null || value === undefined ? make("span", { class: "missing" }, "not stated") : value.toLocaleString("en-GB"));
        rows.push(make("tr", {}, make("th", { scope: "row" }, title), ...["tiles", "files", "requests_at_least", "bytes"].map((key) => make("td", { class: "num" }, text(found[key]))), make("td", {}, found.bytes_basis ?? "", ...(found.notes ?? []).map((note) => make("span", { class: "note" }, note)))));
      }
      box.replaceChildren(make("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Files and bytes" },
        make("table", {}, make("caption", {}, `A square of ${area.toLocaleString("en-GB")} km² around the point${year ? `, ${year}` : ", all years"}. Whole files count, also where only a corner lies inside.`),
          make("thead", {}, make("tr", {}, make("th", { scope: "col" }, "Product"), ...["Tiles", "Files", "Requests, at least", "Bytes"].map((t) => make("th", { scope: "col", class: "num" }, t)), make("th", { scope: "col" }, "Counted from"))), make("tbody", {}, ...rows))));
    } catch (error) {
      box.replaceChildren(make("p", {}, `Files could not be counted: ${error.message}.`));
    }
  }

  /** The share of an area that tiles cover: years across, products down, the share as fill and as a number. */
  async function chart(api, box, lon, lat) {
    const area = Number(document.getElementById("area")?.value) || 100;
    box.replaceChildren(make("p", {}, "Measuring…"));
    try {
      const body = await get(api, "coverage", new URLSearchParams({ bbox: around(lon, lat, area), limit: "1" }));
      const known = body.covered.filter((entry) => entry.by_year.some(({ share }) => share !== null));
      const years = [...new Set(known.flatMap((entry) => entry.by_year.map(({ year }) => year)))].sort((a, b) => a - b);
      const cell = (found) => {
        if (!found || found.share === null) return make("td", { class: "num" }, "–");
        const bar = document.createElementNS("http://www.w3.org/2000/svg", "svg");
        bar.setAttribute("viewBox", "0 0 20 10");
        bar.setAttribute("class", "share");
        bar.setAttribute("aria-hidden", "true");
        for (const [name, width] of [["q1", 20], ["q5", 20 * found.share]]) {
          const rect = document.createElementNS("http://www.w3.org/2000/svg", "rect");
          for (const [key, value] of Object.entries({ class: name, width, height: 10 })) rect.setAttribute(key, value);
          bar.append(rect);
        }
        const percent = found.share > 0 && found.share < 0.01 ? "<1" : Math.floor(found.share * 100);
        return make("td", { class: "num", title: `${found.tiles} tiles${found.of ? ` of ${found.of}` : ""}` }, bar, ` ${percent} %`);
      };
      const rows = known.map((entry) => make("tr", {}, make("th", { scope: "row" }, entry.title), ...years.map((year) => cell(entry.by_year.find((found) => found.year === year)))));
      box.replaceChildren(rows.length
        ? make("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Share covered by year" },
            make("table", {}, make("caption", {}, `Share of a square of ${area.toLocaleString("en-GB")} km² around the point that tiles cover. A product whose index was not read is not shown.`),
              make("thead", {}, make("tr", {}, make("th", { scope: "col" }, "Product"), ...years.map((year) => make("th", { scope: "col", class: "num" }, `${year}`)))), make("tbody", {}, ...rows)))
        : make("p", {}, "No index that was read lists tiles there."));
    } catch (error) {
      box.replaceChildren(make("p", {}, `Shares could not be measured: ${error.message}.`));
    }
  }

  return async function tiles(api, answer, lon, lat, year) {
    const box = make("div", { class: "from-api" }, make("p", {}, "Asking the API for tiles…"));
    answer.append(box);
    try {
      const query = new URLSearchParams({ lon: lon.toFixed(5), lat: lat.toFixed(5) });
      if (year) query.set("datetime", year);
      const body = await get(api, "coverage", query);
      const list = make("ul", {});
      for (const entry of body.covered) {
        for (const item of entry.items) {
          const assets = Object.entries(item.assets).flatMap(([key, asset]) => [" ", link(asset.href, key)]);
          list.append(make("li", {}, link(item.href, `${entry.title}: ${item.id}`), ...assets));
        }
        if (entry.truncated) list.append(make("li", {}, `${entry.title}: ${entry.items_matched - entry.items_shown} more`));
      }
      const listed = body.covered.filter((entry) => entry.items.length);
      const counted = make("div", { role: "status" });
      box.replaceChildren(make("h3", {}, "Tiles and assets"), list.children.length ? list : make("p", {}, "The API lists no tile here."));
      if (listed.length) box.append(make("p", {}, make("button", { type: "button", onclick: () => count(api, counted, listed, lon, lat, year) }, "Count files and bytes for the area"), " ", make("button", { type: "button", onclick: () => chart(api, counted, lon, lat) }, "Show the share covered, year by year")), counted);
    } catch (error) {
      box.replaceChildren(make("p", {}, `Tiles could not be listed: ${error.message}.`));
    }
  };
})();
