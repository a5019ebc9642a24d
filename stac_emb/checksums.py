"""Multihashes: a checksum that names its function (https://multiformats.io/multihash/).

Codes and sizes are those of the multicodec table, https://github.com/multiformats/multicodec/blob/master/table.csv.
"""

import re
from collections.abc import Iterator
from typing import Literal

__all__ = ["SHA256", "check_multihash"]

SHA256 = "1220"
"""Prefix of a SHA-256: its code and its length in bytes, in hexadecimal."""

_HEX = re.compile(r"[0-9a-f]+")
_SIZES = {
    0x11: 20,  # SHA-1
    0x12: 32,  # SHA2-256
    0x13: 64,  # SHA2-512
    0x14: 64,  # SHA3-512
    0x15: 48,  # SHA3-384
    0x16: 32,  # SHA3-256
    0x17: 28,  # SHA3-224
    0x18: 32,  # SHAKE-128
    0x19: 64,  # SHAKE-256
    0x1A: 28,  # Keccak-224
    0x1B: 32,  # Keccak-256
    0x1C: 48,  # Keccak-384
    0x1D: 64,  # Keccak-512
    0x20: 48,  # SHA2-384
    0x22: 8,  # Murmur3-x64-64
    0x23: 4,  # Murmur3-32
    0x56: 32,  # double SHA2-256
    0xD4: 16,  # MD4
    0xD5: 16,  # MD5
    0x0132: 4,  # CRC-32
    0x0164: 8,  # CRC-64
    0x1012: 32,  # SHA2-256, 254 bits
    0x1013: 28,  # SHA2-224
    0x1014: 28,  # SHA2-512/224
    0x1015: 32,  # SHA2-512/256
    0x1022: 16,  # Murmur3-128
    0x1052: 16,  # RIPEMD-128
    0x1053: 20,  # RIPEMD-160
    0x1054: 32,  # RIPEMD-256
    0x1055: 40,  # RIPEMD-320
    0x534D: 32,  # SM3
    0xB3E1: 4,  # XXH-32
    0xB3E2: 8,  # XXH-64
    0xB3E3: 8,  # XXH3-64
    0xB3E4: 16,  # XXH3-128
    **{0xB200 + n: n for n in range(1, 65)},  # BLAKE2b of 8 to 512 bits
    **{0xB240 + n: n for n in range(1, 33)},  # BLAKE2s of 8 to 256 bits
    **{0xB300 + n: n for n in range(1, 33)},  # Skein-256
    **{0xB320 + n: n for n in range(1, 65)},  # Skein-512
    **{0xB360 + n: n for n in range(1, 129)},  # Skein-1024
}
"""Bytes of the digest of each function with a fixed size."""
_ANY_SIZE = {0x00, 0x1E, 0x1D01}
"""Functions without a fixed size: identity, BLAKE3 and KangarooTwelve."""


def check_multihash(text: str) -> Iterator[tuple[str, Literal["fault", "advice"]]]:
    """What is wrong with a multihash in hexadecimal digits; a digest may be truncated if its length says so."""
    digits = text.lower()
    if not _HEX.fullmatch(digits) or len(digits) % 2:
        yield "a multihash is written in hexadecimal digits, two for each byte", "fault"
        return
    data = bytes.fromhex(digits)
    code, start = _varint(data, 0)
    size, body = _varint(data, start)
    shown = f"`{text[:12]}{'...' if len(text) > 12 else ''}`"
    unknown = f"{shown} does not start with the code of a known multihash (SHA2-256 is 1220)"
    if code is None or size is None:
        yield unknown, "fault"
        return
    given, prefix = len(data) - body, digits[: 2 * body]
    known = code in _ANY_SIZE or code in _SIZES
    if not known:
        yield unknown, "advice" if given == size else "fault"
    elif given != size:
        yield f"the digest has {2 * given} digits, `{prefix}` announces {2 * size}", "fault"
    elif code in _SIZES and size > _SIZES[code]:
        yield f"`{prefix}` announces {2 * size} digits, the function gives {2 * _SIZES[code]}", "fault"
    elif not size:
        yield "the digest is empty", "fault"


def _varint(data: bytes, start: int) -> tuple[int | None, int]:
    """An unsigned LEB128 number of up to nine bytes, and where the next one begins, or None."""
    value = 0
    for i, byte in enumerate(data[start : start + 9]):
        value |= (byte & 0x7F) << (7 * i)
        if byte < 0x80:
            return value, start + i + 1
    return None, len(data)
