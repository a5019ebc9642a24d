"""`atlas check-links`: check whether the addresses in the records answer, and keep the results."""

import dataclasses
import sys
from collections import Counter
from pathlib import Path

import click

from atlas.commands._options import NEW_FILE, catalog_option, json_option, print_json
from atlas.errors import AtlasError
from atlas.settings import load_settings

__all__ = ["command"]

_FAULTS = {"fails", "missing"}


@click.command("check-links")
@click.argument("products", nargs=-1, metavar="[PRODUCT]...")
@click.option("--out", type=NEW_FILE, help="File of the results; by default links.json in the state folder.")
@catalog_option
@json_option
def command(products: tuple[str, ...], out: Path | None, catalog_path: Path | None, as_json: bool) -> None:
    """Check whether the addresses in the records answer.

    Checks the distributions and indexes of the given PRODUCTs, or of all.

    Sends one HEAD request to each address, a few per second and host, and only to hosts that the records name. Results
    are kept with their date in a file that `atlas site --links` shows; those of other products stay in it.

    Exit code 1: an address is missing or fails; 2: there is no such product. A redirect to a host that no record names
    is not followed.
    """
    from atlas.links.ask import ask_all
    from atlas.links.checks import LinkCheck, links_of, read_checks, write_checks
    from atlas.records import load_catalog
    from atlas.records.names import no_product

    settings = load_settings()
    path = out or settings.state_dir / "links.json"
    catalog = load_catalog(catalog_path)
    if unknown := [name for name in products if name not in catalog.products]:
        raise click.UsageError(no_product(catalog.products, unknown[0]))
    chosen = [catalog.products[name] for name in products] if products else list(catalog.products.values())
    try:
        before = read_checks(path) if path.exists() else []
    except AtlasError as error:
        raise click.UsageError(f"{error}: move it away, or name another file with --out") from error

    def say(check: LinkCheck) -> None:
        status = f" {check.status}" if check.status else ""
        click.echo(f"{check.outcome:15}{status:4} {check.product}: {check.href} {check.detail}".rstrip(), err=True)

    found = ask_all(chosen, settings, before=before, progress=say)
    # Results of products that were not asked stay, as long as their records still give the address.
    asked = {product.id for product in chosen}
    known = set(links_of(catalog.products.values()))
    kept = [check for check in before if check.product not in asked and check.link in known]
    write_checks(path, [*found, *kept])
    if as_json:
        print_json([dataclasses.asdict(check) for check in found])
    else:
        counts = Counter(check.outcome for check in found)
        click.echo(f"{len(found)} addresses: {', '.join(f'{n} {o}' for o, n in counts.most_common())}; kept in {path}")
    if any(check.outcome in _FAULTS for check in found):
        sys.exit(1)
