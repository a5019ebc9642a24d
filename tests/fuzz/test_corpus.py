"""Replays the fuzzer's corpus: each input is read, or rejected with an error of ours."""

from pathlib import Path

import pytest

from tests.fuzz.targets import TARGETS

CORPUS = Path(__file__).with_name("corpus")
KEPT = {path.name: sorted(path.iterdir()) for path in CORPUS.iterdir()}


@pytest.mark.parametrize("name", sorted(TARGETS))
def test_no_kept_input_breaks_its_reader(name):
    assert KEPT[name], "a target without a corpus starts from nothing"
    for path in KEPT[name]:
        try:
            TARGETS[name](path.read_bytes())
        except Exception as error:
            raise AssertionError(f"{path}: {error!r}") from error


def test_the_corpus_is_small_and_of_targets_only():
    assert KEPT.keys() == TARGETS.keys()
    sizes = [path.stat().st_size for paths in KEPT.values() for path in paths]
    assert max(sizes) <= 2_048
    assert sum(sizes) < 400_000
    assert len(sizes) < 1_200


def test_a_find_is_one(tmp_path):
    with pytest.raises(ZeroDivisionError):
        __import__("tests.fuzz.targets", fromlist=["of_ours"]).of_ours(lambda _: 1 / 0)(b"")
