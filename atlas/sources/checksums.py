"""Checksums as STAC's File extension has them: multihashes in hexadecimal."""

__all__ = ["MULTIHASHES", "SHA256"]

SHA256 = "1220"
"""What stands before a SHA-256: its code and its length in bytes."""
MULTIHASHES = {SHA256: "sha256", "1114": "sha1", "1340": "sha512", "d50110": "md5"}
"""Prefix to the name of the function."""
