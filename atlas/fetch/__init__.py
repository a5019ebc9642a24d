"""How the atlas reads from hosts that it does not control: politely, within limits, and only where a record allows.

policy.py      what a crawl may do: hosts, limits, manners
faults.py      one error per way a host can fail us
guard.py       URL and address checks, enforced again where the socket is opened
manners.py     per-host concurrency and rate, backoff, Retry-After
connections.py connections to checked addresses, each operation of which ends in time
wire.py        the grammar of an answer's head
client.py      the fetcher: whole documents, heads, streams
shared.py      the fetchers of this process
ranges.py      exact byte ranges and a file object on top of them
listing.py     ListObjectsV2
address.py     s3:// and gs:// addresses as https URLs
access.py      the `Access` that readers get
"""

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
