"""Earth Embedding Atlas: a catalogue of Earth-observation embedding products.

    import atlas
    a = atlas.open_catalog()          # what there is, and what may be done with it
    cube = atlas.open(items, bbox=...)  # the vectors of STAC Items
    table = atlas.sample(items, points)

The package is layered, and data flows one way: catalogue records and producers' indexes become STAC, STAC goes into
the store, and API and site read from there. `tests/test_layers.py` fails on an import that goes back.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from atlas.opening import OpenCatalog, open_catalog, to_geopandas, to_torchgeo
    from atlas.opening import open_vectors as open  # noqa: A004 - atlas.open opens vectors as open opens files
    from atlas.opening import sample_points as sample

__version__ = "0.1.0"
__all__ = ["OpenCatalog", "__version__", "open", "open_catalog", "sample", "to_geopandas", "to_torchgeo"]

_OFFERED = {
    "OpenCatalog": "OpenCatalog",
    "open": "open_vectors",
    "open_catalog": "open_catalog",
    "sample": "sample_points",
    "to_geopandas": "to_geopandas",
    "to_torchgeo": "to_torchgeo",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401 - whatever the name stands for
    """What `import atlas` offers, imported when it is first used: the package itself stays light."""
    if name in _OFFERED:
        from importlib import import_module

        return getattr(import_module("atlas.opening"), _OFFERED[name])
    msg = f"module 'atlas' has no attribute '{name}'"
    raise AttributeError(msg)
