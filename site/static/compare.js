// Two to four products side by side: the whole table stands in the page; this hides what was not chosen,
// puts the rows that differ first and warns about vector spaces.
"use strict";
(() => {
  const table = document.getElementById("comparison");
  const form = document.querySelector("[data-pick]");
  if (!table || !form) return;
  const { make } = atlas;
  const MOST = 4;
  const heads = [...table.tHead.rows[0].cells];
  const ids = heads.map((head) => head.dataset.id);
  const rows = [...table.tBodies[0].rows];
  const grid = [table.tHead.rows[0], ...rows].map((row) => [...row.cells]);
  const verdict = document.querySelector("[data-verdict]");
  const said = document.querySelector("[data-differing]");
  const told = document.querySelector("[data-unknown]");
  const selects = [...form.querySelectorAll("select")];
  const TITLES = { yes: "May be compared", no: "Not comparable", partly: "Comparable in part", not_stated: "Not stated", unknown: "Unknown" };
  let shown = 0;

  /** Verdict, names and reason of each two; the verdicts were worked out when the site was built. */
  async function pairs(chosen) {
    const known = await atlas.load("spaces");
    const found = [];
    for (let i = 0; i < chosen.length; i += 1)
      for (let j = i + 1; j < chosen.length; j += 1) {
        const [a, b] = [heads[ids.indexOf(chosen[i])], heads[ids.indexOf(chosen[j])]];
        const [s, t] = [a.dataset.space, b.dataset.space];
        const [verdict, text, gist] = !s || !t ? known.unstated : s === t ? known.same : known.pairs[`${s} ${t}`] ?? known.pairs[`${t} ${s}`];
        // the words name the two in the order of the pair
        const [one, other] = known.pairs[`${t} ${s}`] ? [b, a] : [a, b];
        found.push([verdict, `${one.textContent.trim()} and ${other.textContent.trim()}`, text, known.gists[gist] ?? text]);
      }
    return found;
  }
  async function judge(chosen, differing, equal) {
    const turn = (shown += 1);
    const told = new Map();
    for (const [kind, names, text, gist] of await pairs(chosen)) {
      const key = `${kind} ${gist}`;
      if (!told.has(key)) told.set(key, { kind, gist, pairs: [] });
      told.get(key).pairs.push([names, text]);
    }
    if (turn !== shown) return; // others were chosen meanwhile
    verdict.replaceChildren(
      ...[...told.values()].map(({ kind, gist, pairs: [first, ...more] }) =>
        make("div", { class: `notice notice-${kind === "yes" ? "good" : "warn"}`, role: "note" },
          make("p", { class: "notice-title" }, TITLES[kind]),
          make("p", {}, more.length ? gist : `${first[0]}: ${first[1]}`),
          more.length ? make("ul", {}, ...[first, ...more].map(([names]) => make("li", {}, names))) : null)));
    said.replaceChildren(`${differing} ${differing === 1 ? "row differs and comes" : "rows differ and come"} first; ${equal} ${equal === 1 ? "is" : "are"} equal.`);
  }
  /** The chosen columns in the order in which they were chosen, then the others as listed. */
  function arrange(kept) {
    const wanted = [0, ...kept.map((id) => ids.indexOf(id)), ...ids.map((_, i) => i).filter((i) => i && !kept.includes(ids[i]))];
    [table.tHead.rows[0], ...rows].forEach((row, n) => row.append(...wanted.map((i) => grid[n][i])));
  }
  /** How alike two texts are, by Ratcliff and Obershelp: 1 where they are the same. */
  function alike(a, b) {
    const common = (x, y) => {
      let [most, from, to] = [0, 0, 0];
      for (let i = 0; i < x.length; i += 1)
        for (let j = 0, n; j < y.length; j += 1) {
          for (n = 0; x[i + n] !== undefined && x[i + n] === y[j + n]; n += 1);
          if (n > most) [most, from, to] = [n, i, j];
        }
      return most && most + common(x.slice(0, from), y.slice(0, to)) + common(x.slice(from + most), y.slice(to + most));
    };
    return (2 * common(a, b)) / (a.length + b.length);
  }
  /** The products whose id, title or alias contains a name or resembles it, as atlas/records/names.py finds them. */
  function near(name) {
    const wanted = name.toLowerCase();
    const named = new Map(heads.slice(1).map((head) => [head.dataset.id, [head.dataset.id, head.textContent.trim(), ...(head.dataset.aliases ?? "").split("|")].map((one) => one.toLowerCase())]));
    const those = (fits) => [...named.keys()].sort().filter((id) => named.get(id).some(fits));
    const found = wanted.length < 3 ? [] : [...those((one) => one.startsWith(wanted)), ...those((one) => one.includes(wanted))];
    if (found.length) return [...new Set(found)].slice(0, 3);
    return [...named.keys()].map((id) => [alike(id, wanted), id]).filter(([share]) => share >= 0.6).sort(([a, x], [b, y]) => b - a || (x < y ? 1 : -1)).slice(0, 3).map(([, id]) => id);
  }
  /** What was asked for and is not shown: names that no product has, and more than stand side by side. */
  function tell(chosen, over) {
    told.replaceChildren(
      ...chosen.filter((name) => !ids.includes(name)).map((name) => {
        const short = name.slice(0, 60);
        const others = near(short).flatMap((id, n) => [n ? " or " : "; did you mean ", make("button", { type: "button", class: "other", onclick: () => show(chosen.map((one) => (one === name ? id : one))) }, id)]);
        return make("p", {}, `There is no product “${short}”`, ...others, others.length ? "?" : ".");
      }),
      over.length ? make("p", {}, `At most ${MOST} products stand side by side; left out: ${over.map((id) => heads[ids.indexOf(id)].textContent.trim()).join(", ")}.`) : "");
  }
  function show(asked) {
    const chosen = [...new Set(asked)];
    const known = chosen.filter((name) => ids.includes(name)), kept = known.slice(0, MOST);
    tell(chosen, known.slice(MOST));
    const comparing = kept.length >= 2;
    selects.forEach((select, i) => { select.value = kept[i] ?? ""; });
    table.classList.toggle("chosen", comparing);
    table.classList.toggle("many", kept.length > 2);
    arrange(comparing ? kept : []);
    heads.forEach((head, i) => { if (i) head.hidden = comparing && !kept.includes(ids[i]); });
    const differing = [], equal = [];
    for (const [n, row] of rows.entries()) {
      const cells = grid[n + 1];
      cells.forEach((cell, i) => { if (i) cell.hidden = comparing && !kept.includes(ids[i]); });
      // A phone shows three and more below each other, each with its name.
      for (const id of kept) cells[ids.indexOf(id)].dataset.name = heads[ids.indexOf(id)].textContent.trim();
      const values = new Set(kept.map((id) => cells[ids.indexOf(id)].textContent.trim()));
      row.classList.toggle("differs", comparing && values.size > 1);
      row.classList.toggle("equal", comparing && values.size === 1);
      (values.size > 1 ? differing : equal).push(row);
    }
    table.tBodies[0].append(...(comparing ? [...differing, ...equal] : rows));
    verdict.replaceChildren();
    said.replaceChildren(comparing ? "" : "Choose two to four products above to see them side by side.");
    shown += 1;
    if (comparing) judge(kept, differing.length, equal.length);
    else if (kept.length === 1) verdict.append(make("p", {}, "Choose at least one more product."));
    // Commas stay readable in the address.
    try { history.replaceState(null, "", chosen.length ? `?ids=${chosen.map(encodeURIComponent).join(",")}` : location.pathname); } catch { /* refused from disk */ }
  }
  const picked = () => selects.map((s) => s.value).filter(Boolean);
  form.addEventListener("submit", (event) => { event.preventDefault(); show(picked()); });
  form.addEventListener("change", () => show(picked()));
  const asked = (new URLSearchParams(location.search).get("ids") ?? "").split(",").filter(Boolean);
  show(asked.length ? asked : picked()); // picked before this script was there
})();
