"""Coverage comes from existing tiles or from a statement of the producer, never from a bounding box."""

import numpy as np
import pytest
import shapely

import atlas
from atlas.answers.areas import area_km2, place_of
from atlas.answers.coverage import Held, IndexState, Tier, coverage
from atlas.answers.places import Span, ranges
from atlas.answers.results import CoverageTable
from atlas.answers.schemes import scheme_tiles
from atlas.answers.sea import open_sea
from atlas.answers.shares import Tiles
from atlas.answers.stated import complete_years, completeness
from atlas.answers.verdicts import Verdict
from atlas.errors import QuestionError
from atlas.remote import ApiHoldings

INSIDE, OUTSIDE = place_of([1.0, 1.0]), place_of([20.0, 1.0])
Y2021 = Span.of_years(2021)


@pytest.mark.parametrize(
    ("default", "years", "verdict", "tier", "words"),
    [
        ("complete", {}, Verdict.YES, Tier.STATED, "it is stated to be complete"),
        ("partial", {}, Verdict.UNKNOWN, Tier.UNKNOWN, "partial; whether this place is in it is not known here"),
        ("partial", {"2024": "complete"}, Verdict.UNKNOWN, Tier.UNKNOWN, "2021: partial"),
        ("partial", {"2021": "complete"}, Verdict.YES, Tier.STATED, "complete for 2021"),
        ("on_request", {}, Verdict.UNKNOWN, Tier.UNKNOWN, "made on request"),
        (None, {}, Verdict.UNKNOWN, Tier.UNKNOWN, "how complete it is: unknown"),
    ],
)
def test_a_stated_extent_is_an_envelope_and_not_coverage(product, default, years, verdict, tier, words):
    answer = coverage(product(default, years), INSIDE, Y2021)
    assert (answer.verdict, answer.tier) == (verdict, tier)
    assert words in answer.text
    assert "includes" not in answer.text


def test_what_an_envelope_leaves_out_is_not_there(product):
    answer = coverage(product("complete"), OUTSIDE, Y2021)
    assert (answer.verdict, answer.tier) == (Verdict.NO, Tier.NOT_THERE)
    assert answer.reasons[0].field == "extent.bbox"
    assert coverage(product("complete"), INSIDE, Span.of_years(2030)).verdict is Verdict.NO


def test_a_product_that_is_complete_in_one_year_only_is_not_offered_for_another(catalog):
    """TESSERA v1 used to be offered for Nairobi in 2021, although it is complete for 2024 only."""
    answer = coverage(catalog.products["tessera-v1"], place_of([36.8, -1.3]), Y2021)
    assert answer.verdict is not Verdict.YES


@pytest.mark.parametrize("state", [IndexState.PART, IndexState.NONE])
def test_only_a_whole_index_says_no(product, state):
    assert coverage(product("complete"), INSIDE, Y2021, state=state).verdict is Verdict.YES
    assert coverage(product("partial"), INSIDE, Y2021, state=state).verdict is Verdict.UNKNOWN
    answer = coverage(product("complete"), INSIDE, Y2021, state=IndexState.WHOLE)
    assert (answer.verdict, answer.text) == (Verdict.NO, "its index, which was read in full, lists no tile there")


def test_tiles_of_another_year_are_named(product):
    held = {2020: Held(3)}
    whole = coverage(product("partial"), INSIDE, Y2021, state=IndexState.WHOLE, held=held)
    assert (whole.verdict, whole.text) == (Verdict.NO, "it covers the place only in 2020, not within 2021")
    part = coverage(product("partial"), INSIDE, Y2021, state=IndexState.PART, held=held)
    assert part.verdict is Verdict.UNKNOWN
    assert "the part of its index that was read lists tiles there only for 2020" in part.text


def test_each_year_has_its_tiles_out_of_those_of_the_scheme_and_its_share(product):
    area = place_of([1.0, 1.0, 1.7, 1.6])
    assert scheme_tiles(product(), area) == 42
    held = {2017: Held(7, 1 / 6), 2018: Held(42, 1.0)}
    answer = coverage(product("partial"), area, state=IndexState.WHOLE, held=held)
    by_year = {y.year: (y.tiles, y.of, str(y.verdict)) for y in answer.years}
    assert by_year[2017] == (7, 42, "partly")
    assert by_year[2018] == (42, 42, "yes")
    assert by_year[2025] == (0, 42, "no")
    assert answer.verdict is Verdict.YES
    several = coverage(product("partial"), area, Span.of_years(2017, 2018), state=IndexState.WHOLE, held=held)
    assert several.verdict is Verdict.PARTLY


