"""Text registries in all their forms: rows, and rejected lines with reasons."""

import gzip
from pathlib import Path

import pytest

from atlas.errors import SourceError, UnreadableInput
from atlas.fetch.inputs import RejectedRow
from atlas.resources import data_dir
from atlas.sources.access import open_access
from atlas.sources.base import Source
from atlas.sources.tessera import registry as tessera_registry
from tests.catalogue import whole_catalogue

A, B = "a" * 64, "b" * 64
SAMPLE = data_dir("catalog") / "samples" / "tessera-v1" / "registry.txt.gz"
REAL = Path(__file__).parents[4] / "shared" / "data" / "tessera"


@pytest.fixture(scope="module")
def product():
    return whole_catalogue().products["tessera-v1"]


def tile(name, year=2021, first=A, second=B):
    return f"{year}/{name}/{name}.npy {first}\n{year}/{name}/{name}_scales.npy {second}\n"


def read(product, path):
    source = Source(product, str(path))
    access, reader = open_access(source), tessera_registry.READER
    rows, aside = [], []
    for shard in reader.plan(source, access):
        for batch in reader.read(shard, source, access):
            rows += batch.rows.to_pylist() if batch.rows is not None else []
            aside += batch.rejected
    return rows, aside


@pytest.fixture
def registry(product, tmp_path):
    def write(text, name="registry_2021.txt"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        data = text.encode() if isinstance(text, str) else text
        path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
        return read(product, path)

    return write


def test_a_tile_is_one_row_with_all_that_its_name_says(registry):
    rows, aside = registry(tile("grid_-0.05_50.75"))
    assert aside == []
    (row,) = rows
    root = "https://data.source.coop/tessera/tessera"
    assert row["id"] == "grid_-0.05_50.75_2021"
    assert (row["west"], row["south"], row["east"], row["north"]) == (-0.1, 50.7, 0.0, 50.8)
    assert row["start_datetime"].isoformat() == "2021-01-01T00:00:00+00:00"
    assert row["end_datetime"].isoformat() == "2021-12-31T23:59:59.999999+00:00"
    assert row["property:proj:code"] == "EPSG:32630"
    assert row["asset:embeddings:href"] == f"{root}/npy/v1/2021/grid_-0.05_50.75/grid_-0.05_50.75.npy"
    assert row["asset:scales:href"] == f"{root}/npy/v1/2021/grid_-0.05_50.75/grid_-0.05_50.75_scales.npy"
    assert row["asset:landmask:href"] == f"{root}/landmasks/v1/grid_-0.05_50.75.tiff"
    assert row["asset:embeddings:file:checksum"] == "1220" + A
    assert row["asset:scales:file:checksum"] == "1220" + B
    assert row["line"] == 2


def test_southern_tiles_are_in_southern_zones(registry):
    rows, _ = registry(tile("grid_-48.25_-2.35"))
    assert rows[0]["property:proj:code"] == "EPSG:32722"


def test_hashes_are_written_in_lower_case(registry):
    rows, _ = registry(tile("grid_0.15_52.05", first="AB" * 32))
    assert rows[0]["asset:embeddings:file:checksum"] == "1220" + "ab" * 32


GOOD = tile("grid_0.15_52.05")
FAULTS = {
    "no scales file": (
        f"2021/grid_0.25_52.05/grid_0.25_52.05.npy {A}\n",
        "no scales file for this embeddings file",
        "path",
        "2021/grid_0.25_52.05",
    ),
    "no embeddings file": (
        f"2021/grid_0.25_52.05/grid_0.25_52.05_scales.npy {A}\n",
        "no embeddings file for this scales file",
        "path",
        "2021/grid_0.25_52.05",
    ),
    "short hash": (f"2021/grid_0.25_52.05/grid_0.25_52.05.npy {A[:63]}\n", "bad hash", "sha256", None),
    "hash of other digits": (f"2021/grid_0.25_52.05/grid_0.25_52.05.npy {'g' * 64}\n", "bad hash", "sha256", None),
    "no hash": ("2021/grid_0.25_52.05/grid_0.25_52.05.npy\n", "bad hash", "sha256", None),
    "duplicate": (f"2021/grid_0.15_52.05/grid_0.15_52.05.npy {B}\n", "duplicate", "path", None),
    "longitude": (f"2021/grid_180.05_52.05/grid_180.05_52.05.npy {A}\n", "impossible coordinate", "path", None),
    "latitude": (f"2021/grid_0.05_-90.05/grid_0.05_-90.05.npy {A}\n", "impossible coordinate", "path", None),
    "no coordinate": (f"2021/grid_east_52.05/grid_east_52.05.npy {A}\n", "impossible coordinate", "path", None),
    "off the grid": (
        f"2021/grid_0.25_52.10/grid_0.25_52.10.npy {A}\n",
        "coordinate is not the centre of a cell",
        "path",
        None,
    ),
    "two names": (f"2021/grid_0.25_52.05/grid_0.35_52.05.npy {A}\n", "folder and file name differ", "path", None),
    "year": (f"0021/grid_0.25_52.05/grid_0.25_52.05.npy {A}\n", "impossible year", "year", None),
    "words": ("<html>not a registry</html>\n", "not a registry line", None, None),
    "path that climbs": (f"../../etc/passwd {A}\n", "not a registry line", None, None),
}


@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_a_bad_line_is_rejected_and_the_rest_goes_on(registry, fault):
    text, reason, field, detail = FAULTS[fault]
    rows, aside = registry(GOOD + text + tile("grid_0.35_52.05"))
    assert [row["id"] for row in rows] == ["grid_0.15_52.05_2021", "grid_0.35_52.05_2021"]
    assert aside == [RejectedRow("registry_2021.txt", 3, reason, field, detail or text.strip())]


def test_bytes_that_are_no_text_are_rejected(registry):
    rows, aside = registry(GOOD.encode() + b"\xff\xfe\x00\n" + tile("grid_0.35_52.05").encode())
    assert len(rows) == 2
    assert (aside[0].line, aside[0].reason, aside[0].detail) == (3, "not a registry line", "\\xff\\xfe\x00")


def test_empty_lines_comments_and_carriage_returns_are_no_fault(registry):
    rows, aside = registry("# comment\r\n\r\n" + GOOD.replace("\n", "\r\n"))
    assert (len(rows), aside) == (1, [])


def test_the_last_line_needs_no_newline(registry):
    rows, _ = registry(GOOD.rstrip("\n"))
    assert len(rows) == 1


def test_the_same_rows_come_from_gzip(registry):
    assert registry(GOOD * 2, "registry_2021.txt.gz")[0] == registry(GOOD * 2)[0]


def test_partners_and_duplicates_are_found_across_chunks(registry, monkeypatch):
    names = [f"grid_{lon / 100:.2f}_52.05" for lon in range(5, 205, 10)]
    embeddings = "".join(f"2021/{n}/{n}.npy {A}\n" for n in names)
    scales = "".join(f"2021/{n}/{n}_scales.npy {B}\n" for n in reversed(names))
    text = embeddings + scales + embeddings
    whole = registry(text)
    monkeypatch.setattr(tessera_registry, "_CHUNK", 300)
    parts = registry(text)
    assert parts == whole
    assert len(parts[0]) == len(names)
    assert [one.reason for one in parts[1]] == ["duplicate"] * len(names)


def test_a_line_without_end_is_refused(registry, monkeypatch):
    monkeypatch.setattr(tessera_registry, "_CHUNK", 10_000)
    with pytest.raises(SourceError, match=r"registry_2021\.txt: a line is longer than 4096 bytes"):
        registry("x" * 20_000)


def test_a_gzip_bomb_is_refused(registry, monkeypatch):
    monkeypatch.setattr(tessera_registry, "_MAXIMUM_UNPACKED", 1_000_000)
    with pytest.raises(SourceError, match="unpacks to more than 1,000,000 bytes"):
        registry("#\n" * 1_000_000, "registry_2021.txt.gz")


def test_a_registry_of_lonely_files_is_refused_before_it_fills_the_memory(registry, monkeypatch):
    monkeypatch.setattr(tessera_registry, "_MOST_WAITING", 3)
    text = "".join(f"2021/grid_0.{n}5_52.05/grid_0.{n}5_52.05.npy {A}\n" for n in range(4))
    with pytest.raises(SourceError, match=r"registry_2021\.txt: 4 files without their partner so far"):
        registry(text)


def test_damaged_gzip_data_are_an_error_that_names_the_file(product, tmp_path):
    path = tmp_path / "registry_2021.txt.gz"
    path.write_bytes(gzip.compress((GOOD * 100).encode())[:-20])
    with pytest.raises(SourceError, match=r"registry_2021\.txt\.gz: damaged gzip data"):
        read(product, path)


def test_a_missing_file_is_an_error_that_names_it(product, tmp_path):
    with pytest.raises(UnreadableInput, match=r"registry_1999\.txt: no such file"):
        read(product, tmp_path / "registry_1999.txt")


def test_a_folder_of_blocks_is_read_by_year_and_band(product, tmp_path):
    for year, lon, name in (
        (2019, 65, "grid_67.65_28.15"),
        (2019, 70, "grid_70.05_28.15"),
        (2020, 65, "grid_67.65_28.15"),
    ):
        folder = tmp_path / "registry" / "embeddings"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"embeddings_{year}_lon{lon}_lat25.txt").write_text(tile(name, year))
    (tmp_path / "registry" / "landmasks_lon65_lat25.txt").write_text(f"grid_67.65_28.15.tiff {A}\n")
    source = Source(product, str(tmp_path))
    shards = list(tessera_registry.READER.plan(source, open_access(source)))
    assert [(shard.id, len(shard.inputs)) for shard in shards] == [
        ("embeddings_2019_lon60", 3),
        ("embeddings_2020_lon60", 2),
    ]
    rows, aside = read(product, tmp_path)
    assert len(rows) == 3
    assert aside == []
    masks = {row["id"]: (row["asset:landmask:href"], row["asset:landmask:file:checksum"]) for row in rows}
    root = "https://data.source.coop/tessera/tessera/landmasks/v1"
    assert masks == {
        "grid_67.65_28.15_2019": (f"{root}/grid_67.65_28.15.tiff", f"1220{A}"),
        "grid_70.05_28.15_2019": (None, None),
        "grid_67.65_28.15_2020": (f"{root}/grid_67.65_28.15.tiff", f"1220{A}"),
    }


