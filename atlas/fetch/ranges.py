"""Exact byte ranges and a file object on top of them."""

import io
import os
import re
from bisect import bisect_right
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import replace
from functools import lru_cache

from atlas.fetch.address import split
from atlas.fetch.client import Fetcher
from atlas.fetch.faults import Changed, FetchError, HttpStatus, RangeIgnored, TooLarge
from atlas.fetch.reply import Head

__all__ = ["RangeFile", "read_last", "read_range"]

SPAN = re.compile(r"^bytes ([0-9]{1,18})-([0-9]{1,18})/([0-9]{1,18}|\*)$")
BLOCK = 256 * 1024
BLOCKS_KEPT = 64
GAP, MOST_AHEAD = 16 * 1024, 512 * 2**20
"""Bytes of the largest gap between spans that are fetched as one, and most bytes that are fetched ahead at a time."""
NO_SUFFIX = {400, 405, 416, 501}
"""What hosts without suffix ranges answer; others send the whole object."""


def read_range(fetcher: Fetcher, url: str, start: int, end: int, *, stamp: str | None = None) -> tuple[Head, bytes]:
    """The bytes `start` to `end` (exclusive) of an object; a negative `start` with `end` 0 means the last bytes.

    `stamp` is that of the object that is being read (see `Head.stamp`).

    Raises:
        Changed: the object changed.
        RangeIgnored: the host did not send this range.
    """
    wanted = f"bytes={start}" if start < 0 else f"bytes={start}-{end - 1}"
    headers = {"Range": wanted}
    if stamp and stamp.startswith('"'):  # a strong ETag: the host itself refuses when the object has changed
        headers["If-Match"] = stamp
    length = -start if start < 0 else end - start
    if length > fetcher.policy.max_bytes:
        raise TooLarge(f"{url}: a range of {length} bytes, the limit is {fetcher.policy.max_bytes}")
    try:
        reply = fetcher.get(url, headers=headers, max_bytes=length, expect=(206,))
    except HttpStatus as error:
        if error.status == 412:
            raise Changed(f"{url}: changed since the crawl began to read it") from None
        if error.status == 200:
            raise RangeIgnored(f"{url}: the host does not serve byte ranges") from None
        raise
    span = SPAN.match(reply.headers.get("content-range", ""))
    if not span:
        raise RangeIgnored(f"{url}: no usable Content-Range in the answer to {wanted}")
    first, last = int(span[1]), int(span[2])
    size = None if span[3] == "*" else int(span[3])
    expected = max(0, (size or 0) + start) if start < 0 else start
    # It must reach the end of the range or of the object: a shorter one would be read as other bytes.
    whole = start >= 0 and last < end if size is None else last + 1 == (size if start < 0 else min(end, size))
    if first != expected or len(reply.content) != last - first + 1 or not whole:
        raise RangeIgnored(f"{url}: asked for {wanted}, got bytes {first}-{last} ({len(reply.content)} bytes)")
    if stamp and reply.head.stamp and reply.head.stamp != stamp:
        raise Changed(f"{url}: changed since the crawl began to read it (was {stamp}, is {reply.head.stamp})")
    return reply.head, reply.content


def read_last(fetcher: Fetcher, url: str, length: int) -> tuple[Head, bytes]:
    """The last `length` bytes of an object, fewer of a smaller one, also from hosts that serve no ranges from the end.

    Raises:
        FetchError: as for `read_range`.
    """
    host = split(url).netloc.lower()
    if host not in fetcher.without_suffix:
        try:
            return read_range(fetcher, url, -length, 0)
        except RangeIgnored:
            pass
        except HttpStatus as error:
            if error.status not in NO_SUFFIX:
                raise
    head, first = read_range(fetcher, url, 0, 1)
    fetcher.without_suffix.add(host)
    if head.size is None:
        head = replace(head, size=fetcher.head(url).size)
    if head.size is None or head.size <= 1:
        return head, first
    return read_range(fetcher, url, max(0, head.size - length), head.size, stamp=head.stamp)


