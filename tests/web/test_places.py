"""The gazetteer: as its script recorded it, with consistent references."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from atlas.web.content import gazetteer

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "scripts" / "make-places.py"


def test_the_gazetteer_has_its_recorded_checksum():
    subprocess.run([sys.executable, str(SCRIPT), "--check"], check=True, capture_output=True)


def test_another_file_is_refused(tmp_path):
    (tmp_path / "scripts").mkdir()
    (tmp_path / "scripts" / SCRIPT.name).write_bytes(SCRIPT.read_bytes())
    folder = tmp_path / "site" / "content" / "geonames"
    folder.mkdir(parents=True)
    (folder / "places.json").write_text("{}")
    command = [sys.executable, str(tmp_path / "scripts" / SCRIPT.name)]
    result = subprocess.run([*command, "--check"], check=False, capture_output=True, text=True)
    assert result.returncode == 1
    assert "not the recorded" in result.stderr
    (tmp_path / "other.whl").write_bytes(b"")
    result = subprocess.run([*command, str(tmp_path / "other.whl")], check=False, capture_output=True, text=True)
    assert result.returncode == 1
    assert "other.whl has the SHA-256" in result.stderr


def test_each_place_lies_somewhere_in_a_country():
    places = gazetteer()
    countries, regions, cities = places["countries"], places["regions"], places["cities"]
    assert (len(countries), len(regions)) == (245, 3773)
    assert len(cities) > 20_000
    assert all(0 <= of < len(countries) for _, of, *_ in regions)
    assert all(-len(countries) <= of < len(regions) for _, of, *_ in cities)
    for _, _, lon, lat, *_ in [*countries, *regions, *cities]:
        assert -180 <= lon <= 180
        assert -90 <= lat <= 90


@pytest.mark.parametrize(
    ("name", "region", "country", "lon", "lat"),
    [
        ("Nairobi", "Nairobi County", "Kenya", 36.8, -1.3),
        ("Paris", "Île-de-France", "France", 2.35, 48.85),
        ("Paris", "Texas", "United States", -95.6, 33.7),
    ],
)
def test_towns_are_where_they_are(name, region, country, lon, lat):
    places = gazetteer()
    found = [
        c
        for c in places["cities"]
        if c[0] == name and c[1] >= 0 and places["regions"][c[1]][0] == region
        and places["countries"][places["regions"][c[1]][1]][0] == country
    ]  # fmt: skip
    assert len(found) == 1
    assert found[0][2:] == pytest.approx([lon, lat], abs=0.06)


def test_the_credit_that_the_licence_asks_for_stands_on_every_page(site):
    assert "CC BY 4.0" in (site / "index.html").read_text("utf-8")
    for page in site.glob("*.html"):
        text = page.read_text("utf-8")
        assert "https://www.geonames.org" in text or 'http-equiv="refresh"' in text, page


def test_the_site_hands_the_gazetteer_over_as_it_is(site):
    text = (site / "data" / "places.js").read_text("utf-8")
    head, tail = 'atlas.provide("places",', ");\n"
    assert text.startswith(head)
    assert json.loads(text[len(head) : -len(tail)]) == gazetteer()
