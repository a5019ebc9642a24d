"""Open a found COG of vectors around a place as an xarray Dataset, with odc-stac, and dequantise the vector there.

python clients/load_odc_stac.py http://127.0.0.1:8000/stac aef-v1-annual ITEM 3.0041 45.1459
"""

import sys

import numpy as np
import odc.stac
from odc.geo.geom import point
from pystac_client import Client

root, collection_id, item_id = sys.argv[1:4]
lon, lat = map(float, sys.argv[4:6])

collection = Client.open(root).get_collection(collection_id)
item = collection.get_item(item_id)

# An Item says how its vectors are stored; the names of the bands are in the Collection.
asset = item.assets["embeddings"]
asset.extra_fields = collection.item_assets["embeddings"].properties | asset.extra_fields

# Every band is one dimension of the vector, so all are read, but only around the place: a file may have gigabytes.
# Nearest neighbour, in the file's own grid: anything else would mix codes before they are restored.
names = [f"embeddings.{n + 1}" for n in range(len(asset.extra_fields["bands"]))]
around = (lon - 0.001, lat - 0.001, lon + 0.001, lat + 0.001)
cube = odc.stac.load([item], bands=names, bbox=around, resampling="nearest", chunks=None)

((x, y),) = point(lon, lat, "EPSG:4326").to_crs(cube.odc.crs).coords
pixel = cube.isel(time=0).sel(x=x, y=y, method="nearest")
codes = np.array([pixel[name] for name in names], dtype="float64")

quantization = asset.extra_fields["emb:quantization"]
if quantization["method"] != "signed_power":
    sys.exit(f"this script knows signed_power only, not {quantization['method']}")
if (codes == quantization["nodata"]).any():
    sys.exit("no data here")
vector = np.sign(codes) * (np.abs(codes) / quantization["divisor"]) ** quantization["exponent"]

print(dict(cube.sizes))
print(" ".join(f"{v:.6f}" for v in vector))
