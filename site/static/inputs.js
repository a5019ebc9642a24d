// The matrix of inputs: a filter over its rows, its columns and the tables of families; it stays in the address.
"use strict";
(() => {
  const form = document.querySelector("[data-matrix-filter]");
  const table = document.getElementById("rolled");
  if (!form || !table) return;
  const field = form.elements.q;
  const said = form.querySelector("[data-matched]");
  const rows = [...table.tBodies[0].rows];
  const heads = [...table.tHead.rows[0].cells];
  const families = [...document.querySelectorAll("details.family")];
  function apply() {
    const words = field.value.toLocaleLowerCase().split(/\s+/).filter(Boolean);
    const fits = (element) => words.every((word) => element.dataset.words.toLocaleLowerCase().includes(word));
    const byRow = rows.filter(fits), byColumn = heads.slice(1).filter(fits);
    // A word names data or products: what it does not name at all stays whole.
    const shownRows = new Set(byRow.length ? byRow : byColumn.length ? rows : []);
    const shownHeads = new Set(byColumn.length ? byColumn : byRow.length ? heads.slice(1) : []);
    for (const row of rows) row.hidden = !shownRows.has(row);
    heads.forEach((head, i) => {
      const hidden = i > 0 && !shownHeads.has(head);
      head.hidden = hidden;
      for (const row of rows) row.cells[i].hidden = hidden;
    });
    for (const family of families) family.hidden = !fits(family);
    said.textContent = words.length ? `${shownRows.size} of ${rows.length} rows, ${shownHeads.size} of ${heads.length - 1} columns` : "";
    const params = new URLSearchParams();
    if (words.length) params.set("q", field.value.trim());
    const { hash } = location;
    atlas.remember(params);
    if (hash) try { history.replaceState(null, "", location.search + hash); } catch { /* refused from disk */ }
  }
  form.addEventListener("submit", (event) => event.preventDefault());
  field.addEventListener("input", apply);
  field.value = new URLSearchParams(location.search).get("q") ?? field.value; // typed before this script was there
  if (field.value) apply();
})();
