"""What a record says about its vectors, their place and time."""

import datetime as dt
import math
from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel, ValidationError

from atlas.moments import utc
from atlas.records.extent import Extent
from atlas.records.product import Product
from atlas.records.rules.base import Context, Fault, Found, product_rule, rule
from atlas.records.temporal import Temporal
from stac_emb.fields import BY_NAME
from stac_emb.models import Encoder, Footprint, Layout, Quantization
from stac_emb.quantization_methods import METHOD_NAMES

__all__ = [
    "band_names_fit",
    "bbox_legal",
    "dates_in_order",
    "dimensions_quantization",
    "emb_objects",
    "location_fields",
    "product_years",
]

_EARLIEST = dt.datetime(1, 1, 1, tzinfo=dt.UTC)
_LATEST = dt.datetime(9999, 1, 1, tzinfo=dt.UTC)
_MODELS: dict[str, type[BaseModel]] = {
    "footprint": Footprint,
    "temporal": Temporal,
    "quantization": Quantization,
    "layout": Layout,
    "encoder": Encoder,
}
_SIMILARITY = BY_NAME["emb:similarity"].recommended


@product_rule("band-names-fit", "error")
def band_names_fit(product: Product) -> Found:
    """`band_names` gives one distinct name to each dimension, and belongs to a layout of kind `bands`.

    Example: `A{:02d}` with 64 dimensions gives A00 to A63.
    """
    embedding = product.embedding
    if embedding.band_names is None:
        return
    if (embedding.layout or {}).get("kind") != "bands":
        yield "embedding.band_names", "only a layout of kind 'bands' has names of bands"
    try:
        names = {embedding.band_names.format(i) for i in range(embedding.dimensions or 2)}
    except (ValueError, IndexError, KeyError) as error:
        yield "embedding.band_names", f"cannot be rendered: {error}"
        return
    if len(names) != (embedding.dimensions or 2):
        yield "embedding.band_names", "gives the same name to several bands"


@product_rule("bbox-legal", "error")
def bbox_legal(product: Product) -> Found:
    """A bounding box is [west, south, east, north] within -180..180 and -90..90; the first encloses the others.

    West may be greater than east only where the box crosses the antimeridian. Example: `bbox: [[-180, -90, 180, 90]]`.
    """
    boxes = product.extent.bbox if product.extent else []
    if len(boxes) == 2:
        yield "extent.bbox", "two boxes say the same as one: give one, or the union and its parts"
    for position, (west, south, east, north) in enumerate(boxes):
        path = f"extent.bbox.{position}"
        if not (-180 <= west <= 180 and -180 <= east <= 180 and -90 <= south <= 90 and -90 <= north <= 90):
            yield path, "the box leaves the legal ranges -180..180 and -90..90"
        elif south > north:
            yield path, "south is greater than north"
        elif position and not _encloses(boxes[0], boxes[position]):
            yield path, "the first box must enclose the others"


def _encloses(outer: list[float], inner: list[float]) -> bool:
    south_north = outer[1] <= inner[1] and inner[3] <= outer[3]
    if outer[0] > outer[2]:  # across the antimeridian: a longitude is inside when it is not in the gap
        inside = all(not outer[2] < side < outer[0] for side in (inner[0], inner[2]))
        return south_north and inside
    return south_north and outer[0] <= inner[0] and inner[2] <= outer[2]


@rule("dates-in-order", "error")
def dates_in_order(context: Context) -> Iterator[Fault]:
    """Dates are in order: an interval begins before it ends, the first encloses the others, the years lie inside it,
    and no evidence was checked in the future.

    Example: `interval: [["2017-01-01T00:00:00Z", "2025-12-31T23:59:59Z"]]`.
    """
    for file, product in context.products():
        for path, entries in product.evidence.items():
            for entry in entries:
                if entry.checked > context.today:
                    yield Fault(file, "evidence", f"{path}: checked on {entry.checked}, which is in the future")
        if product.extent is not None:
            yield from _extent(file, product.extent)


def _extent(file: str, extent: Extent) -> Iterator[Fault]:
    spans = [(utc(start) if start else _EARLIEST, utc(end) if end else _LATEST) for start, end in extent.interval]
    for position, (start, end) in enumerate(spans):
        if start > end:
            yield Fault(file, f"extent.interval.{position}", "the interval ends before it begins")
        if start < spans[0][0] or end > spans[0][1]:
            yield Fault(file, f"extent.interval.{position}", "the first interval must enclose the others")
    years = extent.years or []
    if years != sorted(set(years)):
        yield Fault(file, "extent.years", "years must be in order, each once")
    for year in years:
        if not spans[0][0].year <= year <= spans[0][1].year:
            yield Fault(file, "extent.years", f"{year} lies outside the interval")


