// What covers a point: stated boxes for every product, one-degree cells where a crawl has read the producer's index,
// and the API's own Items where one stands beside the site.
"use strict";
(() => {
  const form = document.querySelector("[data-point]");
  const svg = document.querySelector("svg[data-map]");
  if (!form || !svg) return;
  const { make } = atlas;
  const answer = document.querySelector("[data-answer]");
  const said = document.querySelector("[data-said]");
  const layer = svg.querySelector("[data-layer]");
  const api = document.querySelector('meta[name="atlas-api"]')?.content;
  const SVG = "http://www.w3.org/2000/svg";
  let cursor = [0, 20], asked = 0;

  // Equal Earth (Šavrič, Patterson and Jenny 2018) on the same 2000 x 994 canvas as the drawn map.
  const A = [1.340264, -0.081106, 0.000893, 0.003796];
  const M = Math.sqrt(3) / 2;
  const X_MAX = 2.706629984, Y_MAX = 1.317362759, WIDTH = 2000, HEIGHT = 994, EDGE = 20;
  const rad = Math.PI / 180;
  const yOf = (t) => { const t2 = t * t, t6 = t2 ** 3; return t * (A[0] + A[1] * t2 + t6 * (A[2] + A[3] * t2)); };
  const slope = (t) => { const t2 = t * t, t6 = t2 ** 3; return A[0] + 3 * A[1] * t2 + t6 * (7 * A[2] + 9 * A[3] * t2); };
  function project(lon, lat) {
    const t = Math.asin(M * Math.sin(lat * rad));
    const x = (lon * rad * Math.cos(t)) / (M * slope(t));
    return [EDGE + ((x + X_MAX) / (2 * X_MAX)) * (WIDTH - 2 * EDGE), EDGE + ((Y_MAX - yOf(t)) / (2 * Y_MAX)) * (HEIGHT - 2 * EDGE)];
  }
  function unproject(px, py) {
    const x = ((px - EDGE) / (WIDTH - 2 * EDGE)) * 2 * X_MAX - X_MAX;
    const y = Y_MAX - ((py - EDGE) / (HEIGHT - 2 * EDGE)) * 2 * Y_MAX;
    let t = y;
    for (let i = 0; i < 12; i += 1) t -= (yOf(t) - y) / slope(t);
    const sine = Math.sin(t) / M;
    const lon = (x * M * slope(t)) / (Math.cos(t) * rad);
    return Math.abs(sine) <= 1 && Math.abs(lon) <= 180 ? [lon, Math.asin(sine) / rad] : null;
  }

  const CLASSES = [[], [3], [2, 4], [1, 3, 5], [1, 2, 4, 5], [1, 2, 3, 4, 5]];
  // Longitude 180 is longitude -180.
  const inBox = ([w, s, e, n], lon, lat) => lat >= s && lat <= n && (Math.abs(lon) === 180 ? w === -180 || e === 180 : lon >= w && lon <= e);
  const has = (mask, i) => Math.floor(mask / 2 ** i) % 2 === 1;
  function cellYears(cells, lon, lat) {
    const row = cells.rows[Math.min(89, Math.floor(lat))] ?? [];
    const column = Math.min(179, Math.floor(lon));
    for (let i = 0; i < row.length; i += 3)
      if (column >= row[i] && column < row[i] + row[i + 1]) return cells.years.filter((_, k) => has(row[i + 2], k));
    return [];
  }
  const runs = (years) => {
    const parts = [];
    for (const year of years) {
      const last = parts.at(-1);
      if (last && year === last[1] + 1) last[1] = year;
      else parts.push([year, year]);
    }
    return parts.map(([a, b]) => (a === b ? `${a}` : `${a}–${b}`)).join(", ");
  };
  const degrees = (lon, lat) => `${Math.abs(lat).toFixed(2)}° ${lat < 0 ? "S" : "N"}, ${Math.abs(lon).toFixed(2)}° ${lon < 0 ? "W" : "E"}`;

  function mark(lon, lat) {
    const [x, y] = project(lon, lat);
    layer.querySelector(".point")?.remove();
    const cross = document.createElementNS(SVG, "path");
    cross.setAttribute("class", "point");
    cross.setAttribute("d", `M${x - 26} ${y}h18m16 0h18M${x} ${y - 26}v18m0 16v18M${x - 10} ${y}a10 10 0 1 0 20 0a10 10 0 1 0 -20 0`);
    layer.append(cross);
  }

  /** [products that cover the point with years and how we know, products that do not and why]. */
  async function covering(lon, lat, year) {
    const { products } = await atlas.load("coverage");
    const found = [], without = [];
    for (const product of products) {
      let here = [];
      if (product.cells) {
        here = cellYears(await atlas.load(`cells/${product.id}`), lon, lat);
        const kept = year ? here.filter((y) => y === year) : here;
        if (kept.length) {
          found.push({ product, years: kept, basis: `tiles in this one-degree cell, ${product.state === "whole" ? "index" : "part of the index"} read${product.crawled ? ` ${product.crawled}` : ""}`, rank: 0 });
          continue;
        }
      }
      const inside = !product.boxes || product.boxes.some((box) => inBox(box, lon, lat));
      const [tier, , text] = (inside || !product.outside ? product.inside : product.outside)[year || "any"];
      const cell = `its index lists tiles in this one-degree cell for ${runs(here)} only`;
      const why = !here.length ? text : product.state === "whole" ? cell : `${cell}; ${text}`;
      if (tier === "not_there") without.push([product, why]);
      else if (product.encoder) found.push({ product, years: [], basis: why, rank: 3 });
      else found.push({ product, years: year ? [year] : product.years, basis: why, rank: tier === "stated" ? 1 : 2 });
    }
    return [found.sort((a, b) => a.rank - b.rank), without];
  }

  function sizes(rows) {
    const field = make("input", { id: "area", type: "number", min: "0.01", step: "any", value: "100", inputmode: "decimal" });
    const fill = () => {
      const area = Number(field.value);
      for (const [product, cell] of rows) {
        const known = product.per_km2 && product.vector_bytes && area > 0;
        cell.replaceChildren(known ? `at most ${atlas.size(Math.ceil(product.per_km2 * area) * product.vector_bytes)}` : make("span", { class: "missing" }, "not derivable"));
      }
    };
    field.addEventListener("input", fill);
    fill();
    return make("div", { class: "controls area" }, make("div", { class: "field narrow" }, make("label", { for: "area" }, "Size for an area of, km²"), field),
      make("p", { class: "note" }, "For one time step, before compression, from the stated distance between vectors, length and type. Water and gaps are not taken off."));
  }

  const list = (entries) => make("ul", {}, ...entries.map(([product, why]) => make("li", {}, make("a", { href: atlas.root + product.path }, product.title), why ? `: ${why}` : "")));
  const fold = (entries, title) => (entries.length ? make("details", {}, make("summary", {}, title), list(entries)) : "");

  /** Answer for a position; `place` is what was asked for, `others` are places of the same name. */
  async function ask(lon, lat, place = null, others = []) {
    const year = Number(form.elements.year.value) || null;
    const turn = (asked += 1);
    cursor = [lon, lat];
    mark(lon, lat);
    try {
      const [found, without] = await covering(lon, lat, year);
      if (turn !== asked) return; // a later question was quicker
      const anywhere = found.filter(({ rank }) => rank === 3).map(({ product, basis }) => [product, basis]);
      const cells = [];
      const rows = found.filter(({ rank }) => rank < 3).map(({ product, years, basis }) => {
        const cell = make("td", { class: "num" });
        cells.push([product, cell]);
        return make("tr", {}, make("th", { scope: "row" }, make("a", { href: atlas.root + product.path }, product.title)), make("td", {}, product.type), make("td", {}, years.length ? runs(years) : make("span", { class: "missing" }, "not stated")), make("td", {}, basis), cell);
      });
      const tiles = found.filter(({ rank }) => rank === 0).length;
      const stated = found.filter(({ rank }) => rank === 1).length;
      const open = found.filter(({ rank }) => rank === 2).length;
      const title = `${place ? `${place.name}, ` : ""}${degrees(lon, lat)}${year ? `, ${year}` : ""}`;
      const larger = place && place.kind !== "town" ? make("p", {}, `A ${place.kind} is larger than a point: this is the answer for one town near its middle. Click on the map for another point.`) : "";
      const same = others.length ? make("p", {}, "Also: ", ...others.map((other) => make("button", { type: "button", class: "other", onclick: () => { form.elements.place.value = other.name; ask(other.lon, other.lat, other); } }, other.name))) : "";
      const count = (n, one, many) => (n ? `${n} ${n === 1 ? one : many}` : "");
      const sentence = `${title}: ${[
        count(tiles, "product has tiles here", "products have tiles here"),
        count(stated, "is complete by statement", "are complete by statement"),
        count(open, "is not known here", "are not known here"),
      ].filter(Boolean).join(", ") || "no product covers it"}`;
      // One line beside the form is read out and seen at once; the list stands under the map.
      said.replaceChildren(`${sentence}. `, make("a", { href: "#answer" }, rows.length ? "Which, and how large" : "Why not"));
      answer.replaceChildren(
        make("h3", {}, sentence),
        same, larger,
        rows.length ? sizes(cells) : make("p", {}, "No product of the atlas states or shows data here."),
        rows.length
          ? make("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Products that cover the point" },
              make("table", {}, make("thead", {}, make("tr", {}, ...["Product", "Type", "Years", "How we know"].map((t) => make("th", { scope: "col" }, t)), make("th", { scope: "col", class: "num" }, "Size"))), make("tbody", {}, ...rows)))
          : "",
        fold(without, `${without.length} do not cover it, and why`),
        fold(anywhere, `${anywhere.length} encoders compute a vector for any position`));
      const params = new URLSearchParams({ lon: lon.toFixed(4), lat: lat.toFixed(4) });
      if (year) params.set("year", year);
      atlas.remember(params);
      if (api) {
        if (!atlas.tiles) await atlas.script("tiles.js");
        if (turn === asked) await atlas.tiles(api, answer, lon, lat, year);
      }
    } catch (error) {
      say(`The coverage could not be read: ${error.message}`);
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
  svg.addEventListener("click", (event) => {
    const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
    const position = unproject(at.x, at.y);
    if (position) ask(...position);
  });
  svg.addEventListener("keydown", (event) => {
    const step = event.shiftKey ? 1 : 5;
    const moves = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, step], ArrowDown: [0, -step] };
    if (event.key in moves) {
      event.preventDefault();
      const [dx, dy] = moves[event.key];
      cursor = [((cursor[0] + dx + 540) % 360) - 180, Math.max(-89, Math.min(89, cursor[1] + dy))];
      mark(...cursor);
    } else if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      ask(...cursor);
    }
  });

  // The lists are filled when somebody first turns to the form.
  const fill = async () => {
    const { products, years: all } = await atlas.load("coverage");
    const years = [...all].reverse();
    for (const select of document.querySelectorAll("#year, #show-year")) {
      const before = select.value;
      select.replaceChildren(make("option", { value: "" }, "any"), ...years.map((y) => make("option", { value: y }, `${y}`)));
      select.value = before;
    }
    const show = document.getElementById("show-product");
    show?.append(...products.filter((p) => p.boxes && !p.encoder).map((p) => make("option", { value: p.id }, p.title)));
  };
  let filled;
  const once = () => (filled ??= fill());
  form.addEventListener("focusin", once, { once: true });
  form.addEventListener("pointerdown", once, { once: true });

  // The map by product and year.
  const panel = document.querySelector("[data-show]");
  panel?.addEventListener("focusin", once, { once: true });
  panel?.addEventListener("pointerdown", once, { once: true });
  panel?.addEventListener("change", async () => {
    const id = document.getElementById("show-product").value;
    const year = Number(document.getElementById("show-year").value) || null;
    const { products } = await atlas.load("coverage");
    const count = new Uint16Array(180 * 360);
    let everywhere = 0;
    for (const product of products) {
      if (!product.boxes || product.encoder || (id && product.id !== id)) continue;
      if (product.cells && (id || product.state === "whole")) {
        const cells = await atlas.load(`cells/${product.id}`);
        const at = year ? cells.years.indexOf(year) : -1;
        for (const [south, row] of Object.entries(cells.rows))
          for (let i = 0; i < row.length; i += 3)
            if (!year || (at >= 0 && has(row[i + 2], at)))
              for (let c = row[i]; c < row[i] + row[i + 1]; c += 1) count[(Number(south) + 90) * 360 + c + 180] += 1;
      } else if (!id && product.boxes.some(([west, , east]) => east - west >= 350)) {
        everywhere += 1; // as on the drawn map: a box around the whole world is named, not coloured
      } else if (!year || !product.years.length || product.years.includes(year)) {
        for (let r = 0; r < 180; r += 1)
          for (let c = 0; c < 360; c += 1)
            if (product.boxes.some((box) => inBox(box, c - 179.5, r - 89.5))) count[r * 360 + c] += 1;
      }
    }
    draw(count, everywhere);
  });
  function draw(count, everywhere) {
    const most = count.reduce((a, b) => Math.max(a, b), 0);
    const edges = [...new Set([1, 2, 3, 4, 5].map((i) => Math.round((most * i) / 5)))].filter((v) => v > 0);
    for (const old of svg.querySelectorAll("path.q1, path.q2, path.q3, path.q4, path.q5")) old.remove();
    const legend = document.querySelector("[data-legend]");
    legend?.replaceChildren();
    let low = 1;
    edges.forEach((high, k) => {
      const name = `q${CLASSES[edges.length][k]}`;
      let data = "";
      for (let r = 0; r < 180; r += 1) {
        for (let c = 0; c < 360; c += 1) {
          if (count[r * 360 + c] < low || count[r * 360 + c] > high) continue;
          const from = c;
          while (c < 360 && count[r * 360 + c] >= low && count[r * 360 + c] <= high) c += 1;
          const p = [[from, r], [c, r], [c, r + 1], [from, r + 1]].map(([x, y]) => project(x - 180, y - 90).map(Math.round));
          data += `M${p[0]}H${p[1][0]}L${p[2]}H${p[3][0]}z`;
        }
      }
      const path = document.createElementNS(SVG, "path");
      path.setAttribute("class", name);
      path.setAttribute("d", data);
      layer.before(path);
      const key = document.createElementNS(SVG, "svg");
      for (const [n, v] of Object.entries({ viewBox: "0 0 14 10", width: 14, height: 10, "aria-hidden": "true" })) key.setAttribute(n, v);
      const rect = document.createElementNS(SVG, "rect");
      for (const [n, v] of Object.entries({ class: name, width: 14, height: 10 })) rect.setAttribute(n, v);
      key.append(rect);
      legend?.append(make("li", {}, key, `${high > low ? `${low} to ${high}` : low} product${high > 1 ? "s" : ""}`));
      low = high + 1;
    });
    if (!edges.length) legend?.append(make("li", {}, "no product is drawn"));
    svg.querySelector(".land").classList.toggle("land-covered", everywhere > 0);
    if (everywhere) legend?.append(make("li", {}, `${everywhere} around the whole world, drawn on land`));
  }

  // An address with a position is answered at once.
  const params = new URLSearchParams(location.search);
  (async () => {
    if (!params.has("lon") && !params.has("place")) return;
    await once();
    if (params.get("year")) form.elements.year.value = params.get("year");
    const lon = Number(params.get("lon")), lat = Number(params.get("lat"));
    if (params.has("lon") && Number.isFinite(lon) && Number.isFinite(lat) && Math.abs(lon) <= 180 && Math.abs(lat) <= 90) {
      await ask(lon, lat);
    } else if (params.has("place")) {
      form.elements.place.value = params.get("place");
      form.requestSubmit();
    }
  })();
})();
