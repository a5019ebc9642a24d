"""Points with a stated footprint, Icechunk repositories, NPZ archives, and rasters with extra bands."""

import json
import warnings
import zipfile
from pathlib import Path

import icechunk
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import rasterio
import shapely
import zarr
from pyproj import Geod, Transformer
from zarr.codecs.numcodecs import PCodec
from zarr.errors import ZarrUserWarning

from atlas.errors import RestoreError, UnreadableInput
from atlas.formats.npy import NpyFile
from atlas.read import sample

DATA = Path(__file__).parent / "data"


def item(href, *, media=None, **properties):
    asset = {"href": str(href), "roles": ["data"]} | ({"type": media} if media else {})
    return {"type": "Feature", "id": "x", "properties": properties, "assets": {"embeddings": asset}}


def degrees(x, y, crs):
    return Transformer.from_crs(crs, "OGC:CRS84", always_xy=True).transform(x, y)


# -- Points --------------------------------------------------------------------------------------------------------

POINTS = {
    "type": "Collection",
    "emb:dimensions": 3,
    "emb:space": "softcon-vits14-cls",
    "emb:quantization": {"method": "none"},
    "emb:layout": {"kind": "column", "name": "embedding"},
    "emb:ground_size": 320,
}


@pytest.fixture
def points(tmp_path):
    """Adjacent patches of 320 m at 60 degrees north, where a degree of longitude is half one of latitude."""
    geod = Geod(ellps="WGS84")
    middles = [geod.fwd(10.0, 60.0, 90, 320 * i)[:2] for i in range(8)]
    vectors = [[float(i), 0.0, 1.0] for i in range(8)]
    table = pa.table(
        {
            "id": pa.array(range(8), pa.uint64()),
            "embedding": pa.array(vectors, pa.list_(pa.float32(), 3)),
            "geometry": [shapely.to_wkb(shapely.Point(m)) for m in middles],
        }
    )
    pq.write_table(table, tmp_path / "a.parquet", row_group_size=3)
    return item(tmp_path / "a.parquet"), middles, geod


@pytest.mark.parametrize(("east", "north", "row"), [(0, 0, 0), (150, 150, 0), (170, -150, 1), (4 * 320 - 150, 10, 4)])
def test_a_point_holds_the_patch_around_it(points, east, north, row):
    one, middles, geod = points
    lon, lat, _ = geod.fwd(*middles[0], 90, east)
    lon, lat, _ = geod.fwd(lon, lat, 0, north)
    found = sample(one, lon, lat, collection=POINTS)
    assert (found.row, found.values.tolist()) == (row, [row, 0, 1])


@pytest.mark.parametrize(("east", "north"), [(0, 165), (-165, 0), (7 * 320 + 165, 0)])
def test_a_place_beyond_half_a_patch_lies_in_none(points, east, north):
    one, middles, geod = points
    lon, lat, _ = geod.fwd(*middles[0], 90, east)
    lon, lat, _ = geod.fwd(lon, lat, 0, north)
    with pytest.raises(RestoreError, match="lies in no patch"):
        sample(one, lon, lat, collection=POINTS)


def test_of_patches_that_overlap_the_nearest_counts(points):
    wide = {**POINTS, "emb:ground_size": 960}
    one, middles, geod = points
    lon, lat, _ = geod.fwd(*middles[5], 270, 100)
    assert sample(one, lon, lat, collection=wide).row == 5


def test_a_patch_may_cross_the_antimeridian(tmp_path):
    table = pa.table({"embedding": [[1.0, 2.0, 3.0]], "geometry": [shapely.to_wkb(shapely.Point(179.9995, 0))]})
    pq.write_table(table, tmp_path / "a.parquet")
    assert sample(item(tmp_path / "a.parquet"), -179.9995, 0, collection=POINTS).row == 0


@pytest.mark.parametrize("footprint", [None, {"size_px": [32, 32]}, {"size": [0.25, 0.25], "unit": "deg"}])
def test_points_alone_do_not_say_which_ground_they_describe(points, footprint):
    stated = {k: v for k, v in POINTS.items() if k != "emb:ground_size"} | (
        {"emb:footprint": footprint} if footprint else {}
    )
    with pytest.raises(RestoreError, match="'emb:ground_size' does not state the size of a patch in metres"):
        sample(points[0], 10, 60, collection=stated)


# -- Icechunk ------------------------------------------------------------------------------------------------------

ICECHUNK = {
    "type": "Collection",
    "emb:dimensions": 4,
    "emb:space": "tessera-v1.1-dclimate",
    "emb:quantization": {
        "method": "per_vector_scale",
        "scale_array": "scales",
        "sentinels": [{"value": "nan", "meaning": "missing"}],
    },
    "emb:layout": {"kind": "array", "name": "embeddings", "dimension": "band"},
}


