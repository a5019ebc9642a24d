"""The results of the last check of a product's addresses, in words."""

from collections.abc import Iterable

from atlas.links.checks import LinkCheck, links_of
from atlas.records import Catalog, Product
from atlas.web.page import Context

__all__ = ["checks_by_product", "link_lines"]

_KINDS = {"page": "Page", "file": "File", "index": "Index"}
_WORDS = {
    "answers": "answered",
    "redirects": "redirected to another host, which was not asked",
    "asks-for-login": "needs a login",
    "missing": "not found",
    "fails": "failed",
}
_STYLES = {"answers": "good", "missing": "bad", "fails": "bad"}


def checks_by_product(catalog: Catalog, checks: Iterable[LinkCheck]) -> dict[str, tuple[LinkCheck, ...]]:
    """Results by product; those of addresses that the records no longer give are left out."""
    given = set(links_of(catalog.products.values()))
    found: dict[str, tuple[LinkCheck, ...]] = {}
    for check in checks:
        if check.link in given:
            found[check.product] = (*found.get(check.product, ()), check)
    return found


def link_lines(product: Product, place: str, checks: Iterable[LinkCheck]) -> list[Context]:
    """The addresses of one distribution, or of the index where `place` is empty, and the last check of each.

    `text` says what it found, or `not checked` and why; `day` is empty where there was none; `style` is good, bad or
    neutral.
    """
    known = {c.link: c for c in checks}
    return [_line(_KINDS[link.kind], known.get(link)) for link in links_of([product]) if link.place == place]


def _line(label: str, check: LinkCheck | None) -> Context:
    if check is None or check.outcome == "not-checked" or not check.checked:
        text = "not checked" + (f": {check.detail}" if check and check.detail else "")
        return Context(label=label, text=text, day="", style="neutral")
    text = _WORDS[check.outcome]
    if check.outcome != "answers":
        text += f" ({check.status})" if check.status else f" ({check.detail})" if check.detail else ""
        if check.answered:
            text += f"; it last answered on {check.answered[:10]}"
    return Context(label=label, text=text, day=check.checked[:10], style=_STYLES.get(check.outcome, "neutral"))
