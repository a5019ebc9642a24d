"""Logs to standard error: readable on a terminal, one JSON object per line elsewhere."""

import logging
import os
import sys
from contextlib import suppress
from typing import TextIO, cast

import orjson
import structlog

__all__ = ["configure_logs"]


def configure_logs() -> None:
    """Set up structured logs for this process; requests are logged from the level INFO (`ATLAS_LOG_LEVEL`)."""
    level = logging.getLevelNamesMapping().get(os.environ.get("ATLAS_LOG_LEVEL", "").upper())
    # stac-fastapi complains on import about defaults that this application overrides
    logging.getLogger("stac_fastapi").setLevel(logging.ERROR)
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    if sys.stderr.isatty():
        usual = logging.WARNING
        # other formats print local variables, which holds the worker up for a minute where one of them is large
        shared += [structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)]
    else:
        usual = logging.INFO
        shared += [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(_dumps)]
    structlog.configure(
        processors=shared,
        wrapper_class=structlog.make_filtering_bound_logger(usual if level is None else level),
        logger_factory=structlog.WriteLoggerFactory(cast("TextIO", _Unfailing(sys.stderr))),
    )


class _Unfailing:
    """A log that cannot be written (full disk, pipe without a reader) must not break the answer that it tells of."""

    def __init__(self, file: TextIO) -> None:
        self._file = file

    def write(self, text: str) -> None:
        with suppress(OSError, ValueError):
            self._file.write(text)

    def flush(self) -> None:
        with suppress(OSError, ValueError):
            self._file.flush()


def _dumps(event: object, **_options: object) -> str:
    return orjson.dumps(event, default=str).decode()
