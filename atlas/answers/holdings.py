"""What exists: the producers' indexes as far as they were read."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from atlas.answers.coverage import Held, IndexState
from atlas.answers.places import Place

__all__ = ["AwaitedHoldings", "Holding", "Holdings", "NoHoldings"]


@dataclass(slots=True)
class Holding:
    """What is known of the index of one product at a place.

    Attributes:
        state: How much of the index was read.
        years: What it holds there, by calendar year.
    """

    state: IndexState = IndexState.NONE
    years: dict[int, Held] = field(default_factory=dict)


class Holdings(Protocol):
    """Fulfilled by a folder of crawls, by the cells of a site, by the API of an atlas, and by the records alone."""

    def at(self, place: Place, products: Collection[str]) -> Mapping[str, Holding]:
        """What the indexes of these products hold at a place; a product of which none was read may be left out."""


class AwaitedHoldings(Protocol):
    """The same for who answers others while it waits: fulfilled by the database of the API."""

    async def at(self, place: Place, products: Collection[str]) -> Mapping[str, Holding]:
        """As in `Holdings`."""


class NoHoldings(Holdings):
    """No index was read: the records alone answer."""

    def at(self, place: Place, products: Collection[str]) -> dict[str, Holding]:
        """Nothing."""
        return {}
