"""A benchmark's figures are data: printed, written as JSON and shown on the site alike."""

import collections
import dataclasses
import json

import lxml.html
import pytest

from atlas.errors import SiteError
from atlas.web.environment import make_environment, render
from atlas.web.page import Site
from atlas.web.pages.benchmarks import benchmarks_page
from bench import site
from bench.__main__ import _names, main
from bench._figures import Figure, together

ASSETS = collections.defaultdict(lambda: "static/x")
SITE = Site("Atlas", "https://example.org/", "2026-11-20", "1", ASSETS, None, 1, (), "https://example.org/?{id}")


FAST = Figure("a", "ms", 9.0, 30.0, "p", 2.5, 2, at_least=True)


@pytest.mark.parametrize(
    ("figure", "met", "line"),
    [
        (FAST, True, "9.00 ms, p 30.0: 2.50 times  [at least 2: met]"),
        (Figure("a", "ms", 12.0, 3.0, "p", 4.0, 2), False, "12.0 ms, p 3.00: 4.00 times  [at most 2: MISSED]"),
        (Figure("a", "MB", 1500, target=2000), True, "1\u202f500 MB  [at most 2\u202f000: met]"),
        (Figure("a", "s", 0.01234), None, "0.0123 s"),
    ],
)  # fmt: skip
def test_a_figure_knows_whether_its_target_is_met(figure, met, line):
    assert (figure.met, figure.as_dict().get("met")) == (met, met)
    assert figure.line().split(maxsplit=1)[1] == line


def test_rounds_give_the_median_and_the_spread():
    rounds = [[Figure("a", "s", x, 10.0, "p", 10 / x), Figure("b", "", x)] for x in (1.0, 4.0, 2.0)]
    a, b = together(rounds)
    assert (a.ours, a.ratio, a.spread) == (2.0, 5.0, (2.5, 10.0))
    assert (b.ours, b.spread) == (2.0, (1.0, 4.0))
    assert together(rounds[:1])[0].spread is None
    with pytest.raises(ValueError, match="measured different things"):
        together([rounds[0], rounds[0][::-1]])


def test_what_is_measured_is_printed_written_and_shown(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("SIDE", "16")
    file = tmp_path / "benchmarks.json"
    assert main(["dequantize", "--json", str(file), "--rounds", "2"]) == 0
    printed = capsys.readouterr().out.splitlines()
    (one,) = (document := json.loads(file.read_text()))["benchmarks"]
    assert one["title"].startswith("Dequantising AlphaEarth's and TESSERA's int8 codes")
    assert document["rounds"] == 2
    assert {"processor", "cores", "load", "day"} <= document["machine"].keys()
    assert {"Python", "atlas", "pystac", "rustac", "stac-node-validator"} <= document["versions"].keys()
    assert len(printed) == 1 + len(one["figures"])
    page = lxml.html.fromstring(render(make_environment(), benchmarks_page(file), SITE))
    rows = page.xpath("//h2[@id='bench-dequantize']/following::tbody[1]/tr")
    assert [row.xpath("th/text()")[0] for row in rows] == [figure["name"] for figure in one["figures"]]
    for line, row in zip(printed[1:], rows, strict=True):
        ours, ratio = row.xpath("td[1]/text()")[0], row.xpath("td[5]/text()")[0]
        assert f" {ours} ms, numpy.copyto " in line
        assert f": {ratio} times (" in line
    assert "No benchmarks have been run" not in page.text_content()


def test_the_benchmark_of_the_site_reads_the_crawl_that_it_makes_up(monkeypatch, tmp_path):
    monkeypatch.setenv("ITEMS", "500")
    assert site.cells(tmp_path)[0].name == "cells of 500 Items"


def one_benchmark(tmp_path, figures, **machine):
    file = tmp_path / "benchmarks.json"
    one = {"name": "a", "title": "Against `p`.", "figures": [figure.as_dict() for figure in figures]}
    file.write_text(json.dumps({"machine": {"cores": 4, "load": 0.1} | machine, "rounds": 1, "benchmarks": [one]}))
    return lxml.html.fromstring(render(make_environment(), benchmarks_page(file), SITE))


def test_the_page_tells_which_targets_were_met_and_by_how_much(tmp_path):
    slow = Figure("b", "ms", 40.0, 10.0, "p", 4.0, 2)
    lost = Figure("c", "requests", 700, target=5)
    none = Figure("d", "requests", 0, target=5)
    page = one_benchmark(tmp_path, [FAST, slow, lost, none, Figure("e", "s", 1.0)])
    (table,) = page.xpath("//table[contains(@class, 'margins')]")
    assert page.xpath("string(//h2[@id='targets']/text())") == "2 of 4 targets met"
    told = [f"{row.xpath('string(td[1])')} {row.xpath('string(td[2])')}" for row in table.xpath(".//tbody/tr")]
    assert told == [
        "ratio 2.50 (p) at least 2: met",
        "ratio 4.00 (p) at most 2: missed",
        "700 requests at most 5: missed",
        "0 requests at most 5: met",
    ]
    bars = [(bar.get("class"), float(bar.get("x")), float(bar.get("width"))) for bar in table.xpath(".//rect")]
    # 2.5 of 2 and 2 of 4 on a logarithmic axis; a hundred times too many ends at the edge, and so does none at all.
    assert bars == [("met", 101, 9.7), ("short", 70.9, 30.1), ("short", 1, 100), ("met", 101, 100)]
    assert "<code>p</code>" in lxml.html.tostring(page).decode()


def test_figures_of_one_name_are_told_apart_among_the_targets(tmp_path):
    two = [Figure("a", "s of the processor", 1.0, target=2), Figure("a", "s of the clock", 1.0, target=2)]
    page = one_benchmark(tmp_path, [*two, Figure("b", "s", 1.0, target=2)])
    names = [row.xpath("string(th)") for row in page.xpath("//table[contains(@class, 'margins')]/tbody/tr")]
    assert names == ["A: a, s of the processor", "A: a, s of the clock", "A: b"]


def test_the_page_says_that_the_machine_was_busy_and_has_no_spread_of_one_round(tmp_path):
    assert "Measured on a busy machine" not in one_benchmark(tmp_path, [FAST]).text_content()
    assert "Measured on a busy machine" in one_benchmark(tmp_path, [FAST], load=2.5).text_content()
    heads = "//table[not(contains(@class, 'margins'))]/thead//th/text()"
    assert "Spread" not in one_benchmark(tmp_path, [FAST]).xpath(heads)
    spread = dataclasses.replace(FAST, spread=(2.25, 2.75))
    page = one_benchmark(tmp_path, [spread, Figure("b", "s", 1.0)])
    assert "Spread" in page.xpath(heads)
    assert "2.25 to 2.75" in page.text_content()


def test_where_nothing_was_measured_the_page_says_so_and_another_file_is_refused(tmp_path):
    page = render(make_environment(), benchmarks_page(tmp_path / "nothing"), SITE)
    assert "No benchmarks have been run for this site yet." in page
    (tmp_path / "x.json").write_text('{"benchmarks": [{"name": "x"}]}')
    with pytest.raises(SiteError, match=r"x\.json: not what 'python -m bench --json' writes"):
        benchmarks_page(tmp_path / "x.json")


def test_a_benchmark_that_is_not_there_is_named(capsys):
    assert main(["nothing"]) == 2
    assert "no benchmark named nothing; there are: api, " in capsys.readouterr().err
    assert {"mixed", "scale", "window"} <= set(_names())
