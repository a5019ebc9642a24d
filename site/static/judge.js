// Applies the table of signatures to the facts of a file, as atlas/read/identify.py does; rules and words are in the table.
"use strict";
var judge = (() => {
  /** The products that fit, each by its best signature, the best first. */
  function match(facts, table) {
    const best = new Map();
    for (const signature of table) {
      const one = signature.kind === facts.kind ? fitOf(facts, signature) : null;
      if (one && !(best.get(signature.product)?.score >= one.score)) best.set(signature.product, one);
    }
    const before = (a, b) => (a.verdict !== "fits") - (b.verdict !== "fits") || b.score - a.score || (a.product < b.product ? -1 : 1);
    return [...best.values()].sort(before);
  }

  function fitOf(facts, signature) {
    const names = Object.keys(facts.parts);
    let name = names.includes(signature.part) ? signature.part : null;
    if (name === null && names.includes("")) name = "";
    if (name === null && facts.kind === "npz" && names.length === 1 && signature.part === null) [name] = names;
    if (name === null) return null;
    const found = { product: signature.product, distribution: signature.distribution, verdict: "", score: 0, evidence: [], against: [] };
    const groups = new Set();
    let telling = false;
    for (const check of signature.checks) {
      const [agrees, what] = compare(facts, name, check);
      if (agrees === null) continue;
      if (!agrees && check.required && !(check.tolerated ?? []).includes(what)) return null;
      const words = ((agrees ? check.yes : check.no) ?? "").replaceAll("{found}", () => what);
      if (words) {
        (agrees ? found.evidence : found.against).push(words);
        found.score += agrees ? check.weight : -1;
      }
      if (agrees) {
        telling ||= Boolean(check.telling);
        groups.add(check.group);
      }
    }
    if (!telling && !(groups.has("size") && groups.has("type"))) return null;
    found.verdict = telling && found.against.length <= 1 ? "fits" : "possible";
    return found;
  }

  /** Whether a fact agrees, null where the file does not say; and what it says. */
  function compare(facts, name, { test, value }) {
    const part = facts.parts[name];
    switch (test) {
      case "part": return [name === value ? true : null, name];
      case "holds": return [part.numbers === null ? null : holds(facts.kind, part.numbers, value), ""];
      case "type": return [part.dtype === value, part.dtype];
      case "name": return [new RegExp(`^(?:${value})$`).test(facts.name), facts.name];
      case "columns": {
        const lacking = value.find((one) => !facts.columns.includes(one));
        return [lacking === undefined, lacking ?? ""];
      }
      case "bands": return [value.every((one, k) => facts.band_names[k] === one), ""];
      case "nodata": return [facts.nodata === String(value), facts.nodata];
      case "pixel": return [facts.pixel === "not set" ? null : Math.abs(facts.pixel / value - 1) < 0.01, facts.pixel];
      case "stated": {
        const named = value.find((one) => facts.stated.includes(one));
        return [named ? true : null, named ?? ""];
      }
      default: return [false, ""];
    }
  }

  /** Whether an array, a column or the bands have a place for so many numbers. */
  function holds(kind, numbers, { width, axis, bands }) {
    if (kind === "tiff") return bands ? bands <= numbers[0] && numbers[0] <= 2 * bands : numbers[0] === width;
    if (kind === "parquet") return numbers[0] === width;
    if (Number.isInteger(axis) && -numbers.length <= axis && axis < numbers.length) return numbers.length >= 3 && numbers.at(axis) === width;
    return numbers.length >= 3 && numbers.includes(width);
  }

  return { match };
})();
