"""Known issues of a product: reported once when its vectors are opened, and placed where the metadata say."""

import threading
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from atlas.records import Product
from stac_emb.boxes import Box, flat

__all__ = ["Artefact", "KnownIssueWarning", "issues_of", "tell"]

Json = Mapping[str, Any]
Artefact = tuple[str, Box, tuple[int, ...]]
"""Title of an issue, the box it lies in (west, south, east, north) and the years it concerns; no years: all."""
_told: set[str] = set()
_lock = threading.Lock()


class KnownIssueWarning(UserWarning):
    """A known issue of a product whose vectors are opened, or of other readers of it."""


@dataclass(frozen=True, slots=True)
class Issue:
    """One known issue.

    Attributes:
        title: in a few words.
        text: what happens, and what to do until it is fixed.
        source: address of the report.
        note: status, region and versions.
        artefact: where in the vectors it lies, if that is stated in numbers.
    """

    title: str
    text: str
    source: str | None
    note: str
    artefact: Artefact | None

    def line(self) -> str:
        """For a list."""
        source = f" See {self.source}" if self.source else ""
        note = f" ({self.note})" if self.note else ""
        return f"- {self.title}{note}. {self.text}{source}"


def issues_of(item: Json, collection: Json | None, record: Product | None) -> tuple[Issue, ...]:
    """Known issues of an Item's vectors that are not fixed.

    The Item's `emb:known_issues` concern its own footprint and year unless they state others; those of its Collection,
    or of the atlas's record where no Collection states any, concern the product. Issues of other versions are left out.
    """
    properties = item.get("properties") or {}
    version = properties.get("version") or (collection or {}).get("version")
    own = [_issue(one, item) for one in _unmended(properties.get("emb:known_issues"), version)]
    stated = (collection or {}).get("emb:known_issues")
    if stated is None and record is not None:
        stated = [issue.model_dump(exclude_none=True) for issue in record.known_issues]
    found = [*own, *(_issue(one, None) for one in _unmended(stated, version))]
    return tuple({issue.title: issue for issue in reversed(found)}.values())[::-1]


def tell(product: str, item: Json, collection: Json | None, record: Product | None) -> None:
    """Warn of a product's known issues, and of those of its other readers, once per process."""
    name = product or str(item.get("id"))
    with _lock:
        if name in _told:
            return
    lines = [issue.line() for issue in issues_of(item, collection, record)]
    loaders = [f"- {one.name}: {one.note}" for one in (record.loaders if record else ()) if one.note]
    if not lines and not loaders:
        return
    if loaders:
        lines += ["Other readers of it:", *loaders]
    with _lock:
        _told.add(name)
    warnings.warn(KnownIssueWarning("\n".join([f"known issues of {name}:", *lines])), stacklevel=4)


def _unmended(stated: object, version: object) -> list[Json]:
    """Issues that are not fixed and may concern a version; software names among the versions are ignored."""
    found = []
    for one in stated if isinstance(stated, list | tuple) else ():
        if not isinstance(one, Mapping) or not one.get("title") or one.get("status") == "fixed":
            continue
        versions = [str(v) for v in one.get("versions") or () if " " not in str(v)]
        if not versions or version is None or str(version) in versions:
            found.append(one)
    return found


def _issue(one: Json, item: Json | None) -> Issue:
    texts = [str(one[k]) for k in ("description", "workaround") if one.get(k)]
    versions = ", ".join(map(str, one.get("versions") or ()))
    notes = [one.get("status"), one.get("region"), f"version {versions}" if versions else None]
    return Issue(
        str(one["title"]), " ".join(texts), one.get("href"), "; ".join(str(n) for n in notes if n), _artefact(one, item)
    )


def _artefact(one: Json, item: Json | None) -> Artefact | None:
    """Where an issue lies: its `bbox` and `years`; an Item's own issue takes missing ones from the Item."""
    box, years = one.get("bbox"), one.get("years")
    if item is not None:
        box = box or item.get("bbox")
        moment = (item.get("properties") or {}).get("start_datetime") or (item.get("properties") or {}).get("datetime")
        years = years or ([int(str(moment)[:4])] if moment else ())
    if (place := flat(box)) is None:
        return None
    west, south, east, north = map(float, place)
    return str(one["title"]), (west, south, east, north), tuple(int(y) for y in years or ())
