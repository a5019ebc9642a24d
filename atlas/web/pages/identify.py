"""The page that identifies a file by its header: the table of signatures in words, and as data for its script."""

from typing import Any

from atlas.answers.brief import brief
from atlas.read.identify import KIND_WORDS, NOTHING
from atlas.read.signatures import Signature, file_names, signatures
from atlas.records import Catalog
from atlas.web.page import Context, Head, Page

__all__ = ["identify_page", "signature_table"]


def identify_page(catalog: Catalog) -> Page:
    """The page, and the same table for machines."""
    # without copies in other formats than the producers' own
    table = [s for s in signatures(catalog.products.values()) if not any(check.test == "never" for check in s.checks)]
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


def _line(catalog: Catalog, signature: Signature) -> Context:
    """Files of one distribution in words, empty where the record does not state something distinctive."""
    product = catalog.products[signature.product]
    values = {check.test: check.value for check in signature.checks}
    names, _ = file_names(next(d for d in product.distributions if d.id == signature.distribution))
    return Context(
        title=product.title,
        path=f"products/{product.id}.html",
        kind=KIND_WORDS[signature.kind],
        name=names if "name" in values else "",
        part=signature.part or "",
        width=str(values["holds"]["width"]) if "holds" in values else "",
        dtype=values.get("type", ""),
    )
