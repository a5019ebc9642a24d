"""The catalogue of this checkout, and a small valid one to break."""

import copy
from pathlib import Path

import orjson
import pytest

from atlas.records import read_catalog
from atlas.records.yaml_text import parse_yaml
from atlas.resources import data_dir

SAMPLE = Path(__file__).parent / "data" / "sample"


@pytest.fixture(scope="session")
def sample_data():
    """The sample's files as plain data, with the real taxonomy where it has none of its own."""
    files = {f"taxonomy/{file.name}": file for file in (data_dir("catalog") / "taxonomy").glob("*.yaml")}
    files |= {file.relative_to(SAMPLE).as_posix(): file for file in SAMPLE.rglob("*.yaml")}
    return {name: parse_yaml(file.read_text("utf-8")).data for name, file in files.items()}


class Sample:
    """A catalogue folder that can be changed before it is loaded."""

    def __init__(self, data, folder):
        self.data, self.folder = copy.deepcopy(data), folder

    def set(self, file, path, value):
        """Set a value by dotted path (positions for lists); `None` deletes it."""
        *steps, last = [int(step) if step.isdigit() else step for step in path.split("/")]
        target = self.data[file]
        for step in steps:
            target = target[step]
        if value is None:
            del target[last]
        elif isinstance(target, list) and last == len(target):
            target.append(value)
        else:
            target[last] = value
        return self

    def write(self):
        for name, data in self.data.items():
            file = self.folder / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(orjson.dumps(data, option=orjson.OPT_INDENT_2))  # JSON is YAML
        return self.folder

    def read(self):
        return read_catalog(self.write())


@pytest.fixture
def sample(sample_data, tmp_path):
    return Sample(sample_data, tmp_path / "catalog")
