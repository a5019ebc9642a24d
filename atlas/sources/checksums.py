"""Checksums as STAC's File extension has them: multihashes in hexadecimal."""

from stac_emb.checksums import SHA256

__all__ = ["MULTIHASHES", "SHA256"]

MULTIHASHES = {SHA256: "sha256", "1114": "sha1", "1340": "sha512", "d50110": "md5"}
"""Prefix to the name of the function."""
