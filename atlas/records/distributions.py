"""How a product is served: distributions, the files beside the vectors, the producer's index, sizes and software."""

from typing import Annotated, Any, Literal

from pydantic import Field

from atlas.records.base import Href, Identifier, Strict, Text

__all__ = ["MEDIA_TYPES", "Counts", "Distribution", "Index", "ItemAsset", "Loader"]

IndexKind = Literal[
    "text-registry",
    "parquet-index",
    "object-listing",
    "hugging-face",
    "stac-api",
    "single-file",
    "zarr-store",
    "icechunk-store",
]
MEDIA_TYPES = {
    "cog": "image/tiff; application=geotiff; profile=cloud-optimized",
    "geotiff": "image/tiff; application=geotiff",
    "zarr": "application/vnd+zarr",
    "icechunk": "application/x-icechunk",
    "geoparquet": "application/vnd.apache.parquet",
    "parquet": "application/vnd.apache.parquet",
    "csv": "text/csv",
    "npy": "application/octet-stream",  # NumPy's format has no registered type
    "npz": "application/zip",
    "hdf5": "application/x-hdf5",
}
"""Media type of each format. Producers seldom state one, so it follows from the format and needs no evidence."""


class Distribution(Strict):
    """One place that serves the product."""

    id: Identifier
    """Short name, unique within the product: `gcs`, `source-coop`."""
    title: Text
    """What it is and where, for lists."""
    host: Text
    """Host name that serves it."""
    protocol: Literal["https", "s3", "gs", "earth-engine", "icechunk", "hugging-face", "bigquery", "api"]
    """How it is reached."""
    format: Identifier | None = None
    """Term of `catalog/taxonomy/format.yaml`: cog, geotiff, npy, zarr, icechunk, geoparquet, parquet, npz, ..."""
    media_type: Text | None = None
    """Only where it says more than `format` does: the version of a Zarr store."""
    region: Text | None = None
    """Cloud region, where reading from elsewhere costs or is slow."""
    endpoint_url: Href | None = None
    """Endpoint of an S3-compatible store that is not AWS."""
    url_template: Text | None = None
    """An href with `{name}` placeholders, as `str.format` renders them."""
    template_values: dict[str, str | int | float] | None = None
    """Values that make `url_template` render to `example_url`."""
    example_url: Text | None = None
    """Address of one file that exists."""
    file_name: Text | None = None
    """Pattern of file names, with `{name}` placeholders, where there is no `url_template`."""
    href: Href | None = None
    """A landing page, or the store itself where there is one object."""
    auth: Literal["anonymous", "account", "token", "request"] | None = None
    """What a user needs: nothing (anonymous), a free account, a token, or the producer's consent (request)."""
    requester_pays: bool | None = None
    """Whether the user pays for the transfer."""
    user_agent: Text | None = None
    """What the host requires of the User-Agent header."""
    cors: bool | None = None
    """Whether a web page on another host may read it."""
    range_reads: bool | None = None
    """Whether parts of a file can be read."""
    crs: list[Text] | None = None
    """Only where it differs from `extent.crs`."""
    quantization: dict[str, Any] | None = None
    """Only where it differs from `embedding.quantization`."""
    layout: dict[str, Any] | None = None
    """Only where it differs from `embedding.layout`."""
    columns: dict[str, Text] = Field(default_factory=dict)
    """For tables: column, meaning, in the order of the file."""
    bytes: Annotated[int, Field(ge=0)] | None = None
    """Stated size of all files in bytes."""
    retired: bool = False
    """The host no longer answers or no longer serves the product; kept so that old links can be understood."""
    vectors: Literal["identical", "requantized", "resampled", "unknown"] | None = None
    """Whether its vectors are those of `vectors_of`: `identical` bit by bit, `requantized` (the same up to rounding),
    `resampled` to another grid, or `unknown`. Left out for the first distribution."""
    vectors_of: Identifier | None = None
    """The distribution that `vectors` compares it with; by default the first one."""
    notes: list[Text] = Field(default_factory=list)
    """What else a user of this distribution must know."""

    def type(self) -> str | None:
        """The media type of the files: as stated, else the one of their format."""
        return self.media_type or MEDIA_TYPES.get(self.format or "")


class ItemAsset(Strict):
    """A file that an Item has beside the vectors: scales, masks, quality."""

    key: Identifier
    """Key of the asset: `scales`, `landmask`."""
    title: Text
    """What the file is."""
    description: Text | None = None
    """What it is for and how it is read."""
    media_type: Text | None = None
    """Media type of the file."""
    roles: Annotated[list[Text], Field(min_length=1)]
    """Roles of the asset as in STAC: mask, metadata, scales."""


class Index(Strict):
    """The producer's own index, which the crawler reads."""

    kind: IndexKind
    """Kind of reader in `atlas.sources`."""
    url: Text | None = None
    """Address of the index, or of the folder that is listed."""
    hosts: list[Text] = Field(default_factory=list)
    """Hosts that a crawl may fetch from; no other."""
    columns: dict[str, Text] = Field(default_factory=dict)
    """Columns of the index itself (not of the data files, which belong to the distribution): column, meaning."""
    notes: list[Text] = Field(default_factory=list)
    """Other forms of the index, older forms, pitfalls."""


class Counts(Strict):
    """Stated sizes, not those that a crawl has counted."""

    items: Annotated[int, Field(ge=0)] | None = None
    """Files or tiles: what becomes Items."""
    vectors: Annotated[int, Field(ge=0)] | None = None
    """Number of vectors."""
    bytes: Annotated[int, Field(ge=0)] | None = None
    """Size in bytes."""
    notes: list[Text] = Field(default_factory=list)
    """How the numbers are meant; estimates in words."""


class Loader(Strict):
    """Software that opens the product."""

    name: Text
    """Name of the software."""
    version: Text | None = None
    """Version whose behaviour `ref` and `note` describe."""
    ref: Text | None = None
    """Class, function or collection id to use."""
    href: Href | None = None
    """Its home page or repository."""
    note: Text | None = None
    """What a user of it must know."""
