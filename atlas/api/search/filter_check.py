"""Check a CQL2 filter node by node, and return it in the form that becomes SQL."""

import re
from typing import Any

import orjson
import shapely

from atlas.answers.shapes import other_edge, other_side, plain_box
from atlas.api.errors import BadRequestError
from atlas.api.geometries import check_geometry, parse_bbox
from atlas.api.search.temporal import TEMPORAL
from atlas.api.times import parse_instant
from atlas.api.types import Json
from stac_emb.boxes import halves

__all__ = ["MAX_DEPTH", "MAX_NODES", "Checker", "Node"]

MAX_DEPTH = 24
MAX_NODES = 1_000
_COMPARISONS = frozenset({"=", "<>", "<", "<=", ">", ">="})
_ARITHMETIC = frozenset({"+", "-", "*", "/"})
_ARRAYS = frozenset({"a_equals", "a_contains", "a_containedby", "a_overlaps"})
_SPATIAL = frozenset({"s_intersects", "s_equals", "s_disjoint", "s_touches", "s_within", "s_overlaps", "s_crosses"})
_SPATIAL_ALL = _SPATIAL | {"s_contains"}
_TEXT = frozenset({"casei", "accenti"})
Node = dict[str, Any]


class Checker:
    """Walks a filter once: checks operators, operands and literals, and returns the form that becomes SQL."""

    def __init__(self, parameter: str) -> None:
        """Name `parameter` in error messages."""
        self._parameter = parameter
        self._nodes = 0

    def _fail(self, message: str) -> BadRequestError:
        return BadRequestError(message, parameter=self._parameter)

    def _count(self, depth: int) -> None:
        self._nodes += 1
        if depth > MAX_DEPTH:
            raise self._fail(f"is nested more than {MAX_DEPTH} levels deep")
        if self._nodes > MAX_NODES:
            raise self._fail(f"has more than {MAX_NODES} parts")

    def predicate(self, node: object, depth: int) -> Node:
        """A node that is true or false."""
        self._count(depth)
        if not isinstance(node, dict) or not isinstance(node.get("op"), str) or not isinstance(node.get("args"), list):
            raise self._fail(f"{_show(node)} is not a condition")
        if set(node) - {"op", "args"}:
            raise self._fail(f"{_show(node)} has members other than op and args")
        op, args = node["op"].lower(), node["args"]
        if op in ("and", "or"):
            if len(args) < 2:
                raise self._fail(f"{op} joins two conditions or more")
            return {"op": op, "args": [self.predicate(a, depth + 1) for a in args]}
        if op == "not":
            self._arity(op, args, 1)
            return {"op": op, "args": [self.predicate(args[0], depth + 1)]}
        return self._comparison(op, args, depth)

    def _comparison(self, op: str, args: list[Any], depth: int) -> Node:
        if op == "isnull":
            self._arity(op, args, 1)
            return {"op": "isNull", "args": [self.scalar(args[0], depth + 1)]}
        if op == "between":
            if len(args) == 2 and isinstance(args[1], list):
                args = [args[0], *args[1]]
            self._arity(op, args, 3)
            return {"op": op, "args": [self.scalar(a, depth + 1) for a in args]}
        self._arity(op, args, 2)
        if op in _COMPARISONS:
            return {"op": op, "args": [self.scalar(a, depth + 1) for a in args]}
        if op == "like":
            if not isinstance(args[1], str) and not (isinstance(args[1], dict) and "op" in args[1]):
                raise self._fail("like takes a text pattern")
            return {"op": op, "args": [self.scalar(a, depth + 1) for a in args]}
        if op == "in":
            if not isinstance(args[1], list) or not args[1]:
                raise self._fail("in takes a list of values")
            return {"op": op, "args": [self.scalar(args[0], depth + 1), [self.scalar(a, depth + 2) for a in args[1]]]}
        if op in _ARRAYS:
            name = "a_contained_by" if op == "a_containedby" else op
            return {"op": name, "args": [self._array(a, depth + 1) for a in args]}
        if op in _SPATIAL_ALL:
            return self._spatial(op, args, depth)
        if op in TEMPORAL:
            return {"op": op, "args": [self._temporal(a, depth + 1) for a in args]}
        raise self._fail(f"has no operator {op[:40]!r}")

    def _arity(self, op: str, args: list[Any], count: int) -> None:
        if len(args) != count:
            raise self._fail(f"{op} takes {count} operand{'s' * (count > 1)}, not {len(args)}")

    def scalar(self, node: object, depth: int) -> Json:
        """A node that is a value: a literal, a property or a function."""
        self._count(depth)
        if isinstance(node, str | int | float | bool):
            return node
        if not isinstance(node, dict):
            raise self._fail(f"{_show(node)} is not a value")
        if "property" in node:
            return self._property(node)
        if set(node) == {"timestamp"} or set(node) == {"date"}:
            return {"timestamp": self._moment(node)}
        op, args = node.get("op"), node.get("args")
        if isinstance(op, str) and isinstance(args, list):
            op = op.lower()
            if op in _TEXT:
                self._arity(op, args, 1)
                return {"op": op, "args": [self.scalar(args[0], depth + 1)]}
            if op in _ARITHMETIC:  # pgstac would compare the sum, a number, with text
                raise self._fail("arithmetic is not supported: compare with its result")
            raise self._fail(f"has no function {op[:40]!r}")
        raise self._fail(f"{_show(node)} is not a value")

    def _property(self, node: Node) -> Node:
        name = node["property"]
        if not isinstance(name, str) or not name.strip() or set(node) != {"property"}:
            raise self._fail(f"{_show(node)} does not name a property")
        return {"property": name}

    def _moment(self, node: Node) -> str:
        if "date" in node:
            return parse_instant(f"{node['date']}T00:00:00Z", self._parameter).isoformat()
        return parse_instant(str(node["timestamp"]), self._parameter).isoformat()

    def _array(self, node: object, depth: int) -> Json:
        self._count(depth)
        if isinstance(node, dict) and "property" in node:
            return self._property(node)
        if isinstance(node, list) and self._values(node, depth + 1):
            return node
        raise self._fail(f"{_show(node)} is neither an array of values nor a property")

    def _values(self, values: list[Any], depth: int) -> bool:
        """Whether a list holds values, and lists of them, only."""
        self._count(depth)
        return all(
            self._values(v, depth + 1) if isinstance(v, list) else isinstance(v, str | int | float) for v in values
        )

    def _spatial(self, op: str, args: list[Any], depth: int) -> Node:
        self._count(depth + 1)
        reference, literal = args
        if isinstance(literal, dict) and "property" in literal:  # all but two of these operators are symmetric
            if op in ("s_within", "s_contains"):
                op = {"s_within": "s_contains", "s_contains": "s_within"}[op]
            reference, literal = literal, reference
        if not isinstance(reference, dict) or reference.get("property") != "geometry":
            raise self._fail(f"{op} compares the property geometry with a geometry or a box")
        if isinstance(literal, dict) and "bbox" in literal:
            numbers = literal["bbox"]
            if not isinstance(numbers, list) or any(isinstance(n, str) for n in numbers):
                raise self._fail("a bbox is an array of numbers")
            box = parse_bbox(numbers, self._parameter)
            literal = {"type": "MultiPolygon", "coordinates": [[_ring(b)] for b in halves(box)]}
            if box[0] == box[2] or box[1] == box[3]:  # a polygon without an area meets no point
                literal = orjson.loads(shapely.to_geojson(shapely.union_all([plain_box(b) for b in halves(box)])))
            other = other_edge(box)
        else:
            shape = check_geometry(literal, self._parameter)
            other = other_side(shape)
            if literal.get("type") == "GeometryCollection":
                literal = orjson.loads(shapely.to_geojson(shape))  # the union of its parts, which may overlap
        node = {"op": op, "args": [{"property": "geometry"}, literal]}
        if other is None or op not in ("s_intersects", "s_disjoint"):
            return node
        # the antimeridian has two longitudes: what touches one of them touches the other
        beyond = {"op": op, "args": [{"property": "geometry"}, orjson.loads(shapely.to_geojson(other))]}
        return {"op": "or" if op == "s_intersects" else "and", "args": [node, beyond]}

    def _temporal(self, node: object, depth: int) -> Json:
        self._count(depth)
        if isinstance(node, dict):
            if "property" in node:
                return self._property(node)
            if set(node) == {"timestamp"}:
                return {"timestamp": self._moment(node)}
            if set(node) == {"date"}:
                self._moment(node)
                return {"date": node["date"]}
            ends = node.get("interval")
            if set(node) == {"interval"} and isinstance(ends, list) and len(ends) == 2:
                return {"interval": [self._end(e, depth) for e in ends]}
        raise self._fail(f"{_show(node)} is not a timestamp, a date, an interval or a property")

    def _end(self, node: object, depth: int) -> Json:
        if node in ("..", ""):
            return ".."
        if isinstance(node, str):
            if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", node):
                self._moment({"date": node})
                return node
            return parse_instant(node, self._parameter).isoformat()
        return self._temporal(node, depth + 1)


def _ring(box: tuple[float, float, float, float]) -> list[list[float]]:
    west, south, east, north = box
    return [[west, south], [east, south], [east, north], [west, north], [west, south]]


def _show(node: object) -> str:
    return orjson.dumps(node, default=str).decode()[:80]
