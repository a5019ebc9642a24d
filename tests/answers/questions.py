"""Generated questions of every kind, the same in each run, and the catalogue and crawl to ask them of."""

import random
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

from atlas.answers.comparable import comparable
from atlas.answers.licence import USES
from atlas.records import Catalog

YEARS = [None, None, 2016, 2017, 2020, 2021, 2024, 2025, (2018, 2021), (2024, 2031), 1984, 2040]
# Meridians and parallels that round badly, and towns.
POINTS = [
    (180.0, 0.0),
    (-180.0, 10.5),
    (0.0, 90.0),
    (0.0, -90.0),
    (36.8, -1.3),
    (0.12, 52.2),
    (-74.2, 40.7),
    (0.0, 0.0),
]
PRODUCT = "tessera-v1"
# Whole cells of one degree: the site's cells and the tiles then hold the same points.
TILES = [
    (2020, 0, 52, 1, 53), (2021, 0, 52, 1, 53), (2021, 36, -2, 37, -1), (2024, 36, -2, 37, -1),
    (2024, -75, 40, -74, 41), (2021, 178, -17, 179, -16), (2017, 10, 10, 12, 12),
]  # fmt: skip


@dataclass(frozen=True)
class Needs:
    """Requirements as a user gives them to the chooser."""

    at: Any = None
    year: Any = None
    type: str | None = None
    use: str = "any"
    effort: str = "any"
    change: bool = False
    more: dict[str, int] = field(default_factory=dict)

    @property
    def asked_of_the_site(self) -> bool:
        """Whether the site's form can ask it: a point and years of the catalogue."""
        plain = self.at is None or len(self.at) == 2
        any_answer = self.at or self.year or self.type or self.use != "any" or self.effort != "any" or self.change
        return bool(plain and any_answer and not self.more)


def point(chosen: random.Random) -> tuple[float, float]:
    if chosen.random() < 0.4:
        return chosen.choice(POINTS)
    if chosen.random() < 0.4:
        _, west, south, _, _ = chosen.choice(TILES)
        return round(west + chosen.uniform(0.05, 0.95), 3), round(south + chosen.uniform(0.05, 0.95), 3)
    return round(chosen.uniform(-180, 180), 3), round(chosen.uniform(-90, 90), 3)


def box(chosen: random.Random) -> tuple[float, float, float, float]:
    west, south = round(chosen.uniform(-179, 175), 1), round(chosen.uniform(-80, 75), 1)
    if chosen.random() < 0.5:
        _, west, south, _, _ = chosen.choice(TILES)
    if chosen.random() < 0.1:
        return 179.5, south, -179.5, south + 0.5
    return west, south, min(180, round(west + chosen.uniform(0.1, 3), 1)), round(south + chosen.uniform(0.1, 3), 1)


def needs(catalog: Catalog, count: int = 150) -> list[Needs]:
    chosen, types = random.Random(12), [None, *catalog.taxonomy["type"].terms]
    found = [
        Needs(
            at=chosen.choice([None, point(chosen), point(chosen), box(chosen)]),
            year=chosen.choice(YEARS),
            type=chosen.choice(types),
            use=chosen.choice(USES),
            effort=chosen.choice(["any", "ready", "anonymous"]),
            change=chosen.random() < 0.3,
            more=chosen.choice([{}, {}, {}, {"max_bytes": 10**12}, {"max_dimensions": 128}]),
        )
        for _ in range(count)
    ]
    alone = [Needs(use=u) for u in USES] + [Needs(type=t) for t in types] + [Needs(effort="ready"), Needs(change=True)]
    return found + alone


def pairs(catalog: Catalog, count: int = 150) -> list[tuple[str, str]]:
    """Pairs of every kind that there is, at least three of each, then any."""
    chosen = random.Random(13)
    every = [(a.id, b.id) for a, b in combinations(catalog.products.values(), 2)]
    chosen.shuffle(every)
    kinds: dict[Any, list[tuple[str, str]]] = {}
    for a, b in every:
        said = comparable(catalog, catalog.products[a], catalog.products[b])
        kinds.setdefault((said.verdict, said.relation), []).append((a, b))
    first = [pair for of_kind in kinds.values() for pair in of_kind[:3]]
    return list(dict.fromkeys([*first, *every[:count]]))


def points_and_years(count: int = 60) -> list[tuple[tuple[float, float], int | None]]:
    chosen = random.Random(14)
    return [(point(chosen), chosen.choice([None, 2017, 2020, 2021, 2024, 2025])) for _ in range(count)]


def boxes_and_years(count: int = 20) -> list[tuple[tuple[float, float, float, float], Any]]:
    chosen = random.Random(15)
    return [(box(chosen), chosen.choice(YEARS)) for _ in range(count)]


def parameters_of(at, year):
    given = {}
    if at is not None:
        given |= {"lon": at[0], "lat": at[1]} if len(at) == 2 else {"bbox": ",".join(map(str, at))}
    if year is not None:
        given["datetime"] = f"{year[0]}/{year[1]}" if isinstance(year, tuple) else str(year)
    return given


def options_of(at, year):
    given = []
    if at is not None:
        given += [f"--{'at' if len(at) == 2 else 'bbox'}={','.join(map(str, at))}"]
    if year is not None:
        given += ["--year", f"{year[0]}/{year[1]}" if isinstance(year, tuple) else year]
    return given
