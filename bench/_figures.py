"""Results of a benchmark: a figure is a line of its table, a row of the JSON and a row of the site's page."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

from atlas.web.pages.benchmarks import shown

__all__ = ["Figure", "together"]


@dataclass(frozen=True, slots=True)
class Figure:
    """One measurement: ours and, where there is one, its peer's."""

    name: str
    unit: str
    ours: float
    peer: float | None = None
    against: str = ""
    """Which peer."""
    ratio: float | None = None
    """Of both, as the benchmark defines it: how many times faster, or how many times the resource."""
    target: float | None = None
    """For the ratio; for `ours` where there is no ratio."""
    at_least: bool = False
    """Whether the target is a minimum; otherwise it is a maximum."""
    spread: tuple[float, float] | None = None
    """Least and greatest value that the target applies to, over several rounds."""

    @property
    def met(self) -> bool | None:
        """Whether the target is met; None without one."""
        found = self.ours if self.ratio is None else self.ratio
        if self.target is None:
            return None
        return found >= self.target if self.at_least else found <= self.target

    def line(self) -> str:
        """The figure as a line of a table."""
        told = f"  {self.name:52s} {shown(self.ours):>10s} {self.unit}"
        if self.peer is not None:
            told += f", {self.against or 'peer'} {shown(self.peer)}"
        if self.ratio is not None:
            told += f": {shown(self.ratio)} times"
        if self.spread is not None:
            told += f" ({shown(self.spread[0])} to {shown(self.spread[1])})"
        if self.target is not None:
            told += f"  [{'at least' if self.at_least else 'at most'} {shown(self.target)}: "
            told += "met]" if self.met else "MISSED]"
        return told

    def as_dict(self) -> dict[str, object]:
        """The figure as JSON, without what it does not have."""
        found = asdict(self) | {"met": self.met}
        return {name: value for name, value in found.items() if value is not None and value != ""}


def together(rounds: Sequence[Sequence[Figure]]) -> list[Figure]:
    """The medians of the same figures of several rounds, with their spread.

    Raises:
        ValueError: the rounds did not measure the same.
    """
    found = []
    for same in zip(*rounds, strict=True):
        if len({figure.name for figure in same}) != 1:
            raise ValueError(f"the rounds measured different things: {same[0].name}")
        judged = [figure.ours if figure.ratio is None else figure.ratio for figure in same]
        spread = (min(judged), max(judged)) if len(same) > 1 else None
        middle = sorted(zip(judged, same, strict=True), key=lambda one: one[0])[(len(same) - 1) // 2][1]
        # Of one round, so that its numbers belong together; the median of an even number of rounds is the lower one.
        found.append(replace(middle, spread=spread))
    return found
