"""Listings of a real S3 server (moto) in the producers' layouts."""

import datetime as dt
import json
from pathlib import Path

import boto3
import botocore
import pyarrow as pa
import pyarrow.parquet as pq
import pyproj
import pytest
import shapely

from atlas.errors import SourceError
from atlas.fetch.access import Access
from atlas.fetch.client import Fetcher
from atlas.fetch.faults import HttpStatus
from atlas.fetch.listing import _place, list_objects, list_prefixes
from atlas.fetch.policy import FetchPolicy
from atlas.sources.base import Source
from atlas.sources.object_listing import READER
from tests.s3_host import s3_host

DATA = Path(__file__).parent / "data"


@pytest.fixture(scope="module")
def moto():
    with s3_host() as endpoint:
        yield endpoint


@pytest.fixture
def bucket(moto, request):
    """A public bucket; `put` fills it, `url` is its path-style address."""
    client = boto3.client(
        "s3",
        endpoint_url=moto,
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=botocore.config.Config(retries={"max_attempts": 1}),
    )
    name = "b" + "".join(c for c in request.node.name.lower() if c.isalnum())[:50]
    client.create_bucket(Bucket=name, ACL="public-read")

    class Bucket:
        url = f"{moto}/{name}"
        policy = FetchPolicy(hosts=(moto.removeprefix("http://"),), allow_private=True, rate=1e6, attempts=2)

        @staticmethod
        def put(key, body=b"x"):
            client.put_object(Bucket=name, Key=key, Body=body, ACL="public-read")

        def crawl(self, product, prefix, **options):
            source, access = Source(product, f"{self.url}/{prefix}", options), Access(self.policy)
            rows, aside = [], []
            for shard in READER.plan(source, access):
                for batch in READER.read(shard, source, access):
                    rows += batch.rows.to_pylist() if batch.rows is not None else []
                    aside += batch.rejected
            return rows, aside

    return Bucket()


def footer_file(path, bbox=(-72.05, 40.9, -72.0, 40.95), rows=3, dimensions=1024, **keys):
    vectors = pa.array([[0.0] * dimensions] * rows, pa.list_(pa.float32(), dimensions))
    table = pa.table({"embeddings": vectors, "geometry": pa.array([shapely.to_wkb(shapely.box(*bbox))] * rows)})
    geo = b'{"version":"1.0.0","primary_column":"geometry","columns":{"geometry":{"encoding":"WKB","bbox":%s}}}'
    geo %= str(list(bbox)).encode()
    pq.write_table(table.replace_schema_metadata({b"geo": geo} | {k.encode(): v for k, v in keys.items()}), path)
    return path.read_bytes()


def test_a_listing_of_many_pages_is_complete_and_in_order(bucket, monkeypatch):
    monkeypatch.setattr("atlas.fetch.listing.PAGE", 10)
    for number in range(25):
        bucket.put(f"p/{number:04d}.txt")
    bucket.put("q/other")
    with Fetcher(bucket.policy) as fetcher:
        found = list(list_objects(fetcher, f"{bucket.url}/p/"))
        assert [f.name for f in found] == [f"{n:04d}.txt" for n in range(25)]
        assert fetcher.requests == 3
        assert found[0].fingerprint.startswith('etag:"')
        assert found[0].size == 1
        assert list(list_prefixes(fetcher, f"{bucket.url}/")) == [f"{bucket.url}/p/", f"{bucket.url}/q/"]


def test_keys_with_odd_characters_can_be_fetched_again(bucket):
    names = ["v2-2B-L~beta1/a b.txt", "v2/c+d&e.txt", "v2/ü#?.txt"]
    for name in names:
        bucket.put(f"x/{name}", name.encode())
    access = Access(bucket.policy)
    found = list(access.list(f"{bucket.url}/x/"))
    assert sorted(f.name for f in found) == sorted(names)
    for file in found:
        assert access.read(file.href).decode() == file.name


def test_clay_v0_takes_tile_and_day_from_the_name_and_opens_no_file(bucket, products):
    real = (DATA / "03WVN_20220610_20220610_v001.gpq").read_bytes()
    bucket.put("clay-model-v0-embeddings/03WVN_20220610_20220610_v001.gpq", real)
    bucket.put("clay-model-v0-embeddings/01WCN_20190518_20231021_v001.gpq", b"not opened")
    rows, aside = bucket.crawl(products["clay-v0-sentinel"], "clay-model-v0-embeddings/")
    assert aside == []
    one = next(r for r in rows if r["id"].startswith("03WVN"))
    assert one["id"] == "03WVN_20220610_20220610_v001"
    assert one["asset:embeddings:href"].endswith("/clay-model-v0-embeddings/03WVN_20220610_20220610_v001.gpq")
    assert one["asset:embeddings:file:size"] == len(real)
    assert one["property:grid:code"] == "MGRS-03WVN"
    assert one["property:proj:code"] == "EPSG:32603"
    assert one["start_datetime"] == dt.datetime(2022, 6, 10, tzinfo=dt.UTC)
    assert one["end_datetime"] == dt.datetime(2022, 6, 10, 23, 59, 59, 999999, tzinfo=dt.UTC)
    # The chips of the real file lie inside the tile that its name speaks of.
    tile = shapely.from_wkb(one["geometry"])
    chips = shapely.from_wkb(pq.read_table(DATA / "03WVN_20220610_20220610_v001.gpq")["geometry"].to_numpy())
    assert tile.buffer(0.01).contains(shapely.union_all(chips))


