"""`atlas export`: the whole catalogue in files for machines."""

from pathlib import Path

import click

from atlas.commands._options import NEW_FOLDER, catalog_option, json_option, print_json
from atlas.errors import RecordError
from atlas.records import load_catalog
from atlas.records.dump import dump_files

__all__ = ["command"]


@click.command("export")
@click.option("--out", required=True, type=NEW_FOLDER, help="Folder to write the files into.")
@catalog_option
@json_option
def command(out: Path, catalog_path: Path | None, as_json: bool) -> None:
    """Export the catalogue as JSON, CSV and BibTeX.

    Writes catalog.json, products.csv, ecosystem.csv, references.bib and references.csl.json.
    """
    catalog = load_catalog(catalog_path)
    try:
        files = dump_files(catalog)
    except ValueError as error:
        raise RecordError(str(error)) from error
    out.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        scratch = out / f".{name}.new"
        scratch.write_bytes(content)
        scratch.replace(out / name)
    if as_json:
        print_json({"out": str(out), "files": {n: len(c) for n, c in files.items()}})
    else:
        for name, content in files.items():
            click.echo(f"{out / name}  {len(content):,} bytes")
