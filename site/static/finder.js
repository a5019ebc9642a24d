// Finds entries of the index. What is named as the query is comes first; a word after a negation is another word;
// words that stand in no entry may be misspelt, all others are taken as they are written.
"use strict";
atlas.finder = ({ entries, kinds, ignored, negations, spellings, sections }) => {
  const skip = new Set(ignored), negating = new Set(negations);
  const rank = new Map(kinds.map((kind, i) => [kind, i]));

  /** One word as it is compared: British spelling, singular. */
  function stem(word) {
    const known = spellings[word] ?? word;
    return known.replace(/([a-z]{2})iz(e[ds]?|ing|ations?|ers?)$/, "$1is$2").replace(/([a-z]{3}[^sui])s$/, "$1");
  }
  /** Words of a text. "Non-commercial" and "not commercial" are one word, and not the word "commercial". */
  function words(text) {
    const plain = text.toLowerCase().normalize("NFKD").replace(/\p{M}/gu, "")
      .replace(/https?:\/\/(dx\.)?(doi\.org|arxiv\.org\/(abs|pdf))\//g, "").replace(/\b(doi|arxiv):\s*/g, "")
      .replace(/10\.48550\/arxiv\./g, "").replace(/\b(\d{4}\.\d{4,5})v\d+\b/g, "$1");
    const found = [];
    let negated = false;
    for (let word of plain.match(/[\p{L}\p{N}]+(?:\.[\p{L}\p{N}]+)*/gu) ?? []) {
      if (negating.has(word)) { negated = true; continue; }
      const joined = /^non([a-z]{6,})$/.exec(word);
      if (joined) [negated, word] = [true, joined[1]];
      found.push((negated ? "not~" : "") + stem(word));
      negated = false;
    }
    return found;
  }
  const asked = (text) => {
    const all = words(text), kept = all.filter((word) => !skip.has(word));
    return kept.length ? kept : all;
  };
  const key = (text) => asked(text).join(" ");

  const parts = Object.entries(sections).map(([anchor, list]) => [anchor, new Set(list.flatMap(words))]);
  const wordsOf = new Map(parts);
  const engine = new minisearch.MiniSearch({
    fields: ["title", "keys", "names", "text", "parts"],
    extractField: (entry, field) => {
      if (field === "keys") return (entry.keys ?? []).join(" · ");
      if (field === "parts") return (entry.sections ?? []).flatMap((anchor) => [...(wordsOf.get(anchor) ?? [])]).join(" ");
      return entry[field];
    },
    tokenize: words,
    processTerm: (word) => word,
    searchOptions: { boost: { title: 5, keys: 4, names: 2, parts: 0.2 }, tokenize: (text) => [text], prefix: true },
  });
  engine.addAll(entries);
  const vocabulary = new Set(entries.flatMap((e) => [e.title, e.names ?? "", e.text ?? "", ...(e.keys ?? [])].flatMap(words)));
  for (const [, list] of parts) for (const word of list) vocabulary.add(word);
  const known = (word) => vocabulary.has(word) || [...vocabulary].some((other) => other.startsWith(word));
  const keys = entries.map((entry) => [entry.title, ...(entry.keys ?? [])].map(key));

  /** 2 where a name is the query, 1 where one begins with it; a product's name seldom ends after the words that readers know. */
  function named(id, query) {
    const begun = entries[id].kind === "Product" ? `${query} ` : null;
    return keys[id].reduce((best, one) => Math.max(best, one === query || (begun && one.startsWith(begun)) ? 2 : query.length > 2 && one.startsWith(query) ? 1 : 0), 0);
  }

  function section(entry, query) {
    const found = (entry.sections ?? []).find((anchor) => query.some((word) => wordsOf.get(anchor)?.has(word)));
    return found ? `${entry.path}#${found}` : entry.path;
  }

  return (text) => {
    const query = asked(text);
    if (!query.length) return { hits: [], all: true };
    const whole = query.join(" ");
    const fuzzy = new Map(query.map((word) => [word, !word.startsWith("not~") && word.length > 4 && !known(word) ? 0.2 : false]));
    // "Unquantised" is not a misspelt "quantised".
    const opposite = (word, other) => word !== other && [[word, other], [other, word]].some(([long, short]) => long.endsWith(short) && /^(un|in|im|ir|dis|de|non)$/.test(long.slice(0, -short.length)));
    const filter = ({ match }) => Object.keys(match).some((term) => !query.some((word) => fuzzy.get(word) && opposite(word, term)));
    const search = (combineWith) => engine.search({ combineWith, queries: query.map((word) => ({ queries: [word], fuzzy: fuzzy.get(word) })) }, { filter });
    let found = search("AND");
    const all = found.length > 0;
    if (!all) found = search("OR");
    // A part of a product's page is asked for by words beside the name of the product.
    const subject = query.filter((word) => !parts.some(([, list]) => list.has(word))).join(" ") || whole;
    const scored = found.map((hit) => {
      const entry = entries[hit.id];
      const level = Math.max(named(hit.id, whole), entry.kind === "Product" && subject !== whole ? named(hit.id, subject) : 0);
      return { entry, level, kind: rank.get(entry.kind), score: hit.score * (entry.kind === "Product" || entry.kind === "Guide" || entry.kind === "Task" ? 1.5 : 1) };
    });
    const name = (a) => a.entry.title.toLowerCase();
    scored.sort((a, b) => b.level - a.level || (a.level ? a.kind - b.kind || (name(a) < name(b) ? -1 : 1) : 0) || b.score - a.score);
    return { all, hits: scored.map(({ entry }) => ({ ...entry, path: section(entry, query) })) };
  };
};
