// The place search: countries, regions and towns of GeoNames, loaded on first use, and the list that a field shows.
"use strict";
atlas.places = (() => {
  const { make } = atlas;
  // Letters that Unicode does not take apart into a base and a mark.
  const LETTERS = { ß: "ss", æ: "ae", œ: "oe", ø: "o", đ: "d", ð: "d", ł: "l", ı: "i", þ: "th", "’": "'", "ʻ": "'", "‘": "'" };
  const fold = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().replace(/[ßæœøđðłıþ’ʻ‘]/g, (c) => LETTERS[c]).trim();
  const KINDS = ["country", "region", "town"];
  let ready;

  /** Every place with its folded names. */
  async function all() {
    ready ??= atlas.load("places").then(({ countries, regions, cities }) => {
      const country = ([name, code, lon, lat, also]) => ({ kind: 0, name, where: [], keys: [fold(name), ...(also ? [fold(also)] : [])], code: code.toLowerCase(), lon, lat });
      const lands = countries.map(country);
      const areas = regions.map(([name, of, lon, lat]) => ({ kind: 1, name, where: [lands[of]], keys: [fold(name)], lon, lat }));
      const towns = cities.map(([name, of, lon, lat]) => ({ kind: 2, name, where: of < 0 ? [lands[-1 - of]] : [areas[of], ...areas[of].where], keys: [fold(name)], lon, lat }));
      // Each list begins with its largest population: places of one rank in their lists stand side by side, countries first.
      for (const list of [areas, towns]) list.forEach((place, n) => { place.order = n; });
      lands.forEach((place, n) => { place.order = n - lands.length; });
      return [...lands, ...areas, ...towns];
    });
    return ready;
  }
  const label = (place) => [place.name, ...place.where.map((w) => w.name)].join(", ");

  /** Places that fit a text such as “paris” or “paris, us”, the best first; `exact` asks for the whole name. */
  async function find(text, { limit = 8, exact = false } = {}) {
    const [wanted, ...within] = fold(text).split(/\s*,\s*/).filter(Boolean);
    if (!wanted) return [];
    const score = (place) => {
      let best = 3;
      for (const key of place.keys) best = Math.min(best, key === wanted ? 0 : key.startsWith(wanted) ? 1 : key.includes(` ${wanted}`) || key.includes(`-${wanted}`) ? 2 : 3);
      if (best === 3 || (exact && best)) return 9;
      return within.every((part) => place.where.some((w) => w.code === part || w.keys.some((key) => key.startsWith(part)))) ? best : 9;
    };
    const found = [];
    for (const place of await all()) {
      const rank = score(place);
      if (rank < 9) found.push({ rank, order: place.order, place });
    }
    found.sort((a, b) => a.rank - b.rank || a.order - b.order);
    return found.slice(0, limit).map(({ place }) => ({ name: label(place), kind: KINDS[place.kind], lon: place.lon, lat: place.lat }));
  }

  /** Make a field a combobox (ARIA 1.2, list autocomplete); `picked` is called with the chosen place. */
  function attach(input, picked) {
    const id = `${input.id}-list`;
    const list = make("ul", { id, role: "listbox", "aria-label": "Places", class: "places", hidden: true });
    input.after(list);
    for (const [key, value] of Object.entries({ role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": id })) input.setAttribute(key, value);
    let shown = [], active = -1, asked = 0;
    const close = () => {
      asked += 1;
      active = -1;
      list.hidden = true;
      input.setAttribute("aria-expanded", "false");
      input.removeAttribute("aria-activedescendant");
    };
    const choose = (place) => {
      input.value = place.name;
      close();
      picked(place);
    };
    const point = (to) => {
      list.children[active]?.setAttribute("aria-selected", "false");
      active = (to + shown.length) % shown.length;
      const option = list.children[active];
      option.setAttribute("aria-selected", "true");
      option.scrollIntoView({ block: "nearest" });
      input.setAttribute("aria-activedescendant", option.id);
    };
    async function show() {
      const turn = (asked += 1);
      const text = input.value.trim();
      let found = [];
      try {
        if (text.length > 1 && !/^[-+\d.\s]+/.test(text)) found = await find(text);
      } catch { /* asking with Enter says what is wrong */ }
      if (turn !== asked) return;
      close();
      shown = found;
      if (!shown.length) return;
      list.replaceChildren(...shown.map((place, n) => {
        const option = make("li", { role: "option", id: `${id}-${n}`, "aria-selected": "false" }, place.name, " ", make("span", { class: "kind" }, place.kind));
        option.addEventListener("pointerdown", (event) => { event.preventDefault(); choose(place); });
        return option;
      }));
      list.hidden = false;
      input.setAttribute("aria-expanded", "true");
    }
    input.addEventListener("input", show);
    input.addEventListener("blur", close);
    input.addEventListener("keydown", (event) => {
      const open = !list.hidden;
      if (event.key === "Escape" && open) { event.preventDefault(); close(); }
      else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && open) { event.preventDefault(); point(active < 0 && event.key === "ArrowUp" ? -1 : active + (event.key === "ArrowDown" ? 1 : -1)); }
      else if (event.key === "ArrowDown") { event.preventDefault(); show(); }
      else if (event.key === "Enter" && open && active >= 0) { event.preventDefault(); choose(shown[active]); }
      else if (event.key === "Enter") close();
    });
  }
  return { attach, find };
})();
