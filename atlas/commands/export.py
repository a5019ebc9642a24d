"""`atlas export`: the whole catalogue in files for machines."""

from pathlib import Path

import click
import orjson

from atlas.errors import RecordError
from atlas.records import load_catalog
from atlas.records.dump import dump_files

__all__ = ["command"]


@click.command("export")
@click.option(
    "--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="Folder to write the files into."
)
@click.option(
    "--catalog",
    "source",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Records to read instead of those of this installation.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(out: Path, source: Path | None, as_json: bool) -> None:
    """Export the catalogue as JSON, CSV and BibTeX.

    Writes catalog.json, products.csv, ecosystem.csv, references.bib and references.csl.json.
    """
    catalog = load_catalog(source)
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
        click.echo(orjson.dumps({"out": str(out), "files": {n: len(c) for n, c in files.items()}}).decode())
    else:
        for name, content in files.items():
            click.echo(f"{out / name}  {len(content):,} bytes")
