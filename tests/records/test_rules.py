"""Each rule: one thing broken in a valid catalogue gives one message."""

import ast
import datetime as dt
import importlib
import inspect

import pytest

from atlas.records import rules as rules_package
from atlas.records.rules import all_rules, run_rules

TODAY = dt.date(2026, 6, 1)
ONE, TWO = "products/one.yaml", "products/two.yaml"
CODE = ("ecosystem.yaml", "1/code", "https://github.com/owner/tool")
LINK = {"source": "https://example.org", "checked": "2026-01-31", "strength": "primary"}

# rule, changes of the sample (file, path, value), field, part of the message
CASES = [
    ("licence-spdx", [(ONE, "licences/data", "CC-BY-9.9")], "licences.data", "not in the SPDX list"),
    ("licence-spdx", [(ONE, "model/license", "MIT AND")], "model.license", "is no SPDX expression"),
    ("licence-spdx", [("ecosystem.yaml", "0/model/license", "free")], "model-one.model.license", "'free' is no SPDX"),
    ("licence-spdx", [("ecosystem.yaml", "1/license", "free")], "tool-one.license", "'free' is no SPDX"),
    ("licence-class", [(ONE, "licences/data", "Zlib")], "licences.data", "'Zlib' is a member of no class"),
    ("keyword-shared", [(ONE, "keywords/2", "Patches")], "keywords.2", "no other product; 'patches' is"),
    ("dates-in-order", [(ONE, "extent/interval/0/1", "2019-01-01T00:00:00Z")], "extent.interval.0", "before it begins"),
    (
        "dates-in-order",
        [(ONE, "extent/interval/1", ["2019-01-01T00:00:00Z", "2020-06-01T00:00:00Z"])],
        "extent.interval.1",
        "must enclose the others",
    ),
    ("dates-in-order", [(ONE, "extent/years", [2021, 2020])], "extent.years", "in order, each once"),
    ("dates-in-order", [(ONE, "extent/years/2", 2022)], "extent.years", "2022 lies outside"),
    ("dates-in-order", [(ONE, "sources/readme/checked", "2026-07-01")], "evidence", "in the future"),
    ("bbox-legal", [(ONE, "extent/bbox/0/2", 180.2)], "extent.bbox.0", "leaves the legal ranges"),
    ("bbox-legal", [(ONE, "extent/bbox/0/3", 30)], "extent.bbox.0", "south is greater than north"),
    ("bbox-legal", [(ONE, "extent/bbox/1/2", 11)], "extent.bbox.1", "must enclose the others"),
    (
        "bbox-legal",
        [(ONE, "extent/bbox", [[170, 0, -170, 10], [0, 0, 5, 5], [175, 0, 180, 1]])],
        "extent.bbox.1",
        "must",
    ),
    ("bbox-legal", [(ONE, "extent/bbox/2", None)], "extent.bbox", "two boxes say the same as one"),
    (
        "template-renders",
        [(ONE, "distributions/0/template_values/tile", 8)],
        "distributions.bucket.url_template",
        "renders to https://example.org/2020/008.tif, not to the example",
    ),
    (
        "template-renders",
        [(ONE, "distributions/0/template_values/tile", None)],
        "distributions.bucket.template_values",
        "no value for ['tile']",
    ),
    (
        "template-renders",
        [(ONE, "distributions/0/template_values/zone", "10N")],
        "distributions.bucket.template_values",
        "not in the template: ['zone']",
    ),
    (
        "template-renders",
        [(ONE, "distributions/0/template_values/tile", "x")],
        "distributions.bucket.url_template",
        "does not render",
    ),
    (
        "template-renders",
        [(ONE, "distributions/0/url_template", "https://example.org/{year.__class__}")],
        "distributions.bucket.url_template",
        "placeholders must be plain names",
    ),
    (
        "template-renders",
        [(ONE, "distributions/0/url_template", "https://example.org/{year")],
        "distributions.bucket.url_template",
        "the template cannot be read",
    ),
    (
        "template-renders",
        [(ONE, "distributions/0/template_values", None)],
        "distributions.bucket.url_template",
        "an example needs the template_values",
    ),
    (
        "template-renders",
        [(ONE, "distributions/0/url_template", None)],
        "distributions.bucket.template_values",
        "values without a template",
    ),
    ("bibtex-parses", [(ONE, "citation/bibtex", "@misc{x, title = {")], "citation.bibtex", "cannot be read"),
    ("bibtex-parses", [(ONE, "citation/bibtex", "@misc{x, year = {2020}}")], "citation.bibtex", "has no title"),
    ("bibtex-parses", [(ONE, "citation/bibtex", "nothing")], "citation.bibtex", "holds 0 entries"),
    (
        "bibtex-parses",
        [(ONE, "publications/0/bibtex", "@misc{somebody2021, title = {Another}}")],
        "publications.0.bibtex",
        "the key 'somebody2021' names another entry in one",
    ),
    ("identifiers", [(ONE, "citation/doi", "https://doi.org/10.1/x")], "citation.doi", "is no DOI"),
    ("identifiers", [(ONE, "publications/0/arxiv", "2001.00001v2")], "publications.0.arxiv", "is no arXiv number"),
    ("identifiers", [(ONE, "publications/0/arxiv", "2001.00002")], "publications.0.doi", "another preprint"),
    ("identifiers", [("ecosystem.yaml", "0/paper/doi", "x")], "model-one.paper.doi", "is no DOI"),
    ("known-terms", [(ONE, "embedding/tasks/0", "cooking")], "embedding.tasks.0", "'cooking' is not in taxonomy/task"),
    (
        "known-terms",
        [(ONE, "distributions/0/format", "paper")],
        "distributions.bucket.format",
        "not in taxonomy/format",
    ),
    ("known-terms", [("inputs.yaml", "0/modality", "smell")], "imagery.modality", "not in taxonomy/modality"),
    ("known-terms", [("inputs.yaml", "0/sensor", "nose")], "imagery.sensor", "not in taxonomy/sensor"),
    ("known-terms", [("ecosystem.yaml", "0/tasks/0", "cooking")], "model-one.tasks.0", "not in taxonomy/task"),
    (
        "known-inputs",
        [(ONE, "training_data/0/input", "nothing")],
        "training_data.0.input",
        "'nothing' is not in inputs",
    ),
    (
        "known-inputs",
        [(ONE, "inference_data/1", {"input": "imagery", "role": "input"})],
        "inference_data.1.input",
        "listed twice in the same role",
    ),
    ("known-inputs", [("inputs.yaml", "1/part_of", "part")], "part.part_of", "is no other input"),
    (
        "known-inputs",
        [("ecosystem.yaml", "0/model/inputs/0/input", "nothing")],
        "model-one.model.inputs.0.input",
        "not in inputs.yaml",
    ),
    ("known-spaces", [(ONE, "embedding/space", "nowhere")], "embedding.space", "'nowhere' is not in spaces.yaml"),
    ("known-spaces", [("spaces.yaml", "0/dimensions", 7)], "embedding.dimensions", "the space 'space-one' has 7"),
    ("known-spaces", [("spaces.yaml", "0/relations/0/space", "space-one")], "space-one.relations.0.space", "no other"),
    (
        "space-training-agrees",
        [(TWO, "embedding/space", "space-one"), (TWO, "training_data", [{"input": "imagery"}])],
        "training_data",
        "'imagery': no role here, input in 'one', which is of the same space",
    ),
    (
        "space-training-agrees",
        [(TWO, "embedding/space", "space-one"), (TWO, "training_data", [{"input": "other", "role": "target"}])],
        "training_data",
        "'other': target here, nothing in 'one'",
    ),
    ("known-products", [(ONE, "successor", "three")], "successor", "'three' is no other product"),
    ("known-products", [(TWO, "predecessor", None), (TWO, "evidence/predecessor", None)], "successor", "does not name"),
    ("known-products", [("ecosystem.yaml", "1/products/0", "three")], "tool-one.products.0", "'three' is no product"),
    ("known-models", [(ONE, "model/id", "tool-one")], "model.id", "'tool-one' is no entry of kind 'model'"),
    ("known-models", [("ecosystem.yaml", "1/models/0", "x")], "tool-one.models.0", "is no entry of kind 'model'"),
    ("known-models", [("ecosystem.yaml", "1/model", {})], "tool-one.model", "a card belongs to kind 'model'"),
    ("dimensions-quantization", [(ONE, "embedding/quantization/steps", 3)], "embedding.quantization", "make 9 numbers"),
    (
        "dimensions-quantization",
        [(ONE, "embedding/quantization/basis", [1, 8, 63])],
        "embedding.quantization",
        "not the products of the levels",
    ),
    (
        "dimensions-quantization",
        [(ONE, "embedding/quantization/basis", [1, 8])],
        "embedding.quantization",
        "3 levels need as many place values",
    ),
    (
        "dimensions-quantization",
        [(ONE, "embedding/quantization", {"method": "linear", "scale": [1.0, 2.0], "offset": 0})],
        "embedding.quantization",
        "2 values of 'scale' for 6 dimensions",
    ),
    ("emb-objects", [(ONE, "embedding/layout/kind", "pile")], "embedding.layout.kind", "Input should be"),
    ("emb-objects", [(ONE, "embedding/quantization/factor", 2)], "embedding.quantization.factor", "Extra inputs"),
    ("emb-objects", [(ONE, "embedding/similarity/0", "smell")], "embedding.similarity.0", "'smell' is none of cosine"),
    ("evidence-complete", [(ONE, "evidence/title", None)], "title", "no evidence"),
    ("evidence-complete", [(ONE, "evidence/distributions.*", None)], "distributions.bucket.cors", "no evidence"),
    ("evidence-complete", [(ONE, "evidence/status", None)], "status", "no evidence"),
    ("evidence-points", [(ONE, "evidence/index.colour", [LINK])], "evidence", "'index.colour' leads to no value"),
    ("evidence-points", [(ONE, "evidence/title", [])], "evidence", "'title' names no source"),
    (
        "evidence-points",
        [(ONE, "evidence/title", [{**LINK, "strength": "derived"}])],
        "evidence",
        "'title': a derived value needs a note",
    ),
    ("evidence-points", [(ONE, "evidence/title", [{**LINK, "source": "a book"}])], "evidence", "'a book' is no web"),
    ("evidence-points", [(ONE, "sources/readme/source", "a book")], "sources.readme", "'a book' is no web address"),
    ("evidence-points", [("inputs.yaml", "0/sources/0/source", "a book")], "imagery.sources.0", "is no web address"),
    ("stated-or-not", [(ONE, "counts/vectors", None)], "counts.vectors", "neither given nor named"),
    ("stated-or-not", [(ONE, "distributions/0/cors", None)], "distributions.bucket.cors", "neither given nor named"),
    ("stated-or-not", [(ONE, "absent", {"embedding.colour": "varies"})], "absent", "'embedding.colour' is no field"),
    ("stated-or-not", [(ONE, "absent", {"embedding.gsd": "varies"})], "absent", "'embedding.gsd' has a value"),
    ("stated-or-not", [(TWO, "absent/citation", "not_stated")], "absent", "'citation': say in 'looked_in' which"),
    (
        "stated-or-not",
        [(TWO, "absent/citation", {"reason": "not_stated", "looked_in": ["card"]})],
        "absent",
        "'citation': 'card' in 'looked_in' is none of the record's sources",
    ),
    (
        "stated-or-not",
        [("ecosystem.yaml", "1/absent", {"paper": {"reason": "not_stated", "looked_in": ["http://example.net"]}})],
        "tool-one.absent",
        "'http://example.net' in 'looked_in' is none of the record's sources",
    ),
    ("stated-or-not", [(ONE, "extent/completeness", None)], "extent.completeness", "neither given nor named"),
    ("stated-or-not", [(TWO, "embedding/coordinate_order", None)], "embedding.coordinate_order", "neither given"),
    ("evidence-points", [(ONE, "evidence/title", [{**LINK, "source": "unattributed notes"}])], "evidence", "no web"),
    (
        "evidence-points",
        [(ONE, "sources/readme/source", "https://github.com/fork/tool/blob/1/README.md"), CODE],
        "sources.readme",
        "is a fork: the code is at owner/tool",
    ),
    (
        "evidence-points",
        [(ONE, "sources/readme/source", "https://github.com/owner/tool/tree/1/docs")],
        "sources.readme",
        "is a folder: name the file",
    ),
    (
        "evidence-points",
        [(ONE, "sources/readme/source", "https://github.com/owner/tool")],
        "sources.readme",
        "is a whole repository: name the file, or begin the note with the package",
    ),
    (
        "evidence-points",
        [("spaces.yaml", "0/sources/0/source", "https://github.com/owner/tool/")],
        "space-one.sources.0",
        "is a whole repository",
    ),
    (
        "package-homes",
        [
            (ONE, "loaders/0/href", "https://github.com/owner/tool/blob/1/a.py"),
            (TWO, "loaders", [{"name": "TorchGeo", "href": "https://github.com/fork/tool"}]),
        ],
        "loaders.TorchGeo.href",
        "TorchGeo is at https://github.com/owner/tool elsewhere, not at https://github.com/fork/tool",
    ),
    (
        "package-homes",
        [(ONE, "loaders/0/href", "https://pypi.org/project/one/")],
        "loaders.TorchGeo.href",
        "the page of a package index",
    ),
    (
        "package-homes",
        [("inputs.yaml", "0/sources/0/source", "https://www.npmjs.com/package/one")],
        "imagery.sources.0.source",
        "the page of a package index",
    ),
    ("model-facts-agree", [("ecosystem.yaml", "0/model/license", "BSD-3-Clause")], "model.license", "MIT here, BSD-3-"),
    (
        "model-facts-agree",
        [("ecosystem.yaml", "0/model/architecture", None)],
        "model.architecture",
        "here, no value on",
    ),
    (
        "citations-agree",
        [("ecosystem.yaml", "0/paper", {"title": "Another", "arxiv": "2001.00001"})],
        "publications.0.bibtex",
        "arXiv:2001.00001 is 'A paper' here, 'Another' in ecosystem.yaml, model-one",
    ),
    (
        "citations-agree",
        [(ONE, "publications/0/bibtex", "@article{somebody2020, title = {A paper}, year = {2020}}")],
        "publications.0.bibtex",
        "names no author",
    ),
    ("input-parents", [("inputs.yaml", "1/part_of", None)], "part.part_of", "as 'imagery': say what it is part of"),
    ("input-parents", [("inputs.yaml", "1/sensor", None)], "part.part_of", "its sensor is not that of 'imagery'"),
    (
        "input-parents",
        [(ONE, "inference_data/1", {"input": "part", "role": "input"})],
        "inference_data.1.input",
        "'part' is part of 'imagery', which is named too",
    ),
    ("product-years", [(ONE, "embedding/temporal/resolution", "snapshot")], "extent.years", "no years of its own"),
    ("product-years", [(ONE, "extent/years", None)], "extent.years", "an annual product has years"),
    (
        "product-years",
        [(ONE, "embedding/temporal/resolution", "static"), (ONE, "extent/years", None)],
        "extent.interval",
        "a product of resolution 'static' has no dates",
    ),
    ("prose-agrees", [(ONE, "description", "It states no\n  licence.")], "description", "and a licence is given"),
    ("emb-objects", [(TWO, "embedding/encoder", {"order": "x"})], "embedding.encoder.order", "Extra inputs are not"),
    (
        "product-years",
        [(ONE, "extent/completeness/years", {"2024": "partial"})],
        "extent.completeness.years",
        "2024 is no year of the product",
    ),
    ("copies-compared", [(ONE, "distributions/1/retired", None)], "distributions.old.vectors", "are those of 'bucket'"),
    (
        "copies-compared",
        [(ONE, "distributions/1/retired", None), (ONE, "distributions/1/vectors_of", "x")],
        "distributions.old.vectors_of",
        "'x' is no other distribution",
    ),
    (
        "tasks-found",
        [("taxonomy/task.yaml", "terms/0/unused", None)],
        "terms.classification",
        "no product has this task",
    ),
    ("tasks-found", [(ONE, "embedding/tasks/1", "classification")], "terms.classification.unused", "has this task"),
    (
        "tasks-found",
        [("ecosystem.yaml", "1/kind", "application"), ("ecosystem.yaml", "1/tasks", ["crop-mapping"])],
        "terms.classification.unused",
        "a product has this task",
    ),
    ("location-fields", [(ONE, "embedding/coordinate_order", "lon,lat")], "embedding.coordinate_order", "not 'patch'"),
    ("location-fields", [(TWO, "embedding/layout", {"kind": "bands"})], "embedding.layout", "stores no vectors"),
    ("band-names-fit", [(ONE, "embedding/band_names", "b")], "embedding.band_names", "the same name to several"),
    ("band-names-fit", [(ONE, "embedding/band_names", "{x}")], "embedding.band_names", "cannot be rendered"),
    (
        "band-names-fit",
        [(ONE, "embedding/layout", {"kind": "column", "name": "v"})],
        "embedding.band_names",
        "only a layout of kind 'bands'",
    ),
    ("conflict-sides", [(ONE, "conflicts/0/sides/1/value", "6")], "conflicts.0", "say the same"),
    (
        "conflict-sides",
        [(ONE, "conflicts/0/field", "embedding.colour")],
        "conflicts.0",
        "'embedding.colour' is no field",
    ),
    ("evidence-points", [(ONE, "conflicts/0/sides/0/source", "a book")], "conflicts.0", "'a book' is no web address"),
    ("conflict-sides", [(ONE, "conflicts/0/chosen", None)], "conflicts.0", "say in 'chosen' why"),
    ("index-hosts", [(ONE, "index/hosts", ["example.com"])], "index.hosts", "'example.org' is not among the hosts"),
    ("taxonomy-tree", [("taxonomy/value.yaml", "terms/0/broader", "x")], "terms.mapping.broader", "not a term of this"),
    (
        "taxonomy-tree",
        [("taxonomy/value.yaml", "terms/0/broader", "mapping")],
        "terms.mapping.broader",
        "its own broader term",
    ),
    (
        "taxonomy-tree",
        [("taxonomy/value.yaml", "terms/0/related", ["x/y"])],
        "terms.mapping.related",
        "'x/y' is no term",
    ),
    (
        "taxonomy-tree",
        [("taxonomy/licence.yaml", "terms/1/members/0", "CC0-1.0")],
        "terms.attribution.members",
        "'CC0-1.0' also belongs to 'public-domain'",
    ),
]


