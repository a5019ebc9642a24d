"""The page that identifies a file by its header: the table of signatures in words, and as data for its script."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from atlas.answers.brief import brief
from atlas.read.identify import KIND_WORDS, NOTHING
from atlas.read.signatures import Signature, file_names, signatures
from atlas.records import Catalog
from atlas.web.page import Context, Head, Page

__all__ = ["identify_page", "signature_table"]


@dataclass(frozen=True)
class SignatureLine:
    """Files of one distribution in words.

    Attributes:
        kind: of file.
        name: pattern of file names; empty where it is not distinctive.
        part: name of the column or array, or empty.
        width: stored numbers per vector; empty where it is not stated.
        dtype: of the stored numbers; empty where it is not stated.
    """

    title: str
    path: str
    kind: str
    name: str
    part: str
    width: str
    dtype: str


def identify_page(catalog: Catalog) -> Page:
    """The page, and the same table for machines."""
    table = _own(catalog)
    head = Head(
        "Identify a file",
        "Which product are the embeddings in this file from? Its header is read in the browser, nothing is uploaded, "
        "and the products that it fits are shown with the evidence for and against each.",
        "identify.html",
        section="identify",
        scripts=("identify",),
    )
    context = Context(lines=tuple(_line(catalog, signature) for signature in table))
    return Page("identify.html", head, context, signature_table(catalog))


def signature_table(catalog: Catalog) -> dict[str, Any]:
    """Signatures, and a brief on each product."""
    table = signatures(catalog.products.values())
    briefs: dict[str, Any] = {}
    for one in table:
        product = catalog.products[one.product]
        lines = [list(line) for line in brief(product, one.distribution).lines]
        briefs.setdefault(one.product, {"title": product.title, "path": f"products/{product.id}.html", "brief": {}})
        briefs[one.product]["brief"][one.distribution] = lines
    return {
        "signatures": [signature.as_json() for signature in table],
        "products": briefs,
        "nothing": NOTHING,
        "kinds": KIND_WORDS,
    }


def _own(catalog: Catalog) -> Sequence[Signature]:
    """Signatures of the producers' files, without those of copies in other formats."""
    found = signatures(catalog.products.values())
    return [one for one in found if not any(check.test == "never" for check in one.checks)]


def _line(catalog: Catalog, signature: Signature) -> SignatureLine:
    product = catalog.products[signature.product]
    values = {check.test: check.value for check in signature.checks}
    names, _ = file_names(next(d for d in product.distributions if d.id == signature.distribution))
    return SignatureLine(
        product.title,
        f"products/{product.id}.html",
        KIND_WORDS[signature.kind],
        names if "name" in values else "",
        signature.part or "",
        str(values["holds"]["width"]) if "holds" in values else "",
        values.get("type", ""),
    )
