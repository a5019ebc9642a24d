// What every page has: choice of colours, copy buttons, and a data loader that also works from disk, where a page may
// run scripts beside it but not fetch files.
"use strict";
window.atlas = (() => {
  const root = document.querySelector('meta[name="atlas-root"]').content.replace(/index\.html$/, "");
  const waiting = new Map();

  /** Data that a script in data/ hands over; see `load`. */
  function provide(name, value) {
    waiting.get(name)?.resolve(value);
  }

  /** The data of `data/<name>.js`, loaded once, as a promise. */
  function load(name) {
    if (!waiting.has(name)) {
      const entry = {};
      entry.promise = new Promise((resolve, reject) => Object.assign(entry, { resolve, reject }));
      waiting.set(name, entry);
      const script = document.createElement("script");
      script.src = `${root}data/${name}.js`;
      script.onerror = () => {
        waiting.delete(name);
        entry.reject(new Error(`The file data/${name}.js could not be loaded.`));
      };
      document.head.append(script);
    }
    return waiting.get(name).promise;
  }

  /** A script that the page names for later, by the end of its path; the page also names its version. */
  function script(name) {
    const named = [...document.querySelectorAll('meta[name="atlas-later"]')].map((meta) => meta.content);
    const address = named.find((one) => one.split("?")[0].endsWith(`/${name}`));
    return new Promise((resolve, reject) => {
      const element = document.createElement("script");
      element.src = address;
      element.onload = resolve;
      element.onerror = () => reject(new Error(`${name} could not be loaded.`));
      document.head.append(element);
    });
  }

  /** An element with attributes and children; text is always text. */
  function make(tag, attributes = {}, ...children) {
    const element = document.createElement(tag);
    for (const [key, value] of Object.entries(attributes)) {
      if (value === false || value === null || value === undefined) continue;
      if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
      else element.setAttribute(key, value === true ? "" : value);
    }
    element.append(...children.filter((child) => child !== null && child !== undefined));
    return element;
  }

  /** Replace the query of the address; `push` makes a new entry in the history, so that Back returns to the last. */
  function remember(params, push = false) {
    const query = params.toString();
    if (location.search === (query ? `?${query}` : "")) return;
    try {
      history[push ? "pushState" : "replaceState"](null, "", query ? `?${query}` : location.pathname);
    } catch { /* a browser may refuse this from disk */ }
  }

  /** Whether a box [west, south, east, north] holds a position; longitude 180 is longitude -180. */
  const inBox = ([w, s, e, n], lon, lat) => lat >= s && lat <= n && (Math.abs(lon) === 180 ? w === -180 || e === 180 : lon >= w && lon <= e);
  /** South and west edge of the cell of one degree that holds a position. */
  const cell = (lon, lat) => [Math.min(89, Math.floor(lat)), Math.min(179, Math.floor(lon))];
  /** Whether a position lies in a cell of `data/sea.js`. */
  function atSea(rows, lon, lat) {
    const [row, column] = cell(lon, lat);
    const runs = rows[row] ?? [];
    for (let i = 0; i < runs.length; i += 2) if (column >= runs[i] && column < runs[i] + runs[i + 1]) return true;
    return false;
  }

  const has = (mask, i) => Math.floor(mask / 2 ** i) % 2 === 1;
  /** Years in which the cell of a position has tiles, by a cell file. */
  function cellYears(cells, lon, lat) {
    const [row, column] = cell(lon, lat);
    const runs = cells.rows[row] ?? [];
    for (let i = 0; i < runs.length; i += 3)
      if (column >= runs[i] && column < runs[i] + runs[i + 1]) return cells.years.filter((_, k) => has(runs[i + 2], k));
    return [];
  }
  /** Years as runs: 2017–2019, 2021. */
  const spans = (years) => {
    const parts = [];
    for (const year of years) {
      const last = parts.at(-1);
      if (last && year === last[1] + 1) last[1] = year;
      else parts.push([year, year]);
    }
    return parts.map(([a, b]) => (a === b ? `${a}` : `${a}–${b}`)).join(", ");
  };

  /** A size with a decimal unit, as the pages write it. */
  function size(bytes) {
    const units = ["B", "kB", "MB", "GB", "TB", "PB", "EB"];
    let i = 0;
    for (; bytes >= 999.5 && i < units.length - 1; i += 1) bytes /= 1000;
    return `${Number(bytes.toPrecision(3))}\u202f${units[i]}`;
  }

  /** A number, as the pages write it: thin spaces between thousands. */
  const number = (value) => value.toLocaleString("en-GB").replaceAll(",", "\u202f");

  return { root, provide, load, script, make, remember, inBox, cell, atSea, cellYears, spans, number, size };
})();

(() => {
  const themes = ["auto", "light", "dark"];
  const button = document.querySelector("[data-theme-toggle]");
  const label = document.querySelector("[data-theme-name]");
  const html = document.documentElement;
  const show = () => { label.textContent = html.dataset.theme ?? "auto"; };
  button?.addEventListener("click", () => {
    const next = themes[(themes.indexOf(html.dataset.theme ?? "auto") + 1) % themes.length];
    if (next === "auto") delete html.dataset.theme;
    else html.dataset.theme = next;
    try {
      if (next === "auto") localStorage.removeItem("atlas-theme");
      else localStorage.setItem("atlas-theme", next);
    } catch { /* not remembered, still shown */ }
    show();
  });
  if (button) show();

  async function copy(text) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      // Without a secure context there is no clipboard object: the older way.
      const area = atlas.make("textarea", { readonly: true, class: "visually-hidden" });
      area.value = text;
      document.body.append(area);
      area.select();
      const done = document.execCommand("copy");
      area.remove();
      return done;
    }
  }
  document.addEventListener("click", async (event) => {
    const wanted = event.target.closest?.("[data-png]");
    if (!wanted) return;
    try {
      if (!atlas.picture) await atlas.script("figure.js");
      await atlas.picture(wanted);
    } catch {
      const before = wanted.textContent;
      wanted.textContent = "Not possible";
      setTimeout(() => { wanted.textContent = before; }, 1600);
    }
  });
  document.addEventListener("click", async (event) => {
    const pressed = event.target.closest?.("[data-copy]");
    if (!pressed) return;
    const source = pressed.closest(".code").querySelector("code");
    const done = await copy(source.textContent);
    const before = pressed.textContent;
    pressed.textContent = done ? "Copied" : "Not possible";
    setTimeout(() => { pressed.textContent = before; }, 1600);
  });
})();

// The list of headings: open beside the page, folded where it lies above it; marks where the reader is.
(() => {
  const list = document.querySelector(".contents details");
  if (!list) return;
  const wide = matchMedia("(min-width: 72rem)");
  const fold = () => { list.open = wide.matches; list.dataset.ready = ""; };
  fold();
  wide.addEventListener("change", fold);
  const links = [...list.querySelectorAll("a")];
  list.addEventListener("click", (event) => { if (event.target.closest("a") && !wide.matches) list.open = false; });
  const targets = links.map((link) => document.getElementById(decodeURIComponent(link.hash.slice(1))));
  const mark = () => {
    const passed = targets.filter((target) => target && target.getBoundingClientRect().top < 140).length;
    links.forEach((link, i) => { if (i === passed - 1) link.setAttribute("aria-current", "true"); else link.removeAttribute("aria-current"); });
  };
  let waiting = false;
  addEventListener("scroll", () => { if (!waiting) { waiting = true; requestAnimationFrame(() => { waiting = false; mark(); }); } }, { passive: true });
  mark();
})();
