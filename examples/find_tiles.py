"""What covers a place in a year, and how are its vectors restored?"""

import os

from pystac_client import Client

client = Client.open(os.environ.get("ATLAS_URL", "http://127.0.0.1:8000") + "/stac")
lon, lat, year = 0.12, 52.21, "2021"

search = client.search(
    intersects={"type": "Point", "coordinates": [lon, lat]},
    datetime=year,
    filter={"op": "=", "args": [{"property": "emb:type"}, "pixel"]},
    filter_lang="cql2-json",
)
print(f"{search.matched()} Items cover {lon}, {lat} in {year}")
for item in search.items():
    rule = item.properties["emb:quantization"]
    print(item.collection_id, item.id, f"{item.properties['emb:dimensions']} dimensions, stored by {rule['method']}")
    for key, asset in item.assets.items():
        print(f"  {key}: {asset.href}")
