"""The errors of this package; a message names the object and the field, and says what would be right."""

__all__ = ["EmbError", "UnreadableInput", "ValidationFailed"]


class EmbError(Exception):
    """Base class; `exit_code` is what a command ends with."""

    exit_code = 1


class ValidationFailed(EmbError):
    """A STAC document is invalid."""


class UnreadableInput(EmbError):
    """A file or URL could not be read at all."""

    exit_code = 2
