"""The documented walk-throughs run and draw their pictures."""

import re

import numpy as np
import pytest
from PIL import Image

from tests.uses.walkthroughs import DOCS, WALKS, run


def test_every_page_is_run():
    assert {path.stem for path in DOCS.glob("*.md")} == {*WALKS, "README"}
    readme = (DOCS / "README.md").read_text("utf-8")
    assert all(f"({name}.md)" in readme for name in WALKS)


@pytest.mark.slow
@pytest.mark.parametrize("name", WALKS)
def test_a_walk_through_runs_and_draws_its_pictures(name, tmp_path):
    drawn, told = run(name, tmp_path)
    shown = re.findall(r"\(pictures/(.*?)\)", (DOCS / f"{name}.md").read_text("utf-8"))
    assert sorted(shown) == [path.name for path in drawn]
    for path in drawn:
        with Image.open(path) as new, Image.open(DOCS / "pictures" / path.name) as kept:
            assert new.size == kept.size
            apart = np.abs(np.asarray(new, float) - np.asarray(kept, float))
        assert apart.mean() < 2, f"{path.name} has changed: run python -m tests.uses.walkthroughs"
    assert told  # each product has something that is known to be wrong
