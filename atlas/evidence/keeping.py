"""Write fingerprints below `catalog/evidence/`, one file per record; the records themselves are never touched."""

import datetime as dt
import os
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

import orjson

from atlas.evidence.check import Found
from atlas.evidence.judging import passages_of
from atlas.evidence.passages import Passage
from atlas.records import Catalog
from atlas.records.fingerprints import Fingerprints, KeptPassage, KeptSource

__all__ = ["keep", "kept_by_source", "to_keep", "write_fingerprints"]

_HEAD = (
    "# Written by `atlas evidence`: digests of the passages that values rest on, never their text.\n"
    "# A passage is known by the SHA-256 of its words (first 16 digits) and by their number.\n"
)


def kept_by_source(catalog: Catalog) -> dict[tuple[str, str], KeptSource]:
    """The fingerprints of a catalogue, by record and source."""
    return {(name, s.source): s for name, kept in catalog.fingerprints.items() for s in kept.sources}


def to_keep(
    found: Iterable[Found], kept: Mapping[tuple[str, str], KeptSource], today: dt.date, *, refresh: bool
) -> dict[tuple[str, str], KeptSource]:
    """New fingerprints: of values without any and, with `refresh`, of values that moved on."""
    made = {}
    for one in found:
        wanted = {"not-fingerprinted", "moved-on"} if refresh else {"not-fingerprinted"}
        paths = {path for path, outcome in one.check.values.items() if outcome in wanted and path in one.fresh}
        if paths:
            before = passages_of(kept.get(one.check.key))
            passages = {path: one.fresh[path] for path in paths}
            passages |= {path: old for path, old in before.items() if path in one.check.values and path not in paths}
            # While a value has moved on, the day of the fingerprints stays, because the change happened after it.
            moved = not refresh and "moved-on" in one.check.values.values()
            day = kept[one.check.key].read if moved else today
            made[one.check.key] = keep(one.check.source, passages, day, one.check.version)
    return made


def keep(source: str, passages: Mapping[str, Collection[Passage]], day: dt.date, version: str = "") -> KeptSource:
    """The fingerprint of a source, from the passages of each value."""
    fields: dict[Passage, list[str]] = {}
    for path in sorted(passages):
        for passage in passages[path]:
            fields.setdefault(passage, []).append(path)
    return KeptSource(
        source=source,
        read=day,
        version=version or None,
        passages=[KeptPassage(digest=p.digest, words=p.words, fields=paths) for p, paths in fields.items()],
    )


def write_fingerprints(
    catalog: Catalog, made: Mapping[tuple[str, str], KeptSource], cited: Mapping[str, Collection[str]]
) -> list[Path]:
    """Write the fingerprints of records with new ones, and remove those of sources that a record no longer cites.

    Args:
        catalog: the catalogue with the present fingerprints.
        made: new fingerprints, by record and source.
        cited: all sources of each record that was checked.

    Returns:
        The files that were written, each atomically.
    """
    written = []
    for record, sources in cited.items():
        before = {s.source: s for s in catalog.fingerprints[record].sources} if record in catalog.fingerprints else {}
        after = {s: k for s, k in before.items() if s in sources} | {s: k for (r, s), k in made.items() if r == record}
        path = catalog.path / "evidence" / f"{record}.yaml"
        if after == before:
            continue
        if not after:
            path.unlink(missing_ok=True)
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(f".{path.name}.{os.getpid()}")
        fresh.write_text(_yaml(Fingerprints(id=record, sources=[after[s] for s in sorted(after)])), "utf-8")
        fresh.replace(path)
        written.append(path)
    return written


def _yaml(kept: Fingerprints) -> str:
    """One line per passage, so that a diff shows what changed; strings are quoted as in JSON."""
    lines = [_HEAD + f"id: {_quoted(kept.id)}", "sources:"]
    for source in kept.sources:
        lines += [f"  - source: {_quoted(source.source)}", f"    read: {source.read.isoformat()}"]
        lines += [f"    version: {_quoted(source.version)}"] if source.version else []
        lines.append("    passages:")
        for p in source.passages:
            fields = ", ".join(map(_quoted, p.fields))
            lines.append(f"      - {{digest: {_quoted(p.digest)}, words: {p.words}, fields: [{fields}]}}")
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    return orjson.dumps(text).decode()
