"""How many vectors and bytes an area has, from the distance between vectors that a record states."""

import math
from dataclasses import dataclass

from atlas.answers.evidence import sources_of
from atlas.answers.plain import Plain, told_as
from atlas.answers.words import bytes_text, number
from atlas.records import Product
from atlas.records.delivery import is_encoder

__all__ = ["Volume", "spacing", "vector_bytes", "vectors_per_km2", "volume"]

_ITEM_BYTES = {"int8": 1, "uint8": 1, "int16": 2, "uint16": 2, "float16": 2, "int32": 4, "float32": 4, "float64": 8}

_SCALED = "per_vector_scale"


@dataclass(frozen=True, slots=True)
class Volume(Plain):
    """Upper bounds for a product, or an area of it: water and gaps are not subtracted.

    Attributes:
        product: Its id.
        vectors: Number of vectors; None where the distance between vectors is not stated.
        bytes: Stored bytes before compression; None where length or stored type is not stated either.
        steps: Time steps that were counted.
        basis: What the numbers rest on, or why there are none.
        sources: Addresses where the distance between vectors, the length and the stored type are stated.
    """

    product: str
    vectors: int | None = told_as("vectors_at_most")
    bytes: int | None = told_as("bytes_at_most")
    steps: int = told_as("time_steps")
    basis: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Vectors, bytes and what they rest on."""
        vectors = f"at most {number(self.vectors)} vectors" if self.vectors is not None else "vectors: not derivable"
        size = f", {bytes_text(self.bytes)} before compression" if self.bytes is not None else ""
        steps = f"{self.steps} time step{'s' if self.steps != 1 else ''}"
        return "\n".join([f"{self.product}: {vectors}{size}, {steps}", *self.basis])


def spacing(product: Product) -> tuple[float, float, str] | None:
    """Distance between vectors [y, x] with its unit, m or deg; None where it is not stated.

    For pixels their size; for patches the stride, else the spacing of the grid they are cut on. The size of a patch
    alone says nothing of the distance to the next.
    """
    e = product.embedding
    if e.type == "location":
        return None
    footprint = e.footprint or {}
    size, unit = footprint.get("size"), footprint.get("unit", "m")
    if e.type == "pixel":
        step = size or ([e.gsd, e.gsd] if e.gsd else None)
        return (float(step[0]), float(step[1]), str(unit)) if step else None
    pixels, stride = footprint.get("size_px"), footprint.get("stride_px")
    if size and pixels and stride:
        y, x = (float(s) * t / p for s, t, p in zip(size, stride, pixels, strict=True))
        return y, x, str(unit)
    grid = (footprint.get("grid") or {}).get("spacing")
    return (float(grid[0]), float(grid[1]), str(unit)) if grid else None


def vectors_per_km2(product: Product) -> float | None:
    """Most vectors in a square kilometre at one time step; None where it depends on the latitude or is not stated."""
    step = spacing(product)
    return 1e6 / (step[0] * step[1]) if step and step[2] == "m" else None


def vector_bytes(product: Product) -> int | None:
    """Stored bytes of one vector, without compression; None where the stored type or the length is not stated.

    A code of finite scalar quantisation stands for as many numbers as it has levels. A scale of a vector counts as one
    number of the original type.
    """
    quantization = product.embedding.quantization or {}
    stored, original = (
        _ITEM_BYTES.get(str(quantization.get(f"{which}_data_type"))) for which in ("stored", "original")
    )
    scale = original if quantization.get("method") == _SCALED else 0
    if not product.embedding.dimensions or stored is None or scale is None:
        return None
    return product.embedding.dimensions // len(quantization.get("levels") or [1]) * stored + scale


def volume(product: Product, area_km2: float, *, steps: int = 1, area_deg2: float | None = None) -> Volume:
    """Upper bounds of the vectors and bytes of an area.

    Args:
        product: The product.
        area_km2: Area on the ellipsoid in square kilometres.
        steps: Time steps.
        area_deg2: Area in square degrees of longitude and latitude, by which cells of a grid in degrees are counted.
    """
    step = spacing(product)
    if is_encoder(product):
        basis = ("An encoder computes a vector for any position: there is nothing to store.",)
        return Volume(product.id, None, None, steps, basis)
    if step is None:
        basis = ("The distance between vectors is not stated, so their number cannot be estimated.",)
        return Volume(product.id, None, None, steps, basis)
    y, x, unit = step
    if unit == "deg" and area_deg2 is None:
        return Volume(product.id, None, None, steps, ("The grid is in degrees: the number depends on the place.",))
    # by vectors per square kilometre, as the pages do: otherwise rounding could differ by one
    each_km2 = vectors_per_km2(product)
    vectors = math.ceil((area_deg2 or 0.0) / (y * x) if each_km2 is None else area_km2 * each_km2) * steps
    each = vector_bytes(product)
    told = [f"One vector every {y:g} by {x:g} {unit}; water and gaps are not subtracted."]
    if (product.embedding.quantization or {}).get("method") == _SCALED:
        told.append("The scale of a vector is counted as one number of the original type.")
    if each is None:
        told.append("The length or the stored type of a vector is not stated, so bytes cannot be estimated.")
    fields = ("embedding.footprint", "embedding.gsd", "embedding.dimensions", "embedding.quantization")
    sources = tuple(dict.fromkeys(s for path in fields for s in sources_of(product, path)))
    return Volume(product.id, vectors, vectors * each if each else None, steps, tuple(told), sources)
