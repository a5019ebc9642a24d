"""The awesome list and the introductions that the catalogue started from: everything in them has an entry."""

import csv
import re
from pathlib import Path

import pytest

DATA = Path(__file__).parent / "data"


def table(name):
    return list(csv.DictReader((DATA / name).read_text("utf-8").splitlines()))


AWESOME, SEEDS = table("awesome_list.csv"), table("seed_systems.csv")


def bare(link):
    """An address without scheme, www, version and trailing slash."""
    link = re.sub(r"^https?://(www\.)?", "", link).rstrip("/")
    return re.sub(r"v\d+$", "", link) if link.startswith("arxiv.org") else link


def known_links(catalog):
    found = set()
    for entry in catalog.ecosystem.values():
        paper = entry.paper
        links = [entry.href, entry.code, entry.data, paper.url if paper else None]
        links += [f"https://arxiv.org/abs/{paper.arxiv}"] if paper and paper.arxiv else []
        found |= {bare(link) for link in links if link}
    return found


def known_names(catalog):
    entries = catalog.ecosystem.values()
    return {name.casefold() for entry in entries for name in (entry.title, *entry.aliases)}


def test_the_samples_are_whole():
    assert len(AWESOME) == 50
    assert len(SEEDS) > 90


@pytest.mark.parametrize("row", AWESOME, ids=lambda row: row["abbreviation"] or row["title"][:40])
def test_each_entry_of_the_awesome_list_is_in_the_ecosystem(catalog, row):
    by_name = {row["abbreviation"].casefold(), row["title"].casefold()} & known_names(catalog)
    by_link = {bare(link) for link in row["links"].split()} & known_links(catalog)
    assert by_name or by_link, f"{row['title']} ({row['links']}) has no entry"


@pytest.mark.parametrize("row", SEEDS, ids=lambda row: f"{row['name']} - {row['where']}")
def test_each_system_of_the_introductions_stands_somewhere(catalog, row):
    place, _, name = row["where"].partition("/")
    if place == "term":
        facet, _, term = name.partition("/")
        assert term in catalog.taxonomy[facet].terms
        return
    records = {"ecosystem": catalog.ecosystem, "product": catalog.products, "input": catalog.inputs}[place]
    record = records[name]
    # An id alone could be any record: words of the name must occur in what the record calls itself.
    words = [record.id, record.title, *getattr(record, "aliases", []), getattr(record, "summary", "")]
    words += [place.href or "" for place in getattr(record, "distributions", [])]
    text = " ".join(words).casefold().replace("-", " ").replace("_", " ")
    wanted = [word for word in re.split(r"[^a-z0-9]+", row["name"].casefold()) if len(word) > 2 and word != "and"]
    assert any(word in text for word in wanted), f"{row['name']} is not what {row['where']} calls itself"


LIST = Path(__file__).parents[2].parent / "shared/data/lists/Awesome-Geospatial-Embeddings_README_884af1a.md"


@pytest.mark.skipif(not LIST.is_file(), reason="the whole list is not beside this checkout")
def test_the_sample_names_every_row_of_the_list():
    text = LIST.read_text("utf-8")
    titles = {row["title"] for row in AWESOME}
    named = {m.strip() for m in re.findall(r"^\|[^|]*\|\s*\*\*(.+?)\*\*\s*\|", text, re.MULTILINE)}
    assert named <= titles
