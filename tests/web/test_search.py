"""Search results: the site's script over the site's index, all queries in one run."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from atlas.errors import SiteError
from atlas.web.content import read_search
from atlas.web.pages.search import KINDS, search_entries
from tests.browser.conftest import needs

FIRST = {
    # products by name, short name, id elsewhere and part of a name
    "AEF": "products/aef-v1-annual.html",
    "alphaearth": "products/aef-v1-annual.html",
    "AlphaEarth Foundations": "products/aef-v1-annual.html",
    "GSE": "products/aef-v1-annual.html",
    "google satellite embedding": "products/aef-v1-annual.html",
    "GOOGLE/SATELLITE_EMBEDDING/V1/ANNUAL": "products/aef-v1-annual.html",
    "TESSERA": "products/tessera-v1.html",
    "tesera": "products/tessera-v1.html",
    "tessera v2": "products/tessera-v2-2b-l-beta1.html",
    "clay": "products/clay-v0-sentinel.html",
    "ESD": "products/esd-v001.html",
    "OlmoEarth v1.1 Nano": "products/olmoearth-v1-1-nano.html",
    "presto": "products/presto-togo-2019.html",
    "planet": "products/planet-embeddings.html",
    "major tom": "products/majortom-core-alphaearth.html",
    # publications
    "10.48550/arXiv.2507.22291": "products/aef-v1-annual.html",
    "arXiv:2507.22291v2": "products/aef-v1-annual.html",
    "https://doi.org/10.48550/arXiv.2507.22291": "products/aef-v1-annual.html",
    "2601.00857": "ecosystem.html#harvesting-alphaearth",
    # what a reader wants to do
    "dequantise": "taxonomy/quantization.html",
    "Dequantizing": "taxonomy/quantization.html",
    "dequantise tessera": "products/tessera-v1.html#restore",
    "cite": "data.html#everything",
    "how do I cite AlphaEarth?": "products/aef-v1-annual.html#cite",
    "patch size": "index.html#chart",
    "int8": "products.html?q=int8",
    "licence": "taxonomy/licence.html",
    "license": "taxonomy/licence.html",
    "commercial use": "taxonomy/licence.html",
    # tasks
    "crops": "tasks/crops.html",
    "forest": "tasks/forest.html",
    "change detection": "tasks/change.html",
    "few-shot": "tasks/few-labels.html",
    "similarity search": "tasks/retrieval.html",
    "small dimensions": "tasks/small-vectors.html",
    # words of the field
    "SAR": "taxonomy/modality/sar.html",
    "radar": "taxonomy/modality/sar.html",
    "S2": "taxonomy/sensor/sentinel-2.html",
    "Sentinel-2": "inputs.html#about-sentinel-2",
    "DEM": "taxonomy/modality/elevation.html",
    "FSQ": "taxonomy/quantization/finite_scalar.html",
    "CC0": "taxonomy/licence/public-domain.html",
    "poverty": "taxonomy/task/socio-economic-mapping.html",
    "emb:pooling": "emb/v0.1.0/index.html#emb-pooling",
    # countries: a product of one country before the question
    "Togo": "products/presto-togo-2019.html",
    "Netherlands": "products/spheer-fm-nl.html",
    # terms that deny
    "non-commercial": "taxonomy/licence/non-commercial.html",
    "not commercial": "taxonomy/licence/non-commercial.html",
    "noncommercial": "taxonomy/licence/non-commercial.html",
    "not stated": "taxonomy/access/not-stated.html",
    "without account": "taxonomy/access/anonymous.html",
}
NEVER = {
    "commercial": "taxonomy/licence/non-commercial.html",
    "stated": "taxonomy/licence/not-stated.html",
    "quantised": "taxonomy/quantization/none.html",
    "login": "taxonomy/access/anonymous.html",
}


@pytest.fixture(scope="module")
def ask(site):
    program = shutil.which("node")
    needs(program, "Node")
    found = {}

    def run(queries):
        if missing := [q for q in queries if q not in found]:
            script = Path(__file__).with_name("search_queries.js")
            done = subprocess.run(
                [program, str(script), str(site)], input=json.dumps(missing), capture_output=True, text=True, check=True
            )
            found.update(zip(missing, json.loads(done.stdout), strict=True))
        return {q: found[q] for q in queries}

    return run


def test_what_stands_first(ask):
    answers = ask(list(FIRST))
    wrong = {q: answers[q][1:4] for q, path in FIRST.items() if answers[q][1:2] == [] or answers[q][1][0] != path}
    assert wrong == {}


def test_a_country_leads_to_its_coverage(ask):
    (path, title, kind) = ask(["Kenya"])["Kenya"][1]
    assert (title, kind) == ("What covers Kenya?", "Place")
    assert path.startswith("coverage.html?lon=36")


def test_a_word_of_a_negated_term_is_no_hit(ask):
    answers = ask(list(NEVER))
    wrong = {q: path for q, path in NEVER.items() if path in [hit[0] for hit in answers[q][1:]]}
    assert wrong == {}


def test_where_not_all_words_are_found_some_are_and_it_says_so(ask):
    assert ask(["tessera xyzzy"])["tessera xyzzy"][:2][0] is False
    assert ask(["tessera xyzzy"])["tessera xyzzy"][1][0] == "products/tessera-v1.html"
    assert ask(["xyzzy"])["xyzzy"] == [False]


def test_every_entry_leads_somewhere(site, catalog):
    entries = search_entries(catalog, [])
    assert {e.kind for e in entries} <= set(KINDS)
    assert [e.path for e in entries if not (site / e.path.split("#")[0].split("?")[0]).is_file()] == []


def test_a_faulty_file_of_words_says_what_is_wrong(tmp_path):
    (tmp_path / "search.yaml").write_text("ignored: [a]\nnegations: []\nspellings: {}\nsections: {}\n")
    with pytest.raises(SiteError, match=r"search\.yaml: guides: Field required"):
        read_search(tmp_path)
    (tmp_path / "search.yaml").write_text("ignored: [on]\nnegations: []\nspellings: {}\nsections: {}\nguides: []\n")
    with pytest.raises(SiteError, match=r"ignored\.0: Input should be a valid string"):
        read_search(tmp_path)
