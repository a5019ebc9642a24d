"""Products that are one file: its header or footer is the only index."""

from collections.abc import Iterator
from typing import ClassVar

from atlas.fetch.access import Access
from atlas.sources.access import public_address
from atlas.sources.base import Shard, Source
from atlas.sources.files.rows import FileReader
from atlas.sources.naming import shard_id

__all__ = ["READER", "SingleFile"]


class SingleFile(FileReader):
    """Reader of single files."""

    kind: ClassVar[str] = "single-file"

    def plan(self, source: Source, access: Access) -> Iterator[Shard]:
        """One shard.

        Raises:
            SourceError: a local copy of a file that has no public address.
        """
        public_address(source)
        file = access.stat(source.href)
        yield Shard(shard_id(file.name or "file"), (file,), {}, 1)


READER = SingleFile()
