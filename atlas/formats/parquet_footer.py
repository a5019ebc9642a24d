"""Check what a footer says of its column chunks, before Arrow reads it.

pyarrow ends the process where the C++ library finds a contradiction while Python asks for a column chunk's metadata:
nothing can catch that. So the contradictions that it looks for (`ColumnChunkMetaData` and `SizeStatistics::Validate` of
Arrow) are looked for here first, in the footer's Thrift.

Sources: the compact protocol, https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md; the
numbers of the fields, https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift.
"""

from collections.abc import Iterator
from typing import Any

from atlas.errors import SourceError

__all__ = ["check_chunks"]

_ROW_GROUPS, _COLUMNS, _META, _CRYPTO, _TYPE, _SIZES = 4, 1, 3, 8, 1, 16
_TYPES = ("BOOLEAN", "INT32", "INT64", "INT96", "FLOAT", "DOUBLE", "BYTE_ARRAY", "FIXED_LEN_BYTE_ARRAY")
_UNENCODED, _REPETITIONS, _DEFINITIONS = 1, 2, 3
_Elements = dict[int, "int | dict[int, int]"]
_TRUE, _FALSE, _BYTE, _DOUBLE, _BINARY, _LIST, _SET, _MAP, _STRUCT, _UUID = 1, 2, 3, 7, 8, 9, 10, 11, 12, 13
_INTEGERS = frozenset({4, 5, 6})
# Arrow ignores what a list says of the type of its elements, and would then read another footer than is read here.
# By structure: the types of the elements of its lists; and the structures that hold lists.
_OF_FILE: _Elements = {2: _STRUCT, 4: _STRUCT, 5: _STRUCT, 7: _STRUCT}
_OF_GROUP: _Elements = {1: _STRUCT, 4: _STRUCT}
_OF_COLUMN: _Elements = {2: 5, 3: _BINARY, 8: _STRUCT, 13: _STRUCT, 17: {2: 5}}
_DEEPEST = 32
"""Most nested structures; a footer has eight."""


def check_chunks(footer: bytes, meta: Any, name: str) -> None:  # noqa: ANN401 - pyarrow ships no types
    """Compare the column chunks of a footer with its schema, which pyarrow read (`meta`).

    Raises:
        SourceError: they contradict it.
    """
    columns = [meta.schema.column(n) for n in range(meta.num_columns)]
    seen = 0
    try:
        for groups in _Compact(footer).field(_ROW_GROUPS, _OF_FILE):
            for group in groups.items():
                count, seen = 0, seen + 1
                for chunks in group.field(_COLUMNS, _OF_GROUP):
                    for chunk in chunks.items():
                        count += 1
                        if count > len(columns):
                            raise _contradiction(name, f"a row group has more columns than the schema: {len(columns)}")
                        if fault := _fault(chunk, columns[count - 1]):
                            raise _contradiction(name, f"column {columns[count - 1].path}: {fault}")
                if count != len(columns):
                    raise _contradiction(name, f"a row group has {count} of the {len(columns)} columns of the schema")
    except (IndexError, ValueError) as error:
        raise _contradiction(name, "it cannot be read to its end") from error
    if seen != meta.num_row_groups:
        raise _contradiction(name, f"it has {seen} row groups by one reading and {meta.num_row_groups} by another")


def _contradiction(name: str, what: str) -> SourceError:
    return SourceError(f"{name}: the Parquet footer is damaged: {what}")


def _fault(chunk: "_Compact", column: Any) -> str | None:  # noqa: ANN401 - pyarrow ships no types
    described = False
    for number, kind in chunk.fields():
        if number == _CRYPTO:
            return "is encrypted"
        if number != _META:
            chunk.skip(kind)
            continue
        described = True
        for inner, inner_kind in chunk.fields():
            if inner == _TYPE and inner_kind in _INTEGERS:
                if not 0 <= (kind := chunk.signed()) < len(_TYPES) or _TYPES[kind] != column.physical_type:
                    return f"is stored as type {kind}, and by its schema is {column.physical_type}"
            elif inner == _SIZES and inner_kind == _STRUCT:
                if fault := _size_fault(chunk, column):
                    return fault
            else:
                chunk.skip(inner_kind, _OF_COLUMN.get(inner))
    return None if described else "is not described"


