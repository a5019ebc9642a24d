"""`atlas site`: build the static site."""

import dataclasses
import time
from pathlib import Path

import click

from atlas.commands._options import FILE, FOLDER, NEW_FOLDER, catalog_option, json_option, print_json
from atlas.web.unchanged import inputs_digest, report_if_unchanged
from stac_emb.identity import HOME

__all__ = ["command"]


@click.command()
@click.option("--out", type=NEW_FOLDER, required=True, help="Folder of the site.")
@catalog_option
@click.option(
    "--crawl",
    "crawls",
    type=FOLDER,
    multiple=True,
    help="Folder that `atlas crawl` wrote; may be given more than once.",
)
@click.option("--links", type=FILE, help="Results of `atlas check-links`: when each address last answered.")
@click.option(
    "--evidence", type=FILE, help="Results of `atlas evidence check`: which sources have changed since they were read."
)
@click.option("--base-url", default=f"{HOME}/", show_default=True, help="Public address of the site.")
@click.option("--api", help="Address of the STAC API, absolute or relative to the root of the site, such as stac/.")
@json_option
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
        print_json(dataclasses.asdict(report))
        return
    for note in report.notes:
        click.echo(f"note: {note}", err=True)
    click.echo(
        f"{report.pages} pages, {report.files} files, {report.bytes / 1e6:.1f} MB in {out}: {report.written} written, "
        f"{report.unchanged} unchanged, {report.removed} removed, {time.monotonic() - start:.1f} s"
    )
