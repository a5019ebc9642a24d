"""From the extension to its neighbours and back: the community draft, Zarr attributes, dataset cards, GeoCroissant."""
