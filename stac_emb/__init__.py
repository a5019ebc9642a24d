"""The `emb` STAC extension, and a validator of STAC that needs no network.

    from stac_emb import Validator, EmbeddingExtension
    faults = Validator().validate(document)

What is in `__all__` is the public surface; each name is imported when it is first used: none pays for another.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from stac_emb.identity import DRAFT_URI, PREFIX, SCHEMA_URI, VERSION, __version__

if TYPE_CHECKING:
    from stac_emb.document import EmbeddingDocument, parse_document
    from stac_emb.errors import EmbError, UnreadableInput, ValidationFailed
    from stac_emb.faults import Fault
    from stac_emb.pystac_extension import EmbeddingExtension
    from stac_emb.selection import Selection
    from stac_emb.validate import Validator, check

_HOMES = {
    "EmbError": "errors",
    "EmbeddingDocument": "document",
    "EmbeddingExtension": "pystac_extension",
    "Fault": "faults",
    "Selection": "selection",
    "UnreadableInput": "errors",
    "ValidationFailed": "errors",
    "Validator": "validate",
    "check": "validate",
    "parse_document": "document",
}

__all__ = [
    "DRAFT_URI",
    "PREFIX",
    "SCHEMA_URI",
    "VERSION",
    "EmbError",
    "EmbeddingDocument",
    "EmbeddingExtension",
    "Fault",
    "Selection",
    "UnreadableInput",
    "ValidationFailed",
    "Validator",
    "__version__",
    "check",
    "parse_document",
]


def __getattr__(name: str) -> Any:  # noqa: ANN401  # whatever the name stands for
    """A public name, imported when it is first used."""
    if name not in _HOMES:
        raise AttributeError(f"module 'stac_emb' has no attribute '{name}'")
    return getattr(import_module(f"stac_emb.{_HOMES[name]}"), name)
