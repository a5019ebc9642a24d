// What somebody brings to start from: a Collection, or the front matter of a dataset card.
"use strict";
atlas.start = (data) => {
  const values = (value) => (Array.isArray(value) ? value : value === undefined || value === null ? [] : [value]);
  const READ = ["license", "license_name", "license_link", "creator", "tags", "embedding_spatial_types", "embedding_dimension", "grid_spacing", "embedding_temporal_type", "model_name", "model_link", "quantization", "pretty_name"];

  function fromCard(card) {
    const doc = {}, left = [];
    const lose = (key, why) => left.push(`${key}: ${why}`);
    if (card.pretty_name) doc.title = card.pretty_name;
    doc.license = data.licences[String(card.license ?? "other")] ?? card.license_name ?? "other";
    if (card.license_link) doc.links = [{ rel: "license", href: card.license_link }];
    if (values(card.creator).length) doc.providers = values(card.creator).map((name) => ({ name, roles: ["producer"] }));
    if (values(card.tags).length) doc.keywords = values(card.tags);
    const kinds = values(card.embedding_spatial_types);
    if (kinds.length === 1 && ["pixel", "patch"].includes(kinds[0])) doc["emb:type"] = kinds[0];
    else if (kinds.length) lose("embedding_spatial_types", `${kinds.join(", ")} is not one of pixel, patch; one Collection per variant`);
    if ("embedding_dimension" in card) doc["emb:dimensions"] = card.embedding_dimension;
    const spacing = values(card.grid_spacing);
    if (spacing.length === 1 && Array.isArray(spacing[0])) {
      const [x, y] = spacing[0];
      if (x === y) doc["emb:ground_size"] = x;
      else doc["emb:footprint"] = { size: [y, x], unit: "m" };
    } else if (spacing.length) lose("grid_spacing", "one Collection per variant: exactly one spacing can be stated");
    const times = values(card.embedding_temporal_type);
    if (times.length === 1 && times[0] === "single-date") doc["emb:temporal_resolution"] = "snapshot";
    else if ("embedding_temporal_type" in card) lose("embedding_temporal_type", "“multi-date” does not say how long a span is");
    if ("model_name" in card) doc["emb:model"] = { name: card.model_name, ...("model_link" in card && { href: card.model_link }) };
    else if ("model_link" in card) lose("model_link", "a model is stated by its name, and the card gives none");
    if ("quantization" in card) doc["emb:quantization"] = card.quantization === null ? { method: "none" } : { method: "unknown", description: `card: ${card.quantization}` };
    for (const [key, value] of Object.entries(card)) if (value && !READ.includes(key)) lose(key, "no field says this, or it needs more than the card states");
    // The reader of a card has looked: what it does not say it does not state.
    const silent = data.required.filter((name) => !(name in doc));
    doc["emb:absent"] = Object.fromEntries(silent.map((name) => [name, "not_looked_up"]));
    return { doc, left };
  }

  /** The document in a text, and what is to be said of it; an error says why there is none. */
  function read(text) {
    text = text.replace(/^\uFEFF/, "").replace(/\r\n?/g, "\n");
    if (/^---\n/.test(text)) {
      const front = /^---\n([^]*?)^---\s*$/m.exec(text);
      if (!front) throw new Error("The card’s front matter has no end: it needs a second line “---”.");
      const card = jsyaml.load(front[1]);
      if (!card || typeof card !== "object" || Array.isArray(card)) throw new Error("The card’s front matter is not a mapping.");
      return { ...fromCard(card), kind: "card" };
    }
    let doc;
    try {
      doc = JSON.parse(text);
    } catch (error) {
      throw new Error(`This is neither a Collection (JSON) nor a dataset card (text that begins with “---”): ${error.message}`);
    }
    if (doc?.type !== "Collection") throw new Error(`This is JSON, but no STAC Collection: its “type” is ${JSON.stringify(doc?.type) ?? "missing"}.`);
    const left = [];
    const declared = Array.isArray(doc.stac_extensions) ? doc.stac_extensions : [];
    if (declared.some((uri) => /stac-extensions\.github\.io\/embeddings\//.test(uri))) throw new Error("This Collection uses the community draft: convert it first with “atlas convert --to emb”.");
    if (!declared.includes(data.extension)) {
      doc.stac_extensions = [data.extension, ...declared];
      left.push("stac_extensions: the extension was not declared; it was added");
    }
    if (!data.versions.includes(doc.stac_version)) {
      left.push(`stac_version: ${JSON.stringify(doc.stac_version) ?? "none"} became ${data.versions.at(-1)}`);
      doc.stac_version = data.versions.at(-1);
    }
    return { doc, left, kind: "Collection" };
  }
  return { read };
};
