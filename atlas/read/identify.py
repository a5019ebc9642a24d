"""Which products a file may belong to: its header against what the records say, with the evidence on both sides.

No product has a rule of its own here: number and type of the stored numbers, names of bands, columns, arrays and files,
nodata, pixel size and CRS are compared with `embedding` and `distributions` of every record.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from atlas.read.file_facts import FileFacts, Part, facts_of
from atlas.records import Product, load_catalog
from atlas.records.distributions import Distribution
from atlas.records.product import Embedding
from stac_emb.quantization_methods import stored_width

__all__ = ["Candidate", "Identified", "identify", "match"]

KINDS = {
    "tiff": {"cog", "geotiff"},
    "npy": {"npy"},
    "npz": {"npz"},
    "parquet": {"geoparquet", "parquet"},
    "zarr": {"zarr"},
    "icechunk": {"icechunk"},
}
FEW = 8
"""Numbers of a vector: fewer are bands of any picture."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A product that a file may belong to.

    Attributes:
        product: its id.
        distribution: the id of the one of its distributions that fits best.
        verdict: `fits` where a name that only this kind of file has agrees; `possible` where numbers agree, as they do
            for others.
        evidence: what agrees, each with the field of the record.
        against: what does not.
    """

    product: str
    distribution: str
    verdict: Literal["fits", "possible"]
    evidence: tuple[str, ...]
    against: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Identified:
    """The answer.

    Attributes:
        facts: what the file says.
        candidates: the best first; empty where no product fits.
    """

    facts: FileFacts
    candidates: tuple[Candidate, ...]

    def as_json(self) -> dict[str, Any]:
        """The answer for programs."""
        return {
            "file": self.facts.name,
            "kind": self.facts.kind,
            "candidates": [
                {
                    "product": c.product,
                    "distribution": c.distribution,
                    "verdict": c.verdict,
                    "for": list(c.evidence),
                    "against": list(c.against),
                }
                for c in self.candidates
            ],
        }

    def __str__(self) -> str:
        """The answer for people."""
        if not self.candidates:
            what = (
                f"a file of the kind {self.facts.kind}" if self.facts.kind else "no file of a kind that holds vectors"
            )
            return f"{self.facts.name}: {what}; no product of the catalogue fits it."
        lines = [f"{self.facts.name} ({self.facts.kind})"]
        for c in self.candidates:
            lines.append(f"{c.product} ({c.distribution}): {c.verdict}")
            lines += [f"  + {text}" for text in c.evidence]
            lines += [f"  - {text}" for text in c.against]
        return "\n".join(lines)


def identify(href: str) -> Identified:
    """Which products fit a file.

    Args:
        href: a path or an address.

    Raises:
        UnreadableInput: there is no such file, or it is damaged.
    """
    facts = facts_of(href)
    return Identified(facts, match(facts, load_catalog().products.values()))


def match(facts: FileFacts, products: Iterable[Product]) -> tuple[Candidate, ...]:
    """The products that fit what a file says, the best first."""
    if facts.kind is None:
        return ()
    found: list[tuple[int, Candidate]] = []
    for product in products:
        best: tuple[int, Candidate] | None = None
        for distribution in product.distributions:
            if distribution.format in KINDS[facts.kind]:
                one = _judge(facts, product, distribution)
                if one is not None and (best is None or one[0] > best[0]):
                    best = one
        if best is not None:
            found.append(best)
    found.sort(key=lambda one: (one[1].verdict != "fits", -one[0], one[1].product))
    return tuple(candidate for _, candidate in found)


class _Case:
    """What speaks for a distribution, and what against it."""

    def __init__(self) -> None:
        self.evidence: list[str] = []
        self.against: list[str] = []
        self.score = 0
        self.telling = False

    def say(self, text: str, *, agrees: bool, weight: int = 1, telling: bool = False) -> None:
        """One comparison; a `telling` one agrees for hardly any other kind of file."""
        (self.evidence if agrees else self.against).append(text)
        self.score += weight if agrees else -1
        self.telling |= agrees and telling


def _judge(facts: FileFacts, product: Product, distribution: Distribution) -> tuple[int, Candidate] | None:
    """How well a file fits one distribution; None where it does not."""
    embedding = product.embedding
    rule: Mapping[str, Any] = distribution.quantization or embedding.quantization or {}
    layout: Mapping[str, Any] = distribution.layout or embedding.layout or {}
    part, named = _part(facts, layout)
    if part is None:
        return None
    case = _Case()
    if named:
        what = "the column" if facts.kind == "parquet" else "an array"
        case.say(f"it has {what} '{layout['name']}' (layout.name)", agrees=True)
    width = None
    if embedding.dimensions is not None:
        width = stored_width(rule, embedding.dimensions) if rule else embedding.dimensions
    if width is not None:
        if not _holds(facts, part, width, layout):
            return None
        case.say(
            f"{width} stored numbers a vector (embedding.dimensions {embedding.dimensions})", agrees=True, weight=2
        )
    stated = rule.get("stored_data_type")
    typed = stated is not None and part.dtype == stated
    if stated is not None:
        if not typed and not _floats(part.dtype, stated):
            return None
        text = f"the numbers are {part.dtype} (quantization.stored_data_type {stated})"
        case.say(text, agrees=typed, weight=2)
    _judge_names(facts, distribution, case)
    if facts.kind == "tiff":
        _judge_raster(facts, embedding, rule.get("nodata"), width, case)
    # Numbers alone agree with many files that hold something else: a type, a name or a place must agree too.
    if not case.telling and (width is None or width < FEW or not (typed or named)):
        return None
    verdict: Literal["fits", "possible"] = "fits" if case.telling and len(case.against) <= 1 else "possible"
    return case.score, Candidate(product.id, distribution.id, verdict, tuple(case.evidence), tuple(case.against))


def _judge_names(facts: FileFacts, distribution: Distribution, case: _Case) -> None:
    template = distribution.url_template
    pattern = _file_pattern(template) if template else None
    if template and pattern is not None and re.fullmatch(pattern, facts.name):
        last = template.rpartition("/")[2]
        case.say(f"its name is one of '{last}' (distributions.url_template)", agrees=True, weight=3, telling=True)
    if facts.kind == "parquet" and len(distribution.columns) > 2:
        lacking = [name for name in distribution.columns if name not in facts.columns]
        text = "it has all columns of the record" if not lacking else f"it has no column '{lacking[0]}'"
        case.say(f"{text} (distributions.columns)", agrees=not lacking, weight=2, telling=True)


def _judge_raster(facts: FileFacts, embedding: Embedding, nodata: object, width: int | None, case: _Case) -> None:
    if embedding.band_names and width is not None:
        wanted = [embedding.band_names.format(k) for k in range(width)]
        same = list(facts.band_names[:width]) == wanted
        text = f"its bands are {'' if same else 'not '}named {wanted[0]} to {wanted[-1]} (embedding.band_names)"
        case.say(text, agrees=same, weight=3, telling=True)
    if isinstance(nodata, int | float):
        same = facts.nodata is not None and facts.nodata == float(nodata)
        case.say(f"its nodata is {facts.nodata} (quantization.nodata {nodata})", agrees=same)
    if facts.pixel and embedding.gsd and (facts.crs or "").startswith(("EPSG:326", "EPSG:327")):
        text = f"its pixels measure {facts.pixel:g} m (embedding.gsd {embedding.gsd:g})"
        case.say(text, agrees=abs(facts.pixel / embedding.gsd - 1) < 0.01)


def _part(facts: FileFacts, layout: Mapping[str, Any]) -> tuple[Part | None, bool]:
    """The array or column that would hold the vectors, and whether its name says so."""
    name = layout.get("name")
    if isinstance(name, str) and name in facts.parts:
        return facts.parts[name], True
    if "" in facts.parts:
        return facts.parts[""], False
    if facts.kind == "npz" and len(facts.parts) == 1 and name is None:
        return next(iter(facts.parts.values())), False
    return None, False


def _holds(facts: FileFacts, part: Part, width: int, layout: Mapping[str, Any]) -> bool:
    """Whether an array, a column or the bands have a place for so many numbers."""
    if facts.kind == "tiff":
        bands = layout.get("bands")
        return max(bands) <= part.numbers[0] <= 2 * max(bands) if bands else part.numbers[0] == width
    if facts.kind == "parquet":
        return part.numbers[0] == width
    axis = layout.get("axis")
    if isinstance(axis, int) and -len(part.numbers) <= axis < len(part.numbers):
        return len(part.numbers) >= 3 and part.numbers[axis] == width
    return len(part.numbers) >= 3 and width in part.numbers


def _floats(a: str, b: str) -> bool:
    """Two types of real numbers: one is a copy of the other in another precision."""
    return a.startswith("float") and b.startswith("float")


def _file_pattern(template: str) -> str | None:
    """The names of files as a regular expression; None where they are all placeholder."""
    last = template.rpartition("/")[2]
    literal = re.sub(r"\{[^}]*\}", "", last)
    if len(re.sub(r"\.\w+$", "", literal)) < 2:  # nothing but an ending
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
