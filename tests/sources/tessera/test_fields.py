"""Parsing the fields of registry lines: vectorised and line by line agree."""

import re

from hypothesis import example, given
from hypothesis import strategies as st

from atlas.sources.tessera.fields import read_fields, split_lines

HASH = "0123456789abcdefABCDEF" + "e" * 42
# Also without need of its zeros and its sign: 007.25, -0.00.
WRITTEN = st.sampled_from([*["{:.2f}", "-{:.2f}"] * 6, "{:05.2f}", "-{:05.2f}", "{:06.2f}", "-{:06.2f}"])
DEGREES = st.builds(lambda form, hundredth: form.format(hundredth / 100), WRITTEN, st.integers(0, 99_999))
NAME = st.builds("grid_{}_{}".format, DEGREES, DEGREES)
SCALES = st.sampled_from(["", "_scales", "_scale", "_scales_scales"])
LINE = re.compile(
    r"([0-9]{4})/(grid_(-?(?:0|[1-9][0-9]{0,2})\.[0-9]{2})_(-?(?:0|[1-9][0-9]{0,2})\.[0-9]{2}))"
    r"/(grid_[-0-9._npyscale]+)[ \t]+([0-9a-fA-F]{64})[ \t\r]*"
)
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


def plain(text):
    """A line parsed without Arrow; None where it is not a registry line."""
    found = LINE.fullmatch(text)
    if found is None:
        return None
    year, folder, lon, lat, file, digest = found.groups()
    same = file in (f"{folder}.npy", f"{folder}_scales.npy")
    return same, int(year), hundredths(lon), hundredths(lat), file.endswith("_scales.npy"), digest.lower()


def hundredths(text):
    return int(text.replace(".", ""))


@given(st.lists(registry_line(), max_size=30))
@example(["2021/grid_0.15_52.05/grid_0.15_52.05.npy " + HASH])
@example(["2021/grid_-179.95_-89.95/grid_-179.95_-89.95_scales.npy " + HASH, "", "x"])
def test_lines_are_read_as_python_reads_them(texts):
    found, same = read_fields(split_lines("".join(text + "\n" for text in texts).encode()))
    wanted = {line: fields for line, text in enumerate(texts, 1) if (fields := plain(text))}
    assert found["line"].tolist() == list(wanted)
    for one, names, fields in zip(found, same.tolist(), wanted.values(), strict=True):
        read = [one[name].item() for name in ("year", "lon", "lat", "scales")]
        assert (names, *read, bytes(one["sha256"]).decode()) == fields


def test_the_ends_of_the_globe_are_read():
    names = [
        f"grid_{lon:.2f}_{lat:.2f}" for lon in (-179.95, -0.05, 0.05, 10.15, 179.95) for lat in (-9.95, 0.05, 89.95)
    ]
    text = "".join(f"2021/{n}/{n}{s}.npy {HASH}\n" for n in names for s in ("", "_scales"))
    found, _ = read_fields(split_lines(text.encode()))
    assert len(found) == 2 * len(names)
    assert found["lon"][::6].tolist() == [-17995, -5, 5, 1015, 17995]
    assert found["lat"][:6:2].tolist() == [-995, 5, 8995]
    assert found["scales"].tolist() == [False, True] * len(names)
