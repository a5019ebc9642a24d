import icechunk
import numpy as np
import zarr
from pyproj import Transformer

zone, lon, lat, year = "31N", 0.15, 52.25, 2024  # one group for each zone and hemisphere

storage = icechunk.s3_storage(
    bucket="tessera-embeddings", prefix="v1.1/dclimate.icechunk", region="us-west-2", anonymous=True
)
session = icechunk.Repository.open(storage).readonly_session("main")
group = zarr.open_group(session.store, path=zone, mode="r")  # the scales are packed with pcodec: pip install pcodec
step, _, west, _, down, north = group.attrs["spatial:transform"][:6]
x, y = Transformer.from_crs("EPSG:4326", group.attrs["proj:code"], always_xy=True).transform(lon, lat)
row, column = int((y - north) // down), int((x - west) // step)
time = group["time"][:].tolist().index(year)

scale = group["scales"][time, row, column]
if not np.isfinite(scale):
    raise SystemExit("no data here")
vector = (
    group["embeddings"][time, row, column].astype("float32") * scale
)  # the array is (time, northing, easting, band)

print(vector.shape, vector[:3].round(4).tolist())
