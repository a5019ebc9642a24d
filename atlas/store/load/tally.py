"""Counts the rows that a load sends, by place and by the values of properties that thousands of Items share.

The same as `atlas.count_partition` finds in the table (`70_counts.sql`), at a tenth of the time: the bytes are at hand.
"""

from collections import Counter

import pyarrow as pa
import pyarrow.compute as pc

from atlas.store.load.cells import Lattice, Places
from atlas.store.load.rows import Rows
from atlas.store.queries import Connection, value

__all__ = ["Tally"]

_LONGEST = 1_000
"""Bytes of a text that is counted, as in `70_counts.sql`: an index holds no row of more than 2,704."""
_PATHS = (
    "SELECT name, path FROM unnest(%s::text[]) AS n (name) CROSS JOIN LATERAL pgstac.queryable(name) WHERE registered"
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
        edges: list[list[float]] | list[None] = [None] * 4
        cells = self._places.rows() if self._places is not None else None
        if self._lattice is not None and (tiles := self._lattice.rows()) is not None:
            edges, cells = tiles
        made = value(
            connection,
            "SELECT atlas.begin_count(to_regclass(%s), %s, %s, %s, %s, %s, %s, %s, %s, %s)",
            [f"pgstac.{table}", rows, list(observed[:4]), observed[4], cells is not None, list(paths.values()), *edges],
        )
        with connection.cursor() as cursor:
            if cells is not None:
                with cursor.copy("COPY atlas.counted_rows (counted, y, x, upto, step) FROM STDIN") as copy:
                    for row in zip(*(column.tolist() for column in cells), strict=True):
                        copy.write_row((made, *row))
            cursor.executemany(
                "INSERT INTO atlas.counted_values (counted, path, value, n) VALUES (%s, %s, %s, %s)",
                [(made, path, *one) for name, path in paths.items() for one in self.values[name].items()],
            )
