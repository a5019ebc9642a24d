"""The page of one product."""

from collections.abc import Callable, Sequence
from typing import Any

from atlas.answers.comparable import comparable
from atlas.answers.dequantization import recipe
from atlas.answers.facts import FACTS, STATUS_WORDS
from atlas.answers.stated import completeness
from atlas.answers.verdicts import Verdict
from atlas.answers.volume import vector_bytes, vectors_per_km2
from atlas.answers.words import is_snapshot, when_text, years_text
from atlas.evidence.results import SourceCheck
from atlas.links.checks import LinkCheck
from atlas.records import Catalog
from atlas.records.delivery import is_encoder, only_model
from atlas.records.product import Product
from atlas.records.snippets import Snippet
from atlas.web.checks import link_lines, watched
from atlas.web.coverage import CrawlView
from atlas.web.downloads import Download, csl_text
from atlas.web.facts import Evidences, FactMaker, key_facts, volume_text
from atlas.web.figures.maps import coverage_map
from atlas.web.figures.stated import stated_place
from atlas.web.formulas import formula
from atlas.web.jsonld import dataset_document
from atlas.web.licences import licence_view
from atlas.web.page import Context, Head, Page
from atlas.web.pages.access import access_rows
from atlas.web.pages.inputs import input_lines
from atlas.web.pages.rows import years_of
from atlas.web.shown_vectors import shown_vectors
from atlas.web.text import first_sentence

__all__ = ["product_page"]


def _map(product: Product, crawl: CrawlView | None) -> Context | None:
    extent = product.extent
    found = crawl is not None and crawl.items
    if extent is None or is_encoder(product):
        return None
    west, south, east, north = extent.bbox[0]
    stated = stated_place(product)
    if stated is not None and stated.kind == "somewhere" and not found:
        return None  # an empty map would look as if there were no data
    text = f"Stated extent: {extent.place}"
    if stated is not None and stated.kind == "region":
        bounds = f", between longitudes {west:g} and {east:g} and latitudes {south:g} and {north:g}"
        text += bounds.replace("-", "−")
        text += "." if stated.whole else "; dashed, because it is not stated to be complete there."
    elif stated is not None:
        some = completeness(product, None).verdict is Verdict.PARTLY
        there = f"stated to be complete there{' in some years only' if some else ''}: drawn on land."
        text += "; " + (there if stated.whole else "the covered parts are not stated.")
    cells = crawl.any_year if crawl is not None and found else None
    if cells is not None:
        part = "" if crawl is not None and crawl.crawl.whole else "the part that was read of "
        text += f" Coloured: cells in which {part}the producer's index lists data."
    whole = crawl is not None and crawl.crawl.whole
    return coverage_map(f"Coverage of {product.title}", text, extent.bbox, stated, cells, whole=whole)


def _years(product: Product, crawl: CrawlView | None) -> tuple[tuple[tuple[int, bool, int | None], ...], str]:
    # a snapshot of images from several years does not exist for each of them
    stated = set() if is_snapshot(product) else set(years_of(product))
    found = crawl.years if crawl is not None else {}
    every = sorted(stated | set(found))
    if not every:
        return (), ""
    span = range(every[0], every[-1] + 1)
    missing = [y for y in span if y not in stated and y not in found]
    return tuple((y, y in stated, found.get(y)) for y in span), years_text(missing)


def _chain(product: Product, catalog: Catalog) -> tuple[tuple[str, str, str, str], ...]:
    return tuple(
        (
            label,
            f"products/{other}.html",
            catalog.products[other].title,
            comparable(catalog, product, catalog.products[other]).text,
        )
        for label, other in (("Predecessor", product.predecessor), ("Successor", product.successor))
        if other in catalog.products
    )


def _others(product: Product, catalog: Catalog, value: Callable[[Product], str | None]) -> tuple[tuple[str, str], ...]:
    if value(product) is None:
        return ()
    return tuple(
        (f"products/{p.id}.html", p.title)
        for p in catalog.products.values()
        if p.id != product.id and value(p) == value(product)
    )


def _layout_text(layout: dict[str, Any] | None) -> str:
    """Where in a file the vectors are, in words; empty where it is not stated."""
    if not layout:
        return ""
    name, axis = layout.get("name"), layout.get("axis")
    return str(layout["kind"]) + (f" “{name}”" if name else "") + (f", axis {axis}" if axis is not None else "")


