"""A small TESSERA index: text registries that tests write, change and break."""

import pytest

from atlas.crawl.engine import Crawl
from atlas.sources.base import Source

A, B, C = "a" * 64, "b" * 64, "c" * 64


def lines(*tiles, year=2021, first=A, second=B):
    """Registry lines of tiles named `lon_lat`."""
    return "".join(
        f"{year}/grid_{t}/grid_{t}.npy {first}\n{year}/grid_{t}/grid_{t}_scales.npy {second}\n" for t in tiles
    )


@pytest.fixture(scope="session")
def product(catalog):
    return catalog.products["tessera-v1"]


@pytest.fixture
def index(tmp_path):
    """A folder of registries; `index({"registry_2021.txt": text})` rewrites it."""
    folder = tmp_path / "index"

    def write(files):
        folder.mkdir(exist_ok=True)
        for old in folder.iterdir():
            old.unlink()
        for name, text in files.items():
            (folder / name).write_bytes(text.encode() if isinstance(text, str) else text)
        return folder

    return write


@pytest.fixture
def crawl(catalog, product, tmp_path):
    """Crawl an index into `tmp_path/out`."""

    def run(source, out=None, **options):
        record = options.pop("record", product)
        return Crawl(Source(record, str(source)), catalog, out or tmp_path / "out", **options).run()

    return run
