"""`atlas schemas`: list and fetch the schemas that validation uses."""

import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from atlas.commands._options import FILE, json_option, print_json
from atlas.errors import UnreadableInput
from atlas.settings import load_settings
from stac_emb.inputs.documents import Reader
from stac_emb.inputs.sources import Document, is_url
from stac_emb.registry import load_schema, registry
from stac_emb.schema_cache import schema_cache

__all__ = ["command"]


@click.group("schemas")
def command() -> None:
    """List and fetch schemas for offline validation.

    Schemas of STAC and of many extensions are bundled. `fetch` adds others to the folder `schemas` of the state
    folder (ATLAS_STATE_DIR), where `atlas validate`, `atlas convert` and `atlas serve` find them. The folder may be
    copied to a machine without a network.
    """


@command.command("list")
@json_option
def list_schemas(as_json: bool) -> None:
    """List the available schemas.

    Shows for each whether it is bundled or fetched, the first digits of its SHA-256, its identifier and its origin.

    Exit code 0: every file matches its recorded SHA-256; 1: a file was changed or is missing.
    """
    rows: list[dict[str, Any]] = []
    for uri, vendored in sorted(registry().items()):
        rows.append({"uri": uri, "kind": "bundled", "sha256": vendored.sha256, "origin": vendored.origin})
        rows[-1]["problem"] = _problem(lambda uri=uri: load_schema(uri))
    cache = schema_cache()
    for entry in cache.entries().values():
        rows.append({"uri": entry.uri, "kind": "fetched", "sha256": entry.sha256, "origin": f"fetched {entry.fetched}"})
        rows[-1]["problem"] = _problem(lambda entry=entry: cache.read(entry))
    damaged = [row for row in rows if row["problem"]]
    if as_json:
        print_json([row | {"version": _version(row["uri"])} for row in rows], indent=True)
    else:
        for row in rows:
            click.echo(f"{row['kind']:9} {row['sha256'][:12]} {row['uri']} ({row['origin']})")
        counts = Counter(row["kind"] for row in rows)
        click.echo(f"{len(rows)} schemas: {', '.join(f'{n} {kind}' for kind, n in counts.items())}")
    for row in damaged:
        click.echo(f"damaged: {row['uri']}: {row['problem']}", err=True)
    sys.exit(1 if damaged else 0)


def _problem(read: Any) -> str | None:  # noqa: ANN401  # a function without arguments
    try:
        read()
    except UnreadableInput as error:
        return str(error)
    return None


def _version(uri: str) -> str | None:
    return next((part[1:] for part in uri.split("/") if part[:1] == "v" and part[1:2].isdigit()), None)


@command.command()
@click.argument("names", nargs=-1, metavar="[URI|FILE]...")
@click.option(
    "--list", "lists", multiple=True, type=FILE, help="File with one identifier per line; `#` begins a comment."
)
@click.option("--again", is_flag=True, help="Also fetch schemas that are cached, and report those that have changed.")
@json_option
def fetch(names: tuple[str, ...], lists: tuple[Path, ...], again: bool, as_json: bool) -> None:
    """Fetch schemas into the cache.

    Fetches those named by URI, and those that the documents in FILE declare.

    FILE is what `atlas validate` takes: documents, folders, globs, ndjson, stac-geoparquet. Needs a network; only
    https addresses of public hosts are allowed, unless ATLAS_ALLOW_PRIVATE_ADDRESSES is set. Schemas that a fetched
    one refers to are fetched too. Prints one line per schema: vendored, cached, fetched, changed or failed.

    Exit code 0: all are available; 1: one could not be fetched; 2: no identifier was found, or a FILE could not be
    read.
    """
    from atlas.fetch.schemas import fetch_schemas

    problems: list[str] = []
    uris = [name for name in names if is_url(name)]
    uris += _declared([name for name in names if not is_url(name)], problems)
    for path in lists:
        lines = (line.partition("#")[0].strip() for line in path.read_text("utf-8").splitlines())
        uris += [line for line in lines if line]
    outcomes = []
    for outcome in fetch_schemas(uris, schema_cache(), load_settings(), again=again):
        outcomes.append(outcome)
        if not as_json:
            told = outcome.detail or (outcome.sha256 or "")[:12]
            click.echo(f"{outcome.outcome:9} {outcome.uri} {told}".rstrip())
    if as_json:
        print_json([asdict(outcome) for outcome in outcomes], indent=True)
    for problem in problems:
        click.echo(problem, err=True)
    if not outcomes:
        click.echo("no identifier of an extension was found", err=True)
    failed = any(outcome.outcome == "failed" for outcome in outcomes)
    sys.exit(2 if problems or not outcomes else 1 if failed else 0)


def _declared(names: list[str], problems: list[str]) -> list[str]:
    """The extensions that the documents declare; a document that cannot be read is added to the problems."""
    reader = Reader()
    found: dict[str, None] = {}
    for source in reader.sources(names):
        if isinstance(source, Document):
            problems.append(f"{source.name}: {source.problem}")
        elif source.is_parquet and source.is_file:
            try:
                found |= dict.fromkeys(_in_parquet(Path(source.name)))
            except UnreadableInput as error:
                problems.append(f"{source.name}: {error}")
        else:
            for document in reader.documents(source):
                if document.problem is not None:
                    problems.append(f"{document.name}: {document.problem}")
                elif isinstance(document.value, dict):
                    declared = document.value.get("stac_extensions")
                    uris = declared if isinstance(declared, list) else []
                    found |= dict.fromkeys(uri for uri in uris if isinstance(uri, str))
    return list(found)


def _in_parquet(path: Path) -> Iterator[str]:
    from stac_emb.inputs.parquet_items import open_items

    with open_items(path) as file:
        if "stac_extensions" not in file.schema_arrow.names:
            return
        for batch in file.iter_batches(columns=["stac_extensions"]):
            for declared in batch.column(0).to_pylist():
                yield from (uri for uri in declared or () if isinstance(uri, str))
