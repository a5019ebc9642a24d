"""Every term that a record uses exists in the taxonomy.

Example: `tasks: [similarity-search]` needs the term `similarity-search` in `taxonomy/task.yaml`.
"""

from collections.abc import Iterator

from atlas.records.rules.base import Context, Fault, Rule

__all__ = ["RULE"]


def check(context: Context) -> Iterator[Fault]:
    """Look up the terms of products, inputs and ecosystem entries."""
    taxonomy = context.catalog.taxonomy

    def unknown(facet: str, term: object) -> str | None:
        if term is None or (facet in taxonomy and term in taxonomy[facet].terms):
            return None
        return f"'{term}' is not in taxonomy/{facet}.yaml"

    for product in context.catalog.products.values():
        embedding = product.embedding
        used: list[tuple[str, str, object]] = [("embedding.type", "type", embedding.type)]
        used += [("embedding.temporal.resolution", "temporal", (embedding.temporal or {}).get("resolution"))]
        used += [("embedding.quantization.method", "quantization", (embedding.quantization or {}).get("method"))]
        used += [(f"embedding.tasks.{i}", "task", task) for i, task in enumerate(embedding.tasks or ())]
        for place in product.distributions:
            base = f"distributions.{place.id}"
            used += [(f"{base}.format", "format", place.format), (f"{base}.auth", "access", place.auth)]
            method = (place.quantization or {}).get("method")
            used += [(f"{base}.quantization.method", "quantization", method)]
        for path, facet, term in used:
            if problem := unknown(facet, term):
                yield Fault(f"products/{product.id}.yaml", path, problem)
    for entry in context.catalog.inputs.values():
        for path, facet, value in (("modality", "modality", entry.modality), ("sensor", "sensor", entry.sensor)):
            if problem := unknown(facet, value):
                yield Fault("inputs.yaml", path, problem, entry.id)
    for thing in context.catalog.ecosystem.values():
        tasks = [(f"tasks.{i}", "task", task) for i, task in enumerate(thing.tasks)]
        for path, facet, value in [("layer", "layer", thing.layer), *tasks]:
            if problem := unknown(facet, value):
                yield Fault("ecosystem.yaml", path, problem, thing.id)


RULE = Rule("known-terms", "error", check, __doc__)
