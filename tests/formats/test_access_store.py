"""Byte ranges of objects whose shards may be half a gigabyte."""

import asyncio

import pytest
from zarr.abc.store import OffsetByteRequest, RangeByteRequest, SuffixByteRequest
from zarr.core.buffer import default_buffer_prototype

from atlas.fetch.faults import TooLarge
from atlas.formats import access_store
from atlas.formats.access_store import AccessStore
from atlas.read.files import access_to


@pytest.fixture(params=["local", "remote"])
def store(request, tmp_path, web, loopback):
    """A store with one object, and the number of requests sent."""
    (tmp_path / "c").write_bytes(bytes(range(100)))
    web.objects["/z/c"] = bytes(range(100))
    root = str(tmp_path) if request.param == "local" else f"{web.url}/z"
    return AccessStore(access_to(root), root), web


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (RangeByteRequest(10, 20), range(10, 20)),
        (OffsetByteRequest(90), range(90, 100)),
        (SuffixByteRequest(7), range(93, 100)),
        (SuffixByteRequest(700), range(100)),
    ],
)
def test_a_part_is_one_request_for_its_own_bytes(store, wanted, found):
    of, web = store
    data = asyncio.run(of.get("c", default_buffer_prototype(), wanted))
    assert data.to_bytes() == bytes(found)
    assert len(web.log) <= 1
    assert asyncio.run(of.get("d", default_buffer_prototype(), wanted)) is None


@pytest.mark.parametrize("wanted", [RangeByteRequest(0, 60), OffsetByteRequest(0), SuffixByteRequest(60)])
def test_no_part_is_larger_than_the_limit(store, wanted, monkeypatch):
    monkeypatch.setattr(access_store, "LARGEST_OBJECT", 50)
    with pytest.raises(TooLarge, match="the limit is 50"):
        asyncio.run(store[0].get("c", default_buffer_prototype(), wanted))