@pytest.fixture
def repository(tmp_path):
    """A smaller zone of dClimate's store: year, northing, easting, band; scales compressed by pcodec."""
    repository = icechunk.Repository.create(icechunk.local_filesystem_storage(str(tmp_path / "repository")))
    session = repository.writable_session("main")
    zone = zarr.open_group(session.store, mode="a", zarr_format=3).create_group("31N")
    zone.attrs.update({"proj:code": "EPSG:32631", "spatial:transform": [10, 0, 500000, 0, -10, 5700000]})
    codes = np.random.default_rng(2).integers(-127, 128, (2, 16, 8, 4)).astype(np.int8)
    dims = ("time", "northing", "easting", "band")
    zone.create_array("embeddings", data=codes, chunks=(1, 4, 4, 4), dimension_names=dims)
    scales = np.linspace(0.01, 0.2, 256, dtype="float32").reshape(2, 16, 8)
    scales[1, 0, 0] = np.nan
    # numcodecs says that its codecs are not in the specification; the store is as it is
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ZarrUserWarning)
        packed = zone.create_array(
            "scales",
            shape=scales.shape,
            dtype="float32",
            serializer=PCodec(),
            compressors=None,
            dimension_names=dims[:3],
        )
        packed[:] = scales
    zone.create_array("time", data=np.array([2023, 2024]), dimension_names=("time",))
    session.commit("a zone")
    return tmp_path / "repository", codes, scales


def of_repository(href, group="31N"):
    properties = {"datetime": None, "start_datetime": "2024-01-01T00:00:00Z"}
    properties["emb:layout"] = ICECHUNK["emb:layout"] | {"group": group}
    return item(href, media="application/x-icechunk", **properties)


def test_a_pixel_of_an_icechunk_repository_is_read_with_its_packed_scale(repository):
    folder, codes, scales = repository
    lon, lat = degrees(500035, 5699945, "EPSG:32631")
    found = sample(of_repository(folder), lon, lat, collection=ICECHUNK)
    assert (found.row, found.column) == (5, 3)
    assert found.values.tolist() == pytest.approx((codes[1, 5, 3] * scales[1, 5, 3]).tolist())


def test_a_missing_pixel_of_an_icechunk_repository_has_no_vector(repository):
    lon, lat = degrees(500005, 5699995, "EPSG:32631")
    assert not sample(of_repository(repository[0]), lon, lat, collection=ICECHUNK).valid


def test_a_group_that_the_repository_lacks_is_an_error(repository):
    with pytest.raises(UnreadableInput, match="cannot be read as a Zarr group"):
        sample(of_repository(repository[0], "32N"), 3, 51, collection=ICECHUNK)


def test_a_folder_that_is_no_repository_is_an_error(tmp_path):
    with pytest.raises(UnreadableInput, match="cannot be opened as an Icechunk repository"):
        sample(of_repository(tmp_path), 3, 51, collection=ICECHUNK)


# -- NPZ -----------------------------------------------------------------------------------------------------------

MAP = {
    "type": "Collection",
    "emb:dimensions": 6,
    "emb:space": "copernicus-fm",
    "emb:quantization": {"method": "none", "nodata": 0, "nodata_rule": "all"},
    "emb:layout": {"kind": "array", "name": "arr_0", "axis": 2},
    "proj:code": "EPSG:4326",
    "proj:transform": [0.25, 0, -180.125, 0, -0.25, 90.125],
}


@pytest.fixture
def cells():
    cells = np.zeros((721, 1440, 6), "float32")
    cells[168, 766] = np.arange(1, 7)
    return cells


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_a_cell_of_an_npz_map_is_read(tmp_path, cells, save):
    save(tmp_path / "map.npz", cells)
    one = item(tmp_path / "map.npz")
    found = sample(one, 11.5, 48.1, collection=MAP)
    assert (found.row, found.column, found.values.tolist()) == (168, 766, [1, 2, 3, 4, 5, 6])
    assert not sample(one, 11.8, 48.1, collection=MAP).valid


def test_the_end_of_an_npz_member_is_not_decompressed_to_know_its_size(tmp_path, cells, monkeypatch):
    np.savez_compressed(tmp_path / "map.npz", cells)
    read = []
    whole = zipfile.ZipExtFile.read
    monkeypatch.setattr(zipfile.ZipExtFile, "read", lambda self, n=-1: read.append(d := whole(self, n)) or d)
    sample(item(tmp_path / "map.npz"), 11.5, 48.1, collection=MAP)
    assert sum(map(len, read)) < cells.nbytes / 2


def test_of_several_arrays_of_an_npz_one_is_named(tmp_path, cells):
    np.savez(tmp_path / "map.npz", grid=cells, lats=np.arange(3))
    with pytest.raises(RestoreError, match="holds the arrays grid, lats, not 'arr_0'"):
        sample(item(tmp_path / "map.npz"), 11.5, 48.1, collection=MAP)
    unnamed = {**MAP, "emb:layout": {"kind": "array", "axis": 2}}
    with pytest.raises(RestoreError, match="holds the arrays grid, lats, and 'emb:layout' names none"):
        sample(item(tmp_path / "map.npz"), 11.5, 48.1, collection=unnamed)


