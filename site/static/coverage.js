// What covers a point: stated boxes for every product, one-degree cells where a crawl has read the producer's index,
// and the API's own Items where one stands beside the site.
"use strict";
(() => {
  const form = document.querySelector("[data-point]");
  const svg = document.querySelector("svg[data-map]");
  if (!form || !svg) return;
  const { make } = atlas;
  const answer = document.querySelector("[data-answer]");
  const layer = svg.querySelector("[data-layer]");
  const api = document.querySelector('meta[name="atlas-api"]')?.content;
  const SVG = "http://www.w3.org/2000/svg";

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
  const inBox = ([w, s, e, n], lon, lat) => lat >= s && lat <= n && (w <= e ? lon >= w && lon <= e : lon >= w || lon <= e);
  const boxesOf = (product) => (product.bbox.length > 1 ? product.bbox.slice(1) : product.bbox);
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

  async function covering(lon, lat, year) {
    const { products } = await atlas.load("coverage");
    const found = [];
    for (const product of products) {
      if (product.type === "location") {
        found.push({ product, years: [], basis: "computes a vector for any position", rank: 2 });
        continue;
      }
      if (!product.bbox) continue;
      let kept = [];
      if (product.cells) {
        const years = cellYears(await atlas.load(`cells/${product.id}`), lon, lat);
        kept = year ? years.filter((y) => y === year) : years;
        if (kept.length) found.push({ product, years: kept, basis: `tiles in this one-degree cell, ${product.partial ? "part of the index" : "index"} read${product.crawled ? ` ${product.crawled}` : ""}`, rank: 0 });
      }
      // A crawl of the whole index decides; of a part of it, what the producer states stands beside it.
      if (kept.length || (product.cells && !product.partial)) continue;
      if (boxesOf(product).some((box) => inBox(box, lon, lat)) && (!year || !product.years.length || product.years.includes(year))) {
        found.push({ product, years: year && product.years.length ? [year] : product.years, basis: `inside the stated extent: ${product.place}`, rank: 1 });
      }
    }
    return found.sort((a, b) => a.rank - b.rank);
  }

  async function fromApi(lon, lat, year) {
    const box = make("div", { class: "from-api" }, make("p", {}, "Asking the API for tiles…"));
    answer.append(box);
    try {
      const query = new URLSearchParams({ lon: lon.toFixed(5), lat: lat.toFixed(5) });
      if (year) query.set("datetime", `${year}-01-01T00:00:00Z/${year}-12-31T23:59:59Z`);
      const response = await fetch(`${api.replace(/\/?$/, "/")}atlas/coverage?${query}`, { headers: { accept: "application/json" } });
      if (!response.ok) throw new Error(`the API answered ${response.status}`);
      const body = await response.json();
      const list = make("ul", {});
      const link = (href, text) => (/^https?:\/\//.test(href ?? "") ? make("a", { href, rel: "noopener external" }, text) : make("code", {}, href ?? text));
      for (const entry of body.covered) {
        for (const item of entry.items) {
          const assets = Object.entries(item.assets).flatMap(([key, asset]) => [" ", link(asset.href, key)]);
          list.append(make("li", {}, link(item.href, `${entry.title}: ${item.id}`), ...assets));
        }
        if (entry.truncated) list.append(make("li", {}, `${entry.title}: ${entry.items_matched - entry.items_shown} more`));
      }
      box.replaceChildren(make("h3", {}, "Tiles and assets"), list.children.length ? list : make("p", {}, "The API lists no tile here."));
    } catch (error) {
      box.replaceChildren(make("p", {}, `Tiles could not be listed: ${error.message}.`));
    }
  }

  async function ask(lon, lat, name = "") {
    const year = Number(form.elements.year.value) || null;
    mark(lon, lat);
    answer.replaceChildren(make("p", {}, "Looking…"));
    try {
      const found = await covering(lon, lat, year);
      const anywhere = found.filter(({ product }) => product.type === "location");
      const rows = found.filter(({ product }) => product.type !== "location").map(({ product, years, basis }) =>
        make("tr", {}, make("th", { scope: "row" }, make("a", { href: atlas.root + product.path }, product.title)), make("td", {}, product.type), make("td", {}, years.length ? runs(years) : "–"), make("td", {}, basis)));
      const tiles = found.filter(({ rank }) => rank === 0).length;
      const stated = found.filter(({ rank }) => rank === 1).length;
      const title = `${name ? `${name}, ` : ""}${degrees(lon, lat)}${year ? `, ${year}` : ""}`;
      answer.replaceChildren(
        make("h3", {}, `${title}: ${[tiles ? `${tiles} ${tiles === 1 ? "product has" : "products have"} tiles here` : "", stated ? `${stated} ${stated === 1 ? "states" : "state"} an extent around it` : ""].filter(Boolean).join(", ") || "no product"}`),
        rows.length
          ? make("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Products that cover the point" },
              make("table", {}, make("thead", {}, make("tr", {}, ...["Product", "Type", "Years", "How we know"].map((t) => make("th", { scope: "col" }, t)))), make("tbody", {}, ...rows)))
          : make("p", {}, "No product of the atlas states or shows data here."),
        anywhere.length ? make("details", {}, make("summary", {}, `${anywhere.length} encoders compute a vector for any position`), make("ul", {}, ...anywhere.map(({ product }) => make("li", {}, make("a", { href: atlas.root + product.path }, product.title))))) : "");
      const params = new URLSearchParams({ lon: lon.toFixed(4), lat: lat.toFixed(4) });
      if (year) params.set("year", year);
      atlas.remember(params);
      if (api) await fromApi(lon, lat, year);
    } catch (error) {
      answer.replaceChildren(make("p", {}, `The coverage could not be read: ${error.message}`));
    }
  }

  async function submit(event) {
    event.preventDefault();
    const text = form.elements.place.value.trim();
    const numbers = text.match(/^\s*(-?\d+(?:\.\d+)?)\s*°?\s*([NS])?[\s,;]+(-?\d+(?:\.\d+)?)\s*°?\s*([EW])?\s*$/i);
    if (numbers) {
      const lat = Number(numbers[1]) * (/s/i.test(numbers[2] ?? "") ? -1 : 1);
      const lon = Number(numbers[3]) * (/w/i.test(numbers[4] ?? "") ? -1 : 1);
      if (Math.abs(lat) <= 90 && Math.abs(lon) <= 180) return ask(lon, lat);
      return answer.replaceChildren(make("p", {}, "Latitude goes from −90 to 90 and longitude from −180 to 180."));
    }
    const places = await atlas.load("places");
    const wanted = text.toLocaleLowerCase();
    const place = wanted && (places.find((p) => p.name.toLocaleLowerCase() === wanted) ?? places.find((p) => p.name.toLocaleLowerCase().startsWith(wanted)) ?? places.find((p) => p.name.toLocaleLowerCase().includes(wanted)));
    if (place) return ask(place.point[0], place.point[1], place.name);
    return answer.replaceChildren(make("p", {}, text ? `“${text}” is not in the list of countries. Give a position as latitude, longitude.` : "Give a country or a position, or click on the map."));
  }
  form.addEventListener("submit", submit);

  svg.setAttribute("tabindex", "0");
  svg.classList.add("pick");
  let cursor = [0, 20];
  svg.addEventListener("click", (event) => {
    const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
    const position = unproject(at.x, at.y);
    if (position) { cursor = position; ask(...position); }
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
    const [places, { products }] = await Promise.all([atlas.load("places"), atlas.load("coverage")]);
    document.getElementById("places").replaceChildren(...places.map((p) => make("option", { value: p.name })));
    const years = [...new Set(products.flatMap((p) => p.years))].sort((a, b) => b - a);
    for (const select of document.querySelectorAll("#year, #show-year")) {
      const before = select.value;
      select.replaceChildren(make("option", { value: "" }, "any"), ...years.map((y) => make("option", { value: y }, `${y}`)));
      select.value = before;
    }
    const show = document.getElementById("show-product");
    show?.append(...products.filter((p) => p.bbox && p.type !== "location").map((p) => make("option", { value: p.id }, p.title)));
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
      if (!product.bbox || product.type === "location" || (id && product.id !== id)) continue;
      if (product.cells && (id || !product.partial)) {
        const cells = await atlas.load(`cells/${product.id}`);
        const at = year ? cells.years.indexOf(year) : -1;
        for (const [south, row] of Object.entries(cells.rows))
          for (let i = 0; i < row.length; i += 3)
            if (!year || (at >= 0 && has(row[i + 2], at)))
              for (let c = row[i]; c < row[i] + row[i + 1]; c += 1) count[(Number(south) + 90) * 360 + c + 180] += 1;
      } else if (!id && boxesOf(product).some(([west, , east]) => east - west >= 350)) {
        everywhere += 1; // as on the drawn map: a box around the whole world is named, not coloured
      } else if (!year || !product.years.length || product.years.includes(year)) {
        for (let r = 0; r < 180; r += 1)
          for (let c = 0; c < 360; c += 1)
            if (boxesOf(product).some((box) => inBox(box, c - 179.5, r - 89.5))) count[r * 360 + c] += 1;
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
      cursor = [lon, lat];
      await ask(lon, lat);
    } else if (params.has("place")) {
      form.elements.place.value = params.get("place");
      form.requestSubmit();
    }
  })();
})();
