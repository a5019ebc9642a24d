import rasterio
from rasterio.transform import rowcol
from rasterio.warp import transform

# An .npy file has no coordinates: they are those of the land mask of the same tile.
landmask_href = "https://data.source.coop/tessera/tessera/landmasks/v1/grid_0.15_52.25.tiff"
lon, lat = 0.15, 52.25

with rasterio.open(landmask_href) as mask:
    (x,), (y,) = transform("EPSG:4326", mask.crs, [lon], [lat])
    row, column = rowcol(mask.transform, x, y)

print(mask.crs, int(row), int(column))
