"""The walk-throughs: a page for each, and their list."""

from dataclasses import dataclass

from atlas.web.page import Crumb, Head, Page
from atlas.web.text import first_sentence
from atlas.web.walkthroughs import Walkthrough, walkthroughs

__all__ = ["WalkthroughPage", "WalkthroughsPage", "walkthrough_pages"]

LIST = "walkthroughs.html"


@dataclass(frozen=True)
class WalkthroughsPage:
    """Context of the list.

    Attributes:
        head: of the page.
        walkthroughs: in their order.
    """

    head: Head
    walkthroughs: tuple[Walkthrough, ...]


@dataclass(frozen=True)
class WalkthroughPage:
    """Context of one walk-through.

    Attributes:
        head: of the page.
        walkthrough: what it shows.
        others: the ones before and after it.
    """

    head: Head
    walkthrough: Walkthrough
    others: tuple[Walkthrough, ...]


def walkthrough_pages() -> list[Page]:
    """The list and every walk-through."""
    every = walkthroughs()
    head = Head(
        "Walk-throughs",
        "From Items to an answer, step by step: pages that run as tests, with the pictures that they draw.",
        LIST,
        twin="walkthroughs.json",
    )
    entries = [{"id": w.id, "title": w.title, "question": w.question} for w in every]
    pages = [Page("walkthroughs.html", WalkthroughsPage(head, every), {"walkthroughs": entries})]
    for walk in every:
        path = f"walkthroughs/{walk.id}"
        head = Head(
            walk.title,
            first_sentence(walk.question[0].upper() + walk.question[1:]),
            f"{path}.html",
            crumbs=(Crumb("Walk-throughs", LIST),),
            twin=f"{path}.json",
        )
        context = WalkthroughPage(head, walk, tuple(w for w in every if w is not walk))
        twin = {"id": walk.id, "title": walk.title, "question": walk.question, "markdown": walk.source}
        pages.append(Page("walkthrough.html", context, twin))
    return pages
