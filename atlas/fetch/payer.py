"""Signed requests: to requester-pays buckets, once the user has agreed, and to buckets whose endpoint and keys come
from the environment alone.

S3 takes requests signed with a key (Signature Version 4), Google Cloud Storage a token and a project.
"""

import datetime as dt
import hashlib
import hmac
import os
import re
from dataclasses import dataclass, replace
from urllib.parse import parse_qsl, quote, unquote

from atlas.fetch.address import GOOGLE_ENDPOINT, bucket_and_key, http_url, split
from atlas.fetch.environment import aws_keys, aws_region, endpoint_of, google_token, reads_unsigned
from atlas.fetch.faults import UrlRefused

__all__ = ["Payer", "account_of", "agree", "payer_of", "placed"]

NOTHING = hashlib.sha256(b"").hexdigest()
UNRESERVED = "-_.~"
_AWS = re.compile(r"^(?:(?P<bucket>.+)\.)?s3[.-](?P<region>[a-z0-9-]+)\.amazonaws\.com$")
_agreed: dict[str, "Payer"] = {}


@dataclass(frozen=True, slots=True)
class Payer:
    """How requests to a bucket name the account that reads it.

    Attributes:
        prefix: What the URLs of all its objects begin with.
        store: `s3` or `gs`; None for any other.
        region: Region of S3.
        pays: Whether the account pays for the transfer.
    """

    prefix: str
    store: str | None
    region: str = "us-east-1"
    pays: bool = True

    def headers(self, method: str, url: str) -> dict[str, str]:
        """Headers that name the account in a request.

        Raises:
            UrlRefused: the environment names no account, or the store is neither S3 nor Google Cloud Storage.
        """
        if self.store is None:
            msg = f"{self.prefix}: the reader pays for the transfer: supported for S3 and Google Cloud Storage only"
            raise UrlRefused(msg)
        if self.store == "gs":
            return self._with_token()
        return _signed(method, url, self.region, self.keys(), dt.datetime.now(dt.UTC), pays=self.pays)

    def _with_token(self) -> dict[str, str]:
        token, project = google_token(), os.environ.get("GOOGLE_CLOUD_PROJECT")
        if not token or (self.pays and not project):
            raise UrlRefused(
                f"{self.prefix}: the reader pays for the transfer, and no account is named: set GOOGLE_CLOUD_PROJECT, "
                "and CLOUDSDK_AUTH_ACCESS_TOKEN to what `gcloud auth print-access-token` prints"
            )
        return {"Authorization": f"Bearer {token}"} | ({"x-goog-user-project": str(project)} if self.pays else {})

    def keys(self) -> tuple[str, str, str | None]:
        """Key, secret and token of S3.

        Raises:
            UrlRefused: the environment names none.
        """
        found = aws_keys()
        if found is None:
            raise UrlRefused(
                f"{self.prefix}: the reader pays for the transfer, and no account is named: set AWS_ACCESS_KEY_ID and "
                "AWS_SECRET_ACCESS_KEY, or AWS_PROFILE (the profile "
                f"'{os.environ.get('AWS_PROFILE') or 'default'}' has no keys); "
                "`aws configure export-credentials --format env` prints those of a login"
            )
        return found


def placed(href: str) -> tuple[str, Payer | None] | None:
    """The URL of an `s3://` or `gs://` object, from the environment alone, and the account that reads it there; None
    where the environment names neither endpoint nor region.

    Raises:
        UrlRefused: what it names is not an endpoint.
    """
    endpoint = endpoint_of(href)
    if endpoint is None and not href.lower().startswith("gs://"):
        return None
    url = http_url(href, endpoints={bucket_and_key(href)[0]: endpoint} if endpoint else {})
    if reads_unsigned(href):
        return url, None
    return url, replace(payer_of(href, url, aws_region()), pays=False)


def payer_of(href: str, url: str, region: str | None) -> Payer:
    """How reads of an object are paid for: `href` and `region` are those of the metadata, `url` serves the object."""
    if href.lower().startswith("gs://") and url == href:
        url = http_url(href)
    parts = split(url)
    base, host = f"{parts.scheme}://{parts.netloc}/", (parts.hostname or "").lower()
    first = unquote(parts.path).lstrip("/").partition("/")[0]
    aws = _AWS.match(host)
    if href.lower().startswith("gs://") or url.startswith(f"{GOOGLE_ENDPOINT}/"):
        return Payer(f"{base}{first}/", "gs")
    if aws:
        return Payer(base if aws["bucket"] else f"{base}{first}/", "s3", aws["region"])
    if href.lower().startswith("s3://") and url != href:
        bucket = bucket_and_key(href)[0]
        return Payer(f"{base}{bucket}/" if first == bucket else base, "s3", region or "us-east-1")
    return Payer(url, None)


def agree(payer: Payer) -> None:
    """Name the account in this process's requests to the bucket from now on; where it pays, the user was told before.

    Raises:
        UrlRefused: the environment names no account.
    """
    if _agreed.get(payer.prefix) != payer:
        payer.headers("GET", payer.prefix)
        _agreed[payer.prefix] = payer


def account_of(url: str) -> Payer | None:
    """The account that requests to a URL name, if any."""
    return next((payer for prefix, payer in _agreed.items() if url.startswith(prefix)), None)


def _signed(
    method: str, url: str, region: str, keys: tuple[str, str, str | None], now: dt.datetime, *, pays: bool = True
) -> dict[str, str]:
    """Headers of a request without a body, by AWS's Signature Version 4."""
    key, secret, token = keys
    parts = split(url)
    stamp = now.strftime("%Y%m%dT%H%M%SZ")
    standard = ":443" if parts.scheme == "https" else ":80"
    sent = {"host": parts.netloc.lower().removesuffix(standard), "x-amz-content-sha256": NOTHING, "x-amz-date": stamp}
    if pays:
        sent["x-amz-request-payer"] = "requester"
    if token:
        sent["x-amz-security-token"] = token
    asked = sorted(
        (quote(name, safe=UNRESERVED), quote(value, safe=UNRESERVED))
        for name, value in parse_qsl(parts.query, keep_blank_values=True)
    )
    names = ";".join(sorted(sent))
    request = [method, quote(unquote(parts.path), safe="/" + UNRESERVED) or "/", "&".join(map("=".join, asked))]
    request += [*(f"{name}:{sent[name]}" for name in sorted(sent)), "", names, NOTHING]
    scope = f"{stamp[:8]}/{region}/s3/aws4_request"
    digest = hashlib.sha256("\n".join(request).encode()).hexdigest()
    text = "\n".join(["AWS4-HMAC-SHA256", stamp, scope, digest])
    made = f"AWS4{secret}".encode()
    for word in (*scope.split("/"), text):
        made = hmac.digest(made, word.encode(), "sha256")
    sent["Authorization"] = f"AWS4-HMAC-SHA256 Credential={key}/{scope}, SignedHeaders={names}, Signature={made.hex()}"
    del sent["host"]  # the client's own
    return sent
