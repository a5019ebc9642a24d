"""`atlas sample`: the vectors at points."""

from pathlib import Path

import click

from atlas.commands._answers import Years, year_option
from atlas.commands._options import FILE, NEW_FILE, counted
from atlas.commands._vectors import in_degrees, issues_as_notes, reading_options, years_of

__all__ = ["command"]


@click.command("sample")
@click.argument("points", type=FILE)
@click.argument("items")
@year_option
@reading_options
@click.option("--out", type=NEW_FILE, required=True, help="GeoParquet file; .png and .json go beside it.")
def command(
    points: Path,
    items: str,
    years: Years | None,
    key: str | None,
    accept_licences: bool,
    requester_pays: bool,
    skip_missing: bool,
    out: Path,
) -> None:
    """Sample the vectors of ITEMS at points.

    POINTS is a file (GeoJSON, GeoPackage, ...); the result has one row for each point and year. ITEMS is the id of a
    crawled product, or a file, folder or address of Items.
    """
    import json

    from atlas.commands._items import items_from, product_named
    from atlas.read.frames import write_frame
    from atlas.read.identity import identity_of
    from atlas.read.points import sample_points
    from atlas.uses.files import beside, write_story
    from atlas.uses.places import draw_presence

    box = tuple(in_degrees(points).total_bounds) if product_named(items) is not None else None
    with issues_as_notes():
        found = sample_points(
            items_from(items, box),
            points,
            years=years_of(years),
            key=key,
            accept_licences=accept_licences,
            requester_pays=requester_pays,
            missing="skip" if skip_missing else "raise",
        )
    out.parent.mkdir(parents=True, exist_ok=True)
    identity = identity_of(found)
    last = found[found["time"] == found["time"].max()]
    ground = last.geometry.to_crs("OGC:CRS84").to_numpy()
    how = draw_presence(ground, last["valid"].to_numpy(), found.attrs, beside(out, ".png"), "points")
    found.attrs = {k: json.dumps(v) if not isinstance(v, str) else v for k, v in found.attrs.items()}
    write_frame(found, out, identity.dimensions)
    parameters = {"points": points, "items": items, "years": years, "asset": key}
    names = sorted({str(i) for i in found["item"].dropna()})
    write_story(beside(out, ".json"), identity, "sample", parameters, items=names, picture=how)
    click.echo(
        f"{out}: {counted(len(found), 'row')}, {int(found['valid'].sum())} with a vector "
        f"(beside it: {out.stem}.png, {out.stem}.json)"
    )
