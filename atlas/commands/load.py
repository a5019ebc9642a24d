"""`atlas load`: put Collections, Items and queryables into the database."""

import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from atlas.commands._options import FOLDER, json_option, print_either, print_json
from atlas.errors import StoreError
from atlas.settings import load_settings
from atlas.store.database import database

if TYPE_CHECKING:
    from atlas.store.load.pgstac import LoadReport

__all__ = ["command"]


@click.command("load")
@click.argument("folders", nargs=-1, type=FOLDER, metavar="[DIR]...")
@click.option(
    "--workers", type=click.IntRange(1, 16), help="Threads that read and send; by default the number of cores plus one."
)
@click.option("--replace", is_flag=True, help="Remove the Collection's Items that come from other indexes.")
@json_option
def command(folders: tuple[Path, ...], workers: int | None, replace: bool, as_json: bool) -> None:
    """Load crawls into the database.

    Without folders, the Collections of all records are loaded.

    Folders of one Collection are loaded together, in one step: until it is complete, and if it fails or is
    interrupted, searches see the earlier Items. Each year replaces that year in the database; years that an earlier
    load of the same indexes wrote and that they no longer list are removed. Unchanged Items are not written again.

    A cold Collection ('atlas db cool') stays out of the database: the API reads the new parts from now on.

    A folder that cannot be loaded is reported and the others are loaded. The exit code is 1 where a Collection was not
    loaded or every one of its Items was rejected.
    """
    # Imported here because reading Items takes many libraries, which a wrong use or the help should not wait for.
    from atlas.records import load_catalog
    from atlas.stac.collection import collection_from_record
    from atlas.store.load.crawled import by_collection
    from atlas.store.load.pgstac import load_collections, load_folder, load_queryables
    from stac_emb.queryables import queryables

    settings = load_settings()
    empty = False
    with database(settings) as conninfo:
        changed = load_queryables(conninfo, queryables())
        if not folders:
            catalog = load_catalog()
            documents = [collection_from_record(p, catalog) for p in catalog.products.values()]
            changed_collections = load_collections(conninfo, documents, keep_found=True)
            print_either(
                {"collections": len(documents), "changed": changed_collections, "queryables_changed": changed},
                f"{len(documents)} Collections, {changed_collections} of them new or changed",
                as_json=as_json,
            )
        progress = _progress if sys.stderr.isatty() else None
        groups, failed = by_collection(folders)
        for group in groups:
            try:
                report = load_folder(conninfo, *group, workers=workers, progress=progress, replace=replace)
            except StoreError as error:
                failed.append((group, error))
                continue
            print_either(asdict(report), _sentence(report), as_json=as_json)
            empty |= report.nothing_loaded
    for group, fault in failed:
        if as_json:
            print_json({"folders": [str(folder) for folder in group], "error": str(fault)})
        click.echo(f"atlas: {fault}", err=True)
    if failed or empty:
        sys.exit(1)


def _progress(done: int, total: int) -> None:
    click.echo(f"\r{done:,} of {total:,} items", nl=done >= total, err=True)


def _sentence(report: "LoadReport") -> str:
    parts = [f"{report.collection}: {report.items:,} items in the database"]
    if report.loaded:
        parts.append(f"{report.loaded:,} written in {report.seconds:.1f} s")
    if report.cold:
        parts.append(f"{report.cold:,} in parts, {'read from now on' if report.renewed else 'unchanged'}")
    if report.unchanged:
        parts.append(f"{report.unchanged:,} unchanged")
    if report.removed_partitions:
        parts.append(f"{report.removed_partitions} years removed")
    if report.set_aside:
        parts.append(f"{sum(report.set_aside_by_reason.values()):,} rejected")
    lines = [", ".join(parts)]
    lines += [f"  rejected: {note['file']} row {note['row']}: {note['reason']}" for note in report.set_aside]
    return "\n".join(lines)
