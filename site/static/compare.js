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
  const order = [...rows];
  const verdict = document.querySelector("[data-verdict]");
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
        const [verdict, text] = !s || !t ? known.unstated : s === t ? known.same : known.pairs[`${s} ${t}`] ?? known.pairs[`${t} ${s}`];
        // the words name the two in the order of the pair
        const [one, other] = known.pairs[`${t} ${s}`] ? [b, a] : [a, b];
        found.push([verdict, `${one.textContent.trim()} and ${other.textContent.trim()}`, text]);
      }
    return found;
  }
  async function judge(chosen, differing, equal) {
    const turn = (shown += 1);
    const found = await pairs(chosen);
    if (turn !== shown) return; // others were chosen meanwhile
    verdict.replaceChildren(
      ...found.map(([kind, names, text]) =>
        make("div", { class: `notice notice-${kind === "yes" ? "good" : "warn"}`, role: "note" }, make("p", { class: "notice-title" }, TITLES[kind]), make("p", {}, `${names}: ${text}`))),
      make("p", {}, `${differing} rows differ and come first; ${equal} are equal.`));
  }
  function show(chosen) {
    const kept = chosen.filter((id, i) => ids.includes(id) && chosen.indexOf(id) === i).slice(0, MOST);
    const comparing = kept.length >= 2;
    selects.forEach((select, i) => { select.value = kept[i] ?? ""; });
    table.classList.toggle("chosen", comparing);
    heads.forEach((head, i) => { if (i) head.hidden = comparing && !kept.includes(ids[i]); });
    const differing = [], equal = [];
    for (const row of order) {
      const cells = [...row.cells];
      cells.forEach((cell, i) => { if (i) cell.hidden = comparing && !kept.includes(ids[i]); });
      const values = new Set(kept.map((id) => cells[ids.indexOf(id)].textContent.trim()));
      row.classList.toggle("differs", comparing && values.size > 1);
      row.classList.toggle("equal", comparing && values.size === 1);
      (values.size > 1 ? differing : equal).push(row);
    }
    table.tBodies[0].append(...(comparing ? [...differing, ...equal] : order));
    verdict.replaceChildren();
    shown += 1;
    if (comparing) judge(kept, differing.length, equal.length);
    else if (kept.length === 1) verdict.append(make("p", {}, "Choose at least one more product."));
    // Commas stay readable in the address.
    try { history.replaceState(null, "", kept.length ? `?ids=${kept.map(encodeURIComponent).join(",")}` : location.pathname); } catch { /* refused from disk */ }
  }
  form.addEventListener("submit", (event) => { event.preventDefault(); show(selects.map((s) => s.value).filter(Boolean)); });
  form.addEventListener("change", () => show(selects.map((s) => s.value).filter(Boolean)));
  show((new URLSearchParams(location.search).get("ids") ?? "").split(",").filter(Boolean));
})();
