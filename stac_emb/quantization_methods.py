"""The quantisation methods: which rule restores a vector, and with which parameters.

The schema's conditional rules, the pydantic model and the README's table are made from these rows, so that a reader who
implements the rules can restore every vector whose method is listed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["METHODS", "METHOD_NAMES", "PARAMETERS", "USUAL", "Method", "amiss", "stored_width", "takes"]


@dataclass(frozen=True, slots=True)
class Method:
    """One way from stored numbers to the vector."""

    name: str
    rule: str
    """The formula; v is the stored number, x the restored one."""
    required: tuple[str, ...] = ()
    one_of: tuple[str, ...] = ()
    """Exactly one of these is required."""
    optional: tuple[str, ...] = ()
    seen_in: str = ""

    @property
    def allowed(self) -> tuple[str, ...]:
        """Every parameter that the method takes."""
        return (*self.required, *self.one_of, *self.optional)

    @property
    def message(self) -> str:
        """The sentence a user sees when the parameters do not fit."""
        if not self.allowed:
            return f"`{self.name}` ({self.rule}) takes none of the parameters of other methods"
        parts = [f"`{name}`" for name in self.required]
        if self.one_of:
            parts.append("exactly one of " + ", ".join(f"`{name}`" for name in self.one_of))
        text = f"`{self.name}` ({self.rule}) needs " + " and ".join(parts)
        if self.optional:
            text += ", may have " + ", ".join(f"`{name}`" for name in self.optional)
        return text + ", and takes no parameter of another method"


_STORED = ("scale_asset", "scale_array", "scale_column")

METHODS = (
    Method("none", "x = v", seen_in="Clay, Earth Index"),
    Method(
        "linear",
        "x = v * scale + offset",
        required=("scale", "offset"),
        optional=("bits", "packing"),
    ),
    Method(
        "signed_power",
        "x = sign(v) * (abs(v) / divisor) ^ exponent",
        required=("divisor", "exponent"),
        seen_in="AlphaEarth: 127.5, 2",
    ),
    Method(
        "per_vector_scale",
        "x = v * s, with one stored s for each vector",
        one_of=_STORED,
        optional=("sentinels",),
        seen_in="TESSERA",
    ),
    Method(
        "per_component_scale",
        "x_i = v_i * s_i, with one stored s_i for each component of each vector",
        one_of=_STORED,
        optional=("sentinels",),
    ),
    Method(
        "finite_scalar",
        "of each code v the digits d_i = (v // basis_i) mod levels_i, centred: "
        "x_i = (d_i - levels_i // 2) / (levels_i // 2); all digits of the first code, then all of the second",
        required=("levels", "basis", "steps"),
        seen_in="ESD",
    ),
    Method(
        "lookup",
        "x_i = table[v], or table[i][v] where the table has a row for each component",
        one_of=("codebook", "values"),
        optional=("bits", "packing"),
        seen_in="OlmoEarth: percentile codes",
    ),
    Method(
        "product",
        "the k-th code looks up the k-th sub-vector, book[k][v]; the sub-vectors one after the other are the vector",
        required=("codebook", "subvectors"),
    ),
    Method("binary", "x = 1 where the bit is set, else -1", required=("packing",)),
    Method("unknown", "the rule is not known, so the vector must not be restored", seen_in="Presto Togo"),
)

METHOD_NAMES = tuple(method.name for method in METHODS)

PARAMETERS = tuple(dict.fromkeys(name for method in METHODS for name in method.allowed))
"""The parameters of all methods, each once."""


_BY_RULE = {f"quantization-{method.name.replace('_', '-')}": method for method in METHODS}
USUAL = {"scale": "1 where it changes nothing", "offset": "0 where nothing is added"}
"""What to write for a parameter that changes nothing."""


def takes(name: object, parameter: str) -> bool:
    """Whether a method has a parameter; true for an unknown method."""
    return all(method.name != name or parameter in method.allowed for method in METHODS)


def amiss(rule: str, value: object) -> str:
    """The parameters that break a rule of their method, to start its message with; empty for other rules."""
    method = _BY_RULE.get(rule)
    if method is None or not isinstance(value, Mapping):
        return ""
    told = [
        f"`{name}` is missing" + (f" (write {USUAL[name]})" if name in USUAL else "")
        for name in method.required
        if name not in value
    ]
    given = [name for name in method.one_of if name in value]
    if len(given) > 1:
        told.append(f"of {' and '.join(f'`{name}`' for name in given)} one is too many")
    elif method.one_of and not given:
        told.append(f"none of {', '.join(f'`{name}`' for name in method.one_of)} is given")
    foreign = [f"`{name}`" for name in PARAMETERS if name in value and name not in method.allowed]
    if foreign:
        told.append(f"{' and '.join(foreign)} must be left out")
    return f"{'; '.join(told)}: " if told else ""


def stored_width(quantization: Mapping[str, Any], dimensions: int) -> int | None:
    """The number of stored numbers per vector of `dimensions`; None where the object does not say."""
    method, bits = quantization.get("method"), _count(quantization.get("bits"))
    # A document can hold anything here: values are not hashed, and used only if they are numbers.
    if method in ("finite_scalar", "product"):
        return _count(quantization.get("steps" if method == "finite_scalar" else "subvectors"))
    if method == "binary":
        bits = 1
    if bits is not None and quantization.get("packing") in ("msb", "lsb"):
        return -(-dimensions * bits // 8)
    return None if method not in METHOD_NAMES or method == "unknown" else dimensions


def _count(value: object) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return int(value) if value > 0 and value % 1 == 0 else None
