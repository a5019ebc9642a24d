"""Classification from labelled points, validated on held-out blocks of ground."""

from dataclasses import dataclass, fields
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from atlas.errors import RestoreError
from atlas.read.identity import Identity
from atlas.read.points import Places, places_of
from atlas.uses.areas import Areas, estimated, patch_areas, pixel_areas
from atlas.uses.blocks import MISSING, Vectors, checked, classes_of, each_pixel
from atlas.uses.judging import Judged, Model, confusion_of, judged
from atlas.uses.similarity import vectors_at_points

if TYPE_CHECKING:
    import geopandas as gpd
    import pyarrow as pa
    import xarray as xr

__all__ = ["Classified", "classify", "classify_rows"]


@dataclass(frozen=True)
class Classified(Judged):
    """A map, or a table, of classes, and the classifier that made it.

    Attributes:
        map: shape (time, y, x) uint8, the index of the class in `classes`, 255 where there is no vector; for patches
            the table with a column `class` (null where there is no vector).
        block_size: side of a block in metres.
        areas: by the stratified estimator, square metres, of the last time step; None where there are none.
        areas_why_not: why there are no areas; empty where there are.
        probability_sample: whether the areas rest on a probability sample (`check`).
        identity: of the vectors.
    """

    map: Any
    block_size: float
    areas: Areas | None
    areas_why_not: str
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
            kinds = ("mapped", "estimated", "low", "high")
            found["areas_m2"] = {
                name: {kind: float(getattr(self.areas, kind)[k]) for kind in kinds}
                for k, name in enumerate(self.classes)
            }
            found["areas_rest_on"] = (
                "a probability sample" if self.probability_sample else "the labelled points: indicative only"
            )
        else:
            found["areas_why_not"] = self.areas_why_not
        return found


def classify(
    cube: "xr.DataArray",
    points: Places,
    label: str,
    *,
    model: Model = "logistic",
    block_size: float = 1000.0,
    check: Places = None,
    year: int | None = None,
    seed: int = 0,
) -> Classified:
    """Classify every pixel of a cube from labelled points.

    Accuracy is measured by spatial cross-validation on held-out blocks of ground (GroupKFold): nearby points have
    nearly the same vectors, so a model trained on one knows the others. Blocks should be larger than the ground that
    the embedding model saw for one vector, and than clusters of labels.

    Args:
        cube: of `atlas.open`.
        points: labelled points, a frame in any CRS or the path of a file.
        label: the column of classes.
        model: `logistic` regression, a random `forest`, or nearest `neighbours`.
        block_size: side of a block in metres.
        check: points that were drawn at random within the classes of the map, with their true class in the same
            column; areas and their uncertainty then rest on them.
        year: which time step the labels describe; by default the last.
        seed: of random choices.

    Raises:
        RestoreError: there are fewer than two classes or blocks, or no point has a vector.
    """
    identity = checked(cube)
    frame, vectors, columns = _labelled(cube, points, label, year)
    fit = judged(frame[label].to_numpy(), vectors, columns, label=label, model=model, block_size=block_size, seed=seed)
    mapped = each_pixel(cube, partial(classes_of, fit.model.predict), np.uint8, "class")
    done = identity.done(fit.step)
    mapped.attrs = done.attributes()
    counts = fit.confusion
    if check is not None:
        other, seen, _ = _labelled(cube, check, label, year)
        counts = _checked_counts(fit, other[label], seen)
    areas = estimated(pixel_areas(mapped, len(fit.classes)), counts)
    return _classified(fit, mapped, block_size, areas, done, checked=check is not None)


def classify_rows(
    table: "pa.Table",
    points: Places,
    label: str,
    *,
    model: Model = "logistic",
    block_size: float = 10_000.0,
    check: Places = None,
    year: int | None = None,
    seed: int = 0,
) -> Classified:
    """Classify every patch of a table from labelled points; see `classify`.

    A point labels the patches whose footprints hold it. The area of a class is that of its footprints; where they
    overlap or are points, no areas are given.

    Args:
        table: of `atlas.open`.
        points: as for `classify`.
        label: likewise.
        model: likewise.
        block_size: side of a block in metres; larger than a patch.
        check: as for `classify`.
        year: which step of time the labels describe; by default the last.
        seed: of random choices.

    Raises:
        RestoreError: there are fewer than two classes or blocks, or no patch with a vector holds a point.
    """
    import pyarrow as pa
    import shapely

    from atlas.read.patches import labelled, matrix, table_identity

    identity, vectors = table_identity(table), matrix(table)
    ground = shapely.from_wkb(table.column("geometry").to_numpy())
    frame, seen, places = _on_patches(table, ground, vectors, points, label, year)
    fit = judged(frame[label].to_numpy(), seen, places, label=label, model=model, block_size=block_size, seed=seed)
    found = classes_of(fit.model.predict, vectors)
    done = identity.done(fit.step)
    column = pa.DictionaryArray.from_arrays(pa.array(found, mask=found == MISSING), pa.array(fit.classes))
    named = labelled(table.append_column("class", column.cast(pa.string())), done)
    counts = fit.confusion
    if check is not None:
        other, seen, _ = _on_patches(table, ground, vectors, check, label, year)
        counts = _checked_counts(fit, other[label], seen)
    last = _of_year(table, None)
    mapped = patch_areas(ground[last], found[last], len(fit.classes))
    areas = (None, mapped) if isinstance(mapped, str) else estimated(mapped, counts)
    return _classified(fit, named, block_size, areas, done, checked=check is not None)


