"""Every input that a record uses is described in `catalog/inputs.yaml`, once in each list.

Example: `training_data: [{input: sentinel-2, role: input}]`.
"""

from collections.abc import Iterator

from atlas.records.product import InputUse
from atlas.records.rules.base import Context, Fault, Rule

__all__ = ["RULE"]


def check(context: Context) -> Iterator[Fault]:
    """Look up the inputs of products, model cards and inputs themselves."""
    catalog = context.catalog
    for product in catalog.products.values():
        for name, uses in (("training_data", product.training_data), ("inference_data", product.inference_data)):
            yield from _uses(context, f"products/{product.id}.yaml", name, uses or [], None)
    for entry in catalog.ecosystem.values():
        card = entry.model
        for name, uses in (("inputs", card.inputs), ("training_data", card.training_data)) if card else ():
            yield from _uses(context, "ecosystem.yaml", f"model.{name}", uses, entry.id)
    for source in catalog.inputs.values():
        if source.part_of is not None and (source.part_of not in catalog.inputs or source.part_of == source.id):
            yield Fault("inputs.yaml", "part_of", f"'{source.part_of}' is not another input of inputs.yaml", source.id)


def _uses(context: Context, file: str, path: str, uses: list[InputUse], record: str | None) -> Iterator[Fault]:
    seen: set[tuple[str, str | None]] = set()
    for position, use in enumerate(uses):
        if use.input not in context.catalog.inputs:
            yield Fault(file, f"{path}.{position}.input", f"'{use.input}' is not in inputs.yaml", record)
        if (use.input, use.role) in seen:
            yield Fault(file, f"{path}.{position}.input", f"'{use.input}' is listed twice in the same role", record)
        seen.add((use.input, use.role))


RULE = Rule("known-inputs", "error", check, __doc__)
