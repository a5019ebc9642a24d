"""A passage is identified by its digest, independent of place and layout."""

import pytest

from atlas.evidence.passages import Passage, Text, passage_of, passages_for

CARD = (
    b"# Model\n\nEach vector has **128** numbers,\nstored as int8 in 8 bits.\n\n"
    b"- Licence: CC-BY-4.0\n- Years: 2017 to 2025\n- https://example.org/x"
)
VECTOR = ["each", "vector", "has", "128", "numbers", "stored", "as", "int8", "in", "8", "bits"]


def test_what_only_looks_different_is_the_same():
    one = Text(b"Each vector has **128** numbers,\nstored as `int8` in 8 bits.", "README.md").whole
    other = Text("  each VECTOR has 128\u00a0numbers, stored as “int8” in 8 bits".encode(), "README.md").whole
    assert one == other == passage_of(VECTOR)
    assert one != Text(b"Each vector has 64 numbers, stored as int8.", "README.md").whole


def test_a_digest_is_the_first_half_of_the_hash_of_the_words():
    # printf 'a b' | sha256sum
    assert passage_of(["a", "b"]) == Passage("c8687a08aa5d6ed2", 2)


def test_a_value_rests_on_the_blocks_that_mention_it():
    text = Text(CARD, "README.md")
    assert passages_for(128, text) == [passage_of(VECTOR)]
    assert passages_for("CC-BY-4.0", text) == [passage_of(["licence", "cc-by-4.0"])]
    assert len(passages_for([2017, 2025], text)) == 1
    assert passages_for("https://example.org/x", text) == [passage_of(["https://example.org/x"])]
    assert passages_for("numbers stored", text) == [passage_of(VECTOR)]


@pytest.mark.parametrize("value", [12, 8, 4.0, "vector", "unit", True, None, [2017, 2018], [], {"a": 1}])
def test_a_value_that_no_block_mentions_rests_on_the_whole(value):
    text = Text(CARD, "README.md")
    assert passages_for(value, text) == [text.whole]


def test_a_value_that_stands_everywhere_rests_on_the_whole():
    text = Text(b"\n\n".join(b"line %d of 10 m" % n for n in range(20, 40)), "README.md")
    assert passages_for(10, text) == [text.whole]


def test_a_passage_is_found_where_it_has_moved_to():
    passage = passage_of(VECTOR)
    text = Text(b"Much else. Each vector has 128 numbers, stored as int8 in 8 bits. More.", "README.md")
    assert text.holds(passage)
    assert not Text(b"Each vector has 64 numbers, stored as int8.", "README.md").holds(passage)


def test_a_page_is_what_its_reader_sees():
    page = Text(
        b"<!doctype html><html><head><title>T</title><script>var n = 128</script></head><body><nav>Menu</nav>"
        b"<main><p>Each <b>vec</b>tor has 128&nbsp;numbers.</p><p>More</p></main><footer>Visits: 7</footer></html>",
        "page",
        "text/html; charset=utf-8",
    )
    assert page.words == ("each", "vector", "has", "128", "numbers", "more")
    assert passages_for(128, page) == [passage_of(["each", "vector", "has", "128", "numbers"])]


def test_code_is_told_by_its_lines():
    text = Text(b"DIM = 128\nSCALE = 4\n", "conf.py")
    assert passages_for(128, text) == [passage_of(["dim", "=", "128"])]
    assert text.lines(2, 2) == passage_of(["scale", "=", "4"])
    assert text.lines(7, 9) is None


@pytest.mark.parametrize("content", [b"\0\1\2", b"\xff\xfe\xfd"])
def test_what_is_no_text_is_known_by_its_bytes(content):
    file = Text(content, "sample.tif")
    assert file.whole.words == 0
    assert passages_for(128, file) == [file.whole]
    assert Text(content, "other.tif").holds(file.whole)
    assert not Text(content + b"x", "sample.tif").holds(file.whole)


def test_hostile_pages_are_read_in_their_time():
    for page in (b"<b>x</b>" * 40_000, b"<nav>" * 40_000 + b"</p>" * 40_000, b"<" * 40_000, b"a " * 100_000):
        text = Text(b"<html>" + page, "x", "text/html")
        assert not text.holds(Passage("0" * 16, 80_000))
