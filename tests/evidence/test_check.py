"""Each kind of source is requested by its host's protocol, and every outcome is told apart."""

import datetime as dt
import json
import time
from dataclasses import replace

import pytest

from atlas.evidence.keeping import keep
from atlas.evidence.passages import Text, passages_for
from atlas.fetch.policy import FetchPolicy
from tests.evidence.conftest import NEW, PIN

FILE = f"https://github.com/o/r/blob/{PIN}/README.md"
DAY = dt.date(2026, 3, 14)


def kept_of(source, text, values, name="README.md"):
    read = Text(text.encode(), name)
    return keep(source, {path: passages_for(value, read) for path, value in values.items()}, DAY)


def test_a_file_that_nobody_touched_holds_without_a_question_to_the_api(hosts):
    hosts.file("README.md", "128 numbers", "128 numbers")
    found = hosts.check(FILE, {"embedding.dimensions": 128})
    assert (found.outcome, found.since, found.difference) == ("holds", PIN[:8], "")
    assert hosts.asked("/api") == []


def test_a_passage_that_changed_moves_its_values_on_and_no_others(hosts):
    hosts.file("README.md", "Has 128 numbers.\n\nMIT licence", "New head\n\nHas 64 numbers.\n\nMIT licence")
    found = hosts.check(FILE, {"embedding.dimensions": 128, "model.code_license": "MIT"})
    assert found.values == {"embedding.dimensions": "moved-on", "model.code_license": "holds"}
    assert found.outcome == "moved-on"
    assert found.changed == ("embedding.dimensions",)
    assert found.difference == f"https://github.com/o/r/compare/{PIN}...{NEW}"
    assert hosts.asked("/api") == ["/api/repos/o/r/commits?per_page=1&path=README.md"]


def test_a_newer_commit_beside_the_passage_changes_nothing(hosts):
    hosts.file("README.md", "Has 128 numbers.\n\nOld", "Has 128 numbers.\n\nNew")
    assert hosts.check(FILE, {"embedding.dimensions": 128}).outcome == "holds"


def test_the_lines_that_an_address_names_are_the_passage(hosts):
    hosts.file("a.py", "a = 1\nb = 2\nc = 3\n", "a = 9\n\nb = 2\nc = 3\n")
    base = f"https://github.com/o/r/blob/{PIN}/a.py"
    assert hosts.check(f"{base}#L2-L3", {"title": "anything"}).outcome == "holds"
    assert hosts.check(f"{base}#L1", {"title": "anything"}).outcome == "moved-on"


def test_a_file_that_was_removed_is_gone_with_the_commit_that_did_it(hosts):
    hosts.file("README.md", "128", None)
    hosts.web.objects["/api/repos/o/r"] = b'{"full_name": "o/r"}'
    found = hosts.check(FILE, {"embedding.dimensions": 128})
    assert (found.outcome, found.values) == ("gone", {"embedding.dimensions": "gone"})
    assert found.difference == f"https://github.com/o/r/commit/{NEW}"


def test_a_repository_that_does_not_exist_is_gone(hosts):
    found = hosts.check(FILE, {"title": "T"})
    assert (found.outcome, found.detail) == ("gone", "GitHub answers 404")


def test_a_renamed_repository_is_followed(hosts):
    web = hosts.web
    web.routes["/api/repos/o/r"] = lambda h: h.reply(301, b"", {"Location": f"{web.url}/api/repositories/7"})
    web.objects["/api/repositories/7"] = b'{"full_name": "new/name"}'
    web.objects["/raw/new/name/HEAD/README.md"] = b"128"
    hosts.file("README.md", None, None)
    web.objects[f"/raw/new/name/{PIN}/README.md"] = b"128"
    found = hosts.check(FILE, {"embedding.dimensions": 128})
    assert (found.outcome, found.detail) == ("holds", "the repository is now new/name")


@pytest.mark.parametrize("name", ["../x", "a/b/c", "a b/c", 7, None])
def test_a_name_that_is_none_is_not_followed(hosts, name):
    hosts.web.objects["/api/repos/o/r"] = json.dumps({"full_name": name}).encode()
    hosts.file("README.md", "128", None)
    assert hosts.check(FILE, {"title": "T"}).outcome == "gone"
    assert len(hosts.asked("/raw")) == 1


def test_a_cited_commit_that_is_gone_is_gone_unless_its_fingerprint_was_kept(hosts):
    hosts.file("README.md", None, "128")
    values = {"embedding.dimensions": 128}
    found = hosts.check(FILE, values)
    assert (found.outcome, found.detail) == ("gone", "commit 1f8830cb, which the record cites, no longer exists")
    assert hosts.check(FILE, values, kept_of(FILE, "128", values)).outcome == "holds"


def test_a_folder_is_compared_by_the_commits_that_touch_it(hosts):
    source = f"https://github.com/o/r/tree/{PIN}/docs"
    hosts.commits |= {("o/r", "docs", ""): NEW, ("o/r", "docs", PIN): NEW}
    assert hosts.check(source, {"title": "T"}).outcome == "holds"
    hosts.commits["o/r", "docs", PIN] = PIN
    found = hosts.check(source, {"title": "T"})
    assert (found.outcome, found.difference) == ("moved-on", f"https://github.com/o/r/compare/{PIN}...{NEW}")
    del hosts.commits["o/r", "docs", ""]
    assert hosts.check(source, {"title": "T"}).outcome == "gone"


