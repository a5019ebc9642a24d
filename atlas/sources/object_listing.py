"""Object stores whose listing is the only index: ListObjectsV2, and the files' own names, footers and headers.

Source Cooperative lists at https://data.source.coop, where the account is the bucket; any S3 endpoint and any local
folder will do.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import ClassVar
from urllib.parse import unquote

from atlas.errors import SourceError
from atlas.fetch.access import Access
from atlas.fetch.inputs import InputFile
from atlas.formats.endings import is_raster, is_table
from atlas.sources.access import public_address
from atlas.sources.base import Option, Shard, Source
from atlas.sources.files.rows import FILE_OPTIONS, FileReader
from atlas.sources.naming import shard_id

__all__ = ["READER", "ObjectListing"]

FILES = 500_000
ZONE = re.compile(r"^(\d{2}[C-HJ-NP-X])[A-HJ-NP-Z][A-HJ-NP-V]_")


class ObjectListing(FileReader):
    """Reader of object listings."""

    kind: ClassVar[str] = "object-listing"
    options: ClassVar[Mapping[str, Option]] = FILE_OPTIONS

    def plan(self, source: Source, access: Access) -> Iterator[Shard]:
        """One shard per folder, and within a folder per MGRS grid zone: a new file disturbs its own shard only.

        Raises:
            SourceError: there is nothing below the prefix, far more than any product has, or a local copy of files
                that have no public address.
        """
        public_address(source)
        groups: dict[str, list[InputFile]] = defaultdict(list)
        count = 0
        for file in access.list(source.href):
            count += 1
            if count > FILES:
                raise SourceError(f"{source.href}: more than {FILES:,} objects: no index of a product")
            groups[_group(unquote(file.name))].append(file)
        if not any(is_table(f.name) or is_raster(f.name) for files in groups.values() for f in files):
            raise SourceError(f"{source.href}: no Parquet file and no GeoTIFF among {count} objects below it")
        for group, files in sorted(groups.items()):
            yield Shard(shard_id(group), tuple(sorted(files, key=lambda f: f.name)), {}, len(files))


def _group(name: str) -> str:
    folder, _, base = name.rpartition("/")
    zone = ZONE.match(base)
    return "/".join(part for part in (folder, zone[1] if zone else "") if part) or "files"


READER = ObjectListing()
