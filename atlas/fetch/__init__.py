"""How the atlas reads from hosts that it does not control: politely, within limits, and only where a record allows."""

from atlas.fetch.access import OpenAccess, fingerprint_of, opened, sha256_of
from atlas.fetch.client import Fetcher
from atlas.fetch.faults import (
    AddressRefused,
    Changed,
    FetchError,
    HttpStatus,
    Missing,
    RangeIgnored,
    TooLarge,
    TooSlow,
    Truncated,
    Unreachable,
    UrlRefused,
)
from atlas.fetch.policy import FetchPolicy, policy_for
from atlas.fetch.ranges import RangeFile, read_range
from atlas.fetch.reply import Head, Reply
from atlas.fetch.shared import fetcher_for

__all__ = [
    "AddressRefused",
    "Changed",
    "FetchError",
    "FetchPolicy",
    "Fetcher",
    "Head",
    "HttpStatus",
    "Missing",
    "OpenAccess",
    "RangeFile",
    "RangeIgnored",
    "Reply",
    "TooLarge",
    "TooSlow",
    "Truncated",
    "Unreachable",
    "UrlRefused",
    "fetcher_for",
    "fingerprint_of",
    "opened",
    "policy_for",
    "read_range",
    "sha256_of",
]
