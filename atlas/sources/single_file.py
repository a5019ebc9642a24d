"""Products that are one file: its header or footer is all the index there is."""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from atlas.sources.base import Access, Batch, Shard, Source
from atlas.sources.files.public import public_address
from atlas.sources.files.rows import ListedFile, file_constants, file_rows
from atlas.sources.naming import shard_id

__all__ = ["READER", "SingleFile"]


class SingleFile:
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

    def read(self, shard: Shard, source: Source, access: Access) -> Iterator[Batch]:
        """One row."""
        yield from file_rows((ListedFile(file) for file in shard.inputs), source, access)

    def assets(self, source: Source) -> Mapping[str, Mapping[str, Any]]:
        """The file of vectors."""
        return file_constants(source)

    def properties(self, source: Source) -> Mapping[str, Any]:
        """Nothing beyond the record."""
        del source
        return {}


READER = SingleFile()
