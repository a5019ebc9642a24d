"""What people curate under `catalog/`: models, the loader, and the rules that check it."""

from atlas.records.base import Evidence
from atlas.records.ecosystem import EcosystemEntry
from atlas.records.inputs import Input
from atlas.records.issues import Issue
from atlas.records.loader import Catalog, load_catalog, load_part, load_product, read_catalog
from atlas.records.product import Product
from atlas.records.spaces import Space
from atlas.records.taxonomy import Facet, Term

__all__ = [
    "Catalog",
    "EcosystemEntry",
    "Evidence",
    "Facet",
    "Input",
    "Issue",
    "Product",
    "Space",
    "Term",
    "load_catalog",
    "load_part",
    "load_product",
    "read_catalog",
]
