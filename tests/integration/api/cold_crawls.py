"""The generated Items as crawl folders, for databases that hold them and databases that do not."""

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
from stac_geoparquet.arrow import parse_stac_items_to_arrow

from atlas.stac.collection import collection_from_record
from tests.catalogue import whole_catalogue
from tests.integration.api.conftest import COLLECTIONS, make_items, square

ROW_GROUP = 23
"""Small, so that a search meets many row groups."""
BOW_TIE = {"type": "Polygon", "coordinates": [[[20.0, 20], [21, 21], [21, 20], [20, 21], [20, 20]]]}
REJECTED = "no/id"


def items_of(collection):
    """Generated Items of a Collection, one self-intersecting, and one that cannot be loaded."""
    found = [item for item in make_items() if item["collection"] == collection]
    for item in found:
        item["properties"]["note"] = f'{item["id"][-1]} "quoted" \\ back é'
    odd, bad = orjson.loads(orjson.dumps([found[0], found[1]]))
    odd |= {"id": "bow-tie", "geometry": BOW_TIE, "bbox": [20, 20, 21, 21]}
    bad |= {"id": REJECTED, "geometry": {"type": "Polygon", "coordinates": square(3, 3, 0.1)}, "bbox": [3, 3, 3.1, 3.1]}
    return [*found[:40], bad, *found[40:], odd]


def write_folder(root, collection, items=None):
    """The crawl folder of a Collection: two parts of many row groups."""
    catalog = whole_catalogue()
    folder = root / collection
    (folder / "items").mkdir(parents=True)
    document = collection_from_record(catalog.products[collection], catalog)
    (folder / "collection.json").write_bytes(orjson.dumps(document))
    # an index that was read to its end, for the questions that ask for it
    report = {"product": collection, "source": f"made-up/{collection}", "items": 0, "index_read": "whole"}
    (folder / "report.json").write_bytes(orjson.dumps(report))
    table = pa.Table.from_batches(parse_stac_items_to_arrow(items or items_of(collection)))
    half = table.num_rows // 2
    for number, rows in enumerate((table.slice(0, half), table.slice(half))):
        pq.write_table(rows, folder / "items" / f"part-{number}.parquet", row_group_size=ROW_GROUP)
    return folder


def write_folders(root):
    """Those of all three Collections."""
    return {name: write_folder(root, name) for name in COLLECTIONS}
