"""The functions that first read foreign bytes: each returns, or raises an error of ours.

Anything else is a find: an exception of another kind ends the run of the fuzzer and fails the replay of the corpus.
"""

import contextlib
import io
import json
import math

from atlas.errors import AtlasError
from atlas.fetch.inputs import Rejected
from atlas.fetch.listing import _parse
from atlas.formats.csv import csv_batches
from atlas.formats.footers import read_footer
from atlas.formats.npy import NpyFile
from atlas.formats.raster import raster_header
from atlas.formats.zarr_documents import checked
from atlas.sources.cards import read_card
from atlas.sources.files.names import name_facts
from atlas.sources.stac.rows import Reading
from atlas.sources.tables import aef
from stac_emb.geometries import check_geometry
from stac_emb.validate import Validator


def of_ours(work):
    def target(data):
        with contextlib.suppress(AtlasError, Rejected):
            work(data)

    return target


def as_json(work):
    def target(data):
        try:
            document = json.loads(data)
        except (ValueError, RecursionError):
            return
        work(document)

    return target


def csv(data):
    for lines, batch, _ in csv_batches(io.BytesIO(data), "x", aef.COLUMNS, aef.POSITIONS):
        assert len(lines) == batch.num_rows


def card(data):
    assert isinstance(read_card(data).data, dict)


def item(document):
    with contextlib.suppress(Rejected):
        assert Reading().row(document, "https://example.com/item.json")["id"]


def geometry(document):
    if not isinstance(document, dict) or any(isinstance(v, float) and not math.isfinite(v) for v in document.values()):
        return
    assert all(finding.message for finding in check_geometry(document))


VALIDATOR = Validator()


def document(found):
    if isinstance(found, dict):
        VALIDATOR.validate(found)


def name(data):
    with contextlib.suppress(ValueError):
        name_facts(data.decode(errors="surrogateescape"))


def zarr(data):
    """A document becomes one that zarr may parse, and a second look changes nothing."""
    made = checked("a/zarr.json", data)
    assert checked("a/zarr.json", made) == made


TARGETS = {
    "card": card,
    "csv": of_ours(csv),
    "document": as_json(document),
    "footer": of_ours(lambda data: read_footer(io.BytesIO(data), "x")),
    "geometry": as_json(geometry),
    "item": as_json(item),
    "listing": of_ours(lambda data: _parse(data, "x")),
    "name": name,
    "npy": of_ours(lambda data: NpyFile(io.BytesIO(data), "x")),
    "raster": of_ours(lambda data: raster_header(io.BytesIO(data), "x")),
    "zarr": of_ours(zarr),
}
