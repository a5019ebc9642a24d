"""TorchGeo's table of embedding products: each value is recorded, or contradicted with a source."""

import csv
import re
from pathlib import Path

import pytest

TABLE = Path(__file__).parent / "data" / "torchgeo_embeddings.csv"
PRODUCTS = {
    ":ref:`Clay Embeddings` v0 Sentinel": ("clay-v0-sentinel",),
    ":ref:`Clay Embeddings` v1.5 NAIP": ("clay-v1-5-naip",),
    ":ref:`Clay Embeddings` v1.5 Sentinel": ("lgnd-clay-v1-5-s2-l2a",),
    ":ref:`Major TOM Embeddings`": (
        "majortom-s2l1c-ssl4eo",
        "majortom-s1rtc-ssl4eo",
        "majortom-s2rgb-dinov2",
        "majortom-s2rgb-siglip",
    ),
    ":ref:`Earth Index Embeddings`": ("earth-index-2024",),
    ":ref:`Copernicus-Embed`": ("copernicus-embed-025deg",),
    ":ref:`EarthEmbeddings`": (
        "earth-embeddings-dinov2",
        "earth-embeddings-farslip",
        "earth-embeddings-satclip",
        "earth-embeddings-siglip",
    ),
    ":ref:`Presto Embeddings`": ("presto-togo-2019",),
    ":ref:`Tessera Embeddings`": ("tessera-v1",),
    ":ref:`Google Satellite Embedding`": ("aef-v1-annual",),
    ":ref:`Embedded Seamless Data`": ("esd-v001",),
}
"""A row stands for one product, or for a family in which each value must be that of at least one member."""

ROWS = list(csv.DictReader(TABLE.read_text("utf-8").splitlines()))
COLUMNS = [name for name in ROWS[0] if name != "Dataset"]


def plain(text):
    """A cell without footnote marks, with one kind of dash."""
    return text.replace("--", "–").rstrip("*")


def kinds(product):
    return [product.embedding.type.capitalize()]


def places(product):
    west, south, east, north = product.extent.bbox[0]
    names = [product.extent.place]
    if east - west > 350 and north - south > 120:
        names.append("Global")
    return names


def resolutions(product):
    footprint = product.embedding.footprint or {}
    sizes = set(footprint.get("size", []))
    if footprint.get("unit") == "deg":
        return [f"{size:g}°" for size in sizes]
    return [text for size in sizes for text in (f"{size:g} m", f"{size / 1000:g} km")]


def times(product):
    start, end = product.extent.interval[0]
    years = product.extent.years or [start.year, end.year if (end.month, end.day) > (1, 1) else end.year - 1]
    first, last = years[0], years[-1]
    return [f"{first}" if first == last else f"{first}–{last}"]


def time_steps(product):
    return [(product.embedding.temporal or {}).get("resolution", "").replace("_", " ").capitalize()]


def dimensions(product):
    return [str(product.embedding.dimensions)]


def types(product):
    quantization = product.embedding.quantization or {}
    stored, original = quantization.get("stored_data_type"), quantization.get("original_data_type")
    return [stored, original, f"{stored} → {original}"]


def licences(product):
    return [product.licences.data]


FOUND = {
    "Kind": kinds,
    "Spatial Extent": places,
    "Spatial Resolution": resolutions,
    "Temporal Extent": times,
    "Temporal Resolution": time_steps,
    "Dimensions": dimensions,
    "Dtype": types,
    "License": licences,
}
FIELDS = {
    "Kind": "embedding.type",
    "Spatial Extent": "extent",
    "Spatial Resolution": "embedding.footprint",
    "Temporal Extent": "extent",
    "Temporal Resolution": "embedding.temporal",
    "Dimensions": "embedding.dimensions",
    "Dtype": "embedding.quantization",
    "License": "licences.data",
}
"""Where a conflict about the column must be recorded."""


def contradicted(product, column, text):
    """Whether the record has the table's value as one side of a conflict, with the table as source."""
    return any(
        plain(side.value) == text and "torchgeo" in side.source.lower()
        for conflict in product.conflicts
        if conflict.field.startswith(FIELDS[column])
        for side in conflict.sides
    )


def holds(product, column, text):
    return text in [plain(value) for value in FOUND[column](product) if value] or contradicted(product, column, text)


def test_every_column_and_row_is_compared():
    assert set(COLUMNS) == set(FOUND) == set(FIELDS)
    assert {row["Dataset"] for row in ROWS} == set(PRODUCTS)


@pytest.mark.parametrize("column", COLUMNS)
@pytest.mark.parametrize("row", ROWS, ids=lambda row: re.sub(r":ref:`(.*)`", r"\1", row["Dataset"]))
def test_value_is_recorded_or_contradicted(catalog, row, column):
    products = [catalog.products[name] for name in PRODUCTS[row["Dataset"]]]
    text = plain(row[column])
    assert any(holds(product, column, text) for product in products) or all(
        # A cell of a family may hold several values; then each of them is some member's.
        any(holds(product, column, part) for product in products)
        for part in parts(text)
    ), f"{column} '{text}': found {[FOUND[column](product) for product in products]}"


def parts(text):
    """The values of a cell with several: `float16, float32`, `256–1152`, `2.24–3.84 km`."""
    if match := re.fullmatch(r"([\d.]+)–([\d.]+)( \w+)?", text):
        low, high, unit = match.groups()
        return [low + (unit or ""), high + (unit or "")]
    return text.split(", ")
