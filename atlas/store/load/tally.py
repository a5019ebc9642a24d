"""Counts the rows that a load sends, by place and by the values of properties that thousands of Items share.

The same as `atlas.count_partition` finds in the table (`70_counts.sql`), at a tenth of the time: the bytes are at hand.
"""

from collections import Counter
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import orjson
import pyarrow as pa
import pyarrow.compute as pc

from atlas.store.load.cells import CountedRows, Lattice, Places
from atlas.store.load.copy_stream import HEADER, TRAILER, encode_numbers
from atlas.store.load.rows import Rows
from atlas.store.queries import Connection, value

__all__ = ["Tally"]

_LONGEST = 1_000
"""Bytes of a text that is counted, as in `70_counts.sql`: an index holds no row of more than 2,704."""
_PATHS = (
    "SELECT name, path FROM unnest(%s::text[]) AS n (name) CROSS JOIN LATERAL pgstac.queryable(name) WHERE registered"
)
_ROWS = "COPY atlas.counted_rows (counted, y, x, upto, step) FROM STDIN (FORMAT binary)"
_VALUES = (
    "INSERT INTO atlas.counted_values (counted, path, value, n) SELECT %s, %s, * FROM unnest(%s::text[], %s::bigint[])"
)


class Tally:
    """What is known of the rows of one table.

    Attributes:
        values: Number of rows by text, by property; without a property of which a value is no text, or a long one.
    """

    def __init__(self) -> None:
        self.values: dict[str, Counter[str]] = {}
        self._other = set[str]()
        self._lattice: Lattice | None = Lattice()
        self._places: Places | None = Places()

    def add(self, rows: Rows) -> None:
        """Count rows."""
        for name, column in rows.shared.items():
            if not pa.types.is_string(column.type) and not pa.types.is_null(column.type):
                self._other.add(name)
                continue
            if (pc.max(pc.binary_length(column.cast(pa.string()))).as_py() or 0) > _LONGEST:
                self._other.add(name)
                continue
            counts = self.values.setdefault(name, Counter())
            for one in pc.value_counts(column.drop_null()).to_pylist():
                counts[one["values"]] += one["counts"]
        if self._lattice is not None and not self._lattice.add(rows.geometry):
            self._lattice = None
        if self._places is not None and not self._places.add(rows.geometry):
            self._places = None

    @property
    def box(self) -> str | None:
        """Extent of the rows as PostGIS writes boxes, if they are tiles of a lattice."""
        if self._lattice is None or (box := self._lattice.box) is None:
            return None
        west, south, east, north = box
        return f"BOX({west!r} {south!r},{east!r} {north!r})"

    def keep(self, connection: Connection, table: str, rows: int, observed: tuple[object, ...]) -> None:
        """Write what was counted, in the transaction that made the table.

        Args:
            connection: as the owner of the table.
            table: its name, in pgstac's schema.
            rows: their number.
            observed: first and last `datetime`, first and last `end_datetime`, extent.
        """
        known = connection.execute(_PATHS, [sorted(self.values.keys() - self._other)]).fetchall()
        paths = {str(name): str(path) for name, path in known}
        edges: list[str] | list[None] = [None] * 4
        cells: Iterator[CountedRows] | None = None
        if self._lattice is not None and (tiles := self._lattice.rows()) is not None:
            edges, cells = [_array(part) for part in tiles[0]], tiles[1]
        elif self._places is not None:
            cells = self._places.rows()
        made = value(
            connection,
            "SELECT atlas.begin_count(to_regclass(%s), %s, %s, %s, %s, %s, %s, %s, %s, %s)",
            [f"pgstac.{table}", rows, list(observed[:4]), observed[4], cells is not None, list(paths.values()), *edges],
        )
        with connection.cursor() as cursor:
            if cells is not None:
                with cursor.copy(
                    "COPY atlas.counted_rows (counted, y, x, upto, step) FROM STDIN (FORMAT binary)"
                ) as copy:
                    copy.write(HEADER)
                    for y, x, upto, step in cells:
                        counted = np.full(len(y), made, np.int64)
                        copy.write(encode_numbers(counted, y.astype(np.int32), x.astype(np.int32), upto, step))
                    copy.write(TRAILER)
            for name, path in paths.items():
                counts = self.values[name]
                cursor.execute(_VALUES, [made, path, list(counts), list(counts.values())])


def _array(numbers: npt.NDArray[np.float64]) -> str:
    """Numbers as PostgreSQL writes an array, with as many digits as tell them from all others."""
    return f"{{{orjson.dumps(numbers, option=orjson.OPT_SERIALIZE_NUMPY)[1:-1].decode()}}}"
