"""What an atlas API knows to exist, for the questions of `open_catalog(api=...)`."""

import json
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import shapely.geometry

from atlas.answers.coverage import Held, IndexState
from atlas.answers.places import Place
from atlas.answers.shares import MOST_YEARS
from atlas.errors import QuestionError

__all__ = ["ApiHoldings"]

_SECONDS = 60.0
_MOST_BYTES = 64 << 20


class ApiHoldings:
    """The Items behind one API; a place is asked for once."""

    def __init__(self, api: str) -> None:
        """Keep the address of the landing page, such as http://127.0.0.1:8000/stac."""
        if not api.startswith(("http://", "https://")):
            raise QuestionError(f"--api: '{api}' is not an http(s) address")
        self._api = api.rstrip("/")
        self._place: Place | None = None
        self._found: dict[str, dict[str, Any]] = {}

    def state(self, product: str) -> IndexState:
        """How much of the producer's index the API has read, judging by the last place that was asked for."""
        return IndexState(self._found.get(product, {}).get("index_read", "none"))

    def held(self, product: str, place: Place) -> dict[int, Held]:
        """What the API's index holds at a place, by calendar year.

        Raises:
            QuestionError: the API cannot be reached, or refuses the question.
        """
        if place is not self._place:
            self._found, self._place = self._ask(place), place
        found: dict[int, Held] = {}
        for entry in self._found.get(product, {}).get("by_year", []):
            if entry["year"] is not None and entry["tiles"]:
                first, _, last = str(entry["year"]).partition("/")
                # an Item without an end is one entry: 2019/9999
                years = range(int(first), min(int(last or first), int(first) + MOST_YEARS) + 1)
                found |= dict.fromkeys(years, Held(entry["tiles"], entry["share"]))
        return found

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
