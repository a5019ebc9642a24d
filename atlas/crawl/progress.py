"""Progress of a crawl: a bar on a terminal, JSON lines elsewhere, nothing by default."""

import sys
import time
from typing import TYPE_CHECKING, Any, TextIO

import orjson

from atlas.crawl.state import ShardState
from atlas.sources.base import Shard

if TYPE_CHECKING:
    from atlas.crawl.shard import ShardResult

__all__ = ["BarProgress", "JsonProgress", "Progress", "progress_for"]

_EVERY = 1.0
"""Seconds between two JSON lines of progress."""


class Progress:
    """Counts shards, bytes of input and Items, estimates the time left from the input, and tells nobody."""

    def __init__(self) -> None:
        """Begin now."""
        self.started = time.monotonic()
        self.shards = self.finished = self.failed = self.items = self.unchanged = 0
        self._weights: dict[str, int] = {}
        self._read_weight = 0
        self._in_shard = 0

    def planned(self, shard: Shard) -> None:
        """A shard was listed."""
        self.shards += 1
        self._weights[shard.id] = shard.rows or sum(i.size or 0 for i in shard.inputs) or 1
        self._tell("planned")

    def skipped(self, state: ShardState) -> None:
        """A shard is unchanged."""
        self.finished += 1
        self.unchanged += state.items
        self._weights.pop(state.id, None)
        self._tell("skipped")

    def batch(self, items: int) -> None:
        """Items were made within a shard of this process."""
        self._in_shard += items
        self._tell("batch")

    def done(self, result: "ShardResult") -> None:
        """A shard was read, or failed."""
        self.finished += 1
        self._in_shard = 0
        self._read_weight += self._weights.pop(result.shard, 0)
        if result.state is None:
            self.failed += 1
        else:
            self.items += result.state.items
        self._tell("done")

    def finish(self) -> None:
        """The crawl ended well enough to have a report."""
        self._tell("finished")

    def stop(self) -> None:
        """The crawl ended, with or without success; called last."""

    def _tell(self, event: str) -> None:
        """Show the numbers after an event, which has the name of its method."""

    @property
    def rate(self) -> float:
        """Items per second that were read."""
        return (self.items + self._in_shard) / max(time.monotonic() - self.started, 1e-9)

    @property
    def seconds_left(self) -> float | None:
        """Of the shards that are planned so far; None before the first is read."""
        if not self._read_weight:
            return None
        return (time.monotonic() - self.started) * sum(self._weights.values()) / self._read_weight


class JsonProgress(Progress):
    """One JSON object per line on standard error, at most one per second."""

    def __init__(self, out: TextIO | None = None, product: str | None = None) -> None:
        """Args: `out` is where the lines go, `product` what each of them names."""
        super().__init__()
        self._out, self._last = out or sys.stderr, 0.0
        self._about = {"product": product} if product else {}

    def done(self, result: "ShardResult") -> None:
        """Count it; a fault has its own line."""
        if result.state is None:
            self._write({"event": "fault", "shard": result.shard, "message": result.fault})
        super().done(result)

    def _tell(self, event: str) -> None:
        if event in {"planned", "skipped"} or (event != "finished" and time.monotonic() - self._last < _EVERY):
            return
        self._last = time.monotonic()
        left = self.seconds_left
        self._write(
            {
                "event": event if event == "finished" else "progress",
                "shards": self.finished,
                "planned": self.shards,
                "failed": self.failed,
                "items": self.items + self._in_shard,
                "unchanged": self.unchanged,
                "items_per_second": round(self.rate),
                "seconds_left": None if left is None else round(left, 1),
            }
        )

    def _write(self, value: dict[str, Any]) -> None:
        self._out.write(orjson.dumps(self._about | value).decode() + "\n")
        self._out.flush()


class BarProgress(Progress):
    """A bar with rate and time left, for a terminal."""

    def __init__(self, product: str | None = None) -> None:
        """Start drawing, under the name of the product."""
        from rich.console import Console
        from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
        from rich.progress import Progress as Bar

        super().__init__()
        self._bar = Bar(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.completed:.0f}/{task.total:.0f} shards"),
            TextColumn("{task.fields[text]}"),
            TimeElapsedColumn(),
            console=Console(stderr=True),
            transient=True,
            refresh_per_second=4,
        )
        self._task = self._bar.add_task(product or "crawling", total=0, text="")
        self._bar.start()

    def stop(self) -> None:
        """Remove the bar."""
        self._bar.stop()

    def _tell(self, event: str) -> None:
        left = self.seconds_left
        text = f"{self.items + self._in_shard:,} items, {self.rate:,.0f}/s"
        if left is not None:
            text += f", {left:,.0f} s left"
        self._bar.update(self._task, total=self.shards, completed=self.finished, text=text)


def progress_for(stream: TextIO, product: str | None = None) -> Progress:
    """A bar where the stream is a terminal, JSON lines otherwise."""
    return BarProgress(product) if stream.isatty() else JsonProgress(stream, product)
