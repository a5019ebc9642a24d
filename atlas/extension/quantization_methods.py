"""The quantisation methods: which rule restores a vector, and with which parameters.

The schema's conditional rules, the pydantic model and the README's table are made from these rows, so that a reader who
implements the rules can restore every product.
"""

from dataclasses import dataclass

__all__ = ["METHODS", "PARAMETERS", "Method"]


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
            return f"`{self.name}` takes no parameters: {self.rule}"
        parts = [f"`{name}`" for name in self.required]
        if self.one_of:
            parts.append("exactly one of " + ", ".join(f"`{name}`" for name in self.one_of))
        text = f"`{self.name}` ({self.rule}) needs " + " and ".join(parts)
        if self.optional:
            text += ", may have " + ", ".join(f"`{name}`" for name in self.optional)
        return text + ", and takes no other parameter"


METHODS = (
    Method("none", "x = v", seen_in="Clay, Earth Index"),
    Method("linear", "x = v * scale + offset", required=("scale", "offset")),
    Method(
        "signed_power",
        "x = sign(v) * (abs(v) / scale) ^ exponent",
        required=("scale", "exponent"),
        seen_in="AlphaEarth: 127.5, 2",
    ),
    Method(
        "per_vector_scale",
        "x = v * s, with one stored s per vector",
        one_of=("scale_asset", "scale_array", "scale_column"),
        optional=("water", "missing"),
        seen_in="TESSERA",
    ),
    Method(
        "finite_scalar",
        "the code's digits d_i = (v // basis_i) mod levels_i, centred: x_i = (d_i - levels_i // 2) / (levels_i // 2)",
        required=("levels", "basis", "steps"),
        seen_in="ESD",
    ),
    Method("product", "each stored code looks up its sub-vector in the code book", required=("codebook", "subvectors")),
    Method("binary", "x = 1 where the bit is set, else -1", required=("packing",)),
    Method("unknown", "the rule is not known, so the vector must not be restored", seen_in="Presto Togo"),
)


PARAMETERS = tuple(dict.fromkeys(name for method in METHODS for name in method.allowed))
"""Every parameter of every method, each once."""
