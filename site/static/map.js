// The map that zooms: the drawn one, moved and scaled by D3 and drawn again where more can be seen. Loaded on use.
"use strict";
atlas.map = (svg, { area }) => {
  const { geoEqualEarth, geoPath, select, zoom, zoomIdentity, zoomTransform } = d3Map;
  const { make } = atlas;
  const SVG = "http://www.w3.org/2000/svg";
  const WIDTH = 2000, HEIGHT = 994, EDGE = 20, MOST = 64, FINE = 3;
  // Extremes of Equal Earth on the unit sphere, as the drawn map has them.
  const projection = geoEqualEarth().scale((WIDTH - 2 * EDGE) / (2 * 2.706629984)).translate([WIDTH / 2, HEIGHT / 2]).precision(0.3);
  const path = geoPath(projection);
  const whole = svg.querySelector("[data-zoom]"), layer = svg.querySelector("[data-layer]");
  const shapes = svg.querySelector("g[clip-path]");
  const node = (tag, attributes, parent) => {
    const made = document.createElementNS(SVG, tag);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    parent?.append(made);
    return made;
  };
  const fine = node("g", { class: "fine-land" });
  const first = shapes.querySelector("path.stated, path.stated-part, path.q1, path.q2, path.q3, path.q4, path.q5, use.coast, [data-layer]");
  first.before(fine);
  const coasts = node("g", { class: "fine-coast" }, layer);
  const box = node("g", {}, layer), cross = node("g", { class: "mark-at" }, layer);
  const labels = whole.querySelector("g[aria-hidden]");
  const letters = Number(labels.getAttribute("font-size"));

  // Countries at 1:50 million, where they can be told from the coarser land.
  let countries = null;
  async function detail({ k, x, y }) {
    if (k < FINE) return svg.classList.remove("fine");
    countries ??= atlas.load("countries").then(({ features }) => features.map((feature) => ({ feature, bounds: path.bounds(feature) })));
    const all = await countries;
    if (zoomTransform(svg).k < FINE) return;
    const seen = ([[left, top], [right, bottom]]) => right * k + x > 0 && left * k + x < WIDTH && bottom * k + y > 0 && top * k + y < HEIGHT;
    const tint = Boolean(shapes.querySelector("use.land-covered"));
    for (const country of all) {
      if (!seen(country.bounds)) {
        country.drawn?.remove();
        country.coast?.remove();
      } else if (!country.drawn?.isConnected) {
        const d = country.drawn?.getAttribute("d") ?? path(country.feature);
        country.drawn ??= node("path", { d });
        country.coast ??= node("path", { class: "coast", d }); // again above the cells, which hide the land
        fine.append(country.drawn);
        coasts.append(country.coast);
      }
      country.drawn?.setAttribute("class", tint && country.feature.properties.name !== "Antarctica" ? "land land-covered" : "land");
    }
    svg.classList.add("fine");
  }

  function scaled({ k }) {
    for (const one of cross.children) one.setAttribute("transform", `${one.dataset.at} scale(${1 / k})`);
    labels.setAttribute("font-size", letters / k);
  }
  let drawing = false, marked = null;
  const behaviour = zoom().scaleExtent([1, MOST]).translateExtent([[0, 0], [WIDTH, HEIGHT]])
    // The page scrolls under the wheel and under one finger, until the map is asked to zoom.
    .filter((event) => !drawing && !event.button && (event.type !== "wheel" || event.ctrlKey || document.activeElement === svg) && !(event.touches?.length === 1 && zoomTransform(svg).k === 1))
    .on("zoom", ({ transform }) => {
      whole.setAttribute("transform", transform.toString());
      svg.classList.toggle("zoomed", transform.k > 1);
      scaled(transform);
    })
    .on("end", ({ transform }) => { detail(transform).catch(() => {}); });
  const chart = select(svg).call(behaviour).on("dblclick.zoom", null);
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const moved = () => (still ? chart : chart.transition().duration(250));
  /** Zoom about the mark where there is one in sight; 0 shows the whole world. */
  function by(factor) {
    if (!factor) return moved().call(behaviour.transform, zoomIdentity);
    const about = marked && zoomTransform(svg).apply(marked);
    const seen = about && about[0] > 0 && about[1] > 0 && about[0] < WIDTH && about[1] < HEIGHT;
    return moved().call(behaviour.scaleBy, factor, seen ? about : [WIDTH / 2, HEIGHT / 2]);
  }

  const button = (text, name, onclick) => make("button", { type: "button", "aria-label": name, title: name, onclick }, text);
  const tools = make("div", { class: "map-tools" }, button("+", "Zoom in", () => by(2)), button("−", "Zoom out", () => by(0.5)), button("⤢", "Whole world", () => by(0)));
  const draws = document.getElementById("file") && button("▭", "Draw an area", () => set(!drawing));
  if (draws) tools.append(draws);
  svg.before(tools);

  const at = (x, y) => {
    const point = new DOMPoint(x, y).matrixTransform(whole.getScreenCTM().inverse());
    return [point.x, point.y];
  };
  function invert(x, y) {
    const found = projection.invert(at(x, y));
    return found && Number.isFinite(found[0]) && Math.abs(found[0]) <= 180 && Math.abs(found[1]) <= 90 ? found : null;
  }

  // Drawing a rectangle: from corner to corner, as meridians and parallels.
  function set(on) {
    drawing = on;
    draws.setAttribute("aria-pressed", on);
    svg.classList.toggle("draws", on);
  }
  let corner = null;
  const corners = ([a, b], [c, d]) => [Math.min(a, c), Math.min(b, d), Math.max(a, c), Math.max(b, d)].map((v) => Number(v.toFixed(3)));
  const ringOf = ([w, s, e, n]) => [[[w, s], [e, s], [e, n], [w, n], [w, s]]];
  svg.addEventListener("pointerdown", (event) => {
    corner = drawing ? invert(event.clientX, event.clientY) : null;
    if (corner) svg.setPointerCapture(event.pointerId);
  });
  svg.addEventListener("pointermove", (event) => {
    const other = corner && invert(event.clientX, event.clientY);
    if (other) outline([ringOf(corners(corner, other))]);
  });
  svg.addEventListener("pointerup", (event) => {
    const other = corner && invert(event.clientX, event.clientY);
    const drawn = other && corners(corner, other);
    corner = null;
    if (!drawn || drawn[0] === drawn[2] || drawn[1] === drawn[3]) return;
    set(false);
    svg.addEventListener("click", (click) => click.stopImmediatePropagation(), { once: true, capture: true });
    area(drawn.join(","));
  });

  function clear() {
    marked = null;
    box.replaceChildren();
    cross.replaceChildren();
  }
  function mark(lon, lat) {
    const [x, y] = projection([lon, lat]);
    clear();
    marked = [x, y];
    const one = node("path", { class: "point", d: "M-26 0h18m16 0h18M0 -26v18m0 16v18M-10 0a10 10 0 1 0 20 0a10 10 0 1 0 -20 0" }, cross);
    one.dataset.at = `translate(${x} ${y})`;
    const now = zoomTransform(svg);
    const [px, py] = now.apply([x, y]);
    scaled(now);
    if (px < 0 || py < 0 || px > WIDTH || py > HEIGHT) chart.call(behaviour.translateTo, x, y);
  }
  /** Rings of an area; sides along parallels are parallels, not great circles. */
  function outline(polygons) {
    const fine = (ring) => ring.flatMap(([a, b], i) => {
      if (i === ring.length - 1) return [[a, b]];
      const [c, d] = ring[i + 1];
      const steps = Math.max(1, Math.ceil(Math.max(Math.abs(c - a), Math.abs(d - b))));
      return Array.from({ length: steps }, (_, n) => [a + ((c - a) * n) / steps, b + ((d - b) * n) / steps]);
    });
    clear();
    node("path", { class: "area-outline", d: path({ type: "MultiLineString", coordinates: polygons.flat().map(fine) }) ?? "" }, box);
  }

  const CLASSES = [[], [3], [2, 4], [1, 3, 5], [1, 2, 4, 5], [1, 2, 3, 4, 5]];
  const has = (mask, i) => Math.floor(mask / 2 ** i) % 2 === 1;
  /** The map of one product, of one year, or of all: what was read as cells, what is stated as land or region. */
  async function show({ products }, id, year, legend) {
    const count = new Uint16Array(180 * 360);
    let land = 0, somewhere = 0;
    const regions = [];
    for (const product of products) {
      if (product.type === "location" || (id && product.id !== id)) continue;
      if (product.cells) {
        const cells = await atlas.load(`cells/${product.id}`);
        const at = year ? cells.years.indexOf(year) : -1;
        for (const [south, row] of Object.entries(cells.rows))
          for (let i = 0; i < row.length; i += 3)
            if (!year || (at >= 0 && has(row[i + 2], at)))
              for (let c = row[i]; c < row[i] + row[i + 1]; c += 1) count[(Number(south) + 90) * 360 + c + 180] += 1;
        if (product.state === "whole") continue;
      }
      const [, verdict] = product.inside[year || "any"];
      if (verdict === "no") continue;
      if (product.drawn === "land") land += verdict === "yes" || verdict === "partly" ? 1 : 0;
      else if (product.drawn) regions.push([verdict === "yes" || verdict === "partly" ? "stated" : "stated-part", product.drawn]);
      if (product.drawn === null || (product.drawn === "land" && verdict !== "yes" && verdict !== "partly")) somewhere += product.boxes ? 1 : 0;
    }
    for (const old of svg.querySelectorAll("path.q1, path.q2, path.q3, path.q4, path.q5, path.stated, path.stated-part")) old.remove();
    const plural = (n) => `${n} product${n === 1 ? "" : "s"}`;
    // The legend has the order of the one that stands in the page: tiles, land, regions, what is not drawn.
    const [entries, places] = [[], []];
    for (const [kind, d] of regions) {
      layer.before(node("path", { class: kind, d }));
      const words = kind === "stated" ? "a region, stated to be complete" : "a region, stated in part";
      if (!places.some(([, text]) => text === words)) places.push([kind, words]);
    }
    const most = count.reduce((a, b) => Math.max(a, b), 0);
    const edges = [...new Set([1, 2, 3, 4, 5].map((i) => Math.round((most * i) / 5)))].filter((v) => v > 0);
    let low = 1;
    edges.forEach((high, n) => {
      const name = `q${CLASSES[edges.length][n]}`;
      layer.before(node("path", { class: name, d: cellPath(count, low, high) }));
      entries.push([name, `tiles of ${high > low ? `${low} to ${high} products` : plural(low)}, from ${high > 1 ? "their indexes" : "its index"}`]);
      low = high + 1;
    });
    for (const use of shapes.querySelectorAll("use.land")) use.classList.toggle("land-covered", land > 0);
    if (land) entries.push(["land-covered", `land, where ${plural(land)} ${land === 1 ? "is" : "are"} stated to be complete`]);
    entries.push(...places.sort(([a], [b]) => a.localeCompare(b)));
    if (somewhere) entries.push(["", `${plural(somewhere)} of parts of the world that nobody names, not drawn`]);
    if (!entries.length) entries.push(["", "no product is drawn"]);
    legend?.replaceChildren(...entries.map(([name, text]) => {
      if (!name) return make("li", {}, text);
      const key = node("svg", { viewBox: "0 0 14 10", width: 14, height: 10, "aria-hidden": "true" });
      node("rect", { class: name, width: 14, height: 10 }, key);
      return make("li", {}, key, text);
    }));
    detail(zoomTransform(svg)).catch(() => {});
  }
  function cellPath(count, low, high) {
    let data = "";
    for (let r = 0; r < 180; r += 1) {
      for (let c = 0; c < 360; c += 1) {
        if (count[r * 360 + c] < low || count[r * 360 + c] > high) continue;
        const from = c;
        while (c < 360 && count[r * 360 + c] >= low && count[r * 360 + c] <= high) c += 1;
        const [a, b, d, e] = [[from, r], [c, r], [c, r + 1], [from, r + 1]].map(([x, y]) => projection([x - 180, y - 90]).map((v) => v.toFixed(1)));
        data += `M${a}H${b[0]}L${d}H${e[0]}z`;
      }
    }
    return data;
  }

  return { mark, outline, clear, invert, show, zoom: by };
};
