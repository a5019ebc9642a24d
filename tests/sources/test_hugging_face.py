"""A loopback hub: the paged tree API, `resolve` redirecting to a content network, broken cards."""

import hashlib
import json
import re

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import rasterio
import shapely

from atlas.errors import SourceError
from atlas.fetch.access import Access
from atlas.fetch.faults import UrlRefused
from atlas.fetch.policy import FetchPolicy
from atlas.sources.access import open_access
from atlas.sources.base import Source
from atlas.sources.hugging_face import READER

SHA = "a" * 40


class Hub:
    """Data sets in the hub's API; two files per page."""

    def __init__(self, web, repo="Major-TOM/Core-S2RGB-SigLIP"):
        self.web, self.repo, self.files = web, repo, {}
        self.about = {"id": repo, "sha": SHA, "private": False, "gated": False}
        self.url = f"{web.url}/datasets/{repo}"
        self.network = web.url
        web.routes[f"/api/datasets/{repo}"] = lambda h: self.json(h, self.about)
        web.routes[f"/api/datasets/{repo}/tree/"] = self.tree
        web.routes[f"/datasets/{repo}/resolve/"] = self.resolve

    def put(self, path, body):
        self.files[path] = body
        self.web.objects["/cdn/" + path] = body

    @staticmethod
    def json(handler, data, headers=None):
        handler.reply(200, json.dumps(data).encode(), {"Content-Type": "application/json"} | (headers or {}))

    def tree(self, handler):
        assert f"/tree/{SHA}" in handler.path
        start = int((re.search(r"cursor=(\d+)", handler.path) or [0, 0])[1])
        entries = []
        for path, body in sorted(self.files.items())[start : start + 2]:
            entry = {"type": "file", "oid": hashlib.sha1(body).hexdigest(), "size": len(body), "path": path}  # noqa: S324 - as git has it
            if path.endswith((".parquet", ".tif")):
                entry["lfs"] = {"oid": hashlib.sha256(body).hexdigest(), "size": len(body), "pointerSize": 134}
            entries.append(entry)
        entries.append({"type": "directory", "oid": "b" * 40, "size": 0, "path": "embeddings"})
        link = f'<{self.web.url}/api/datasets/{self.repo}/tree/{SHA}?recursive=true&cursor={start + 2}>; rel="next"'
        self.json(handler, entries, {"Link": link} if start + 2 < len(self.files) else None)

    def resolve(self, handler):
        path = handler.path.partition("/resolve/main/")[2]
        handler.reply(302, b"", {"Location": f"{self.network}/cdn/{path}"})


def part(path, *, dimensions=1152, bbox=True, rows=4):
    lon = [10.0 + k for k in range(rows)]
    table = pa.table(
        {
            "unique_id": [hashlib.sha256(str(k).encode()).hexdigest() for k in range(rows)],
            "embedding": pa.array([[0.5] * dimensions] * rows, pa.list_(pa.float16())),
            "timestamp": ["20200601T101010"] * rows,
            "centre_lat": pa.array([50.0] * rows, pa.float32()),
            "centre_lon": pa.array(lon, pa.float32()),
            "geometry": [shapely.to_wkb(shapely.box(x, 50, x + 0.05, 50.03)) for x in lon],
        }
    )
    if bbox:
        column = {"encoding": "WKB", "geometry_types": ["Polygon"], "bbox": [10.0, 50.0, 10.05 + rows - 1, 50.03]}
        geo = {"version": "1.0.0", "primary_column": "geometry", "columns": {"geometry": column}}
        table = table.replace_schema_metadata({b"geo": json.dumps(geo).encode()})
    pq.write_table(table, path)
    return path.read_bytes()


GOOD_CARD = b"---\nlicense: cc-by-sa-4.0\n---\n"


@pytest.fixture
def hub(web):
    return Hub(web)


