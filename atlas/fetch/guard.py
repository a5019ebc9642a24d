"""URL and address checks, enforced again where the socket is opened.

A check before the request alone can be fooled: a name may resolve to a public address when it is checked and to a
private one when it is used. So the name is resolved once, every address is checked, and the socket is connected to
the checked address itself.
"""

import ipaddress
import re
import socket
from urllib.parse import SplitResult

from atlas.fetch.address import split
from atlas.fetch.faults import AddressRefused, Unreachable, UrlRefused
from atlas.fetch.policy import FetchPolicy

__all__ = ["addresses_of", "check_host", "check_url", "host_and_port", "refused_address"]

LONGEST = 65_536
NO_HOST = re.compile(r"[\x00-\x20\x7f\\]")
"""Characters at which other software ends the name of a host: urllib3 at a backslash, the resolver at a NUL."""
NAT64 = ipaddress.ip_network("64:ff9b::/96")
NEVER_PUBLIC = tuple(
    ipaddress.ip_network(block)
    for block in (
        "::/96",  # IPv4-compatible, deprecated by RFC 4291 section 2.5.5.1
        "::ffff:0:0:0/96",  # IPv4-translated, RFC 2765 section 2.1
        "64:ff9b:1::/48",  # NAT64 for use within one network, RFC 8215
    )
)
"""IPv6 blocks that lead to IPv4 addresses of the network itself, and that Python's `is_global` lets pass."""


def refused_address(address: str) -> str | None:
    """Why a crawl must not connect to this address, or None where it may.

    IPv4 addresses that travel inside IPv6 ones (mapped, 6to4, Teredo, NAT64) are judged by themselves.
    """
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if inner is None and ip in NAT64:
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner is not None:
            return refused_address(str(inner))
    if ip.is_multicast or not ip.is_global or any(ip in block for block in NEVER_PUBLIC):
        return f"{ip} is not a public address"
    return None


def check_url(url: str, policy: FetchPolicy) -> None:
    """Refuse a URL whose scheme, host or port the policy does not permit.

    Raises:
        UrlRefused: the message says which part and what the record permits.
    """
    parts = split(url)
    if len(url) > LONGEST:
        raise UrlRefused(f"{url[:200]}...: not a URL that can be requested: it has {len(url)} characters")
    if NO_HOST.search(parts.netloc):
        msg = f"{url!r}: not a URL that can be requested: it has a character before its path that no host name has"
        raise UrlRefused(msg)
    plain = policy.allow_private or host_and_port(parts) in policy.trusted  # the user typed this very host and port
    if parts.scheme != "https" and not (parts.scheme == "http" and plain):
        raise UrlRefused(f"{url}: a crawl reads https URLs only (ATLAS_ALLOW_PRIVATE_ADDRESSES=true permits http)")
    if "@" in parts.netloc:
        raise UrlRefused(f"{parts.scheme}://{parts.hostname}: a URL must not carry a user name or password")
    try:
        host, port = (parts.hostname or "").lower().rstrip("."), parts.port
    except ValueError as error:
        raise UrlRefused(f"{url}: {error}") from None
    standard = 443 if parts.scheme == "https" else 80
    if any(_permits(entry.lower(), host, port or standard, standard) for entry in policy.hosts):
        return
    named = ", ".join(policy.hosts) or "none"
    raise UrlRefused(f"{url}: the record does not name the host {host}{f':{port}' if port else ''} (it names: {named})")


def host_and_port(parts: SplitResult) -> str:
    """`host:port` of a URL; empty where the port is invalid."""
    try:
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        return ""
    return f"{(parts.hostname or '').lower().rstrip('.')}:{port}"


def _permits(entry: str, host: str, port: int, standard: int) -> bool:
    name, _, entry_port = entry.rpartition(":") if entry.rpartition(":")[2].isdigit() else (entry, "", "")
    if port != (int(entry_port) if entry_port else standard):
        return False
    if name.startswith("*."):
        return host.endswith(name[1:]) and len(host) > len(name[1:])
    return host == name.rstrip(".").strip("[]")


def addresses_of(host: str, port: int, policy: FetchPolicy) -> list[str]:
    """The addresses of a host, all of which may be connected to.

    Raises:
        AddressRefused: one of them is internal.
        OSError: the name is not known.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    if policy.allow_private or f"{host}:{port}" in policy.trusted:
        return addresses
    # One internal address among several is refused as a whole: nobody publishes data that way by chance.
    for address in addresses:
        if refusal := refused_address(address):
            raise AddressRefused(f"{host}: {refusal}; a crawl never reads from inside the network it runs in")
    return addresses


def check_host(url: str, policy: FetchPolicy) -> None:
    """Refuse a URL whose host leads to an internal address.

    For libraries with their own client, which resolve the name again: what they connect to is not under our
    control, so this is a check and not a guarantee.

    Raises:
        AddressRefused: one of its addresses is internal.
        Unreachable: the name is not known.
    """
    host, _, port = host_and_port(split(url)).rpartition(":")
    try:
        addresses_of(host, int(port), policy)
    except OSError as error:
        raise Unreachable(f"{url}: {error}") from error
