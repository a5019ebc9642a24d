"""Shares and counts over the registries of geotessera 0.1.0 equal a plain sum over their lines."""

import math
import random
import re

import pytest

import atlas
from atlas.answers.areas import place_of
from atlas.answers.coverage import IndexState
from atlas.crawl.run import crawl_product
from atlas.settings import Settings
from tests.environments import own_environment

TILES_2024 = 146_452
LINE = re.compile(r"^(\d{4})/grid_(-?\d+\.\d+)_(-?\d+\.\d+)/grid_\2_\3\.npy ")
E2 = 0.00669437999014  # first eccentricity of WGS 84, squared
AREAS = 100


@pytest.fixture(scope="module")
def lines():
    """Lines of all registries of the wheel, which is installed in an environment of its own."""
    environment = own_environment("geotessera", "--no-deps").parents[1]
    files = sorted(environment.glob("lib/python*/site-packages/geotessera/registry_*.txt"))
    assert len(files) == 8
    return [line for file in files for line in file.read_text("utf-8").splitlines(keepends=True)]


@pytest.fixture(scope="module")
def tiles(lines):
    """South-west corners in thousandths of a degree by year, as integers so that comparison is exact."""
    found = {}
    for line in lines:
        if match := LINE.match(line):
            year, lon, lat = int(match[1]), round(float(match[2]) * 1000), round(float(match[3]) * 1000)
            found.setdefault(year, set()).add((lon - 50, lat - 50))
    assert len(found[2024]) == TILES_2024
    return found


@pytest.fixture(scope="module")
def opened(lines, tmp_path_factory):
    """The catalogue over a crawl of them."""
    folder = tmp_path_factory.mktemp("registries")
    (folder / "registry.txt").write_text("".join(lines), "utf-8")
    records = atlas.open_catalog().records
    settings = Settings(state_dir=folder)
    out = folder / "crawl"
    crawl_product(records.products["tessera-v1"], records, settings, source=str(folder / "registry.txt"), out=out)
    return atlas.open_catalog(crawls=out)


def zone(south, north):
    """A quantity proportional to the area of one degree of longitude between two parallels of the ellipsoid."""
    e = math.sqrt(E2)

    def q(latitude):
        sine = math.sin(math.radians(latitude / 1000))
        return sine / (1 - E2 * sine * sine) + math.atanh(e * sine) / e

    return q(north) - q(south)


def plainly(corners, west, south, east, north):
    """Tiles whose interior meets a box, and the share of the box that they cover, by plain summation."""
    count, area = 0, 0.0
    for lon, lat in corners:
        left, right, low, high = max(lon, west), min(lon + 100, east), max(lat, south), min(lat + 100, north)
        if left < right and low < high:
            count += 1
            area += (right - left) * zone(low, high)
    return count, area / ((east - west) * zone(south, north))


def areas(tiles):
    """Boxes around tiles of a random year, so that few are empty; half of them end on tile edges."""
    chosen = random.Random(2024)
    every = {year: sorted(corners) for year, corners in tiles.items()}
    for n in range(AREAS):
        year = chosen.choice(sorted(every))
        lon, lat = chosen.choice(every[year])
        step = 100 if n % 2 else 1
        west = lon - chosen.randrange(0, 600, step)
        south = lat - chosen.randrange(0, 600, step)
        east, north = west + chosen.randrange(100, 1500, step), south + chosen.randrange(100, 1500, step)
        if west >= -180_000 and south >= -90_000 and east <= 180_000 and north <= 90_000:
            yield west, south, east, north


@pytest.mark.slow
def test_shares_and_counts_of_a_hundred_areas_equal_a_plain_sum_over_the_lines(tiles, opened):
    asked = list(areas(tiles))
    assert len(asked) > AREAS * 0.9
    partly = 0
    for west, south, east, north in asked:
        box = [west / 1000, south / 1000, east / 1000, north / 1000]
        (answer,) = opened.coverage(box, products=["tessera-v1"]).answers
        by_year = {y.year: y for y in answer.years}
        columns = math.ceil(east / 100) - math.floor(west / 100)
        rows = math.ceil(north / 100) - math.floor(south / 100)
        for year, corners in tiles.items():
            count, share = plainly(corners, west, south, east, north)
            found = by_year.get(year)
            if not count:
                assert found is None or not found.tiles, (box, year)
                continue
            assert (found.tiles, found.of) == (count, columns * rows), (box, year)
            assert found.share == pytest.approx(share, abs=1e-6), (box, year)
            partly += 0 < share < 0.999
    assert partly > 50
    (held,) = opened.holdings.at(place_of(box), ["tessera-v1"]).values()
    assert held.state is IndexState.PART, "the registries in a package are not the whole index"
