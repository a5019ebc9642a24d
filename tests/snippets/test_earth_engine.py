"""The Earth Engine snippet runs with Google's own client, against our server for its protocol.

Earth Engine wants an account, so no test can ask Google's servers; the snippet's note says so.
"""

import ast
import dataclasses
import os
import re
import subprocess
import threading
from pathlib import Path

import pytest

from atlas.records.snippets import load_snippets
from tests.environments import own_environment

from .earth_engine_peer import Image, Peer

# Making the environment counts as part of the first test.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
SNIPPETS = {s.id: s for s in load_snippets() if s.tool == "earth-engine"}
HERE = (11.5, 48.25)
# The cell of zone 32 that holds the place of the snippet, in two years; and one elsewhere.
IMAGES = [
    Image(2023, 32632, 1, 32),
    Image(2024, 32632, 5, 3),
    Image(2024, 32632, 1, 32),
]


@pytest.fixture(scope="module")
def python():
    """The interpreter of the client's own environment, 180 MB that nothing else needs."""
    return own_environment("earth-engine")


@pytest.fixture
def serve(python):
    """Start a server over some images."""
    (documents,) = python.parents[1].glob("lib/python*/site-packages/ee/tests")
    started = []

    def start(images):
        peer = Peer(documents, images)
        thread = threading.Thread(target=peer.serve_forever)
        thread.start()
        started.append((peer, thread))
        return peer

    yield start
    for peer, thread in started:
        peer.shutdown()
        peer.server_close()
        thread.join()


def run(python, peer, tmp_path, *changes, snippet="aef-earth-engine"):
    script = tmp_path / "snippet.py"
    code = SNIPPETS[snippet].code
    for old, new in changes:
        assert old in code
        code = code.replace(old, new)
    script.write_text(code, "utf-8")
    command = [str(python), str(Path(__file__).with_name("earth_engine_runner.py")), peer.url, str(script)]
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
    return subprocess.run(command, capture_output=True, text=True, timeout=120, env=environment, check=False)


def test_the_vector_of_the_year_is_read_as_it_is_served(python, serve, tmp_path):
    peer = serve(IMAGES)
    done = run(python, peer, tmp_path)
    assert done.returncode == 0, done.stderr[-2000:]
    image = IMAGES[2]
    expected = image.vector(*image.pixel(*HERE))
    assert done.stdout.startswith("(64,) ")
    assert ast.literal_eval(done.stdout.removeprefix("(64,) ")) == pytest.approx(expected[:3].tolist(), abs=1e-4)
    assert peer.asked[-1].endswith("/projects/my-project/value:compute")


def test_a_masked_pixel_is_no_vector(python, serve, tmp_path):
    done = run(python, serve([Image(2024, 32632, 1, 32, empty=True)]), tmp_path)
    assert (done.returncode, done.stderr.strip()) == (1, "no data here")


def test_similarity_and_change_are_those_of_the_vectors(python, serve, tmp_path):
    peer = serve(IMAGES)
    done = run(python, peer, tmp_path, snippet="aef-earth-engine-similarity")
    assert done.returncode == 0, done.stderr[-2000:]
    earlier, _, later = IMAGES
    there = later.pixel(11.51, 48.26)
    example = later.vector(*later.pixel(*HERE))
    _, similarity, _, change = done.stdout.split()
    assert float(similarity) == pytest.approx(later.vector(*there) @ example, abs=1e-4)
    assert float(change) == pytest.approx(1 - earlier.vector(*there) @ later.vector(*there), abs=1e-4)


def test_there_is_no_similarity_where_there_is_no_vector(python, serve, tmp_path):
    gone = dataclasses.replace(IMAGES[0], empty=True)
    done = run(python, serve([gone, *IMAGES[1:]]), tmp_path, snippet="aef-earth-engine-similarity")
    assert (done.returncode, done.stderr.strip()) == (1, "no data here")


# What must not be answered: these show that the server reads what it is asked.
@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("GOOGLE/SATELLITE_EMBEDDING/V1/ANNUAL", "GOOGLE/SATELLITE_EMBEDDING/V2/ANNUAL"), "asset '.*V2.*' not found"),
        (("2024", "2016"), "Parameter 'image' is required and may not be null"),
        (("11.5, 48.25", "-60.5, 48.25"), "Parameter 'image' is required and may not be null"),
        (("scale=10", "scale=1000"), "at the collection's own scale"),
        ((".first().reduceRegion", ".mosaic().reduceRegion"), "ImageCollection.mosaic: not a function of this server"),
        (("my-project", "your-project"), "Not found: /[^/]*/projects/your-project"),
    ],
)
def test_another_question_gets_no_answer(python, serve, tmp_path, change, message):
    done = run(python, serve(IMAGES), tmp_path, change)
    assert done.returncode == 1
    assert re.search(message, done.stderr), done.stderr[-1000:]
