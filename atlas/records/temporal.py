"""The time that one vector describes, as a record groups it; a Collection has a field for each member."""

from atlas.records.base import Strict, Text
from stac_emb.model_base import Duration

__all__ = ["Temporal"]


class Temporal(Strict):
    """The span of time that one vector describes."""

    resolution: Text | None = None
    """How often there is a vector for a place: a term of `catalog/taxonomy/temporal.yaml`."""
    window: Duration | None = None
    """Length of time that one vector summarises, ISO 8601 duration such as `P1Y`."""
    description: Text | None = None
    """The producer's own words."""
