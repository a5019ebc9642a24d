"""Search for a Cloud Optimized GeoTIFF, load the window of a place with odc-stac, and restore the vectors."""

import os

import numpy as np
import odc.stac
from pystac_client import Client

client = Client.open(os.environ.get("ATLAS_URL", "http://127.0.0.1:8000") + "/stac")
lon, lat, year = -122.995, 54.7089, "2024"
box = [lon - 0.0005, lat - 0.0005, lon + 0.0005, lat + 0.0005]

(item,) = client.search(collections=["aef-v1-annual"], bbox=box, datetime=year).items()
# The 64 bands are described once, in the Collection; odc-stac looks for them in the Item.
bands = client.get_collection("aef-v1-annual").item_assets["embeddings"].properties["bands"]
item.assets["embeddings"].extra_fields["bands"] = bands

# Nearest neighbour, because stored codes must not be averaged before they are restored.
data = odc.stac.load(
    [item],
    bands=[f"embeddings.{number}" for number in range(1, len(bands) + 1)],
    bbox=box,
    crs=item.properties["proj:code"],
    resolution=10,
    resampling="nearest",
    stac_cfg={"*": {"assets": {"*": {"data_type": "int8", "nodata": -128}}}},
)
stored = data.to_dataarray("band").isel(time=0).values.astype("float64")

rule = item.properties["emb:quantization"]  # method signed_power
vectors = np.sign(stored) * (np.abs(stored) / rule["scale"]) ** rule["exponent"]
lengths = np.linalg.norm(vectors, axis=0)
print(vectors.shape, f"mean length {lengths.mean():.2f}")
