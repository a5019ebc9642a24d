"""The same question to a crawl folder, a database and the cell files of a site."""

import asyncio
import json

import pytest

import atlas
from atlas.answers.areas import place_of
from atlas.answers.coverage import Held, Tier
from atlas.answers.holdings import Holding
from atlas.answers.verdicts import Verdict
from atlas.api.questions.holdings import DatabaseHoldings
from atlas.crawl.holdings import CrawlHoldings
from atlas.errors import CrawlError
from atlas.web.holdings import CellHoldings
from tests.answers import questions
from tests.answers.questions import PRODUCT


@pytest.mark.parametrize("crawl", ["whole", "part"], indirect=True)
def test_a_folder_a_database_and_the_cells_of_a_site_hold_the_same(parts, crawl, build):
    folder, database, cells = CrawlHoldings(crawl), DatabaseHoldings(parts), CellHoldings(build(crawl))
    places = [place_of(at) for at, _ in [*questions.points_and_years(), *questions.boxes_and_years()]]

    async def asked():
        return [await database.at(place, [PRODUCT, "aef-v1-annual"]) for place in places]

    found = 0
    for place, there in zip(places, asyncio.run(asked()), strict=True):
        wanted = folder.at(place, [PRODUCT, "aef-v1-annual"])
        assert wanted.keys() == there.keys() == {PRODUCT}
        assert (there[PRODUCT].state, there[PRODUCT].years) == (wanted[PRODUCT].state, wanted[PRODUCT].years), place
        # cells know no tiles and no shares
        years = {year: Held(None) for year in wanted[PRODUCT].years}
        assert cells.at(place, [PRODUCT, "aef-v1-annual"]) == {PRODUCT: Holding(wanted[PRODUCT].state, years)}, place
        found += bool(years)
    assert found > 10


def test_a_site_answers_by_cells_of_one_degree(build, crawls, tmp_path):
    opened = atlas.open_catalog(site=build(crawls["part"]))
    (here,) = opened.coverage((0.5, 52.5), year=2021, products=[PRODUCT]).answers
    assert (here.tier, here.verdict) == (Tier.TILES, Verdict.UNKNOWN)
    assert here.text == (
        "its index lists tiles in the cells of one degree there for 2021; only a part of the index was read"
    )
    whole = atlas.open_catalog(site=build(crawls["whole"]))
    (away,) = whole.coverage((100.5, 52.5), products=[PRODUCT]).answers
    assert (away.tier, away.verdict) == (Tier.NOT_THERE, Verdict.NO)
    with pytest.raises(CrawlError, match="it has no folder data/cells"):
        atlas.open_catalog(site=tmp_path)


@pytest.mark.parametrize("change", [{"index_read": None}, {"rows": {"52": [0, 1, 2**63]}}, {"rows": {"52": [0, 1]}}])
def test_cells_that_this_version_did_not_write_are_named(tmp_path, change):
    path = tmp_path / "data" / "cells" / f"{PRODUCT}.json"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps({"index_read": "whole", "years": [2021], "rows": {"52": [-180, 360, 1]}} | change))
    with pytest.raises(CrawlError, match=rf"{PRODUCT}\.json: not the cells of a product .* build the site again"):
        CellHoldings(tmp_path).at(place_of((0.5, 52.5)), [PRODUCT])