def tiles_of(place, boxes, year=2020):
    tiles = Tiles(place)
    tiles.add(
        np.array([shapely.to_wkb(shapely.box(*b)) for b in boxes], dtype=object),
        [year] * len(boxes),
        [year] * len(boxes),
    )
    return tiles.held()


def test_touching_is_not_covering():
    place = place_of([1.0, 1.0, 2.0, 2.0])
    assert tiles_of(place, [(2, 1, 3, 2), (0, 0, 1, 1), (1, 2, 2, 3)]) == {}
    assert tiles_of(place, [(1.5, 1, 3, 2)])[2020].share == pytest.approx(0.5, rel=1e-3)


def test_tiles_that_overlap_count_once_in_the_share():
    place = place_of([1.0, 1.0, 2.0, 2.0])
    found = tiles_of(place, [(1, 1, 1.5, 2), (1, 1, 1.5, 2), (1.25, 1, 1.75, 2)])[2020]
    assert found.tiles == 3
    assert found.share == pytest.approx(0.75, rel=1e-3)


def test_an_area_too_narrow_for_a_number_has_tiles_and_no_share():
    narrow = place_of([0.0, 0.0, 1e-200, 1e-200])
    assert area_km2(narrow.geometry) == 0
    assert tiles_of(narrow, [(-0.5, -0.5, 0.5, 0.5)])[2020] == Held(1, None)


TEETH = [1.01, 1.02, 1.05, 1.21, 1.41]
"""West edges of what stands on a strip of five cells."""


def star(chosen, corners=60):
    """A multipolygon: a star about (1, 1) with a hole, and a second part beside it."""
    turns = np.linspace(0, 2 * np.pi, corners, endpoint=False)
    rings = [
        1 + np.column_stack((np.cos(turns), np.sin(turns))) * (r * chosen.uniform(0.6, 1.0, corners))[:, None]
        for r in (0.9, 0.3)
    ]
    return shapely.MultiPolygon([shapely.Polygon(rings[0], [rings[1]]), shapely.box(2.05, 0.45, 2.2, 0.95)])


@pytest.mark.parametrize("seed", range(5))
def test_the_share_of_a_ragged_area_is_that_of_its_intersection_with_the_tiles(seed):
    chosen = np.random.default_rng(seed)
    place = place_of(star(chosen))
    # corners as producers work them out, of which neighbours' differ in the last digit; and a tile that is no box
    boxes = [(n * 0.1, m * 0.1, n * 0.1 + 0.1, m * 0.1 + 0.1) for n in range(25) for m in range(25)]
    chosen.shuffle(boxes)
    shapes = [shapely.box(*b) for b in boxes[:300]] + [shapely.Polygon([(2.5, 0), (2.6, 0), (2.5, 3)])]
    shapes += [shapely.Polygon([(0, -1), (2.4, -1), (1.2, -0.2)])]
    for added in ([], [shapely.box(0.55, 0.55, 1.15, 1.25)]):  # the last one lies over others
        tiles = Tiles(place)
        tiles.add(
            np.array([shapely.to_wkb(s) for s in [*shapes, *added]], dtype=object), *[[2020] * len(shapes + added)] * 2
        )
        covered = shapely.intersection(place.geometry, shapely.union_all([*shapes, *added], grid_size=1e-12))
        assert tiles.held()[2020].share == pytest.approx(
            area_km2(covered) / area_km2(place.geometry), rel=1e-6
        )  # edges are cut at the tiles


@pytest.mark.parametrize("seed", range(5))
def test_the_tiles_of_a_scheme_in_a_ragged_area_are_those_that_meet_it(product, seed):
    place = place_of(star(np.random.default_rng(seed)))
    cells = shapely.box(
        *np.array([(n / 10, m / 10, (n + 1) / 10, (m + 1) / 10) for n in range(25) for m in range(25)]).T
    )
    assert scheme_tiles(product(), place) == shapely.intersects(place.inside, cells).sum()


