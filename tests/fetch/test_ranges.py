import dataclasses
import random
import threading

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from atlas.fetch.client import Fetcher
from atlas.fetch.faults import Changed, RangeIgnored, TooLarge
from atlas.fetch.ranges import RangeFile, read_range

DATA = random.Random(1).randbytes(2_000_000)


def test_a_range_is_exactly_what_was_asked_for(web, fetcher):
    web.objects["/a"] = DATA
    head, data = read_range(fetcher, web.url + "/a", 1000, 1500)
    assert data == DATA[1000:1500]
    assert head.size == len(DATA)
    assert read_range(fetcher, web.url + "/a", -10, 0)[1] == DATA[-10:]


def test_a_host_without_ranges_is_told_apart(web, fetcher):
    web.routes["/a"] = lambda h: h.reply(200, DATA)
    with pytest.raises(RangeIgnored, match="does not serve byte ranges"):
        read_range(fetcher, web.url + "/a", 0, 10)


def test_another_range_than_the_one_asked_for_is_refused(web, fetcher):
    web.routes["/a"] = lambda h: h.reply(206, b"0123456789", {"Content-Range": "bytes 90-99/2000"})
    with pytest.raises(RangeIgnored, match=r"asked for bytes=0-9, got bytes 90-99"):
        read_range(fetcher, web.url + "/a", 0, 10)


@pytest.mark.parametrize(
    ("start", "end", "span", "sent"),
    [
        (0, 10, "bytes 0-4/2000", 5),  # cut short in the middle of the object
        (0, 10, "bytes 0-9/5", 10),  # beyond its end
        (-10, 0, "bytes 0-3/10", 4),  # the first bytes of a small object, and not the last
        (-10, 0, "bytes 0-3/*", 4),
        (0, 10, "bytes 5-3/2000", 0),
    ],
)
def test_fewer_bytes_than_the_range_are_not_taken_for_others(web, fetcher, start, end, span, sent):
    web.routes["/a"] = lambda h: h.reply(206, b"0123456789"[:sent], {"Content-Range": span})
    with pytest.raises(RangeIgnored, match="asked for bytes="):
        read_range(fetcher, web.url + "/a", start, end)


def test_the_end_of_an_object_ends_a_range(web, fetcher):
    web.objects["/a"] = DATA[:7]
    assert read_range(fetcher, web.url + "/a", 3, 100)[1] == DATA[3:7]


@pytest.mark.parametrize("span", ["bytes 0-9/\u00b2", "bytes 0-9/" + "9" * 5000, "bytes \u00b9-9/10"])
def test_signs_that_are_no_numbers_are_no_content_range(web, fetcher, span):
    web.routes["/a"] = lambda h: h.reply(206, b"0123456789", {"Content-Range": span})
    with pytest.raises(RangeIgnored, match="no usable Content-Range"):
        read_range(fetcher, web.url + "/a", 0, 10)


def test_an_answer_without_content_range_is_refused(web, fetcher):
    web.routes["/a"] = lambda h: h.reply(206, b"0123456789")
    with pytest.raises(RangeIgnored, match="no usable Content-Range"):
        read_range(fetcher, web.url + "/a", 0, 10)


def test_a_file_reads_like_the_bytes_it_stands_for(web, fetcher):
    web.objects["/a"] = DATA
    file = RangeFile(fetcher, web.url + "/a")
    chance = random.Random(2)
    for _ in range(60):
        start = chance.randrange(len(DATA))
        length = chance.choice([0, 1, 100, 5000, 300_000])
        file.seek(start)
        assert file.read(length) == DATA[start : start + length]
        assert file.tell() == min(start + length, len(DATA))
    file.seek(-7, 2)
    assert file.read() == DATA[-7:]
    assert file.read(5) == b""


def test_a_block_is_not_fetched_twice(web, fetcher):
    web.objects["/a"] = DATA
    file = RangeFile(fetcher, web.url + "/a")
    file.read(100)
    before = len(web.log)
    file.seek(50)
    file.read(200)
    file.seek(-100, 2)
    file.read()
    assert len(web.log) == before


def test_an_object_that_changes_while_it_is_read_is_an_error(web, fetcher):
    web.objects["/a"] = DATA
    file = RangeFile(fetcher, web.url + "/a")
    web.objects["/a"] = DATA[::-1]
    with pytest.raises(Changed, match="changed since the crawl began to read it"):
        file.read(10)


def test_a_change_is_seen_where_the_host_ignores_if_match(web, fetcher):
    stamps = iter(['W/"1"', 'W/"2"'])

    def weak(handler):
        last = handler.headers["Range"].startswith("bytes=-")
        span = "bytes 1999900-1999999/2000000" if last else "bytes 0-99/2000000"
        handler.reply(206, DATA[:100], {"Content-Range": span, "ETag": next(stamps)})

    web.routes["/a"] = weak
    head, _ = read_range(fetcher, web.url + "/a", -100, 0)
    with pytest.raises(Changed, match='is W/"2"'):
        read_range(fetcher, web.url + "/a", 0, 100, stamp=head.stamp)


