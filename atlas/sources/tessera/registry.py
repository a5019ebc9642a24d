"""TESSERA's text registries: `{year}/grid_{lon}_{lat}/grid_{lon}_{lat}[_scales].npy SHA256`, one file a line.

They come as one file per year (`registry_2021.txt`, plain or gzip) or as blocks of five degrees in the layout of
ucam-eo/tessera-manifests (`embeddings_2019_lon65_lat25.txt`). A tile needs both of its files, the quantised vectors
and the scales; one Item is made per tile and year. Lists of land masks beside the blocks say which tiles have one.
"""

import gzip
import re
import zlib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace
from pathlib import PurePosixPath
from typing import IO, Any, BinaryIO, ClassVar, cast

import numpy as np
import pyarrow as pa

from atlas.errors import SourceError
from atlas.fetch.access import Access
from atlas.fetch.inputs import InputFile, RejectedRow
from atlas.formats.streams import PutBack
from atlas.grids import tessera
from atlas.sources.base import CUT, Batch, Reader, Shard, Source, links_rejected, links_shard
from atlas.sources.naming import shard_id
from atlas.sources.tessera.fields import LINE, TILE_FILE, CheckedLines, Lines, digests
from atlas.sources.tessera.landmasks import LIST_NAME, Landmasks, read_lists
from atlas.sources.tessera.rows import FIRST_YEAR, LAST_YEAR, Tiles, asset_constants
from atlas.sources.tessera.tables import Wanted, rows

__all__ = ["READER", "TesseraRegistry"]

_MANIFEST = pa.schema(
    [
        ("line", pa.int64()),  # of the later of the two files
        ("year", pa.int64()),
        ("lon", pa.float64()),  # centre, degrees
        ("lat", pa.float64()),
        ("hash", pa.string()),
        ("scales_hash", pa.string()),
    ]
)
"""What a registry says of a complete tile, in columns of the manifest (see `atlas.sources.tessera.tables`)."""

_LOOSE_LINE = re.compile(r"^\d{4}/grid_[^/\s]+/grid_[^/\s]+\.npy(?P<hash>[ \t]+\S+)?\s*$")
_MOST_WAITING = 5_000_000
"""A year has some 1.8 million tiles; 100 bytes each wait for the other file where a registry lists all of one kind
first."""
_BLOCK_NAME = re.compile(r"^embeddings_(?P<year>\d{4})_lon(?P<lon>-?\d{1,3})_lat(?P<lat>-?\d{1,2})\.txt(\.gz)?$")
_REGISTRY_NAME = re.compile(r"\.txt(\.gz)?$")
_LANDMASKS = re.compile(r"^landmasks_.*\.txt(\.gz)?$")
BAND = 30
"""Degrees of longitude of a shard of blocks."""
_LISTED, _TOLD = "listed", "listed here"
"""How a shard uses the lists of land masks: for its tiles alone, or for their rejected lines too."""
_CHUNK = 8 * 2**20
_MAXIMUM_UNPACKED = 4 * 2**30
"""Unpacked bytes of one registry: ten times a registry of 1.8 million tiles is 4 GB; more is a bomb."""
_MAXIMUM_LINE = 4096


