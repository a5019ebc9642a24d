"""The page with the form by which a producer builds the Collection and the record of a product."""

from atlas.web.describe.fields import SECTIONS
from atlas.web.page import Context, Head, Page
from stac_emb.semantics import SEMANTIC_RULES

__all__ = ["DESCRIBE_PAGE", "describe_page"]

DESCRIBE_PAGE = "describe.html"
_OF_ITEMS = {"geometry", "bbox-geometry", "antimeridian"}


def describe_page() -> Page:
    """The form, and how to do without it."""
    head = Head(
        "Describe your product",
        "A form that builds a valid STAC Collection of an embedding product, and the record with which the atlas "
        "lists it. Nothing leaves the browser.",
        DESCRIBE_PAGE,
        section="describe",
        scripts=("describe-faults", "describe-record", "describe-load", "describe"),
    )
    # what the schema cannot state about Collections, and only programs check
    rules = tuple((name, text) for name, (text, _, _) in SEMANTIC_RULES.items() if name not in _OF_ITEMS)
    twin = {
        "sections": [{"title": s.title, "fields": list(s.fields)} for s in SECTIONS],
        "rules_of_the_program": dict(rules),
    }
    return Page("describe.html", head, Context(sections=SECTIONS, rules=rules), twin)
