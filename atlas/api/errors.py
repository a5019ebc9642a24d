"""The errors of requests, with the status and the code that each is answered with."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import ClassVar

import asyncpg
import structlog

__all__ = [
    "BadRequestError",
    "ConflictError",
    "ForbiddenError",
    "MediaTypeError",
    "MethodError",
    "NotFoundError",
    "RequestError",
    "TimedOutError",
    "TooLargeError",
    "UnauthorizedError",
    "UnavailableError",
    "as_problem",
    "blamed",
]


class RequestError(Exception):
    """A request that gets an answer other than the one asked for.

    Attributes:
        status: HTTP status.
        code: A word for programs.
        parameter: The parameter or body member at fault, where there is one.
        headers: Headers that belong to the status.
    """

    status: ClassVar[int]
    code: ClassVar[str]

    def __init_subclass__(cls, *, status: int, code: str) -> None:
        cls.status, cls.code = status, code

    def __init__(self, message: str, *, parameter: str | None = None, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(f"{parameter}: {message}" if parameter else message)
        self.parameter = parameter
        self.headers = dict(headers or {})


class BadRequestError(RequestError, status=400, code="BadRequest"):
    """A parameter or the body is wrong; the message names it."""


class UnauthorizedError(RequestError, status=401, code="Unauthorized"):
    """A write without the token."""


class ForbiddenError(RequestError, status=403, code="Forbidden"):
    """A write with a wrong token."""


class NotFoundError(RequestError, status=404, code="NotFound"):
    """The path names something that is not there."""


class MethodError(RequestError, status=405, code="MethodNotAllowed"):
    """The path exists, but not for this method."""


class ConflictError(RequestError, status=409, code="Conflict"):
    """The document exists already."""


class TooLargeError(RequestError, status=413, code="ContentTooLarge"):
    """The body is larger than the limit."""


class MediaTypeError(RequestError, status=415, code="UnsupportedMediaType"):
    """The body is of a type that the endpoint does not read."""


class UnavailableError(RequestError, status=503, code="Unavailable"):
    """The database cannot be reached; try again."""

    def __init__(self, message: str, *, retry_after: int = 2) -> None:
        super().__init__(message, headers={"Retry-After": str(retry_after)})


class TimedOutError(UnavailableError, status=503, code="TimedOut"):
    """The request took longer than it may."""


# Errors of statements whose values passed our own checks.
_BAD_VALUES = (
    asyncpg.DataError,
    asyncpg.RaiseError,
    asyncpg.UndefinedFunctionError,
    asyncpg.DatatypeMismatchError,
    asyncpg.CannotCoerceError,
    asyncpg.InternalServerError,  # PostGIS reports bad geometries so
    asyncpg.IntegrityConstraintViolationError,
    asyncpg.ProgramLimitExceededError,
    asyncpg.PostgresSyntaxError,
)
_REASONS: tuple[tuple[type[BaseException] | tuple[type[BaseException], ...], str], ...] = (
    (asyncpg.InternalServerError, "holds a geometry that PostGIS cannot process"),
    (asyncpg.ProgramLimitExceededError, "is too long to be processed"),
    (asyncpg.NumericValueOutOfRangeError, "holds a number outside the range of its type"),
    ((asyncpg.DatetimeFieldOverflowError, asyncpg.InvalidDatetimeFormatError), "holds a time that cannot be read"),
    (
        (asyncpg.CharacterNotInRepertoireError, asyncpg.UntranslatableCharacterError),
        "holds a character that no text may have",
    ),
)
"""What a client is told, by the kind of the database's error."""
_NO_REASON = "cannot be processed; the server's log gives the reason under the id of this request"
_LOG = structlog.get_logger("atlas.api.errors")
_DOWN = (
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # raised where the server dies in the middle of an answer
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.TooManyConnectionsError,
    asyncpg.IdleSessionTimeoutError,
    asyncpg.ReadOnlySQLTransactionError,
    OSError,
)


@contextmanager
def blamed(parameter: str | None) -> Iterator[None]:
    """Turn an error of the database into one of the request, which names the parameter that caused it."""
    try:
        yield
    except RequestError:
        raise
    except Exception as error:
        if (problem := as_problem(error, parameter=parameter)) is None:
            raise
        raise problem from error


def as_problem(error: BaseException, *, parameter: str | None = None) -> RequestError | None:
    """The error that a client is told of, or None where the fault is ours.

    Args:
        error: What was raised.
        parameter: The parameter whose value the failing statement was made from.
    """
    if isinstance(error, RequestError):
        return error
    if isinstance(error, asyncpg.QueryCanceledError):
        return TimedOutError("the database did not answer in time; narrow the search or try again", retry_after=5)
    if isinstance(error, TimeoutError):
        return UnavailableError("the database is busy; try again")
    if isinstance(error, asyncpg.TransactionRollbackError):
        # a replica ends statements that hold up the load which it replays
        return UnavailableError("the data changed while they were read; try again", retry_after=1)
    if isinstance(error, _BAD_VALUES) and parameter is not None:
        # The database's own message names statements and functions that the client never wrote: it goes to the log.
        _LOG.warning("value_refused", parameter=parameter, error=type(error).__name__, detail=str(error))
        if parameter == "token":
            return BadRequestError(
                "is not a token of this API; follow the links `next` and `prev`", parameter=parameter
            )
        reason = next((text for kinds, text in _REASONS if isinstance(error, kinds)), _NO_REASON)
        return BadRequestError(reason, parameter=parameter)
    if isinstance(
        error, asyncpg.UndefinedTableError | asyncpg.InvalidSchemaNameError | asyncpg.InvalidCatalogNameError
    ):
        return UnavailableError("the database does not hold pgstac yet", retry_after=10)
    if isinstance(error, _DOWN):
        return UnavailableError("the database cannot be reached; try again")
    return None
