// Generated from the field table by `python -m stac_emb.generate`.
exports.schema = require("./v0.1.0/schema.json");
exports.SCHEMA_URI = "https://earth-embedding-atlas.github.io/emb/v0.1.0/schema.json";
exports.PREFIX = "emb:";
exports.VERSION = "0.1.0";
