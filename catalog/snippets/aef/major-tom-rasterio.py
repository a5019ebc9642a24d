import rasterio
from rasterio.warp import transform

href = "2024/U/1/L/7/471U_587L.tif"  # a downloaded cell

with rasterio.open(href) as source:
    lon, lat = source.lnglat()  # the middle of the file: put your own place here
    (x,), (y,) = transform("EPSG:4326", source.crs, [lon], [lat])
    vector = next(source.sample([(x, y)]))  # 64 values, float64: the vectors themselves, nothing has to be restored

print(vector.shape, vector[:3].round(4).tolist())
