"""The four uses agree with plain NumPy or scikit-learn on a small cube."""

import json

import dask.array as da
import geopandas as gpd
import numpy as np
import pyarrow as pa
import pytest
import shapely
import xarray as xr
from odc.geo.geobox import GeoBox
from odc.geo.xr import xr_coords
from pyproj import Transformer
from rasterio import Affine

from atlas.errors import RestoreError
from atlas.read.compare import SpaceMismatch
from atlas.read.identity import SPACE, Identity, IdentityError, identity_of
from atlas.uses import change, classify, cluster, reference, similar, similar_rows, stratified_areas
from atlas.uses.similarity import Reference
from tests.read import shapes

CRS, SIZE, DIMENSIONS = "EPSG:32631", 40, 8
IDENTITY = Identity("a-space", DIMENSIONS, "unit", ("cosine",), ("p",), (), ("CC-BY-4.0",), ("A producer",))
DEGREES = Transformer.from_crs(CRS, "OGC:CRS84", always_xy=True)


def cube_of(values, years=(2020, 2021), identity=IDENTITY, **attrs):
    box = GeoBox(values.shape[2:], Affine(100, 0, 500000, 0, -100, 5700000), CRS)
    coords = {
        **xr_coords(box),
        "time": np.array([f"{y}-01-01" for y in years], "datetime64[s]"),
        SPACE: ("time", [identity.space] * len(years)),
    }
    chunked = da.from_array(values, chunks=(1, values.shape[1], 16, 16))
    return xr.DataArray(chunked, dims=("time", "dim", "y", "x"), coords=coords, attrs=identity.attributes() | attrs)


def unit(values, axis):
    return values / np.linalg.norm(values, axis=axis, keepdims=True)