@product_rule("dimensions-quantization", "error")
def dimensions_quantization(product: Product) -> Found:
    """The number of dimensions agrees with the quantisation.

    A finite scalar code with L levels and S steps gives L x S numbers; per-dimension scales and offsets have one value
    for each dimension.
    """
    places = [("embedding.quantization", product.embedding.quantization)]
    places += [(f"distributions.{place.id}.quantization", place.quantization) for place in product.distributions]
    for path, quantization in places:
        if quantization and product.embedding.dimensions is not None:
            for message in _disagreements(quantization, product.embedding.dimensions):
                yield path, message


def _disagreements(quantization: dict[str, Any], dimensions: int) -> Iterator[str]:
    levels, basis, steps = (quantization.get(name) for name in ("levels", "basis", "steps"))
    if isinstance(levels, list) and isinstance(steps, int) and len(levels) * steps != dimensions:
        yield f"{len(levels)} levels times {steps} steps make {len(levels) * steps} numbers, not {dimensions}"
    if isinstance(levels, list) and isinstance(basis, list):
        if len(levels) != len(basis):
            yield f"{len(levels)} levels need as many place values, not {len(basis)}"
        elif any(b != math.prod(levels[:i]) for i, b in enumerate(basis)):
            yield "the place values are not the products of the levels before them"
    for name in ("scale", "offset", "divisor"):
        value = quantization.get(name)
        if isinstance(value, list) and len(value) != dimensions:
            yield f"{len(value)} values of '{name}' for {dimensions} dimensions"


@product_rule("emb-objects", "error")
def emb_objects(product: Product) -> Found:
    """Footprint, temporal resolution, quantisation, layout and encoder are objects of the `emb` extension.

    They have no member that the extension does not define, and the metrics of similarity are its terms.

    Example: `quantization: {method: signed_power, divisor: 127.5, exponent: 2, stored_data_type: int8}`.
    """
    objects = [(f"embedding.{name}", name, getattr(product.embedding, name)) for name in _MODELS]
    for place in product.distributions:
        base = f"distributions.{place.id}"
        objects += [(f"{base}.{name}", name, getattr(place, name)) for name in ("quantization", "layout")]
    for path, name, value in objects:
        if value is None:
            continue
        if name == "quantization" and value.get("method") not in METHOD_NAMES:
            yield f"{path}.method", f"'{value.get('method')}' is not one of {', '.join(METHOD_NAMES)}"
        for member in value.keys() - _MODELS[name].model_fields.keys():
            yield f"{path}.{member}", "Extra inputs are not permitted"
        try:
            _MODELS[name].model_validate(value)
        except ValidationError as error:
            for problem in error.errors(include_url=False, include_input=False):
                where = ".".join([path, *map(str, problem["loc"])])
                yield where, " ".join(problem["msg"].split())
    for position, metric in enumerate(product.embedding.similarity or ()):
        if metric not in _SIMILARITY:
            known = ", ".join(_SIMILARITY)
            yield f"embedding.similarity.{position}", f"'{metric}' is not one of {known}"


@product_rule("location-fields", "error")
def location_fields(product: Product) -> Found:
    """A location encoder stores no vectors, so it has no layout; only it has an order of coordinates."""
    embedding = product.embedding
    if embedding.type == "location":
        for name in ("layout", "band_names"):
            if getattr(embedding, name) is not None:
                yield f"embedding.{name}", "a product of type location stores no vectors"
    elif embedding.coordinate_order is not None:
        yield "embedding.coordinate_order", f"only type location takes coordinates, not '{embedding.type}'"


@product_rule("product-years", "error")
def product_years(product: Product) -> Found:
    """`extent.years` are years of the product: an annual product has them, or says in `absent` why not.

    The years of a snapshot's acquisitions belong in the interval. A product without a date has no interval: the years
    of a location encoder's training data belong in a note.
    """
    extent = product.extent
    if extent is None:
        return
    resolution = (product.embedding.temporal or {}).get("resolution")
    if extent.years and resolution in {"snapshot", "static"}:
        yield "extent.years", f"a product of resolution '{resolution}' has no years"
    elif resolution == "annual" and not extent.years and product.absence("extent.years") is None:
        yield "extent.years", "an annual product has years, or 'absent' says why there are none"
    if resolution == "static" and any(end is not None for period in extent.interval or () for end in period):
        yield "extent.interval", "a product of resolution 'static' has no dates: [[null, null]]"
    for year in extent.completeness.years if extent.completeness else ():
        if extent.years and int(year) not in extent.years:
            yield "extent.completeness.years", f"{year} is not a year of the product"
