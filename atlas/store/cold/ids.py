"""The index of a cold Collection from the id of an Item to its row group.

An id is known by 64 bits of its BLAKE2b hash: the upper half chooses a bucket, which is a row of `atlas.cold_ids`, the
lower half is listed there with the number of the row group, 8 bytes per Item. Where two ids share a hash, one row group
more is read.
"""

import hashlib
from collections.abc import Iterable, Iterator

import numpy as np
import numpy.typing as npt
import pyarrow as pa

__all__ = ["IdIndex", "bucket_of", "groups_in"]

_IN_BUCKET = 1_000
"""Entries of a bucket, on average: they are read together."""
_SPREAD = np.uint64(0x9E3779B97F4A7C15)
"""Odd, so that no two years are one number (modulo 2^64)."""
_ENTRY = np.dtype([("low", "<u4"), ("group", "<u4")])


def _hashes(ids: Iterable[str]) -> npt.NDArray[np.uint64]:
    digests = b"".join(hashlib.blake2b(one.encode(), digest_size=8).digest() for one in ids)
    return np.frombuffer(digests, "<u8").astype(np.uint64)


class IdIndex:
    """The ids of the row groups of all parts, in the order of the parts and of their groups.

    Holds 20 bytes per Item in memory while the parts are read.
    """

    def __init__(self) -> None:
        self._hashes: list[npt.NDArray[np.uint64]] = []
        self._groups: list[npt.NDArray[np.uint32]] = []
        self._of_years: list[npt.NDArray[np.uint64]] = []
        self._number = -1

    def next_group(self) -> None:
        """Begin the next row group."""
        self._number += 1

    def add(self, ids: pa.Array, years: npt.NDArray[np.int64]) -> None:
        """Add ids of this row group, with the years of their Items."""
        found = _hashes(ids.to_pylist())
        self._of_years.append(found ^ (years.astype(np.uint64) * _SPREAD))
        self._hashes.append(found)
        self._groups.append(np.full(len(found), self._number, np.uint32))

    def lacks(self, ids: pa.Array) -> npt.NDArray[np.bool_]:
        """Which of these ids are in no row group."""
        return ~np.isin(_hashes(ids.to_pylist()), np.concatenate(self._hashes) if self._hashes else np.empty(0))

    def repeated(self) -> int:
        """Number of Items that repeat the id and year of another one, which pgstac's tables do not allow."""
        hashes = np.concatenate(self._of_years) if self._of_years else np.empty(0)
        return len(hashes) - len(np.unique(hashes))

    @property
    def buckets(self) -> int:
        """Number of buckets."""
        return max(1, sum(len(one) for one in self._hashes) // _IN_BUCKET)

    def rows(self) -> Iterator[tuple[int, bytes]]:
        """Each bucket that has entries, with its entries."""
        if not any(map(len, self._hashes)):
            return
        hashes, groups = np.concatenate(self._hashes), np.concatenate(self._groups)
        buckets = (hashes >> np.uint64(32)) % np.uint64(self.buckets)
        order = np.argsort(buckets, kind="stable")
        entries = np.empty(len(order), _ENTRY)
        entries["low"], entries["group"] = (hashes & np.uint64(0xFFFFFFFF))[order], groups[order]
        there, first = np.unique(buckets[order], return_index=True)
        for bucket, begin, end in zip(there.tolist(), first, [*first[1:], len(order)], strict=True):
            yield int(bucket), entries[begin:end].tobytes()


def bucket_of(identity: str, buckets: int) -> int:
    """The bucket of an id."""
    return int((int(_hashes([identity])[0]) >> 32) % buckets)


def groups_in(entries: bytes, identity: str) -> set[int]:
    """The row groups that an Item of this id may lie in, by the entries of its bucket."""
    low = int(_hashes([identity])[0]) & 0xFFFFFFFF
    found = np.frombuffer(entries, _ENTRY)
    return set(found["group"][found["low"] == low].tolist())
