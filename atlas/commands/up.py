"""`atlas up`: build the catalogue, then serve it. This is what `make up` runs."""

from collections.abc import Callable
from pathlib import Path

import click

from atlas.commands._running import running_server
from atlas.errors import AtlasError, SettingsError
from atlas.records import Catalog, load_catalog
from atlas.resources import data_dir
from atlas.settings import Settings, load_settings
from stac_emb.identity import FOLDER

__all__ = ["command"]

Say = Callable[[str], None]


@click.command("up")
def command() -> None:
    """Build and serve everything, until interrupted.

    Starts the database, loads the catalogue and builds the site.

    Loads the Collections of all records and the Items of every crawl in the state folder; the first time, those of a
    bundled sample of TESSERA's registry, so that nothing is fetched. Address and port are ATLAS_HOST and ATLAS_PORT.
    """
    # Imported here because they need the extras 'crawl' and 'server': a missing library is reported by name.
    from atlas.api.server import listen, serve
    from atlas.store.database import database

    settings = load_settings()

    def say(text: str) -> None:
        click.echo(text, err=True)

    try:
        # A port in use is reported before any work is done; if a server of this atlas uses it, that is what is said.
        try:
            listen(settings).close()
        except SettingsError:
            if settings.state_dir.is_dir():
                with running_server(settings.state_dir):
                    pass
            raise
        with running_server(settings.state_dir):
            catalog = load_catalog()
            folders = _crawls(catalog, settings, say)
            say("starting the database")
            with database(settings) as conninfo:
                loaded = _load(conninfo, catalog, folders, say)
                site = _build_site(catalog, loaded, settings, say)
                serve(settings, conninfo, site, started=_tell)
    except KeyboardInterrupt:
        say("interrupted")


def _crawls(catalog: Catalog, settings: Settings, say: Say) -> list[Path]:
    """Every crawl in the state folder; bundled samples are crawled for products without one."""
    from atlas.crawl.run import crawl_folder, crawl_product, sample_folder
    from atlas.formats.crawl_folder import CrawlFiles, crawls_to_load

    samples = sorted(path for path in (data_dir("catalog") / "samples").iterdir() if path.is_dir())
    for sample in samples:
        if CrawlFiles(crawl_folder(sample.name, settings)).collection.is_file():
            continue
        (source,) = sample.glob("registry.txt.gz")
        product, out = catalog.products[sample.name], sample_folder(sample.name, settings)
        report, _ = crawl_product(product, catalog, settings, source=str(source), out=out)
        say(f"bundled sample: {report.to_text().splitlines()[0]}")
    found = crawls_to_load(settings.state_dir / "crawls")
    crawled = {path.name for path in found}
    return [path for path in found if path.name.removesuffix("-sample") == path.name or path.name[:-7] not in crawled]


def _load(conninfo: str, catalog: Catalog, folders: list[Path], say: Say) -> list[Path]:
    """Load records and crawls; returns the crawls that could be loaded."""
    from atlas.stac.collection import collection_from_record
    from atlas.store.load.pgstac import load_collections, load_folder, load_queryables
    from stac_emb.queryables import queryables

    load_queryables(conninfo, queryables())
    documents = [collection_from_record(product, catalog) for product in catalog.products.values()]
    changed = load_collections(conninfo, documents, keep_found=True)
    say(f"{len(documents)} Collections, {changed} of them new or changed")
    loaded = []
    for folder in folders:
        try:
            report = load_folder(conninfo, folder)
        except AtlasError as error:
            # A crawl that is unfinished or broken must not keep the others from being served.
            say(f"{folder.name}: not loaded, the database keeps what it has: {error}")
            continue
        loaded.append(folder)
        say(f"{report.collection}: {report.items:,} Items, {report.loaded:,} of them written now")
    return loaded


def _build_site(catalog: Catalog, folders: list[Path], settings: Settings, say: Say) -> Path:
    from atlas.web.build import build_site
    from atlas.web.unchanged import inputs_digest, report_if_unchanged

    site = settings.state_dir / "site"
    links, evidence = _checks(settings, say)
    address = {"base_url": settings.public_url} if settings.public_url else {}
    inputs = inputs_digest(None, folders, (links, evidence), address)
    report = report_if_unchanged(site, inputs) or build_site(
        catalog, site, folders, api="stac/", links=links, evidence=evidence, inputs=inputs, **address
    )
    say(f"site: {report.pages} pages, {report.written} of {report.files} files written")
    return site


def _checks(settings: Settings, say: Say) -> tuple[Path | None, Path | None]:
    """The files that `atlas check-links` and `atlas evidence check` last wrote, if they can be read."""
    from atlas.evidence.results import read_checks as read_evidence
    from atlas.links.checks import read_checks as read_links

    return (
        _results(settings.state_dir / "links.json", read_links, "addresses", say),
        _results(settings.state_dir / "evidence.json", read_evidence, "sources", say),
    )


def _results(path: Path, read: Callable[[Path], object], what: str, say: Say) -> Path | None:
    if not path.exists():
        return None
    try:
        read(path)
    except AtlasError as error:
        say(f"{what} are shown as not checked: {error}")
        return None
    return path


def _tell(url: str) -> None:
    click.echo(f"\nThe atlas is at {url}  (STAC API: {url}stac, schema: {url}{FOLDER}/schema.json). Ctrl-C stops it.")
