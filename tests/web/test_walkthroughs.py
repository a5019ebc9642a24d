"""The walk-throughs are on the site, with their pictures."""

import json

import pytest
from lxml import html

from atlas.errors import SiteError
from atlas.web.pages import walkthroughs as room


def test_each_walk_through_is_a_page_with_its_pictures(site):
    listed = html.parse(site / "walkthroughs.html")
    names = [a.get("href") for a in listed.iterfind(".//ul//h2/a")]
    assert names == [f"walkthroughs/{w.id}.html" for w in room.walkthroughs()]
    assert len(names) == 4
    for name in names:
        page = html.parse(site / name)
        shown = [img.get("src") for img in page.iterfind(".//main//figure/img")]
        assert shown
        assert all((site / "walkthroughs" / src).is_file() for src in shown)
        code = "".join(page.xpath("//main//pre/code/text()"))
        source = json.loads((site / name).with_suffix(".json").read_text("utf-8"))["markdown"]
        assert code.count("import") == sum("import" in line for line in source.splitlines() if not line.startswith("!"))
        assert "```" not in page.getroot().text_content()
        assert all(len(img.get("alt")) > 10 for img in page.iterfind(".//main//img"))


@pytest.mark.parametrize(
    ("list_", "page", "message"),
    [
        ("no table", "# A\n", "it lists no walk-through"),
        ("| [A](a.md) | why? |", "text\n", "it has no title"),
        (
            "| [A](a.md) | why? |",
            "# A\n\n![A picture](pictures/none.png)\n",
            r"its picture pictures/none\.png cannot be read",
        ),
    ],
)
def test_a_walk_through_that_is_not_whole_stops_the_build(tmp_path, monkeypatch, list_, page, message):
    (tmp_path / "README.md").write_text(list_ + "\n")
    (tmp_path / "a.md").write_text(page)
    monkeypatch.setattr(room, "data_dir", lambda _: tmp_path)
    room.walkthroughs.cache_clear()
    with pytest.raises(SiteError, match=message):
        room.walkthroughs()
    room.walkthroughs.cache_clear()
