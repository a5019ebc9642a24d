"""Writing the static catalogue is atomic."""

import pytest

from atlas.errors import StoreError
from atlas.stac.catalog import ROOT_ID, StaticDocument
from atlas.store.static import write_static

ROOT = StaticDocument("catalog.json", {"id": ROOT_ID, "links": []})
CHILD = StaticDocument("a/b/catalog.json", {"id": "child"})


def test_documents_are_written_below_the_folder(tmp_path):
    assert write_static([ROOT, CHILD], tmp_path / "out") == 2
    assert (tmp_path / "out/a/b/catalog.json").read_text() == '{\n  "id": "child"\n}\n'


def test_what_fails_half_way_leaves_the_old_folder(tmp_path):
    write_static([ROOT, CHILD], tmp_path / "out")

    def broken():
        yield ROOT
        message = "no more"
        raise RuntimeError(message)

    with pytest.raises(RuntimeError, match="no more"):
        write_static(broken(), tmp_path / "out")
    assert (tmp_path / "out/a/b/catalog.json").is_file()
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_an_empty_folder_may_be_filled(tmp_path):
    (tmp_path / "out").mkdir()
    assert write_static([ROOT], tmp_path / "out") == 1


@pytest.mark.parametrize("content", ['{"id": "another"}', "[]", "{", None])
def test_what_is_not_ours_is_left_alone(tmp_path, content):
    (tmp_path / "out").mkdir()
    name = "catalog.json" if content is not None else "other.txt"
    (tmp_path / "out" / name).write_text(content or "mine")
    with pytest.raises(StoreError, match="holds no catalogue of the atlas"):
        write_static([ROOT], tmp_path / "out")
    assert (tmp_path / "out" / name).is_file()


def test_a_file_in_the_way_is_named(tmp_path):
    (tmp_path / "out").write_text("mine")
    with pytest.raises(StoreError, match="is a file"):
        write_static([ROOT], tmp_path / "out")
