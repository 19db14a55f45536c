"""Give an Ogg stream a serial number of ours: libsndfile draws one by the clock."""

from __future__ import annotations

import struct

_POLYNOMIAL = 0x04C11DB7
_HEADER = 27


def _table() -> tuple[int, ...]:
    values: list[int] = []
    for index in range(256):
        value = index << 24
        for _ in range(8):
            value = ((value << 1) ^ _POLYNOMIAL if value & 0x80000000 else value << 1) & 0xFFFFFFFF
        values.append(value)
    return tuple(values)


_CRC = _table()


def with_serial(stream: bytes, serial: int) -> bytes:
    """Return the Ogg stream with `serial` in every page (RFC 3533), checksums made anew.

    Raises ValueError where a page does not begin as one.
    """
    out = bytearray(stream)
    at = 0
    while at < len(out):
        if out[at : at + 4] != b"OggS":
            raise ValueError(f"no Ogg page at byte {at}")
        segments = out[at + 26]
        end = at + _HEADER + segments + sum(out[at + _HEADER : at + _HEADER + segments])
        struct.pack_into("<I", out, at + 14, serial)
        struct.pack_into("<I", out, at + 22, 0)
        crc = 0
        for byte in out[at:end]:
            crc = ((crc << 8) & 0xFFFFFFFF) ^ _CRC[(crc >> 24) ^ byte]
        struct.pack_into("<I", out, at + 22, crc)
        at = end
    return bytes(out)
