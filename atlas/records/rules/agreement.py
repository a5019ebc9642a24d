"""Records agree about what they share: a model, a vector space, a host, a publication."""

import re
from collections import defaultdict
from collections.abc import Iterator
from urllib.parse import urlsplit

from atlas.records.bibliography import citations, parse_bibtex
from atlas.records.ecosystem import ModelCard
from atlas.records.product import Product
from atlas.records.rules.base import Context, Fault, rule
from atlas.records.rules.stated_or_not import FILELESS

__all__ = ["citations_agree", "hosts_agree", "model_facts_agree", "space_training_agrees"]

_SAME = ("license", "code_license")
_BOTH = ("architecture",)
_BY_HOST = ("range_reads",)
_BY_BUCKET = ("cors", "requester_pays")
_CLOUDS = ("storage.googleapis.com", "amazonaws.com")
_SILENT = {"not_stated", "not_looked_up"}


@rule("model-facts-agree", "error")
def model_facts_agree(context: Context) -> Iterator[Fault]:
    """A record and the card of its model in `ecosystem.yaml` agree about the model.

    Licences of weights and code are the same in both. An architecture is in both or in neither, and the record may say
    more: `ViT-B/14, mean of the last hidden states`. A value that is known in one is not absent in the other.
    """
    for product in context.catalog.products.values():
        entry = context.catalog.ecosystem.get(product.model.id or "")
        if entry is not None and entry.model is not None:
            yield from _compare(product, entry.id, entry.model)


def _compare(product: Product, name: str, card: ModelCard) -> Iterator[Fault]:
    for field in (*_SAME, *_BOTH):
        here, there = getattr(product.model, field), getattr(card, field)
        if here == there or (field in _BOTH and here and there):
            continue
        message = f"{here or 'no value'} here, {there or 'no value'} on the card of '{name}' in ecosystem.yaml"
        yield Fault(f"products/{product.id}.yaml", f"model.{field}", message)


def _stated(product: Product) -> dict[str, str | None]:
    return {entry.input: entry.role for entry in product.training_data or ()}


@rule("space-training-agrees", "error")
def space_training_agrees(context: Context) -> Iterator[Fault]:
    """Products in one vector space come from one model, so they state the same training data with the same roles.

    Products that do not state their training data are skipped.
    """
    first: dict[str, Product] = {}
    for file, product in context.products():
        space, stated = product.embedding.space, _stated(product)
        if space is None or not stated:
            continue
        other = first.setdefault(space, product)
        theirs = _stated(other)
        for name in sorted(stated.keys() | theirs.keys()):
            if name in stated and name in theirs and stated[name] == theirs[name]:
                continue
            here, there = (said.get(name) or "no role" if name in said else "nothing" for said in (stated, theirs))
            message = f"'{name}': {here} here, {there} in '{other.id}', which is in the same space"
            yield Fault(file, "training_data", message)


@rule("hosts-agree", "error")
def hosts_agree(context: Context) -> Iterator[Fault]:
    """Records agree about range requests, CORS and cost of a host, which are the same for every product on it.

    A value in one record is not another value, `not_stated` or `not_looked_up` in the record of another product on that
    host. On clouds with buckets of many owners, CORS and cost belong to the bucket, range requests still to the host.
    For a service that serves no files (Earth Engine, BigQuery) all three are `not_applicable`. Retired distributions
    are skipped, and so are weights without a value.
    """
    said: dict[tuple[str, str], list[tuple[str, str, bool | str]]] = defaultdict(list)
    for file, product in context.products():
        for position, place in enumerate(product.distributions):
            if place.retired:
                continue
            for field in (*_BY_HOST, *_BY_BUCKET):
                path = f"distributions.{place.id}.{field}"
                value, absence = getattr(place, field), product.absence(path)
                reason = absence.reason if absence else None
                if place.protocol in FILELESS:
                    if value is not None or reason != "not_applicable":
                        message = f"{place.host} serves no files: name the field in 'absent' as not_applicable"
                        yield Fault(file, path, message)
                elif value is not None or reason in _SILENT:
                    whose = _owner(product, position) if field in _BY_BUCKET else place.host
                    said[field, whose].append((product.id, path, reason or "" if value is None else value))
    for (_, whose), entries in said.items():
        yield from _same_host(whose, entries)


def _same_host(whose: str, entries: list[tuple[str, str, bool | str]]) -> Iterator[Fault]:
    first = next((entry for entry in entries if isinstance(entry[2], bool)), None)
    if first is None:
        return
    for product, path, value in entries:
        if value != first[2]:
            shown = str(value).lower().replace("_", " ")
            message = f"{shown} here, {str(first[2]).lower()} in the record '{first[0]}' for the same {whose}"
            yield Fault(f"products/{product}.yaml", path, message)


def _owner(product: Product, position: int) -> str:
    """The host or, on a cloud, the host and bucket to which the settings belong."""
    place = product.distributions[position]
    if not place.host.endswith(_CLOUDS):
        return place.host
    address = urlsplit(place.url_template or place.example_url or place.href or "")
    if address.scheme in {"s3", "gs"}:
        return f"{place.host}/{address.netloc}"
    if address.netloc == place.host:
        return f"{place.host}/{address.path.split('/')[1]}"
    return f"{place.host} of {product.id}"


@rule("citations-agree", "error")
def citations_agree(context: Context) -> Iterator[Fault]:
    """One publication has one title, and every BibTeX entry names its authors.

    Publications are identified by their arXiv number; titles are compared without braces, case and punctuation.
    """
    titles: dict[str, tuple[str, str]] = {}
    for file, path, record, arxiv, title in _titles(context):
        if title is None:
            yield Fault(file, path, "the BibTeX entry names no author", record)
        elif arxiv is not None:
            first, where = titles.setdefault(arxiv, (title, file if record is None else f"{file}, {record}"))
            if _plain(first) != _plain(title):
                yield Fault(file, path, f"arXiv:{arxiv} is '{title}' here, '{first}' in {where}", record)


def _titles(context: Context) -> Iterator[tuple[str, str, str | None, str | None, str | None]]:
    """File, path, record, arXiv number and title; without a title where an entry has no author."""
    for thing in context.catalog.ecosystem.values():
        if thing.paper is not None and thing.paper.title is not None:
            yield "ecosystem.yaml", "paper.title", thing.id, thing.paper.arxiv, thing.paper.title
    for file, product in context.products():
        for path, one in citations(product):
            try:
                entry = parse_bibtex(one.bibtex or "").entry
            except ValueError:
                continue  # reported by the rule bibtex-parses
            title = entry.fields["title"] if entry.persons else None
            yield file, f"{path}.bibtex", None, one.arxiv, title


def _plain(title: str) -> str:
    return re.sub(r"[^a-z0-9]", "", title.lower())
