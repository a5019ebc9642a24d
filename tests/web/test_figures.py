"""Maps, charts and preview images: right positions, closed shapes, reproducible bytes."""

import io
import itertools
import re

import numpy as np
import pytest
import shapely
from PIL import Image

from atlas.web.figures import land
from atlas.web.figures.cells import LIMIT, cell_path, coarsen, fitting_cells, grid_runs
from atlas.web.figures.maps import coverage_map
from atlas.web.figures.names import _box, family_names
from atlas.web.figures.projection import WORLD, regional
from atlas.web.figures.scatter import scatter
from atlas.web.figures.social import Card, draw_card
from atlas.web.figures.stated import shape_path, stated_place
from atlas.web.pages.rows import product_rows


def points(path: str) -> list[tuple[float, float]]:
    """Absolute positions of a path of relative lines and absolute M, H, V, L."""
    found, x, y, start = [], 0.0, 0.0, (0.0, 0.0)
    for kind, body in re.findall(r"([MmlhHVLz])([^MmlhHVLz]*)", path):
        numbers = [float(n) for n in re.findall(r"-?\d+(?:\.\d+)?", body)]
        if kind in "Hh":
            x = numbers[0] if kind == "H" else x + numbers[0]
            found.append((x, y))
            continue
        if kind == "z":
            x, y = start
        for dx, dy in zip(numbers[::2], numbers[1::2], strict=True):
            x, y = (x + dx, y + dy) if kind in "lm" else (dx, dy)
            start = (x, y) if kind in "Mm" else start
            found.append((x, y))
    return found


def test_the_world_fills_its_canvas():
    xs, ys = zip(*points(land.outline()), strict=True)
    assert (min(xs), max(xs)) == (WORLD.margin, WORLD.width - WORLD.margin)
    assert (min(ys), max(ys)) == (WORLD.margin, WORLD.height - WORLD.margin)


def test_equal_areas_stay_equal():
    """Two boxes of one degree of longitude and equal area on the sphere."""

    def area(south: float, north: float) -> float:
        data = np.array(points(shape_path(WORLD, shapely.box(10, south, 40, north))))
        x, y = data.T
        return abs(np.dot(x, np.roll(y, 1)) - np.dot(y, np.roll(x, 1))) / 2

    sine = np.degrees(np.arcsin([0, 0.3, 0.6, 0.9]))
    areas = [area(a, b) for a, b in itertools.pairwise(sine)]
    assert max(areas) / min(areas) == pytest.approx(1, abs=0.02)


def test_parallels_are_straight_so_that_cells_are_drawn_with_level_edges():
    _, y = WORLD.project(np.array([-180.0, 0.0, 179.0]), np.array([40.0, 40.0, 40.0]))
    assert y == pytest.approx([y[0]] * 3)
    corners = points(cell_path([(40, -10, 5)]))
    x, y = WORLD.project(np.array([-10.0, -5.0]), np.array([40.0, 40.0]))
    assert corners[0] == (round(x[0]), round(y[0]))
    assert corners[1][0] == round(x[1])


def test_small_products_get_a_map_of_their_region(catalog):
    product = catalog.products["presto-togo-2019"]
    togo = coverage_map("Togo", "x", product.extent.bbox, stated_place(product))
    assert not togo.is_world
    ((style, path),) = togo.regions
    assert style == "stated"
    xs, ys = zip(*points(path), strict=True)
    assert min(xs) > 0
    assert max(xs) < togo.width
    assert min(ys) > 0
    assert max(ys) < togo.height
    assert togo.land
    assert coverage_map("World", "x", [(-180, -90, 180, 90)], None).is_world


def test_a_stated_place_is_drawn_as_its_land_or_country_and_never_as_its_box(catalog):
    """The map used to be two rectangles over sea and neighbours."""
    places = {i: stated_place(p) for i, p in catalog.products.items()}
    togo, naip = places["presto-togo-2019"], places["clay-v1-5-naip"]
    assert (togo.kind, togo.whole, naip.kind, naip.whole) == ("region", True, "region", False)
    for there, place in (((1.2, 6.3), togo), ((-100, 40), naip)):
        assert place.shape.intersects(shapely.Point(there))
    neighbours = ((-74, 30), (-103, 27), (-80, 49))
    for away, place in [((1.2, 5.95), togo), ((-0.1, 8.0), togo), *((away, naip) for away in neighbours)]:
        assert not place.shape.intersects(shapely.Point(away)), away
    assert places["clay-v0-sentinel"].kind == "somewhere"
    assert places["copernicus-embed-025deg"].kind == "land"
    assert places["climplicit"] is None
    some = coverage_map("1,203 tiles", "x", [(-180, -90, 180, 90)], places["clay-v0-sentinel"])
    assert (some.covered, some.regions) == (False, ())
    tinted = coverage_map("Land", "x", [(-180, -90, 180, 90)], places["copernicus-embed-025deg"])
    assert tinted.covered
    _, lowest = WORLD.project(np.array([0.0]), np.array([-60.0]))
    assert max(y for _, y in points(tinted.land)) < lowest[0] < min(y for _, y in points(tinted.ice))
    assert coverage_map("Part", "x", [(-180, -90, 180, 90)], places["tessera-v1.1-dclimate"]).clip


