"""The most similar patches of a table: by comparing every row, or the candidates of an index."""

from typing import TYPE_CHECKING

import numpy as np

from atlas.errors import RestoreError
from atlas.read.patches import VECTORS, labelled, matrices, matrix, table_identity
from atlas.read.points import Places
from atlas.uses.blocks import metric_of
from atlas.uses.similarity import Reference, areas_of, scores

if TYPE_CHECKING:
    import pyarrow as pa

    from atlas.uses.index import PatchIndex

__all__ = ["reference_rows", "similar_rows"]


def similar_rows(
    table: "pa.Table",
    to: Reference,
    count: int = 100,
    *,
    metric: str | None = None,
    index: "PatchIndex | None" = None,
    accept_licences: bool = False,
) -> "pa.Table":
    """The rows of a table that are most similar to a reference.

    Args:
        table: of `atlas.open`.
        to: a reference of the same space.
        count: how many rows.
        metric: as for `similar`.
        index: of this table (`open_index`): only the rows that it names are compared, exactly; without an index every
            row is.
        accept_licences: see `atlas.open`.

    Returns:
        The rows, the most similar first, with `similarity` and `rank`.

    Raises:
        SpaceMismatch: the reference lies in another space.
        IdentityError: the table does not state its identity, or licences are not compatible.
        RestoreError: the index is of another table or metric.
    """
    import pyarrow as pa

    identity = table_identity(table).with_others([to.identity], accept_licences=accept_licences)
    name, why = metric_of(identity, metric)
    query = to.query(name)
    if index is None:
        rows, how = np.arange(table.num_rows), "every row compared"
        found = np.concatenate([scores(part, metric=name, query=query) for part in matrices(table)])
    else:
        rows = index.candidates(table, query, count, name)
        found = scores(matrix(table.select([VECTORS]).take(pa.array(rows))), metric=name, query=query)
        how = f"{len(rows)} candidates of an index compared (recall {index.facts['recall']:.3f} at {index.facts['of']})"
    usable = np.flatnonzero(np.isfinite(found))
    count = min(count, len(usable))
    best = usable[np.argpartition(-found[usable], count - 1)[:count]] if count else usable[:0]
    best = best[np.argsort(-found[best], kind="stable")]
    picked = table.take(pa.array(rows[best]))
    picked = picked.append_column("similarity", pa.array(found[best], pa.float32()))
    picked = picked.append_column("rank", pa.array(np.arange(1, count + 1), pa.int64()))
    step = f"the {count} most similar of {table.num_rows} rows, {name} ({why}), {how}"
    return labelled(picked, identity.done(step))


def reference_rows(table: "pa.Table", like: Places, unlike: Places = None) -> Reference:
    """Vectors of the rows whose footprints meet places; see `reference`.

    Raises:
        RestoreError: no row with a vector meets them.
    """
    import shapely

    ground = shapely.from_wkb(table.column("geometry").to_numpy())
    vectors = matrix(table)
    found = []
    for places in (like, unlike):
        hit = np.zeros(len(ground), np.bool_)
        for place in areas_of(places).to_crs("OGC:CRS84") if places is not None else ():
            hit |= shapely.intersects(ground, place)
        found.append(vectors[hit & np.isfinite(vectors).all(axis=1)])
    if not len(found[0]):
        raise RestoreError("no patch with a vector lies at the examples")
    return Reference(found[0], found[1], table_identity(table))
