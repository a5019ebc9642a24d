"""The walk-throughs: a page for each, and their list."""

from atlas.web.page import Context, Head, Page
from atlas.web.text import first_sentence
from atlas.web.walkthroughs import walkthroughs

__all__ = ["walkthrough_pages"]

LIST = "walkthroughs.html"


def walkthrough_pages() -> list[Page]:
    """The list and every walk-through."""
    every = walkthroughs()
    head = Head(
        "Walk-throughs",
        "From Items to an answer, step by step: pages that run as tests, with the pictures that they draw.",
        LIST,
    )
    entries = [{"id": w.id, "title": w.title, "question": w.question} for w in every]
    pages = [Page("walkthroughs.html", head, Context(walkthroughs=every), {"walkthroughs": entries})]
    for walk in every:
        path = f"walkthroughs/{walk.id}"
        head = Head(
            walk.title,
            first_sentence(walk.question[0].upper() + walk.question[1:]),
            f"{path}.html",
            crumbs=(("Walk-throughs", LIST),),
        )
        context = Context(walkthrough=walk, others=tuple(w for w in every if w is not walk))
        twin = {"id": walk.id, "title": walk.title, "question": walk.question, "markdown": walk.source}
        pages.append(Page("walkthrough.html", head, context, twin))
    return pages
