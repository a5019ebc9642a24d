"""`stac-emb validate` in hostile surroundings: links to themselves, full disks, few processes, odd names."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from stac_emb import pieces as cut
from stac_emb.command import main
from stac_emb.inputs.documents import Reader
from stac_emb.inputs.sources import Source, Text
from stac_emb.pieces import likely_kind, pieces

ITEM = {
    "type": "Feature",
    "stac_version": "1.1.0",
    "id": "a",
    "geometry": None,
    "properties": {"datetime": "2024-01-01T00:00:00Z"},
    "links": [],
    "assets": {},
}


def validate(capsys, *arguments):
    with pytest.raises(SystemExit) as ended:
        main(["validate", *map(str, arguments)])
    return ended.value.code, *capsys.readouterr()


@pytest.mark.parametrize("recursive", [False, True])
def test_a_link_to_itself_is_told_and_the_rest_goes_on(tmp_path, capsys, recursive):
    (tmp_path / "loop.json").symlink_to("loop.json")
    linked = {**ITEM, "links": [{"rel": "item", "href": "./loop.json"}]}
    (tmp_path / "whole.json").write_text(json.dumps(linked))
    code, said, _ = validate(capsys, tmp_path, *(["-r"] if recursive else []))
    assert code == 2
    assert f"{tmp_path}/loop.json - - - / - unreadable - no such file" in said
    assert "1 checked" in said


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux")
@pytest.mark.parametrize("form", ["text", "json"])
def test_a_full_disk_is_told_in_one_line(tmp_path, form):
    (tmp_path / "item.json").write_text(json.dumps(ITEM))
    command = [sys.executable, "-m", "stac_emb", "validate", str(tmp_path), "--format", form]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert done.stderr == "stac-emb: the output could not be written: No space left on device\n"


def test_processes_that_cannot_be_started_are_told(tmp_path, capsys, monkeypatch):
    def fork():
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(os, "fork", fork)
    monkeypatch.setattr("stac_emb.processes.may_fork", lambda: True)
    monkeypatch.setattr("stac_emb.run._FEW_PIECES", 0)
    for number in range(3):
        text = json.dumps({**ITEM, "stac_extensions": [f"https://example.com/{number}.json"]})
        (tmp_path / f"{number}.json").write_text(text)
    monkeypatch.setattr(cut, "_PIECE", 1)
    code, _, told = validate(capsys, tmp_path, "--jobs", 2)
    assert (code, told) == (
        2,
        "stac-emb: 2 processes could not be started (Resource temporarily unavailable): ask for fewer with --jobs\n",
    )


def test_repeated_ids_are_found_in_a_file_with_a_line_break_in_its_name(tmp_path, capsys):
    (tmp_path / "two\nlines.ndjson").write_text((json.dumps(ITEM) + "\n") * 2)
    _, said, _ = validate(capsys, tmp_path)
    assert "two\\u000alines.ndjson:2 - a - /id - duplicate-id" in said


def test_the_kind_of_a_text_without_an_end_is_short():
    assert len(likely_kind(Text("a.json", b'{"stac_extensions": [' + b'"x", ' * 2**16))) <= 2**12


def test_texts_that_wait_for_others_are_bounded_also_after_many_small_ones(tmp_path, monkeypatch):
    monkeypatch.setattr(cut, "_GATHERED", 10_000)
    sources = []
    for number in range(60):
        path = tmp_path / f"{number:02}.json"
        path.write_text(f'{{"stac_extensions": ["{number}"]}}{" " * (5_000 if number > 30 else 0)}')
        sources.append(Source(str(path)))
    taken = told = most = 0

    def counted():
        nonlocal taken
        for source in sources:
            yield source
            taken += os.stat(source.name).st_size  # noqa: PTH116

    for piece in pieces(counted(), Reader()):
        told += sum(len(text.data) for text in piece.texts)
        most = max(most, taken - told)
    assert taken == told
    assert most < 20_000
