"""Vectors as TorchGeo data sets, run with TorchGeo in its own environment."""

import json
import os
import subprocess
import sysconfig

import numpy as np
import pytest

import atlas
from atlas.errors import RestoreError
from tests.environments import ROOT, torchgeo_environment
from tests.read import shapes

CODE = """
import json, sys
import numpy as np, pandas as pd, torch
library = torch.library.Library("torchvision", "DEF")  # as tests/snippets/torchgeo_runner.py says
for name in ("nms", "qnms"):
    library.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
import atlas
pixels = atlas.to_torchgeo(json.load(open("pixels.json")))
x, y, t = pixels.bounds
assert len(pixels) == 2 and pixels.res == (10.0, 10.0) and pixels.identity.space == "a-space"
of_2023 = slice(pd.Timestamp("2023-03-01"), pd.Timestamp("2023-04-01"))
whole = pixels[x, y, of_2023]
moved = pixels[x.start - 20 : x.start + 80, y.stop - 100 : y.stop + 20, of_2023]
coarse = pixels[x.start : x.start + 60 : 20, y.stop - 60 : y.stop : 20, of_2023]
both = atlas.to_torchgeo(json.load(open("pixels.json")), time_series=True)[x, y]
try:
    pixels[x, y]
except IndexError as error:
    assert "holds 2 steps of time" in str(error)
else:
    raise AssertionError
from torchgeo.datasets import stack_samples
assert stack_samples([whole, whole])["image"].shape[0] == 2
patches = atlas.to_torchgeo(json.load(open("patches.json")))
one = patches[3]
np.savez("theirs.npz", whole=whole["image"], valid=whole["valid"], moved=moved["image"], coarse=coarse["image"],
         both=both["image"], patch=one["embedding"], x=one["x"], count=len(patches))
"""


def test_without_torchgeo_the_error_says_what_to_install(tmp_path):
    with pytest.raises(RestoreError, match=r"needs TorchGeo, which is not installed here .*: pip install torchgeo"):
        atlas.to_torchgeo(shapes.cog(tmp_path).item)


@pytest.mark.slow
@pytest.mark.timeout(1500)  # making the environment brings more than a gigabyte
def test_torchgeo_gets_the_vectors_by_place_and_time(tmp_path):
    python = torchgeo_environment()
    made = [shapes.cog(tmp_path, year=y) for y in (2022, 2023)]
    features = {"type": "FeatureCollection", "features": [m.item for m in made]}
    (tmp_path / "pixels.json").write_text(json.dumps(features))
    table = shapes.table(tmp_path)
    (tmp_path / "patches.json").write_text(json.dumps(table.item))
    # the reader and what it needs come from this environment, TorchGeo and PyTorch from theirs
    places = os.pathsep.join([str(ROOT), sysconfig.get_path("purelib")])
    done = subprocess.run(
        [str(python), "-c", CODE],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": places},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    found = np.load(tmp_path / "theirs.npz")
    expected = made[1].expected
    assert np.array_equal(found["whole"], expected, equal_nan=True)
    assert np.array_equal(found["valid"], np.isfinite(expected).all(axis=0))
    assert np.isnan(found["moved"][:, :2]).all()
    assert np.isnan(found["moved"][:, :, :2]).all()
    assert np.array_equal(found["moved"][:, 2:, 2:], expected[:, :10, :8], equal_nan=True)
    every = {v.tobytes() for v in np.moveaxis(expected[:, :6, :6], 0, -1).reshape(-1, 8)}
    assert {v.tobytes() for v in np.moveaxis(found["coarse"], 0, -1).reshape(-1, 8)} <= every  # no blend
    assert np.array_equal(found["both"], np.stack([m.expected for m in made]), equal_nan=True)
    assert np.array_equal(found["patch"], table.expected[3])
    assert float(found["x"]) == pytest.approx(3.0035)
    assert int(found["count"]) == 20
