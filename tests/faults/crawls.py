"""Crawls of a changed index, each disturbed once and then repeated as an operator would."""

import errno
import os
import shutil
from pathlib import Path

from atlas.crawl.check import check_folder
from atlas.crawl.engine import Crawl
from atlas.crawl.verify import VERIFIED  # noqa: F401 - loaded before forking, so that a child begins at once
from atlas.sources.base import Source
from tests.crawl.killed_crawl import CATALOG, PRODUCT, put, what_is_there
from tests.crawl.test_kill import AFTER, BEFORE
from tests.faults import disk
from tests.faults.children import child, seconds
from tests.faults.cut import Cut, serve_folder

_PYTHON_OPERATIONS = ("replace", "unlink", "fsync", "mkdir", "rmdir")


def shard_of(name):
    """The shard of a file of a crawl's folder."""
    return Path(name).name.partition(".")[0].partition("~")[0]


class Crawls:
    """The result of a disturbed and a repeated crawl against that of an undisturbed one."""

    def __init__(self, root: Path, disks: bool) -> None:
        """Crawl the index as it was, and as it is, undisturbed."""
        self.struck = False
        self.root, self.index = root, root / "index"
        root.mkdir()
        put(self.index, BEFORE)
        assert child(self.crawl(root / "base"))
        put(self.index, AFTER)
        shutil.copytree(root / "base", root / "undisturbed")
        self.time = seconds(self.crawl(root / "undisturbed"))
        self.expected = what_is_there(root / "undisturbed")[0]
        self.operations = self.count() if disks else 0

    def crawl(self, out, before=lambda: None, index=None):
        def work():
            before()
            Crawl(Source(PRODUCT, str(index or self.index)), CATALOG, out).run()

        return work

    def count(self) -> int:
        """Number of file operations of an undisturbed crawl."""
        out, told = self.root / "counted", self.root / "count"
        shutil.copytree(self.root / "base", out)

        def work():
            disk.arm(disk.FULL, 10**6, out, self.root / "aside")
            Crawl(Source(PRODUCT, str(self.index)), CATALOG, out).run()
            count = disk.operations()
            told.write_text(str(count))

        assert child(work)
        shutil.rmtree(out)
        return int(told.read_text())

    def round(self, break_it, mend=lambda out: None):
        """One fault and a crawl after it; returns the files that differ from the expected ones."""
        out = self.root / "out"
        shutil.copytree(self.root / "base", out)
        self.struck = break_it(out) is False
        mend(out)
        if not child(self.crawl(out)):
            shutil.copytree(out, self.root / "failed", dirs_exist_ok=True)
            shutil.rmtree(out)
            return ["the crawl after a fault failed"]
        found = what_is_there(out)[0]
        shutil.rmtree(out)
        shutil.rmtree(self.root / "aside", ignore_errors=True)
        found = {name: text for name, text in found.items() if not name.startswith("damaged/")}
        return sorted(
            name for name in self.expected.keys() | found.keys() if self.expected.get(name) != found.get(name)
        )

    def killed(self, chosen):
        return self.round(lambda out: child(self.crawl(out), kill_after=chosen.uniform(0, self.time)))

    def failing(self, chosen):
        """One operation fails, or all from there on: a missing disk, or bad blocks."""
        at, lasting = chosen.randrange(1, 110), chosen.random() < 0.5
        fault = OSError(chosen.choice((errno.ENOSPC, errno.EIO)), "made up")

        def patch():
            count = 0

            def failing(operation):
                def run(*arguments, **named):
                    nonlocal count
                    count += 1
                    if count == at or (lasting and count > at):
                        raise fault
                    return operation(*arguments, **named)

                return run

            for name in _PYTHON_OPERATIONS:
                setattr(os, name, failing(getattr(os, name)))

        return self.round(lambda out: child(self.crawl(out, patch)))

    def broken_disk(self, chosen, mode, mend=lambda out: None, **how):
        at = chosen.randrange(1, self.operations + 1)
        return self.round(
            lambda out: child(self.crawl(out, lambda: disk.arm(mode, at, out, self.root / "aside", **how))), mend
        )

    def full(self, chosen):
        """ENOSPC at one write, open, rename, unlink or fsync, or at all from there on."""
        return self.broken_disk(chosen, disk.FULL if chosen.random() < 0.5 else disk.FULL_ONCE)

    def torn(self, chosen):
        """Half of a write reaches the file, then the process dies."""
        return self.broken_disk(chosen, disk.TORN)

    def without_power(self, chosen):
        """A power cut: what fsync did not flush is lost, contents, names or both, the newest first."""
        bytes_, names = chosen.random() < 0.3, chosen.choice((0, 0, 1, 2, 5, 1_000))
        return self.broken_disk(chosen, disk.POWER, bytes_=bytes_, names=names)

    def without_power_and_fsync(self, chosen):
        """A power cut on a disk whose fsync does nothing: `atlas check` names what is lost, and the rest is sound."""
        said = set()

        def mend(out):
            said.update(shard_of(one.where) for one in check_folder(out, repair=True))

        odd = self.broken_disk(chosen, disk.POWER, mend, lie=True, names=chosen.choice((0, 3, 10, 30, 1_000)))
        # An Item that vanished since is known from the old part alone: where that is gone it is enough that it is said.
        return [name for name in odd if shard_of(name) not in said and not (said and name == "manifest.json")]


class CutCrawls:
    """Crawls of a host whose connection is cut after a random number of bytes."""

    def __init__(self, root: Path) -> None:
        """Serve an index of some thousand lines, which was crawled in an earlier state."""
        root.mkdir()
        self.struck = False
        self.root, files = root, root / "files"
        files.mkdir()
        lines = [
            f"2021/grid_{n / 10:.2f}_{s / 10:.2f}/grid_{n / 10:.2f}_{s / 10:.2f}{end}.npy {'ab' * 32}\n"
            for s in range(5)
            for n in range(300)
            for end in ("", "_scales")
        ]
        self.registry = files / "registry_2021.txt"
        self.server = serve_folder(files)
        self.cut = Cut(self.server.address)
        self.url = f"http://127.0.0.1:{self.cut.port}/{self.registry.name}"
        for name, some in (("base", lines[:2000]), ("undisturbed", lines)):
            if name == "undisturbed":
                shutil.copytree(root / "base", root / name)
            self.registry.write_text("".join(some))
            assert child(self.crawl(root / name))
        self.size = len("".join(lines)) + 1_000
        self.expected = what_is_there(root / "undisturbed")[0]

    def crawl(self, out):
        def work():
            import time

            time.sleep = lambda _: None  # a fetcher's pauses between its attempts
            report = Crawl(Source(PRODUCT, self.url), CATALOG, out).run()
            assert not report.faults, report.faults

        return work

    def round(self, chosen):
        out = self.root / "out"
        shutil.copytree(self.root / "base", out)
        self.cut.after(chosen.randrange(1, self.size), lasting=chosen.random() < 0.7)
        self.struck = not child(self.crawl(out))
        self.cut.after(None)
        worked = child(self.crawl(out))
        found = what_is_there(out)[0] if worked else {}
        shutil.rmtree(out)
        return sorted(
            name for name in self.expected.keys() | found.keys() if self.expected.get(name) != found.get(name)
        )

    def close(self) -> None:
        self.cut.close()
        self.server.close()
