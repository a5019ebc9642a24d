"""Citations as BibTeX and CSL-JSON."""

import pytest

from atlas.records.bibliography import csl_json, parse_bibtex, references

ARTICLE = """@article{key2020,
  title = {A {Title} with {{Capitals}}},
  author = {von Berg, Anna Maria and {The Team} and others},
  journal = {Journal of Things}, volume = {3}, number = {4}, pages = {1--9}, year = {2020}, doi = {10.1234/x}
}"""


def test_an_entry_becomes_csl():
    assert csl_json(parse_bibtex(ARTICLE)) == {
        "id": "key2020",
        "type": "article-journal",
        "title": "A Title with Capitals",
        "container-title": "Journal of Things",
        "volume": "3",
        "issue": "4",
        "page": "1–9",
        "DOI": "10.1234/x",
        "issued": {"date-parts": [[2020]]},
        "author": [{"family": "von Berg", "given": "Anna Maria"}, {"literal": "The Team"}],
    }


def test_a_preprint_names_its_archive():
    entry = parse_bibtex("@misc{k, title = {T}, year = {2025}, eprint = {2501.00001}, archivePrefix = {arXiv}}")
    assert csl_json(entry) == {
        "id": "k",
        "type": "article",
        "title": "T",
        "number": "arXiv:2501.00001",
        "publisher": "arXiv",
        "issued": {"date-parts": [[2025]]},
    }


@pytest.mark.parametrize("text", ["", "@misc{a, title={x}} @misc{b, title={y}}", "@misc{a, year={2020}}", "@misc{a"])
def test_what_is_not_one_entry_is_refused(text):
    with pytest.raises(ValueError, match="BibTeX"):
        parse_bibtex(text)


def test_references_are_each_once_and_sorted(sample):
    sample.set(
        "products/two.yaml",
        "publications",
        [{"text": "again", "bibtex": sample.data["products/one.yaml"]["citation"]["bibtex"]}],
    )
    catalog, broken = sample.read()
    assert broken == []
    assert [entry.key for entry in references(catalog)] == ["somebody2020", "somebody2021"]


def test_one_key_for_two_works_is_refused(sample):
    sample.set("products/two.yaml", "publications", [{"text": "x", "bibtex": "@misc{somebody2021, title = {Another}}"}])
    catalog, _ = sample.read()
    with pytest.raises(ValueError, match="two: the BibTeX key 'somebody2021' names two works"):
        references(catalog)