@pytest.mark.parametrize(
    ("area", "tiles"),
    [
        (shapely.MultiPolygon([shapely.box(1.01, 1.01, 1.03, 1.03), shapely.box(1.05, 1.05, 1.07, 1.07)]), 1),
        (shapely.MultiPolygon([shapely.box(1.01, 1.01, 1.03, 1.35), shapely.box(1.05, 1.05, 1.07, 1.47)]), 5),
        (shapely.LineString([(1.05, 1.05), (1.25, 1.05), (1.25, 1.15)]), 4),
        (shapely.MultiPoint([(1.05, 1.05), (1.06, 1.06), (-1.05, 1.05)]), 2),
        (shapely.Point(0.12, 52.2), 2),  # both tiles of an index that share the edge are found there
        (shapely.Point(1.1, 52.2), 4),
        (shapely.Point(180, 90), 2),  # on either side of the antimeridian, which both are longitudes of the point
        (shapely.Polygon([(1, 1), (1.5, 1), (1, 1.5)]), 15),  # its slope runs through corners of cells
        (shapely.box(1, 1, 2, 2).difference(shapely.box(1.2, 1.2, 1.8, 1.8)), 64),  # a hole along edges of cells
        (shapely.box(-180, -1, 180, 1), 72_000),
        (shapely.box(-180, -90, 180, 90), None),
    ],
    ids=[
        "two fields in a tile",
        "two strips in a column",
        "line",
        "points",
        "edge",
        "corner",
        "pole",
        "slope",
        "hole",
        "belt",
        "globe",
    ],
)
def test_a_tile_of_the_scheme_counts_once_whatever_the_area_consists_of(product, area, tiles):
    assert scheme_tiles(product(), place_of(area)) == tiles


def test_an_outline_too_long_to_be_cut_is_counted_as_well(product, monkeypatch):
    comb = shapely.union_all([shapely.box(1.0, 1.01, 1.5, 1.09), *(shapely.box(x, 1, x + 0.001, 1.89) for x in TEETH)])
    whole = scheme_tiles(product(), place_of(comb))
    monkeypatch.setattr("atlas.answers.schemes._MOST_CELLS", 60)  # the box around it has 45 cells
    assert shapely.length(comb) > 60 * 0.05
    assert scheme_tiles(product(), place_of(comb)) == whole == 5 + 8 * len({int(x * 10) for x in TEETH})


def test_a_year_alone_is_judged_as_a_question_about_that_year(catalog):
    assert any(complete_years(p) for p in catalog.products.values())
    for p in catalog.products.values():
        for year, verdict in complete_years(p).items():
            assert completeness(p, Span.of_years(year)).verdict is verdict, (p.id, year)


@pytest.mark.parametrize("year", [1850, 2021])
def test_what_has_no_date_is_neither_there_nor_missing_in_a_year(catalog, year):
    """A map without dates was told to be complete in 1850."""
    product, place, span = catalog.products["mind-global-001deg"], place_of([36.8, -1.3]), Span.of_years(year)
    found = coverage(product, place, span)
    assert (found.verdict, found.tier) == (Verdict.UNKNOWN, Tier.UNKNOWN)
    assert found.text.startswith("its date: does not apply")
    assert coverage(product, place).verdict is Verdict.YES, "where no year is asked"
    dated = [p for p in catalog.products.values() if p.extent and p.extent.dated and p.embedding.type != "location"]
    assert len(dated) > 30
    if year == 1850:
        assert {coverage(p, place, span).verdict for p in dated} == {Verdict.NO}


def test_an_area_over_the_antimeridian_is_one_area():
    place = place_of([179.0, 0.0, -179.0, 1.0])
    assert tiles_of(place, [(179, 0, 180, 1)])[2020].share == pytest.approx(0.5, rel=1e-3)
    assert tiles_of(place, [(179, 0, 180, 1), (-180, 0, -179, 1)])[2020].share == pytest.approx(1.0, rel=1e-6)


