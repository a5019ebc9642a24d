"""Find the files that hold a place's vectors, with pystac-client.

python clients/search_pystac_client.py http://127.0.0.1:8000/stac 0.15 52.25 2021
"""

import sys

from pystac_client import Client

root, lon, lat, year = sys.argv[1], float(sys.argv[2]), float(sys.argv[3]), sys.argv[4]

catalog = Client.open(root)
search = catalog.search(
    intersects={"type": "Point", "coordinates": [lon, lat]},
    datetime=year,
    # only Items that state it: what a producer does not say matches nothing here
    filter='"emb:dimensions" >= 64',
    filter_lang="cql2-text",
)
print(f"{search.matched()} Items")
for item in search.items():
    # vectors of different spaces must not be compared, whatever their length
    space = item.properties.get("emb:space", "not stated")
    for key, asset in item.assets.items():
        print(item.collection_id, item.id, space, key, asset.href, sep="\t")
