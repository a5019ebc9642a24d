"""How files of each product are recognised: the records as a table that a program in any language can apply.

No product has special rules: number and type of the stored numbers, names of bands, columns, arrays and files, nodata,
pixel size and what a file states about itself are compared with `embedding` and `distributions` of every record. The
table also holds the text of the evidence. `atlas.read.identify` applies it to the facts of a file; the page "Identify
a file" does so in the browser, and a test compares both.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from atlas.records import Product
from atlas.records.distributions import Distribution
from stac_emb.quantization_methods import stored_width

__all__ = ["Check", "Signature", "file_names", "signatures"]

KINDS = {
    "tiff": {"cog", "geotiff"},
    "npy": {"npy"},
    "npz": {"npz"},
    "parquet": {"geoparquet", "parquet"},
    "zarr": {"zarr"},
    "icechunk": {"icechunk"},
}
"""Kinds of files, and the formats of the taxonomy that are stored in them."""
COPIES = {"cog": "npy", "geotiff": "npy", "npy": "tiff"}
"""Formats of single tiles, and the kind into which users convert them."""
FEW = 16
"""Numbers per vector: fewer may be the bands of any image. Sentinel-2 has 13."""
FLOATS = ("float16", "float32", "float64")


@dataclass(frozen=True, slots=True)
class Check:
    """One comparison of a fact with the record.

    Attributes:
        test: `part` (an array or column of that name), `holds` (numbers of a vector), `type`, `name`,
            `columns`, `bands`, `nodata`, `pixel`, `stated`, or `never`.
        value: what the record says.
        yes: text where it agrees; `{found}` stands for what the file says.
        no: text where it does not; empty where a difference means nothing.
        weight: of the agreement.
        telling: whether files of other products hardly ever agree.
        group: `size` or `type`: without a telling check, one of each must agree.
        required: whether a difference rules the product out.
        tolerated: values that differ without ruling it out.
    """

    test: str
    value: Any
    yes: str
    no: str = ""
    weight: int = 1
    telling: bool = False
    group: str = ""
    required: bool = False
    tolerated: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Signature:
    """What identifies files of one distribution.

    Attributes:
        product, distribution: ids.
        kind: of the files.
        part: name of the array or column that has the vectors; None where it is not stated.
        checks: the comparisons, in the order in which they are reported.
    """

    product: str
    distribution: str
    kind: str
    part: str | None
    checks: tuple[Check, ...]

    def as_json(self) -> dict[str, Any]:
        """The signature for other programs, without what is empty."""
        checks = [{k: v for k, v in asdict(check).items() if v or k == "value"} for check in self.checks]
        return {**{k: getattr(self, k) for k in ("product", "distribution", "kind", "part")}, "checks": checks}


def signatures(products: Iterable[Product]) -> tuple[Signature, ...]:
    """The table."""
    found = []
    for product in products:
        for distribution in product.distributions:
            for kind, formats in KINDS.items():
                if distribution.format in formats:
                    found.append(_signature(product, distribution, kind))
            if distribution.format in COPIES and product.embedding.type == "pixel":
                found += _copy(product, distribution, COPIES[distribution.format])
    return tuple(found)


def _signature(product: Product, distribution: Distribution, kind: str) -> Signature:
    embedding = product.embedding
    rule: Mapping[str, Any] = distribution.quantization or embedding.quantization or {}
    layout: Mapping[str, Any] = distribution.layout or embedding.layout or {}
    name = layout.get("name")
    part = name if isinstance(name, str) else None
    what = "the column" if kind == "parquet" else "an array"
    checks = [Check("part", part, f"it has {what} '{part}' (layout.name)", group="type")] if part else []
    width = embedding.dimensions
    if width is not None and rule:
        width = stored_width(rule, width)
    if width is not None:
        words = f"{width} stored numbers per vector (embedding.dimensions {embedding.dimensions})"
        value = {"width": width, "axis": layout.get("axis"), "bands": max(layout.get("bands") or [0])}
        checks.append(Check("holds", value, words, weight=2, group="size" if width >= FEW else "", required=True))
    stored = rule.get("stored_data_type")
    if stored is not None:
        checks.append(_type(stored, FLOATS if stored in FLOATS else ()))
    checks += _names(product, distribution, kind)
    if kind == "tiff":
        checks += _raster(product, rule.get("nodata"), width)
    stated = [name for name in (product.model.name, product.id, embedding.space) if name]
    checks.append(Check("stated", stated, "its key 'emb' names '{found}' (model, id or space)", weight=2))
    return Signature(product.id, distribution.id, kind, part, tuple(checks))


def _type(stored: str, tolerated: tuple[str, ...]) -> Check:
    words = f"the numbers are {{found}} (quantization.stored_data_type {stored})"
    return Check("type", stored, words, words, weight=2, group="type", required=True, tolerated=tolerated)


def _names(product: Product, distribution: Distribution, kind: str) -> Iterable[Check]:
    names, field = file_names(distribution)
    if pattern := _file_pattern(names):
        yield Check("name", pattern, f"its name is one of '{names}' (distributions.{field})", weight=3, telling=True)
    if kind == "parquet" and len(distribution.columns) > 2:
        yield Check(
            "columns",
            list(distribution.columns),
            "it has all columns of the record (distributions.columns)",
            "it has no column '{found}' (distributions.columns)",
            weight=2,
            telling=True,
        )


def _raster(product: Product, nodata: object, width: int | None) -> Iterable[Check]:
    embedding = product.embedding
    if embedding.band_names and width is not None:
        wanted = [embedding.band_names.format(k) for k in range(width)]
        words = f"named {wanted[0]} to {wanted[-1]} (embedding.band_names)"
        yield Check("bands", wanted, f"its bands are {words}", f"its bands are not {words}", weight=3, telling=True)
    if isinstance(nodata, int | float):
        words = f"its nodata is {{found}} (quantization.nodata {nodata})"
        yield Check("nodata", nodata, words, words)
    if embedding.gsd:
        words = f"its pixels measure {{found}} m (embedding.gsd {embedding.gsd:g})"
        yield Check("pixel", embedding.gsd, words, words)


def _copy(product: Product, distribution: Distribution, kind: str) -> Iterable[Signature]:
    """A tile that a user stored in another format under its old name, dequantised or not."""
    embedding = product.embedding
    rule: Mapping[str, Any] = distribution.quantization or embedding.quantization or {}
    names, field = file_names(distribution)
    pattern = _file_pattern(names)
    width = stored_width(rule, embedding.dimensions) if embedding.dimensions and rule else None
    stored = rule.get("stored_data_type")
    if pattern is None or width is None or stored is None:
        return
    stem = re.sub(r"\\\.\w+$", "", pattern)
    if stem == pattern:
        return
    restored = rule.get("original_data_type") or stored
    form = f"it is another format than the product's (distributions.format {distribution.format}): a copy"
    checks = (
        Check("never", None, "", form),
        Check(
            "holds",
            {"width": width, "axis": None, "bands": 0},
            f"{width} numbers per vector (embedding.dimensions {embedding.dimensions})",
            weight=2,
            group="size",
            required=True,
        ),
        _type(stored, (*FLOATS, restored)),
        Check(
            "name",
            rf"{stem}([_.-][^/]*)?\.\w+",
            f"its name begins like one of '{names}' (distributions.{field})",
            weight=3,
            telling=True,
            required=True,
        ),
    )
    yield Signature(product.id, distribution.id, kind, None, checks)


def file_names(distribution: Distribution) -> tuple[str, str]:
    """The pattern of file names, with placeholders (empty where it is not stated), and the field that states it."""
    if distribution.file_name:
        return distribution.file_name, "file_name"
    return (distribution.url_template or "").rpartition("/")[2], "url_template"


def _file_pattern(last: str) -> str | None:
    """The names of files as a regular expression; None where they consist of placeholders only."""
    literal = re.sub(r"\{[^}]*\}", "", last)
    if len(re.sub(r"\.\w+$", "", literal)) < 2:  # only an extension
        return None
    parts = re.split(r"(\{[^}]*\})", last)
    return "".join(_placeholder(p) if p.startswith("{") else re.escape(p) for p in parts)


def _placeholder(text: str) -> str:
    form = text.strip("{}").partition(":")[2]
    if match_ := re.fullmatch(r"0?(\d+)d", form):
        return rf"-?\d{{{match_[1]},}}"
    if form.endswith("f"):
        return r"-?\d+\.\d+"
    return r"[^/]+?"