def test_a_damaged_npz_is_an_error(tmp_path, cells):
    np.savez_compressed(tmp_path / "map.npz", cells)
    data = bytearray((tmp_path / "map.npz").read_bytes())
    data[60:1500] = bytes(1440)
    (tmp_path / "map.npz").write_bytes(data)
    with pytest.raises(UnreadableInput, match=r"cannot be read as NP[ZY]"):
        sample(item(tmp_path / "map.npz"), 11.5, 48.1, collection=MAP)


def test_an_npz_map_without_a_position_is_an_error(tmp_path, cells):
    np.savez_compressed(tmp_path / "map.npz", cells)
    stated = {k: v for k, v in MAP.items() if not k.startswith("proj:")}
    with pytest.raises(RestoreError, match="nor 'proj:code'"):
        sample(item(tmp_path / "map.npz"), 11.5, 48.1, collection=stated)


# -- Bands ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def esd(tmp_path):
    """An ESD file: 12 codes and a band that counts clear observations."""
    spec = json.loads((DATA / "esd_fsq_spec.json").read_text())
    digits = np.random.default_rng(3).integers(0, spec["levels"], (12, 6))
    bands = np.full((13, 2, 2), 365, np.uint16)
    bands[:12] = (digits * spec["basis"]).sum(axis=1)[:, None, None]
    profile = {"driver": "GTiff", "width": 2, "height": 2, "count": 13, "dtype": "uint16", "crs": "EPSG:32636"}
    with rasterio.open(
        tmp_path / "a.tif", "w", transform=rasterio.Affine(30, 0, 500000, 0, -30, 60), **profile
    ) as file:
        file.write(bands)
    rule = {"method": "finite_scalar", "levels": spec["levels"], "basis": spec["basis"], "steps": 12}
    return item(tmp_path / "a.tif", **{"emb:dimensions": 72, "emb:space": "esd", "emb:quantization": rule}), digits


def with_bands(one, bands, **more):
    return one | {"properties": one["properties"] | {"emb:layout": {"kind": "bands", "bands": list(bands), **more}}}


def test_a_band_of_the_same_file_may_be_the_mask(esd):
    one = with_bands(esd[0], range(1, 13), mask={"band": 13, "sentinels": [{"value": 365, "meaning": "masked"}]})
    assert not sample(one, *degrees(500010, 50, "EPSG:32636")).valid


def test_the_code_bands_of_esd_are_named_by_their_layout(esd):
    one, digits = esd
    half = np.array([4, 4, 4, 2, 2, 2])
    found = sample(with_bands(one, range(1, 13)), *degrees(500010, 50, "EPSG:32636"))
    assert found.values.tolist() == ((digits - half) / half).ravel().tolist()


@pytest.mark.parametrize("bands", [range(1, 14), range(1, 12), [14, *range(1, 12)]])
def test_bands_that_do_not_make_a_vector_are_refused(esd, bands):
    place = degrees(500010, 50, "EPSG:32636")
    with pytest.raises(RestoreError, match="bands named, a vector takes 12 of the file's 13"):
        sample(with_bands(esd[0], bands), *place)


def test_bands_that_are_not_stated_are_asked_for(esd):
    with pytest.raises(
        RestoreError, match=r"13 bands, but a vector takes 12 .* is not stated \('bands' of 'emb:layout'\)"
    ):
        sample(esd[0], *degrees(500010, 50, "EPSG:32636"))


def test_npy_still_checks_the_size_of_its_file(tmp_path):
    np.save(tmp_path / "a.npy", np.zeros((2, 2)))
    (tmp_path / "a.npy").write_bytes((tmp_path / "a.npy").read_bytes()[:-1])
    with (tmp_path / "a.npy").open("rb") as file, pytest.raises(UnreadableInput, match="its header says"):
        NpyFile(file, "a.npy")


@pytest.mark.parametrize("document", ["5", "null", "[]", '"x"'])
@pytest.mark.parametrize("place", [".", "e"])
def test_metadata_of_a_group_that_are_no_object_are_told(tmp_path, document, place):
    zarr.open_group(tmp_path, mode="w").create_array("e", shape=(2, 2), dtype="f4")
    (tmp_path / place / "zarr.json").write_text(document)
    vectors = {"emb:quantization": {"method": "none"}, "emb:layout": {"kind": "array", "name": "e", "axis": 0}}
    broken = item(tmp_path, media="application/vnd+zarr", **{"emb:dimensions": 2})
    broken["assets"]["embeddings"] |= vectors
    with pytest.raises(UnreadableInput, match=r"zarr\.json: not a Zarr document: it is .*, not an object"):
        sample(broken, 3, 51)
