"""What the names of the producers' files say: tile, time, folder partitions.

| name | says | seen in |
|---|---|---|
| `31TDF_2024-01-01_2025-01-01.parquet` | MGRS tile; first day, and the day after the last | Earth Index |
| `03WVN_20220610_20220610_v001.gpq` | MGRS tile; first and last day | Clay v0 |
| `m_4007201_ne_18_060_20211105.parquet` | day of the picture | Clay v1.5 NAIP |
| `gzd=10S/year=2024/month=06/...` | grid zone, year and month | Clay v1.5 Sentinel-2 |
| `2024/U/1/L/7/471U_587L.tif` | year; Major TOM cell | Core-AlphaEarth |
"""

import datetime as dt
import re
from dataclasses import dataclass

from atlas.moments import before, end_of_day

__all__ = ["NameFacts", "name_facts"]

MGRS = r"(?P<mgrs>(?:0[1-9]|[1-5]\d|60)[C-HJ-NP-X][A-HJ-NP-Z][A-HJ-NP-V])"
DAY = r"\d{4}-\d{2}-\d{2}"
EARTH_INDEX = re.compile(rf"(?:^|/){MGRS}_(?P<start>{DAY})_(?P<end>{DAY})\.(?:geo)?parquet$")
CLAY_V0 = re.compile(
    rf"(?:^|/){MGRS}_(?P<start>\d{{8}})_(?P<end>\d{{8}})_v(?P<version>\d{{3}})\.(?:gpq|geoparquet|parquet)$"
)
NAIP = re.compile(r"(?:^|/)m_\d{7}_(?:ne|nw|se|sw)_\d{2}_\w{1,3}_(?P<day>\d{8})(?:_\d{8})?\.(?:geo)?parquet$")
YEAR_MONTH = re.compile(r"(?:^|/)year=(?P<year>\d{4})/month=(?P<month>\d{1,2})/")
CELL = re.compile(r"(?:^|/)(?:(?P<year>\d{4})/)?[UD]/\d+/[LR]/\d+/(?P<cell>\d+[UD]_\d+[LR])\.tif$")


@dataclass(frozen=True, slots=True)
class NameFacts:
    """What a name says; None where it says nothing.

    Attributes:
        mgrs: Sentinel-2 tile, such as `31TDF`.
        cell: Major TOM cell, such as `471U_587L`.
        start, end: first and last moment, UTC.
    """

    mgrs: str | None = None
    cell: str | None = None
    start: dt.datetime | None = None
    end: dt.datetime | None = None


def name_facts(path: str) -> NameFacts:
    """What the path below the source says.

    Raises:
        ValueError: the name has a known form and a date in it does not exist.
    """
    if match := EARTH_INDEX.search(path):
        start, end = _day(match["start"]), _day(match["end"])
        return NameFacts(mgrs=match["mgrs"], start=start, end=max(start, before(end)))
    if match := CLAY_V0.search(path):
        start, end = _day(match["start"]), _day(match["end"])
        if end < start:
            raise ValueError(f"the last day {match['end']} is before the first {match['start']}")
        return NameFacts(mgrs=match["mgrs"], start=start, end=end_of_day(end))
    if match := NAIP.search(path):
        day = _day(match["day"])
        return NameFacts(start=day, end=end_of_day(day))
    if match := CELL.search(path):
        if match["year"] is None:
            return NameFacts(cell=match["cell"])
        year = int(match["year"])
        return NameFacts(cell=match["cell"], start=_first(year, 1), end=before(_first(year + 1, 1)))
    if match := YEAR_MONTH.search(path):
        year, month = int(match["year"]), int(match["month"])
        after = _first(year + month // 12, month % 12 + 1)
        return NameFacts(start=_first(year, month), end=before(after))
    return NameFacts()


def _day(text: str) -> dt.datetime:
    return dt.datetime.strptime(text.replace("-", ""), "%Y%m%d").replace(tzinfo=dt.UTC)


def _first(year: int, month: int) -> dt.datetime:
    return dt.datetime(year, month, 1, tzinfo=dt.UTC)
