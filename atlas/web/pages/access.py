"""Access table of a product: hosts, formats, sizes and cost."""

from collections.abc import Sequence

from atlas.answers.facts import AUTH_WORDS, format_label
from atlas.answers.words import bytes_text
from atlas.links.checks import LinkCheck
from atlas.records import Catalog
from atlas.records.distributions import Distribution
from atlas.records.product import Product
from atlas.web.checks import link_lines
from atlas.web.facts import Evidences
from atlas.web.page import Context

__all__ = ["access_rows"]

_VECTORS = {
    "identical": "bit-identical to those of",
    "requantized": "equal up to rounding to those of",
    "resampled": "resampled from",
    "unknown": "not known to equal those of",
}


def _yes_no(value: bool | None) -> str:
    return "" if value is None else "yes" if value else "no"


def _vectors(product: Product, item: Distribution) -> str:
    """How the vectors of a distribution relate to those of another one."""
    if item.vectors is None:
        return ""
    of = item.vectors_of or product.distributions[0].id
    other = next((place.title for place in product.distributions if place.id == of), of)
    return f"{_VECTORS.get(item.vectors, item.vectors)}: {other}"


def access_rows(
    product: Product, evidences: Evidences, catalog: Catalog, checks: Sequence[LinkCheck] = ()
) -> list[Context]:
    """Rows of the distributions, those that still serve the product first.

    Each has the record of the distribution, label and value of each stated field, labels of those that are not stated,
    numbers of its sources, and the last checks of its addresses.
    """
    rows = []
    for item in sorted(product.distributions, key=lambda d: d.retired):
        kind = format_label(catalog, item.format)
        fields = (
            ("Format", ", ".join(part for part in (kind, bytes_text(item.bytes)) if part)),
            ("Who may read", AUTH_WORDS.get(item.auth or "", "")),
            ("Cost", {None: "", True: "the user pays", False: "no charge by the host"}[item.requester_pays]),
            ("Vectors", _vectors(product, item)),
            ("Range requests", _yes_no(item.range_reads)),
            ("Use by scripts of other sites (CORS)", _yes_no(item.cors)),
        )
        rows.append(
            Context(
                item=item,
                stated=[(label, value) for label, value in fields if value],
                # Missing facts do not matter for a distribution that no longer serves anything.
                silent=tuple(
                    label[0].lower() + label[1:]
                    for label, value in fields
                    if not (value or label == "Vectors" or item.retired)
                ),
                refs=evidences.refs(f"distributions.{item.id}"),
                checks=() if item.retired else link_lines(product, item.id, checks),
            )
        )
    return rows
