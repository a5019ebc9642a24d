"""Documents for the semantic rules of the extension: broken, nearly broken, and those that earn advice."""

from stac_emb.fields import FIELDS
from stac_emb.identity import SCHEMA_URI
from tests.extension.changes import ASSET_Q, COLLECTION, ITEM, PATCHES, Q, at, more

CODES, COLUMNS, BARE = "code-book-collection", "patch-irregular-grid-collection", "multi-year-collection"
ENCODER, GROUP = "location-month-collection", "/assets/embeddings/emb:layout/group"


def undeclared(document):
    document["stac_extensions"] = []


def undeclared_in_an_asset(item):
    item["stac_extensions"] = []
    item["properties"] = {k: v for k, v in item["properties"].items() if not k.startswith("emb:")}


def asset_of_63(item):
    item["assets"]["embeddings"]["emb:dimensions"] = 63


def nothing_but_its_type(document):
    for name in [key for key in document if key.startswith("emb:") and key not in {"emb:type", "emb:delivery"}]:
        del document[name]
    required = [f.name for f in FIELDS if f.required and f.name not in {"emb:type", "emb:delivery"}]
    document["emb:absent"] = dict.fromkeys([*required, "emb:quantization"], "not_stated")


def summary_of_an_asset(document):
    document["item_assets"]["embeddings"]["emb:pooling"] = "mean"
    document["summaries"]["emb:pooling"] = ["max"]


def of_another_version(document):
    document["stac_extensions"] = [SCHEMA_URI.replace("v0.1.0", "v1.0.0")]


def of_another_host(document):
    document["stac_extensions"] = ["https://stac-extensions.github.io/emb/v0.1.0/schema.json"]


def without_a_role(item):
    item["assets"]["vectors"] = item["assets"].pop("embeddings")
    item["assets"]["vectors"]["roles"] = ["data"]


def digits_backwards(document):
    for name in ("levels", "basis"):
        document[Q][name].reverse()


def linked(item):
    item["links"].append({"rel": "about", "href": "./a", "emb:foo": 1})


def licensed(text):
    def change(document):
        document["emb:model"]["license"] = text
        document["emb:absent"].pop("emb:model.license", None)

    return change


def scale_of_nobody(item):
    del item["assets"]["scales"]