def test_without_a_list_every_tile_has_a_land_mask_and_a_band_without_a_list_has_none(product, tmp_path):
    (tmp_path / "embeddings_2019_lon65_lat25.txt").write_text(tile("grid_67.65_28.15", 2019))
    (row,), _ = read(product, tmp_path)
    assert row["asset:landmask:href"].endswith("/grid_67.65_28.15.tiff")
    assert "asset:landmask:file:checksum" not in row
    (tmp_path / "landmasks_lon-10_lat5.txt").write_text(f"grid_-5.05_5.15.tiff {A}\n")
    (row,), aside = read(product, tmp_path)
    assert row["asset:landmask:href"] is None
    assert aside == []


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("grid_67.65_28.15.tiff", "not a line of a list of land masks"),
        (f"grid_67.65_28.15.tif {A}", "not a line of a list of land masks"),
        (f"../grid_67.65_28.15.tiff {A}", "not a line of a list of land masks"),
        (f"grid_67.60_28.15.tiff {A}", "coordinate is not the centre of a cell"),
        (f"grid_70.05_28.15.tiff {A}", "land mask does not belong to the block that the file is named for"),
        (f"grid_67.75_28.15.tiff {B}", "duplicate"),
    ],
)
def test_a_bad_line_of_a_list_of_land_masks_is_rejected_and_the_rest_goes_on(product, tmp_path, line, reason):
    (tmp_path / "embeddings_2019_lon65_lat25.txt").write_text(tile("grid_67.75_28.15", 2019))
    (tmp_path / "landmasks_lon65_lat25.txt").write_text(f"# a comment\ngrid_67.75_28.15.tiff {A}\n\n{line}\n")
    (row,), aside = read(product, tmp_path)
    assert row["asset:landmask:file:checksum"] == f"1220{A}"
    assert [(one.file, one.line, one.reason) for one in aside] == [("landmasks_lon65_lat25.txt", 4, reason)]
    # Another year of the same band reads the same lists: what is wrong there is counted once.
    (tmp_path / "embeddings_2018_lon65_lat25.txt").write_text(tile("grid_67.75_28.15", 2018))
    rows, again = read(product, tmp_path)
    assert ({row["asset:landmask:file:checksum"] for row in rows}, again) == ({f"1220{A}"}, aside)
    assert len(rows) == 2


