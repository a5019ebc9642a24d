"""What the search finds: products, terms, inputs, spaces, ecosystem, fields of the extension and pages."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from atlas.records import Catalog
from atlas.web.text import first_sentence
from stac_emb.fields import FIELDS
from stac_emb.identity import FOLDER, see

__all__ = ["Entry", "index_documents", "search_entries"]


@dataclass(frozen=True)
class Entry:
    """One thing that can be found.

    Attributes:
        kind: what it is, in words.
        title: its name.
        path: where it stands.
        summary: one line.
        names: other names and ids.
        text: further words to find it by.
    """

    kind: str
    title: str
    path: str
    summary: str
    names: str = ""
    text: str = ""


def _join(parts: Iterable[str | None]) -> str:
    return " ".join(p for p in parts if p)


def search_entries(catalog: Catalog, pages: Iterable[tuple[str, str, str]]) -> list[Entry]:
    """All entries.

    Args:
        catalog: the records.
        pages: title, path and description of further pages.
    """
    found = [
        Entry(
            "Product",
            p.title,
            f"products/{p.id}.html",
            first_sentence(p.summary, 200),
            _join([p.id, p.family, p.model.name, p.embedding.space]),
            _join(
                [
                    p.summary,
                    *p.keywords,
                    *(x.name for x in p.providers),
                    *(i.title for i in p.known_issues),
                    p.extent.place if p.extent else None,
                    p.licences.data,
                    *(loader.name for loader in p.loaders),
                ]
            ),
        )
        for p in catalog.products.values()
    ]
    found += [
        Entry(
            "Term",
            term.label,
            f"taxonomy/{facet.id}/{term.id}.html",
            first_sentence(term.definition, 200),
            _join([term.id, *term.members]),
            facet.label,
        )
        for facet in catalog.taxonomy.values()
        for term in facet.terms.values()
    ]
    found += [
        Entry(
            "Input",
            i.title,
            f"inputs.html#about-{i.id}",
            first_sentence(i.description, 200),
            _join([i.id, *i.platforms, *i.instruments]),
            i.modality,
        )
        for i in catalog.inputs.values()
    ]
    found += [
        Entry("Vector space", s.title, f"spaces.html#{s.id}", first_sentence(s.note or s.model, 200), s.id, s.model)
        for s in catalog.spaces.values()
    ]
    found += [
        Entry(
            "Ecosystem",
            e.title,
            f"ecosystem.html#{e.id}",
            first_sentence(e.summary, 200),
            _join([e.id, *e.aliases]),
            e.kind,
        )
        for e in catalog.ecosystem.values()
    ]
    found += [
        Entry(
            "Field",
            f.name,
            f"{FOLDER}/index.html#{see(f.name).rsplit('#', 1)[-1]}",
            first_sentence(f.definition, 200),
            _join([f.label, *f.aliases]),
        )
        for f in FIELDS
    ]
    found += [Entry("Page", title, path, text) for title, path, text in pages]
    return found


def index_documents(entries: Iterable[Entry]) -> list[dict[str, Any]]:
    """Documents for MiniSearch, with a number each."""
    return [{"id": n, **{k: v for k, v in asdict(e).items() if v}} for n, e in enumerate(entries)]
