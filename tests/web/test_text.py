"""Text for pages."""

import json
from typing import get_args

import pytest

from atlas.answers.labels import protocol_name
from atlas.answers.words import bytes_text, number, position_text, years_text
from atlas.records.distributions import Distribution
from atlas.web.text import address, first_sentence, is_web_link, markdown, script_json


@pytest.mark.parametrize(
    ("source", "html"),
    [
        ("a *b* `c`", "<p>a <em>b</em> <code>c</code></p>\n"),
        ("<script>x</script>", "<p>&lt;script&gt;x&lt;/script&gt;</p>\n"),
        (
            "![i](https://example.org/x.png)",
            '<p>!<a href="https://example.org/x.png" rel="noopener external">i</a></p>\n',
        ),
        ("[a](https://example.org)", '<p><a href="https://example.org" rel="noopener external">a</a></p>\n'),
        ("[a](/local)", '<p><a rel="noopener external">a</a></p>\n'),
        ("# not a heading", "<p># not a heading</p>\n"),
    ],
)
def test_markdown_of_a_record(source, html):
    assert str(markdown(source)) == html


def test_markdown_drops_addresses_that_run():
    for href in ("javascript:alert(1)", "data:text/html,x", "vbscript:x", "JaVaScRiPt:x", "&#106;avascript:x"):
        assert "href" not in str(markdown(f"[a]({href})")) or 'href="javascript' not in str(markdown(f"[a]({href})"))
        assert "<a href=" not in str(markdown(f"[a]({href})"))


@pytest.mark.parametrize(
    ("href", "good"),
    [
        ("https://example.org/a", True),
        ("http://example.org", True),
        ("s3://bucket/key", False),
        ("javascript:alert(1)", False),
        ("https://", False),
        ("https://exa mple.org", False),
        ("https://[broken", False),
        ("//example.org", False),
        (None, False),
        ("", False),
    ],
)
def test_what_a_browser_may_follow(href, good):
    assert is_web_link(href) is good


def test_json_cannot_end_its_element():
    value = {"a": "</script><!-- & \u2028"}
    text = str(script_json(value))
    assert not set("<>&\u2028") & set(text)
    assert json.loads(text) == value


def test_numbers():
    assert number(302466) == "302\u202f466"
    assert number(127.5) == "127.5"
    assert number(10.0) == "10"
    assert number(None) == ""


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0\u202fB"),
        (999, "999\u202fB"),
        (999.6, "1\u202fkB"),
        (465e12, "465\u202fTB"),
        (5e20, "500\u202fEB"),
        (None, ""),
    ],
)
def test_sizes(size, text):
    assert bytes_text(size) == text


def test_years():
    assert years_text([2019, 2017, 2018, 2021]) == "2017–2019, 2021"
    assert years_text(None) == ""


def test_a_description_ends_at_a_word():
    text = first_sentence("word " * 100)
    assert len(text) <= 156
    assert text.endswith("word…")


def test_addresses_are_short_and_may_break_after_a_stroke():
    commit = "bb4c3f77f5b00a1136c0fe6bc958e148d07a1e7e"
    shown = str(address(f"https://example.org/a_b/blob/{commit}/x.md"))
    assert shown.replace("<wbr>", "") == "example.org/a_b/blob/bb4c3f7/x.md"
    assert "blob/<wbr>" in shown
    assert "a_<wbr>b" in shown
    assert "&lt;" in address("https://example.org/<script>")


def test_positions_and_protocols_are_written_as_readers_write_them():
    assert position_text(-105.959, 39.959) == "39.96° N, 105.96° W"
    assert position_text(36.8, -1.3) == "1.30° S, 36.80° E"
    known = get_args(Distribution.model_fields["protocol"].annotation)
    assert [p for p in known if protocol_name(p) == p] == []
