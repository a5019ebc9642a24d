"""The errors that the atlas raises on purpose.

    AtlasError                     anything below; the command line prints it and exits with its `exit_code`
    ├── SettingsError              a setting is missing or wrong; the message names the setting
    ├── RecordError                a catalogue record breaks a rule; the message names file, field and rule
    ├── ValidationFailed           a STAC document is invalid
    ├── UnreadableInput            a file or URL could not be read at all
    ├── SourceError                a producer's index could not be read
    ├── CrawlError                 a crawl could not continue
    ├── StoreError                 the database refused or is not what it should be
    ├── QuestionError              a question that the catalogue cannot understand: an unknown product, not a place
    ├── SiteError                  the site could not be built
    └── RestoreError               a stored vector must not or cannot be dequantized

A message names the object and the field, and says what would be right.
"""

from stac_emb.errors import EmbError as AtlasError
from stac_emb.errors import UnreadableInput, ValidationFailed

__all__ = [
    "AtlasError",
    "CrawlError",
    "QuestionError",
    "RecordError",
    "RestoreError",
    "SettingsError",
    "SiteError",
    "SourceError",
    "StoreError",
    "UnreadableInput",
    "ValidationFailed",
]


class SettingsError(AtlasError):
    """A setting is missing or wrong; the message names the setting."""

    exit_code = 2


class RecordError(AtlasError):
    """A catalogue record breaks a rule; the message names file, field and rule."""


class SourceError(AtlasError):
    """A producer's index could not be read."""


class CrawlError(AtlasError):
    """A crawl could not continue."""


class StoreError(AtlasError):
    """The database refused, cannot be reached, or is not what it should be."""


class QuestionError(AtlasError):
    """A question that cannot be understood: an unknown product, a term that no facet has, a place that is not one."""

    exit_code = 2


class SiteError(AtlasError):
    """The site could not be built."""


class RestoreError(AtlasError):
    """A stored vector must not or cannot be dequantized."""
