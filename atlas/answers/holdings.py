"""What exists: the producers' indexes as far as they were read."""

from typing import Protocol

from atlas.answers.coverage import Held, IndexState
from atlas.answers.places import Place

__all__ = ["Holdings", "NoHoldings"]


class Holdings(Protocol):
    """Implemented by a folder of crawls, by an API, and by the records alone."""

    def state(self, product: str) -> IndexState:
        """How much of the producer's index was read."""

    def held(self, product: str, place: Place) -> dict[int, Held]:
        """What the index holds at a place, by calendar year."""


class NoHoldings:
    """No index was read: the records alone answer."""

    def state(self, product: str) -> IndexState:
        """Nothing."""
        return IndexState.NONE

    def held(self, product: str, place: Place) -> dict[int, Held]:
        """Nothing."""
        return {}