def _size_fault(sizes: "_Compact", column: Any) -> str | None:  # noqa: ANN401 - pyarrow ships no types
    levels = {_REPETITIONS: column.max_repetition_level + 1, _DEFINITIONS: column.max_definition_level + 1}
    for number, kind in sizes.fields():
        if number == _UNENCODED and column.physical_type != "BYTE_ARRAY":
            return "states bytes of text, and has none"
        if number in levels and kind == _LIST:
            count, element = sizes.head(6)
            if count not in (0, levels[number]):
                return f"counts {count} levels, where its schema has {levels[number]}"
            for _ in range(count):
                sizes.skip(element)
        else:
            sizes.skip(kind)
    return None


class _Compact:
    """A cursor over Thrift's compact protocol."""

    def __init__(self, data: bytes) -> None:
        self._data, self._at, self._deep = data, 0, 0
        self._count = 0

    def field(self, wanted: int, elements: _Elements) -> Iterator["_Compact"]:
        """Yield this cursor at each list that is a field of this number of the structure; other fields are skipped."""
        for number, kind in self.fields():
            if number == wanted and kind == _LIST:
                self._count, _ = self.head(_STRUCT)
                yield self
            else:
                self.skip(kind, elements.get(number))

    def items(self) -> Iterator["_Compact"]:
        """Yield this cursor at each structure of the list; each must be read to its end."""
        for _ in range(self._count):
            yield self

    def fields(self) -> Iterator[tuple[int, int]]:
        """Number and kind of each field of a structure; its value is to be read or skipped before the next."""
        number = 0
        while (byte := self._byte()) != 0:
            number = number + (byte >> 4) if byte >> 4 else self.signed()
            yield number, byte & 15

    def head(self, wanted: int | None = None) -> tuple[int, int]:
        """Length of a list, and the kind of its elements, which must be `wanted` where that is given."""
        byte = self._byte()
        count, element = (self._number() if byte >> 4 == 15 else byte >> 4), byte & 15
        if wanted is not None and element != wanted and not {element, wanted} <= _INTEGERS:
            raise ValueError(element)
        return count, element

    def skip(self, kind: int, elements: "int | dict[int, int] | None" = None, *, in_list: bool = False) -> None:
        """Pass over a value; `elements` are those of a list, or by field those of the lists of a structure."""
        if kind in (_TRUE, _FALSE):
            self._at += in_list
        elif kind == _BYTE:
            self._at += 1
        elif kind in _INTEGERS:
            self._number()
        elif kind in (_DOUBLE, _UUID):
            self._at += 8 if kind == _DOUBLE else 16
        elif kind == _BINARY:
            size = self._number()  # moves the cursor: not within the sum
            self._at += size
        else:
            self._skip_compound(kind, elements)
        if self._at > len(self._data):
            raise IndexError

    def _skip_compound(self, kind: int, elements: "int | dict[int, int] | None") -> None:
        self._deep += 1
        if self._deep > _DEEPEST:
            raise ValueError(kind)
        if kind in (_LIST, _SET):
            count, element = self.head(elements if isinstance(elements, int) else None)
            for _ in range(count):
                self.skip(element, in_list=True)
        elif kind == _STRUCT:
            of_lists = elements if isinstance(elements, dict) else {}
            for number, inner in self.fields():
                self.skip(inner, of_lists.get(number))
        elif kind == _MAP:
            if count := self._number():
                kinds = self._byte()
                for _ in range(count):
                    self.skip(kinds >> 4, in_list=True)
                    self.skip(kinds & 15, in_list=True)
        else:
            raise ValueError(kind)
        self._deep -= 1

    def _byte(self) -> int:
        found = self._data[self._at]
        self._at += 1
        return found

    def _number(self) -> int:
        found = shift = 0
        while True:
            byte = self._byte()
            found |= (byte & 127) << shift
            if byte < 128:
                return found
            shift += 7
            if shift > 63:
                raise ValueError(shift)

    def signed(self) -> int:
        """A whole number."""
        found = self._number()
        return (found >> 1) ^ -(found & 1)
