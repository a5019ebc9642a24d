"""Hand-written content: changes and redirects, checked when read."""

import pytest

from atlas.errors import SiteError
from atlas.web.content import read_notes, read_redirects
from atlas.web.pages import redirect_pages
from stac_emb.identity import HOME, space_uri

NOTE = "- {date: 2026-11-20, title: T, text: X, path: about.html}\n"


def test_the_files_of_the_site_are_right():
    assert read_notes()
    assert read_redirects()["schema.html"] == "emb/v0.1.0/index.html"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("text: X, ", "", "0.text: Field required"),
        ("2026-11-20", "soon", "0.date: Input should be a valid date"),
        ("about.html", "../about.html", "cannot be the address"),
        ("- {", "- {{", "changes.yaml"),
    ],
)
def test_a_wrong_change_is_named(tmp_path, old, new, message):
    (tmp_path / "changes.yaml").write_text(NOTE)
    assert len(read_notes(tmp_path)) == 1
    (tmp_path / "changes.yaml").write_text(NOTE.replace(old, new))
    with pytest.raises(SiteError, match=message):
        read_notes(tmp_path)


def test_a_redirect_names_the_last_address(tmp_path):
    (tmp_path / "redirects.yaml").write_text("a.html: b.html\nb.html: c.html\n")
    with pytest.raises(SiteError, match="name the last address"):
        read_redirects(tmp_path)


@pytest.mark.parametrize(
    ("table", "message"),
    [({"a.html": "gone.html"}, "which does not exist"), ({"b.html": "c.html"}, "is the address of a page")],
)
def test_redirects_fit_the_site(table, message):
    with pytest.raises(SiteError, match=message):
        redirect_pages(table, {"b.html": "B", "c.html": "C"})


def test_an_old_address_leads_to_the_new_one(site):
    text = (site / "schema.html").read_text("utf-8")
    assert 'http-equiv="refresh" content="0; url=emb/v0.1.0/index.html"' in text
    assert '<a href="emb/v0.1.0/index.html">' in text
    assert '<meta name="robots" content="noindex">' in text


def test_each_space_has_its_permanent_address(site):
    path = space_uri("tessera-v1").removeprefix(f"{HOME}/")
    text = (site / path / "index.html").read_text("utf-8")
    assert '<a href="../../spaces.html#tessera-v1">' in text
    assert 'id="tessera-v1"' in (site / "spaces.html").read_text("utf-8")
