"""Finding PostgreSQL: which installation, what it lacks, and what to do about it."""

import stat

import pytest

from atlas.errors import StoreError
from atlas.store.cluster import postgres
from atlas.store.cluster.postgres import UNPACKED, find_installation, find_installations, install_advice


def install(root, version, *, extensions=("postgis", "btree_gist", "unaccent"), tools=("initdb", "pg_ctl")):
    """A fake installation in Debian's layout."""
    major = version.split(".")[0]
    bin_dir = root / "usr/lib/postgresql" / major / "bin"
    bin_dir.mkdir(parents=True)
    for tool in (*tools, "postgres"):
        (bin_dir / tool).write_text(f"#!/bin/sh\necho 'postgres (PostgreSQL) {version}'\n")
        (bin_dir / tool).chmod(stat.S_IRWXU)
    share = root / "usr/share/postgresql" / major / "extension"
    share.mkdir(parents=True)
    for name in extensions:
        (share / f"{name}.control").touch()
    return bin_dir


def test_the_newest_that_has_postgis_comes_first(tmp_path):
    folders = [install(tmp_path / "a", "15.4"), install(tmp_path / "b", "17.1"), install(tmp_path / "c", "16.2")]
    folders.append(install(tmp_path / "d", "18.0", extensions=("btree_gist", "unaccent")))
    found = find_installations(candidates=[(folder, {}) for folder in folders])
    assert [i.major for i in found] == [17, 16, 15, 18]
    assert found[-1].missing == ("postgis",)


def test_old_broken_and_partial_ones_are_left_out(tmp_path):
    old = install(tmp_path / "a", "12.9")
    partial = install(tmp_path / "b", "16.0", tools=())
    broken = install(tmp_path / "c", "16.0")
    (broken / "postgres").write_text("#!/bin/sh\nexit 1\n")
    assert find_installations(candidates=[(f, {}) for f in (old, partial, broken, tmp_path / "nowhere")]) == []


def test_a_link_to_one_counts_once(tmp_path):
    real = install(tmp_path / "a", "16.0")
    (tmp_path / "link").symlink_to(real)
    assert len(find_installations(candidates=[(real, {}), (tmp_path / "link", {})])) == 1


@pytest.fixture
def only_below(monkeypatch, tmp_path):
    """A machine on which only the software below a folder exists."""
    monkeypatch.setattr(postgres, "_GLOBS", (f"{tmp_path}/usr/lib/postgresql/*/bin",))
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    return tmp_path


def test_none_at_all_names_the_command(only_below):
    with pytest.raises(StoreError, match=r"no PostgreSQL 13 or newer was found.*ATLAS_DATABASE_URL"):
        find_installation()


def test_without_postgis_says_so(only_below):
    install(only_below, "15.4", extensions=("unaccent", "btree_gist"))
    with pytest.raises(StoreError, match=r"PostgreSQL 15 in .* lacks postgis"):
        find_installation()


def test_data_of_another_version_says_which(only_below):
    install(only_below, "17.1")
    with pytest.raises(StoreError, match=r"written by PostgreSQL 15, .*found: 17.*atlas db reset"):
        find_installation(major=15)


@pytest.mark.parametrize(
    ("system", "tools", "command"),
    [
        ("Darwin", (), "brew install postgresql@17 postgis"),
        ("Linux", ("apt-get",), "sudo apt-get install postgresql postgresql-postgis"),
        ("Linux", ("dnf",), "sudo dnf install postgresql-server postgresql-contrib postgis"),
        ("Linux", (), "Install PostgreSQL with its contrib modules and PostGIS"),
    ],
)
def test_the_advice_fits_the_platform(monkeypatch, system, tools, command):
    monkeypatch.setattr(postgres.platform, "system", lambda: system)
    monkeypatch.setattr(postgres.shutil, "which", lambda name: name if name in tools else None)
    assert command in install_advice()


def test_an_unpacked_tree_is_found_with_its_libraries(only_below, tmp_path):
    tree = tmp_path / "state" / UNPACKED
    install(tree, "16.1")
    libraries = tree / "usr/lib/x86_64-linux-gnu"
    libraries.mkdir(parents=True)
    (libraries / "libgeos_c.so.1").touch()
    installation = find_installation(tmp_path / "state")
    assert installation.major == 16
    assert installation.environment["LD_LIBRARY_PATH"].split(":") == [str(libraries)]
    assert installation.environment["PROJ_DATA"] == str(tree / "usr/share/proj")
