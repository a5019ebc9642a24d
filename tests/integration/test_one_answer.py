"""The same answers over a real database: API, crawl folder, and the API as a source.

`tests/answers/test_one_answer.py` asks everybody without a database.
"""

import gzip
import json
import random

import httpx
import pytest

import atlas
from atlas.answers.verdicts import Verdict
from atlas.api.app import create_app
from atlas.crawl.run import crawl_product
from atlas.resources import data_dir
from atlas.settings import Settings
from atlas.stac.collection import collection_from_record
from atlas.store.load.pgstac import load_collections, load_folder, load_queryables
from stac_emb.queryables import queryables
from tests.answers import questions
from tests.catalogue import whole_catalogue
from tests.integration.api.conftest import running
from tests.integration.conftest import fresh_database

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def crawl(tmp_path_factory):
    """A crawl of every tenth tile of the bundled sample of TESSERA's registry."""
    folder, catalog = tmp_path_factory.mktemp("crawl"), whole_catalogue()
    sample = data_dir("catalog") / "samples" / "tessera-v1" / "registry.txt.gz"
    lines = gzip.decompress(sample.read_bytes()).splitlines(keepends=True)
    # Two lines make a tile: its embeddings and their scales.
    kept = [line for at in range(0, len(lines), 20) for line in lines[at : at + 2]]
    (folder / "registry.txt").write_bytes(b"".join(kept))
    source, out = str(folder / "registry.txt"), folder / "tessera"
    crawl_product(catalog.products["tessera-v1"], catalog, Settings(state_dir=folder), source=source, out=out)
    return out


@pytest.fixture(scope="module")
def stac(cluster, crawl):
    """Address of the API over a database with that crawl."""
    catalog = whole_catalogue()
    with fresh_database(cluster) as conninfo:
        load_queryables(conninfo, queryables())
        load_collections(conninfo, [collection_from_record(p, catalog) for p in catalog.products.values()])
        load_folder(conninfo, crawl)
        with running(create_app(Settings(), conninfo, None)) as url:
            yield f"{url}/stac"


@pytest.fixture(scope="module")
def places(stac):
    """Points and boxes near existing tiles, and anywhere."""
    chosen = random.Random(16)
    found = httpx.get(f"{stac}/collections/tessera-v1/items", params={"limit": 200}).json()["features"]
    near = []
    for item in chosen.sample(found, 30):
        west, south, east, north = item["bbox"]
        year = int(item["properties"]["start_datetime"][:4])
        a, b = chosen.uniform(-0.3, 0.05), chosen.uniform(0.02, 0.4)
        near.append(([round(v, 4) for v in (west + a, south + a, east + b, north + b)], chosen.choice([None, year])))
        near.append(([round((west + east) / 2, 4), round((south + north) / 2, 4)], chosen.choice([None, year, 2018])))
    return near + questions.points_and_years(10) + questions.boxes_and_years(10)


def parameters(at, year):
    given = {"lon": at[0], "lat": at[1]} if len(at) == 2 else {"bbox": ",".join(map(str, at))}
    if year is not None:
        given["datetime"] = f"{year[0]}/{year[1]}" if isinstance(year, tuple) else str(year)
    return given


def test_database_crawl_folder_and_api_as_a_source_cover_alike(stac, crawl, places):
    folder, remote = atlas.open_catalog(crawls=crawl), atlas.open_catalog(api=stac)
    with_tiles = 0
    for at, year in places:
        wanted = json.loads(json.dumps(folder.coverage(at, year=year).as_json()))
        document = httpx.get(f"{stac}/atlas/coverage", params=parameters(at, year)).json()
        entries = [e for k in ("covered", "stated", "may_cover", "not_covered") for e in document[k]]
        assert [{k: e[k] for k in wanted[0]} for e in entries] == wanted, (at, year)
        assert remote.coverage(at, year=year).as_json() == wanted, (at, year)
        with_tiles += any(a["tier"] == "tiles" for a in wanted)
    assert with_tiles > 40


def test_the_server_chooses_compares_and_counts_as_python_does(stac, crawl):
    plain, opened = atlas.open_catalog(), atlas.open_catalog(crawls=crawl)
    seen = set()
    for n in questions.needs(plain.records)[::3]:
        facets = {"type": n.type} if n.type else {}
        choice = opened.choose(at=n.at, year=n.year, use=n.use, effort=n.effort, change=n.change, **n.more, **facets)
        asked = (parameters(n.at, n.year) if n.at else {}) | n.more | facets
        if n.year and not n.at:
            asked["datetime"] = f"{n.year[0]}/{n.year[1]}" if isinstance(n.year, tuple) else str(n.year)
        asked |= {"use": n.use, "effort": n.effort, "change": "yes" if n.change else "no"}
        document = httpx.get(f"{stac}/atlas/choose", params=asked).json()
        got = [(e["product"], e["verdict"], e["reasons"]) for e in [*document["fits"], *document["excluded"]]]
        assert got == [(a["product"], a["verdict"], a["reasons"]) for a in json.loads(json.dumps(choice.as_json()))], n
    for pair in questions.pairs(plain.records)[::4]:
        document = httpx.get(f"{stac}/atlas/compare", params={"ids": ",".join(pair)}).json()
        found = plain.compare(*pair)
        seen.add(found.verdict)
        assert document["spaces"] == json.loads(json.dumps(found.as_json()["pairs"])), pair
    assert {Verdict.YES, Verdict.NO} <= seen
    boxes = [box for box, _ in questions.boxes_and_years()]
    for n, product in enumerate(plain):
        box = boxes[n % len(boxes)]
        document = httpx.get(f"{stac}/atlas/estimate", params={"product": product, **parameters(box, 2021)}).json()
        assert document["area"] == plain.volume(product, box).as_json(), (product, box)
