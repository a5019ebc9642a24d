"""Models as STAC Items with the Machine Learning Model extension (MLM).

MLM asks for more than most producers state. What is not known is left empty where the extension allows it: no inputs
with guessed shapes, no output without a known length.
"""

from typing import Any

from atlas.records import Catalog, EcosystemEntry
from atlas.records.ecosystem import ModelCard
from atlas.stac.extensions import SCIENTIFIC, STAC_VERSION, VERSION
from atlas.stac.licences import stac_license
from stac_emb.crosswalk.mlm import EVER, MLM, MLM_TASKS, mlm_name

__all__ = ["MODELS_ID", "model_item", "models_collection", "models_of"]

MODELS_ID = "models"
"""Id of the Collection that holds the models."""

_BBOX = [-180.0, -90.0, 180.0, 90.0]
# With vertices in between: an edge of more than 180 degrees would be read as one across the antimeridian.
_STEPS = [-180.0, -60.0, 60.0, 180.0]
_RING = [*([x, -90.0] for x in _STEPS), *([x, 90.0] for x in reversed(_STEPS)), [-180.0, -90.0]]
_EARTH = {"type": "Polygon", "coordinates": [_RING]}
_NOT_STATED = "not stated"


def models_of(catalog: Catalog) -> list[EcosystemEntry]:
    """The entries of the ecosystem that are models, by id."""
    return sorted((e for e in catalog.ecosystem.values() if e.kind == "model"), key=lambda entry: entry.id)


def models_collection(catalog: Catalog) -> dict[str, Any]:
    """The Collection of all models, without links."""
    return {
        "type": "Collection",
        "stac_version": STAC_VERSION,
        "stac_extensions": [],
        "id": MODELS_ID,
        "title": "Models",
        "description": "Models that make Earth embeddings, described with the MLM extension.",
        "keywords": ["models", "embeddings"],
        "license": "other",
        "extent": {
            "spatial": {"bbox": [_BBOX]},
            "temporal": {"interval": [[EVER["start_datetime"], EVER["end_datetime"]]]},
        },
        "links": [],
    }


def model_item(entry: EcosystemEntry, catalog: Catalog) -> dict[str, Any]:
    """The MLM Item of a model, without `collection` and the links that its place in a catalogue adds.

    Raises:
        ValueError: the entry is not a model.
    """
    if entry.kind != "model":
        raise ValueError(f"{entry.id} is of kind '{entry.kind}', not a model")
    card = entry.model or ModelCard()
    properties: dict[str, Any] = {
        "title": entry.title,
        "description": " ".join(filter(None, (entry.summary, entry.note))),
        **EVER,
        "mlm:name": entry.title if mlm_name(entry.title) else entry.id,
        "mlm:architecture": card.architecture or _NOT_STATED,
        "mlm:tasks": list(dict.fromkeys(MLM_TASKS[task] for task in entry.tasks if task in MLM_TASKS)),
        "mlm:input": [],
        "mlm:output": _output(entry, card, catalog),
    }
    if card.parameters is not None:
        properties["mlm:total_parameters"] = card.parameters
    if card.sizes:
        properties["mlm:hyperparameters"] = {"embedding_dimensions": dict(card.sizes)}
    if card.version is not None:
        properties["version"] = card.version
    if card.license is not None:
        properties["license"] = stac_license(card.license)
    if (paper := entry.paper) is not None and paper.title is not None:
        parts = [paper.title, paper.venue, f"arXiv:{paper.arxiv}" if paper.arxiv else None]
        publication = {"citation": ". ".join(filter(None, parts))} | ({"doi": paper.doi} if paper.doi else {})
        properties["sci:publications"] = [publication]
    declared = {MLM: True, VERSION: "version" in properties, SCIENTIFIC: "sci:publications" in properties}
    return {
        "type": "Feature",
        "stac_version": STAC_VERSION,
        "stac_extensions": [schema for schema, used in declared.items() if used],
        "id": entry.id,
        "geometry": _EARTH,
        "bbox": _BBOX,
        "properties": properties,
        "assets": _assets(entry, card),
        "links": _links(entry, card, catalog),
    }


def _output(entry: EcosystemEntry, card: ModelCard, catalog: Catalog) -> list[dict[str, Any]]:
    """One output, the vector, where its length and the data type of a product made with it are known."""
    types = {
        str((product.embedding.quantization or {}).get("original_data_type"))
        for product in catalog.products.values()
        if product.model.id == entry.id and (product.embedding.quantization or {}).get("original_data_type")
    }
    if card.dimensions is None or len(types) != 1:
        return []
    return [
        {
            "name": "embedding",
            "tasks": [],
            "result": {"shape": [-1, card.dimensions], "dim_order": ["batch", "embedding"], "data_type": types.pop()},
        }
    ]


def _assets(entry: EcosystemEntry, card: ModelCard) -> dict[str, Any]:
    if card.weights is None:
        return {}
    return {
        "weights": {
            "href": card.weights,
            "title": f"Weights of {entry.title}",
            "roles": ["mlm:model"],
            "mlm:artifact_type": _NOT_STATED,
        }
    }


def _links(entry: EcosystemEntry, card: ModelCard, catalog: Catalog) -> list[dict[str, Any]]:
    pages = ("about", entry.href, entry.title), ("code", entry.code, "Code"), ("cite-as", _paper_href(entry), "Paper")
    links = [{"rel": rel, "href": href, "title": title} for rel, href, title in pages if href is not None]
    sources = [catalog.inputs[use.input] for use in card.inputs if use.input in catalog.inputs]
    links += [
        {"rel": "emb:source-data", "href": place.href, "type": "application/json", "title": source.title}
        for source in sources
        for place in source.stac
    ]
    return links


def _paper_href(entry: EcosystemEntry) -> str | None:
    paper = entry.paper
    if paper is None:
        return None
    if paper.doi:
        return f"https://doi.org/{paper.doi}"
    return f"https://arxiv.org/abs/{paper.arxiv}" if paper.arxiv else paper.url
