"""Task pages: verdicts equal the answers', rows state licence and cost."""

import json

import lxml.html
import pytest

from atlas.answers.fit import Wanted, choose
from atlas.answers.verdicts import Verdict
from atlas.errors import SiteError
from atlas.web.content import read_tasks
from atlas.web.pages.tasks import task_pages


def test_each_page_says_what_the_answers_say(catalog):
    pages = {p.head.path: p.context for p in task_pages(catalog)[1:]}
    assert len(pages) == 6
    for task in read_tasks():
        page = pages[f"tasks/{task.id}.html"]
        wanted = Wanted(**task.wanted.model_dump())
        answers = choose(catalog, wanted)
        assert [line.answer for line in page.fitting] == [a for a in answers if a.verdict is Verdict.YES], task.id
        assert [answer for _, answer in page.excluded] == [a for a in answers if a.verdict is Verdict.NO], task.id
        assert len(page.fitting) + len(page.possible) + len(page.excluded) == len(catalog.products)


def test_a_row_states_licence_access_and_size(catalog):
    (page,) = [p.context for p in task_pages(catalog) if p.head.path == "tasks/crops.html"]
    (line,) = [x for x in page.fitting if x.row.id == "aef-v1-annual"]
    assert (str(line.commercial.verdict), str(line.access.verdict)) == ("yes", "yes")
    assert line.size == "577\u202fTB"
    assert line.area.endswith("MB")
    entry, used = next(x for x in page.published if x[0].id == "harvesting-alphaearth")
    assert entry.sources
    assert [row.id for row in used] == ["aef-v1-annual"]


def test_tasks_are_reached_from_start_and_navigation(site):
    page = lxml.html.parse(site / "index.html")
    assert page.xpath("//nav//a[@href='tasks.html']")
    assert page.xpath("//main//a[@href='tasks/crops.html']")
    twin = json.loads((site / "tasks" / "crops.json").read_text("utf-8"))
    assert {a["verdict"] for a in twin["answers"]} >= {"yes", "no", "partly"}


def test_a_faulty_task_is_named(tmp_path):
    (tmp_path / "tasks.yaml").write_text("- {id: x, title: X, short: X, text: t, ask: a, words: []}\n")
    with pytest.raises(SiteError, match=r"tasks\.yaml: 0\.wanted: Field required"):
        read_tasks(tmp_path)
    (tmp_path / "tasks.yaml").write_text(
        "- {id: x, title: X, short: X, text: t, ask: a, words: [], wanted: {size: 1}}\n"
    )
    with pytest.raises(SiteError, match="size"):
        read_tasks(tmp_path)
