"""The `emb` STAC extension: its field table and everything generated from it."""

from atlas.extension.identity import DRAFT_URI, PREFIX, SCHEMA_URI, VERSION
from atlas.extension.queryables import queryables

__all__ = ["DRAFT_URI", "PREFIX", "SCHEMA_URI", "VERSION", "queryables"]
