"""The errors that the atlas raises on purpose: the command line prints an `AtlasError` and exits with its `exit_code`.

A message names the object and the field, and says what would be right.
"""

import contextlib
from collections.abc import Iterator

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
    "naming",
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
    """The database refused a statement, cannot be reached, or is not in the expected state."""


class QuestionError(AtlasError):
    """A question that cannot be understood: an unknown product, a term that no facet has, an invalid place."""

    exit_code = 2


class SiteError(AtlasError):
    """The site could not be built."""


class RestoreError(AtlasError):
    """A stored vector must not or cannot be dequantised."""


@contextlib.contextmanager
def naming(what: str, *others: type[Exception]) -> Iterator[None]:
    """Put a name before the message of a `RestoreError` that lacks it, and turn `others` into such errors.

    Raises:
        RestoreError: with the name.
    """
    caught: tuple[type[Exception], ...] = (RestoreError, *others)
    try:
        yield
    except caught as error:
        if isinstance(error, RestoreError) and what in str(error):
            raise
        raise RestoreError(f"{what}: {error}") from error
