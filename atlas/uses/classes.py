"""Classification from labelled points, validated on held-out blocks of ground."""

from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from atlas.errors import RestoreError
from atlas.read.identity import Identity
from atlas.read.points import places_of
from atlas.uses.areas import Areas, stratified_areas
from atlas.uses.blocks import Vectors, checked, each_pixel
from atlas.uses.clusters import MISSING
from atlas.uses.judging import Model, confusion_of, judged, predicted
from atlas.uses.similarity import vectors_at_points

if TYPE_CHECKING:
    import geopandas as gpd
    import pyarrow as pa
    import xarray as xr

__all__ = ["Classified", "classify", "classify_rows"]


@dataclass(frozen=True)
class Classified:
    """A map, or a table, of classes and how far to trust it.

    Attributes:
        map: shape (time, y, x) uint8, the position of the class in `classes`, 255 where there is no vector; of patches
            the table with a column `class` (null where there is no vector).
        classes: their names.
        model: scikit-learn's, fitted to all points.
        confusion: shape (classes, classes): points by what they were taken for (row) and what they are (column), each
            judged by a model that saw no point of its block.
        accuracy: share of points that were classified correctly in held-out blocks.
        accuracy_random: the same with points held out at random; higher, as neighbours of a point tell its class.
        blocks: how many blocks hold points.
        block_size: side of a block in metres.
        areas: by the stratified estimator, square metres, of the last step of time; None where a class of the map has
            fewer than two points, and of patches, which may overlap.
        probability_sample: whether the areas rest on points that were given as such.
        identity: of the vectors.
    """

    map: Any
    classes: tuple[str, ...]
    model: Any = field(repr=False)
    confusion: npt.NDArray[np.int64]
    accuracy: float
    accuracy_random: float
    blocks: int
    block_size: float
    areas: Areas | None
    probability_sample: bool
    identity: Identity

    def as_json(self) -> dict[str, Any]:
        """The figures for programs."""
        found: dict[str, Any] = {
            "classes": list(self.classes),
            "confusion": self.confusion.tolist(),
            "accuracy_by_blocks": self.accuracy,
            "accuracy_by_random_folds": self.accuracy_random,
            "blocks": self.blocks,
            "block_size_m": self.block_size,
        }
        if self.areas is not None:
            found["areas_m2"] = {
                name: {
                    "mapped": float(self.areas.mapped[k]),
                    "estimated": float(self.areas.estimated[k]),
                    "low": float(self.areas.low[k]),
                    "high": float(self.areas.high[k]),
                }
                for k, name in enumerate(self.classes)
            }
            found["areas_rest_on"] = (
                "a probability sample" if self.probability_sample else "the labelled points: indicative only"
            )
        return found


def classify(
    cube: "xr.DataArray",
    points: Any,  # noqa: ANN401 - a frame, or a path
    label: str,
    *,
    model: Model = "logistic",
    block_size: float = 1000.0,
    check: Any = None,  # noqa: ANN401 - likewise
    year: int | None = None,
    seed: int = 0,
) -> Classified:
    """Classify every pixel of a cube from labelled points.

    Accuracy is measured by spatial cross-validation, on held-out blocks of ground (GroupKFold): points near each other
    have nearly the same vectors, and a model that saw one of them knows the others. Blocks should be larger than what
    the model of the embedding saw for one vector, and than the clusters of labels.

    Args:
        cube: of `atlas.open`.
        points: labelled points, a frame in any CRS or the path of a file.
        label: the column of classes.
        model: `logistic` regression, a random `forest`, or nearest `neighbours`.
        block_size: side of a block in metres.
        check: points that were drawn at random within the classes of the map, with their true class in the same
            column; areas and their uncertainty then rest on them.
        year: which step of time the labels describe; by default the last.
        seed: of random choices.

    Raises:
        RestoreError: there are fewer than two classes or blocks, or no point has a vector.
    """
    identity = checked(cube)
    frame, vectors, columns = _labelled(cube, points, label, year)
    fit = judged(frame[label].to_numpy(), vectors, columns, label=label, model=model, block_size=block_size, seed=seed)
    mapped = each_pixel(cube, partial(predicted, fit.model), np.uint8, "class")
    done = identity.done(fit.step)
    mapped.attrs = done.attributes()
    counts = fit.confusion
    if check is not None:
        other, seen, _ = _labelled(cube, check, label, year)
        known = {n: k for k, n in enumerate(fit.classes)}
        actual = other[label].astype(str).to_numpy()
        if strange := sorted(set(actual) - set(known)):
            msg = f"the checked points have the class '{strange[0]}', which the labelled points do not have"
            raise RestoreError(msg)
        counts = confusion_of(fit.model.predict(seen), np.array([known[a] for a in actual]), len(known))
    return Classified(
        mapped,
        fit.classes,
        fit.model,
        fit.confusion,
        fit.accuracy,
        fit.accuracy_random,
        fit.blocks,
        block_size,
        _areas(mapped, counts),
        check is not None,
        done,
    )


