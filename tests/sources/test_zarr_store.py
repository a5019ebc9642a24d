"""Zarr v3 and Icechunk stores written by their own libraries, with the published groups and attributes."""

import json

import boto3
import botocore
import icechunk
import numpy as np
import pytest
import shapely
import zarr

from atlas.errors import UnreadableInput
from atlas.fetch.access import Access
from atlas.fetch.faults import UrlRefused
from atlas.fetch.policy import FetchPolicy
from atlas.sources.base import Source
from atlas.sources.zarr.icechunk import READER as ICECHUNK
from atlas.sources.zarr.plain import READER as ZARR
from tests.s3_host import s3_host

DIMENSIONS = 128
CONTRADICTS = "group contradicts itself, or places no pixel"
TRANSFORM = (10, 0, 163840, 0, -10, 5800000)


def group(
    root, name, *, code="EPSG:32633", years=(2023, 2024), transform=(10, 0, 163840, 0, -10, 5800000), dims=None, **attrs
):
    found = root.create_group(name) if name else root
    found.attrs.update({"proj:code": code, "spatial:transform": list(transform), **attrs})
    dims = dims or ("time", "band", "y", "x")
    sizes = {"time": len(years), "band": DIMENSIONS, "y": 640, "x": 320, "northing": 640, "easting": 320}
    found.create_array(
        "embeddings",
        shape=tuple(sizes[d] for d in dims),
        chunks=tuple(min(sizes[d], 64) for d in dims),
        dtype="int8",
        dimension_names=dims,
    )
    axis = found.create_array("time", shape=(len(years),), dtype="int64", dimension_names=("time",))
    axis[:] = np.array(years)
    return found


@pytest.fixture
def tessera_v2(products):
    return products["tessera-v2-2b-l-beta1"]


@pytest.fixture
def dclimate(products):
    return products["tessera-v1.1-dclimate"]


@pytest.fixture
def store(tmp_path):
    path = tmp_path / "zarr" / "v2"
    root = zarr.open_group(str(path), mode="w", zarr_format=3)
    root.attrs["geoemb:type"] = "pixel"
    group(root, "utm33")
    group(root, "utm34", code="EPSG:32634", years=(2024,), transform=(10, 0, 163840, 0, -10, -4000000))
    return path


def coordinates(found, name, values):
    found.create_array(name, shape=values.shape, dtype="float64", dimension_names=(name,))[:] = values


def serve(web, folder, base="/store"):
    for path in folder.rglob("*"):
        if path.is_file():
            web.objects[f"{base}/{path.relative_to(folder).as_posix()}"] = path.read_bytes()


def test_every_year_of_every_zone_is_an_item(crawl, tessera_v2, store):
    rows, aside = crawl(ZARR, tessera_v2, store)
    assert aside == []
    assert [r["id"] for r in rows] == ["utm33_2023", "utm33_2024", "utm34_2024"]
    one = rows[0]
    assert one["property:proj:code"] == "EPSG:32633"
    assert one["property:proj:shape"] == [640, 320]
    assert one["property:proj:transform"] == [10, 0, 163840, 0, -10, 5800000]
    assert "asset:embeddings:emb:layout.group" not in one  # the href is that of the group
    assert one["asset:embeddings:data_type"] == "int8"
    # A local copy: its Items point to the store that the record names.
    assert one["asset:embeddings:href"] == "https://data.source.coop/tessera/tessera/zarr/v2-2B-L~beta1/utm33"
    assert one["end_datetime"].isoformat() == "2023-12-31T23:59:59.999999+00:00"
    west, south, east, north = shapely.from_wkb(one["geometry"]).bounds
    assert (west, east) == (12, 18)
    assert 52.2 < south < north < 52.4
    # The southern half of a zone has negative northings in the northern CRS.
    _, south, _, north = shapely.from_wkb(rows[2]["geometry"]).bounds
    assert -36.3 < south < north < -36


def test_a_store_on_a_plain_host_is_read_by_its_consolidated_metadata(crawl, web, tessera_v2, store):
    with pytest.warns(zarr.errors.ZarrUserWarning, match="not part in the Zarr format 3"):
        zarr.consolidate_metadata(str(store), zarr_format=3)
    serve(web, store)
    rows, aside = crawl(ZARR, tessera_v2, web.url + "/store")
    assert aside == []
    assert len(rows) == 3
    assert rows[0]["asset:embeddings:href"] == web.url + "/store/utm33"
    # Nothing of the vectors is fetched.
    assert not [path for _, path, _ in web.log if "/embeddings/c/" in path]


@pytest.fixture
def fingerprints(tessera_v2, store, policy):
    def planned():
        access = Access(policy, root=store)
        shards = ZARR.plan(Source(tessera_v2, str(store)), access)
        return {shard.arguments["group"]: shard.fingerprint for shard in shards}

    return planned


