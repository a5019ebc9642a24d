"""`atlas publish`: publish a built site to a folder or a bucket."""

import dataclasses
from pathlib import Path

import click

from atlas.commands._options import FOLDER, json_option, print_either
from atlas.web.publish import publish
from atlas.web.targets import open_target

__all__ = ["command"]


@click.command("publish")
@click.argument("target", metavar="DIR|s3://BUCKET/PREFIX|gs://BUCKET/PREFIX")
@click.option(
    "--site", required=True, type=FOLDER, help="Folder that `atlas site` wrote, with the schema and the downloads."
)
@click.option("--static", type=FOLDER, help="Folder that `atlas static` wrote; published below stac/.")
@click.option("--keep-days", type=click.FloatRange(0), default=7, show_default=True, help="How long old files stay.")
@json_option
def command(target: str, site: Path, static: Path | None, keep_days: float, as_json: bool) -> None:
    """Publish a built site to a folder or a bucket.

    Only changed files are sent: new files first and the pages that link to them last, so that readers never see a mix
    of versions.

    In a bucket each object gets its media type, `Cache-Control` and, where that helps, gzip. Credentials and endpoint
    come from the environment variables of AWS's and Google's programs (AWS_ACCESS_KEY_ID, AWS_ENDPOINT_URL, ...).
    Files that this command did not write are neither replaced nor removed. If it is interrupted, run it again.
    """
    report = publish(open_target(target), site, static, keep_days=keep_days)
    text = (
        f"{target}: {report.files:,} files, {report.sent:,} sent ({report.bytes:,} bytes), "
        f"{report.unchanged:,} unchanged, {report.removed:,} removed, {report.kept:,} old ones kept"
    )
    print_either(dataclasses.asdict(report), text, as_json=as_json)
