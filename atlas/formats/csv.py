"""CSV indexes as a stream of batches of text: with a header, with another header, or with none."""

import csv
from collections.abc import Iterator, Sequence
from typing import BinaryIO

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.csv as pa_csv

from atlas.errors import SourceError
from atlas.fetch.inputs import RejectedRow
from atlas.formats.streams import PutBack

__all__ = ["Lines", "csv_batches"]

Lines = npt.NDArray[np.int64]

BLOCK = 4 * 2**20
"""Bytes of one block; a line that does not end within it is an error."""
MAXIMUM_HEADER = 65_536
MAXIMUM_BROKEN = 100_000
"""Lines of a wrong number of columns after which a file counts as unreadable."""


def csv_batches(
    stream: BinaryIO, name: str, required: Sequence[str], positions: Sequence[str]
) -> Iterator[tuple[Lines, pa.RecordBatch, list[RejectedRow]]]:
    """The rows of a CSV as text, the 1-based line of each, and the lines that have too few or too many columns.

    Columns are named by the header where it has all of `required`, whatever their order. Without such a header they are
    named by their place, if there are as many as `positions`; a first line without a single number is then a header in
    other words, and skipped.

    Raises:
        SourceError: neither names nor number of columns fit, the last line is cut, or the text is not CSV.
    """
    try:
        first = stream.readline(MAXIMUM_HEADER)
        cells = next(csv.reader([first.decode("utf-8-sig")]), [])
    except (UnicodeDecodeError, csv.Error) as error:
        raise SourceError(f"{name}: the first line is not CSV text: {error}") from None
    if set(required) <= set(cells):
        columns, header = cells, True
    elif len(cells) == len(positions):
        columns, header = list(positions), not any(_is_number(cell) for cell in cells)
    else:
        msg = (
            f"{name}: the first line has {len(cells)} columns ({', '.join(cells)[:200]}); expected the names "
            f"{', '.join(required)}, or {len(positions)} columns in the known order"
        )
        raise SourceError(msg)
    before = 1 if header else 0
    watched = PutBack(b"" if header else first, stream)
    broken: list[tuple[int, int]] = []

    def skip(row: pa_csv.InvalidRow) -> str:
        broken.append((row.number, row.actual_columns))
        return "skip" if len(broken) <= MAXIMUM_BROKEN else "error"

    try:
        reader = pa_csv.open_csv(
            pa.PythonFile(watched, "r"),
            pa_csv.ReadOptions(use_threads=False, block_size=BLOCK, column_names=columns),
            pa_csv.ParseOptions(newlines_in_values=False, invalid_row_handler=skip),
            pa_csv.ConvertOptions(
                column_types={column: pa.string() for column in columns},
                strings_can_be_null=True,
                quoted_strings_can_be_null=False,
            ),
        )
        row = reported = 0
        for batch in reader:
            numbers = _numbers(row + 1, batch.num_rows, [number for number, _ in broken])
            row = int(numbers[-1]) if len(numbers) else row
            rejected = [
                RejectedRow(name, number + before, "wrong number of columns", detail=f"{found}, not {len(columns)}")
                for number, found in broken[reported:]
            ]
            reported = len(broken)
            yield numbers + before, batch, rejected
    except pa.ArrowInvalid as error:
        raise SourceError(f"{name}: cannot be read as CSV: {error}") from error
    # A CSV need not end in a newline; one that ends within a row was cut, and nobody knows how much is missing.
    if broken and broken[-1][0] > row and watched.last != b"\n":
        raise SourceError(f"{name}: ends in the middle of line {broken[-1][0] + before}: the file is not complete")


def _numbers(first: int, count: int, skipped: list[int]) -> Lines:
    """The numbers of the next `count` rows, from `first` on, that were not skipped."""
    candidates = np.arange(first, first + count + len(skipped), dtype=np.int64)
    return candidates[~np.isin(candidates, skipped)][:count]


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
