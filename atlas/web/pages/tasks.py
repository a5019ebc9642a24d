"""Tasks: which products fit and why, with licence, cost and published work; verdicts come from the answers."""

from collections.abc import Sequence

from atlas.answers.fit import Wanted, choose, fit, total_bytes
from atlas.answers.verdicts import Answer, Verdict
from atlas.answers.words import bytes_text
from atlas.records import Catalog, EcosystemEntry
from atlas.web.content import TaskText, read_tasks
from atlas.web.facts import volume_text
from atlas.web.page import Context, Head, Page
from atlas.web.pages.rows import ProductRow, product_rows

__all__ = ["task_entries", "task_pages"]

_PUBLISHED = ("benchmark", "application", "analysis", "challenge")


def _path(task: TaskText) -> str:
    return f"tasks/{task.id}.html"


def task_entries() -> list[tuple[str, str, str, tuple[str, ...]]]:
    """Title, address, description and other names of the pages, for the search."""
    return [(t.title, _path(t), t.text, (t.short, *t.words)) for t in read_tasks()]


def _wanted(task: TaskText, catalog: Catalog) -> Wanted:
    """The requirements of a task, without terms that this catalogue's taxonomy lacks."""
    facets = {
        facet: known
        for facet, terms in task.wanted.facets.items()
        if facet in catalog.taxonomy and (known := tuple(t for t in terms if t in catalog.taxonomy[facet].terms))
    }
    return Wanted(facets=facets, **task.wanted.model_dump(exclude={"facets"}))


def _line(catalog: Catalog, row: ProductRow, answer: Answer) -> Context:
    """A product on the page of a task: whether it fits and why, its licence, access and size.

    The size is that of all its files, the area an upper bound for 100 km² and one time step; both may be empty.
    """
    product = catalog.products[row.id]
    (commercial,) = fit(catalog, product, Wanted(use="commercial")).reasons
    (access,) = fit(catalog, product, Wanted(effort="anonymous")).reasons
    _, size = total_bytes(product)
    return Context(
        row=row,
        answer=answer,
        commercial=commercial,
        access=access,
        size=bytes_text(size),
        area=volume_text(product) or "",
    )


def _published(
    catalog: Catalog, wanted: Wanted, rows: dict[str, ProductRow]
) -> list[tuple[EcosystemEntry, Sequence[ProductRow]]]:
    facet = catalog.taxonomy.get("task")
    terms = set(wanted.facets.get("task", ()))
    found = []
    for entry in catalog.ecosystem.values():
        named = {w for t in entry.tasks if facet and t in facet.terms for w in (t, *facet.ancestors(t))}
        if entry.kind in _PUBLISHED and named & terms:
            models = [p.id for p in catalog.products.values() if p.model.id in entry.models and p.model.id]
            found.append((entry, [rows[p] for p in dict.fromkeys([*entry.products, *models]) if p in rows]))
    return sorted(found, key=lambda f: (not f[1], _PUBLISHED.index(f[0].kind), f[0].title.casefold()))


def _asked(catalog: Catalog, wanted: Wanted) -> list[str]:
    said = [
        f"{catalog.taxonomy[f].label.lower()}: {' or '.join(catalog.taxonomy[f].terms[t].label.lower() for t in terms)}"
        for f, terms in wanted.facets.items()
    ]
    said += [f"at most {wanted.max_dimensions} dimensions"] if wanted.max_dimensions else []
    said += ["ready-made files"] if wanted.effort == "ready" else []
    said += ["several years in one space"] if wanted.change else []
    return said


def task_pages(catalog: Catalog) -> list[Page]:
    """The list of tasks, and the page of each."""
    rows = {r.id: r for r in product_rows(catalog)}
    tasks = read_tasks()
    pages, listed = [], []
    for task in tasks:
        wanted = _wanted(task, catalog)
        answers = choose(catalog, wanted)
        fitting = tuple(_line(catalog, rows[a.product], a) for a in answers if a.verdict is Verdict.YES)
        possible = tuple(
            _line(catalog, rows[a.product], a) for a in answers if a.verdict not in (Verdict.YES, Verdict.NO)
        )
        head = Head(
            task.title,
            f"{task.text} Which embedding products fit, why, and at what cost.",
            _path(task),
            section="tasks",
            crumbs=(("Tasks", "tasks.html"),),
        )
        context = Context(
            task=task,
            asked=tuple(_asked(catalog, wanted)),
            fitting=fitting,
            possible=possible,
            excluded=tuple((rows[a.product], a) for a in answers if a.verdict is Verdict.NO),
            published=tuple((entry, tuple(used)) for entry, used in _published(catalog, wanted, rows)),
            others=tuple((t.short, _path(t)) for t in tasks if t.id != task.id),
        )
        listed.append((task, _path(task), len(fitting), len(possible)))
        twin = {
            "task": task.id,
            "answers": [a.as_json() for a in answers],
            "published": [e.id for e, _ in context.published],
        }
        pages.append(Page("task.html", head, context, twin))
    head = Head(
        "Tasks",
        "Crops, forest, change, search, few labels, small vectors: which embedding products fit, and why.",
        "tasks.html",
        section="tasks",
    )
    twin = {"tasks": [{"id": t.id, "title": t.title, "page": path, "fit": n, "may_fit": m} for t, path, n, m in listed]}
    return [Page("tasks.html", head, Context(tasks=tuple(listed)), twin), *pages]