@pytest.mark.parametrize("mapped", [False, True])
def test_what_is_written_anew_under_the_same_metadata_is_noticed(fingerprints, store, mapped):
    root = zarr.open_group(str(store), mode="r+")
    one = root["utm33"]
    coordinates(one, "y", 5800000 - 5.0 - 10 * np.arange(640))
    crs = one.create_array("spatial_ref", shape=(), dtype="int64")
    if mapped:
        one.attrs["grid_mapping"] = "spatial_ref"
    before = fingerprints()
    assert fingerprints() == before
    assert all(before.values())
    one["time"][:] = [2022, 2023]
    after = fingerprints()
    assert after["utm33"] != before["utm33"]
    assert after["utm34"] == before["utm34"]
    one["y"][-1] = 7.0
    moved = fingerprints()
    assert moved["utm33"] != after["utm33"]
    crs.attrs["GeoTransform"] = "0 1 0 0 0 -1"
    assert (fingerprints()["utm33"] != moved["utm33"]) is mapped


@pytest.mark.parametrize("separator", ["/", "."])
def test_every_chunk_of_a_time_axis_counts_and_the_vectors_do_not(fingerprints, store, separator):
    one = zarr.open_group(str(store), mode="r+")["utm33"]
    del one["time"]
    encoding = {"name": "default" if separator == "/" else "v2", "separator": separator}
    axis = one.create_array("time", shape=(4,), chunks=(1,), dtype="int64", chunk_key_encoding=encoding)
    axis[:] = [2019, 2020, 2021, 2022]
    before = fingerprints()["utm33"]
    axis[2] = 2024
    assert fingerprints()["utm33"] != before
    before = fingerprints()["utm33"]
    one["embeddings"][0, :64, :64, :64] = 1
    assert fingerprints()["utm33"] == before


def test_a_time_axis_in_many_chunks_is_read_each_time(fingerprints, store):
    one = zarr.open_group(str(store), mode="r+")["utm33"]
    del one["time"]
    one.create_array("time", shape=(17,), chunks=(1,), dtype="int64")[:] = np.arange(2000, 2017)
    found = fingerprints()
    assert not found["utm33"]
    assert found["utm34"]


@pytest.mark.parametrize(
    "change",
    [
        {"dimension_names": ["../x", 5, None]},
        {"shape": "x"},
        {"chunk_grid": 5},
        {"chunk_key_encoding": {"name": "default", "configuration": {"separator": "/../../../../../"}}},
    ],
)
def test_metadata_that_make_no_sense_do_not_end_the_plan(fingerprints, store, change):
    for name in ("embeddings", "time"):
        path = store / "utm33" / name / "zarr.json"
        path.write_text(json.dumps(json.loads(path.read_text()) | change))
    assert all(fingerprints().values())


def test_a_group_that_names_a_thousand_axes_costs_no_thousand_requests(web, policy, tessera_v2, store):
    with pytest.warns(zarr.errors.ZarrUserWarning, match="not part in the Zarr format 3"):
        zarr.consolidate_metadata(str(store), zarr_format=3)
    path = store / "utm33" / "embeddings" / "zarr.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"dimension_names": [f"x{n}" for n in range(1000)]}))
    serve(web, store)
    href = web.url + "/store"
    assert len(list(ZARR.plan(Source(tessera_v2, href), Access(policy, root=store)))) == 2
    assert len(web.log) < 50


def test_the_axis_of_the_vectors_is_not_asked_for(crawl, web, tessera_v2, store):
    with pytest.warns(zarr.errors.ZarrUserWarning, match="not part in the Zarr format 3"):
        zarr.consolidate_metadata(str(store), zarr_format=3)
    serve(web, store)
    # as buckets do that may not be listed
    web.routes["/store/utm33/band/"] = lambda request: request.reply(403, b"")
    rows, _ = crawl(ZARR, tessera_v2, web.url + "/store")
    assert len(rows) == 3


