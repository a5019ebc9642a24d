// The share of an area that is covered, year by year: by the API where one stands beside the site, else in one-degree
// cells, which give an upper bound. Loaded on use.
"use strict";
atlas.area = (() => {
  const { make } = atlas;
  const LONGEST = 1500;

  /** Polygons of a box "west,south,east,north" or of GeoJSON: { polygons, text for the address, name }. */
  function parse(text) {
    const numbers = text.split(",").map(Number);
    if (numbers.length === 4 && numbers.every(Number.isFinite)) return boxed(numbers);
    let document;
    try {
      document = JSON.parse(text);
    } catch {
      throw new Error("it is neither GeoJSON nor a box as west, south, east, north");
    }
    const polygons = polygonsOf(document);
    if (!polygons.length) throw new Error("it holds no polygon; a point or a line has no area");
    for (const [lon, lat] of polygons.flat(2)) if (!(Math.abs(lon) <= 180 && Math.abs(lat) <= 90)) throw new Error(`${lon}, ${lat} lies outside the globe; longitude comes first`);
    const round = (polygon) => polygon.map((ring) => ring.map(([a, b]) => [Number(a.toFixed(3)), Number(b.toFixed(3))]));
    const short = JSON.stringify({ type: "MultiPolygon", coordinates: polygons.map(round) });
    return { polygons, text: short.length <= LONGEST ? short : "", name: "Your area" };
  }
  function boxed([west, south, east, north]) {
    if (!(south < north) || Math.abs(south) > 90 || Math.abs(north) > 90) throw new Error("its latitudes must rise, between −90 and 90");
    if (west === east || Math.abs(west) > 180 || Math.abs(east) > 180) throw new Error("its longitudes must differ, between −180 and 180");
    const ring = (w, e) => [[[w, south], [e, south], [e, north], [w, north], [w, south]]];
    const polygons = west < east ? [ring(west, east)] : [ring(west, 180), ring(-180, east)];
    return { polygons, text: [west, south, east, north].join(","), name: `The box ${west}, ${south} to ${east}, ${north}` };
  }
  function polygonsOf(value) {
    switch (value?.type) {
      case "FeatureCollection": return (value.features ?? []).flatMap(polygonsOf);
      case "Feature": return polygonsOf(value.geometry);
      case "GeometryCollection": return (value.geometries ?? []).flatMap(polygonsOf);
      case "Polygon": return [value.coordinates];
      case "MultiPolygon": return value.coordinates;
      default: return [];
    }
  }

  // Areas are computed in longitude and sine of latitude, where they are true. Sides are straight in degrees, as GeoJSON
  // says; within a one-degree cell that is the same.
  const sine = (lat) => Math.sin((lat * Math.PI) / 180);
  const sizeOf = (ring) => {
    let sum = 0;
    for (let i = 0; i < ring.length; i += 1) {
      const [a, b] = ring[i], [c, d] = ring[(i + 1) % ring.length];
      sum += a * sine(d) - c * sine(b);
    }
    return Math.abs(sum) / 2;
  };
  /** The part of a ring on one side of a meridian or parallel. */
  function clip(ring, axis, edge, above) {
    const kept = [], inside = (p) => (above ? p[axis] >= edge : p[axis] <= edge);
    for (let i = 0; i < ring.length; i += 1) {
      const p = ring[i], q = ring[(i + 1) % ring.length];
      if (inside(p)) kept.push(p);
      if (inside(p) !== inside(q)) {
        const t = (edge - p[axis]) / (q[axis] - p[axis]);
        kept.push(axis ? [p[0] + t * (q[0] - p[0]), edge] : [edge, p[1] + t * (q[1] - p[1])]);
      }
    }
    return kept;
  }
  /** Cells of one degree that an area meets, with the size of the part in each: "row column" to size. */
  function cellsOf(polygons) {
    const found = new Map();
    for (const polygon of polygons) polygon.forEach((ring, hole) => {
      const lats = ring.map((p) => p[1]);
      for (let row = Math.floor(Math.min(...lats)); row < Math.max(...lats); row += 1) {
        const band = clip(clip(ring, 1, row, true), 1, row + 1, false);
        if (band.length < 3) continue;
        const lons = band.map((p) => p[0]);
        for (let column = Math.floor(Math.min(...lons)); column < Math.max(...lons); column += 1) {
          const part = clip(clip(band, 0, column, true), 0, column + 1, false);
          const size = part.length < 3 ? 0 : sizeOf(part);
          if (size > 0) found.set(`${row} ${column}`, (found.get(`${row} ${column}`) ?? 0) + (hole ? -size : size));
        }
      }
    });
    return found;
  }
  const has = (mask, i) => Math.floor(mask / 2 ** i) % 2 === 1;
  function masks(cells) {
    const found = new Map();
    for (const [row, runs] of Object.entries(cells.rows))
      for (let i = 0; i < runs.length; i += 3) for (let c = runs[i]; c < runs[i] + runs[i + 1]; c += 1) found.set(`${row} ${c}`, runs[i + 2]);
    return found;
  }

  /** Shares by cells: [{ product, years: [{ year, share }] }] of the products whose index was read. */
  async function byCells(polygons, products) {
    const area = cellsOf(polygons);
    const whole = [...area.values()].reduce((a, b) => a + b, 0);
    const rows = [];
    for (const product of products) {
      const cells = await atlas.load(`cells/${product.id}`);
      const found = masks(cells);
      const sums = cells.years.map(() => 0);
      for (const [cell, size] of area) cells.years.forEach((_, i) => { if (has(found.get(cell) ?? 0, i)) sums[i] += size; });
      rows.push({ product, years: cells.years.map((year, i) => ({ year, share: Math.min(1, sums[i] / whole), open: product.state !== "whole" })) });
    }
    return rows;
  }

  /** Products down, years across, the share as fill and as a number. */
  function table(rows, caption, most) {
    const years = [...new Set(rows.flatMap((row) => row.years.map(({ year }) => year)))].sort((a, b) => (a < b ? -1 : 1));
    const cell = (found) => {
      if (!found || found.share === null || found.share === undefined || (found.open && !found.share)) return make("td", { class: "num" }, make("span", { class: "missing" }, "?"));
      const bar = document.createElementNS("http://www.w3.org/2000/svg", "svg");
      for (const [key, value] of Object.entries({ viewBox: "0 0 20 10", class: "share", "aria-hidden": "true" })) bar.setAttribute(key, value);
      for (const [name, width] of [["q1", 20], ["q5", 20 * found.share]]) {
        const rect = document.createElementNS("http://www.w3.org/2000/svg", "rect");
        for (const [key, value] of Object.entries({ class: name, width, height: 10 })) rect.setAttribute(key, value);
        bar.append(rect);
      }
      const percent = found.share > 0 && found.share < 0.01 ? "<1" : Math.floor(found.share * 100 + 1e-9);
      return make("td", { class: "num", title: found.tiles === undefined || found.tiles === null ? null : `${found.tiles} tiles${found.of ? ` of ${found.of}` : ""}` }, bar, ` ${most && found.share ? "≤\u202f" : ""}${percent}\u202f%`);
    };
    return make("div", {}, make("p", { class: "note" }, caption), make("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Share covered by year" },
      make("table", { class: "shares" },
        make("thead", {}, make("tr", {}, make("th", { scope: "col" }, "Product"), ...years.map((year) => make("th", { scope: "col", class: "num" }, `${year}`)))),
        make("tbody", {}, ...rows.map(({ product, years: found }) => make("tr", {}, make("th", { scope: "row" }, make("a", { href: atlas.root + product.path }, product.title)), ...years.map((year) => cell(found.find((one) => one.year === year)))))))));
  }

  const TIERS = [["stated", "stated to be complete"], ["may_cover", "partial, or not known here"], ["not_covered", "not there"]];
  async function byApi(api, asking, products) {
    const query = asking.text && !asking.text.startsWith("{") ? { bbox: asking.text } : { intersects: JSON.stringify({ type: "MultiPolygon", coordinates: asking.polygons }) };
    const response = await fetch(`${api.replace(/\/?$/, "/")}atlas/coverage?${new URLSearchParams({ ...query, limit: "1" })}`, { headers: { accept: "application/json" } });
    if (!response.ok) throw new Error(`the API answered ${response.status}`);
    const body = await response.json();
    const known = new Map(products.map((product) => [product.id, product]));
    const rows = body.covered.filter((entry) => known.has(entry.product)).map((entry) => ({ product: known.get(entry.product), years: entry.by_year }));
    const folds = TIERS.map(([key, name]) => [name, (body[key] ?? []).filter((entry) => known.has(entry.product))]).filter(([, entries]) => entries.length)
      .map(([name, entries]) => make("details", {}, make("summary", {}, `${entries.length} ${name}`), make("ul", {}, ...entries.map((entry) => make("li", {}, make("a", { href: atlas.root + known.get(entry.product).path }, entry.title), `: ${entry.reason}`)))));
    return { rows, folds };
  }

  /** The answer for an area: a sentence and what stands below it. */
  async function answer(asking, data, { api, only }) {
    const products = data.products.filter((product) => !only || product.id === only);
    let rows, folds = [], note = "";
    if (api) {
      try {
        ({ rows, folds } = await byApi(api, asking, products));
      } catch (error) {
        note = `The API could not be reached: ${error.message}. `;
        if (!asking.polygons.length) return { sentence: note, content: [make("p", {}, note)] };
      }
    }
    const exact = rows !== undefined;
    rows ??= (await byCells(asking.polygons, products.filter((product) => product.cells))).filter((row) => row.years.some(({ share }) => share > 0) || row.product.state === "whole");
    const caption = exact ? "Share of the area that tiles cover, as the API measures it." : `${note}Share of the area in one-degree cells that have tiles: an upper bound, since each cell counts whole. “?” where only a part of an index was read. Features that overlap count twice.`;
    const content = [rows.length ? table(rows, caption, !exact) : make("p", {}, `${note}No index that was read lists tiles there.`), ...folds];
    if (!exact) content.push(make("p", { class: "note" }, "Products whose index was not read cannot be measured: ask for a point in the area."));
    if (!asking.text) content.push(make("p", { class: "note" }, "The outline is too long for this page’s address: open the file again to return to it."));
    return { sentence: rows.length ? `${rows.length} ${rows.length === 1 ? "product" : "products"} measured by year.` : "no tiles found.", content };
  }
  return { parse, answer, table };
})();