def test_an_item_without_an_end_is_a_range_and_lists_half_a_century_at_most():
    tiles = Tiles(place_of([1.0, 1.0]))
    tiles.add(np.array([shapely.to_wkb(shapely.box(0, 0, 2, 2))], dtype=object), [2000], [9999])
    assert max(tiles.held()) == 2050
    assert ranges(tiles.spans) == ["2000/9999"]


def test_a_recipe_and_an_encoder(product, catalog):
    assert coverage(product("complete", status="recipe"), INSIDE).verdict is Verdict.NO
    encoder = coverage(catalog.products["geoclip"], INSIDE, Y2021)
    assert encoder.warnings == ("check whether the encoder takes a date",)


def test_footprints_that_are_no_shapes_break_no_answer():
    unclosed = shapely.to_wkb(shapely.box(1, 1, 2, 2))[:-16]
    unclosed = unclosed[:9] + (4).to_bytes(4, "little") + unclosed[13:]
    crossing = shapely.to_wkb(shapely.Polygon([(1, 1), (2, 2), (2, 1), (1, 2)]))
    nan = np.array([np.nan]).tobytes()
    no_number = shapely.to_wkb(shapely.box(1, 1, 2, 2)).replace(np.array([2.0]).tobytes(), nan, 1)
    tiles = Tiles(place_of([1.0, 1.0, 2.0, 2.0]))
    tiles.add(np.array([unclosed, crossing, no_number], dtype=object), [2020, 2021, 2022], [2020, 2021, 2022])
    held = tiles.held()
    assert set(held) == {2020, 2021}
    assert held[2020].share == pytest.approx(1.0, rel=1e-6)
    assert held[2021].share == pytest.approx(0.5, rel=1e-3)


def test_open_sea_is_known_and_ends_what_is_of_the_land():
    """Land products are not offered for the open ocean; islands are land."""
    opened = atlas.open_catalog()
    for island in ((-25.6, 37.7), (72.3, -7.3), (-149.5, -17.6), (0.12, 52.2), (5.0, 54.0)):
        assert not open_sea(place_of(island)), island
    middle = (-150.0, 40.0)
    assert open_sea(place_of(middle))
    assert open_sea(place_of((-152, 38, -150, 40)))
    assert open_sea(place_of((179, 30, -178, 31)))
    assert not open_sea(place_of((-157, 18, -150, 40)))
    told = {a.product: a for a in opened.coverage(middle).answers}
    land = told["esd-v001"]
    assert (land.verdict, land.tier) == (Verdict.NO, Tier.NOT_THERE)
    assert land.text == "its stated extent (Global land) is land, and there is none within a degree"
    assert land.reasons[0].field == "extent.surface"
    assert told["aef-v1-annual"].tier is Tier.UNKNOWN
    assert "may end before the open sea" in told["aef-v1-annual"].text
    assert told["climplicit"].tier is Tier.STATED


@pytest.mark.parametrize("position", [(float("nan"), 1), (1, float("nan")), (float("inf"), 1), (122.21, 95)])
def test_a_position_off_the_globe_or_that_is_no_number_is_no_place(position):
    with pytest.raises(
        QuestionError, match=r"the place \([^ ]+, [^ ]+\) lies outside the globe; longitude comes first"
    ):
        place_of(position)


def test_how_many_products_do_not_cover_a_place_is_said_in_words(product):
    one = coverage(product("complete"), OUTSIDE, Y2021, state=IndexState.NONE)
    assert one.tier is Tier.NOT_THERE
    told = {n: str(CoverageTable.of([one] * n)).rpartition("\n")[2] for n in range(3)}
    assert told == {
        0: "",
        1: "1 product does not cover it; --json says why.",
        2: "2 products do not cover it; --json says why.",
    }
    inside = coverage(product("complete"), INSIDE, Y2021, state=IndexState.NONE)
    assert str(CoverageTable.of([inside, one])).endswith("1 more product does not cover it; --json says why.")
    assert "more product" not in str(CoverageTable.of([inside]))