def test_a_tile_outside_its_block_is_rejected(registry):
    rows, aside = registry(
        tile("grid_67.65_28.15", 2019) + tile("grid_60.05_28.15", 2019), "embeddings_2019_lon65_lat25.txt"
    )
    assert len(rows) == 1
    assert {one.reason for one in aside} == {"tile does not belong to the block that the file is named for"}


def test_a_folder_without_a_registry_is_an_error(product, tmp_path):
    (tmp_path / "readme.md").write_text("nothing")
    with pytest.raises(SourceError, match="no registry here"):
        read(product, tmp_path)


def test_a_shard_is_known_by_its_bytes_not_by_its_date(product, tmp_path):
    def fingerprint(text):
        (tmp_path / "registry_2021.txt").write_text(text)
        source = Source(product, str(tmp_path / "registry_2021.txt"))
        return next(iter(tessera_registry.READER.plan(source, open_access(source)))).fingerprint

    assert fingerprint(GOOD) == fingerprint(GOOD) != fingerprint(GOOD * 2)


def test_a_record_without_a_template_of_tiles_is_an_error_that_names_it(product, tmp_path):
    (tmp_path / "registry_2021.txt").write_text(GOOD)
    bare = product.model_copy(update={"distributions": []})
    with pytest.raises(SourceError, match=r"record 'tessera-v1': no distribution has a 'url_template'"):
        read(bare, tmp_path / "registry_2021.txt")


