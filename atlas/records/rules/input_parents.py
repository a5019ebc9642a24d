"""A processing level is part of its sensor: of the inputs of one sensor all but one name what they are part of.

Data and what they are part of agree in their sensor, so that the matrix of inputs can count a level for its sensor. A
record names an input or what it is part of, not both on one side in one role.
"""

from collections.abc import Iterator

from atlas.records.inputs import ancestors
from atlas.records.product import InputUse
from atlas.records.rules.base import Context, Fault, Rule

__all__ = ["RULE"]


def check(context: Context) -> Iterator[Fault]:
    """Look at every input, and at every list of inputs."""
    inputs = context.catalog.inputs
    roots: dict[str, str] = {}
    for source in inputs.values():
        wider = inputs.get(source.part_of or "")
        if wider is not None and source.sensor != wider.sensor:
            yield Fault("inputs.yaml", "part_of", f"its sensor is not that of '{wider.id}'", source.id)
        if source.sensor is None or source.part_of is not None:
            continue
        first = roots.setdefault(source.sensor, source.id)
        if first != source.id:
            message = f"of the sensor '{source.sensor}' as '{first}': say what it is part of"
            yield Fault("inputs.yaml", "part_of", message, source.id)
    for product in context.catalog.products.values():
        for name, uses in (("training_data", product.training_data), ("inference_data", product.inference_data)):
            yield from _uses(context, f"products/{product.id}.yaml", name, uses or [])


def _uses(context: Context, file: str, path: str, uses: list[InputUse]) -> Iterator[Fault]:
    named = {(use.input, use.role) for use in uses}
    for position, use in enumerate(uses):
        for wider in ancestors(context.catalog.inputs, use.input):
            if (wider, use.role) in named:
                yield Fault(file, f"{path}.{position}.input", f"'{use.input}' is part of '{wider}', which is named too")


RULE = Rule("input-parents", "error", check, __doc__)
