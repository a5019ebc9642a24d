// The product table: sort by any column, filter by facets with counts, state in the address, CSV of what is shown.
"use strict";
(() => {
  const table = document.getElementById("products");
  const panel = document.querySelector("[data-facets]");
  if (!table || !panel) return;
  const { make } = atlas;
  const body = table.tBodies[0];
  const rows = [...body.rows];
  const heads = [...table.tHead.rows[0].cells];
  const status = document.querySelector("[data-count]");
  const box = document.querySelector("[data-filter]");
  const params = new URLSearchParams(location.search);
  const terms = new Map(rows.map((row) => [row, new Set(row.dataset.terms.split(" "))]));
  const text = new Map(rows.map((row) => [row, row.textContent.toLocaleLowerCase()]));

  // Links to the pages of terms become switches.
  const boxes = [];
  for (const link of panel.querySelectorAll("a[data-term]")) {
    const [facet, term] = link.dataset.term.split("/");
    const input = make("input", { type: "checkbox", value: term });
    if (params.getAll(facet).includes(term)) input.checked = true;
    const count = link.parentElement.querySelector(".count");
    link.replaceWith(make("label", {}, input, " ", link.textContent));
    input.addEventListener("change", apply);
    boxes.push({ facet, term, input, count });
  }
  const wide = matchMedia("(min-width: 64rem)").matches;
  const folded = panel.querySelector(".all");
  [...folded.querySelectorAll("details")].forEach((group, i) => { group.open = (wide && i < 3) || Boolean(group.querySelector("input:checked")); });
  box.value = params.get("q") ?? box.value; // typed before this script was there
  folded.open = wide || Boolean(box.value || panel.querySelector("input:checked"));
  box.addEventListener("input", apply);

  function chosen() {
    const by = new Map();
    for (const { facet, term, input } of boxes) if (input.checked) by.set(facet, [...(by.get(facet) ?? []), term]);
    return by;
  }
  const fits = (row, by, words, without) =>
    words.every((word) => text.get(row).includes(word)) &&
    [...by].every(([facet, list]) => facet === without || list.some((term) => terms.get(row).has(`${facet}/${term}`)));

  function apply() {
    const by = chosen();
    const words = box.value.toLocaleLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const row of rows) {
      row.hidden = !fits(row, by, words);
      if (!row.hidden) shown += 1;
    }
    // A count says how many products a switch would show, given the other facets.
    for (const { facet, term, count } of boxes) {
      const n = rows.filter((row) => terms.get(row).has(`${facet}/${term}`) && fits(row, by, words, facet)).length;
      count.textContent = n;
      count.parentElement.classList.toggle("none", n === 0);
    }
    status.textContent = `${shown} of ${rows.length} products`;
    const next = new URLSearchParams();
    if (box.value.trim()) next.set("q", box.value.trim());
    for (const [facet, list] of by) for (const term of list) next.append(facet, term);
    const sorted = heads.find((head) => head.hasAttribute("aria-sort"));
    if (sorted) next.set("sort", `${sorted.getAttribute("aria-sort") === "descending" ? "-" : ""}${sorted.dataset.key}`);
    atlas.remember(next);
  }

  const value = (row, index, kind) => {
    const cell = row.cells[index];
    const raw = cell.dataset.value ?? cell.textContent.trim();
    if (kind !== "number") return raw.toLocaleLowerCase();
    return raw === "" ? null : Number(raw);
  };
  function sort(head, direction) {
    const index = heads.indexOf(head);
    const kind = head.dataset.sort;
    const sign = direction === "descending" ? -1 : 1;
    for (const other of heads) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", direction);
    sorter.value = `${sign < 0 ? "-" : ""}${head.dataset.key}`;
    // What is not stated stands last in either direction.
    const order = (a, b) => {
      const [x, y] = [value(a, index, kind), value(b, index, kind)];
      if (x === null || y === null) return (x === null) - (y === null);
      return sign * (kind === "number" ? x - y : x.localeCompare(y));
    };
    body.append(...[...rows].sort((a, b) => order(a, b) || rows.indexOf(a) - rows.indexOf(b)));
  }
  for (const head of heads) {
    const button = make("button", { type: "button" }, head.textContent.trim());
    button.addEventListener("click", () => {
      sort(head, head.getAttribute("aria-sort") === "ascending" ? "descending" : "ascending");
      apply();
    });
    head.replaceChildren(button);
  }
  // On a phone the rows are cards without a head: a list sorts them.
  const sorter = make("select", { id: "sort" }, make("option", { value: "" }, "as listed"),
    ...heads.flatMap((head) => ["", "-"].map((sign) => make("option", { value: sign + head.dataset.key }, `${head.textContent.trim()} ${sign ? "↓" : "↑"}`))));
  sorter.addEventListener("change", () => {
    const head = heads.find((h) => h.dataset.key === sorter.value.replace(/^-/, ""));
    if (!head) { for (const other of heads) other.removeAttribute("aria-sort"); body.append(...rows); }
    else sort(head, sorter.value.startsWith("-") ? "descending" : "ascending");
    apply();
  });
  document.querySelector(".listing .controls").append(make("div", { class: "field sort" }, make("label", { for: "sort" }, "Sort by"), sorter));
  const wanted = params.get("sort");
  if (wanted) {
    const head = heads.find((h) => h.dataset.key === wanted.replace(/^-/, ""));
    if (head) sort(head, wanted.startsWith("-") ? "descending" : "ascending");
  }

  document.querySelector("[data-clear]").addEventListener("click", () => {
    for (const { input } of boxes) input.checked = false;
    box.value = "";
    apply();
  });
  document.querySelector("[data-csv]").addEventListener("click", () => {
    // A cell that begins like a formula would be run by a spreadsheet.
    const quote = (cell) => `"${(/^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell).replaceAll('"', '""')}"`;
    const lines = [heads.map((h) => h.textContent.trim()), ...[...body.rows].filter((r) => !r.hidden).map((r) => [...r.cells].map((c) => c.textContent.trim().replace(/\s+/g, " ")))];
    const link = make("a", { download: "products.csv", href: URL.createObjectURL(new Blob([lines.map((l) => l.map(quote).join(",")).join("\r\n") + "\r\n"], { type: "text/csv" })) });
    link.click();
    URL.revokeObjectURL(link.href);
  });

  // Choosing products to compare.
  const compare = document.querySelector("[data-compare]");
  const picked = new Set();
  for (const row of rows) {
    const input = make("input", { type: "checkbox", "aria-label": `Compare ${row.querySelector("a").textContent}` });
    input.addEventListener("change", () => {
      if (input.checked && picked.size === 4) { input.checked = false; return; }
      picked[input.checked ? "add" : "delete"](row.dataset.id);
      compare.hidden = picked.size < 2;
      compare.href = `${atlas.root}compare.html?ids=${[...picked].join(",")}`;
      compare.textContent = `Compare ${picked.size} products`;
    });
    row.cells[0].prepend(input, " ");
  }
  apply();
})();
