"""From the root of the catalogue through its taxonomy to the first asset."""

import os

from pystac_client import Client

root = Client.open(os.environ.get("ATLAS_URL", "http://127.0.0.1:8000") + "/stac")
catalogs = [child for child in root.get_children() if child.STAC_OBJECT_TYPE == "Catalog"]
print("facets and terms:", ", ".join(catalog.id for catalog in catalogs[:5]), "...")


def first_item(catalog, depth=0):
    """The first Item below a Catalog, depth first."""
    print("  " * depth + f"{catalog.STAC_OBJECT_TYPE} {catalog.id}")
    if catalog.STAC_OBJECT_TYPE == "Collection":
        return next(iter(catalog.get_items()), None)
    for child in catalog.get_children():
        item = first_item(child, depth + 1)
        if item is not None:
            return item
    return None


for catalog in catalogs:
    item = first_item(catalog)
    if item is not None:
        print("asset:", item.assets["embeddings"].href)
        break
