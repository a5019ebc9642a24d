"""The page of benchmarks against named peers, from the output of `python -m bench --json`."""

import json
import math
from collections import Counter
from pathlib import Path
from typing import Any

from atlas.answers.words import grouped
from atlas.errors import SiteError
from atlas.resources import data_dir
from atlas.web.page import Context, Head, Page

__all__ = ["benchmarks_page", "shown"]


_HEADINGS = {"api": "API", "dequantize": "Dequantise"}
"""What readers see where it is not the name of the benchmark."""


_LABELS = {
    "day": "Day",
    "processor": "Processor",
    "cores": "Cores",
    "memory_gb": "Memory (GB)",
    "system": "System",
    "load": "Load at the start (other processes)",
}


def benchmarks_page(file: Path | None = None) -> Page:
    """The page of benchmarks.

    Args:
        file: output of `python -m bench --json`; by default `site/content/benchmarks.json`, which may be missing.

    Raises:
        SiteError: the file is not such an output.
    """
    path = file or data_dir("site") / "content" / "benchmarks.json"
    try:
        found: Any = json.loads(path.read_text("utf-8")) if path.is_file() else {}
        context = _context(found)
    except (ValueError, KeyError, TypeError) as error:
        raise SiteError(f"{path}: not what 'python -m bench --json' writes ({error!r})") from error
    head = Head(
        "Benchmarks",
        "The atlas measured against named peers: machine, versions, figures, targets and spread.",
        "benchmarks.html",
        section="about",
        crumbs=(("About", "about.html"),),
    )
    return Page("benchmarks.html", head, context, found or {"benchmarks": []})


def _context(found: dict[str, Any]) -> Context:
    machine = found.get("machine", {})
    told = tuple((label, str(machine[key])) for key, label in _LABELS.items() if machine.get(key) is not None)
    benchmarks = [_benchmark(one) for one in found.get("benchmarks", ())]
    judged = [figure for one in benchmarks for _, figure in one.judged]
    return Context(
        machine=told,
        versions=tuple(found.get("versions", {}).items()),
        rounds=found.get("rounds", 0),
        benchmarks=benchmarks,
        # how many targets were met, and how many there are
        verdicts=(sum(bool(figure.met) for figure in judged), len(judged)),
        # other programs used more than half of the cores at the start
        busy=(machine.get("load") or 0) > (machine.get("cores") or 1) / 2,
    )


def _benchmark(found: dict[str, Any]) -> Context:
    """A benchmark with its figures and, by their names, those with a target.

    What two figures of one name measure is told apart by the unit. `items` is the requested size, None for the default.
    """
    name, figures = found["name"], [_measured(figure) for figure in found["figures"]]
    names = Counter(figure.name for figure in figures)
    return Context(
        name=name,
        title=found["title"],
        items=found.get("items"),
        heading=_HEADINGS.get(name, name.capitalize()),
        figures=figures,
        judged=[
            (f"{figure.name}, {figure.unit}" if names[figure.name] > 1 else figure.name, figure)
            for figure in figures
            if figure.met is not None
        ],
    )


def _measured(figure: dict[str, Any]) -> Context:
    """One figure in words: the two values, their ratio, the spread over the rounds, the target and whether it is met.

    `mark` is its position on an axis: -1 is a tenth of the target, 0 the target, 1 ten times the target.
    """
    met, spread = figure.get("met"), figure.get("spread")
    target, mark = "", -1.0
    if met is not None:
        judged, aim, least = figure.get("ratio", figure["ours"]), figure["target"], figure["at_least"]
        target = f"{'at least' if least else 'at most'} {shown(aim)}"
        over, under = (judged, aim) if least else (aim, judged)
        margin = over / under if under else math.inf
        mark = max(-1.0, min(1.0, math.log10(margin))) if margin else -1.0
    return Context(
        name=figure["name"],
        unit=figure.get("unit", ""),
        ours=shown(figure["ours"]),
        peer=shown(figure.get("peer")),
        against=figure.get("against", ""),
        ratio=shown(figure.get("ratio")),
        spread=f"{shown(spread[0])} to {shown(spread[1])}" if spread else "",
        target=target,
        met=met,
        mark=mark,
    )


def shown(value: float | None) -> str:
    """A measured number with about three digits, or a count with all digits; empty for None."""
    if value is None:
        return ""
    if isinstance(value, int):
        return grouped(value)
    digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2 if abs(value) >= 0.1 or not value else 4
    return grouped(value, f".{digits}f")
