"""The page on which a producer describes a product: a form that builds its Collection and its record."""

from dataclasses import dataclass

from atlas.web.describe.fields import SECTIONS, Section
from atlas.web.describe.rules import program_rules
from atlas.web.page import Head, Page

__all__ = ["DESCRIBE_PAGE", "DescribePage", "describe_page"]

DESCRIBE_PAGE = "describe.html"


@dataclass(frozen=True)
class DescribePage:
    """Context of the form.

    Attributes:
        head: of the page.
        sections: the parts of the form.
        rules: what only a program checks: name of the rule and what it says.
    """

    head: Head
    sections: tuple[Section, ...]
    rules: tuple[tuple[str, str], ...]


def describe_page() -> Page:
    """The form, and the way without it."""
    context = DescribePage(
        Head(
            "Describe your product",
            "A form that builds a valid STAC Collection of an embedding product, and the record with which the atlas "
            "lists it. Nothing leaves the browser.",
            DESCRIBE_PAGE,
            section="describe",
            scripts=("describe-faults", "describe-record", "describe-load", "describe"),
            twin="describe.json",
        ),
        SECTIONS,
        tuple(program_rules()),
    )
    twin = {
        "sections": [{"title": s.title, "fields": list(s.fields)} for s in SECTIONS],
        "rules_of_the_program": dict(context.rules),
    }
    return Page("describe.html", context, twin)