def _classified(
    fit: Judged, made: object, block_size: float, areas: tuple[Areas | None, str], identity: Identity, *, checked: bool
) -> Classified:
    judged = {one.name: getattr(fit, one.name) for one in fields(fit)}
    return Classified(
        **judged,
        map=made,
        block_size=block_size,
        areas=areas[0],
        areas_why_not=areas[1],
        probability_sample=checked,
        identity=identity,
    )


def _on_patches(
    table: "pa.Table", ground: npt.NDArray[Any], vectors: Vectors, points: Places, label: str, year: int | None
) -> "tuple[gpd.GeoDataFrame, Vectors, npt.NDArray[np.float64]]":
    """Pairs of a labelled point and a patch of a year that holds it and has a vector: the points, the vectors, and the
    points' coordinates in metres.
    """
    import shapely

    frame = _with_label(points, label)
    usable = np.flatnonzero(_of_year(table, year) & np.isfinite(vectors).all(axis=1))
    point, row = shapely.STRtree(ground[usable]).query(frame.geometry.to_numpy(), predicate="intersects")
    if not len(row):
        raise RestoreError("no labelled point lies on a patch with a vector")
    metres = frame.to_crs(frame.estimate_utm_crs()).geometry.iloc[point]
    return frame.iloc[point], vectors[usable[row]], np.column_stack([metres.x, metres.y])


def _of_year(table: "pa.Table", year: int | None) -> npt.NDArray[np.bool_]:
    """Which rows are of a year, or of the last time step; all where the table has no times."""
    every = np.ones(table.num_rows, np.bool_)
    if "time" not in table.column_names:
        return every
    times = table.column("time").to_numpy()
    known = times[~np.isnat(times)]
    if year is None:
        return times == known.max() if len(known) else every
    hit = np.asarray(times.astype("datetime64[Y]") == np.datetime64(f"{year:04d}", "Y"))
    if not hit.any():
        there = ", ".join(map(str, np.unique(known.astype("datetime64[Y]")))) or "none"
        raise RestoreError(f"the table has no year {year}; it has {there}")
    return hit


def _checked_counts(fit: Judged, labels: Any, seen: Vectors) -> npt.NDArray[np.int64]:  # noqa: ANN401 - a column
    """Confusion matrix of the checked points.

    Raises:
        RestoreError: one has a class that the labelled points do not have.
    """
    known = {n: k for k, n in enumerate(fit.classes)}
    actual = labels.astype(str).to_numpy()
    if strange := sorted(set(actual) - set(known)):
        raise RestoreError(f"the checked points have the class '{strange[0]}', which the labelled points do not have")
    return confusion_of(fit.model.predict(seen), np.array([known[a] for a in actual]), len(known))


def _with_label(points: Places, label: str) -> "gpd.GeoDataFrame":
    """The points that have a label."""
    frame = places_of(points)
    if label not in frame.columns:
        raise RestoreError(f"the points have no column '{label}'; they have {', '.join(map(str, frame.columns))}")
    kept = frame[frame[label].notna()]
    if kept[label].dtype.kind == "f":
        # Whole numbers with a gap are read as 1.0, 2.0; in a file without gaps they are 1, 2.
        kept = kept.assign(**{label: kept[label].convert_dtypes()})
    return kept


def _labelled(
    cube: "xr.DataArray", points: Places, label: str, year: int | None
) -> "tuple[gpd.GeoDataFrame, Vectors, npt.NDArray[np.float64]]":
    """Points that have a label and a vector, their vectors, and their coordinates in metres."""
    frame = _with_label(points, label)
    vectors, usable = vectors_at_points(cube, frame, year)
    frame = frame[usable]
    if not len(frame):
        raise RestoreError("no labelled point lies on a pixel with a vector")
    metres = frame.to_crs(frame.estimate_utm_crs())
    return frame, vectors[usable], np.column_stack([metres.geometry.x, metres.geometry.y])