def test_parts_become_rows_with_size_checksum_and_footprint(crawl, hub, products, tmp_path):
    body = part(tmp_path / "p.parquet")
    hub.put("README.md", GOOD_CARD)
    hub.put("embeddings/part_03601-03700.parquet", body)
    hub.put("embeddings/part_04301-04400.parquet", part(tmp_path / "q.parquet", bbox=False))
    rows, aside = crawl(READER, products["majortom-s2rgb-siglip"], hub.url)
    assert aside == []
    assert [r["id"] for r in rows] == ["embeddings~part_03601-03700", "embeddings~part_04301-04400"]
    one, two = rows
    assert one["asset:embeddings:href"] == f"{hub.url}/resolve/main/embeddings/part_03601-03700.parquet"
    assert one["asset:embeddings:file:size"] == len(body)
    assert one["asset:embeddings:file:checksum"] == "1220" + hashlib.sha256(body).hexdigest()
    assert one["asset:embeddings:data_type"] == "float16"
    assert one["property:table:row_count"] == 4
    assert one["start_datetime"].isoformat() == "2020-06-01T10:10:10+00:00"
    assert shapely.from_wkb(one["geometry"]).bounds == pytest.approx((10, 50, 13.05, 50.03))
    # Without a bbox in the footer: the least and greatest centres, and half a patch (3840 m) around them.
    west, south, _, _ = shapely.from_wkb(two["geometry"]).bounds
    assert 50 - south == pytest.approx(1920 / 111195, abs=1e-3)
    assert 0.02 < 10 - west < 0.04


def test_only_the_footers_are_fetched(crawl, hub, web, products, tmp_path):
    body = part(tmp_path / "p.parquet", rows=3000)
    hub.put("embeddings/part_00001-00100.parquet", body)
    crawl(READER, products["majortom-s2rgb-siglip"], hub.url)
    fetched = [headers["Range"] for method, path, headers in web.log if path.startswith("/cdn/")]
    assert fetched == ["bytes=-262144"]


def test_a_broken_card_is_reported_and_the_files_are_crawled_all_the_same(crawl, hub, products, tmp_path):
    hub.put("README.md", b"---\nlicense: x\ndtype: {list(float32\n---\n")
    hub.put("embeddings/part_00001-00100.parquet", part(tmp_path / "p.parquet"))
    rows, aside = crawl(READER, products["majortom-s2rgb-siglip"], hub.url)
    assert len(rows) == 1
    assert [(a.file, a.reason, a.field) for a in aside] == [("README.md", "card cannot be read", "front matter")]


def test_one_product_of_several_in_a_data_set_takes_its_own_folder(crawl, web, products, tmp_path):
    hub = Hub(web, "ML4Sustain/EarthEmbeddings")
    hub.put("README.md", GOOD_CARD)
    hub.put("dinov2/DINOv2_grid_sample_center_384x384_244k.parquet", part(tmp_path / "p.parquet", dimensions=1024))
    hub.put("siglip/SigLIP.parquet", part(tmp_path / "q.parquet"))
    rows, aside = crawl(READER, products["earth-embeddings-dinov2"], hub.url)
    assert [r["id"] for r in rows] == ["dinov2~DINOv2_grid_sample_center_384x384_244k"]
    assert aside == []


def test_presto_tiles_take_their_place_from_the_header(crawl, web, products, tmp_path):
    hub = Hub(web, "izvonkov/Togo_Presto_Embeddings")
    profile = {"driver": "GTiff", "width": 36, "height": 36, "count": 128, "dtype": "uint16", "crs": "EPSG:25231"}
    transform = rasterio.Affine(10, 0, 156130, 0, -10, 1233190)
    with rasterio.open(tmp_path / "a.tif", "w", transform=transform, compress="lzw", **profile) as file:
        file.write(np.zeros((128, 36, 36), np.uint16))
    hub.put("Togo_Presto_embeddings_v2025_06_190000000000-0000000000.tif", (tmp_path / "a.tif").read_bytes())
    rows, aside = crawl(READER, products["presto-togo-2019"], hub.url)
    assert aside == []
    (row,) = rows
    assert row["property:proj:code"] == "EPSG:25231"
    assert row["property:proj:shape"] == [36, 36]
    assert row["property:proj:transform"] == [10, 0, 156130, 0, -10, 1233190]
    assert row["asset:embeddings:data_type"] == "uint16"
    west, south, east, north = shapely.from_wkb(row["geometry"]).bounds
    assert -0.2 < west < east < 0.2  # the north-western corner of Togo
    assert 11 < south < north < 11.2