def test_the_bundled_sample_is_whole(product):
    rows, aside = read(product, SAMPLE)
    assert (len(rows), aside) == (4363, [])


@pytest.mark.skipif(not REAL.is_dir(), reason="the real registries are not beside the checkout")
@pytest.mark.parametrize(("year", "tiles"), [(2017, 3994), (2020, 4057), (2021, 4055), (2022, 4220), (2023, 4046)])
def test_the_real_registries_load_completely(product, year, tiles):
    rows, aside = read(product, REAL / f"registry_{year}.txt.gz")
    assert (len(rows), aside) == (tiles, [])


def test_links_to_folders_are_reported_and_not_followed(product, tmp_path):
    (tmp_path / "tree" / "a").mkdir(parents=True)
    (tmp_path / "tree" / "a" / "registry_2021.txt").write_text(tile("grid_0.05_50.75"))
    (tmp_path / "tree" / "b").symlink_to(tmp_path / "tree" / "a", target_is_directory=True)
    (tmp_path / "tree" / "circle").symlink_to(tmp_path / "tree", target_is_directory=True)
    (tmp_path / "tree" / "gone").symlink_to(tmp_path / "nowhere")
    (tmp_path / "tree" / "notes.md").write_text("no registry")
    rows, aside = read(product, tmp_path / "tree")
    assert [row["id"] for row in rows] == ["grid_0.05_50.75_2021"]
    assert [(a.file, a.reason) for a in aside] == [
        ("b", "link to a folder, which is not followed"),
        ("circle", "link to a folder, which is not followed"),
        ("gone", "link leads out of the folder of the source"),
    ]
