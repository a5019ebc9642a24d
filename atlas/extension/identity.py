"""What names the extension: identifier, prefix, where it is explained, and the draft it succeeds."""

__all__ = ["CORE_VERSIONS", "DOCS_URI", "DRAFT_URI", "PREFIX", "SCHEMA_URI", "VERSION", "see"]

VERSION = "1.0.0"
PREFIX = "emb:"
SCHEMA_URI = f"https://earth-embedding-atlas.github.io/emb/v{VERSION}/schema.json"
DOCS_URI = f"https://earth-embedding-atlas.github.io/emb/v{VERSION}/"
"""The page that explains every field; `see` gives the address of one of them."""

DRAFT_URI = "https://stac-extensions.github.io/embeddings/v0.0.1/schema.json"
"""The community draft with the same prefix, which this extension is offered as the successor of."""

CORE_VERSIONS = ("1.0.0", "1.1.0")
"""STAC versions whose objects the extension describes."""


def see(field: str) -> str:
    """Address of the section that explains a field, such as `emb:quantization`."""
    return f"{DOCS_URI}#{field.replace(':', '-').replace('_', '-')}"
