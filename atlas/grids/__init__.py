"""Tiling schemes: where the tiles of the products lie. One module per scheme; arrays in, arrays out."""