def findings(sample, **more):
    catalog, broken = sample.read()
    assert broken == []
    return run_rules(catalog, today=TODAY, **more)


def test_the_sample_breaks_no_rule(sample):
    assert findings(sample) == []


@pytest.mark.parametrize(("rule", "changes", "field", "message"), CASES, ids=lambda value: str(value)[:60])
def test_a_broken_rule_is_named(sample, rule, changes, field, message):
    for file, path, value in changes:
        sample.set(file, path, value)
    issues = [issue for issue in findings(sample) if issue.rule == rule]
    assert [issue for issue in issues if issue.field == field and message in issue.message], issues
    assert all(issue.level == "error" for issue in issues)


def test_a_finding_names_file_line_field_rule_level_and_message(sample):
    sample.set(ONE, "licences/data", "CC-BY-9.9")
    line = next(
        number
        for number, text in enumerate((sample.write() / ONE).read_text().splitlines(), start=1)
        if '"data": "CC-BY-9.9"' in text
    )
    (issue,) = findings(sample)
    assert str(issue) == (
        f"products/one.yaml:{line} - licences.data - licence-spdx - error - 'CC-BY-9.9' is no SPDX expression: "
        "CC-BY-9.9: not in the SPDX list; write LicenseRef-<name> for a licence of its own"
    )


def test_a_count_that_a_crawl_contradicts_is_a_warning(sample):
    assert findings(sample, crawls={"one": {"product": "one", "items": 10}}) == []
    (issue,) = findings(sample, crawls={"one": {"product": "one", "items": 1234}})
    assert (issue.rule, issue.level) == ("count-agrees", "warning")
    assert issue.message == "the record states 10 items, the last crawl has seen 1,234"


def test_every_rule_has_a_case_and_its_own_file():
    tested = {case[0] for case in CASES} | {"count-agrees", "fingerprints-point"}  # warnings have tests of their own
    assert {rule.id for rule in all_rules()} == tested
    for rule in all_rules():
        module = importlib.import_module(f"{rules_package.__name__}.{rule.id.replace('-', '_')}")
        assert module.RULE is rule


@pytest.mark.parametrize("rule", all_rules(), ids=lambda rule: rule.id)
def test_a_rule_says_what_it_wants_and_never_raises(rule):
    assert len(rule.text.strip().splitlines()[0]) > 30
    tree = ast.parse(inspect.getsource(rule.check))
    assert not any(isinstance(node, ast.Raise) for node in ast.walk(tree))