class RangeFile(io.RawIOBase):
    """A remote object as a read-only file, fetched by ranges in blocks, which are cached.

    The size and stamp come from the first answer; every later one must carry the same.
    """

    def __init__(self, fetcher: Fetcher, url: str) -> None:
        """Request the last block at once: it holds a Parquet footer and tells the size.

        Where the host serves no ranges from the end (Azure's blobs, for one), the size is asked for first.

        Raises:
            FetchError: the object cannot be read by ranges.
        """
        super().__init__()
        self._fetcher, self.url = fetcher, url
        self._block = lru_cache(BLOCKS_KEPT)(self._read_block)
        self._ahead: list[tuple[int, int, Future[bytes]]] = []
        self._process = os.getpid()
        self._position = 0
        head, tail = read_last(fetcher, url, BLOCK)
        if head.size is None:
            raise FetchError(f"{url}: the host does not state the size of the object")
        self.head = head
        self.size: int = head.size
        self._tail_start = self.size - len(tail)
        self._tail = tail

    def fetch_ahead(self, spans: Iterable[tuple[int, int]]) -> None:
        """Begin to fetch what is about to be read, several requests at a time; it is kept until the next call.

        A span is its first byte, and the one after the last; neighbouring spans are fetched together.
        """
        for _, _, part in self._underway():
            part.cancel()
        wanted: list[list[int]] = []
        for start, stop in sorted(spans):
            stop = min(stop, self._tail_start)
            if stop <= start:
                continue
            if wanted and start - wanted[-1][1] <= GAP and stop - wanted[-1][0] <= self._fetcher.policy.max_bytes:
                wanted[-1][1] = max(wanted[-1][1], stop)
            else:
                wanted.append([start, stop])
        if not wanted or sum(stop - start for start, stop in wanted) > MOST_AHEAD:
            return
        pool = ThreadPoolExecutor(min(len(wanted), self._fetcher.policy.concurrency))
        self._ahead = [(start, stop, pool.submit(self._direct, start, stop)) for start, stop in wanted]
        pool.shutdown(wait=False)  # its threads end with the last request

    def arrived(self, spans: Iterable[tuple[int, int]]) -> None:
        """Wait for spans that `fetch_ahead` began to fetch.

        Raises:
            FetchError: a span cannot be read: raised here, as a library that reads the file would hide it.
        """
        for start, stop in spans:
            if (found := self._fetched_ahead(start, min(stop, self._tail_start))) is not None:
                found[1].result()

    def close(self) -> None:
        """Cancel what was not fetched yet, and wait for requests that are under way, as they use the connections."""
        wait([part for _, _, part in self._underway() if not part.cancel()])
        self._ahead = []
        self._block.cache_clear()
        super().close()

    def _fetched_ahead(self, start: int, stop: int) -> tuple[int, Future[bytes]] | None:
        """The part that holds a span, and where it begins."""
        ahead = self._underway()
        at = bisect_right(ahead, start, key=lambda one: one[0]) - 1
        return (ahead[at][0], ahead[at][2]) if at >= 0 and stop <= ahead[at][1] else None

    def _underway(self) -> list[tuple[int, int, Future[bytes]]]:
        """What is fetched ahead: nothing in a copy of the process, as the threads that fetch were not copied."""
        if self._process != os.getpid():
            self._ahead, self._process = [], os.getpid()
        return self._ahead

    def readable(self) -> bool:
        """Always."""
        return True

    def seekable(self) -> bool:
        """Always."""
        return True

    def tell(self) -> int:
        """Position of the next byte."""
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move to a byte; costs nothing."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self.size}[whence]
        self._position = max(0, base + offset)
        return self._position

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override] # typeshed's Buffer is wider than what io passes
        """Fill the buffer from the position on; returns the number of bytes, 0 at the end."""
        data = self.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def read(self, size: int | None = -1) -> bytes:
        """The next `size` bytes, fewer at the end of the object."""
        stop = self.size if size is None or size < 0 else min(self._position + size, self.size)
        start, self._position = self._position, max(self._position, stop)
        return self._span(start, stop) if stop > start else b""

    def _span(self, start: int, stop: int) -> bytes:
        if start >= self._tail_start:
            return self._tail[start - self._tail_start : stop - self._tail_start]
        if (ahead := self._fetched_ahead(start, stop)) is not None:
            begin, part = ahead
            return part.result()[start - begin : stop - begin]
        if stop - start > BLOCK:  # a large read is one request, and is not kept
            return self._direct(start, stop)
        parts = []
        for block in range(start // BLOCK, (stop - 1) // BLOCK + 1):
            data, begin = self._block(block), block * BLOCK
            parts.append(data[max(0, start - begin) : stop - begin])
        return b"".join(parts)

    def _direct(self, start: int, stop: int) -> bytes:
        largest = self._fetcher.policy.max_bytes
        parts = []
        for begin in range(start, stop, largest):
            end = min(begin + largest, stop)
            parts.append(read_range(self._fetcher, self.url, begin, end, stamp=self.head.stamp)[1])
        data = b"".join(parts)
        if len(data) != stop - start:
            raise RangeIgnored(f"{self.url}: bytes {start}-{stop} came back as {len(data)} bytes")
        return data

    def _read_block(self, number: int) -> bytes:
        return self._direct(number * BLOCK, min((number + 1) * BLOCK, self.size))
