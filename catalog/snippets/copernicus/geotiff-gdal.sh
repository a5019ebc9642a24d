# The 768 values of the cell of 0.25 degrees around a place, one a line; all zero means no data.
gdallocationinfo -valonly -wgs84 /vsicurl/https://huggingface.co/datasets/torchgeo/copernicus_embed/resolve/main/embed_map_310k.tif 11.5 48.25
