"""A bounding box is [west, south, east, north] inside -180..180 and -90..90; the first encloses the others.

West may be greater than east only where the box crosses the antimeridian. Example: `bbox: [[-180, -90, 180, 90]]`.
"""

from collections.abc import Iterator

from atlas.records.rules.base import Context, Fault, Rule

__all__ = ["RULE"]


def check(context: Context) -> Iterator[Fault]:
    """Check the boxes of every product."""
    for product in context.catalog.products.values():
        file = f"products/{product.id}.yaml"
        boxes = product.extent.bbox if product.extent else []
        if len(boxes) == 2:
            yield Fault(file, "extent.bbox", "two boxes say the same as one: give one, or the union and its parts")
        for position, (west, south, east, north) in enumerate(boxes):
            path = f"extent.bbox.{position}"
            if not (-180 <= west <= 180 and -180 <= east <= 180 and -90 <= south <= 90 and -90 <= north <= 90):
                yield Fault(file, path, "the box leaves the legal ranges -180..180 and -90..90")
            elif south > north:
                yield Fault(file, path, "south is greater than north")
            elif position and not _encloses(boxes[0], boxes[position]):
                yield Fault(file, path, "the first box must enclose the others")


def _encloses(outer: list[float], inner: list[float]) -> bool:
    south_north = outer[1] <= inner[1] and inner[3] <= outer[3]
    if outer[0] > outer[2]:  # across the antimeridian: a longitude is inside when it is not in the gap
        inside = all(not outer[2] < side < outer[0] for side in (inner[0], inner[2]))
        return south_north and inside
    return south_north and outer[0] <= inner[0] and inner[2] <= outer[2]


RULE = Rule("bbox-legal", "error", check, __doc__)
