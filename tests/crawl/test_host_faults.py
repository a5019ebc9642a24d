"""Hosts that fail during a later crawl, by protocol: earlier Items are kept and the fault is named."""

import dataclasses
import hashlib
import json
import re
import time

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely

from atlas.errors import AtlasError
from atlas.fetch.client import close_fetchers

from .conftest import lines
from .hosts import Host, answer, send

LISTING = (
    '<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><IsTruncated>false</IsTruncated>'
    "<Contents><Key>p/31TDF_{year}-01-01_{next}-01-01.parquet</Key><Size>9</Size><ETag>&quot;{year}&quot;</ETag>"
    "</Contents></ListBucketResult>"
)


def alphaearth(tmp_path, year):
    row = {"geom": shapely.to_wkb(shapely.box(-84.6, 35.5, -83.7, 36.2)), "crs": "EPSG:32617", "year": year}
    row |= {"utm_zone": "17N", "utm_west": 172320.0, "utm_south": 3932160.0}
    row |= {"utm_east": 254240.0, "utm_north": 4014080.0}
    row |= {"wgs84_west": -84.6, "wgs84_south": 35.5, "wgs84_east": -83.7, "wgs84_north": 36.2}
    row["path"] = f"s3://bucket/annual/{year}/17N/xs5hlzg8b1yjj29ta-0000000000-0000000000.tiff"
    pq.write_table(pa.Table.from_pylist([row]), tmp_path / "index.parquet")
    return (tmp_path / "index.parquet").read_bytes()


def stac(year):
    item = {
        "type": "Feature",
        "stac_version": "1.0.0",
        "id": f"18SUJ_{year}",
        "geometry": shapely.geometry.mapping(shapely.box(-77, 38, -76, 39)),
        "properties": {"start_datetime": f"{year}-01-01T00:00:00Z", "end_datetime": f"{year + 1}-01-01T00:00:00Z"},
        "assets": {"embeddings": {"href": "https://example.com/18SUJ.parquet"}},
        "links": [],
    }
    return json.dumps({"type": "FeatureCollection", "features": [item], "links": []}).encode()


COLLECTION = {"type": "Collection", "id": "c", "links": [{"rel": "items", "href": "items"}]}
PROTOCOLS = {  # product, address, path at which the host fails, what it serves in a year
    "text": ("tessera-v1", "/registry.txt", "/registry.txt", lambda _, y: lines("0.15_52.05", year=y).encode()),
    "ranges": ("aef-v1-annual", "/index.parquet", "/index.parquet", alphaearth),
    "listing": ("earth-index-2024", "/bucket/p/", "/bucket", lambda _, y: LISTING.format(year=y, next=y + 1).encode()),
    "api": ("earth-genome-ssl4eo-yearly", "/collections/c", "/collections/c/items", lambda _, y: stac(y)),
}


def begin(handler, body, length):
    """Status and headers of an answer whose body will be broken."""
    ranged = "Range" in handler.headers
    handler.send_response(206 if ranged else 200)
    handler.send_header("ETag", '"' + hashlib.sha256(body).hexdigest()[:16] + '"')
    if ranged:
        handler.send_header("Content-Range", f"bytes 0-{len(body) - 1}/{len(body)}")
    if length is not None:
        handler.send_header("Content-Length", str(length))
    handler.send_header("Connection", "close")
    handler.end_headers()
    handler.close_connection = True


def cut(handler, body):
    begin(handler, body, len(body))
    handler.wfile.write(body[: len(body) // 2])


def more_than_stated(handler, body):
    begin(handler, body, len(body) // 2)
    handler.wfile.write(body)


def drip(handler, body):
    begin(handler, body, len(body))
    for byte in body[:600]:
        handler.wfile.write(bytes([byte]))
        handler.wfile.flush()
        time.sleep(0.05)


FAULTS = {
    "403": (lambda h, _: answer(h, 403), "answers 403"),
    "404": (lambda h, _: answer(h, 404), "answers 404"),
    "429": (lambda h, _: answer(h, 429, Retry_After="0"), "answers 429"),
    "500": (lambda h, _: answer(h, 500), "answers 500"),
    "truncated body": (cut, "broken|arrived|ends"),
    "wrong content length": (more_than_stated, "not JSON|not XML|middle of a line|got bytes|the limit is 1"),
    "slow loris": (drip, "bytes per second"),
    "redirect inside": (lambda h, _: answer(h, 302, Location="http://169.254.169.254/x"), r"169\.254\.169\.254"),
    "changed meanwhile": (lambda h, body: send(h, body, '"another"'), "changed since"),
}


@pytest.fixture
def host():
    server = Host()
    yield server
    server.stop()
    close_fetchers()


@pytest.fixture
def patience(monkeypatch):
    """`patience(...)` sets the timeouts of the crawls that follow."""
    from atlas.sources import access

    real = access.policy_for

    def change(**fields):
        quick = {"attempts": 2, "backoff": 0.0, "rate": 1e6}
        monkeypatch.setattr(access, "policy_for", lambda *a, **k: dataclasses.replace(real(*a, **k), **quick, **fields))

    change()
    return change


def what_is_there(out):
    return {
        p.relative_to(out).as_posix(): p.read_bytes()
        for folder in ("items", "state", "set-aside")
        for p in sorted((out / folder).iterdir())
    }


# A change between plan and read shows where an object is asked for by its ETag first.
CASES = [(p, f) for p in PROTOCOLS for f in FAULTS if f != "changed meanwhile" or p in {"text", "ranges"}]


@pytest.mark.parametrize(("protocol", "fault"), CASES)
def test_a_host_that_fails_leaves_what_was_found_before(crawl, catalog, host, patience, tmp_path, protocol, fault):
    name, address, path, body = PROTOCOLS[protocol]
    host.objects["/collections/c"] = json.dumps(COLLECTION).encode()
    host.objects[path] = body(tmp_path, 2023)
    first = crawl(host.url + address, record=catalog.products[name])
    assert (first.items, first.faults) == (1, {})
    before = what_is_there(tmp_path / "out")

    act, message = FAULTS[fault]
    host.objects[path] = body(tmp_path, 2024)
    host.fault = path, act
    if fault == "slow loris":
        patience(low_speed=1000.0, low_speed_window=0.3)
    report = crawl(host.url + address, record=catalog.products[name])
    assert len(report.faults) == 1
    assert re.search(message, next(iter(report.faults.values()))), report.faults
    assert (report.items, report.changes.vanished, report.nothing_changed) == (1, 0, False)
    assert what_is_there(tmp_path / "out") == before

    host.fault = None
    patience()
    after = crawl(host.url + address, record=catalog.products[name])
    assert (after.items, after.faults, after.changes.added, after.changes.vanished) == (1, {}, 1, 1)


@pytest.mark.parametrize("fault", ["403", "500", "truncated body", "redirect inside"])
def test_a_host_that_fails_from_the_beginning_leaves_no_part(crawl, catalog, host, patience, tmp_path, fault):
    name, address, path, body = PROTOCOLS["ranges"]
    host.objects[path] = body(tmp_path, 2023)
    act, message = FAULTS[fault]
    host.fault = path, act
    with pytest.raises(AtlasError, match=message):
        crawl(host.url + address, record=catalog.products[name])
    assert what_is_there(tmp_path / "out") == {}
    assert not (tmp_path / "out" / "manifest.json").exists()
