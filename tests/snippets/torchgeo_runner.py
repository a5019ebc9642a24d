"""Runs snippets with TorchGeo on a PyTorch that was built for the CPU: `torchgeo_runner.py FOLDER...`.

Each folder holds `snippet.py` and the files that it reads; what it prints is written to `printed.txt` beside it.

The compiled part of torchvision is published for CUDA alone and does not load then; the two operators that its Python
part describes to PyTorch are declared here, so that it can be imported. TorchGeo's embedding datasets call neither.
"""

import contextlib
import io
import os
import runpy
import sys
import traceback
from pathlib import Path

import torch

library = torch.library.Library("torchvision", "DEF")
for name in ("nms", "qnms"):
    library.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")

for folder in sys.argv[1:]:
    os.chdir(folder)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        try:
            runpy.run_path("snippet.py", run_name="__main__")
        except Exception:  # noqa: BLE001 - the next snippet runs; the test looks for the traceback
            traceback.print_exc(file=sys.stdout)
    Path("printed.txt").write_text(printed.getvalue(), "utf-8")
