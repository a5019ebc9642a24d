"""Options and help of `convert`, importable without its libraries."""

__all__ = ["FORMS", "HELP"]

HELP = """Convert a STAC document to or from another form.

`--to emb` converts to the `emb` extension. FILE is a path or `-`. Standard error lists what has another name now
(moved), what the other form cannot say (lost), what it demands and FILE does not state (missing), and what breaks a
rule (invalid). A dataset card, Zarr attributes and an Item that describes a model (MLM) give fields of a Collection,
not a whole one.

Exit code 0: converted; 1: converted, but incomplete or invalid; 2: FILE cannot be used.
"""
FORMS = ("emb", "draft", "zarr", "card", "croissant", "mlm")
