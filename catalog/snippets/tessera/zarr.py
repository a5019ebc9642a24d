import numpy as np
import zarr
from pyproj import Transformer

# One group for each UTM zone. Southern places lie in the northern zone's coordinates too, below zero.
href = "https://data.source.coop/tessera/tessera/zarr/v1/utm31"
lon, lat = 0.15, 52.25
year = 2024

group = zarr.open_group(href, mode="r", use_consolidated=False)
step, _, west, _, down, north = group.attrs["spatial:transform"][:6]
x, y = Transformer.from_crs("EPSG:4326", group.attrs["proj:code"], always_xy=True).transform(lon, lat)
row, column = int((y - north) // down), int((x - west) // step)
time = group["time"][:].tolist().index(year)

scale = group["scales"][time, row, column]
if not np.isfinite(scale):
    raise SystemExit("no data here: NaN marks water, infinity what has not been computed yet")
vector = group["embeddings"][time, :, row, column].astype("float32") * scale  # the array is (time, band, y, x)

print(vector.shape, vector[:3].round(4).tolist())
