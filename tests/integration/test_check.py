"""`atlas check --database`: crawl folders against the database."""

import shutil

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from atlas.commands.check import command
from atlas.errors import StoreError
from atlas.store.database import connect
from atlas.store.load.pgstac import compare_folder, load_folder
from tests.catalogue import whole_catalogue
from tests.integration.loading import COLLECTION, batch, checksum, collection_document, url, write_crawl


def test_what_the_database_lacks_holds_beyond_the_crawl_or_holds_otherwise_is_named(empty_database, tmp_path):
    folder = write_crawl(tmp_path, years=(2019, 2020))
    assert compare_folder(empty_database, folder) == ["the database does not have this Collection"]
    load_folder(empty_database, folder)
    assert compare_folder(empty_database, folder) == []
    with connect(empty_database) as connection:
        connection.execute("DELETE FROM items WHERE id = 'tile-2019-000003'")
    assert compare_folder(empty_database, folder) == ["2019: the database holds other Items; the crawl has 50"]
    shutil.rmtree(folder / "items")
    write_crawl(folder, batches=[batch(2020, 50), batch(2021, 4)])
    (folder / "items" / "part-0000.parquet").unlink()
    assert compare_folder(empty_database, folder) == [
        "2021: the database has no Items; the crawl has 4",
        "2019: the database holds Items that the crawl no longer has",
        "2020: the database holds Items that the crawl no longer has",
    ]


def test_a_collection_that_differs_is_named(empty_database, tmp_path):
    folder = write_crawl(tmp_path)
    load_folder(empty_database, folder)
    write_crawl(folder, document=collection_document(description="Another"))
    assert compare_folder(empty_database, folder) == ["the Collection differs from the crawl's"]


@pytest.fixture
def run(empty_database, tmp_path, monkeypatch):
    monkeypatch.setenv("ATLAS_DATABASE_URL", url(empty_database))
    monkeypatch.setenv("ATLAS_STATE_DIR", str(tmp_path / "state"))
    return lambda *arguments: CliRunner().invoke(command, [str(a) for a in arguments])


def test_the_command_loads_what_the_database_lacks_and_exits_with_0_when_all_is_sound(run, empty_database, tmp_path):
    from atlas.crawl.run import crawl_product
    from atlas.settings import Settings

    tile = "2021/grid_0.15_52.05/grid_0.15_52.05"
    line = f"{tile}.npy {'a' * 64}\n{tile}_scales.npy {'b' * 64}\n"
    (tmp_path / "registry.txt").write_text(line)
    catalog, folder = whole_catalogue(), tmp_path / "out"
    settings = Settings(state_dir=tmp_path)
    crawl_product(catalog.products["tessera-v1"], catalog, settings, source=str(tmp_path / "registry.txt"), out=folder)
    done = run(folder)
    assert (done.exit_code, done.stdout) == (0, "1 folder: 0 findings\n")
    done = run(folder, "--database")
    assert (done.exit_code, done.stdout.splitlines()[0]) == (
        1,
        f"{folder}: the database does not have this Collection; 'atlas load' loads it",
    )
    assert run(folder, "--database", "--repair").exit_code == 0
    assert checksum(empty_database, "tessera-v1")[0] == 1
    assert run(folder, "--database", "--json").stdout.strip() == f'{{\n  "{folder}": []\n}}'
    (folder / "manifest.json").write_text("{")
    assert run(folder, "--database").exit_code == 1
    assert "rebuilt from the states" in run(folder, "--repair").stdout
    done = run(tmp_path)
    assert (done.exit_code, "not the folder of a crawl" in done.stdout) == (1, True)
    assert COLLECTION not in done.stdout


@pytest.mark.slow
def test_vanished_items_that_the_folder_lost_come_back_from_the_database(run, empty_database, tmp_path):
    from atlas.crawl.run import crawl_product
    from atlas.settings import Settings

    def tiles(*names):
        paths = [f"2021/grid_{name}/grid_{name}" for name in names]
        return "".join(f"{path}{end}.npy {'a' * 64}\n" for path in paths for end in ("", "_scales"))

    catalog, folder, index = whole_catalogue(), tmp_path / "out", tmp_path / "registry.txt"

    def crawl(*names):
        index.write_text(tiles(*names))
        product, settings = catalog.products["tessera-v1"], Settings(state_dir=tmp_path)
        return crawl_product(product, catalog, settings, source=str(index), out=folder)[0]

    crawl("0.15_52.05", "0.25_52.05", "0.35_52.05")
    crawl("0.15_52.05")
    load_folder(empty_database, folder)
    before = checksum(empty_database, "tessera-v1")
    gone = folder / "items" / "registry~vanished.parquet"
    gone.write_bytes(gone.read_bytes()[:100])
    assert run(folder, "--database").exit_code == 1
    done = run(folder, "--repair", "--database")
    assert f"{gone}: 2 vanished Items that only the database remembers; written back\n" in done.stdout
    assert (done.exit_code, checksum(empty_database, "tessera-v1")) == (0, before)
    assert run(folder, "--database").stdout == "1 folder: 0 findings\n"
    # another Item vanishes, and the part is lost while a crawl runs over it: what is known by then stays
    gone.unlink()
    assert "~vanished" in str(crawl("0.15_52.05").faults)
    with pytest.raises(StoreError, match="the crawl lost 2 vanished Items that only the database remembers"):
        load_folder(empty_database, folder)
    assert checksum(empty_database, "tessera-v1") == before
    crawl("0.45_52.05")
    done = run(folder, "--database")
    assert "2 vanished Items that only the database remembers; --repair: written back" in done.stdout
    assert run(folder, "--repair", "--database").exit_code == 0
    rows = pq.read_table(gone).to_pylist()
    assert {row["id"]: row["deprecated"] for row in rows} == {
        f"grid_{name}_2021": True for name in ("0.15_52.05", "0.25_52.05", "0.35_52.05")
    }
    assert checksum(empty_database, "tessera-v1")[0] == 4
    # one is listed again
    assert crawl("0.45_52.05", "0.25_52.05").changes.reappeared == 1
    assert run(folder, "--repair", "--database").exit_code == 0
    assert checksum(empty_database, "tessera-v1")[0] == 4
