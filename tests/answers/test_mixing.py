"""Whether vectors may be mixed: a verdict with evidence for every pair of spaces and of distributions."""

import pytest

from atlas.answers.mixing import Mix, copies, folded, models_of_spaces, space_pair


@pytest.mark.parametrize(
    ("first", "second", "kind"),
    [
        ("tessera-v1", "tessera-v1", Mix.SAME),
        ("tessera-v1", "tessera-v1.1-cambridge", Mix.INCOMPATIBLE),
        ("tessera-v1", "alphaearth-v2.1", Mix.INCOMPATIBLE),
        ("range-plus", "satclip-vit16-l40", Mix.PART),
        ("clay-v1.5-naip", "clay-v1.5-cls", Mix.UNKNOWN),
    ],
)
def test_two_spaces(catalog, first, second, kind):
    pair = space_pair(catalog.spaces, first, second)
    assert pair.kind is kind
    assert space_pair(catalog.spaces, second, first).kind is kind
    assert pair.answer.sources or kind in (Mix.SAME, Mix.UNKNOWN)


def test_what_is_recorded_of_spaces_has_a_word(catalog):
    """Synthetic relations of each kind, read from both sides."""
    spaces = dict(catalog.spaces)
    words = {"same": Mix.SAME, "aligned": Mix.ALIGNED, "prefix_of": Mix.PREFIX, "incompatible": Mix.INCOMPATIBLE}
    one, template = spaces["esd-v001"], spaces["tessera-v1"].relations[0]
    for relation, kind in words.items():
        told = template.model_copy(update={"space": "copernicus-fm", "relation": relation})
        spaces["esd-v001"] = one.model_copy(update={"relations": [told]})
        assert space_pair(spaces, "esd-v001", "copernicus-fm").kind is kind
        assert space_pair(spaces, "copernicus-fm", "esd-v001").kind is kind
        assert space_pair(spaces, "copernicus-fm", "esd-v001").recorded


def test_a_space_says_how_its_own_vectors_may_be_cut(catalog):
    own = space_pair(catalog.spaces, "tessera-v2-2b-l-beta1", "tessera-v2-2b-l-beta1").own
    assert own.startswith("The first numbers may be used alone (Matryoshka). Lengths: 16, ")
    assert space_pair(catalog.spaces, "tessera-v1", "tessera-v1").own == ""


def test_pairs_are_folded_to_the_word_that_they_share(catalog):
    tessera = [s.id for s in models_of_spaces(catalog)["TESSERA"]]
    apart = [space_pair(catalog.spaces, a, b) for a in tessera for b in tessera if a != b]
    assert folded(apart) is Mix.INCOMPATIBLE
    assert folded([*apart, space_pair(catalog.spaces, tessera[0], tessera[0])]) is Mix.MIXED


def test_distributions_of_one_product(catalog):
    """Identical copies are interchangeable; nothing else follows from two statements."""
    found = {frozenset(c.distributions): c for c in copies(catalog.products["aef-v1-annual"])}

    def kind(a, b):
        return found[frozenset((a, b))].kind

    assert kind("earth-engine", "gcs") is Mix.REQUANTIZED
    assert kind("gcs", "source-coop") is Mix.UNKNOWN
    assert kind("source-coop", "rasteret") is Mix.IDENTICAL
    assert kind("rasteret", "source-coop-mosaic") is Mix.RESAMPLED
    assert kind("earth-engine", "rasteret") is Mix.UNKNOWN
    assert found[frozenset(("earth-engine", "gcs"))].sources
    assert found[frozenset(("earth-engine", "rasteret"))].text.startswith("not stated")
