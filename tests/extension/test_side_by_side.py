"""Several processes report the same faults in the same order as one."""

import gc
import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from stac_emb import examined, pieces
from stac_emb.inputs.documents import Reader
from stac_emb.inputs.sources import Document
from stac_emb.processes import in_order
from stac_emb.run import Run
from stac_emb.validate import Validator
from tests.extension.engines import EXAMPLES, read


@pytest.fixture
def item():
    return next(read(path) for path in EXAMPLES if path.name == "pixel-cog-item.json")


def outcome(names, jobs):
    found = []
    report = Run(Validator(), Reader(), found.append, jobs=jobs).run([str(name) for name in names])
    return [(f.file, f.id, f.pointer, f.rule, f.message) for f in found], report.to_json(), report.exit_code


def lines_with_faults(item, count):
    """Lines of ndjson: one invalid, one not JSON, one blank, one of another space, one repeated id."""
    lines = [json.dumps({**item, "id": f"tile-{place}"}) for place in range(count)]
    lines[3] = json.dumps({**item, "id": 3})
    lines[count // 2] = "{"
    lines[count // 2 + 1] = ""
    lines[-2] = json.dumps({**item, "id": "odd", "properties": {**item["properties"], "emb:space": "other-v1"}})
    lines[-1] = json.dumps({**item, "id": "tile-0", "properties": {**item["properties"], "title": "another"}})
    return "\n".join(lines)


@pytest.mark.slow
def test_long_files_and_folders_are_read_by_processes_without_a_difference(tmp_path, item, monkeypatch):
    (tmp_path / "many.ndjson").write_text(lines_with_faults(item, 60))
    (tmp_path / "folder").mkdir()
    for place in range(20):
        own = {**item, "id": f"file-{place}"} | ({"bbox": [0]} if place == 11 else {})
        (tmp_path / "folder" / f"{place:02}.json").write_text(json.dumps(own))
    (tmp_path / "folder" / "notes.json").write_text("{}")
    names = [tmp_path / "many.ndjson", tmp_path / "absent.json", tmp_path / "folder", tmp_path / "many.ndjson"]
    alone = outcome(names, 1)
    monkeypatch.setattr(pieces, "_PIECE", 8 * 1024)
    assert outcome(names, 2) == alone
    assert outcome(names, 5) == alone
    monkeypatch.setattr("stac_emb.run.may_fork", lambda: False)
    monkeypatch.setattr("stac_emb.processes.may_fork", lambda: False)
    assert outcome(names, 2) == alone
    faults, report, code = alone
    assert code == 2
    told = {fault[3] for fault in faults}
    assert {"unreadable", "duplicate-id", "semantic/space-of-collection"} <= told
    assert json.loads(report)["skipped"] == 1
    assert json.loads(report)["checked"] == 58 + 20


def test_pieces_hold_whole_lines_and_every_line_once(tmp_path, monkeypatch, item):
    path = tmp_path / "many.ndjson"
    path.write_text(lines_with_faults(item, 40))
    sources = list(Reader().sources([str(path)]))
    monkeypatch.setattr(pieces, "_PIECE", 5_000)
    cut = list(pieces.pieces(sources, Reader()))
    assert len(cut) > 5
    stretches = [piece.lines for piece in cut]
    assert [stop for _, stop, _ in stretches[:-1]] == [start for start, _, _ in stretches[1:]]
    assert stretches[-1][1] == path.stat().st_size
    names = [document.name for piece in cut for document in examined.examine_piece(piece, Validator())[1][0]]
    assert names == [f"{path}:{number}" for number in range(1, 41) if number != 22]


def test_one_document_over_many_lines_is_said_once(tmp_path, monkeypatch, item):
    path = tmp_path / "pretty.ndjson"
    path.write_text(json.dumps(item, indent=1))
    monkeypatch.setattr(pieces, "_PIECE", 500)
    faults, _, code = outcome([path], 1)
    assert code == 2
    assert [fault[4] for fault in faults] == [
        "one document over several lines, but .ndjson has one per line: name the file .json"
    ]


def test_a_line_without_an_end_stops_its_file(tmp_path, monkeypatch):
    path = tmp_path / "long.ndjson"
    path.write_text("{}\n" + " " * 3000 + "x\n{}\n")
    monkeypatch.setattr(pieces, "_PIECE", 10)
    monkeypatch.setattr(pieces, "MAX_BYTES", 1000)
    monkeypatch.setattr("stac_emb.inputs.documents.MAX_BYTES", 1000)
    faults, _, _ = outcome([path], 1)
    assert [(fault[0], fault[3]) for fault in faults] == [(f"{path}:1", "stac/type"), (f"{path}:2", "unreadable")]


def test_few_calls_start_no_process(monkeypatch):
    monkeypatch.setattr("concurrent.futures.ProcessPoolExecutor", None)
    monkeypatch.setattr("os.fork", None)
    calls = [("a",), ("b",)]
    told = in_order(lambda name, validator: (name, validator), calls, "validator", jobs=4, worth=2)
    assert list(told) == [("a", "validator"), ("b", "validator")]


def test_one_document_waits_for_no_library_that_others_need():
    code = (
        "import sys\n"
        "from stac_emb.command import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "print(sorted({'multiprocessing', 'concurrent', 'numpy', 'pyarrow', 'pydantic', 'shapely'} & set(sys.modules)))"
    )
    command = [sys.executable, "-c", code, "validate", str(EXAMPLES[0])]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["1 checked, 1 valid, 0 invalid", "[]"]


def threshold(number, validator):
    return number, os.getpid(), gc.get_threshold(), isinstance(validator, Validator)


def test_processes_look_for_cycles_as_rarely_as_the_one_that_starts_them(monkeypatch):
    monkeypatch.setattr("stac_emb.processes.may_fork", lambda: False)
    before = gc.get_threshold()
    gc.set_threshold(54_321, 11, 12)
    try:
        told = list(in_order(threshold, [(n,) for n in range(3)], Validator(), jobs=2, worth=1))
    finally:
        gc.set_threshold(*before)
    assert [(number, seen, made) for number, _, seen, made in told] == [(n, (54_321, 11, 12), True) for n in range(3)]
    assert os.getpid() not in {process for _, process, _, _ in told}


_COPIED = """
import os
from stac_emb.processes import in_order
from stac_emb.validate import Validator
PARENT, MINE = os.getpid(), Validator()
def call(number, validator):
    return number, os.getpid() == PARENT, validator is MINE and ("first",) in validator._whole
MINE._whole["first",] = None
for row in in_order(call, [(n,) for n in range(5)], MINE, jobs=2, worth=1):
    print(*row)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux tells how many threads there are")
def test_copied_processes_have_what_was_compiled_before():
    done = subprocess.run([sys.executable, "-c", _COPIED], capture_output=True, text=True, check=False)
    assert done.stdout.splitlines() == [f"{n} False True" for n in range(5)], done.stderr


def mixed(folder, item, count=8):
    """Files of two kinds in turn, and two that are no STAC object."""
    documents = [{**item, "id": f"tile-{place}"} for place in range(count)]
    for document in documents[1::2]:
        document["stac_extensions"] = []
    for place, document in enumerate([*documents, "no object", {}]):
        (folder / f"{place:02}.json").write_text(json.dumps(document))
    return [folder / f"{place:02}.json" for place in range(count)]


@pytest.mark.parametrize("by_kind", [True, False])
def test_documents_are_examined_kind_by_kind_and_told_in_their_order(tmp_path, monkeypatch, item, by_kind):
    files = mixed(tmp_path, item)
    order = []
    examine = examined.examine
    monkeypatch.setattr(
        examined,
        "examine",
        lambda document, *rest, **more: (order.append(document.name), examine(document, *rest, **more))[1],
    )
    cut = pieces.pieces(Reader().sources([str(tmp_path)]), Reader(), by_kind=by_kind)
    told, passed_over = {}, 0
    for piece in cut:
        places, found, skipped = examined.examine_piece(piece, Validator())
        told |= dict(zip(places, found, strict=True))
        passed_over += skipped
    assert [each.name for place in sorted(told) for each in told[place]] == [str(path) for path in files]
    assert passed_over == 2
    assert [files.index(Path(name)) % 2 for name in order] in ([1] * 4 + [0] * 4, [0] * 4 + [1] * 4)


def test_no_text_waits_for_long_for_others_of_its_kind(tmp_path, monkeypatch, item):
    mixed(tmp_path, item)
    sources = list(Reader().sources([str(tmp_path)]))

    def places():
        return [piece.places for piece in pieces.pieces(sources, Reader())]

    assert places() == [(0, 2, 4, 6), (1, 3, 5, 7), (8, 9)]
    monkeypatch.setattr(pieces, "_LATE", 3)
    assert places()[:3] == [(0, 2), (1, 3), (4, 6)]
    monkeypatch.setattr(pieces, "_LATE", 4_000)
    monkeypatch.setattr(pieces, "_GATHERED", 2 * Path(sources[0].name).stat().st_size)
    assert places()[:2] == [(0, 2), (1, 3)]


def test_large_files_are_read_by_who_validates_them(tmp_path, monkeypatch, item):
    files = mixed(tmp_path, item)
    files[3].write_text(json.dumps({**item, "title": "x" * 40_000}))
    monkeypatch.setattr(pieces, "_PIECE", 40_000)
    cut = list(pieces.pieces(Reader().sources([str(tmp_path)]), Reader()))
    assert [(piece.places, piece.sources[0].name) for piece in cut if piece.sources] == [((3,), str(files[3]))]
    assert sorted(place for piece in cut for place in piece.places) == list(range(10))
    unread = list(pieces.pieces(Reader().sources([str(tmp_path)]), Reader(), by_kind=False))
    assert not any(piece.texts for piece in unread)


def test_the_first_texts_of_a_kind_wait_for_few_others(tmp_path, item):
    for number in range(40):
        (tmp_path / f"{number:02}.json").write_text(json.dumps(item) + " " * 16_000)
    cut = [len(piece.texts) for piece in pieces.pieces(Reader().sources([str(tmp_path)]), Reader())]
    assert sum(cut) == 40
    assert cut[0] <= 2 < max(cut)


def test_pipes_and_sockets_are_no_files_and_are_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.json")
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(str(tmp_path / "socket.json"))
    (tmp_path / "folder.json").mkdir()
    found = list(pieces.pieces(Reader().sources([str(tmp_path)]), Reader()))
    told = {Path(text.name).name: text.problem for piece in found for text in piece.texts}
    assert told == {"pipe.json": "not a regular file", "socket.json": "not a regular file"}


def test_a_folder_that_cannot_be_listed_is_told_and_the_rest_is_read(tmp_path, monkeypatch, item):
    for name in ("closed", "open"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.json").write_text(json.dumps(item))
    listed = os.scandir

    def scandir(path):
        if str(path).endswith("closed"):
            raise PermissionError(13, "Permission denied")
        return listed(path)

    monkeypatch.setattr(os, "scandir", scandir)
    found = list(Reader().sources([str(tmp_path)]))
    assert [(Path(each.name).name, getattr(each, "problem", None)) for each in found] == [
        ("closed", "Permission denied"),
        ("a.json", None),
    ]


def test_rejected_rows_that_cannot_be_listed_are_told_and_the_rest_is_read(tmp_path, monkeypatch, item):
    (tmp_path / "set-aside").mkdir()
    (tmp_path / "z.json").write_text(json.dumps(item))

    def closed(path):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "iterdir", closed)
    found = list(Reader().sources([str(tmp_path)]))
    assert [(Path(each.name).name, getattr(each, "problem", None)) for each in found] == [
        ("set-aside", "Permission denied"),
        ("z.json", None),
    ]


def test_files_of_the_present_folder_are_named_without_a_dot_in_front(tmp_path, monkeypatch):
    (tmp_path / "b").mkdir()
    for name in ("a.json", "b/c.json"):
        (tmp_path / name).write_text("{}")
    monkeypatch.chdir(tmp_path)
    assert [source.name for source in Reader().sources(["."])] == ["a.json", "b/c.json"]
    reader = Reader()
    assert [source.name for source in reader.sources([".", "./b"]) if reader.is_new(source)] == ["a.json", "b/c.json"]


def test_a_pipe_that_is_called_parquet_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.parquet")
    held = os.open(tmp_path / "pipe.parquet", os.O_RDWR)  # who waited would wait for ever
    told = []
    try:
        Run(Validator(), Reader(), told.append).run([str(tmp_path)])
    finally:
        os.close(held)
    assert [(Path(str(fault.file)).name, fault.message) for fault in told] == [("pipe.parquet", "not a regular file")]


def test_what_cannot_be_read_is_told_in_its_place(tmp_path, item):
    files = mixed(tmp_path, item)
    files[2].unlink()
    files[2].symlink_to("nowhere.json")
    cut = pieces.pieces(Reader().sources([str(tmp_path)]), Reader())
    found = {place: text for piece in cut for place, text in zip(piece.places, piece.texts, strict=True)}
    assert found[2] == Document(str(files[2]), problem="no such file")


_WAITING = """
import os, time
from stac_emb import processes
from stac_emb.validate import Validator
if {anew}:
    processes.may_fork = lambda: False
def wait(number, validator):
    time.sleep(0.05)
    return os.getpid()
if __name__ == "__main__":
    for process in processes.in_order(wait, [(n,) for n in range(100_000)], Validator(), jobs=2, worth=1):
        print(process, flush=True)
"""


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="only Linux tells which processes there are")
@pytest.mark.parametrize("anew", [False, True])
def test_processes_end_with_the_one_that_started_them(tmp_path, anew):
    script = tmp_path / "waiting.py"
    script.write_text(_WAITING.format(anew=anew))
    with subprocess.Popen([sys.executable, script], stdout=subprocess.PIPE, text=True) as parent:
        others = {int(parent.stdout.readline()) for _ in range(20)} - {parent.pid}
        parent.kill()
    assert others
    end = time.monotonic() + 30
    while any(_runs(process) for process in others):
        assert time.monotonic() < end, "still there"
        time.sleep(0.05)


def _runs(process):
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