def product_page(
    product: Product,
    catalog: Catalog,
    *,
    base_url: str,
    crawl: CrawlView | None = None,
    snippets: Sequence[Snippet] = (),
    downloads: Sequence[Download] = (),
    checks: Sequence[LinkCheck] = (),
    today: str = "",
    watch: Sequence[SourceCheck] = (),
) -> Page:
    """The page of a product.

    Args:
        product: the record.
        catalog: what the record refers to.
        base_url: public address of the site, with a slash at its end.
        crawl: what a crawl found.
        snippets: code that opens the product.
        downloads: files of the site about it.
        checks: last checks of the record's addresses.
        today: the day from which the age of evidence is counted; by default that of the newest evidence.
        watch: last checks of the record's sources.
    """
    evidences = Evidences(product, today)
    make = FactMaker(product, evidences, catalog)
    e, model = product.embedding, product.model
    data = licence_view(catalog, product.licences.data)
    years, gaps = _years(product, crawl)
    figure = _map(product, crawl)
    href = f"taxonomy/licence/{data.term}.html" if data.term else ""
    head = Head(
        title=product.title,
        description=first_sentence(product.summary),
        path=f"products/{product.id}.html",
        section="products",
        crumbs=(("Products", "products.html"),),
        social=f"social/{product.id}.png",
        json_ld=(dataset_document(product, base_url),),
        scripts=("size",) if volume_text(product) else (),
        later=("figure",) if figure else (),
    )
    context = Context(
        product=product,
        encoder=is_encoder(product),
        status=STATUS_WORDS[product.status],
        facts=key_facts(product, make, href),
        shown=shown_vectors(catalog, product),
        map=figure,
        years=years,
        gaps=gaps,
        snapshot=(when_text(product) or "") if is_snapshot(product) else "",
        inputs=input_lines(product, catalog, evidences),
        recipe=recipe(e.quantization),
        formula=formula(e.quantization),
        restore_facts=(
            make.fact("Normalisation"),
            make.fact("Similarity"),
            make.make("Where in the file", _layout_text(e.layout), "embedding.layout"),
        ),
        restore_refs=evidences.refs("embedding.quantization"),
        volume=volume_text(product) or "",
        vectors_per_km2=vectors_per_km2(product),
        vector_bytes=vector_bytes(product),
        access=access_rows(product, evidences, catalog, checks),
        only_model=only_model(product),
        index_checks=link_lines(product, "", checks),
        licences=(
            ("Data", data, evidences.refs("licences.data")),
            ("Model weights", licence_view(catalog, model.license), evidences.refs("model.license")),
            ("Code", licence_view(catalog, model.code_license), evidences.refs("model.code_license")),
        ),
        model_facts=(
            make.make(
                "Model",
                model.name,
                "model.name",
                href=f"ecosystem.html#{model.id}" if model.id in catalog.ecosystem else "",
            ),
            make.fact("Architecture"),
            make.make("Version that made the product", model.version, "model.version"),
            make.make("Version in the paper", model.paper_version, "model.paper_version")
            if model.paper_version
            else make.make("Version in the paper", model.version and "the same, as far as recorded", "model.version"),
        ),
        version_differs=bool(model.paper_version and model.paper_version != model.version),
        chain=_chain(product, catalog),
        family=_others(product, catalog, lambda p: p.family),
        space=FACTS["Vector space"].words(product, catalog),
        same_space=_others(product, catalog, lambda p: p.embedding.space),
        places={d.id: d.title for d in product.distributions},
        sources=evidences.lines,
        ages=evidences,
        watched=watched(product, watch),
        issue_refs={i.id: evidences.refs(f"known_issues.{i.id}") for i in product.known_issues},
        csl=csl_text(product.citation),
        citation_refs=evidences.refs("citation"),
        # field, reason, addresses that were read without finding it, note
        absent=tuple(
            (
                path,
                why.words,
                tuple(product.sources[key].source for key in why.looked_in if key in product.sources),
                why.note or "",
            )
            for path, why in sorted(product.absent.items(), key=lambda entry: entry[1].words)
        ),
        snippets=tuple(snippets),
        downloads=tuple(downloads),
        crawl=crawl,
        aside=sum(crawl.crawl.rejected.values()) if crawl is not None else 0,
        drift=crawl.crawl.drift if crawl is not None else (),
    )
    return Page("product.html", head, context, product.model_dump(mode="json", exclude_none=True))
