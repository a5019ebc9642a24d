"""`atlas check`: check that crawl folders are consistent, also with the database, and repair them."""

import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from atlas.commands._options import FOLDER, counted, json_option, print_json
from atlas.errors import AtlasError, CrawlError
from atlas.settings import load_settings

if TYPE_CHECKING:
    from atlas.crawl.check import Finding

__all__ = ["command"]


@click.command("check")
@click.argument("folders", nargs=-1, type=FOLDER, metavar="[DIR]...")
@click.option(
    "--repair", is_flag=True, help="Rebuild what can be rebuilt from the rest, and load what the database lacks."
)
@click.option("--database", "with_database", is_flag=True, help="Also compare with what the database holds.")
@json_option
def command(folders: tuple[Path, ...], repair: bool, with_database: bool, as_json: bool) -> None:
    """Check crawl folders, by default all in the state folder.

    Every part is read and compared with the state of its shard, the states with the manifest, and with --database the
    database with all of them. --repair rebuilds states and manifest from each other and from the parts, and puts
    damaged parts aside for the next crawl to write again; with --database it also restores vanished Items that only the
    database remembers, and then loads the sound folders. Without --repair nothing is changed.

    Exit code 0: all is sound, or was repaired; 1: a fault is left, and its line says what to do.
    """
    from atlas.crawl.check import Finding, check_folder

    settings = load_settings()
    below = settings.state_dir / "crawls"
    chosen = list(folders) or sorted(path for path in below.glob("*") if path.is_dir())
    found: dict[Path, list[Finding]] = {}
    for folder in chosen:
        try:
            found[folder] = check_folder(folder, repair=repair)
        except CrawlError as error:
            found[folder] = [Finding(str(folder), str(error).removeprefix(f"{folder}: "), "")]
    if with_database:
        from atlas.store.database import database

        sound = [folder for folder, findings in found.items() if all(one.mended for one in findings)]
        with database(settings) as conninfo:
            for folder, findings in _compared(conninfo, sound, repair=repair):
                found[folder] += findings
    everything = [one for findings in found.values() for one in findings]
    left = sum(not one.mended for one in everything)
    if as_json:
        document = {str(folder): [asdict(one) for one in findings] for folder, findings in found.items()}
        print_json(document, indent=True)
    else:
        for one in everything:
            click.echo(str(one))
        mended = f", {len(everything) - left} repaired" if repair else ""
        click.echo(f"{counted(len(found), 'folder')}: {counted(len(everything), 'finding')}{mended}")
    sys.exit(1 if left else 0)


def _compared(conninfo: str, folders: list[Path], *, repair: bool) -> "Iterator[tuple[Path, list[Finding]]]":
    """Differences between database and folders; folders of one Collection are compared, and loaded, together."""
    from atlas.crawl.check import Finding
    from atlas.store.load.crawled import by_collection
    from atlas.store.load.pgstac import compare_folder, load_folder

    groups, failed = by_collection(folders)
    for (folder,), fault in failed:
        yield folder, [Finding(str(folder), str(fault), "crawl again")]
    for group in groups:
        where = ", ".join(str(folder) for folder in group)
        for folder in group:
            yield folder, list(_forgotten(conninfo, folder, repair=repair))
        try:
            found = [Finding(where, what, "'atlas load' loads it") for what in compare_folder(conninfo, *group)]
            if found and repair:
                load_folder(conninfo, *group)
                for one in found:
                    one.remedy, one.mended = "loaded", True
        except AtlasError as error:
            found = [Finding(where, str(error), "nothing was changed")]
        yield group[0], found


def _forgotten(conninfo: str, folder: Path, *, repair: bool) -> "Iterator[Finding]":
    """Vanished Items that only the database still holds, and that the next load would remove."""
    from atlas.crawl.check import Finding
    from atlas.store.database import connect
    from atlas.store.remembered import bring_back_vanished, forgotten_items

    try:
        with connect(conninfo) as connection:
            if not (ids := forgotten_items(connection, folder)):
                return
            what = f"{len(ids):,} vanished Items that only the database remembers"
            if repair:
                yield Finding(str(bring_back_vanished(connection, folder, ids)), what, "written back", mended=True)
            else:
                yield Finding(str(folder), what, "--repair: written back; the next load would remove them")
    except AtlasError as error:
        yield Finding(str(folder), str(error), "nothing was changed")
