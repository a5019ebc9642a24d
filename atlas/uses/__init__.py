"""What people do with vectors: find what is alike, see what changed, group, and classify.

Arrays and tables are those of `atlas.open`: they say which space they lie in and whom to name, and so does all that is
made of them.
"""

from atlas.uses.areas import Areas, stratified_areas
from atlas.uses.change import change
from atlas.uses.classes import Classified, classify
from atlas.uses.clusters import cluster
from atlas.uses.similarity import Reference, reference, similar, similar_rows

__all__ = [
    "Areas",
    "Classified",
    "Reference",
    "change",
    "classify",
    "cluster",
    "reference",
    "similar",
    "similar_rows",
    "stratified_areas",
]