def test_rings_of_fine_countries_are_clockwise():
    """D3 fills the complement of a counter-clockwise ring: every sea."""
    features = land.fine_countries()["features"]
    assert len(features) > 200
    turned = [
        feature["properties"]["name"]
        for feature in features
        for outer, *holes in feature["geometry"]["coordinates"]
        for ring, ccw in ((outer, False), *((hole, True) for hole in holes))
        if shapely.LinearRing(ring).is_ccw is not ccw or shapely.Polygon(ring).area == 0
    ]
    assert turned == []


def test_a_region_over_the_antimeridian_is_centred_there():
    assert (
        "+lon_0=-180" in regional(175, -20, -175, -10).definition
        or "+lon_0=180" in regional(175, -20, -175, -10).definition
    )


def test_the_chart_shows_every_product_with_dimensions_inside_its_frame(catalog):
    rows = product_rows(catalog)
    chart = scatter(rows)
    assert sum(p.count for p in chart.points) + chart.left_out == len(rows)
    assert chart.left_out == sum(r.dimensions is None for r in rows)
    assert all(86 <= p.x <= 990 and 24 <= p.y <= 620 for p in chart.points)
    aef = next(p for p in chart.points if "Satellite Embedding V1" in p.name)
    copernicus = next(p for p in chart.points if "Copernicus-Embed" in p.name)
    assert aef.x < copernicus.x  # 10 m is left of a quarter of a degree
    assert aef.y > copernicus.y  # 64 dimensions are below 768
    assert len({(p.x, p.y) for p in chart.points}) == len(chart.points)


def test_marks_stand_at_their_true_places_and_count(catalog):
    rows = [r for r in product_rows(catalog) if r.dimensions and r.type == "pixel" and r.ground_metres == 10]
    chart = scatter(product_rows(catalog))
    level = {}
    for row in rows:
        level.setdefault(row.dimensions, []).append(row)
    sixty_four = [p for p in chart.points if "10 m, 64 dimensions" in p.name]
    assert len(sixty_four) == 1
    assert sixty_four[0].count == len(level[64])
    others = [p for p in chart.points if "10 m, 128 dimensions" in p.name]
    assert {p.x for p in others} == {sixty_four[0].x}, "one ground size is one place, whatever stands there"


def test_every_family_has_its_name_in_the_chart(catalog):
    rows = product_rows(catalog)
    chart = scatter(rows, family_names(catalog))
    assert len(chart.names) == len({r.family or r.id for r in rows if r.dimensions})
    for a, b in itertools.combinations(chart.names, 2):
        boxes = [_box(n.text, (n.x, n.y, n.anchor)) for n in (a, b)]
        apart = boxes[0][2] <= boxes[1][0] + 1 or boxes[1][2] <= boxes[0][0] + 1
        assert apart or boxes[0][3] <= boxes[1][1] + 1 or boxes[1][3] <= boxes[0][1] + 1, (a.text, b.text)


def test_the_heading_of_the_chart_is_its_message(catalog):
    rows = product_rows(catalog)
    middle = sorted(r.dimensions for r in rows if r.type == "pixel" and r.dimensions)
    assert f"The median pixel product has {middle[len(middle) // 2]} dimensions" in scatter(rows).message


def test_the_chart_of_nothing_is_empty():
    assert scatter([]).points == ()


def test_preview_images_have_the_size_that_hosts_ask_for_and_the_same_bytes():
    triangle = ((-10, 0), (20, 0), (20, 30))
    card = Card("A title that is long enough to need two lines on the image", ("Pixel", "x" * 90), (triangle,))
    image = draw_card(card)
    assert Image.open(io.BytesIO(image)).size == (1200, 630)
    assert len(image) < 60_000
    assert draw_card(card) == image
    assert draw_card(Card("Another", ())) != image


def test_runs_of_cells():
    mask = np.zeros((180, 360), dtype=bool)
    mask[90, 180:183] = True
    mask[90, 359] = True
    assert grid_runs(mask) == [(0, 0, 3), (0, 179, 1)]
    assert grid_runs(coarsen(mask.astype(np.int64), 5) > 0) == [(0, 0, 5), (0, 175, 5)]


def test_many_cells_become_coarser_until_they_fit():
    rng = np.random.default_rng(1)
    speckle = (rng.random((180, 360)) < 0.3).astype(np.int64)
    step, paths = fitting_cells(speckle, lambda c: {"cells": c > 0})
    assert step > 1
    assert sum(map(len, paths.values())) <= LIMIT
    block = np.zeros((180, 360), dtype=np.int64)
    block[100:120, 100:200] = 1
    assert fitting_cells(block, lambda c: {"cells": c > 0})[0] == 1


def test_paths_of_cells_stand_where_their_corners_are():
    runs = [(40, -10, 5), (-33, 100, 2), (0, 0, 1)]
    corners = points(cell_path(runs))
    for n, (south, west, length) in enumerate(runs):
        lon = np.array([west, west + length, west + length, west], dtype=float)
        x, y = WORLD.project(lon, np.array([south, south, south + 1, south + 1], dtype=float))
        assert corners[4 * n : 4 * n + 4] == [(round(a), round(b)) for a, b in zip(x, y, strict=True)]
