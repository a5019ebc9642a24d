"""Earth Embedding Atlas: a catalogue of Earth-observation embedding products.

    import atlas
    a = atlas.open_catalog()

The package is layered, and data flows one way: catalogue records and producers' indexes become STAC, STAC goes into
the store, and API and site read from there. `tests/test_layers.py` fails on an import that goes back.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from atlas.opening import OpenCatalog, open_catalog

__version__ = "0.1.0"
__all__ = ["OpenCatalog", "__version__", "open_catalog"]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - whatever the name stands for
    """What `import atlas` offers, imported when it is first used: the package itself stays light."""
    if name in ("OpenCatalog", "open_catalog"):
        from importlib import import_module

        return getattr(import_module("atlas.opening"), name)
    msg = f"module 'atlas' has no attribute '{name}'"
    raise AttributeError(msg)
