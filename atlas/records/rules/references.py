"""Names in one record that lead to another: products, spaces, models, inputs, terms."""

import re
from collections.abc import Iterator

from atlas.records.bibliography import citations
from atlas.records.classify import classify
from atlas.records.inputs import ancestors
from atlas.records.paths import value_at
from atlas.records.product import InputUse, Product
from atlas.records.rules.base import Context, Fault, rule
from atlas.records.taxonomy import Facet

__all__ = [
    "identifiers",
    "input_parents",
    "known_inputs",
    "known_models",
    "known_products",
    "known_spaces",
    "known_terms",
    "tasks_found",
    "taxonomy_tree",
]

_DOI = re.compile(r"10\.\d{4,9}/\S+\Z")
_TERMS = {
    "embedding.type": "type",
    "embedding.temporal.resolution": "temporal",
    "embedding.quantization.method": "quantization",
    "modality": "modality",
    "sensor": "sensor",
    "layer": "layer",
}
"""Fields of products, inputs and the ecosystem that hold a term, and its facet."""
_TERMS_OF_PLACES = {"format": "format", "auth": "access", "quantization.method": "quantization"}
"""The same of distributions."""
_ARXIV = re.compile(r"(\d{4}\.\d{4,5}|[a-z-]+(\.[A-Z]{2})?/\d{7})\Z")


@rule("identifiers", "error")
def identifiers(context: Context) -> Iterator[Fault]:
    """DOIs and arXiv numbers are well-formed, without a resolver in front and without a version at the end.

    Example: `doi: 10.48550/arXiv.2507.22291`, `arxiv: "2507.22291"`.
    """
    for file, product in context.products():
        for path, citation in citations(product):
            yield from _well_formed(file, path, citation.doi, citation.arxiv)
    for entry in context.catalog.ecosystem.values():
        if entry.paper is not None:
            yield from _well_formed("ecosystem.yaml", "paper", entry.paper.doi, entry.paper.arxiv, entry.id)


def _well_formed(
    file: str, path: str, doi: str | None, arxiv: str | None, record: str | None = None
) -> Iterator[Fault]:
    if doi is not None and not _DOI.match(doi):
        yield Fault(file, f"{path}.doi", f"'{doi}' is not a DOI; write it as 10.<registrant>/<suffix>", record)
    if arxiv is not None and not _ARXIV.match(arxiv):
        yield Fault(file, f"{path}.arxiv", f"'{arxiv}' is not an arXiv number; write it as YYMM.NNNNN", record)
    if doi and arxiv and doi.lower().startswith("10.48550/arxiv.") and doi.lower() != f"10.48550/arxiv.{arxiv.lower()}":
        yield Fault(file, f"{path}.doi", f"the DOI names another preprint than arxiv '{arxiv}'", record)


@rule("known-inputs", "error")
def known_inputs(context: Context) -> Iterator[Fault]:
    """Every input that a record uses is described in `catalog/inputs.yaml`, and listed once per role.

    Example: `training_data: [{input: sentinel-2, role: input}]`.
    """
    catalog = context.catalog
    for file, record, of in context.records():
        for path in ("training_data", "inference_data", "model.inputs", "model.training_data"):
            yield from _uses(context, file, path, value_at(of, path) or [], record)
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


@rule("known-models", "error")
def known_models(context: Context) -> Iterator[Fault]:
    """A model that a record names has an entry of kind `model` in `catalog/ecosystem.yaml`, and only models have a
    card.
    """
    entries = context.catalog.ecosystem
    for file, product in context.products():
        name = product.model.id
        if name is not None and (name not in entries or entries[name].kind != "model"):
            yield Fault(file, "model.id", f"'{name}' is not an entry of kind 'model' in ecosystem.yaml")
    for entry in entries.values():
        for position, name in enumerate(entry.models):
            if name not in entries or entries[name].kind != "model":
                message = f"'{name}' is not an entry of kind 'model'"
                yield Fault("ecosystem.yaml", f"models.{position}", message, entry.id)
        if entry.model is not None and entry.kind != "model":
            yield Fault("ecosystem.yaml", "model", f"a card belongs to kind 'model', not to '{entry.kind}'", entry.id)


@rule("known-products", "error")
def known_products(context: Context) -> Iterator[Fault]:
    """Every product that a record names exists, and a successor names its predecessor back.

    Several products may name one predecessor; only one of them is its successor.
    """
    products = context.catalog.products
    for file, product in context.products():
        for path, other in (("predecessor", product.predecessor), ("successor", product.successor)):
            if other is None:
                continue
            if other not in products or other == product.id:
                yield Fault(file, path, f"'{other}' is not another product")
            elif path == "successor" and products[other].predecessor != product.id:
                yield Fault(file, path, f"'{other}' does not name '{product.id}' as its predecessor")
    for entry in context.catalog.ecosystem.values():
        for position, name in enumerate(entry.products):
            if name not in products:
                yield Fault("ecosystem.yaml", f"products.{position}", f"'{name}' is not a product", entry.id)


