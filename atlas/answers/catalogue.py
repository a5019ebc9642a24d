"""The catalogue in Python: open it, show a product, ask questions.

import atlas
a = atlas.open_catalog()
a["tessera-v1"]
a.choose(use="commercial", year=2021, at=(0.12, 52.2))
a.compare("tessera-v1", "tessera-v1.1-cambridge")
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from atlas.answers.comparable import comparable
from atlas.answers.coverage import coverage
from atlas.answers.fit import EFFORTS, Effort, Wanted, choose
from atlas.answers.holdings import Holding, Holdings, NoHoldings
from atlas.answers.licence import USES, Use, combined_licences
from atlas.answers.places import Place, Span
from atlas.answers.plain import Printed
from atlas.answers.results import Choice, Comparison, CoverageTable
from atlas.answers.sheet import Sheet, sheet
from atlas.answers.tables import Table, table
from atlas.answers.volume import Volume, volume
from atlas.errors import QuestionError
from atlas.records import Catalog, Product, load_catalog, load_part
from atlas.records.names import no_product

if TYPE_CHECKING:
    import shapely

    from atlas.answers.recipes import Recipe

__all__ = ["OpenCatalog"]

Area: TypeAlias = "Place | shapely.Geometry | Mapping[str, Any] | Sequence[float]"
"""A place: a shapely or GeoJSON geometry, feature or collection, a box [west, south, east, north], or [lon, lat]."""


class OpenCatalog(Printed, Mapping[str, Sheet]):
    """The records of the atlas and the questions they can answer; no server or database is needed."""

    def __init__(self, path: Path | None = None, holdings: Holdings | None = None) -> None:
        """Keep the folder; its files are read when they are asked for."""
        self._path = path
        self.holdings: Holdings = holdings or NoHoldings()

    @cached_property
    def records(self) -> Catalog:
        """Everything that is curated.

        Raises:
            RecordError: a record does not match its schema.
        """
        return load_catalog(self._path)

    def __getitem__(self, product: str) -> Sheet:
        """One product at a glance.

        Raises:
            QuestionError: there is no such product; the message names similar ones.
        """
        # only this record is read: most commands need no other
        part = None if "records" in self.__dict__ else load_part(product, self._path)
        catalog = part or self.records
        return sheet(catalog.products.get(product) or self.product(product), catalog)

    def __iter__(self) -> Iterator[str]:
        """Ids of the products."""
        return iter(self.records.products)

    def __len__(self) -> int:
        """Number of products."""
        return len(self.records.products)

    @property
    def products(self) -> Mapping[str, Product]:
        """Every product by its id."""
        return self.records.products

    def product(self, product: str) -> Product:
        """The record of a product.

        Raises:
            QuestionError: there is no such product; the message names similar ones.
        """
        found = self.records.products.get(product)
        if found is None:
            raise QuestionError(no_product(self.records.products, product))
        return found

    def choose(
        self,
        *,
        at: "Area | None" = None,
        year: int | tuple[int, int] | None = None,
        use: Use = "any",
        effort: Effort = "any",
        change: bool = False,
        max_bytes: int | None = None,
        max_dimensions: int | None = None,
        **facets: str | Sequence[str],
    ) -> Choice:
        """Which products fit; a value that is not stated never excludes one. A place is asked of what exists there.

        Args:
            at: Where.
            year: A year, or the first and the last of several.
            use: What the licence must allow.
            effort: `ready` for files that exist, `anonymous` for files that need no account.
            change: Whether several years must lie in one vector space.
            max_bytes: Most bytes of the whole product.
            max_dimensions: Longest vector.
            facets: Terms of the taxonomy: `type="pixel"`, `task=["crop-mapping"]`.

        Raises:
            QuestionError: a facet or term that the taxonomy does not have, or another use or effort.
        """
        for name, given, known in (("use", use, USES), ("effort", effort, EFFORTS)):
            if given not in known:
                raise QuestionError(f"{name}: '{given}' is none of {', '.join(known)}")
        place = _place_of(at) if at is not None else None
        wanted = Wanted(
            place=place,
            span=Span.of_years(*(year if isinstance(year, tuple) else (year,))) if year is not None else None,
            facets=self._terms(facets),
            use=use,
            effort=effort,
            change=change,
            max_bytes=max_bytes,
            max_dimensions=max_dimensions,
        )
        there = self.holdings.at(place, list(self.records.products)) if place is not None else None
        return Choice(tuple(choose(self.records, wanted, there)))

    def _terms(self, facets: Mapping[str, str | Sequence[str]]) -> dict[str, tuple[str, ...]]:
        found: dict[str, tuple[str, ...]] = {}
        for facet, given in facets.items():
            if facet not in self.records.taxonomy:
                raise QuestionError(f"there is no facet '{facet}'; there are {', '.join(self.records.taxonomy)}")
            terms = (given,) if isinstance(given, str) else tuple(given)
            known = self.records.taxonomy[facet].terms
            if unknown := [t for t in terms if t not in known]:
                raise QuestionError(f"the facet '{facet}' has no term '{unknown[0]}'; it has {', '.join(known)}")
            found[facet] = terms
        return found

    def compare(self, *products: str) -> Comparison:
        """Products side by side, whether their vectors may be compared, and what combining them requires.

        Raises:
            QuestionError: fewer than two products, or one that is not in the catalogue.
        """
        from itertools import combinations

        if len(set(products)) < 2:
            raise QuestionError("name at least two products to compare")
        records = tuple(self.product(p) for p in dict.fromkeys(products))
        pairs = tuple(comparable(self.records, a, b) for a, b in combinations(records, 2))
        sheets = tuple(sheet(p, self.records).lines for p in records)
        return Comparison(records, sheets, pairs, combined_licences(self.records, records))

    def coverage(
        self, area: Area, *, year: int | tuple[int, int] | None = None, products: Sequence[str] = ()
    ) -> CoverageTable:
        """Which products cover a place: by their tiles where an index was read, else by the producer's statement.

        Args:
            area: A point or an area.
            year: A year, or the first and the last of several.
            products: Ids of products; all where empty.
        """
        place = _place_of(area)
        span = Span.of_years(*(year if isinstance(year, tuple) else (year,))) if year is not None else None
        records = [self.product(p) for p in products] or list(self.records.products.values())
        there, nothing = self.holdings.at(place, [p.id for p in records]), Holding()
        found = ((p, there.get(p.id, nothing)) for p in records)
        return CoverageTable.of([coverage(p, place, span, state=h.state, held=h.years) for p, h in found], span)

    def volume(self, product: str, area: Area, *, steps: int = 1) -> Volume:
        """Upper bounds of the vectors and bytes of an area of a product."""
        place = _place_of(area)
        from atlas.answers.areas import area_km2

        return volume(self.product(product), area_km2(place.geometry), steps=steps, area_deg2=place.geometry.area)

    def recipes(self, product: str, lang: str | None = None) -> "tuple[Recipe, ...]":
        """Tested code that opens a product.

        Args:
            product: Its id.
            lang: A language or tool; any where None.

        Raises:
            QuestionError: there is no such product, or no such code for it; the message names what there is.
        """
        from atlas.answers.recipes import recipes

        return recipes(self.product(product), lang)

    def table(self) -> Table:
        """Every product in a row."""
        rows = [
            (p.id, p.embedding.type, p.embedding.dimensions, p.extent.place if p.extent else None, p.licences.data)
            for p in self.records.products.values()
        ]
        return table(("Product", "Type", "Dimensions", "Place", "Licence"), rows)

    def __repr__(self) -> str:
        """What was opened."""
        return f"<{len(self)} products of {self.records.path}>"


def _place_of(area: Area) -> Place:
    """The place; shapes and projections are slow to import, so only questions with a place import them."""
    from atlas.answers.areas import place_of

    return place_of(area)
