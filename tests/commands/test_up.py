"""How `atlas up` reads the state folder; tests/integration/test_up_down.py runs it."""

from atlas.commands.up import _checks
from atlas.evidence.results import SourceCheck
from atlas.evidence.results import write_checks as write_watch
from atlas.links.checks import LinkCheck, write_checks
from atlas.settings import Settings


def test_results_of_check_links_are_shown_where_there_are_any(tmp_path):
    said: list[str] = []
    settings = Settings(state_dir=tmp_path)
    assert _checks(settings, said.append)[0] is None
    path = tmp_path / "links.json"
    write_checks(path, [LinkCheck("tessera-v1", "", "index", "https://example.com/index", "answers", "2026-11-20")])
    assert _checks(settings, said.append)[0] == path
    assert said == []


def test_results_of_an_evidence_check_are_shown_where_they_can_be_read(tmp_path):
    said: list[str] = []
    settings = Settings(state_dir=tmp_path)
    assert _checks(settings, said.append)[1] is None
    path = tmp_path / "evidence.json"
    write_watch(path, [SourceCheck("tessera-v1", "https://example.org", "holds", "2026-11-20T00:00:00Z")])
    assert _checks(settings, said.append)[1] == path
    assert said == []
    path.write_text("{")
    assert _checks(settings, said.append)[1] is None
    assert "sources are shown as not checked" in said[0]