def test_the_footer_decides_where_it_is_asked_for(bucket, products):
    bucket.put("c/03WVN_20220610_20220610_v001.gpq", (DATA / "03WVN_20220610_20220610_v001.gpq").read_bytes())
    rows, aside = bucket.crawl(products["clay-v0-sentinel"], "c/", extent="footers")
    assert aside == []
    assert rows[0]["property:table:row_count"] == 6
    assert rows[0]["asset:embeddings:data_type"] == "float32"


def test_earth_index_periods_end_before_the_next_begins(bucket, products):
    bucket.put("e/2024/31TDF_2024-01-01_2025-01-01.parquet")
    rows, _ = bucket.crawl(products["earth-index-2024"], "e/2024/")
    assert rows[0]["id"] == "31TDF_2024-01-01_2025-01-01"
    assert rows[0]["end_datetime"] == dt.datetime(2024, 12, 31, 23, 59, 59, 999999, tzinfo=dt.UTC)
    tile = shapely.from_wkb(rows[0]["geometry"])
    assert tile.contains(shapely.Point(2.17, 41.38))  # Barcelona
    assert not tile.contains(shapely.Point(2.82, 41.98))  # Girona


def test_naip_takes_its_place_from_the_footer_and_its_day_from_the_name(bucket, products, tmp_path):
    body = footer_file(tmp_path / "a.parquet")
    bucket.put("n/wa/2021/m_4007201_ne_18_060_20211105.parquet", body)
    rows, aside = bucket.crawl(products["clay-v1-5-naip"], "n/")
    assert aside == []
    assert rows[0]["id"] == "wa~2021~m_4007201_ne_18_060_20211105"
    assert rows[0]["start_datetime"] == dt.datetime(2021, 11, 5, tzinfo=dt.UTC)
    assert shapely.from_wkb(rows[0]["geometry"]).bounds == pytest.approx((-72.05, 40.9, -72.0, 40.95))


def test_lgnd_takes_year_and_month_from_the_partition(bucket, products, tmp_path):
    name = "l/scene/gzd=10S/year=2024/month=06/data_01c1fab1-0004-5b1c-0009-b72e01d3104e_222_0_0.parquet"
    bucket.put(name, footer_file(tmp_path / "a.parquet"))
    rows, aside = bucket.crawl(products["lgnd-clay-v1-5-s2-l2a"], "l/")
    assert aside == []
    assert rows[0]["id"].startswith("scene~gzd-10S~year-2024~month-06~data_01c1fab1")
    assert rows[0]["end_datetime"] == dt.datetime(2024, 6, 30, 23, 59, 59, 999999, tzinfo=dt.UTC)


def test_what_is_no_product_file_is_rejected_with_the_reason(bucket, products, tmp_path):
    bucket.put("w/README.md")
    bucket.put("w/metadata.parquet")
    bucket.put("w/31TDF_2024-13-01_2025-01-01.parquet")
    bucket.put("w/empty.parquet", b"")
    bucket.put("w/broken.parquet", b"PAR1 and then nothing")
    bucket.put("w/wrong.parquet", footer_file(tmp_path / "a.parquet", dimensions=3))
    bucket.put("w/21MNT.parquet", (DATA / "21MNT.parquet").read_bytes())
    bucket.put("w/good.parquet", footer_file(tmp_path / "b.parquet", dimensions=384))
    rows, aside = bucket.crawl(products["earth-index-2024"], "w/")
    assert [r["id"] for r in rows] == ["good"]
    assert {a.file: a.reason for a in aside} == {
        "README.md": "not a file of vectors",
        "metadata.parquet": "not a file of vectors",
        "31TDF_2024-13-01_2025-01-01.parquet": "date in the name does not exist",
        "empty.parquet": "file is empty",
        "broken.parquet": "file cannot be read",
        "wrong.parquet": "vectors have other dimensions than the product",
        "21MNT.parquet": "file holds no vectors",
    }


