import numpy as np
import zarr
from obstore.store import from_url
from zarr.storage import ObjectStore

href = "s3://us-west-2.opendata.source.coop/tge-labs/aef-mosaic/"

store = from_url(href, region="us-west-2", skip_signature=True)
group = zarr.open_group(ObjectStore(store, read_only=True), mode="r")
array = group["embeddings"]  # (time, band, y, x), int8
years = group["time"][:]
row, column = array.shape[2] // 2, array.shape[3] // 2  # put your own place here

stored = array[len(years) - 1, :, row, column].astype("float64")
if (stored == -128).any():
    raise SystemExit("no data here")
vector = np.sign(stored) * (np.abs(stored) / 127.5) ** 2

print(vector.shape, vector[:3].round(4).tolist())
