"""Citations: read BibTeX, and turn it into CSL-JSON."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pybtex.database import BibliographyData, Entry
from pybtex.database.input.bibtex import Parser
from pybtex.exceptions import PybtexError

from atlas.records.loader import Catalog
from atlas.records.product import Citation, Product

__all__ = ["BibEntry", "citations", "csl_json", "parse_bibtex", "references"]

_TYPES = {
    "article": "article-journal",
    "inproceedings": "paper-conference",
    "incollection": "chapter",
    "book": "book",
    "phdthesis": "thesis",
    "techreport": "report",
    "dataset": "dataset",
    "software": "software",
    "online": "webpage",
}
_FIELDS = {
    "title": "title",
    "journal": "container-title",
    "booktitle": "container-title",
    "publisher": "publisher",
    "howpublished": "publisher",
    "volume": "volume",
    "number": "issue",
    "pages": "page",
    "doi": "DOI",
    "url": "URL",
}


@dataclass(frozen=True, slots=True)
class BibEntry:
    """One BibTeX entry."""

    key: str
    entry: Entry
    text: str


def citations(product: Product) -> Iterator[tuple[str, Citation]]:
    """The citation and the further publications of a product, with their paths."""
    if product.citation is not None:
        yield "citation", product.citation
    for position, publication in enumerate(product.publications):
        yield f"publications.{position}", publication


def parse_bibtex(text: str) -> BibEntry:
    """Read one BibTeX entry.

    Raises:
        ValueError: the text cannot be read, or does not hold exactly one entry with a title.
    """
    try:
        # `parse_string` of the library would look the parser up among all installed packages every time.
        data: BibliographyData = Parser().parse_string(text)
    except PybtexError as error:
        raise ValueError(f"the BibTeX cannot be read: {' '.join(str(error).split())}") from None
    if len(data.entries) != 1:
        raise ValueError(f"the BibTeX holds {len(data.entries)} entries instead of one")
    key, entry = next(iter(data.entries.items()))
    if "title" not in entry.fields:
        raise ValueError(f"the BibTeX entry '{key}' has no title")
    return BibEntry(key, entry, text.strip())


def csl_json(entry: BibEntry) -> dict[str, Any]:
    """The entry as CSL-JSON (Citation Style Language 1.0.2)."""
    fields = entry.entry.fields
    found: dict[str, Any] = {"id": entry.key, "type": _TYPES.get(entry.entry.type, "document")}
    for name, variable in _FIELDS.items():
        if name in fields and variable not in found:
            found[variable] = _plain(fields[name])
    if "eprint" in fields:
        found["type"] = "article" if found["type"] == "document" else found["type"]
        archive = _plain(fields.get("archiveprefix", "arXiv"))
        found["number"] = f"{archive}:{fields['eprint']}"
        found.setdefault("publisher", archive)
    if year := re.match(r"\d{4}", fields.get("year", "")):
        found["issued"] = {"date-parts": [[int(year.group())]]}
    people = [_name(person) for person in entry.entry.persons.get("author", [])]
    if people := [person for person in people if person != {"literal": "others"}]:  # BibTeX's "et al."
        found["author"] = people
    return found


def _name(person: Any) -> dict[str, str]:  # noqa: ANN401 - the library has no types
    family = _plain(" ".join([*person.prelast_names, *person.last_names]))
    given = _plain(" ".join([*person.first_names, *person.middle_names]))
    return {"family": family, "given": given} if given else {"literal": family}


def _plain(text: str) -> str:
    """Text without the braces that protect capitals, and with the few commands that occur in names replaced."""
    return re.sub(r"[{}]", "", text).replace("~", " ").replace("--", "–").replace("\\&", "&").strip()


def references(catalog: Catalog) -> list[BibEntry]:
    """Every BibTeX entry of the catalogue once, sorted by key.

    Raises:
        ValueError: an entry cannot be read, or one key names two works; `atlas lint` says where.
    """
    found: dict[str, BibEntry] = {}
    for product in catalog.products.values():
        for _, citation in citations(product):
            if citation.bibtex is None:
                continue
            entry = parse_bibtex(citation.bibtex)
            if found.setdefault(entry.key, entry).text.split() != entry.text.split():
                raise ValueError(f"{product.id}: the BibTeX key '{entry.key}' names two works")
    return [found[key] for key in sorted(found)]
