"""`atlas.open_catalog()`: the records of this installation, and what exists as far as indexes were read."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from atlas.answers.catalogue import OpenCatalog
from atlas.answers.holdings import Holdings, NoHoldings

if TYPE_CHECKING:
    from atlas.read.frames import to_geopandas
    from atlas.read.opening import open_vectors
    from atlas.read.points import sample_points
    from atlas.read.torch import to_torchgeo

__all__ = ["OpenCatalog", "open_catalog", "open_vectors", "sample_points", "to_geopandas", "to_torchgeo"]

_READERS = {
    "open_vectors": "atlas.read.opening",
    "sample_points": "atlas.read.points",
    "to_geopandas": "atlas.read.frames",
    "to_torchgeo": "atlas.read.torch",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401 - whatever the name stands for
    """What reads vectors, imported when it is first used: the catalogue answers without those libraries."""
    from importlib import import_module

    if name in _READERS:
        return getattr(import_module(_READERS[name]), name)
    msg = f"module 'atlas.opening' has no attribute '{name}'"
    raise AttributeError(msg)


def open_catalog(
    path: Path | str | None = None, *, crawls: Path | str | None = None, api: str | None = None
) -> OpenCatalog:
    """Open the catalogue; neither a server nor a database is needed.

    Args:
        path: A folder of records; without it, the one that belongs to this installation.
        crawls: A crawl folder, or a folder of them, that says which tiles exist.
        api: Address of an atlas API that says it, such as http://127.0.0.1:8000/stac.

    Raises:
        CrawlError: the folder holds no finished crawl.
    """
    holdings: Holdings = NoHoldings()
    if crawls is not None:
        from atlas.crawl.holdings import CrawlHoldings

        holdings = CrawlHoldings(Path(crawls))
    elif api is not None:
        from atlas.remote import ApiHoldings

        holdings = ApiHoldings(api)
    return OpenCatalog(Path(path) if path is not None else None, holdings)
