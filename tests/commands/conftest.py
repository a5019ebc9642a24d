"""A small valid catalogue in a temporary folder."""

import shutil
from pathlib import Path

import pytest

from atlas.resources import data_dir

SAMPLE = Path(__file__).parents[1] / "records" / "data" / "sample"


@pytest.fixture
def catalog_folder(tmp_path):
    folder = tmp_path / "catalog"
    shutil.copytree(data_dir("catalog") / "taxonomy", folder / "taxonomy")
    shutil.copytree(SAMPLE, folder, dirs_exist_ok=True)
    return folder
