"""What a command line says of `convert`, without the libraries that it needs."""

__all__ = ["FORMS", "HELP"]

HELP = """Convert a STAC document with the `emb` extension to another form, or another form to it (`--to emb`).

FILE is a path or `-`. What has another name now (moved), what the other form cannot say (lost), what it demands and
FILE does not state (missing), and what breaks a rule (invalid) goes to standard error. A dataset card, Zarr
attributes and an Item that describes a model (MLM) give fields of a Collection, not a whole one.
Exit code 0: converted; 1: converted, but incomplete or invalid; 2: FILE cannot be used.
"""
FORMS = ("emb", "draft", "zarr", "card", "croissant", "mlm")
