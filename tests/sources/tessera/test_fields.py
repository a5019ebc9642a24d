"""Fields of registry lines: the fast way reads what the regular expression reads."""

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from atlas.sources.tessera import fields as tessera_fields
from atlas.sources.tessera.fields import read_fields, split_lines

HASH = "0123456789abcdefABCDEF" + "e" * 42
DEGREES = st.from_regex(r"-?[0-9]{1,3}\.[0-9]{2}", fullmatch=True)
NAME = st.builds("grid_{}_{}".format, DEGREES, DEGREES)
SCALES = st.sampled_from(["", "_scales", "_scale", "_scales_scales"])
END = st.sampled_from(["", " ", "\r", "\t"])
GAP = st.sampled_from([" ", "  ", "\t", ""])


@st.composite
def registry_line(draw):
    name = draw(NAME)
    other = draw(st.one_of(st.just(name), NAME))
    year = draw(st.sampled_from(["2021", "20x1", "0000"]))
    text = f"{year}/{name}/{other}{draw(SCALES)}.npy{draw(GAP)}{HASH}{draw(END)}"
    if draw(st.booleans()):
        return text
    at = draw(st.integers(0, len(text) - 1))
    return text[:at] + draw(st.sampled_from("/_.-g0x ")) + text[at + draw(st.integers(0, 1)) :]


def everything(fields):
    parts = (fields.well_formed, fields.same, fields.year, fields.lon, fields.lat, fields.scales, fields.sha256)
    mask = fields.well_formed
    return [mask.tolist(), *(part[mask].tolist() for part in parts[1:])]


@given(st.lists(registry_line(), max_size=30))
@example(["2021/grid_0.15_52.05/grid_0.15_52.05.npy " + HASH])
@example(["2021/grid_-179.95_-89.95/grid_-179.95_-89.95_scales.npy " + HASH, "", "x"])
def test_both_ways_read_the_same(texts):
    lines = split_lines("".join(text + "\n" for text in texts).encode())
    found = everything(read_fields(lines))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tessera_fields, "_read_matrix", lambda *arguments: None)
        assert everything(read_fields(lines)) == found


def test_plain_lines_take_the_fast_way(monkeypatch):
    def fail(*arguments):
        raise AssertionError

    monkeypatch.setattr(tessera_fields, "_read_by_expression", fail)
    names = [
        f"grid_{lon:.2f}_{lat:.2f}" for lon in (-179.95, -0.05, 0.05, 10.15, 179.95) for lat in (-9.95, 0.05, 89.95)
    ]
    text = "".join(f"2021/{n}/{n}{s}.npy {HASH}\n" for n in names for s in ("", "_scales"))
    fields = read_fields(split_lines(text.encode()))
    assert fields.well_formed.all()
    assert fields.lon[::6].tolist() == [-17995, -5, 5, 1015, 17995]
    assert fields.lat[:6:2].tolist() == [-995, 5, 8995]
    assert fields.scales.tolist() == [False, True] * len(names)
    assert bytes(fields.sha256[0]) == HASH.lower().encode()
    assert np.unique(fields.year).tolist() == [2021]
