"""The catalogue of this checkout, a small one, and a validator."""

import shutil
from pathlib import Path

import pytest

from atlas.records import load_catalog
from atlas.resources import data_dir
from stac_emb.validate import Validator

SAMPLE = Path(__file__).parents[1] / "records" / "data" / "sample"


@pytest.fixture(scope="session")
def small(tmp_path_factory):
    """Two products: patches in files, and an encoder of locations."""
    folder = tmp_path_factory.mktemp("catalog")
    shutil.copytree(data_dir("catalog") / "taxonomy", folder / "taxonomy")
    shutil.copytree(SAMPLE, folder, dirs_exist_ok=True)
    return load_catalog(folder)


@pytest.fixture(scope="session")
def validator():
    return Validator()
