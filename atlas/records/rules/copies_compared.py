"""A second place that serves stored vectors says in `vectors` whether they are those of the first, or of `vectors_of`.

`unknown` is an answer, with a source that says how much is known. Retired places are passed over.
"""

from collections.abc import Iterator

from atlas.records.rules.base import Context, Fault, Rule

__all__ = ["RULE"]

_COMPUTED = {"weights", "code"}


def check(context: Context) -> Iterator[Fault]:
    """Look at every distribution but the first."""
    for product in context.catalog.products.values():
        file = f"products/{product.id}.yaml"
        places = [place for place in product.distributions if not place.retired and place.format not in _COMPUTED]
        names = {place.id for place in product.distributions}
        for position, place in enumerate(places):
            path = f"distributions.{place.id}"
            if position and place.vectors is None and product.absence(f"{path}.vectors") is None:
                message = f"say whether its vectors are those of '{places[0].id}': identical, requantized, resampled "
                yield Fault(file, f"{path}.vectors", message + "or unknown")
            if place.vectors_of is not None and (place.vectors_of not in names or place.vectors_of == place.id):
                yield Fault(file, f"{path}.vectors_of", f"'{place.vectors_of}' is not another distribution")


RULE = Rule("copies-compared", "error", check, __doc__)
