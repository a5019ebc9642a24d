"""Side by side: every product as a column, every field as a row; scripts show the two to four that were chosen."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from atlas.answers.comparable import comparable_spaces
from atlas.answers.dequantization import recipe
from atlas.answers.labels import licence_name
from atlas.answers.verdicts import Verdict
from atlas.answers.words import bytes_text, ground_text, number, period_text, stored_text
from atlas.records import Catalog, Product
from atlas.records.absence import REASON_WORDS
from atlas.records.product import Distribution
from atlas.web.facts import LENGTH_WORDS, STATUS_WORDS, completeness_text, space_title
from atlas.web.page import Context, Head, Page
from atlas.web.pages.access import AUTH_WORDS, format_label
from atlas.web.pages.rows import ProductRow, product_rows
from atlas.web.verdicts import space_pairs

__all__ = ["CompareRow", "compare_page"]


UNKNOWN = "unknown"
"""What stands for a value that the record neither has nor explains."""


@dataclass(frozen=True)
class CompareRow:
    """One field of all products.

    Attributes:
        label: name of the field.
        values: text per product; where the record has none, the reason or that it is unknown.
    """

    label: str
    values: tuple[str, ...]


def _join(values: Iterable[str | None]) -> str:
    return ", ".join(dict.fromkeys(v for v in values if v))


def _served(product: Product) -> list[Distribution]:
    """Places that still serve it."""
    return [d for d in product.distributions if not d.retired]


def _titles(uses: Iterable[object] | None, catalog: Catalog) -> str:
    names = [str(getattr(use, "input", "")) for use in uses or ()]
    return _join(catalog.inputs[n].title if n in catalog.inputs else n for n in names)


def _fields(catalog: Catalog) -> dict[str, tuple[str, Callable[[Product], str | None]]]:
    """Label to the path of the field and the way to its text."""
    return {
        "Status": ("status", lambda p: STATUS_WORDS[p.status]),
        "Type": ("embedding.type", lambda p: p.embedding.type),
        "Dimensions": ("embedding.dimensions", lambda p: number(p.embedding.dimensions)),
        "One vector describes": ("embedding.footprint", ground_text),
        "Imagery": ("embedding.gsd", lambda p: f"{number(p.embedding.gsd)} m" if p.embedding.gsd else None),
        "Place": ("extent.place", lambda p: p.extent.place if p.extent else None),
        "Years": ("extent.years", period_text),
        "Completeness": ("extent.completeness", completeness_text),
        "Time step": (
            "embedding.temporal",
            lambda p: str((p.embedding.temporal or {}).get("resolution", "")).replace("_", " "),
        ),
        "Vector space": ("embedding.space", lambda p: space_title(catalog, p)),
        "Model": ("model.name", lambda p: p.model.name),
        "Model version": ("model.version", lambda p: p.model.version),
        "Version in the paper": ("model.paper_version", lambda p: p.model.paper_version),
        "Architecture": ("model.architecture", lambda p: p.model.architecture),
        "Stored as": ("embedding.quantization", stored_text),
        "Dequantisation": ("embedding.quantization", _dequantise),
        "Normalisation": ("embedding.normalization", lambda p: LENGTH_WORDS.get(p.embedding.normalization or "")),
        "Similarity": ("embedding.similarity", lambda p: _join(p.embedding.similarity or ())),
        "Learned from": ("training_data", lambda p: _titles(p.training_data, catalog)),
        "Read at inference": ("inference_data", lambda p: _titles(p.inference_data, catalog)),
        "Licence of the data": ("licences.data", lambda p: licence_name(p.licences.data)),
        "Licence of the weights": ("model.license", lambda p: licence_name(p.model.license)),
        "Licence of the code": ("model.code_license", lambda p: licence_name(p.model.code_license)),
        "Who may read": ("distributions", lambda p: _join(AUTH_WORDS.get(d.auth or "") for d in _served(p))),
        "Formats": ("distributions", lambda p: _join(format_label(catalog, d.format) for d in _served(p))),
        "Hosts": ("distributions", lambda p: _join(d.host for d in _served(p))),
        "Files or tiles": ("counts.items", lambda p: number(p.counts.items)),
        "Size": ("counts.bytes", lambda p: bytes_text(p.counts.bytes)),
        "Known issues": ("known_issues", lambda p: "; ".join(i.title for i in p.known_issues)),
    }


def _dequantise(product: Product) -> str | None:
    if not product.embedding.quantization:
        return None
    how = recipe(product.embedding.quantization)
    return how.formula or how.method.replace("_", " ")


def _examples(rows: tuple[ProductRow, ...], catalog: Catalog) -> tuple[tuple[str, str], ...]:
    """A pair that shares a space, and pairs that look alike and must not be mixed."""
    by_space: dict[str, list[ProductRow]] = {}
    for row in rows:
        if row.space:
            by_space.setdefault(row.space, []).append(row)
    pairs = [members[:2] for members in by_space.values() if len(members) > 1][:1]
    known = [(s.id, r.space) for s in catalog.spaces.values() for r in s.relations]
    pairs += [
        [by_space[a][0], by_space[b][0]]
        for a, b in known
        if a in by_space and b in by_space and comparable_spaces(catalog.spaces, a, b).verdict is Verdict.NO
    ][:2]
    return tuple((f"{x.id},{y.id}", f"{x.title} and {y.title}") for x, y in pairs)


def compare_page(catalog: Catalog) -> Page:
    """The compare page."""
    rows = product_rows(catalog)
    products = [catalog.products[r.id] for r in rows]

    def cell(product: Product, path: str, text: str | None) -> str:
        absence = None if text else product.absence(path)
        return absence.words if absence else text or ("none known" if path == "known_issues" else UNKNOWN)

    table = tuple(
        CompareRow(label, tuple(cell(p, path, get(p)) for p in products))
        for label, (path, get) in _fields(catalog).items()
    )
    head = Head(
        "Compare",
        "Two to four embedding products side by side, the differing rows first, with a warning where their "
        "vectors must not be mixed.",
        "compare.html",
        section="compare",
        contents="across",
        scripts=("compare",),
    )
    context = Context(
        products=rows,
        rows=table,
        examples=_examples(rows, catalog),
        most=4,
        missing=frozenset({*REASON_WORDS.values(), UNKNOWN}),
    )
    twin = {
        "products": [r.id for r in rows],
        "rows": [{"label": r.label, "values": list(r.values)} for r in table],
        "spaces": space_pairs(catalog),
    }
    return Page("compare.html", head, context, twin)
