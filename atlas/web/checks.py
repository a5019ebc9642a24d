"""The results of the last checks of a product's addresses and of its sources, in words."""

from collections.abc import Iterable

from atlas.evidence.results import WORDS, SourceCheck
from atlas.evidence.values import uses_of
from atlas.links.checks import LinkCheck, links_of
from atlas.records import Catalog, Product
from atlas.web.page import Context

__all__ = ["checks_by_product", "link_lines", "watch_by_record", "watched"]

_KINDS = {"page": "Page", "file": "File", "index": "Index"}
_WORDS = {
    "answers": "answered",
    "redirects": "redirected to another host, which was not asked",
    "asks-for-login": "needs a login",
    "missing": "not found",
    "fails": "failed",
}
_STYLES = {"answers": "good", "missing": "bad", "fails": "bad", "holds": "good", "gone": "bad", "moved-on": "bad"}


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
    return [_address(_KINDS[link.kind], known.get(link)) for link in links_of([product]) if link.place == place]


def _address(label: str, check: LinkCheck | None) -> Context:
    if check is None or check.outcome == "not-checked" or not check.checked:
        text = "not checked" + (f": {check.detail}" if check and check.detail else "")
        return Context(label=label, text=text, day="", style="neutral")
    text = _WORDS[check.outcome]
    if check.outcome != "answers":
        text += f" ({check.status})" if check.status else f" ({check.detail})" if check.detail else ""
        if check.answered:
            text += f"; it last answered on {check.answered[:10]}"
    return Context(label=label, text=text, day=check.checked[:10], style=_STYLES.get(check.outcome, "neutral"))


def watch_by_record(catalog: Catalog, checks: Iterable[SourceCheck]) -> dict[str, tuple[SourceCheck, ...]]:
    """Results by record; those of sources that the records no longer cite are left out."""
    checks = list(checks)
    given = {(use.record, use.source) for use in uses_of(catalog)} if checks else set()
    found: dict[str, tuple[SourceCheck, ...]] = {}
    for check in checks:
        if check.key in given:
            found[check.record] = (*found.get(check.record, ()), check)
    return found


def watched(product: Product, checks: Iterable[SourceCheck]) -> Context | None:
    """What was found of a product's sources; None where none was checked.

    Returns:
        `lines` by source; `changed`, those that are gone or with a passage that moved on; `total`, the number that the
        record cites; `told`, of those that could be compared; `text`, the mark of the page; `day` of the newest result.
    """
    lines = {check.source: _source(check) for check in checks}
    if not lines:
        return None
    changed = [line for line in lines.values() if line.fields]
    total = len({entry.source for entry in product.cited})
    told = sum(line.style != "neutral" for line in lines.values())
    if not changed:
        text = f"None of the {told} sources that could be compared has changed"
    elif total == 1:
        text = "1 of 1 source changed since it was read"
    else:
        text = f"{len(changed)} of {total} sources changed since they were read"
    day = max(line.day for line in lines.values())
    return Context(lines=lines, changed=changed, total=total, told=told, text=text, day=day)


def _source(check: SourceCheck) -> Context:
    """A source, its last check in words, and the values whose passages are gone or moved on."""
    text = WORDS[check.outcome]
    if check.changed and check.since:
        text += f" since {check.since}"
    if check.detail:
        text += f" ({check.detail})"
    return Context(
        source=check.source,
        text=text,
        day=check.checked[:10],
        style=_STYLES.get(check.outcome, "neutral"),
        difference=check.difference,
        fields=check.changed,
    )
