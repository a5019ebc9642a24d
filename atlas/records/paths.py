"""Dotted paths of fields in a record: values, which path covers which value, and where it is in the file."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, get_args, get_origin

from atlas.records.base import Strict

__all__ = [
    "Leaf",
    "covers",
    "field_exists",
    "find",
    "leaves",
    "locate",
    "model_in",
    "names",
    "nearest",
    "starred",
    "value_at",
]

NAMING = ("id", "input", "key", "name")
"""Members that name an entry of a list, in this order."""

Segment = tuple[str, ...]
"""All spellings of one step of a path: for an entry of a list its name, its position and `*`."""
Leaf = tuple[Segment, ...]


def leaves(record: Strict) -> Iterator[tuple[Leaf, Any]]:
    """Every value of a record, except null, false, and empty lists and mappings."""
    yield from _walk(record.model_dump(mode="json", exclude_defaults=False), ())


def _walk(value: Any, path: Leaf) -> Iterator[tuple[Leaf, Any]]:  # noqa: ANN401 - any JSON value
    if isinstance(value, dict):
        for key, below in value.items():
            yield from _walk(below, (*path, (str(key),)))
    elif isinstance(value, list) and any(isinstance(entry, dict) for entry in value):
        for position, entry in enumerate(value):
            yield from _walk(entry, (*path, _entry(entry, position)))
    elif value is not None and value != [] and value is not False:
        yield path, value


def _entry(entry: Any, position: int) -> Segment:  # noqa: ANN401 - any JSON value
    name = next((str(entry[key]) for key in NAMING if key in entry), None) if isinstance(entry, dict) else None
    return (name, str(position), "*") if name is not None else (str(position), "*")


def covers(path: str, leaf: Leaf) -> bool:
    """Whether a dotted path names a value or a group around it."""
    steps = path.split(".")
    return len(steps) <= len(leaf) and all(step in names for step, names in zip(steps, leaf, strict=False))


def nearest(paths: Iterable[str], covering: Callable[[str], bool]) -> list[str]:
    """The most specific paths that cover a value: the longest; one may have a name where another has `*`."""
    found = [path for path in paths if covering(path)]
    longest = max(map(len, found), default=0)
    return [path for path in found if len(path) == longest]


def names(pattern: str, path: str) -> bool:
    """Whether a pattern names a field or a group around it; `*` stands for any entry of a list."""
    # An id of an entry may contain dots, so the texts are compared first.
    if path == pattern or path.startswith(pattern + "."):
        return True
    given, wanted = pattern.split("."), path.split(".")
    return len(given) <= len(wanted) and all(step in ("*", want) for step, want in zip(given, wanted, strict=False))


def locate(data: Any, path: str) -> tuple[str | int, ...]:  # noqa: ANN401 - any JSON value
    """The path of a value in the file's plain data, as far as it exists there."""
    found: list[str | int] = []
    for step in path.split("."):
        if isinstance(data, Mapping) and step in data:
            found.append(step)
            data = data[step]
        elif isinstance(data, list):
            position = next((i for i, entry in enumerate(data) if step in _entry(entry, i)), None)
            if position is None:
                break
            found.append(position)
            data = data[position]
        else:
            break
    return tuple(found)


def find(record: Strict, path: str) -> list[Any]:
    """The values at a dotted path of a record: several if it contains `*`, none if it does not exist.

    Null values are left out.
    """
    values: list[Any] = [record.model_dump(mode="json")]
    for step in path.split("."):
        values = [below for value in values for below in _step(value, step)]
    return [value for value in values if value is not None and value not in ([], {})]


def value_at(record: Any, path: str) -> Any:  # noqa: ANN401 - a record, and any value of it
    """The value at a dotted path that goes through no list; None where there is none."""
    for step in path.split("."):
        record = record.get(step) if isinstance(record, Mapping) else getattr(record, step, None)
    return record


def starred(record: Strict, path: str) -> str:
    """A path with `*` for every entry of a list, so that the same field of several entries counts as one."""
    steps, values = [], [record.model_dump(mode="json")]
    for step in path.split("."):
        in_list = bool(values) and all(isinstance(value, list) for value in values)
        steps.append("*" if in_list else step)
        values = [below for value in values for below in _step(value, step)]
    return ".".join(steps)


def _step(value: Any, step: str) -> list[Any]:  # noqa: ANN401 - any JSON value
    """What a step of a path leads to."""
    if isinstance(value, list):
        return [entry for position, entry in enumerate(value) if step in _entry(entry, position)]
    return [value[step]] if isinstance(value, Mapping) and step in value else []


def field_exists(record: Strict, path: str) -> bool:
    """Whether a dotted path names a field of the record's model, with or without a value.

    Entries of lists must exist. In a free mapping, such as the objects of the `emb` extension, any name counts.
    """
    model: Any = type(record)
    values: list[Any] = [record]
    for step in path.split("."):
        if values and all(isinstance(value, list | tuple) for value in values):
            values = [entry for value in values for i, entry in enumerate(value) if step in _named(entry, i)]
            if not values:
                return False
            model = type(values[0])
        elif isinstance(model, type) and issubclass(model, Strict):
            if step not in model.model_fields:
                return False
            below = model_in(model.model_fields[step].annotation)
            values = [getattr(value, step) for value in values if isinstance(value, Strict)]
            values = [value for value in values if value is not None]
            model = below
        else:
            return model is Any
    return True


def _named(entry: Any, position: int) -> Segment:  # noqa: ANN401 - an entry of any list
    return _entry({k: getattr(entry, k) for k in NAMING if hasattr(entry, k)}, position)


def model_in(annotation: Any) -> Any:  # noqa: ANN401 - a model or `Any` for a free mapping
    """The first record model in the annotation of a field, `Any` for a mapping, else None."""
    if isinstance(annotation, type) and issubclass(annotation, Strict):
        return annotation
    if get_origin(annotation) is dict:
        return Any
    return next((found for part in get_args(annotation) if (found := model_in(part)) is not None), None)