def test_an_issue_is_its_text_and_its_state(hosts):
    source = "https://github.com/o/r/issues/3"
    issue = {"title": "Tiles missing", "state": "open", "body": "In 2024.", "comments": 1, "updated_at": "2026-01-01"}
    hosts.web.objects["/api/repos/o/r/issues/3"] = json.dumps(issue).encode()
    hosts.web.objects["/api/repos/o/r/issues/3/comments"] = b'[{"body": "Confirmed."}]'
    values = {"known_issues.x.status": "confirmed"}
    bare = hosts.found(source, values, fresh=True)
    assert bare.check.outcome == "not-fingerprinted"
    kept = keep(source, bare.fresh, DAY)
    found = hosts.check(source, values, kept)
    assert (found.outcome, found.since, found.version) == ("holds", "2026-03-14", "2026-01-01")
    hosts.web.objects["/api/repos/o/r/issues/3/comments"] = b'[{"body": "Mended in v2."}]'
    assert hosts.check(source, values, kept).outcome == "moved-on"


def test_the_front_page_of_a_repository_is_its_readme(hosts):
    source = "https://github.com/o/r"
    hosts.web.objects["/api/repos/o/r/readme"] = b"128 numbers"
    values = {"embedding.dimensions": 128}
    assert hosts.check(source, values, kept_of(source, "128 numbers", values)).outcome == "holds"
    assert hosts.web.log[-1][2]["Accept"] == "application/vnd.github.raw+json"


@pytest.mark.parametrize("repo", ["datasets/o/n", "o/n"])
def test_a_card_is_compared_at_the_revision_that_the_hub_names(hosts, repo):
    source, values = f"https://huggingface.co/{repo}", {"embedding.dimensions": 128}
    hosts.card(repo, "---\nlicense: mit\n---\n\nHas 128 numbers.")
    kept = kept_of(source, "Has 128 numbers.", values)
    found = hosts.check(source, values, kept)
    assert (found.outcome, found.version, found.difference) == ("holds", NEW, "")
    hosts.card(repo, "Has 64 numbers.", "c" * 40)
    found = hosts.check(source, values, kept)
    assert (found.outcome, found.version) == ("moved-on", "c" * 40)
    assert found.difference == f"https://huggingface.co/{repo}/commits/main/README.md"


def test_a_repository_that_the_hub_does_not_know_is_gone_and_a_gated_one_is_not(hosts):
    source = "https://huggingface.co/datasets/o/n"
    hosts.web.routes["/hub/api/"] = lambda h: h.reply(401, b"", {"X-Error-Code": "RepoNotFound"})
    assert hosts.check(source, {"title": "T"}).outcome == "gone"
    hosts.web.routes["/hub/api/"] = lambda h: h.reply(401, b"", {"X-Error-Code": "GatedRepo"})
    found = hosts.check(source, {"title": "T"})
    assert (found.outcome, "asks for an account" in found.detail) == ("not-reached", True)


def test_a_page_is_compared_with_its_fingerprint(hosts):
    source, values = f"{hosts.web.url}/page.html#top", {"embedding.dimensions": 128}
    hosts.web.objects["/page.html"] = b"<html><p>Has 128 numbers.</p><p>Visits: 7</p></html>"
    assert hosts.check(source, values).outcome == "not-fingerprinted"
    kept = keep(source, hosts.found(source, values, fresh=True).fresh, DAY)
    hosts.web.objects["/page.html"] = b"<html><p>News</p><p>Has 128 numbers.</p><p>Visits: 8</p></html>"
    assert hosts.check(source, values, kept).outcome == "holds"
    hosts.web.objects["/page.html"] = b"<html><p>Has 64 numbers.</p></html>"
    found = hosts.check(source, values, kept)
    assert (found.outcome, found.difference) == ("moved-on", f"{hosts.web.url}/page.html")
    del hosts.web.objects["/page.html"]
    assert hosts.check(source, values, kept).outcome == "gone"


def test_a_source_without_address_is_not_reached(hosts):
    found = hosts.check("unattributed survey of 2026", {"title": "T"})
    assert (found.outcome, found.detail) == ("not-reached", "the source names no web address")


