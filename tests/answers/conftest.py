"""Variants of a real product that differ in what a test asks about."""

import datetime as dt

import pytest

from atlas.records.extent import Completeness


@pytest.fixture
def product(catalog):
    """A product of 2017 to 2025 in the box 0 to 10 degrees, with the given completeness."""

    def make(default=None, years=None, **changes):
        base = catalog.products["tessera-v1"]
        how = Completeness(default=default, years=years or {}) if default else None
        extent = base.extent.model_copy(
            update={
                "bbox": [[0.0, 0.0, 10.0, 10.0]],
                "interval": [[dt.datetime(2017, 1, 1, tzinfo=dt.UTC), dt.datetime(2025, 12, 31, tzinfo=dt.UTC)]],
                "years": list(range(2017, 2026)),
                "place": "A box",
                "completeness": how,
                "tiling": "tessera-0.1deg",
            }
        )
        return base.model_copy(update={"extent": extent, **changes})

    return make