def test_cells_of_core_alphaearth_take_their_place_from_the_name_and_nothing_is_fetched(crawl, web, products):
    hub = Hub(web, "Major-TOM/Core-AlphaEarth-Embeddings")
    hub.put("2024/U/1/L/7/471U_587L.tif", b"never read")
    hub.put("2024/U/1/L/7/471U_9587L.tif", b"a cell that does not exist")
    rows, aside = crawl(READER, products["majortom-core-alphaearth"], hub.url)
    assert [(a.file, a.reason) for a in aside] == [("2024/U/1/L/7/471U_9587L.tif", "file cannot be read")]
    assert not [path for _, path, _ in web.log if path.endswith("471U_587L.tif")]
    (row,) = rows
    assert (row["property:proj:code"], row["property:grid:code"]) == ("EPSG:32619", "MAJORTOM-471U_587L")
    # 10,680 m from the upper left corner of the published file, 310455.16 4696576.00; its corners by PROJ.
    west_south_east_north = (-71.303065, 42.302247, -71.170080, 42.400887)
    assert shapely.from_wkb(row["geometry"]).bounds == pytest.approx(west_south_east_north, abs=1e-5)


def test_a_content_network_that_the_record_does_not_name_is_an_error(crawl, hub, products, tmp_path):
    hub.put("embeddings/part_00001-00100.parquet", part(tmp_path / "p.parquet"))
    hub.network = "https://cdn.example.net"
    with pytest.raises(UrlRefused, match=r"does not name the host cdn\.example\.net"):
        crawl(READER, products["majortom-s2rgb-siglip"], hub.url)


@pytest.mark.parametrize("gate", [{"gated": "manual"}, {"gated": "auto"}, {"private": True}])
def test_a_gated_data_set_is_refused(crawl, hub, products, gate):
    hub.about |= gate
    with pytest.raises(SourceError, match="is gated"):
        crawl(READER, products["majortom-s2rgb-siglip"], hub.url)


def test_a_data_set_without_vectors_is_an_error(crawl, hub, products):
    hub.put("README.md", GOOD_CARD)
    with pytest.raises(SourceError, match="no Parquet file and no GeoTIFF among 1 files"):
        crawl(READER, products["majortom-s2rgb-siglip"], hub.url)


def test_a_tree_that_never_ends_is_an_error(crawl, hub, web, products):
    loop = f"{web.url}/api/datasets/{hub.repo}/tree/{SHA}?recursive=true&expand=false"
    web.routes[f"/api/datasets/{hub.repo}/tree/"] = lambda h: Hub.json(h, [], {"Link": f'<{loop}>; rel="next"'})
    with pytest.raises(SourceError, match="the tree does not end"):
        crawl(READER, products["majortom-s2rgb-siglip"], hub.url)


@pytest.mark.parametrize("href", ["https://huggingface.co/Major-TOM/x", "https://huggingface.co/datasets/a/../b"])
def test_another_address_is_refused(products, href):
    with pytest.raises(SourceError, match="not the address of a data set"):
        list(READER.plan(Source(products["majortom-s2rgb-siglip"], href), Access(FetchPolicy(hosts=()))))


def test_paths_from_the_hub_never_become_paths_of_items(crawl, hub, products, tmp_path):
    hub.put("../../etc/part_00001-00100.parquet", part(tmp_path / "p.parquet"))
    rows, _ = crawl(READER, products["majortom-s2rgb-siglip"], hub.url)
    assert all("/" not in r["id"] and not r["id"].startswith(".") for r in rows)


def test_the_licence_of_the_card_is_stated_for_the_drift_report(hub, products, policy):
    access = Access(policy)
    source = Source(products["majortom-s2rgb-siglip"], hub.url)
    assert READER.facts(source, access) == {}
    hub.put("README.md", GOOD_CARD)
    assert READER.facts(source, access) == {"license": "CC-BY-SA-4.0"}


# -- copies on disk ------------------------------------------------------------------------------------------------

COMMIT = "f" * 40
NAME = "embeddings/part_00001-00100.parquet"
ADDRESS = "https://huggingface.co/datasets/Major-TOM/Core-S2RGB-SigLIP"


def read_local(products, href):
    """Read with the access of `--source`, as a worker does."""
    source = Source(products["majortom-s2rgb-siglip"], str(href))
    access = open_access(source)
    batches = [batch for shard in READER.plan(source, access) for batch in READER.read(shard, source, access)]
    rows = [row for batch in batches if batch.rows is not None for row in batch.rows.to_pylist()]
    return rows, [one for batch in batches for one in batch.rejected]


@pytest.fixture
def clone(tmp_path):
    """A folder as left by `git clone` or `snapshot_download(local_dir=...)`."""
    root = tmp_path / "Core-S2RGB-SigLIP"
    for folder in ("embeddings", ".git/lfs", ".cache/huggingface"):
        (root / folder).mkdir(parents=True)
    part(root / NAME)
    (root / "README.md").write_bytes(GOOD_CARD)
    (root / ".gitattributes").write_text("*.parquet filter=lfs")
    (root / ".git" / "lfs" / "part.parquet").write_bytes(b"x")
    (root / ".cache" / "huggingface" / "a.parquet.metadata").write_text("x")
    return root


