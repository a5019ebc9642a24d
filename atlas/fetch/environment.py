"""Endpoints and credentials of object stores, from the environment that AWS's, Google's and GDAL's own programs read.

It is read at each use, as keys may be short-lived.
"""

import configparser
import os
from pathlib import Path

from atlas.fetch.address import split
from atlas.fetch.faults import UrlRefused
from atlas.fetch.guard import host_and_port

__all__ = ["aws_keys", "aws_region", "endpoint_of", "google_token", "reads_unsigned", "typed_hosts"]

_S3 = ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_S3_ENDPOINT")
"""The first two are botocore's, the second for all services; the third is GDAL's, without `https://`."""
_GS = ("STORAGE_EMULATOR_HOST", "CPL_GS_ENDPOINT")
"""Google's client reads the first, GDAL the second."""
_TRUE, _FALSE = {"yes", "true", "on", "1"}, {"no", "false", "off", "0"}


def endpoint_of(href: str) -> str | None:
    """Endpoint, or AWS region, of an `s3://` or `gs://` object; None where the environment names neither.

    Raises:
        UrlRefused: what it names is not an endpoint.
    """
    scheme = split(href).scheme
    if scheme == "gs":
        return _endpoint(_GS)
    if scheme != "s3":
        return None
    return _endpoint(_S3) or _profile("endpoint_url") or aws_region()


def aws_region() -> str | None:
    """The AWS region, from the environment or a profile."""
    return os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or _profile("region")


def _endpoint(names: tuple[str, ...]) -> str | None:
    name = next((name for name in names if os.environ.get(name)), None)
    if name is None:
        return None
    value = os.environ[name].rstrip("/")
    if name == "AWS_S3_ENDPOINT" and "://" not in value:
        value = f"http{'' if _switch('AWS_HTTPS') is False else 's'}://{value}"
    if split(value).scheme not in {"http", "https"} or not split(value).netloc:
        raise UrlRefused(f"{name} is {value!r:.200}, not the URL of an endpoint, such as https://storage.example.org")
    return value


def typed_hosts() -> tuple[str, ...]:
    """`host:port` of the endpoints: the user who set them may have chosen plain http, or a private address."""
    found = (_endpoint(_S3), _profile("endpoint_url"), _endpoint(_GS))
    return tuple(host_and_port(split(one)) for one in found if one)


def reads_unsigned(href: str) -> bool:
    """Whether an object is read without keys: the environment has none, or says not to use them."""
    if split(href).scheme == "gs":
        return _switch("GS_NO_SIGN_REQUEST") is True or not google_token()
    return _switch("AWS_NO_SIGN_REQUEST") is True or aws_keys() is None


def aws_keys() -> tuple[str, str, str | None] | None:
    """Key, secret and token, from the environment or a profile."""
    key, secret = os.environ.get("AWS_ACCESS_KEY_ID"), os.environ.get("AWS_SECRET_ACCESS_KEY")
    if key and secret:
        return key, secret, os.environ.get("AWS_SESSION_TOKEN") or None
    key, secret = _profile("aws_access_key_id"), _profile("aws_secret_access_key")
    return (key, secret, _profile("aws_session_token")) if key and secret else None


def google_token() -> str | None:
    """The access token, as `gcloud auth print-access-token` prints it."""
    return os.environ.get("CLOUDSDK_AUTH_ACCESS_TOKEN") or None


def _switch(name: str) -> bool | None:
    value = os.environ.get(name, "").strip().lower()
    return True if value in _TRUE else False if value in _FALSE else None


def _profile(name: str) -> str | None:
    """A value of the profile in one of AWS's two files; None where it is not there, or a file cannot be read."""
    profile = os.environ.get("AWS_PROFILE") or "default"
    home = Path.home() / ".aws"
    files = {
        os.environ.get("AWS_SHARED_CREDENTIALS_FILE") or home / "credentials": profile,
        os.environ.get("AWS_CONFIG_FILE") or home / "config": profile if profile == "default" else f"profile {profile}",
    }
    for path, section in files.items():
        found = configparser.RawConfigParser()
        try:
            found.read(path, "utf-8")
            return found[section][name]
        except (KeyError, configparser.Error, UnicodeDecodeError):
            continue
    return None
