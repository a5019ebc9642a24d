"""Earth Embedding Atlas: a catalogue of Earth-observation embedding products.

The package is layered, and data flows one way: catalogue records and producers' indexes become STAC, STAC goes into
the store, and API and site read from there. `tests/test_layers.py` fails on an import that goes back.
"""

__version__ = "0.1.0"
__all__ = ["__version__"]