def test_a_range_over_the_limit_is_refused(web, policy):
    web.objects["/a"] = DATA
    with Fetcher(dataclasses.replace(policy, max_bytes=1000)) as fetcher, pytest.raises(TooLarge):
        read_range(fetcher, web.url + "/a", 0, 5000)


def test_pyarrow_reads_one_column_without_the_rest_of_the_file(web, fetcher, tmp_path):
    chance = random.Random(3)
    table = pa.table({"year": pa.array(range(4000), pa.int32()), "junk": [chance.randbytes(1000) for _ in range(4000)]})
    path = tmp_path / "index.parquet"
    pq.write_table(table, path, row_group_size=1000, compression="none")
    web.objects["/index.parquet"] = path.read_bytes()
    with RangeFile(fetcher, web.url + "/index.parquet") as file:
        column = pq.ParquetFile(file, pre_buffer=False).read_row_group(2, columns=["year"])["year"].to_pylist()
        assert column == list(range(2000, 3000))
        assert fetcher.bytes_read < path.stat().st_size / 3


def azure(answer):
    """A host without suffix ranges: it sends the whole file, answers 416, or misreads the range."""

    def route(handler):
        wanted = handler.headers.get("Range", "")
        low, _, high = wanted.removeprefix("bytes=").partition("-")
        if not low:
            answer(handler)
            return
        first, last = int(low), min(int(high), len(DATA) - 1)
        span = {"Content-Range": f"bytes {first}-{last}/{len(DATA)}", "ETag": '"one"'}
        handler.reply(206, DATA[first : last + 1], span)

    return route


@pytest.mark.parametrize(
    "answer",
    [
        lambda h: h.reply(200, DATA),
        lambda h: h.reply(416, b""),
        lambda h: h.reply(400, b"<Error/>"),
        lambda h: h.reply(206, DATA[:100], {"Content-Range": f"bytes 0-99/{len(DATA)}"}),
    ],
)
def test_a_host_without_ranges_from_the_end_is_asked_for_the_size_first(web, fetcher, answer):
    web.routes["/a"] = azure(answer)
    file = RangeFile(fetcher, web.url + "/a")
    assert file.size == len(DATA)
    file.seek(-7, 2)
    assert file.read() == DATA[-7:]
    file.seek(1000)
    assert file.read(500) == DATA[1000:1500]
    assert fetcher.bytes_read < len(DATA) / 2
    tail = len(DATA) - 256 * 1024
    asked = [headers["Range"] for _, _, headers in web.log]
    assert asked == ["bytes=-262144", "bytes=0-0", f"bytes={tail}-{len(DATA) - 1}", "bytes=0-262143"]
    RangeFile(fetcher, web.url + "/a")  # what the host cannot do is not tried again
    assert [headers["Range"] for _, _, headers in web.log[4:]] == ["bytes=0-0", f"bytes={tail}-{len(DATA) - 1}"]


def test_a_host_without_any_ranges_is_refused_without_taking_the_whole(web, fetcher):
    web.routes["/a"] = lambda h: h.reply(200, DATA)
    with pytest.raises(RangeIgnored, match="does not serve byte ranges"):
        RangeFile(fetcher, web.url + "/a")
    assert fetcher.bytes_read < len(DATA)


@pytest.mark.parametrize("size", [1, 2, 100])
def test_small_objects_of_such_a_host_are_read_whole(web, fetcher, size):
    def route(handler):
        low, _, high = handler.headers["Range"].removeprefix("bytes=").partition("-")
        if low:
            last = min(int(high), size - 1)
            handler.reply(206, DATA[int(low) : last + 1], {"Content-Range": f"bytes {low}-{last}/{size}"})
        else:
            handler.reply(200, DATA[:size])

    web.routes["/a"] = route
    assert RangeFile(fetcher, web.url + "/a").read() == DATA[:size]


def test_closing_waits_for_the_requests_that_are_on_their_way(web, fetcher):
    """They use the connections, which whoever closes the file may close next."""
    web.objects["/a"] = DATA
    file = RangeFile(fetcher, web.url + "/a")
    asked, go, order = threading.Event(), threading.Event(), []

    def held(handler):
        asked.set()
        go.wait(60)
        order.append("answered")
        handler.send_object("/a")

    def close():
        file.close()
        order.append("closed")

    web.routes["/a"] = held
    file.fetch_ahead([(0, 1000)])
    assert asked.wait(60)
    closing = threading.Thread(target=close)
    closing.start()
    closing.join(0.5)  # enough for one that does not wait
    go.set()
    closing.join(60)
    assert order == ["answered", "closed"]
