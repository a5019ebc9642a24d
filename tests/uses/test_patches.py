"""Patches: approximate search with exact reranking, and classes from labelled points."""

import json
import sys

import geopandas as gpd
import numpy as np
import pyarrow as pa
import pytest
import shapely
from pyproj import Geod

from atlas.errors import RestoreError
from atlas.read.identity import Identity, IdentityError
from atlas.read.patches import table_identity
from atlas.uses import (
    build_index,
    classify_rows,
    cluster,
    cluster_rows,
    open_index,
    reference_rows,
    similar_rows,
    stratified_areas,
)
from atlas.uses.similarity import Reference

DIMENSIONS, ROWS = 32, 4000
IDENTITY = Identity("a-space", DIMENSIONS, None, ("cosine",), ("p",), (), ("CC-BY-4.0",), ("A producer",))


def table_of(vectors, identity=IDENTITY, missing=()):
    boxes = [
        shapely.box(3 + 0.01 * (k % 80), 51 + 0.01 * (k // 80), 3.01 + 0.01 * (k % 80), 51.01 + 0.01 * (k // 80))
        for k in range(len(vectors))
    ]
    gone = np.zeros(len(vectors), bool)
    gone[list(missing)] = True
    column = pa.FixedSizeListArray.from_arrays(pa.array(vectors.ravel()), vectors.shape[1], mask=pa.array(gone))
    columns = {"geometry": shapely.to_wkb(boxes), "embedding": column, "row": np.arange(len(vectors))}
    return pa.table(columns).replace_schema_metadata(identity.metadata())


@pytest.fixture(scope="module")
def vectors():
    random = np.random.default_rng(0)
    flat = random.normal(size=(ROWS, 6)) @ random.normal(size=(6, DIMENSIONS))
    return (np.tanh(flat) + 0.05 * random.normal(size=flat.shape)).astype("float32")


@pytest.mark.parametrize("metric", ["cosine", "dot", "euclidean"])
def test_an_index_finds_what_every_row_compared_finds(vectors, tmp_path, metric):
    table = table_of(vectors, missing=[5])
    made = build_index(table, tmp_path / "i.faiss", metric=metric)
    assert made.facts["recall"] >= 0.95
    assert made.facts["probed"] < made.facts["lists"]  # or it would be no index
    assert json.loads((tmp_path / "i.faiss.json").read_text()) == made.facts
    index = open_index(tmp_path / "i.faiss", table)
    shares = []
    for row in range(0, ROWS, 400):
        to = Reference(vectors[row : row + 1], vectors[:0], IDENTITY)
        exact, found = (similar_rows(table, to, 50, metric=metric, index=i) for i in (None, index))
        shares.append(len(set(exact["row"].to_pylist()) & set(found["row"].to_pylist())) / 50)
        assert 5 not in found["row"].to_pylist()
        # the scores are those of the vectors, not of codes
        of = dict(zip(exact["row"].to_pylist(), exact["similarity"].to_pylist(), strict=True))
        both = [
            (s, of[r])
            for r, s in zip(found["row"].to_pylist(), found["similarity"].to_pylist(), strict=True)
            if r in of
        ]
        assert np.allclose(*zip(*both, strict=True), rtol=1e-5, atol=1e-5)
    assert np.mean(shares) >= 0.95
    assert "candidates of an index compared (recall" in table_identity(found).steps[0]


def test_an_index_of_something_else_is_refused(vectors, tmp_path, monkeypatch):
    table, path = table_of(vectors), tmp_path / "i.faiss"
    build_index(table, path)
    changed = vectors.copy()
    changed[7, 3] += 1
    with pytest.raises(RestoreError, match="the index is stale: it was made from other rows or vectors; rebuild it"):
        open_index(path, table_of(changed))
    other = Identity("b-space", DIMENSIONS)
    with pytest.raises(IdentityError, match="the index is of the space 'a-space', the table lies in 'b-space'"):
        open_index(path, table_of(vectors, other))
    with pytest.raises(RestoreError, match="no index with its facts beside it"):
        open_index(tmp_path / "none.faiss", table)
    path.write_bytes(b"broken")
    with pytest.raises(RestoreError, match="no index with its facts beside it"):
        open_index(path, table)
    index = build_index(table, path)
    to = Reference(vectors[:1], vectors[1:2], IDENTITY)
    assert similar_rows(table, to, 5, index=index).num_rows == 5
    with pytest.raises(RestoreError, match="the index is for cosine, dot is asked for"):
        similar_rows(table, to, 5, metric="dot", index=index)
    with pytest.raises(RestoreError, match=r"the index is of 4000 rows, the table has 100: rebuild it"):
        similar_rows(table.slice(0, 100), to, 5, index=index)
    with pytest.raises(RestoreError, match="100 vectors need no index: search without"):
        build_index(table.slice(0, 100), path)
    monkeypatch.setitem(sys.modules, "faiss", None)
    with pytest.raises(RestoreError, match=r"pip install 'earth-embedding-atlas\[index\]'"):
        open_index(path, table)


def test_a_slice_of_a_table_has_its_own_vectors(vectors, tmp_path):
    part = table_of(vectors).slice(1000, 2000)
    index = build_index(part, tmp_path / "i.faiss")
    to = Reference(vectors[1500:1501], vectors[:0], IDENTITY)
    assert similar_rows(part, to, 1, index=index)["row"].to_pylist() == [1500]


def test_patches_are_classified_from_points(vectors):
    from sklearn import linear_model, pipeline, preprocessing

    table = table_of(vectors, missing=[0, 1])
    random = np.random.default_rng(1)
    rows = random.permutation(ROWS)[:200]
    labels = np.where(vectors[rows, 0] > 0, "field", "wood")
    points = gpd.GeoDataFrame(
        {"cover": labels},
        geometry=gpd.points_from_xy(3.005 + 0.01 * (rows % 80), 51.005 + 0.01 * (rows // 80)),
        crs="OGC:CRS84",
    )
    found = classify_rows(table, points, "cover")
    used = [r for r in rows if r > 1]
    model = pipeline.make_pipeline(
        preprocessing.StandardScaler(), linear_model.LogisticRegression(max_iter=1000, random_state=0)
    )
    model.fit(vectors[used], np.where(vectors[used, 0] > 0, "field", "wood"))
    classes = found.map["class"].to_pylist()
    assert classes[:2] == [None, None]
    assert np.mean(np.array(classes[2:]) == model.predict(vectors[2:])) > 0.999
    assert found.accuracy > 0.9
    assert found.confusion.sum() == len(used)
    assert found.blocks > 5
    assert "accuracy by 5 folds of blocks of 10000 m" in table_identity(found.map).steps[0]
    assert found.as_json()["accuracy_by_blocks"] == found.accuracy
    with pytest.raises(RestoreError, match="no labelled point lies on a patch with a vector"):
        classify_rows(table, points.translate(20).to_frame("geometry").assign(cover="a"), "cover")


def labels_of(vectors, rows):
    return gpd.GeoDataFrame(
        {"cover": np.where(vectors[rows, 0] > 0, "field", "wood")},
        geometry=gpd.points_from_xy(3.005 + 0.01 * (rows % 80), 51.005 + 0.01 * (rows // 80)),
        crs="OGC:CRS84",
    )


def test_areas_of_patches_are_those_of_their_footprints(vectors):
    table = table_of(vectors)
    random = np.random.default_rng(2)
    points, check = (labels_of(vectors, random.permutation(ROWS)[:200]) for _ in range(2))
    found = classify_rows(table, points, "cover", check=check)
    ground = shapely.from_wkb(table.column("geometry").to_numpy())
    size = np.array([Geod(ellps="WGS84").geometry_area_perimeter(one)[0] for one in ground])
    classes = np.array(found.map["class"].to_pylist())
    mapped = np.array([size[classes == name].sum() for name in found.classes])
    assert np.allclose(found.areas.mapped, mapped)
    taken = found.model.predict(vectors[rows_of(check)])
    truth = np.unique(check.cover, return_inverse=True)[1]
    counts = np.zeros((2, 2))
    np.add.at(counts, (taken, truth), 1)
    expected = stratified_areas(counts, mapped)
    assert np.allclose(found.areas.estimated, expected.estimated)
    assert np.allclose(found.areas.error, expected.error)
    assert found.as_json()["areas_rest_on"] == "a probability sample"
    with pytest.raises(RestoreError, match="the checked points have the class 'lake', which the labelled points"):
        classify_rows(table, points, "cover", check=check.assign(cover="lake"))


def rows_of(points):
    return (np.rint((points.geometry.x - 3.005) * 100) + 80 * np.rint((points.geometry.y - 51.005) * 100)).astype(int)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda ground: shapely.buffer(ground, 0.005, cap_style="square"), "the footprints overlap"),
        (shapely.centroid, "points without footprints, so the table does not state their area"),
    ],
)
def test_patches_without_ground_of_their_own_have_no_areas(vectors, change, why):
    table = table_of(vectors)
    points = labels_of(vectors, np.random.default_rng(2).permutation(ROWS)[:100])
    ground = change(shapely.from_wkb(table.column("geometry").to_numpy()))
    at = table.column_names.index("geometry")
    if (shapely.get_type_id(ground) == 0).all():
        points.geometry = ground[rows_of(points)]
    table = table.set_column(at, "geometry", pa.array(shapely.to_wkb(ground)))
    found = classify_rows(table, points, "cover")
    assert found.areas is None
    assert why in found.as_json()["areas_why_not"]


def test_labels_describe_patches_of_one_year(vectors):
    half = ROWS // 2
    table = pa.concat_tables([table_of(vectors[:half]), table_of(-vectors[:half])]).append_column(
        "time", pa.array([np.datetime64("2022-01-01", "s")] * half + [np.datetime64("2023-01-01", "s")] * half)
    )
    points = labels_of(vectors, np.random.default_rng(2).permutation(half)[:200])
    for year, sign in ((2022, 1), (2023, -1), (None, -1)):
        found = classify_rows(table, points, "cover", year=year)
        rows = rows_of(points)
        assert found.confusion.sum() == len(rows)
        right = found.model.predict(sign * vectors[rows]) == np.unique(points.cover, return_inverse=True)[1]
        assert right.mean() > 0.95
    with pytest.raises(RestoreError, match="the table has no year 2020; it has 2022, 2023"):
        classify_rows(table, points, "cover", year=2020)


def test_patches_are_grouped_as_scikit_learn_does(vectors):
    from sklearn.cluster import MiniBatchKMeans

    table = table_of(vectors, missing=[5])
    found = cluster_rows(table, 4, seed=3)
    groups = found["cluster"].to_pylist()
    assert groups[5] is None
    units = np.delete(vectors, 5, axis=0)
    units /= np.linalg.norm(units, axis=1, keepdims=True)
    labels = MiniBatchKMeans(4, random_state=3, n_init=3).fit(units).predict(units)
    pairs = set(zip(np.delete(groups, 5), labels.tolist(), strict=True))
    assert len(pairs) == 4  # one name for the other
    assert np.diff(np.bincount(np.delete(groups, 5).astype(int))).max() <= 0  # the largest is 0
    assert "4 groups by mini-batch k-means, cosine (the producer's)" in table_identity(found).steps[0]
    with pytest.raises(RestoreError, match="this is a table of patches: similar_rows, cluster_rows and classify_rows"):
        cluster(table, 4)


@pytest.mark.parametrize(
    "like",
    [(3.015, 51.005), [(3.015, 51.005)], shapely.Point(3.015, 51.005), [shapely.Point(3.015, 51.005).buffer(1e-4)]],
    ids=["pair", "pairs", "point", "areas"],
)
def test_examples_are_given_in_many_ways(vectors, like):
    assert np.array_equal(reference_rows(table_of(vectors), like).positive, vectors[1:2])


def test_examples_are_the_patches_that_hold_them(vectors):
    table = table_of(vectors)
    to = reference_rows(table, gpd.GeoDataFrame(geometry=gpd.points_from_xy([3.015], [51.005]), crs="OGC:CRS84"))
    assert np.array_equal(to.positive, vectors[1:2])
