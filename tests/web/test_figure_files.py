"""Figures as files: self-contained SVG and its data."""

import csv
import io

import lxml.etree
import lxml.html

from atlas.web.figures.files import figure_style

SVG = "{http://www.w3.org/2000/svg}"


def test_every_figure_is_there_as_svg_and_csv_and_can_be_embedded(site):
    for page, name in (("index", "products"), ("coverage", "coverage"), ("products/aef-v1-annual", "aef-v1-annual")):
        tools = lxml.html.parse(site / f"{page}.html").xpath("//div[@class='figure-tools']")[0]
        links = [a.rpartition("figures/")[2] for a in tools.xpath("./a/@href")]
        assert links == [f"{name}.svg", f"{name}.csv"]
        assert all((site / "figures" / link).is_file() for link in links)
        assert tools.xpath("./button/@data-png") == [name]
        snippet = lxml.html.fromstring(tools.xpath(".//code")[0].text)
        (image,) = snippet.xpath("//img")
        assert image.get("src").endswith(f"/figures/{name}.svg")
        assert "Earth Embedding Atlas" in snippet.xpath("string(//figcaption)")


def test_a_file_stands_alone_and_bears_its_credit(site):
    for name in ("products", "aef-v1-annual", "presto-togo-2019"):
        root = lxml.etree.parse(site / "figures" / f"{name}.svg").getroot()
        assert root.tag == f"{SVG}svg"
        text = " ".join(root.itertext())
        assert "Earth Embedding Atlas" in text
        assert "var(" not in text
        assert "light-dark(" not in text
        assert all(not a.startswith("..") for a in root.xpath("//@href") if not a.startswith("#"))


def test_the_style_of_a_file_has_plain_colours_only():
    style = figure_style()
    assert ".land" in style
    assert ".dot" in style
    assert "var(" not in style
    assert "light-dark" not in style


def test_the_data_of_the_chart_are_those_of_the_records(site, catalog):
    rows = list(csv.DictReader(io.StringIO((site / "figures" / "products.csv").read_text("utf-8"))))
    assert {r["product"] for r in rows} == set(catalog.products)
    aef = next(r for r in rows if r["product"] == "aef-v1-annual")
    assert (aef["dimensions"], aef["ground_size_m"], aef["licence"]) == ("64", "10.0", "CC-BY-4.0")


def test_the_data_of_a_map_are_boxes_and_what_was_read(site):
    rows = list(csv.DictReader(io.StringIO((site / "figures" / "tessera-v1.csv").read_text("utf-8"))))
    assert {r["kind"] for r in rows} == {"stated box", "cells read"}
    read = [r for r in rows if r["kind"] == "cells read"]
    assert {"2020 2021", "2021"} >= {r["years"] for r in read}
