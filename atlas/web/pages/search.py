"""The search: products, tasks, guides, places, terms, inputs, spaces, ecosystem, fields, and the pages of the site."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from atlas.records import Catalog, Product
from atlas.records.classify import classify
from atlas.records.ecosystem import EcosystemEntry
from atlas.records.product import Citation
from atlas.web.content import gazetteer, read_search
from atlas.web.figures.names import family_names
from atlas.web.page import Context, Head, Page
from atlas.web.text import first_sentence
from stac_emb.fields import FIELDS
from stac_emb.identity import FOLDER, see

__all__ = ["KINDS", "Entry", "index_data", "search_entries", "search_page"]

KINDS = ("Product", "Task", "Guide", "Place", "Input", "Term", "Field", "Vector space", "Ecosystem", "Page")
"""Kinds of entries, in the order in which entries with the same name are listed."""


@dataclass(frozen=True)
class Entry:
    """One thing that can be found.

    Attributes:
        kind: what it is, one of `KINDS`.
        path: address of the page or section.
        keys: names and identifiers; an entry with a key equal to the query is listed first.
        names: further names and ids.
        text: further words that are searched.
        sections: anchors of the sections of its page, to which some words of a query lead.
    """

    kind: str
    title: str
    path: str
    summary: str
    keys: tuple[str, ...] = ()
    names: str = ""
    text: str = ""
    sections: tuple[str, ...] = ()


def _join(parts: Iterable[str | None]) -> str:
    return " · ".join(p for p in parts if p)


def search_entries(
    catalog: Catalog, pages: Iterable[tuple[str, str, str]], tasks: Iterable[tuple[str, str, str, tuple[str, ...]]] = ()
) -> list[Entry]:
    """All entries.

    Args:
        catalog: the records.
        pages: title, path and description of further pages.
        tasks: title, path, description and other names of the pages of tasks.
    """
    families = family_names(catalog)
    found = [_product(p, catalog, families) for p in catalog.products.values()]
    found += [Entry("Task", title, path, text, words) for title, path, text, words in tasks]
    found += [Entry("Guide", g.title, g.path, g.text, g.words) for g in read_search().guides]
    found += [
        Entry(
            "Place",
            f"What covers {name}?",
            f"coverage.html?lon={lon}&lat={lat}",
            f"Products, years and sizes at a point in {name}.",
            (name, *more),
        )
        for name, _, lon, lat, *more in gazetteer()["countries"]
    ]
    found += [
        Entry(
            "Term",
            term.label,
            f"taxonomy/{facet.id}/{term.id}.html",
            first_sentence(term.definition, 200),
            (term.id, *term.aliases, *term.members),
            text=facet.label,
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
            (i.id,),
            _join([*i.platforms, *i.instruments]),
            i.modality,
        )
        for i in catalog.inputs.values()
    ]
    found += [
        Entry(
            "Vector space", s.title, f"spaces.html#{s.id}", first_sentence(s.note or s.model, 200), (s.id,), "", s.model
        )
        for s in catalog.spaces.values()
    ]
    found += [_ecosystem(e) for e in catalog.ecosystem.values()]
    found += [
        Entry(
            "Field",
            f.name,
            f"{FOLDER}/index.html#{see(f.name).rsplit('#', 1)[-1]}",
            first_sentence(f.definition, 200),
            (f.label, *f.aliases),
        )
        for f in FIELDS
    ]
    found += [Entry("Page", title, path, text) for title, path, text in pages]
    return found


def _product(p: Product, catalog: Catalog, families: Mapping[str, str]) -> Entry:
    e, place = p.embedding, p.extent.place if p.extent else None
    terms = [
        catalog.taxonomy[facet].terms[t]
        for facet, stated in classify(p, catalog).items()
        for t in catalog.taxonomy[facet].with_wider(stated)
    ]
    uses = {u.input for side in (p.training_data, p.inference_data) for u in side or ()}
    parts = {
        "coverage": p.extent,
        "inputs": uses,
        "restore": e.quantization,
        "access": p.distributions,
        "snippets": p.loaders,
        "licence": True,
        "issues": p.known_issues,
        "cite": p.citation,
        "evidence": p.evidence,
    }
    cited = _identifiers([p.citation] if p.citation else [])
    # A country is a name of a product that covers only this country.
    whole = {name for name, *_ in gazetteer()["countries"]} & {place or ""}
    return Entry(
        "Product",
        p.title,
        f"products/{p.id}.html",
        first_sentence(p.summary, 200),
        (p.id, *p.aliases, *([p.family, families.get(p.family, p.family)] if p.family else ()), *cited, *sorted(whole)),
        _join([p.model.name, p.model.version, e.space, *_identifiers(p.publications)]),
        _join(
            [
                p.summary,
                *p.keywords,
                *(x.name for x in p.providers),
                *(i.title for i in p.known_issues),
                place,
                p.licences.data,
                *(loader.name for loader in p.loaders),
                *(d.format for d in p.distributions),
                *(d.host for d in p.distributions),
                *(str((e.quantization or {}).get(k, "")) for k in ("stored_data_type", "original_data_type")),
                *(catalog.inputs[u].title for u in sorted(uses) if u in catalog.inputs),
                *(word for t in terms for word in (t.label, *t.aliases)),
            ]
        ),
        tuple(anchor for anchor, there in parts.items() if there),
    )


def _identifiers(cited: Iterable[Citation]) -> list[str]:
    return [i for c in cited for i in (c.doi, c.arxiv) if i]


def _ecosystem(e: EcosystemEntry) -> Entry:
    paper = [e.paper.doi, e.paper.arxiv] if e.paper else []
    return Entry(
        "Ecosystem",
        e.title,
        f"ecosystem.html#{e.id}",
        first_sentence(e.summary, 200),
        (e.id, *e.aliases, *(i for i in paper if i)),
        e.paper.title or "" if e.paper else "",
        _join([e.kind, *e.tasks]),
    )


def index_data(entries: Iterable[Entry]) -> dict[str, Any]:
    """Data for the script of the search: numbered documents, and the rules by which words are compared."""
    return {
        "kinds": KINDS,
        **read_search().model_dump(exclude={"guides"}),
        "entries": [{"id": n, **{k: v for k, v in asdict(e).items() if v}} for n, e in enumerate(entries)],
    }


def search_page(entries: Sequence[Entry]) -> Page:
    """Search results; without scripts, all entries by kind."""
    kinds = dict.fromkeys(e.kind for e in entries)
    head = Head(
        "Search",
        "Search products, terms, inputs, vector spaces, tools and fields of the extension.",
        "search.html",
        scripts=("search",),
    )
    context = Context(
        groups=tuple(
            (k, tuple(sorted((e for e in entries if e.kind == k), key=lambda e: e.title.casefold()))) for k in kinds
        )
    )
    twin = {"entries": [{"kind": e.kind, "title": e.title, "path": e.path} for e in entries]}
    return Page("search.html", head, context, twin)