def test_the_mosaic_of_alphaearth_is_one_array_and_its_east_edge_is_legal(crawl, products, tmp_path):
    root = zarr.open_group(str(tmp_path / "mosaic"), mode="w", zarr_format=3)
    step = 8.983111749910169e-05
    dims = ("time", "embedding", "y", "x")
    array = root.create_array(
        "embeddings",
        shape=(2, 64, 1859584, 4009984),
        chunks=(1, 64, 4096, 4096),
        dtype="int8",
        dimension_names=dims,
    )
    array.attrs.update({"proj:code": "EPSG:4326", "spatial:transform": [step, 0, -180, 0, -step, 83.68570533713473]})
    root.create_array("time", shape=(2,), dtype="int64")[:] = np.array([2018, 2019])
    rows, aside = crawl(ZARR, products["aef-v1-annual"], tmp_path / "mosaic")
    assert aside == []
    assert [r["id"] for r in rows] == ["2018", "2019"]
    assert shapely.from_wkb(rows[0]["geometry"]).bounds == pytest.approx((-180, -83.3628, 180, 83.6857), abs=1e-4)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda g: g.attrs.update({"proj:code": None}), "group does not state its CRS"),
        (lambda g: g.attrs.update({"spatial:transform": [10, 0]}), "group does not state its transform"),
        (lambda g: g.attrs.update({"spatial:transform": [10, 0, 5e5, 0, 10, 2e7]}), "group gives no valid position"),
        (lambda g: g.attrs.update({"spatial:transform": [0, 0, 5e5, 0, 10, 2e7]}), CONTRADICTS),
        (lambda g: g.attrs.update({"proj:transform": [10, 0, 163840, 0, -10, 5700000]}), CONTRADICTS),
        (lambda g: coordinates(g, "x", 163845 + 10 * np.arange(1, 321)), CONTRADICTS),
        (lambda g: g.attrs.update({"years_complete": ["all"]}), "'years_complete' is not a list of years"),
        (lambda g: g.attrs.update({"years_complete": []}), "group holds no complete year"),
        (lambda g: g.__delitem__("time"), "group has no time axis"),
        (lambda g: g.__delitem__("embeddings"), "group has no array 'embeddings'"),
    ],
)
def test_a_group_that_breaks_one_rule_is_rejected_with_it(crawl, tessera_v2, store, change, reason):
    found = zarr.open_group(str(store / "utm34"), mode="a", zarr_format=3)
    change(found)
    rows, aside = crawl(ZARR, tessera_v2, store)
    assert [r["id"] for r in rows] == ["utm33_2023", "utm33_2024"]
    assert [(a.file, a.reason) for a in aside] == [("utm34", reason)]


def test_a_group_without_contradictions_is_placed_by_any_of_its_documents(crawl, tessera_v2, store):
    found = zarr.open_group(str(store / "utm34"), mode="a", zarr_format=3)
    transform = found.attrs["spatial:transform"]
    del found.attrs["spatial:transform"]
    found.attrs["proj:transform"] = transform
    coordinates(found, "x", 163845 + 10.0 * np.arange(320))
    coordinates(found, "y", -4000005 - 10.0 * np.arange(640))
    rows, aside = crawl(ZARR, tessera_v2, store)
    assert aside == []
    assert rows[2]["property:proj:transform"] == transform


def test_the_contradiction_is_told_in_the_words_of_the_reader(crawl, tessera_v2, store):
    found = zarr.open_group(str(store / "utm34"), mode="a", zarr_format=3)
    found.attrs["proj:transform"] = [10, 0, 163840, 0, -10, 5700000]
    _, (told,) = crawl(ZARR, tessera_v2, store)
    assert told.detail.startswith("'proj:transform' of the group is [10, 0, 163840, 0, -10, 5700000], but 'spatial:")


def test_vectors_of_another_length_are_rejected(crawl, products, store):
    rows, aside = crawl(ZARR, products["aef-v1-annual"], store)
    assert rows == []
    assert {a.reason for a in aside} == {"vectors have other dimensions than the product"}


def test_metadata_that_are_no_zarr_are_an_error(crawl, web, tessera_v2):
    web.objects["/store/zarr.json"] = b'{"zarr_format": 2}'
    with pytest.raises(UnreadableInput, match="not a Zarr document: 'zarr_format' is 2, not 3"):
        crawl(ZARR, tessera_v2, web.url + "/store")


def test_a_damaged_group_is_rejected_and_the_rest_goes_on(crawl, tessera_v2, store):
    (store / "utm34" / "zarr.json").write_text(json.dumps({"zarr_format": 3, "node_type": "nonsense"}))
    rows, aside = crawl(ZARR, tessera_v2, store)
    assert len(rows) == 2
    assert [(a.file, a.reason) for a in aside] == [("utm34", "metadata cannot be read")]


def commit(storage, **groups):
    repository = icechunk.Repository.open_or_create(storage)
    session = repository.writable_session("main")
    root = zarr.open_group(session.store, mode="a", zarr_format=3)
    for name, options in groups.items():
        group(root, name.lstrip("_"), dims=("time", "northing", "easting", "band"), **options)
    return session.commit("more zones")


