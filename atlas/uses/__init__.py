"""What people do with vectors: find similar places, see what changed, cluster, and classify.

Arrays and tables come from `atlas.open`: they state their vector space and attribution, and so do all results.
"""

from atlas.uses.areas import Areas, stratified_areas
from atlas.uses.change import change
from atlas.uses.classes import Classified, classify, classify_rows
from atlas.uses.clusters import cluster, cluster_rows
from atlas.uses.index import PatchIndex, build_index, open_index
from atlas.uses.retrieval import reference_rows, similar_rows
from atlas.uses.similarity import Reference, reference, similar

__all__ = [
    "Areas",
    "Classified",
    "PatchIndex",
    "Reference",
    "build_index",
    "change",
    "classify",
    "classify_rows",
    "cluster",
    "cluster_rows",
    "open_index",
    "reference",
    "reference_rows",
    "similar",
    "similar_rows",
    "stratified_areas",
]
