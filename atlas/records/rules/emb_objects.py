"""Footprint, temporal resolution, quantisation, layout and encoder are objects of the `emb` extension.

They have no member that it does not know, and the metrics of similarity are its terms.

Example: `quantization: {method: signed_power, divisor: 127.5, exponent: 2, stored_data_type: int8}`.
"""

from collections.abc import Iterator

from pydantic import BaseModel, ValidationError

from atlas.records.rules.base import Context, Fault, Rule
from atlas.records.temporal import Temporal
from stac_emb.fields import BY_NAME
from stac_emb.models import Encoder, Footprint, Layout, Quantization
from stac_emb.quantization_methods import METHOD_NAMES

__all__ = ["RULE"]

_MODELS: dict[str, type[BaseModel]] = {
    "footprint": Footprint,
    "temporal": Temporal,
    "quantization": Quantization,
    "layout": Layout,
    "encoder": Encoder,
}
_SIMILARITY = BY_NAME["emb:similarity"].recommended


def check(context: Context) -> Iterator[Fault]:
    """Give every object to the extension's model."""
    for product in context.catalog.products.values():
        file = f"products/{product.id}.yaml"
        objects = [(f"embedding.{name}", name, getattr(product.embedding, name)) for name in _MODELS]
        for place in product.distributions:
            base = f"distributions.{place.id}"
            objects += [(f"{base}.{name}", name, getattr(place, name)) for name in ("quantization", "layout")]
        for path, name, value in objects:
            if value is None:
                continue
            if name == "quantization" and value.get("method") not in METHOD_NAMES:
                yield Fault(file, f"{path}.method", f"'{value.get('method')}' is none of {', '.join(METHOD_NAMES)}")
            for member in value.keys() - _MODELS[name].model_fields.keys():
                yield Fault(file, f"{path}.{member}", "Extra inputs are not permitted")
            try:
                _MODELS[name].model_validate(value)
            except ValidationError as error:
                for problem in error.errors(include_url=False, include_input=False):
                    where = ".".join([path, *map(str, problem["loc"])])
                    yield Fault(file, where, " ".join(problem["msg"].split()))
        for position, metric in enumerate(product.embedding.similarity or ()):
            if metric not in _SIMILARITY:
                known = ", ".join(_SIMILARITY)
                yield Fault(file, f"embedding.similarity.{position}", f"'{metric}' is none of {known}")


RULE = Rule("emb-objects", "error", check, __doc__)