class TestLimits:
    """GitHub's rate limit."""

    @pytest.fixture
    def moved(self, hosts):
        hosts.file("README.md", "Has 128 numbers.", "Has 64 numbers.")
        return hosts

    @pytest.mark.parametrize("status", [403, 429])
    def test_a_limit_ends_the_questions_and_not_the_check(self, moved, status):
        reset = str(int(time.time()) + 3000)
        headers = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": reset}
        moved.web.routes["/api/"] = lambda h: h.reply(status, b"{}", headers)
        moved.web.routes = {"/api/": moved.web.routes["/api/"]}
        found = moved.check(FILE, {"embedding.dimensions": 128})
        assert (found.outcome, found.difference) == ("moved-on", f"https://github.com/o/r/compare/{PIN}...HEAD")
        found = moved.check("https://github.com/o/r/issues/3", {"title": "T"})
        assert found.outcome == "not-reached"
        assert "GitHub's rate limit is reached until" in found.detail
        assert len(moved.asked("/api")) == 2

    def test_a_limit_that_ends_soon_is_waited_for(self, moved):
        answers = [(403, {"Retry-After": "1"}), (200, {})]
        moved.web.routes = {"/api/": lambda h: h.reply(answers[0][0], b'[{"sha": "abc"}]', answers.pop(0)[1])}
        found = moved.check(FILE, {"embedding.dimensions": 128})
        assert found.difference.endswith("...abc")

    def test_another_403_is_a_refusal(self, moved):
        moved.web.routes = {"/api/": lambda h: h.reply(403, b"{}", {"X-RateLimit-Remaining": "9"})}
        found = moved.check("https://github.com/o/r/issues/3", {"title": "T"})
        assert (found.outcome, "answers 403" in found.detail) == ("not-reached", True)

    def test_nonsense_about_a_limit_stops_nothing(self, moved):
        headers = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "9" * 400}
        moved.web.routes = {"/api/": lambda h: h.reply(403, b"{}", headers)}
        assert moved.check("https://github.com/o/r/issues/3", {"title": "T"}).outcome == "not-reached"


def test_tokens_go_to_their_hosts_and_nowhere_else(hosts):
    hosts.file("README.md", "128", "64")
    hosts.card("datasets/o/n", "128")
    hosts.web.objects["/page.html"] = b"128"
    for source in (FILE, "https://huggingface.co/datasets/o/n", f"{hosts.web.url}/page.html"):
        hosts.check(source, {"embedding.dimensions": 128})
    sent = {path.split("/")[1]: headers.get("Authorization") for _, path, headers in hosts.web.log}
    assert sent == {"raw": None, "api": "Bearer of-github", "hub": "Bearer of-the-hub", "page.html": None}


def test_a_redirect_does_not_take_a_token_to_another_host(hosts):
    other = hosts.web.url.replace("127.0.0.1", "localhost")
    hosts.web.routes["/api/repos/o/r/issues/3"] = lambda h: h.reply(302, b"", {"Location": f"{other}/steal"})
    found = hosts.check("https://github.com/o/r/issues/3", {"title": "T"})
    assert found.outcome == "not-reached"
    assert hosts.asked("/steal") == []


@pytest.mark.parametrize(
    ("route", "reason"),
    [
        (lambda h: h.reply(500, b""), "answers 500"),
        (lambda h: h.reply(503, b""), "answers 503"),
        (lambda h: h.reply(302, b"", {"Location": h.path}), "redirects"),
        (lambda h: h.reply(302, b"", {"Location": "https://elsewhere.example/"}), "does not name the host"),
        (lambda h: h.reply(200, b"x", {"Content-Length": str(2**40)}), "the limit is"),
        (lambda h: h.reply(200, b"x", {"Content-Encoding": "gzip"}), "compresses"),
        (lambda h: h.reply(200, b"short", {"Content-Length": "50"}), ""),
    ],
)
def test_a_host_that_cannot_be_read_is_not_reached(hosts, route, reason):
    hosts.web.routes["/x"] = route
    policy = FetchPolicy(hosts=(), allow_private=True, rate=1e6, attempts=2, backoff=0.001, read_timeout=0.3)
    found = hosts.check(f"{hosts.web.url}/x", {"title": "T"}, policy=policy)
    assert (found.outcome, found.values) == ("not-reached", {"title": "not-reached"})
    assert reason in found.detail


def test_a_host_that_says_nothing_is_not_waited_for(hosts):
    hosts.web.routes["/x"] = lambda h: (time.sleep(0.6), h.reply(200, b"late"))
    policy = FetchPolicy(hosts=(), allow_private=True, rate=1e6, attempts=1, read_timeout=0.1)
    found = hosts.check(f"{hosts.web.url}/x", {"title": "T"}, policy=policy)
    assert (found.outcome, "no byte for too long" in found.detail) == ("not-reached", True)


@pytest.mark.parametrize("body", [b"[]", b"{", b"null", b'"x"', b'[{"sha": "../../x"}]', b"\xff"])
def test_answers_that_are_none_are_not_reached(hosts, body):
    hosts.web.routes = {"/api/": lambda h: h.reply(200, body), "/hub/api/": lambda h: h.reply(200, body)}
    for source in ("https://github.com/o/r/issues/3", "https://huggingface.co/datasets/o/n"):
        assert hosts.check(source, {"title": "T"}).outcome == "not-reached"


def test_addresses_inside_the_network_are_refused(hosts):
    hosts.web.objects["/x"] = b"secret"
    settings = hosts.settings.model_copy(update={"allow_private_addresses": False})
    policy = replace(FetchPolicy(hosts=()), attempts=1)
    for url in (f"{hosts.web.url}/x", "https://localhost/x"):
        assert hosts.check(url, {"title": "T"}, settings=settings, policy=policy).outcome == "not-reached"
    assert hosts.web.log == []
