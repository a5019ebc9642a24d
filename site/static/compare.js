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
  const relations = new Map(JSON.parse(document.getElementById("relations").textContent).map(([a, b, relation, note]) => [`${a} ${b}`, { relation, note }]));

  function spaceSentence(chosen) {
    const pairs = [];
    for (let i = 0; i < chosen.length; i += 1)
      for (let j = i + 1; j < chosen.length; j += 1) {
        const [a, b] = [heads[ids.indexOf(chosen[i])], heads[ids.indexOf(chosen[j])]];
        const [s, t] = [a.dataset.space, b.dataset.space];
        const names = `${a.textContent.trim()} and ${b.textContent.trim()}`;
        const known = relations.get(`${s} ${t}`) ?? relations.get(`${t} ${s}`);
        if (!s || !t) pairs.push(["unknown", `${names}: the vector space of at least one is not stated. Do not compare their vectors.`]);
        else if (s === t) pairs.push(["same", `${names} share the space ${s}: their vectors may be compared.`]);
        else if (known?.relation === "compatible") pairs.push(["same", `${names}: different spaces that may be compared. ${known.note}`]);
        else if (known?.relation === "contains") pairs.push(["different", `${names}: one space is part of the other. ${known.note}`]);
        else pairs.push(["different", `${names} lie in different spaces: a distance between their vectors means nothing.${known ? ` ${known.note}` : ""}`]);
      }
    return pairs;
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
    if (comparing) {
      for (const [kind, text] of spaceSentence(kept))
        verdict.append(make("div", { class: `notice notice-${kind === "same" ? "good" : "warn"}`, role: "note" }, make("p", { class: "notice-title" }, { same: "Same vector space", different: "Not comparable", unknown: "Not stated" }[kind]), make("p", {}, text)));
      verdict.append(make("p", {}, `${differing.length} rows differ and stand first; ${equal.length} are equal.`));
    } else if (kept.length === 1) {
      verdict.append(make("p", {}, "Choose at least one more product."));
    }
    // Commas stay readable in the address.
    try { history.replaceState(null, "", kept.length ? `?ids=${kept.map(encodeURIComponent).join(",")}` : location.pathname); } catch { /* refused from disk */ }
  }
  form.addEventListener("submit", (event) => { event.preventDefault(); show(selects.map((s) => s.value).filter(Boolean)); });
  form.addEventListener("change", () => show(selects.map((s) => s.value).filter(Boolean)));
  show((new URLSearchParams(location.search).get("ids") ?? "").split(",").filter(Boolean));
})();
