"""What an atlas API knows to exist, for the questions of `open_catalog(api=...)`."""

import json
from collections.abc import Collection
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import shapely.geometry

from atlas.answers.coverage import Held, IndexState
from atlas.answers.holdings import Holding, Holdings
from atlas.answers.places import Place
from atlas.answers.shares import counted_years
from atlas.errors import QuestionError

__all__ = ["ApiHoldings"]

_SECONDS = 60.0
_MOST_BYTES = 64 << 20


class ApiHoldings(Holdings):
    """The Items behind one API."""

    def __init__(self, api: str) -> None:
        """Keep the address of the landing page, such as http://127.0.0.1:8000/stac."""
        if not api.startswith(("http://", "https://")):
            raise QuestionError(f"--api: '{api}' is not an http(s) address")
        self._api = api.rstrip("/")

    def at(self, place: Place, products: Collection[str]) -> dict[str, Holding]:
        """What the API's index holds at a place.

        Raises:
            QuestionError: the API cannot be reached, or rejects the question.
        """
        found = self._ask(place)
        return {product: _holding(found[product]) for product in products if product in found}

    def _ask(self, place: Place) -> dict[str, dict[str, Any]]:
        query = {"limit": "1", "f": "json"}
        for name, value in place.asked.items():
            query[name] = ",".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
        if "intersects" in place.asked:
            query["intersects"] = json.dumps(shapely.geometry.mapping(place.geometry))
        request = Request(f"{self._api}/atlas/coverage?{urlencode(query)}", headers={"Accept": "application/json"})  # noqa: S310 - http(s), see above
        try:
            with urlopen(request, timeout=_SECONDS) as answer:  # noqa: S310 - http(s), see above
                document = json.loads(answer.read(_MOST_BYTES))
        except HTTPError as error:
            msg = f"{self._api}: the API answered {error.code}: {error.read(2000).decode('utf-8', 'replace')}"
            raise QuestionError(msg) from None
        except (URLError, TimeoutError, ValueError) as error:
            raise QuestionError(f"{self._api}: cannot be reached: {error}") from None
        tiers = ("covered", "stated", "may_cover", "not_covered")
        return {entry["product"]: entry for tier in tiers for entry in document.get(tier, [])}


def _holding(entry: dict[str, Any]) -> Holding:
    found: dict[int, Held] = {}
    for one in entry["by_year"]:
        if one["year"] is not None and one["tiles"]:
            first, _, last = str(one["year"]).partition("/")
            # an Item without an end is one entry: 2019/9999
            found |= dict.fromkeys(counted_years(int(first), int(last or first)), Held(one["tiles"], one["share"]))
    return Holding(IndexState(entry["index_read"]), found)