BROKEN = [
    ("declared", COLLECTION, undeclared, "/stac_extensions", SCHEMA_URI),
    ("declared", COLLECTION, of_another_version, "/stac_extensions/0", f"did you mean {SCHEMA_URI}?"),
    ("declared", COLLECTION, of_another_host, "/stac_extensions/0", f"did you mean {SCHEMA_URI}?"),
    ("declared", ITEM, undeclared_in_an_asset, "/stac_extensions", "`/assets/embeddings/emb:quantization` is used"),
    ("ground", COLLECTION, at("emb:ground_size", 5), "/emb:ground_size", "less than one sample of 10 m"),
    ("ground", COLLECTION, at("emb:context_size", 5), "/emb:context_size", "it saw less"),
    ("ground", PATCHES, at("emb:footprint|size_px", [256, 256]), "/emb:ground_size", "contradict each other"),
    ("finite-scalar", CODES, at(f"{Q}|basis", [1, 8]), f"/{Q}/basis", "2 place values for 6"),
    (
        "finite-scalar",
        CODES,
        at(f"{Q}|basis", [1, 9, 64, 512, 2560, 12800]),
        f"/{Q}/basis",
        "the digit of place value 1 has 8 levels, so the next is a multiple of 8, not 9",
    ),
    ("finite-scalar", CODES, at(f"{Q}|basis", [1, 1, 64, 512, 2560, 12800]), f"/{Q}/basis", "multiple of 8, not 1"),
    (
        "columns-once",
        "patch-irregular-grid-item",
        at("assets|vectors|emb:layout|columns", ["e0", "e0", "e1"]),
        "/assets/vectors/emb:layout/columns",
        "`e0` occurs twice: each column holds one number of the vector",
    ),
    ("finite-scalar", CODES, at("emb:dimensions", 71), "/emb:dimensions", "71 is not 6 levels times 12 steps (72)"),
    ("finite-scalar", "code-book-item", at(f"{ASSET_Q}|basis", [1]), f"/assets/embeddings/{Q}/basis", "1 place values"),
    ("per-dimension", COLUMNS, at(f"{Q}|scale", [1, 2]), f"/{Q}/scale", "2 values for 3 dimensions"),
    ("per-dimension", COLLECTION, at(f"{Q}|divisor", [1, 2]), f"/{Q}/divisor", "2 values for 64 dimensions"),
    (
        "per-dimension",
        "percentile-codes-item",
        at(f"{ASSET_Q}|codebook|shape", [3, 16]),
        f"/assets/embeddings/{Q}/codebook/shape",
        "`lookup` needs [codes] or [768, codes], not [3, 16]",
    ),
    (
        "per-dimension",
        "product-codes-item",
        at(f"{ASSET_Q}|codebook|shape", [4, 256, 3]),
        f"/assets/embeddings/{Q}/codebook/shape",
        "4 sub-vectors and 8 components in all, not [4, 256, 3]",
    ),
    (
        "layout-width",
        "code-book-item",
        at("assets|embeddings|emb:layout|bands", list(range(1, 14))),
        "/assets/embeddings/emb:layout/bands",
        "13 bands for 12 stored numbers of a vector of 72 dimensions",
    ),
    (
        "layout-width",
        "patch-irregular-grid-item",
        at("assets|vectors|emb:layout|columns", ["e0"]),
        "/assets/vectors/emb:layout/columns",
        "1 columns for 3 stored numbers",
    ),
    (
        "dangling",
        ITEM,
        scale_of_nobody,
        f"/assets/embeddings/{Q}/scale_asset",
        "no Asset `scales`; there are embeddings",
    ),
    (
        "dangling",
        ITEM,
        at("assets|embeddings|emb:layout|mask|asset", "land"),
        "/assets/embeddings/emb:layout/mask/asset",
        "no Asset `land`",
    ),
    (
        "core-values",
        ITEM,
        at(f"{ASSET_Q}|stored_data_type", "uint8"),
        f"/assets/embeddings/{Q}/stored_data_type",
        "'uint8' contradicts `data_type` of `/assets/embeddings`, 'int8'",
    ),
    (
        "can-be-stored",
        ITEM,
        at("assets|embeddings|nodata", -999),
        "/assets/embeddings/nodata",
        "-999 cannot be stored as int8, which holds -128 to 127",
    ),
    (
        "can-be-stored",
        COLLECTION,
        at(Q, {"method": "linear", "scale": 0, "offset": 0}),
        f"/{Q}/scale",
        "a scale of 0 leaves nothing of the vector",
    ),
    ("core-values", COLLECTION, at(f"{Q}|nodata", 0), f"/{Q}/nodata", "0 contradicts `nodata`"),
    (
        "item-asset",
        "pixel-cog-item",
        asset_of_63,
        "/assets/embeddings/emb:dimensions",
        "the Asset says 63, the Item 64: none of its Assets has this value",
    ),
    (
        "item-asset",
        COLLECTION,
        more("item_assets", "embeddings", **{Q: {"method": "linear", "scale": 2, "offset": 0}}),
        f"/item_assets/embeddings/{Q}",
        "none of its Assets has this value",
    ),
    (
        "summaries",
        COLLECTION,
        more("summaries", **{"emb:dimensions": [32, 128]}),
        "/summaries/emb:dimensions",
        "the Collection says 64, which its summary does not have",
    ),
    (
        "summaries",
        COLLECTION,
        more("summaries", **{"emb:dimensions": {"minimum": 65, "maximum": 128}}),
        "/summaries/emb:dimensions",
        "the Collection says 64",
    ),
    (
        "summaries",
        COLLECTION,
        more("summaries", **{Q: [{"method": "none"}]}),
        f"/summaries/{Q}",
        "which its summary does not have",
    ),
    (
        "summaries",
        COLLECTION,
        summary_of_an_asset,
        "/summaries/emb:pooling",
        "`/item_assets/embeddings` says 'mean', which its summary does not have",
    ),
    ("misplaced", ITEM, more(**{"emb:pooling": "mean"}), "/emb:pooling", "move it into `properties`"),
    (
        "misplaced",
        COLLECTION,
        more(links=[{"rel": "about", "href": "./a", "emb:dimensions": 64}]),
        "/links/0/emb:dimensions",
        "stands in `/links/0`, where readers do not look for it: it belongs to a Collection",
    ),
    ("misplaced", ITEM, linked, "/links/1/emb:foo", "readers do not look"),
    (
        "misplaced",
        COLLECTION,
        more(properties={"emb:space": "a"}),
        "/properties/emb:space",
        "stands in `/properties`, where readers do not look for it: it belongs to a Collection",
    ),
    (
        "misplaced",
        ITEM,
        at("assets|embeddings|bands", [{"name": "a", "emb:layout": {}}]),
        "/assets/embeddings/bands/0/emb:layout",
        "it belongs to an Item's properties and an Asset",
    ),
    ("licence", COLLECTION, licensed("Apache 2.0"), "/emb:model/license", "is no SPDX expression"),
    ("licence", COLLECTION, at("emb:model|code_license", "proprietary"), "/emb:model/code_license", "names no licence"),
    (
        "licence",
        PATCHES,
        at("emb:training_data|0|license", "MIT AND"),
        "/emb:training_data/0/license",
        "`LicenseRef-` and a name of your own",
    ),
    ("licence", COLLECTION, at("emb:model|code_license", "(MIT"), "/emb:model/code_license", "is no SPDX expression"),
    ("address", COLLECTION, at("emb:model|href", "AlphaEarth Foundations"), "/emb:model/href", "is not an address"),
    ("address", COLLECTION, at("emb:model|href", "alphaearth"), "/emb:model/href", "give one such as https://"),
    (
        "address",
        "prefix-depths-collection",
        at("emb:space_relations|0|evidence", ["the paper"]),
        "/emb:space_relations/0/evidence/0",
        "is not an address",
    ),
    (
        "encoder",
        ENCODER,
        at("emb:encoder|coordinate_order", ["lon", "lon"]),
        "/emb:encoder/coordinate_order",
        "lon and lon are not a position: give lon and lat, or x and y, each once",
    ),
    (
        "encoder",
        ENCODER,
        at("emb:encoder|coordinate_order", ["lon", "y"]),
        "/emb:encoder/coordinate_order",
        "lon and y are not a position",
    ),
    (
        "encoder",
        ENCODER,
        at("emb:encoder|parameters", [{"name": "month", "minimum": 12, "maximum": 1}]),
        "/emb:encoder/parameters/0/minimum",
        "the smallest value 12 is greater than the largest, 1",
    ),
    (
        "encoder",
        ENCODER,
        at("emb:encoder|parameters", [{"name": "month"}, {"name": "month"}]),
        "/emb:encoder/parameters/1/name",
        "'month' is listed before",
    ),
    *(
        ("group", "pixel-zarr-item", at("assets|embeddings|emb:layout|group", given), GROUP, message)
        for given, message in (
            ("/x/", "write `x`"),
            ("a/../b", "write `b`"),
            ("a//b", "write `a/b`"),
            ("/", "leave it out, the root needs no name"),
            (" ", "leave it out"),
        )
    ),
    (
        "table",
        "percentile-codes-item",
        at(ASSET_Q, {"method": "lookup", "values": [0, 1], "bits": 4, "packing": "msb"}),
        f"/assets/embeddings/{Q}/values",
        "4 bits make 16 codes, the table has 2: give a value for each",
    ),
    (
        "table",
        "percentile-codes-item",
        at(f"{ASSET_Q}|codebook|shape", [768, 15]),
        f"/assets/embeddings/{Q}/codebook/shape",
        "4 bits make 16 codes, the table has 15",
    ),
    ("unknown-field", COLLECTION, more(**{"emb:dimension": 64}), "/emb:dimension", "did you mean `emb:dimensions`?"),
    (
        "unknown-field",
        ITEM,
        more("properties", **{"emb:fit_for_use": ["x"]}),
        "/properties/emb:fit_for_use",
        "emb:tasks",
    ),
    (
        "unknown-field",
        COLLECTION,
        more(**{"emb:layout": {"kind": "bands"}}),
        "/emb:layout",
        "does not belong on a Collection: it belongs to an Item's properties and an Asset",
    ),
    (
        "unknown-field",
        COLLECTION,
        more("summaries", **{"emb:absent": [{}]}),
        "/summaries/emb:absent",
        "summaries hold no",
    ),
    (
        "unknown-field",
        COLLECTION,
        at("emb:model|licence", "MIT"),
        "/emb:model/licence",
        "`licence` is not a member of the Model Object (did you mean `license`?)",
    ),
    (
        "method",
        COLLECTION,
        at(Q, {"method": "signed_powre"}),
        f"/{Q}/method",
        "readers refuse it: did you mean `signed_power`?",
    ),
    ("absent", COLLECTION, at("emb:absent|emb:type", "varies"), "/emb:absent/emb:type", "`emb:type` is never absent"),
    ("absent", COLLECTION, at("emb:absent|emb:space", "varies"), "/emb:absent/emb:space", "is given and also named"),
    ("absent", COLLECTION, at("emb:absent|emb:model.name", "varies"), "/emb:absent/emb:model.name", "always stated"),
    (
        "absent",
        COLLECTION,
        at("emb:absent|emb:model.version", "not_stated"),
        "/emb:absent/emb:model.version",
        "is given and also named",
    ),
    ("absent", COLLECTION, at("emb:absent|emb:poling", "not_stated"), "/emb:absent/emb:poling", "mean `emb:pooling`?"),
    ("absent", COLLECTION, at("emb:absent|space", "varies"), "/emb:absent/space", "did you mean `emb:space`?"),
    ("absent", COLLECTION, at("emb:absent|licence", "varies"), "/emb:absent/licence", "did you mean `license`?"),
    ("absent", COLLECTION, at("emb:absent|emb:sapce", "varies"), "/emb:absent/emb:sapce", "did you mean `emb:space`?"),
    ("absent", COLLECTION, at("emb:absent|emd:pooling", "varies"), "/emb:absent/emd:pooling", "mean `emb:pooling`?"),
    ("absent", COLLECTION, at("emb:absent|nonsense", "varies"), "/emb:absent/nonsense", "nor one of STAC core: names"),
    ("floor", BARE, nothing_but_its_type, "/emb:absent", "states nothing of its vectors but what they stand for"),
    (
        "relations",
        "prefix-depths-collection",
        at("emb:space_relations|0|lengths", [256]),
        "/emb:space_relations/0/lengths",
        "a prefix of 256 numbers is longer than the vector of 128",
    ),
    (
        "relations",
        "prefix-depths-collection",
        at("emb:space_relations|0", {"space": "tessera-v2-2b-l-beta2", "relation": "same"}),
        "/emb:space_relations/0/space",
        "only `prefix_of` may name the own space",
    ),
]
FINE = [
    ("digits of a code in another order", CODES, digits_backwards),
    ("one scale per dimension", COLUMNS, at(f"{Q}|scale", [1, 2, 3])),
    ("a member of the producer's own", COLLECTION, at("emb:model|flavour", "small")),
    ("the same said twice", ITEM, at(f"{ASSET_Q}|stored_data_type", "int8")),
    ("a licence with an exception", COLLECTION, at("emb:model|code_license", "(MIT OR Apache-2.0) AND LicenseRef-Own")),
    ("a relative address", COLLECTION, at("emb:model|href", "./model.md")),
    ("a summary of several", COLLECTION, more("summaries", **{"emb:dimensions": [32, 64]})),
    ("a summary as a range", COLLECTION, more("summaries", **{"emb:dimensions": {"minimum": 1, "maximum": 64}})),
    (
        "a summary of some members",
        COLLECTION,
        more("summaries", **{Q: [{"method": "signed_power", "divisor": 127.5, "exponent": 2}]}),
    ),
    ("a group in a group", "pixel-zarr-item", at("assets|embeddings|emb:layout|group", "a/b.c")),
    (
        "a code that marks what is missing",
        "percentile-codes-item",
        at(ASSET_Q, {"method": "lookup", "values": [0, 1, 2], "bits": 2, "packing": "msb", "nodata": 3}),
    ),
    ("a licence that nobody states", COLLECTION, at("emb:absent|license", "not_stated")),
    ("a field of another extension", COLLECTION, at("emb:absent|sci:citation", "not_stated")),
]
ADVICE = [
    ("words", COLLECTION, at("emb:temporal_resolution", "10-daily"), "the recommended word `dekadal`"),
    ("words", COLLECTION, at("emb:temporal_resolution", "Yearly"), "the recommended word `annual`"),
    ("words", COLLECTION, at("emb:temporal_resolution", "montly"), "the recommended word `monthly`"),
    ("words", COLLECTION, at("emb:pooling", "average"), "the recommended word `mean`"),
    ("words", COLLECTION, at("emb:similarity", ["dot", "L2"]), "'L2' is legal, but whoever searches asks for"),
    ("words", ENCODER, at("emb:encoder|parameters|0|type", "int"), "the recommended word `integer`"),
    ("role", "pixel-zarr-item", without_a_role, "add the role `embedding`"),
]
