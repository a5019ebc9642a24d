"""The catalogue of this checkout, loaded once."""

import pytest

from atlas.records import load_catalog


@pytest.fixture(scope="session")
def catalog():
    return load_catalog()
