"""TESSERA's indexes: text registries, tables, and lists of land masks."""
