"""No JSON value at any place of a document makes a check raise an unexpected exception."""

import contextlib
import copy
from functools import cache

import pystac
import pytest

from atlas.api.documents import check_item, check_text
from atlas.api.errors import BadRequestError
from atlas.errors import AtlasError
from stac_emb.crosswalk.draft_lift import is_draft, lift_draft
from stac_emb.crosswalk.draft_lower import to_draft
from stac_emb.document import parse_document
from stac_emb.examined import examine
from stac_emb.inputs.sources import Document
from stac_emb.pystac_extension import EmbeddingExtension
from stac_emb.pystac_properties import EmbeddingProperties, EmbeddingSummaries
from stac_emb.pystac_property import Property
from stac_emb.semantics import check_semantics
from stac_emb.validate import Validator
from tests.extension.engines import EXAMPLES, read

VALUES = (None, True, -1, 1.5, 1e300, "", "x", [], ["x"], [{}], [[None]], {}, {"x": 1}, {"x": {}}, {"x": []})
ONE_OF_EACH = (None, True, 1.5, "x", [[None]], {"x": {}})
VALIDATOR = Validator()


def places(value, above=()):
    """The path of every value in a document."""
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, member in members:
        yield (*above, key)
        yield from places(member, (*above, key))


def changed(document, path, value):
    """Yield the document with one value replaced, then restore it."""
    node = document
    for key in path[:-1]:
        node = node[key]
    before, node[path[-1]] = node[path[-1]], copy.deepcopy(value)
    yield document
    node[path[-1]] = before


def shape(document, place):
    """Places that the checks treat alike: all members of a list are one."""
    return document.get("type"), document.get("stac_version"), tuple("#" if isinstance(k, int) else k for k in place)


@cache
def own_places(lower=False):
    """Places to try in each example: all of the extension, and those of STAC that no earlier example has."""
    found, seen = {}, set()
    for path in EXAMPLES:
        document = to_draft(read(path)).document if lower else read(path)
        found[path] = []
        for place in places(document):
            key = shape(document, place)
            key += (path,) if any(str(k).startswith("emb") for k in place) else ()
            if key not in seen:
                seen.add(key)
                found[path].append(place)
    return found


def documents(path, values=VALUES):
    """Every variant of an example with one value replaced, without repeats from earlier examples."""
    document = read(path)
    for place in own_places()[path]:
        for value in values:
            for one in changed(document, place, value):
                yield place, value, one


def names(cls):
    return [name for name in dir(cls) if isinstance(getattr(cls, name), Property)]


def by_pystac(document):
    """Every field of every object, as pystac gives it."""
    kind = pystac.Item if document.get("type") == "Feature" else pystac.Collection
    try:
        obj = kind.from_dict(copy.deepcopy(document))
        holders = [obj, *obj.assets.values(), *(obj.item_assets.values() if kind is pystac.Collection else ())]
    except Exception:  # noqa: BLE001  # what pystac itself cannot read
        return
    if not EmbeddingExtension.has_extension(obj):
        return
    fields = [(EmbeddingExtension.ext(holder), name) for holder in holders for name in names(EmbeddingProperties)]
    if kind is pystac.Collection:
        fields += [(EmbeddingExtension.summaries(obj), name) for name in names(EmbeddingSummaries)]
    for holder, name in fields:
        expected(lambda holder=holder, name=name: getattr(holder, name))
    expected(EmbeddingExtension.ext(obj).check)


def expected(work):
    with contextlib.suppress(AtlasError, BadRequestError):
        work()


def test_rules_take_any_value_of_a_field():
    seen = set()
    for path in EXAMPLES:
        for place, value, document in documents(path, ONE_OF_EACH):
            here = (path.stem.endswith("item"), tuple(k for k in place if isinstance(k, str)), repr(value))
            if here not in seen and any(str(key).startswith("emb:") for key in place):
                seen.add(here)
                check_semantics(document)
    assert len(seen) > 1000


@pytest.mark.slow
@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_checks_take_any_value_anywhere(path):
    for _, _, document in documents(path):
        told = VALIDATOR.examine(document)
        assert VALIDATOR.is_valid(document) is not any(fault.level == "fault" for fault in told)
        expected(lambda document=document: parse_document(document))
        expected(lambda document=document: check_text(document))
        expected(lambda document=document: check_item(document))
        examine(Document("x.json", document), VALIDATOR)
        is_draft(document)


@pytest.mark.slow
@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_pystac_takes_any_value_anywhere(path):
    for place, _, document in documents(path, ONE_OF_EACH):
        if any(str(key).startswith(("emb:", "assets", "item_assets", "summaries", "prop", "stac_")) for key in place):
            by_pystac(document)


@pytest.mark.slow
@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_drafts_of_any_value_are_lifted(path):
    draft = to_draft(read(path)).document
    for place in own_places(lower=True)[path]:
        for value in VALUES:
            for document in changed(draft, place, value):
                expected(lambda document=document: lift_draft(document))
