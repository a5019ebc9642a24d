"""Open a found COG of vectors as an xarray Dataset, with odc-stac, and restore the vector of one pixel.

python clients/load_odc_stac.py http://127.0.0.1:8000/stac aef-v1-annual ITEM
"""

import sys

import numpy as np
import odc.stac
from pystac_client import Client

root, collection, identity = sys.argv[1:4]

item = Client.open(root).get_collection(collection).get_item(identity)
# every band is one dimension of the vector; no resampling, or the codes would be mixed
cube = odc.stac.load([item], bands=[f"embeddings.{n}" for n in (1, 2, 3)], resampling="nearest", chunks=None)

quantization = item.properties["emb:quantization"]
codes = np.array([cube[band].values[0, 0, 0] for band in cube.data_vars], dtype="float64")
if quantization["method"] != "signed_power":
    sys.exit(f"this script knows signed_power only, not {quantization['method']}")
vector = np.sign(codes) * (np.abs(codes) / quantization["scale"]) ** quantization["exponent"]
print(dict(cube.sizes))
print(" ".join(f"{v:.6f}" for v in vector))