@pytest.mark.parametrize("bbox", [(5e5, 4.6e6, 5e5, 4.6e6), (6e5, 4.6e6, 5e5, 4.7e6), (0, 1e9, 1, 2e9)])
def test_a_footer_without_a_legal_place_sets_its_own_file_aside(bucket, products, tmp_path, bbox):
    crs = pyproj.CRS("EPSG:32631").to_json_dict()
    column = {"encoding": "WKB", "bbox": bbox, "crs": crs}
    geo = {"version": "1.0.0", "primary_column": "geometry", "columns": {"geometry": column}}
    bucket.put("x/bad.parquet", footer_file(tmp_path / "a.parquet", dimensions=384, geo=json.dumps(geo).encode()))
    bucket.put("x/good.parquet", footer_file(tmp_path / "b.parquet", dimensions=384))
    rows, aside = bucket.crawl(products["earth-index-2024"], "x/")
    assert [row["id"] for row in rows] == ["good"]
    assert [(a.file, a.reason) for a in aside] == [("bad.parquet", "file gives no valid position")]


def test_a_new_file_disturbs_the_shard_of_its_grid_zone_only(bucket, products):
    for name in ("31TDF", "31TDG", "03WVN"):
        bucket.put(f"s/{name}_2024-01-01_2025-01-01.parquet")
    source, access = Source(products["earth-index-2024"], f"{bucket.url}/s/"), Access(bucket.policy)
    before = {s.id: s.fingerprint for s in READER.plan(source, access)}
    bucket.put("s/31TDH_2024-01-01_2025-01-01.parquet")
    after = {s.id: s.fingerprint for s in READER.plan(source, access)}
    assert set(before) == {"31T", "03W"}
    assert after["03W"] == before["03W"]
    assert after["31T"] != before["31T"]


def test_a_prefix_without_files_is_an_error(bucket, products):
    with pytest.raises(SourceError, match="no Parquet file and no GeoTIFF among 0 objects"):
        bucket.crawl(products["earth-index-2024"], "nothing/")


def test_a_missing_bucket_is_an_error(bucket, products):
    bucket.url += "x"
    with pytest.raises(HttpStatus, match="answers 404"):
        bucket.crawl(products["earth-index-2024"], "p/")


def test_files_of_like_names_are_items_of_their_own(bucket, products):
    names = ["a/b/31TDF", "a_b/31TDF", "a-b/31TDF", "a b/31TDF", "é/31TDF", "è/31TDF"]
    for name in names:
        bucket.put(f"l/{name}_2024-01-01_2025-01-01.parquet")
    source, access = Source(products["earth-index-2024"], f"{bucket.url}/l/"), Access(bucket.policy)
    shards = list(READER.plan(source, access))
    assert len({shard.id for shard in shards}) == len(shards) == len(names)
    rows, aside = bucket.crawl(products["earth-index-2024"], "l/")
    assert aside == []
    assert len({row["id"] for row in rows}) == len(names)


LISTING = '<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">{}</ListBucketResult>'


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"<html>", "not XML"),
        (b"<Error><Code>AccessDenied</Code></Error>", "not a listing but <Error> with code AccessDenied"),
        (b'<!DOCTYPE x [<!ENTITY a "aaaa">]><ListBucketResult/>', "declares a document type"),
        (LISTING.format("<Contents><Key>other/../a</Key></Contents>").encode(), "holds the key 'other/../a'"),
        (LISTING.format("<IsTruncated>true</IsTruncated>").encode(), "gives no new continuation token"),
        (
            LISTING.format("<IsTruncated>true</IsTruncated><NextContinuationToken>t</NextContinuationToken>").encode(),
            "gives no new continuation token",
        ),
    ],
)
def test_a_hostile_listing_is_refused(web, fetcher, body, why):
    web.routes["/bucket"] = lambda h: h.reply(200, body)
    with pytest.raises(SourceError, match=why):
        list(list_objects(fetcher, web.url + "/bucket/p/"))


def test_virtual_hosted_buckets_keep_the_whole_path_as_prefix():
    assert _place("https://tessera-embeddings.s3.us-west-2.amazonaws.com/v1.1/x/") == (
        "https://tessera-embeddings.s3.us-west-2.amazonaws.com",
        "v1.1/x/",
    )


def test_footers_are_waited_for_together_and_come_back_in_order(bucket, products, tmp_path):
    names = [f"f/{k:02}.parquet" for k in range(20)]
    for k, name in enumerate(names):
        bucket.put(name, footer_file(tmp_path / "a.parquet", rows=k + 1, dimensions=384))
    rows, aside = bucket.crawl(products["earth-index-2024"], "f/")
    assert aside == []
    assert [r["id"] for r in rows] == [f"{k:02}" for k in range(20)]
    assert [r["property:table:row_count"] for r in rows] == list(range(1, 21))