def classify_rows(
    table: "pa.Table",
    points: Any,  # noqa: ANN401 - a frame, or a path
    label: str,
    *,
    model: Model = "logistic",
    block_size: float = 10_000.0,
    seed: int = 0,
) -> Classified:
    """Classify every patch of a table from labelled points; see `classify`.

    A point labels the patches whose footprints hold it.

    Args:
        table: of `atlas.open`.
        points: as for `classify`.
        label: likewise.
        model: likewise.
        block_size: side of a block in metres; larger than a patch.
        seed: of random choices.

    Raises:
        RestoreError: there are fewer than two classes or blocks, or no patch with a vector holds a point.
    """
    import pyarrow as pa
    import shapely

    from atlas.read.patches import labelled, matrix, table_identity

    identity, vectors = table_identity(table), matrix(table)
    frame = _with_label(points, label)
    ground = shapely.from_wkb(table.column("geometry").to_numpy())
    point, row = shapely.STRtree(ground).query(frame.geometry.to_numpy(), predicate="intersects")
    there = np.isfinite(vectors[row]).all(axis=1)
    point, row = point[there], row[there]
    if not len(row):
        msg = "no labelled point lies on a patch with a vector"
        raise RestoreError(msg)
    metres = frame.to_crs(frame.estimate_utm_crs()).geometry.iloc[point]
    fit = judged(
        frame[label].to_numpy()[point],
        vectors[row],
        np.column_stack([metres.x, metres.y]),
        label=label,
        model=model,
        block_size=block_size,
        seed=seed,
    )
    found = predicted(fit.model, vectors)
    done = identity.done(fit.step)
    column = pa.DictionaryArray.from_arrays(pa.array(found, mask=found == MISSING), pa.array(fit.classes))
    named = labelled(table.append_column("class", column.cast(pa.string())), done)
    figures = (fit.confusion, fit.accuracy, fit.accuracy_random, fit.blocks, block_size)
    return Classified(named, fit.classes, fit.model, *figures, None, False, done)


def _with_label(points: Any, label: str) -> "gpd.GeoDataFrame":  # noqa: ANN401 - a frame, or a path
    """The points that have a label."""
    frame = places_of(points)
    if label not in frame.columns:
        msg = f"the points have no column '{label}'; they have {', '.join(map(str, frame.columns))}"
        raise RestoreError(msg)
    return frame[frame[label].notna()]


def _labelled(
    cube: "xr.DataArray",
    points: Any,  # noqa: ANN401 - a frame, or a path
    label: str,
    year: int | None,
) -> "tuple[gpd.GeoDataFrame, Vectors, npt.NDArray[np.float64]]":
    """Points that have a label and a vector, their vectors, and where they lie in metres."""
    frame = _with_label(points, label)
    vectors, usable = vectors_at_points(cube, frame, year)
    frame = frame[usable]
    if not len(frame):
        msg = "no labelled point lies on a pixel with a vector"
        raise RestoreError(msg)
    metres = frame.to_crs(frame.estimate_utm_crs())
    return frame, vectors[usable], np.column_stack([metres.geometry.x, metres.geometry.y])


def _areas(mapped: "xr.DataArray", counts: npt.NDArray[np.int64]) -> Areas | None:
    """Of the last step of time; None where the sample is too thin."""
    last = mapped.isel(time=-1) if "time" in mapped.dims else mapped
    of = np.zeros(len(counts))
    values = last.transpose("y", "x").data
    size = _pixel_area(mapped)
    edges = np.cumsum([0, *(last.transpose("y", "x").chunks or ((last.sizes["y"],),))[0]])
    for top, bottom in pairwise(edges):
        part = np.asarray(values[top:bottom])
        for k in range(len(counts)):
            of[k] += float(((part == k).sum(axis=1) * size[top:bottom]).sum())
    try:
        return stratified_areas(counts, of)
    except RestoreError:
        return None


def _pixel_area(mapped: "xr.DataArray") -> npt.NDArray[np.float64]:
    """Square metres of the pixels of each row."""
    box = mapped.odc.geobox
    wide, high = abs(box.resolution.x), abs(box.resolution.y)
    if not box.crs.geographic:
        unit = 1.0 if box.crs.units[0] in {"metre", "m", "meter"} else 0.3048
        return np.full(box.height, wide * high * unit**2)
    from pyproj import Geod

    middles = mapped.y.values
    geod = Geod(ellps="WGS84")
    found = [
        abs(
            geod.polygon_area_perimeter([0, wide, wide, 0], [y - high / 2, y - high / 2, y + high / 2, y + high / 2])[0]
        )
        for y in middles
    ]
    return np.array(found)