@pytest.fixture(scope="module")
def values():
    """Four quadrants, each near its own direction; one corner is missing, one square changes."""
    random = np.random.default_rng(0)
    middles = unit(random.normal(size=(4, DIMENSIONS)), 1)
    which = (np.arange(SIZE)[:, None] >= SIZE // 2) * 2 + (np.arange(SIZE)[None] >= SIZE // 2)
    found = middles[which][None] + 0.05 * random.normal(size=(2, SIZE, SIZE, DIMENSIONS))
    found[1, 5:10, 5:10] = middles[3] + 0.05 * random.normal(size=(5, 5, DIMENSIONS))
    found = np.moveaxis(unit(found, -1), -1, 1).astype("float32")
    found[:, :, :2, :2] = np.nan
    return found


def place(row, column):
    return DEGREES.transform(500000 + 100 * column + 50, 5700000 - 100 * row - 50)


# -- similarity ----------------------------------------------------------------------------------------------------


def test_similarity_to_examples_and_counter_examples(values):
    cube = cube_of(values)
    to = reference(cube, [place(20, 30), place(22, 33)], [place(30, 5)], year=2020)
    score = similar(cube, to)
    assert score.dims == ("time", "y", "x")
    assert score.chunks is not None
    v = values.astype("float64")
    liked = unit((v[0, :, 20, 30] + v[0, :, 22, 33]) / 2, 0)
    expected = np.einsum("d,tdyx->tyx", liked - v[0, :, 30, 5], v)
    assert np.allclose(score.values, expected, atol=1e-6, equal_nan=True)
    assert identity_of(score).attribution == ("A producer",)
    assert "similarity to 2 examples and 1 counter-examples, cosine (the producer's)" in identity_of(score).steps[0]


@pytest.mark.parametrize("metric", ["dot", "euclidean"])
def test_other_metrics_are_followed(values, metric):
    cube = cube_of(values * 3)
    to = reference(cube, place(20, 30))
    q = 3 * values[1, :, 20, 30]
    v = 3 * values
    expected = np.einsum("d,tdyx->tyx", q, v) if metric == "dot" else -np.linalg.norm(v - q[:, None, None], axis=1)
    assert np.allclose(similar(cube, to, metric=metric).values, expected, atol=1e-4, equal_nan=True)
    with pytest.raises(RestoreError, match="there is no metric 'hamming'; there are cosine, dot, euclidean"):
        similar(cube, to, metric="hamming")


def test_a_polygon_stands_for_the_pixels_whose_middles_it_holds(values):
    corners = [place(24.6, 24.6), place(24.6, 26.4), place(26.4, 26.4), place(26.4, 24.6)]
    to = reference(cube_of(values), shapely.Polygon(corners), year=2020)
    assert len(to.positive) == 4
    assert {v.tobytes() for v in to.positive} == {values[0, :, r, c].tobytes() for r in (25, 26) for c in (25, 26)}


@pytest.mark.parametrize(
    ("where", "message"),
    [([(9.0, 9.0)], "lies outside the cube"), ([place(0, 0)], "their pixels are missing")],
)
def test_a_place_without_a_vector_is_no_reference(values, where, message):
    with pytest.raises(RestoreError, match=message):
        reference(cube_of(values), where)


def test_vectors_of_another_space_or_of_none_are_refused(values):
    cube = cube_of(values)
    to = reference(cube, place(20, 30))
    other = Reference(to.positive, to.negative, Identity("b-space", DIMENSIONS, "unit"))
    with pytest.raises(SpaceMismatch, match=r"\('a-space' and 'b-space'\) must not be compared"):
        similar(cube, other)
    with pytest.raises(IdentityError, match="'emb:normalization' unit and none are not compared"):
        similar(cube, Reference(to.positive, to.negative, Identity("a-space", DIMENSIONS, "none")))
    with pytest.raises(IdentityError, match="do not say which vectors they are"):
        similar(cube.drop_attrs(), to)
    mixed = cube.assign_coords({SPACE: ("time", ["a-space", "b-space"])})
    with pytest.raises(SpaceMismatch):
        cluster(mixed, 3)


def test_a_part_of_a_vector_is_refused_unless_the_space_allows_it(values):
    part = cube_of(values).isel(dim=slice(0, 4))
    with pytest.raises(RestoreError, match=r"4 of the 8 numbers of a vector: .* a part of a vector means nothing"):
        cluster(part, 3)
    nested = Identity("a-space", DIMENSIONS, "unit", ("cosine",), prefixes=(4,))
    assert cluster(cube_of(values, identity=nested).isel(dim=slice(0, 4)), 3).dims == ("time", "y", "x")


def test_the_most_alike_rows_are_exactly_those():
    random = np.random.default_rng(1)
    vectors = random.normal(size=(500, DIMENSIONS)).astype("float32")
    table = pa.table(
        {"embedding": pa.FixedSizeListArray.from_arrays(vectors.ravel(), DIMENSIONS), "row": np.arange(500)}
    ).replace_schema_metadata({k: str(v) for k, v in IDENTITY.attributes().items()})
    to = Reference(vectors[7:8], vectors[:0], IDENTITY)
    found = similar_rows(table, to, 10)
    scores = unit(vectors.astype("float64"), 1) @ unit(vectors[7].astype("float64"), 0)
    assert found.column("row").to_pylist() == np.argsort(-scores)[:10].tolist()
    assert found.column("similarity").to_numpy() == pytest.approx(np.sort(scores)[::-1][:10], abs=1e-6)
    assert found.column("rank").to_pylist() == list(range(1, 11))
    assert json.loads(found.schema.metadata[b"emb_identity"])["space"] == "a-space"
    with pytest.raises(IdentityError):
        similar_rows(table.replace_schema_metadata(None), to)
    assert similar_rows(table, to, 1000).num_rows == 500


# -- change --------------------------------------------------------------------------------------------------------


def test_what_changed_stands_out_of_what_varies(values):
    found = change(cube_of(values), 2020, 2021)
    v = values.astype("float64")
    expected = 1 - (v[0] * v[1]).sum(axis=0)
    assert np.allclose(found["distance"], expected, atol=1e-6, equal_nan=True)
    assert (found["changed"][5:10, 5:10] == 1).all()
    assert (found["changed"][:2, :2] == 255).all()
    assert (found["changed"] == 1).mean() < 0.1
    assert "the cube has only two years" in identity_of(found).steps[0]


def test_with_more_years_the_noise_is_a_pixels_own(values):
    random = np.random.default_rng(3)
    more = np.concatenate([values, values[1:] + 0.01 * random.normal(size=values[1:].shape).astype("float32")])
    more = np.concatenate([more, more[2:]])
    found = change(cube_of(more, (2020, 2021, 2022, 2023)), 2020, 2021)
    pairs = [unit(more[a].astype("float64"), 0) for a in range(4)]
    apart = [((pairs[a] - pairs[a + 1]) ** 2).sum(axis=0) / 2 for a in (1, 2)]
    assert np.allclose(found["noise"], np.median(apart, axis=0), atol=1e-6, equal_nan=True)
    with pytest.raises(RestoreError, match="the cube has the year 2019 0 times; it has 2020"):
        change(cube_of(more, (2020, 2021, 2022, 2023)), 2019, 2021)
    with pytest.raises(RestoreError, match="a change needs two different years, not 2020 twice"):
        change(cube_of(more, (2020, 2021, 2022, 2023)), 2020, 2020)


def test_a_small_distance_is_not_lost():
    one = unit(np.ones((1, 1, DIMENSIONS, 2, 2)), 2)[0].astype("float32")
    other = one.copy()
    other[:, 0] += np.float32(1e-4)
    found = change(cube_of(np.concatenate([one, other])), 2020, 2021)["distance"].values
    exact = [unit(v[0].astype("float64"), 0) for v in (one, other)]
    assert found == pytest.approx(((exact[0] - exact[1]) ** 2).sum(axis=0) / 2, rel=0.01)
    assert (found > 0).all()


# -- clusters ------------------------------------------------------------------------------------------------------


def test_groups_are_those_of_scikit_learn(values):
    from sklearn.cluster import MiniBatchKMeans

    found = cluster(cube_of(values), 4)
    flat = np.moveaxis(values, 1, -1).reshape(-1, DIMENSIONS)
    there = np.isfinite(flat).all(axis=1)
    # the chunks' order is that of the sample
    order = [
        np.moveaxis(values[t, :, y : y + 16, x : x + 16], 0, -1).reshape(-1, DIMENSIONS)
        for t in (0, 1)
        for y in (0, 16, 32)
        for x in (0, 16, 32)
    ]
    sample = np.concatenate(order)
    sample = sample[np.isfinite(sample).all(axis=1)]
    model = MiniBatchKMeans(4, random_state=0, n_init=3).fit(unit(sample, 1))
    expected = model.predict(unit(flat[there], 1))
    mine = found.values.ravel()
    assert (mine[~there] == 255).all()
    assert len(set(zip(mine[there].tolist(), expected.tolist(), strict=True))) == 4  # the same groups, renumbered
    assert np.bincount(mine[there]).tolist() == sorted(np.bincount(mine[there]), reverse=True)
    assert len({int(found[0, r, c]) for r in (5, 35) for c in (12, 35)}) == 4
    assert (cluster(cube_of(values), 4) == found).all()
    with pytest.raises(RestoreError, match="1 groups of"):
        cluster(cube_of(values), 1)


def test_groups_that_cannot_be_made_are_told(values):
    with pytest.raises(RestoreError, match=r"the number of groups is a whole number from 2 to 254, not 2\.5"):
        cluster(cube_of(values), 2.5)
    with pytest.raises(RestoreError, match="9 groups of 8 vectors"):  # a vector of length zero has no direction
        cluster(cube_of(np.where(np.arange(SIZE) < 2, values, 0)[:, :, 20:22]), 9)


def test_years_without_a_pixel_in_common_cannot_be_compared(values):
    one = np.stack([values[0], np.full_like(values[0], np.nan)])
    with pytest.raises(RestoreError, match="no pixel has a vector in both 2020 and 2021"):
        change(cube_of(one), 2020, 2021)


# -- classes -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def labelled():
    random = np.random.default_rng(2)
    at = random.integers(2, SIZE, (120, 2))
    names = np.array(["water", "wood", "field", "town"])[(at[:, 0] >= SIZE // 2) * 2 + (at[:, 1] >= SIZE // 2)]
    points = gpd.points_from_xy(*np.transpose([place(r, c) for r, c in at]), crs="OGC:CRS84")
    return gpd.GeoDataFrame({"cover": names, "r": at[:, 0], "c": at[:, 1]}, geometry=points)


def test_classes_equal_scikit_learn_with_whole_blocks_left_out(values, labelled):
    from sklearn import linear_model, model_selection, pipeline, preprocessing

    found = classify(cube_of(values), labelled, "cover", block_size=500, year=2020)
    vectors = values[0][:, labelled.r, labelled.c].T
    names, truth = np.unique(labelled.cover, return_inverse=True)
    metres = labelled.to_crs(CRS)
    cells = np.floor(np.column_stack([metres.geometry.x, metres.geometry.y]) / 500).astype(int)
    groups = np.unique(cells, axis=0, return_inverse=True)[1].ravel()
    model = pipeline.make_pipeline(
        preprocessing.StandardScaler(), linear_model.LogisticRegression(max_iter=1000, random_state=0)
    )
    folds = model_selection.GroupKFold(5)
    predicted = model_selection.cross_val_predict(model, vectors, truth, groups=groups, cv=folds)
    expected = np.zeros((4, 4), int)
    np.add.at(expected, (predicted, truth), 1)
    assert found.classes == tuple(names)
    assert found.confusion.tolist() == expected.tolist()
    assert found.accuracy == pytest.approx((predicted == truth).mean())
    assert found.blocks == len(set(groups.tolist()))
    flat = np.moveaxis(values[0], 0, -1)[2:].reshape(-1, DIMENSIONS)
    assert (found.map[0, 2:].values.ravel() == model.fit(vectors, truth).predict(flat)).all()
    assert (found.map[0, :2, :2] == 255).all()
    assert found.areas.mapped.sum() == pytest.approx((SIZE * SIZE - 4) * 10_000)
    assert found.as_json()["areas_rest_on"] == "the labelled points: indicative only"


@pytest.mark.parametrize("model", [pytest.param("forest", marks=pytest.mark.slow), "neighbours"])
def test_other_models_and_checked_points(values, labelled, model):
    found = classify(cube_of(values), labelled[::2], "cover", model=model, block_size=300, check=labelled[1::2])
    assert found.accuracy > 0.8
    assert found.probability_sample
    assert found.areas.estimated.sum() == pytest.approx(found.areas.mapped.sum())


def test_a_gap_among_numbers_renames_no_class(values, labelled):
    numbers = labelled.assign(cover=labelled.cover.astype("category").cat.codes.astype(int))
    gap = numbers[::2].assign(cover=numbers[::2].cover.where(numbers[::2].index != 0))
    assert gap.cover.dtype.kind == "f"
    found = classify(cube_of(values), gap, "cover", block_size=300, check=numbers[1::2])
    assert found.classes == ("0", "1", "2", "3")
    halves = numbers.assign(cover=numbers.cover / 2)
    assert classify(cube_of(values), halves, "cover", block_size=300).classes == ("0.0", "0.5", "1.0", "1.5")


@pytest.mark.parametrize(
    ("change_", "message"),
    [
        ({"label": "kind"}, "the points have no column 'kind'; they have cover"),
        ({"block_size": 1e7}, r"all points lie in one block of 1e\+07 m"),
        ({"block_size": 0}, "block_size is the side of a block in metres, more than 0, not 0"),
        ({"block_size": -5.0}, "block_size is the side of a block in metres, more than 0, not -5"),
        ({"model": "net"}, "there is no model 'net'; there are logistic, forest, neighbours"),
        ({"year": 1999}, "the cube has no year 1999; it has 2020, 2021"),
    ],
)
def test_what_cannot_be_classified_is_told(values, labelled, change_, message):
    with pytest.raises(RestoreError, match=message):
        classify(cube_of(values), labelled, **({"label": "cover"} | change_))


@pytest.mark.parametrize("model", ["logistic", "neighbours"])
def test_a_class_that_would_be_learned_alone_is_told(values, labelled, model):
    with pytest.raises(RestoreError, match=r"without the blocks of 100 m that are held out only the class '\w+' of"):
        classify(cube_of(values), labelled.drop_duplicates("cover")[:2], "cover", block_size=100, model=model)


def test_fewer_points_than_neighbours_are_enough(values, labelled):
    six = labelled.groupby("cover").head(3)[:6]
    assert classify(cube_of(values), six, "cover", block_size=100, model="neighbours").confusion.sum() == 6


def test_areas_are_those_of_the_published_example():
    # Olofsson et al. 2014, tables 8 and 9: deforestation, forest gain, stable forest and non-forest; pixels of 30 m.
    counts = [[66, 0, 5, 4], [0, 55, 8, 12], [1, 0, 153, 11], [2, 1, 9, 313]]
    pixels = np.array([200_000, 150_000, 3_200_000, 6_450_000])
    found = stratified_areas(counts, pixels * 0.09)
    assert found.estimated[0] == pytest.approx(21_158, abs=1)
    assert found.error[0] * 1.96 == pytest.approx(6_158, abs=1)
    assert found.overall == pytest.approx(0.947, abs=0.001)
    assert found.users == pytest.approx([0.88, 0.73, 0.93, 0.96], abs=0.005)
    assert found.producers == pytest.approx([0.75, 0.85, 0.93, 0.96], abs=0.005)
    with pytest.raises(RestoreError, match=r"class 1 of the map has 1 sampled places"):
        stratified_areas([[1, 0], [0, 5]], [1, 1])


# -- more machines than one ----------------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_four_uses_run_on_a_cluster(values, tmp_path):
    """Dask cubes: reading and computing run on the workers with the same result."""
    distributed = pytest.importorskip("distributed")
    import atlas

    stored = np.rint(np.nan_to_num(values, nan=0.1) * 100).astype("int8")
    paths = []
    for k, year in enumerate((2020, 2021)):
        paths.append(shapes.tif(tmp_path / f"{year}.tif", stored[k]))
    rule = {
        "emb:quantization": {"method": "linear", "scale": 0.01, "offset": 0},
        "emb:layout": {"kind": "bands"},
        "data_type": "int8",
    }
    stated = {"emb:dimensions": DIMENSIONS, "emb:similarity": ["cosine"]}
    items = [
        shapes.item({"data": shapes.asset(path, **rule)}, year, **stated)
        for path, year in zip(paths, (2020, 2021), strict=True)
    ]
    x, y = np.random.default_rng(4).integers(2, SIZE, (2, 60))
    way = Transformer.from_crs(shapes.UTM, "OGC:CRS84", always_xy=True)
    at = np.column_stack(way.transform(shapes.ORIGIN[0] + 10 * x + 5, shapes.ORIGIN[1] - 10 * y - 5))
    labels = gpd.GeoDataFrame(
        {"cover": np.where(x < SIZE // 2, "a", "b")}, geometry=gpd.points_from_xy(*at.T), crs="OGC:CRS84"
    )

    def answers():
        cube = atlas.open(items)
        assert cube.chunks is not None
        return [
            similar(cube, reference(cube, [tuple(at[0])])).values,
            change(cube, 2020, 2021)["distance"].values,
            cluster(cube, 4).values,
            classify(cube, labels, "cover", block_size=100).map.values,
        ]

    here = answers()
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address="127.0.0.1:0", processes=True
        ) as cluster_,
        distributed.Client(cluster_),
    ):
        there = answers()
    for one, other in zip(here, there, strict=True):
        assert np.array_equal(one, other, equal_nan=True)


class Counting:
    """An array that counts the chunks requested."""

    def __init__(self, values):
        self.values, self.asked = values, 0
        self.shape, self.dtype, self.ndim = values.shape, values.dtype, values.ndim

    def __getitem__(self, index):
        self.asked += 1
        return self.values[index]


def test_change_reads_each_block_once(values):
    four = Counting(np.concatenate([values, values[::-1]]))
    cube = cube_of(four.values, (2019, 2020, 2021, 2022))
    chunks = (1, four.shape[1], 16, 16)
    cube = cube.copy(data=da.from_array(four, chunks=chunks, meta=np.empty((0,) * 4, four.dtype), lock=True))
    found = change(cube, 2019, 2022)
    assert four.asked == 4 * 3 * 3
    xr.testing.assert_allclose(found, change(cube_of(four.values, (2019, 2020, 2021, 2022)), 2019, 2022))