class TesseraRegistry(Reader):
    """Reader of text registries: a file or URL, plain or gzip, or a folder of files."""

    kind: ClassVar[str] = "text-registry"

    def plan(self, source: Source, access: Access) -> Iterator[Shard]:
        """One shard per registry file, and one per year and 30 degrees of longitude of a folder of blocks.

        Raises:
            SourceError: the folder holds no registry.
        """
        if _REGISTRY_NAME.search(source.href.partition("?")[0]):
            file = access.stat(source.href)
            yield Shard(shard_id(_stem(file.name or source.href)), (file,))
            return
        bands: dict[tuple[str, int], list[InputFile]] = defaultdict(list)
        masks: dict[int, list[InputFile]] = defaultdict(list)
        rejected: list[InputFile] = []
        found = False
        for file in access.list(source.href):
            name = PurePosixPath(file.name).name
            if file.rejected and not _REGISTRY_NAME.search(name):
                rejected.append(file)
                continue
            if "://" not in file.href and _REGISTRY_NAME.search(name) and not file.rejected:
                file = access.stat(file.href)  # small, so hashed: a copied folder with the same bytes is unchanged
            if match := _BLOCK_NAME.match(name):
                bands[match["year"], int(match["lon"]) // BAND * BAND].append(file)
            elif match := LIST_NAME.match(name):
                masks[int(match["lon"]) // BAND * BAND].append(file)
            elif _REGISTRY_NAME.search(name) and not _LANDMASKS.match(name):
                found = True
                yield Shard(shard_id(_stem(file.name)), (file,))
        listed, told = bool(masks), set[int]()
        for (year, lon), files in sorted(bands.items()):
            inputs = (*sorted(files, key=lambda f: f.name), *sorted(masks[lon], key=lambda f: f.name))
            # Where there are lists, a band without one has no land masks; without any list, every tile has one.
            # All years of a band share its lists: the first of them tells what is wrong there.
            use = _LISTED if lon in told else _TOLD
            told.add(lon)
            yield Shard(f"embeddings_{year}_lon{lon}", inputs, {"landmasks": use} if listed else {})
        yield from links_shard(rejected)
        if not (found or bands or rejected):
            msg = f"{source.href}: no registry here (registry_YEAR.txt[.gz] or embeddings_YEAR_lonL_latB.txt)"
            raise SourceError(msg)

    def read(self, shard: Shard, source: Source, access: Access) -> Iterator[Batch]:
        """The tiles of a shard in the order of the lines that complete them."""
        if "layout" in shard.arguments:
            yield Batch(None, links_rejected(shard))
            return
        tiles, made, whole = Tiles(), Tiles(), Wanted()
        masks: Landmasks | None = None
        lists = [file for file in shard.inputs if LIST_NAME.match(PurePosixPath(file.name).name)]
        telling = shard.arguments.get("landmasks") == _TOLD
        if "landmasks" in shard.arguments:
            masks, rejected = read_lists((file.name, access.read(file.href)) for file in lists if not file.rejected)
            if telling:
                yield Batch(None, tuple(rejected))
        for file in shard.inputs:
            name = file.label
            if file in lists and not (file.rejected and telling):
                continue
            if file.rejected:
                yield Batch(None, (RejectedRow(name, None, file.rejected),))
                continue
            lines = _LineReader(name, _block_of(name), tiles)
            first = 1
            for chunk, ended in _chunks(file, access):
                complete, rejected = lines.take(chunk, first)
                if not ended:  # a last line without a newline is fine, unless it is broken: then the file was cut
                    rejected = [replace(one, reason=one.reason + CUT) for one in rejected]
                first += chunk.count(b"\n")
                found = rows(complete, complete["line"].to_numpy(), name, source, whole, made, masks=masks)
                yield Batch(found.rows, (*rejected, *found.rejected))
            yield Batch(None, tuple(lines.unpaired()))

    def assets(self, source: Source) -> Mapping[str, Mapping[str, Any]]:
        """Title, roles and type of the vectors, the scales and the land mask."""
        return asset_constants(source)


class _LineReader:
    """Reads one file of a shard, chunk by chunk; keeps the lines whose partner has not come yet."""

    def __init__(self, file: str, block: tuple[int, int, int] | None, tiles: Tiles) -> None:
        """Args: the file's name in messages; year, lon, lat of its block if it is one; what the shard has seen."""
        self._file, self._block, self._tiles = file, block, tiles
        self._pending: Lines = np.empty(0, LINE)

    def take(self, chunk: bytes, first: int) -> tuple[pa.RecordBatch, list[RejectedRow]]:
        """Read whole lines, the first of which is line `first` of the file.

        Returns:
            The tiles that are complete now (schema `_MANIFEST`), in the order of the lines that completed them, and the
            lines that were rejected.
        """
        lines = CheckedLines(self._file, chunk, first, TILE_FILE)
        for number, text in lines.malformed():
            lines.reject_line(number, *_what_is_wrong(text))
        year = lines.all["year"]
        lines.reject(~lines.same, "folder and file name differ")
        lines.reject((year < FIRST_YEAR) | (year > LAST_YEAR), "impossible year", "year")
        lines.reject_other_places("tile", self._block[1:] if self._block else None)
        if self._block:
            lines.reject(year != self._block[0], "tile does not belong to the block that the file is named for")
        lines.reject_known(self._tiles)
        more = np.concatenate([self._pending, lines.kept]) if len(self._pending) else lines.kept
        return self._pair(more), lines.rejected

    def unpaired(self) -> list[RejectedRow]:
        """The lines whose partner never came, at the end of the file."""
        reasons = ("no scales file for this embeddings file", "no embeddings file for this scales file")
        return [
            RejectedRow(self._file, line, reasons[scales], "path", f"{year}/grid_{lon / 100:.2f}_{lat / 100:.2f}")
            for line, year, lon, lat, scales, _ in self._pending.tolist()
        ]

    def _pair(self, lines: Lines) -> pa.RecordBatch:
        """Match vectors and scales of equal tiles; what has no partner waits."""
        key = (lines["year"] * (4000 * 4000) + tessera.cell(lines["lon"], lines["lat"])) * 2 + lines["scales"]
        order = np.argsort(key, kind="stable")
        ordered = key[order]
        # Keys are unique, so a tile is complete where its even key is followed by the odd one.
        at = np.flatnonzero((ordered[:-1] % 2 == 0) & (ordered[1:] == ordered[:-1] + 1))
        done = np.maximum(lines["line"][order[at]], lines["line"][order[at + 1]])
        by_line = np.argsort(done, kind="stable")
        at, done = at[by_line], done[by_line]
        waiting = np.ones(len(lines), dtype=np.bool_)
        waiting[order[at]] = waiting[order[at + 1]] = False
        if (count := int(waiting.sum())) > _MOST_WAITING:
            raise SourceError(f"{self._file}: {count:,} files without their partner so far: not a registry of tiles")
        self._pending = lines[waiting]
        vectors, scales = lines[order[at]], lines[order[at + 1]]
        columns = [done, vectors["year"], vectors["lon"] / 100, vectors["lat"] / 100]
        return pa.record_batch([*map(pa.array, columns), digests(vectors), digests(scales)], schema=_MANIFEST)


def _what_is_wrong(text: str) -> tuple[str, str | None]:
    """Reason and field of a line that is not one of a registry."""
    match = _LOOSE_LINE.match(text)
    if match is None:
        return "not a registry line", None
    good_hash = re.fullmatch(r"[ \t]+[0-9a-fA-F]{64}", match["hash"] or "")
    return ("impossible coordinate", "path") if good_hash else ("bad hash", "sha256")


def _stem(name: str) -> str:
    return re.sub(r"\.txt(\.gz)?$", "", name.rstrip("/").rsplit("/", 1)[-1] if "://" in name else name)


def _block_of(name: str) -> tuple[int, int, int] | None:
    match = _BLOCK_NAME.match(PurePosixPath(name).name)
    return (int(match["year"]), int(match["lon"]), int(match["lat"])) if match else None


def _chunks(file: InputFile, access: Access) -> Iterator[tuple[bytes, bool]]:
    """Whole lines, about 8 MB at a time, each ending in a newline, and whether the last of them does so in the file."""
    name = file.label
    with ExitStack() as stack:
        body: BinaryIO = stack.enter_context(access.opened(file, whole=True))
        head = body.read(2)
        text: IO[bytes] = cast("IO[bytes]", PutBack(head, body))
        if head == b"\x1f\x8b":
            text = cast("IO[bytes]", stack.enter_context(gzip.GzipFile(fileobj=text, mode="rb")))
        total, rest = 0, b""
        try:
            while data := text.read(_CHUNK):
                total += len(data)
                if total > _MAXIMUM_UNPACKED:
                    raise SourceError(f"{name}: unpacks to more than {_MAXIMUM_UNPACKED:,} bytes")
                data = rest + data
                end = data.rfind(b"\n") + 1
                if len(data) - end > _MAXIMUM_LINE:
                    raise SourceError(f"{name}: a line is longer than {_MAXIMUM_LINE} bytes: not a text registry")
                rest = data[end:]
                if end:
                    yield data[:end], True
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise SourceError(f"{name}: damaged gzip data: {error}") from None
        if rest:
            yield rest + b"\n", False


READER = TesseraRegistry()
