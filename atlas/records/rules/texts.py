"""Citations, licences, keywords and prose."""

import re
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal

from atlas.records.bibliography import citations, parse_bibtex
from atlas.records.classify import licence_symbols
from atlas.records.paths import leaves, value_at
from atlas.records.product import Product
from atlas.records.rules.base import Context, Fault, Found, product_rule, rule

__all__ = [
    "bibtex_parses",
    "keyword_shared",
    "licence_class",
    "licence_spdx",
    "licensor_stated",
    "prose_agrees",
    "summary_repeats",
]

_DENIAL = "states no licence"
_DOUBT = re.compile(
    r"\b(may|might|can|could|seems?|suggests?|reported|unclear|unknown|suspected|nothing says)\b", re.IGNORECASE
)
_NUMBER = re.compile(r"(?<![\w.])(?<![A-Za-z]-)\d[\d,]*(?:\.\d+)?(?![\w])(?P<km> km\b)?")
_ANY = re.compile(r"\d[\d,]*(?:\.\d+)?")
_NO_FIELD = {"summary", "description", "sources", "evidence", "absent", "conflicts"}


@rule("bibtex-parses", "error")
def bibtex_parses(context: Context) -> Iterator[Fault]:
    """BibTeX holds exactly one valid entry, and its key is not used for another work.

    Example: `@misc{brown2025alphaearth, title = {...}, year = {2025}}`.
    """
    seen: dict[str, tuple[str, str]] = {}
    for file, product in context.products():
        for path, citation in citations(product):
            if citation.bibtex is None:
                continue
            try:
                entry = parse_bibtex(citation.bibtex)
            except ValueError as error:
                yield Fault(file, f"{path}.bibtex", str(error))
                continue
            first = seen.setdefault(entry.key, (citation.bibtex, product.id))
            if first[0].split() != citation.bibtex.split():
                yield Fault(file, f"{path}.bibtex", f"the key '{entry.key}' names another entry in {first[1]}")


@rule("keyword-shared", "error")
def keyword_shared(context: Context) -> Iterator[Fault]:
    """A keyword is used by at least two products; otherwise it groups nothing.

    Example: `Sentinel-2`, `annual`. Spelling and capitals must agree.
    """
    used = Counter(keyword for product in context.catalog.products.values() for keyword in set(product.keywords))
    spellings = {keyword.casefold(): keyword for keyword, count in used.items() if count > 1}
    for file, product in context.products():
        for position, keyword in enumerate(product.keywords):
            if used[keyword] < 2:
                other = spellings.get(keyword.casefold())
                hint = f"; '{other}' is" if other else ""
                yield Fault(file, f"keywords.{position}", f"the keyword '{keyword}' is used by no other product{hint}")


@rule("licence-class", "error")
def licence_class(context: Context) -> Iterator[Fault]:
    """The licence of a product's data has a class in `catalog/taxonomy/licence.yaml`, which explains it in plain words.

    Example: `CC-BY-4.0` is a member of the class `attribution`.
    """
    facet = context.catalog.taxonomy.get("licence")
    known = {member for term in facet.terms.values() for member in term.members} if facet else set()
    for file, product in context.products():
        if product.licences.data is None:
            continue
        try:
            symbols = licence_symbols(product.licences.data)
        except ValueError:
            continue  # the rule licence-spdx reports it
        for symbol in symbols:
            if symbol not in known:
                yield Fault(file, "licences.data", f"'{symbol}' is a member of no class in taxonomy/licence.yaml")


@rule("licence-spdx", "error")
def licence_spdx(context: Context) -> Iterator[Fault]:
    """A licence is an SPDX expression, or `LicenseRef-<name>` for one that is not in the SPDX list.

    Example: `CC-BY-4.0`, `LicenseRef-OlmoEarth-Artifact`, `Apache-2.0 AND MIT`.
    """
    for file, record, of in context.records():
        for path in ("licences.data", "license", "model.license", "model.code_license"):
            licence = value_at(of, path)
            if licence is not None and (problem := _problem(licence)):
                yield Fault(file, path, f"'{licence}' is not an SPDX expression: {problem}", record)


def _problem(licence: str) -> str | None:
    try:
        licence_symbols(licence)
    except ValueError as error:
        return str(error)
    return None


@product_rule("licensor-stated", "error")
def licensor_stated(product: Product) -> Found:
    """A provider called licensor licenses something: a licence of the data or of the weights is given."""
    # Where sources disagree the record has no licence, but each side of the conflict states one.
    disputed = any(conflict.field == "licences.data" for conflict in product.conflicts)
    licensed = product.licences.data or product.model.license or disputed
    for provider in product.providers:
        if "licensor" in provider.roles and not licensed:
            yield f"providers.{provider.name}.roles", "is licensor, but no licence is given"


@product_rule("prose-agrees", "error")
def prose_agrees(product: Product) -> Found:
    """A text does not contradict the fields of its record.

    Where a licence is given, no `summary` or `description` says that none is stated. The title of a known issue that is
    only `suspected` says so with a word such as may, seems, reported or unclear.
    """
    stated = [product.licences.data, product.model.license, product.model.code_license]
    for field in ("summary", "description"):
        words = " ".join(getattr(product, field).split())
        if _DENIAL in words and any(stated):
            yield field, f"says '{_DENIAL}', but a licence is given"
    for issue in product.known_issues:
        if issue.status == "suspected" and not _DOUBT.search(issue.title):
            yield f"known_issues.{issue.id}.title", "is suspected, but the title states it as fact"


@product_rule("summary-repeats", "error")
def summary_repeats(product: Product) -> Found:
    """A summary repeats fields and so needs no evidence: each number in it is in the value of a field.

    Numbers in names (`Sentinel-2`, `v1.5`) do not count, nor does a `description` as a field. A length in kilometres
    may stand for one in metres. A number that is in no field needs a source at `evidence.summary`.
    """
    fields = [str(value) for leaf, value in leaves(product) if leaf[0][0] not in _NO_FIELD]
    held = {_value(text) for field in fields for text in _ANY.findall(field)}
    for match in _NUMBER.finditer(product.summary) if "summary" not in product.evidence else ():
        number = _value(match[0].removesuffix(" km"))
        if number not in held and not (match["km"] and number * 1000 in held):
            yield "summary", f"{match[0]} is in no field: leave it out or name its source"


def _value(text: str) -> Decimal:
    return Decimal(text.replace(",", ""))
