"""Read the head of an answer, and the end of a chunked one, strictly.

http.client misreads what it does not understand: it drops the headers after a malformed line, and with them a stated
length; it ignores codings before `chunked`; it takes 103 for the final answer. Each would silently give other bytes
than the object's.
"""

from http import HTTPStatus
from http.client import HTTPException, HTTPResponse
from typing import Any

from urllib3.exceptions import HeaderParsingError
from urllib3.util.response import assert_header_parsing

__all__ = ["Answer"]

MOST_INTERIM = 16
"""Interim answers, such as 100 and 103, before the final one."""
MOST_TRAILERS = 100
LONGEST_LINE = 65_536


class Answer(HTTPResponse):
    """The answers that the connections of `atlas.fetch.connections` read."""

    interim = 0

    def _read_status(self) -> tuple[str, int, str]:
        """Called by `begin`, which itself skips only 100."""
        way: Any = super()
        version, status, reason = way._read_status()
        if status == HTTPStatus.SWITCHING_PROTOCOLS:
            raise HTTPException("101: the host switches to another protocol")
        if status < HTTPStatus.OK:
            self.interim += 1
            if self.interim > MOST_INTERIM:
                raise HTTPException(f"more than {MOST_INTERIM} interim answers before the final one")
            status = int(HTTPStatus.CONTINUE)
        return version, status, reason

    def begin(self) -> None:
        """Read the head.

        Raises:
            HTTPException: a line is not a header, or the body has a coding that was not asked for.
        """
        super().begin()
        try:
            assert_header_parsing(self.headers)
        except HeaderParsingError as error:
            raise HTTPException(f"a line of the head is not a header: {error}") from error
        codings = self.headers.get_all("Transfer-Encoding") or ["chunked"]
        if [coding.strip().lower() for coding in codings] != ["chunked"]:
            raise HTTPException(f"Transfer-Encoding: {', '.join(codings)[:80]}, which was not asked for")

    def _read_and_discard_trailer(self) -> None:
        """Called after the last chunk; http.client itself reads for as long as lines come."""
        way: Any = self
        for _ in range(MOST_TRAILERS):
            if way.fp.readline(LONGEST_LINE) in {b"\r\n", b"\n", b""}:
                return
        raise HTTPException(f"more than {MOST_TRAILERS} lines after the last chunk")