def test_a_clone_is_read_and_its_items_point_to_the_hub(products, clone):
    rows, aside = read_local(products, clone)
    assert aside == []
    (row,) = rows
    assert row["id"] == "embeddings~part_00001-00100"
    assert row["asset:embeddings:href"] == f"{ADDRESS}/resolve/main/{NAME}"
    assert row["asset:embeddings:file:size"] == (clone / NAME).stat().st_size
    assert row["property:table:row_count"] == 4
    source = Source(products["majortom-s2rgb-siglip"], str(clone))
    assert READER.facts(source, open_access(source)) == {"license": "CC-BY-SA-4.0"}


def test_a_broken_card_of_a_clone_is_reported_as_on_the_hub(products, clone):
    (clone / "README.md").write_bytes(b"---\nlicense: x\ndtype: {list(float32\n---\n")
    rows, aside = read_local(products, clone)
    assert len(rows) == 1
    assert [(a.file, a.reason, a.field) for a in aside] == [("README.md", "card cannot be read", "front matter")]


def test_files_that_a_clone_only_names_are_rejected(products, clone):
    pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'0' * 64}\nsize 5330000000\n"
    (clone / "embeddings" / "part_00101-00200.parquet").write_text(pointer)
    rows, aside = read_local(products, clone)
    assert len(rows) == 1
    assert [(a.file, a.reason) for a in aside] == [
        ("embeddings/part_00101-00200.parquet", "git-lfs pointer: the file itself was not fetched")
    ]


@pytest.fixture
def cache(tmp_path):
    """The cache of huggingface_hub: snapshots of links to blobs."""
    root = tmp_path / "datasets--Major-TOM--Core-S2RGB-SigLIP"
    (root / "blobs").mkdir(parents=True)
    (root / "refs").mkdir()
    (root / "refs" / "main").write_text(COMMIT)
    (root / "snapshots" / COMMIT / "embeddings").mkdir(parents=True)
    body = part(tmp_path / "p.parquet")
    blob = hashlib.sha256(body).hexdigest()
    (root / "blobs" / blob).write_bytes(body)
    (root / "blobs" / ("b" * 40)).write_bytes(GOOD_CARD)
    (root / "snapshots" / COMMIT / NAME).symlink_to(f"../../../blobs/{blob}")
    (root / "snapshots" / COMMIT / "README.md").symlink_to(f"../../blobs/{'b' * 40}")
    return root


@pytest.mark.parametrize("below", ["", f"snapshots/{COMMIT}"])
def test_the_cache_of_the_hubs_client_is_read_with_its_checksums(products, cache, below):
    rows, aside = read_local(products, cache / below)
    assert aside == []
    (row,) = rows
    body = (cache / "snapshots" / COMMIT / NAME).read_bytes()
    assert row["asset:embeddings:file:checksum"] == "1220" + hashlib.sha256(body).hexdigest()
    assert row["asset:embeddings:href"] == f"{ADDRESS}/resolve/main/{NAME}"


def test_links_of_a_copy_that_lead_elsewhere_are_rejected(products, cache, tmp_path):
    part(tmp_path / "secret.parquet")
    (cache / "snapshots" / COMMIT / "embeddings" / "part_00101-00200.parquet").symlink_to(tmp_path / "secret.parquet")
    rows, aside = read_local(products, cache / "snapshots" / COMMIT)
    assert len(rows) == 1
    assert [a.reason for a in aside] == ["link leads out of the folder of the source"]


def test_a_cache_without_a_commit_is_refused(products, cache):
    (cache / "refs" / "main").write_text("../../../etc")
    with pytest.raises(SourceError, match="refs/main names no commit but"):
        read_local(products, cache)


def test_a_copy_and_the_hub_give_the_same_items(crawl, hub, products, clone):
    hub.put("README.md", GOOD_CARD)
    hub.put(NAME, (clone / NAME).read_bytes())
    (there,), _ = crawl(READER, products["majortom-s2rgb-siglip"], hub.url)
    (here,), _ = read_local(products, clone)
    there["asset:embeddings:href"] = there["asset:embeddings:href"].replace(hub.web.url, "https://huggingface.co")
    checksum = there.pop("asset:embeddings:file:checksum")  # which only the hub and its client's cache state
    assert checksum is not None
    assert here == there
