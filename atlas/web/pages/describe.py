"""The page with the form by which a producer builds the Collection and the record of a product."""

from atlas.web.describe.fields import SECTIONS
from atlas.web.describe.rules import program_rules
from atlas.web.page import Context, Head, Page

__all__ = ["DESCRIBE_PAGE", "describe_page"]

DESCRIBE_PAGE = "describe.html"


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
    context = Context(sections=SECTIONS, rules=tuple(program_rules()))
    twin = {
        "sections": [{"title": s.title, "fields": list(s.fields)} for s in SECTIONS],
        "rules_of_the_program": dict(context.rules),
    }
    return Page("describe.html", head, context, twin)
