"""Where files are and how they are read."""

import re
from collections.abc import Iterator
from string import Formatter
from urllib.parse import urlsplit

from atlas.records.delivery import MODEL_FORMATS
from atlas.records.distributions import MEDIA_TYPES, Distribution
from atlas.records.paths import leaves
from atlas.records.product import Product
from atlas.records.rules.base import Context, Fault, Found, product_rule, rule

__all__ = ["copies_compared", "count_agrees", "index_hosts", "media_type_follows", "package_homes", "template_renders"]

_INDEXES = (
    "pypi.org/",
    "pypi.python.org/",
    "anaconda.org/",
    "cran.r-project.org/package",
    "npmjs.com/package/",
    "crates.io/crates/",
)
_REPOSITORY = re.compile(r"https://github\.com/[^/]+/[^/#?]+")
_PACKAGE = re.compile(r"Package (\S+) \d")


@product_rule("copies-compared", "error")
def copies_compared(product: Product) -> Found:
    """A further distribution of stored vectors says in `vectors` whether they are those of the first one, or of
    `vectors_of`.

    `unknown` is allowed, with a source that says how much is known. Retired distributions are skipped.
    """
    places = [place for place in product.distributions if not place.retired and place.format not in MODEL_FORMATS]
    names = {place.id for place in product.distributions}
    for position, place in enumerate(places):
        path = f"distributions.{place.id}"
        if position and place.vectors is None and product.absence(f"{path}.vectors") is None:
            told = f"say whether its vectors are those of '{places[0].id}'"
            yield f"{path}.vectors", f"{told}: identical, requantized, resampled or unknown"
        if place.vectors_of is not None and (place.vectors_of not in names or place.vectors_of == place.id):
            yield f"{path}.vectors_of", f"'{place.vectors_of}' is not another distribution"


@rule("count-agrees", "warning")
def count_agrees(context: Context) -> Iterator[Fault]:
    """A stated number of items agrees with the last crawl of the index; a difference is drift to look at.

    The crawl never changes the record.
    """
    for file, product in context.products():
        crawl, stated = context.crawls.get(product.id), product.counts.items
        if crawl is not None and stated is not None and crawl.items != stated:
            message = f"the record states {stated:,} items, the last crawl found {crawl.items:,}"
            yield Fault(file, "counts.items", message)


@product_rule("index-hosts", "error")
def index_hosts(product: Product) -> Found:
    """The host of an index is among the hosts that a crawl of the product may fetch from."""
    index = product.index
    parts = urlsplit(index.url or "") if index else None
    if index and parts and parts.scheme in {"http", "https"} and parts.hostname not in index.hosts:
        yield "index.hosts", f"'{parts.hostname}' is not among the hosts of the index"


@product_rule("media-type-follows", "error")
def media_type_follows(product: Product) -> Found:
    """The media type of a distribution follows from its format, and is written only where it says more.

    Example: `format: zarr` with `media_type: application/vnd+zarr; version=3`; `format: cog` needs none.
    """
    for place in product.distributions:
        usual = MEDIA_TYPES.get(place.format or "")
        if usual is None or place.media_type is None:
            continue
        path = f"distributions.{place.id}.media_type"
        if place.media_type == usual:
            yield path, f"follows from the format '{place.format}': leave it out"
        elif not place.media_type.startswith(f"{usual};"):
            yield path, f"'{place.media_type}' is not the type '{usual}' of its format"


@rule("package-homes", "error")
def package_homes(context: Context) -> Iterator[Fault]:
    """No address is the page of a package index: name the package with its version, and link its home page or
    repository.

    One package has one home: loaders with the same name link to the same repository, and so do notes that name a
    package.

    Example: `{name: rshf, version: "0.2.2", href: "https://github.com/mvrl/rshf"}`.
    """
    homes: dict[str, str] = {}
    for file, product in context.products():
        for path, name, address in _packages(product):
            repository = _REPOSITORY.match(address)
            home = homes.setdefault(name.lower(), repository[0]) if repository else None
            if repository and repository[0] != home:
                yield Fault(file, path, f"{name} is at {home} elsewhere, not at {repository[0]}")
    for file, record, of in context.records():
        for leaf, value in leaves(of):
            address = str(value).removeprefix("https://").removeprefix("http://").removeprefix("www.")
            if address != value and address.startswith(_INDEXES):
                yield Fault(
                    file, ".".join(step[0] for step in leaf), f"'{value}' is the page of a package index", record
                )


def _packages(product: Product) -> Iterator[tuple[str, str, str]]:
    for loader in product.loaders:
        if loader.href:
            yield f"loaders.{loader.name}.href", loader.name, loader.href
    for path, entries in product.evidence.items():
        for entry in entries:
            if match := _PACKAGE.match(entry.note or ""):
                yield f"evidence.{path}", match[1], entry.source


@product_rule("template-renders", "error")
def template_renders(product: Product) -> Found:
    """A URL template renders, with its `template_values`, to the `example_url`.

    Example: `.../{year}/grid_{lon:.2f}_{lat:.2f}.npy` with `{year: 2024, lon: 0.15, lat: 52.05}`.
    """
    for place in product.distributions:
        yield from ((f"distributions.{place.id}.{field}", message) for field, message in _template(place))


def _template(place: Distribution) -> Found:
    if place.url_template is None:
        if place.template_values is not None:
            yield "template_values", "values without a template"
        return
    try:
        names = {name for _, name, _, _ in Formatter().parse(place.url_template) if name is not None}
    except ValueError as error:
        yield "url_template", f"the template cannot be read: {error}"
        return
    values = place.template_values
    if any(not name.isidentifier() for name in names):
        yield "url_template", "placeholders must be plain names"
    elif values is None:
        if place.example_url is not None:
            yield "url_template", "an example needs the template_values that it is made from"
    elif missing := names - set(values):
        yield "template_values", f"no value for {sorted(missing)}"
    elif extra := set(values) - names:
        yield "template_values", f"not in the template: {sorted(extra)}"
    else:
        try:
            rendered = place.url_template.format(**values)
        except (ValueError, KeyError, IndexError) as error:
            yield "url_template", f"the template does not render: {error}"
        else:
            if rendered != place.example_url:
                yield "url_template", f"renders to {rendered}, not to the example {place.example_url}"
