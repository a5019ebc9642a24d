"""`atlas.open_catalog()`: the records, with crawls or an API that know which tiles exist."""

from pathlib import Path

from atlas.answers.catalogue import OpenCatalog
from atlas.answers.holdings import Holdings, NoHoldings

__all__ = ["open_catalog"]


def open_catalog(
    path: Path | str | None = None,
    *,
    crawls: Path | str | None = None,
    api: str | None = None,
    site: Path | str | None = None,
) -> OpenCatalog:
    """Open the catalogue; neither a server nor a database is needed.

    Args:
        path: A folder of records; by default that of this installation.
        crawls: A crawl folder, or a folder of several, that says which tiles exist.
        api: Address of an atlas API that says which tiles exist, such as http://127.0.0.1:8000/stac.
        site: A folder that `atlas site` wrote, whose cells of one degree say which tiles exist.

    Raises:
        CrawlError: the folder holds no finished crawl, or no cells.
    """
    holdings: Holdings = NoHoldings()
    if crawls is not None:
        from atlas.crawl.holdings import CrawlHoldings

        holdings = CrawlHoldings(Path(crawls))
    elif api is not None:
        from atlas.remote import ApiHoldings

        holdings = ApiHoldings(api)
    elif site is not None:
        from atlas.web.holdings import CellHoldings

        holdings = CellHoldings(Path(site))
    return OpenCatalog(Path(path) if path is not None else None, holdings)