def test_icechunk_groups_give_their_complete_years(crawl, dclimate, tmp_path):
    storage = icechunk.local_filesystem_storage(str(tmp_path / "repo"))
    north = {"code": "EPSG:32633", "years": (2022, 2023, 2024), "years_complete": [2023, 2024]}
    south = {"code": "EPSG:32733", "years": (2022, 2023, 2024), "transform": (10, 0, 163840, 0, -10, 9000000)}
    commit(storage, _33N=north, _33S=south | {"years_complete": [2024]})
    rows, aside = crawl(ICECHUNK, dclimate, tmp_path / "repo")
    assert aside == []
    assert [r["id"] for r in rows] == ["33N_2023", "33N_2024", "33S_2024"]
    assert rows[2]["property:proj:code"] == "EPSG:32733"
    assert shapely.from_wkb(rows[2]["geometry"]).bounds[3] < 0


def test_a_later_commit_changes_the_fingerprint_and_not_a_crawl_that_runs(dclimate, tmp_path, policy):
    storage = icechunk.local_filesystem_storage(str(tmp_path / "repo"))
    commit(storage, _33N={"years_complete": [2024]})
    source, access = Source(dclimate, str(tmp_path / "repo")), Access(policy, root=tmp_path / "repo")
    before = list(ICECHUNK.plan(source, access))
    commit(storage, _34N={"code": "EPSG:32634", "years_complete": [2024]})
    after = list(ICECHUNK.plan(source, access))
    assert [s.arguments["group"] for s in before] == ["33N"]
    assert [s.arguments["group"] for s in after] == ["33N", "34N"]
    assert before[0].fingerprint != after[0].fingerprint
    (batch,) = ICECHUNK.read(before[0], source, access)
    assert batch.rows.num_rows == 1


def test_a_folder_that_is_no_repository_is_an_error(crawl, dclimate, tmp_path):
    with pytest.raises(UnreadableInput, match="cannot be opened as an Icechunk repository"):
        crawl(ICECHUNK, dclimate, tmp_path)


def test_a_host_that_the_record_does_not_name_is_refused_before_icechunk_sees_it(dclimate):
    access = Access(FetchPolicy(hosts=("example.org",)), {"tessera-embeddings": "us-west-2"})
    with pytest.raises(UrlRefused, match=r"tessera-embeddings\.s3\.us-west-2\.amazonaws\.com"):
        list(ICECHUNK.plan(Source(dclimate, "s3://tessera-embeddings/v1.1/dclimate.icechunk"), access))


@pytest.fixture(scope="module")
def moto():
    with s3_host() as endpoint:
        yield endpoint


@pytest.fixture
def s3(moto):
    keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test", "region_name": "us-east-1"}
    client = boto3.client("s3", endpoint_url=moto, config=botocore.config.Config(retries={"max_attempts": 1}), **keys)
    client.create_bucket(Bucket="tessera", ACL="public-read")
    yield client
    for entry in client.list_objects_v2(Bucket="tessera").get("Contents", []):
        client.delete_object(Bucket="tessera", Key=entry["Key"])
    client.delete_bucket(Bucket="tessera")


def test_a_store_behind_an_s3_endpoint_is_listed_there(s3, moto, tessera_v2, store):
    for path in store.rglob("*"):
        if path.is_file():
            key = f"tessera/zarr/v2-2B-L~beta1/{path.relative_to(store).as_posix()}"
            s3.put_object(Bucket="tessera", Key=key, Body=path.read_bytes(), ACL="public-read")
    access = Access(FetchPolicy(hosts=(moto.partition("//")[2],), allow_private=True, rate=1e6), {"tessera": moto})
    source = Source(tessera_v2, "s3://tessera/tessera/zarr/v2-2B-L~beta1")
    rows = [r for s in ZARR.plan(source, access) for b in ZARR.read(s, source, access) for r in b.rows.to_pylist()]
    assert [r["id"] for r in rows] == ["utm33_2023", "utm33_2024", "utm34_2024"]
    assert rows[0]["asset:embeddings:href"] == "s3://tessera/tessera/zarr/v2-2B-L~beta1/utm33"


def test_a_repository_behind_an_s3_endpoint_is_read_without_signing(s3, moto, dclimate, tmp_path):
    commit(icechunk.local_filesystem_storage(str(tmp_path / "repo")), _33N={"years_complete": [2024]})
    for path in (tmp_path / "repo").rglob("*"):
        if path.is_file():
            key = f"v1.1/dclimate.icechunk/{path.relative_to(tmp_path / 'repo').as_posix()}"
            s3.put_object(Bucket="tessera", Key=key, Body=path.read_bytes(), ACL="public-read")
    access = Access(FetchPolicy(hosts=(moto.partition("//")[2],), allow_private=True, rate=1e6))
    source = Source(dclimate, f"{moto}/tessera/v1.1/dclimate.icechunk")
    rows = [
        r for s in ICECHUNK.plan(source, access) for b in ICECHUNK.read(s, source, access) for r in b.rows.to_pylist()
    ]
    assert [r["id"] for r in rows] == ["33N_2024"]
