"""Options shared by the commands that read vectors, and how their results are written."""

import contextlib
import inspect
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from atlas.commands._answers import BOX, Years, YearsType, numbers_of
from atlas.commands._items import ITEMS, items_from
from atlas.commands._options import NEW_FILE
from atlas.errors import QuestionError

if TYPE_CHECKING:
    import geopandas as gpd
    import pyarrow as pa
    import xarray as xr


__all__ = [
    "box_of",
    "cube_options",
    "in_degrees",
    "issues_as_notes",
    "item_ids",
    "opened",
    "opened_cube",
    "out_option",
    "places_from",
    "reading_options",
    "years_of",
]

F = TypeVar("F", bound=Callable[..., Any])


def reading_options(command: F) -> F:
    """`--asset`, `--accept-licences`, `--requester-pays`, `--skip-missing`."""
    told = "Leave out Items whose file cannot be read, and name them; an error where none can be read."
    licences = "Combine products although their licences may conflict: you have read them."
    for decorate in (
        click.option("--skip-missing", is_flag=True, help=told),
        click.option("--requester-pays", is_flag=True, help="Read also from hosts that charge you for the transfer."),
        click.option("--accept-licences", is_flag=True, help=licences),
        click.option("--asset", "key", help="Key of the asset, where Items have several assets with vectors."),
    ):
        command = decorate(command)
    return command


def cube_options(command: F) -> F:
    """The argument `ITEMS`, `--bbox`, `--year`, `--crs`, `--resolution`, `--snap` and the reading options."""
    for decorate in (
        reading_options,
        click.option("--snap", is_flag=True, help="Shift tiles by less than half a pixel to align them on one grid."),
        click.option("--resolution", type=float, help="Size of a pixel in the units of --crs."),
        click.option("--crs", help="One CRS for all tiles, such as EPSG:32631."),
        click.option("--year", "years", type=YearsType(), help="Read only this year, or a range: first/last."),
        click.option("--bbox", help="A box: WEST,SOUTH,EAST,NORTH; west may be greater than east."),
        click.argument("items"),
    ):
        command = decorate(command)
    command.__doc__ = f"{inspect.cleandoc(command.__doc__ or '')}\n\n{ITEMS}"
    return command


def out_option(ending: str) -> Callable[[F], F]:
    """`--out`."""
    return click.option(
        "--out",
        type=NEW_FILE,
        required=True,
        callback=None if ending.startswith("PNG") else _own_ending,
        help=f"File to write ({ending}); .png, .json and, for maps, .qml (a style for QGIS) are written beside it.",
    )


def _own_ending(_context: click.Context, _parameter: click.Parameter, out: Path) -> Path:
    if out.suffix in {".png", ".json", ".qml"}:
        msg = f"{out.name}: a {out.suffix} is written beside the result: name a .tif, or a .parquet for patches"
        raise click.BadParameter(msg)
    return out


def box_of(text: str | None) -> tuple[float, ...] | None:
    """West, south, east, north.

    Raises:
        QuestionError: it is not a box.
    """
    return None if text is None else numbers_of("--bbox", text, BOX)


def years_of(years: Years | None) -> range | None:
    """The years of the option."""
    return None if years is None else range(years[0], years[1] + 1)


def opened(
    items: object,
    bbox: str | None,
    years: Years | None,
    *,
    skip_missing: bool,
    **how: Any,  # noqa: ANN401 - as `atlas.open` takes them
) -> "xr.DataArray | pa.Table":
    """The array or table of `atlas.open`, from the values of `cube_options`.

    Raises:
        QuestionError: the pixels lie in several CRS, and --crs is not given.
    """
    import xarray as xr

    from atlas.read.opening import open_vectors

    box = box_of(bbox)
    with issues_as_notes():
        found = open_vectors(
            items_from(items, box),
            bbox=box,
            years=years_of(years),
            missing="skip" if skip_missing else "raise",
            **how,
        )
    if isinstance(found, xr.DataTree):
        msg = f"the tiles lie in {', '.join(found.children)}: choose one CRS for all with --crs, or a smaller --bbox"
        raise QuestionError(msg)
    return found


@contextlib.contextmanager
def issues_as_notes() -> Iterator[None]:
    """Print known issues of the opened products, and what is left out, on standard error."""
    from atlas.read.issues import KnownIssueWarning
    from atlas.read.left_out import LeftOutWarning

    with warnings.catch_warnings(record=True) as seen:
        for category in (KnownIssueWarning, LeftOutWarning):
            warnings.filterwarnings("always", category=category)
        yield
    for one in seen:
        if issubclass(one.category, KnownIssueWarning | LeftOutWarning):
            click.echo(f"atlas: {one.message}", err=True)
        else:
            warnings.warn_explicit(one.message, one.category, one.filename, one.lineno)


def opened_cube(options: dict[str, Any]) -> "xr.DataArray":
    """The cube of Items of pixels.

    Raises:
        QuestionError: the Items hold patches.
    """
    import xarray as xr

    found = opened(**options)
    if not isinstance(found, xr.DataArray):
        raise QuestionError("these Items hold patches, but this command makes maps of pixels")
    return found


def item_ids(options: dict[str, Any]) -> list[str]:
    """Ids of the Items that were read, for the description of a result."""
    from atlas.read.opening import specs_of

    box = box_of(options["bbox"])
    found, _ = specs_of(
        items_from(options["items"], box),
        box,
        years_of(options["years"]),
        options["key"],
        accept_licences=options["accept_licences"],
        requester_pays=options["requester_pays"],
    )
    return [str(item.get("id")) for item, _ in found]


def places_from(at: tuple[str, ...], files: tuple[Path, ...], option: str) -> Any:  # noqa: ANN401 - a frame, or nothing
    """Places of LON,LAT options and of files, as one frame in degrees; None where there are none.

    Raises:
        QuestionError: one is not a place.
    """
    import geopandas as gpd
    import pandas as pd
    import shapely

    parts = [in_degrees(file) for file in files]
    points = [shapely.Point(numbers_of(option, text, "LON,LAT")) for text in at]
    if points:
        parts.append(gpd.GeoDataFrame(geometry=gpd.GeoSeries(points, crs="OGC:CRS84")))
    return pd.concat(parts, ignore_index=True) if parts else None


def in_degrees(file: Path) -> "gpd.GeoDataFrame":
    """Places of a file in longitude and latitude."""
    import geopandas as gpd

    from atlas.read.points import places_file

    found = places_file(file)
    if found.crs is None:
        raise QuestionError(f"{file}: does not state the CRS of its places")
    return gpd.GeoDataFrame(geometry=found.geometry.to_crs("OGC:CRS84").array)
