"""A long ItemCollection is cut into stretches that say what the whole says, or is read as a whole."""

import json
import os
import signal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stac_emb import examined
from stac_emb.errors import UnreadableInput
from stac_emb.inputs import long_lists
from stac_emb.inputs.documents import Reader
from stac_emb.inputs.long_lists import members_of, stretches
from stac_emb.inputs.strict_json import parse
from stac_emb.processes import in_order
from stac_emb.run import Run
from stac_emb.validate import Validator
from tests.extension.engines import EXAMPLES, read

KIND = '"type": "FeatureCollection"'
ROW = '{"type": "x", "links": [{"type": "a"}, {"type": "b"}], "s": "},{\\"type\\""}'


def cut(path, size=20):
    """The members by stretches; None where they are not to be had so."""
    shares = [members_of(path, *each) for each in stretches(path, size)]
    return None if not shares or None in shares else [member for some in shares for member in some]


def text(count, around=(f"{{{KIND}, ", "}"), row=ROW, between=", "):
    return f'{around[0]}"features": [{between.join([row] * count)}]{around[1]}'


@pytest.mark.parametrize("indent", [None, 1])
@pytest.mark.parametrize("separators", [(",", ":"), (", ", ": ")])
@pytest.mark.parametrize("more", [{}, {"links": [{"type": "Feature"}], "numberMatched": 9, "é]": "]}"}])
def test_a_list_is_cut_between_its_members(tmp_path, indent, separators, more):
    rows = [
        {"type": "Feature", "id": f"é{n}]", "links": [{"type": "},{"}], "more": {"features": [n]}} for n in range(9)
    ]
    path = tmp_path / "page.json"
    for document in (
        {"type": "FeatureCollection", "features": rows, **more},
        {**more, "features": rows, "type": "FeatureCollection"},
    ):
        said = json.dumps(document, indent=indent, separators=separators, ensure_ascii=False)
        path.write_text(said, encoding="utf-8")
        assert len(stretches(path, 150)) > 2
        assert cut(path, 150) == rows


WHOLE = {
    "members begin like what is in them": text(5),
    "no type": text(5, ("{", "}")),
    "in another object first": text(5, (f'{{{KIND}, "a": ', '}, "features": []}')).replace('"a": "', '"a": {"'),
    "the name twice": text(5, (f'{{{KIND}, "features": [1], ', "}")),
    "the name twice in a member": text(4) .replace('"s"', '"type"', 1),
    "cut off": text(5)[:-40],
    "a comma at the end": text(5).replace("}]}", "},]}"),
    "no object": text(5).replace(ROW, "1"),
    "text after it": text(5) + "]",
    "a list beside it": text(5, (f"{{{KIND}, ", ', "more": [{"type": "x"}, {"type": "y"}]}')),
    "closed too early": text(3).replace("}, {", '}], "a": [{', 1),
    "not a number": text(5).replace('"x"', "NaN"),
    "deep": text(5, row='{"type": ' + "[" * 252 + "]" * 252 + "}"),
    "as deep as may be": text(5, row='{"type": ' + "[" * 251 + "]" * 251 + "}"),
}  # fmt: skip


@pytest.mark.parametrize("case", WHOLE)
def test_whatever_it_is_the_whole_says_the_same(tmp_path, case):
    path = tmp_path / "page.json"
    path.write_text(WHOLE[case])
    found = cut(path)
    try:
        whole = parse(path.read_bytes())
    except UnreadableInput:
        whole = None
    assert found is None or found == whole["features"]
    assert (case in {"members begin like what is in them", "as deep as may be"}) is (found is not None) or whole


PIECES = [
    '{"type":',
    "},",
    '"features":[',
    "]",
    "[",
    "{",
    "}",
    '"',
    "\\",
    ",",
    '"a":1',
    '{"type":1}',
    ' "FeatureCollection"',
]


@given(st.lists(st.tuples(st.integers(0, 300), st.sampled_from(PIECES)), max_size=3), st.integers(1, 90))
def test_no_text_is_cut_into_what_it_does_not_say(tmp_path_factory, odd, size):
    said = text(4)
    for place, piece in odd:
        said = said[:place] + piece + said[place:]
    path = tmp_path_factory.mktemp("list") / "page.json"
    path.write_text(said)
    found = cut(path, size)
    if found is not None:
        assert found == parse(said.encode())["features"]


def outcome(path, jobs):
    found = []
    report = Run(Validator(), Reader(), found.append, jobs=jobs).run([str(path)])
    return [(f.file, f.id, f.pointer, f.rule, f.message) for f in found], report.to_json(), report.exit_code


def page(path, rows, end="]}"):
    path.write_text('{"type":"FeatureCollection","features":[' + ",".join(json.dumps(row) for row in rows) + end)
    return path


def test_processes_tell_of_a_list_what_one_tells(tmp_path, monkeypatch):
    item = next(read(path) for path in EXAMPLES if path.name == "pixel-cog-item.json")
    rows = [{**item, "id": f"tile-{n}"} for n in range(40)]
    rows[3] |= {"bbox": [0]}
    rows[20] = {**item, "id": "tile-2"}
    rows[21] = {**rows[21], "stac_extensions": ["https://example.com/x/v1.0.0/schema.json"]}
    rows[39] = {**item, "properties": {**item["properties"], "emb:space": "other-v1"}}
    good, bad = page(tmp_path / "good.json", rows), page(tmp_path / "bad.json", rows, ",]}")
    alone = [outcome(path, 1) for path in (good, bad)]
    monkeypatch.setattr(examined, "_STRETCH", 8 * 1024)
    read_by = []
    monkeypatch.setattr(
        "stac_emb.run.examine_piece", lambda *given: read_by.append(given) or examined.examine_piece(*given)
    )
    assert outcome(good, 2) == alone[0]
    assert not read_by, "read as a whole"
    assert outcome(bad, 2) == alone[1]
    assert {fault[3] for fault in alone[0][0]} >= {"duplicate-id", "semantic/space-of-collection", "unknown-schema"}
    assert any(fault[0] == f"{good}:features/20" for fault in alone[0][0])
    assert [fault[3] for fault in alone[1][0]] == ["unreadable"]


def test_a_list_that_is_too_large_is_not_cut(tmp_path, monkeypatch):
    path = page(tmp_path / "page.json", [{"type": "x"}] * 99)
    assert stretches(path, 100)
    monkeypatch.setattr(long_lists, "MAX_BYTES", 500)
    assert not stretches(path, 100)


def ended(number, _):
    if number == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def test_a_process_that_was_ended_is_told():
    with pytest.raises(UnreadableInput, match="ended from outside") as caught:
        list(in_order(ended, ((n,) for n in range(9)), Validator(), jobs=2, worth=1))
    assert caught.value.exit_code == 2
