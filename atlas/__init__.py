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
    from atlas.answers.catalogue import OpenCatalog
    from atlas.opening import open_catalog
    from atlas.read.frames import to_geopandas
    from atlas.read.opening import open_vectors as open  # noqa: A004 - atlas.open opens vectors as open opens files
    from atlas.read.points import sample_points as sample
    from atlas.read.torch import to_torchgeo

__version__ = "0.1.0"
__all__ = ["OpenCatalog", "__version__", "open", "open_catalog", "sample", "to_geopandas", "to_torchgeo"]

_OFFERED = {
    "OpenCatalog": "atlas.answers.catalogue:OpenCatalog",
    "open": "atlas.read.opening:open_vectors",
    "open_catalog": "atlas.opening:open_catalog",
    "sample": "atlas.read.points:sample_points",
    "to_geopandas": "atlas.read.frames:to_geopandas",
    "to_torchgeo": "atlas.read.torch:to_torchgeo",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401 - whatever the name stands for
    """Import what the package offers when it is first used, so that `import atlas` stays fast."""
    if name in _OFFERED:
        from pkgutil import resolve_name

        return resolve_name(_OFFERED[name])
    raise AttributeError(f"module 'atlas' has no attribute '{name}'")
