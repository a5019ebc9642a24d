"""What breaks the rules about evidence and silence."""

ONE, TWO = "products/one.yaml", "products/two.yaml"
CODE = ("ecosystem.yaml", "1/code", "https://github.com/owner/tool")
LINK = {"source": "https://example.org", "checked": "2026-01-31", "strength": "primary"}
SILENT = (ONE, "absent", {"counts.bytes": {"reason": "not_stated", "looked_in": ["table"]}})

# as in `rule_cases`
EVIDENCE = [
    ("evidence-complete", [(ONE, "evidence/title", None)], "title", "no evidence"),
    ("evidence-complete", [(ONE, "evidence/distributions.*", None)], "distributions.bucket.format", "no evidence"),
    ("evidence-complete", [(ONE, "evidence/status", None)], "status", "no evidence"),
    ("evidence-complete", [(ONE, "evidence/distributions.*.auth", None)], "distributions.bucket.auth", "no evidence"),
    (
        "licensor-stated",
        [(ONE, "providers/0/roles", ["licensor"]), (ONE, "licences/data", None), (ONE, "model/license", None)],
        "providers.Somebody.roles",
        "no licence is given",
    ),
    ("summary-repeats", [(ONE, "summary", "About 999 vectors.")], "summary", "999 is in no field"),
    (
        "evidence-points",
        [(ONE, "evidence/index.colour", [LINK])],
        "evidence",
        "'index.colour' is not the path of a value",
    ),
    ("evidence-points", [(ONE, "evidence/title", [])], "evidence", "'title' names no source"),
    (
        "evidence-points",
        [(ONE, "evidence/title", [{**LINK, "strength": "derived"}])],
        "evidence",
        "'title': a derived value needs a note",
    ),
    ("evidence-points", [(ONE, "evidence/title", [{**LINK, "source": "a book"}])], "evidence", "'a book' is not a web"),
    ("evidence-points", [(ONE, "sources/readme/source", "a book")], "sources.readme", "'a book' is not a web address"),
    ("evidence-points", [("inputs.yaml", "0/sources/0/source", "a book")], "imagery.sources.0", "is not a web address"),
    ("stated-or-not", [(ONE, "counts/vectors", None)], "counts.vectors", "neither given nor named"),
    ("stated-or-not", [(ONE, "distributions/0/cors", None)], "distributions.bucket.cors", "neither given nor named"),
    ("stated-or-not", [(ONE, "absent", {"embedding.colour": "varies"})], "absent", "'embedding.colour' is not a field"),
    ("stated-or-not", [(ONE, "absent", {"embedding.gsd": "varies"})], "absent", "'embedding.gsd' has a value"),
    ("stated-or-not", [(TWO, "absent/citation", "not_stated")], "absent", "'citation': say in 'looked_in' which"),
    (
        "stated-or-not",
        [(TWO, "absent/citation", {"reason": "not_stated", "looked_in": ["card"]})],
        "absent",
        "'citation': 'card' in 'looked_in' is not one of the record's sources",
    ),
    (
        "stated-or-not",
        [("ecosystem.yaml", "1/absent", {"paper": {"reason": "not_stated", "looked_in": ["http://example.net"]}})],
        "tool-one.absent",
        "'http://example.net' in 'looked_in' is not one of the record's sources",
    ),
    (
        "media-type-follows",
        [(ONE, "distributions/0/media_type", "image/tiff; application=geotiff; profile=cloud-optimized")],
        "distributions.bucket.media_type",
        "follows from the format 'cog': leave it out",
    ),
    (
        "media-type-follows",
        [(ONE, "distributions/0/media_type", "application/vnd+zarr; version=3")],
        "distributions.bucket.media_type",
        "is not the type 'image/tiff; application=geotiff; profile=cloud-optimized' of its format",
    ),
    (
        "silence-beside",
        [(ONE, "sources/table", {**LINK, "source": LINK["source"] + "/table"}), (ONE, "counts/bytes", None), SILENT],
        "absent.counts.bytes",
        "names none of the sources that state the other values of 'counts'",
    ),
    ("stated-or-not", [(ONE, "extent/completeness", None)], "extent.completeness", "neither given nor named"),
    ("stated-or-not", [(TWO, "embedding/coordinate_order", None)], "embedding.coordinate_order", "neither given"),
    ("evidence-points", [(ONE, "evidence/title", [{**LINK, "source": "unattributed notes"}])], "evidence", "not a web"),
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
]
