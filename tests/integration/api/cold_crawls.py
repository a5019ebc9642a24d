"""The generated Items as crawl folders, for databases that hold them and databases that do not."""

import atexit
import functools
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path

import httpx
import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from stac_geoparquet.arrow import parse_stac_items_to_arrow

from atlas.api import cache
from atlas.api.app import create_app
from atlas.settings import Settings
from atlas.stac.collection import collection_from_record
from atlas.store.load.pgstac import load_folder, load_queryables
from stac_emb.queryables import queryables
from tests.catalogue import whole_catalogue
from tests.integration.api.conftest import COLLECTIONS, make_items, running, square
from tests.integration.conftest import fresh_database

ROW_GROUP = 40
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


@functools.cache
def _written():
    """All three, once for a process: whoever wants them has copies."""
    root = Path(tempfile.mkdtemp(prefix="atlas-test-crawls-"))
    atexit.register(shutil.rmtree, root)
    return [write_folder(root, name) for name in COLLECTIONS]


def write_folders(root):
    """Those of all three Collections."""
    return {folder.name: shutil.copytree(folder, root / folder.name) for folder in _written()}


def loaded(conninfo):
    """Fills a template with all three."""
    load_queryables(conninfo, queryables())
    for folder in _written():
        load_folder(conninfo, folder)


def matched(url, **body):
    answer = httpx.post(f"{url}/stac/search", json=body, timeout=120)
    assert answer.status_code == 200, answer.text
    return answer.json()["numberMatched"]


@contextmanager
def served(cluster, root):
    """A database with the three Collections, their crawl folders, and an API over it that learns of moves at once."""
    folders = write_folders(root)
    with (
        pytest.MonkeyPatch.context() as patch,
        fresh_database(cluster, loaded) as conninfo,
        running(create_app(Settings(), conninfo)) as url,
    ):
        patch.setattr(cache, "LEAST_SECONDS", 0.0)
        yield conninfo, folders, url
