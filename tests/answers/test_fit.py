"""A product is excluded only by values that are stated."""

import pytest

from atlas.answers.fit import Wanted, choose, fit
from atlas.answers.licence import combined_licences, licence_allows
from atlas.answers.places import Span
from atlas.answers.verdicts import Verdict
from atlas.errors import QuestionError
from atlas.opening import open_catalog


def licensed(catalog, licence):
    base = catalog.products["tessera-v1"]
    return base.model_copy(update={"licences": base.licences.model_copy(update={"data": licence})})


@pytest.mark.parametrize(
    ("licence", "commercial", "no_share_alike"),
    [
        ("CC0-1.0", "yes", "yes"),
        ("CC-BY-4.0", "yes", "yes"),
        ("CC-BY-SA-4.0", "yes", "no"),
        ("CC-BY-NC-4.0", "no", "partly"),
        ("LicenseRef-OlmoEarth-Artifact", "partly", "partly"),
        ("LicenseRef-proprietary", "partly", "partly"),
        ("LicenseRef-Never-Heard-Of", "unknown", "unknown"),
    ],
)
def test_a_licence_excludes_only_what_it_forbids(catalog, licence, commercial, no_share_alike):
    product = licensed(catalog, licence)
    assert str(licence_allows(catalog, product, "commercial").verdict) == commercial
    assert str(licence_allows(catalog, product, "no-share-alike").verdict) == no_share_alike


def test_a_licence_that_nobody_states_never_excludes(catalog):
    """The chooser used to exclude 11 products without a stated licence, with "its licence (null) ..."."""
    silent = [p for p in catalog.products.values() if p.licences.data is None]
    assert silent
    for product in silent:
        answer = fit(catalog, product, Wanted(use="commercial"))
        assert answer.verdict in (Verdict.NOT_STATED, Verdict.NOT_LOOKED_UP, Verdict.UNKNOWN)
        assert "None" not in " ".join(answer.open)


@pytest.mark.parametrize("product", ["pdfm", "planet-embeddings"])
def test_terms_of_a_contract_are_to_be_read_and_do_not_exclude(catalog, product):
    """The two choosers used to disagree on these two products."""
    answer = fit(catalog, catalog.products[product], Wanted(use="commercial"))
    assert answer.verdict is not Verdict.NO
    assert answer.verdict is not Verdict.YES


def test_every_reason_names_its_field_and_a_stated_one_its_source(catalog):
    wanted = Wanted(use="commercial", max_dimensions=100, facets={"type": ("pixel",)}, effort="ready", change=True)
    for answer in choose(catalog, wanted):
        for reason in answer.reasons:
            assert reason.field
            # the status of a product is the atlas's own word
            known = reason.sources or reason.field == "status"
            assert known or reason.verdict not in (Verdict.YES, Verdict.NO), (answer.product, reason)


def test_those_that_fit_stand_first_and_those_excluded_last(catalog):
    verdicts = [a.verdict for a in choose(catalog, Wanted(use="commercial", facets={"type": ("pixel",)}))]
    order = [0 if v is Verdict.YES else 2 if v is Verdict.NO else 1 for v in verdicts]
    assert order == sorted(order)
    assert len(verdicts) == len(catalog.products)


def test_a_wider_term_is_no_denial_of_the_narrower_one(catalog):
    facet = catalog.taxonomy["task"]
    narrow = next(t for t in facet.terms if facet.ancestors(t))
    wide = facet.ancestors(narrow)[0]
    base = catalog.products["tessera-v1"]
    product = base.model_copy(update={"embedding": base.embedding.model_copy(update={"tasks": [wide]})})
    assert fit(catalog, product, Wanted(facets={"task": (narrow,)})).verdict is Verdict.PARTLY


def test_change_needs_several_years(catalog):
    answers = {a.product: a for a in choose(catalog, Wanted(change=True))}
    assert answers["aef-v1-annual"].verdict is Verdict.YES
    assert answers["earth-index-2024"].against == ["it has a single time step"]
    assert answers["geoclip"].verdict is Verdict.NO


def test_several_licences_bind_together(catalog):
    share, contract = licensed(catalog, "CC-BY-SA-4.0"), licensed(catalog, "LicenseRef-proprietary")
    said = combined_licences(catalog, [share, contract])
    assert said.verdict is Verdict.PARTLY
    assert "Share-alike forbids further restrictions, so these licences may not fit together." in said.combined
    assert combined_licences(catalog, [share, licensed(catalog, None)]).verdict is Verdict.NOT_STATED
    assert combined_licences(catalog, [licensed(catalog, "CC0-1.0")] * 2).combined == ()


@pytest.mark.parametrize(
    ("span", "text"),
    [(Span.of_years(2021), "2021"), (Span.of_years(2019, 2021), "2019–2021"), (Span.of_years(9999), "9999 to ...")],
)
def test_a_span_reads_as_years(span, text):
    assert str(span).startswith(text.split(" ")[0])


def test_a_span_ends_before_the_next_begins():
    span = Span.of_years(2021)
    assert span.years == (2021, 2021)
    assert not span.has_year(2022)
    assert span.last_moment.isoformat() == "2021-12-31T23:59:59.999999+00:00"


def test_a_reason_lists_terms_after_a_colon(catalog):
    """Several terms would not agree with a verb."""
    asked = {"yes": ("pixel", "its embedding type: Pixel"), "no": ("patch", "its embedding type: Pixel, not Patch")}
    for verdict, (term, text) in asked.items():
        answer = fit(catalog, catalog.products["aef-v1-annual"], Wanted(facets={"type": (term,)}))
        assert (str(answer.verdict), [r.text for r in answer.reasons if r.field == "embedding.type"]) == (
            verdict,
            [text],
        )


@pytest.mark.parametrize("asked", [{"use": "comercial"}, {"effort": "none"}])
def test_a_use_or_effort_that_does_not_exist_is_named_with_those_that_do(asked):
    (name, value), known = *asked.items(), {"use": "any, commercial", "effort": "any, ready, anonymous"}
    with pytest.raises(QuestionError, match=f"{name}: '{value}' is none of {known[name]}"):
        open_catalog().choose(**asked)