@rule("known-spaces", "error")
def known_spaces(context: Context) -> Iterator[Fault]:
    """The vector space of a product is described in `catalog/spaces.yaml`, and relations name other spaces there.

    Products of one space have the same number of dimensions as the space.
    """
    spaces = context.catalog.spaces
    for file, product in context.products():
        name = product.embedding.space
        if name is None:
            continue
        if name not in spaces:
            yield Fault(file, "embedding.space", f"'{name}' is not in spaces.yaml")
            continue
        stated, length = product.embedding.dimensions, spaces[name].dimensions
        if stated is not None and length is not None and stated != length:
            yield Fault(file, "embedding.dimensions", f"{stated} dimensions, but the space '{name}' has {length}")
    for space in spaces.values():
        for position, relation in enumerate(space.relations):
            own = relation.space == space.id and relation.relation != "prefix_of"
            if relation.space not in spaces or own:
                message = f"'{relation.space}' is not another space of spaces.yaml"
                yield Fault("spaces.yaml", f"relations.{position}.space", message, space.id)


@rule("known-terms", "error")
def known_terms(context: Context) -> Iterator[Fault]:
    """Every term that a record uses exists in the taxonomy.

    Example: `tasks: [similarity-search]` needs the term `similarity-search` in `taxonomy/task.yaml`.
    """
    taxonomy = context.catalog.taxonomy
    for file, record, of in context.records():
        used = [(path, facet, value_at(of, path)) for path, facet in _TERMS.items()]
        for path in ("embedding.tasks", "tasks"):
            used += [(f"{path}.{i}", "task", task) for i, task in enumerate(value_at(of, path) or ())]
        for place in of.distributions if isinstance(of, Product) else ():
            base = f"distributions.{place.id}"
            used += [(f"{base}.{path}", facet, value_at(place, path)) for path, facet in _TERMS_OF_PLACES.items()]
        for path, facet, term in used:
            if term is not None and (facet not in taxonomy or term not in taxonomy[facet].terms):
                yield Fault(file, path, f"'{term}' is not in taxonomy/{facet}.yaml", record)


@rule("input-parents", "error")
def input_parents(context: Context) -> Iterator[Fault]:
    """Of the inputs of one sensor, such as processing levels, all but one name in `part_of` what they belong to.

    An input has the same sensor as the one that it is part of, so that the matrix of inputs can count it for its
    sensor. A record does not name both an input and one that it is part of in the same list and role.
    """
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
            message = f"has the sensor '{source.sensor}', as '{first}' has: say what it is part of"
            yield Fault("inputs.yaml", "part_of", message, source.id)
    for file, product in context.products():
        for path, uses in (("training_data", product.training_data), ("inference_data", product.inference_data)):
            named = {(use.input, use.role) for use in uses or ()}
            for position, use in enumerate(uses or ()):
                for above in ancestors(inputs, use.input):
                    if (above, use.role) in named:
                        message = f"'{use.input}' is part of '{above}', which is named too"
                        yield Fault(file, f"{path}.{position}.input", message)


@rule("taxonomy-tree", "error")
def taxonomy_tree(context: Context) -> Iterator[Fault]:
    """Terms form trees: a broader term exists in the same facet and no term is its own ancestor; related terms exist.

    The members of a facet's terms belong to one term each.
    """
    for facet in context.catalog.taxonomy.values():
        file = f"taxonomy/{facet.id}.yaml"
        owner: dict[str, str] = {}
        for term in facet.terms.values():
            path = f"terms.{term.id}"
            if term.broader is not None and term.broader not in facet.terms:
                yield Fault(file, f"{path}.broader", f"'{term.broader}' is not a term of this facet")
            elif _is_own_ancestor(facet, term.id):
                yield Fault(file, f"{path}.broader", f"'{term.id}' is its own broader term")
            for name in term.related:
                other, _, wanted = name.partition("/")
                known = context.catalog.taxonomy.get(other)
                if known is None or wanted not in known.terms:
                    yield Fault(file, f"{path}.related", f"'{name}' is not a term: write facet/term")
            for member in term.members:
                if owner.setdefault(member, term.id) != term.id:
                    yield Fault(file, f"{path}.members", f"'{member}' also belongs to '{owner[member]}'")


def _is_own_ancestor(facet: Facet, start: str) -> bool:
    seen: set[str] = set()
    term = facet.terms[start].broader
    while term is not None and term in facet.terms and term not in seen:
        if term == start:
            return True
        seen.add(term)
        term = facet.terms[term].broader
    return False


@rule("tasks-found", "error")
def tasks_found(context: Context) -> Iterator[Fault]:
    """A term of the facet `task` has a reason in `unused` if, and only if, no product has it.

    A product has the tasks that its record names, those of the applications in `ecosystem.yaml` that use it, and all
    tasks wider than these.
    """
    catalog = context.catalog
    facet = catalog.taxonomy.get("task")
    if facet is None:
        return
    found: set[str] = set()
    for product in catalog.products.values():
        for task in classify(product, catalog).get("task", ()):
            found |= {task, *facet.ancestors(task)}
    for term in facet.terms.values():
        if term.id not in found and term.unused is None:
            yield Fault("taxonomy/task.yaml", f"terms.{term.id}", "no product has this task: say in 'unused' why")
        elif term.id in found and term.unused is not None:
            yield Fault("taxonomy/task.yaml", f"terms.{term.id}.unused", "a product has this task")