def test_years_of_a_kind_share_a_cell_where_a_terminal_has_no_room_for_a_column_a_year(product, monkeypatch):
    held = {year: Held(tiles=1, share=None) for year in (2014, 2015, 2016, 2018, *range(2020, 2026))}
    many = CoverageTable.of([coverage(product(), INSIDE, held=held, state=IndexState.WHOLE)])
    monkeypatch.setenv("COLUMNS", "80")
    lines = str(many).splitlines()
    assert max(map(len, lines[:4])) <= 80
    assert "2014–2016, 2018, 2020–2025: 1/4; 2017, 2019: 0/4" in lines[2]
    monkeypatch.setenv("COLUMNS", "160")
    assert "2020  2021" in str(many).splitlines()[0]


TILED = ("aef-v1-annual", "tessera-v1")


def test_the_year_that_was_asked_for_is_marked_and_comes_first(product, monkeypatch):
    held = {year: Held(tiles=1, share=None) for year in range(2015, 2025)}
    asked = coverage(product(), INSIDE, Y2021, held=held, state=IndexState.WHOLE)
    monkeypatch.setenv("COLUMNS", "200")
    marked = CoverageTable.of([asked], Y2021)
    assert "2020  2021*  2022" in str(marked)
    assert marked.table().note == "? means: not known here. * means: asked for."
    monkeypatch.setenv("COLUMNS", "80")
    assert "2021*: 1/4; 2015–2020, 2022–2024: 1/4" in str(marked)
    assert "*" not in str(CoverageTable.of([asked]))


def test_what_is_known_is_aligned_and_wrapped_to_the_terminal_and_encoders_stand_apart(catalog, monkeypatch):
    monkeypatch.setenv("COLUMNS", "100")
    held = {2021: Held(tiles=2, share=0.5)}
    tiles = [coverage(catalog.products[name], INSIDE, Y2021, held=held, state=IndexState.PART) for name in TILED]
    others = [coverage(one, INSIDE, Y2021) for one in catalog.products.values() if one.id not in TILED]
    parts = str(CoverageTable.of([*tiles, *others])).split("\n\n")
    assert max(len(line) for part in parts for line in part.splitlines()) <= 100
    told = {heading: lines for heading, *lines in (part.splitlines() for part in parts)}
    assert [line.index("its index") for line in told["Tiles found:"] if "its index" in line] == [17, 17]
    assert "computes a vector for any position" in " ".join(told["Computed anywhere:"])
    assert "for any position" not in " ".join(told["Stated to be complete:"])
    assert {"mind,", "geoclip,"} <= set(" ".join(told["Computed anywhere:"]).split())


def test_how_much_of_its_index_an_api_read_is_known_of_the_first_product_too(monkeypatch):
    told = {"tessera-v1": {"index_read": "part", "by_year": [{"year": 2021, "tiles": 1, "share": None}]}}
    monkeypatch.setattr(ApiHoldings, "_ask", lambda *_: told)
    asked = atlas.open_catalog(api="http://127.0.0.1:1/stac").coverage((0.12, 52.21), products=["tessera-v1"])
    assert asked.answers[0].text.endswith("; only a part of the index was read")


def test_no_year_is_told_to_be_there_where_the_place_is_not_known(catalog):
    sea = coverage(catalog.products["aef-v1-annual"], place_of([52.2, 0.12]), Y2021)
    assert "may end before the open sea" in sea.text
    assert {year.verdict for year in sea.years} == {Verdict.UNKNOWN}
    land = coverage(catalog.products["aef-v1-annual"], place_of([0.12, 52.2]), Y2021)
    assert Verdict.YES in {year.verdict for year in land.years}


@pytest.mark.parametrize(
    ("span", "verdict"),
    [
        (Span.of_years(2021), Verdict.UNKNOWN),
        (Span.of_years(2014, 2023), Verdict.UNKNOWN),
        (Span.of_years(2015, 2024), Verdict.YES),
        (None, Verdict.YES),
        (Span.of_years(2012), Verdict.NO),
    ],
)
def test_a_snapshot_is_known_to_be_of_a_time_only_if_all_its_scenes_are(catalog, span, verdict):
    answer = coverage(catalog.products["majortom-s2rgb-dinov2"], place_of([0.12, 52.2]), span)
    assert answer.verdict is verdict
    if verdict is Verdict.UNKNOWN:
        assert f"each place has one date from 2015-01-01 to 2024-12-31; whether it lies within {span} is" in answer.text
