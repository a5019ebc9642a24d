"""`atlas site`: build the static site."""

import dataclasses
import json
import time
from pathlib import Path

import click

from atlas.web.unchanged import inputs_digest, report_if_unchanged
from stac_emb.identity import HOME

__all__ = ["command"]


@click.command()
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), required=True, help="Folder of the site.")
@click.option(
    "--catalog",
    "catalog_path",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder of the records; without it, those of this installation.",
)
@click.option(
    "--crawl",
    "crawls",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    multiple=True,
    help="Folder that `atlas crawl` wrote; may be given more than once.",
)
@click.option(
    "--links",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Results of `atlas check-links`: when each address last answered.",
)
@click.option(
    "--evidence",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Results of `atlas evidence check`: which sources changed since they were read.",
)
@click.option("--base-url", default=f"{HOME}/", show_default=True, help="Public address of the site.")
@click.option("--api", help="Address of the STAC API, absolute or from the root of the site, such as stac/.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def command(
    out: Path,
    catalog_path: Path | None,
    crawls: tuple[Path, ...],
    links: Path | None,
    evidence: Path | None,
    base_url: str,
    api: str | None,
    as_json: bool,
) -> None:
    """Build the static site from records and crawls."""
    start = time.monotonic()
    inputs = inputs_digest(catalog_path, crawls, (links, evidence), {"base_url": base_url, "api": api})
    report = report_if_unchanged(out, inputs)
    if report is None:
        from atlas.records import load_catalog
        from atlas.web.build import build_site

        report = build_site(
            load_catalog(catalog_path),
            out,
            crawls,
            base_url=base_url,
            api=api,
            links=links,
            evidence=evidence,
            inputs=inputs,
        )
    if as_json:
        click.echo(json.dumps(dataclasses.asdict(report)))
        return
    for note in report.notes:
        click.echo(f"note: {note}", err=True)
    click.echo(
        f"{report.pages} pages, {report.files} files, {report.bytes / 1e6:.1f} MB in {out}: {report.written} written, "
        f"{report.unchanged} unchanged, {report.removed} removed, {time.monotonic() - start:.1f} s"
    )
