"""What the readers of files have in common: one row per file, one asset."""

from collections.abc import Iterator, Mapping
from typing import Any

from atlas.fetch.access import Access
from atlas.sources.base import Batch, Reader, Shard, Source
from atlas.sources.files.rows import ListedFile, file_constants, file_rows

__all__ = ["FileReader"]


class FileReader(Reader):
    """A reader whose shards are files."""

    def read(self, shard: Shard, source: Source, access: Access) -> Iterator[Batch]:
        """One row per file."""
        yield from file_rows((ListedFile(file) for file in shard.inputs), source, access)

    def assets(self, source: Source) -> Mapping[str, Mapping[str, Any]]:
        """The file of vectors."""
        return file_constants(source)
