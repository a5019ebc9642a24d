"""Which product fits? What a product states, or an index that was read in full, may exclude it.

What is not stated or not known never does, but is reported.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

from atlas.answers.coverage import coverage
from atlas.answers.evidence import because, gap
from atlas.answers.facets import belongs
from atlas.answers.holdings import Holding
from atlas.answers.licence import Use, licence_allows
from atlas.answers.places import Place, Span
from atlas.answers.stated import stated
from atlas.answers.verdicts import Answer, Reason, Verdict, combine
from atlas.answers.words import number
from atlas.records import Catalog, Product
from atlas.records.delivery import is_encoder

__all__ = ["EFFORTS", "Effort", "Wanted", "choose", "fit", "located", "total_bytes"]

Effort = Literal["any", "ready", "anonymous"]
"""What somebody is ready to do: anything, read files that exist, or read those that need no account."""
EFFORTS: tuple[Effort, ...] = get_args(Effort)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody needs; every part may be left out.

    Attributes:
        place: Where.
        span: When.
        facets: Terms of the taxonomy by facet; within a facet one is enough.
        use: What the licence must allow.
        max_bytes: Most bytes of the whole product.
        max_dimensions: Longest vector.
        effort: `ready` for files that exist, `anonymous` for files that need no account.
        change: Whether several years must lie in one vector space.
    """

    place: Place | None = None
    span: Span | None = None
    facets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    use: Use = "any"
    max_bytes: int | None = None
    max_dimensions: int | None = None
    effort: Effort = "any"
    change: bool = False


def choose(catalog: Catalog, wanted: Wanted, there: Mapping[str, Holding] | None = None) -> list[Answer]:
    """Every product: those that fit, then those with a fact that is not stated, then those that are excluded.

    Args:
        catalog: The records.
        wanted: What is needed.
        there: What exists at the place, by product, as `Holdings` tell it.
    """
    there = there or {}
    answers = [fit(catalog, p, wanted, there.get(p.id)) for p in catalog.products.values()]
    rank = {Verdict.YES: 0, Verdict.NO: 2}
    return sorted(answers, key=lambda a: (rank.get(a.verdict, 1), len(a.open), len(a.warnings), a.product))


def fit(catalog: Catalog, product: Product, wanted: Wanted, holding: Holding | None = None) -> Answer:
    """Whether a product fits; `holding` is what its index holds at the place."""
    reasons: list[Reason] = []
    if wanted.place is not None or wanted.span is not None:
        reasons += located(product, wanted.place, wanted.span, holding)
    reasons += [belongs(catalog, product, facet, terms) for facet, terms in wanted.facets.items()]
    if (allowed := licence_allows(catalog, product, wanted.use)) is not None:
        reasons.append(allowed)
    path, size = total_bytes(product)
    reasons += _within(product, path, "bytes in total", size, wanted.max_bytes)
    reasons += _within(
        product, "embedding.dimensions", "dimensions", product.embedding.dimensions, wanted.max_dimensions
    )
    reasons += _effort(product, wanted.effort)
    if wanted.change:
        reasons += _change(product)
    verdict = combine(r.verdict for r in reasons)
    return Answer(product.id, verdict, tuple(reasons), tuple(_warnings(product, wanted)))


def located(
    product: Product, place: Place | None, span: Span | None, holding: Holding | None = None
) -> tuple[Reason, ...]:
    """What is known of a place and a time: by what exists there where an index was read, else by the record.

    So a model that users run themselves has no files and may still fit.
    """
    if place is None or holding is None:
        return stated(product, place, span)
    return coverage(product, place, span, state=holding.state, held=holding.years).reasons


def total_bytes(product: Product) -> tuple[str, int | None]:
    """Where the size of all files is stated, and the size: the smallest of the copies where only those state one."""
    if product.counts.bytes is not None:
        return "counts.bytes", product.counts.bytes
    sizes = {d.id: d.bytes for d in product.distributions if d.bytes is not None and not d.retired}
    if not sizes:
        return "counts.bytes", None
    least = min(sizes, key=lambda i: sizes[i])
    return f"distributions.{least}.bytes", sizes[least]


def _within(product: Product, path: str, what: str, value: int | None, most: int | None) -> list[Reason]:
    if most is None:
        return []
    if value is None:
        return [gap(product, path, f"the number of {what}")]
    if value > most:
        return [because(product, Verdict.NO, f"it has {number(value)} {what}, more than {number(most)}", path, value)]
    return [because(product, Verdict.YES, f"it has {number(value)} {what}", path, value)]


def _effort(product: Product, effort: str) -> list[Reason]:
    if effort == "ready":
        if product.status in ("recipe", "announced"):
            run = product.status == "recipe"
            text = "you run the model yourself" if run else "it is announced, not released"
            return [because(product, Verdict.NO, text, "status", product.status)]
        if is_encoder(product):
            return [because(product, Verdict.NO, "you run the encoder yourself", "embedding.type", "location")]
        return [because(product, Verdict.YES, "its files exist", "status", product.status)]
    if effort == "anonymous":
        live = [d for d in product.distributions if not d.retired]
        stated_auth = {d.auth for d in live if d.auth}
        if "anonymous" in stated_auth:
            return [
                because(product, Verdict.YES, "it can be read without an account", "distributions.*.auth", "anonymous")
            ]
        if not live or any(d.auth is None for d in live):
            return [gap(product, "distributions.*.auth", "who may read it")]
        text = "every copy needs an account, a token or a request"
        return [because(product, Verdict.NO, text, "distributions.*.auth", sorted(stated_auth))]
    return []


def _change(product: Product) -> list[Reason]:
    found: list[Reason] = []
    years = product.extent.years if product.extent else None
    if is_encoder(product):
        found.append(because(product, Verdict.NO, "a location encoder has no years", "embedding.type", "location"))
    elif not years:
        found.append(gap(product, "extent.years", "which years it has"))
    elif len(years) < 2:
        found.append(because(product, Verdict.NO, "it has a single time step", "extent.years", years))
    else:
        found.append(because(product, Verdict.YES, f"it has {len(years)} years", "extent.years", years))
    if product.embedding.space is None:
        found.append(gap(product, "embedding.space", "its vector space (may years be compared?)"))
    return found


def _warnings(product: Product, wanted: Wanted) -> list[str]:
    found = []
    if product.status == "deprecated":
        found.append("it is deprecated" + (f"; use {product.successor}" if product.successor else ""))
    elif product.status == "recipe":
        found.append("no vectors are published: you run the model yourself")
    elif product.status == "announced":
        found.append("it is announced, not released")
    elif product.status == "experimental":
        found.append("it is experimental and may change")
    if is_encoder(product) and wanted.span is not None:
        found.append("a location encoder: check whether it takes a date")
    return found
