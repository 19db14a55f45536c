"""Give an Ogg/Opus stream a serial number of ours, and a stereo stream its proper mapping."""

from __future__ import annotations

import struct

_POLYNOMIAL = 0x04C11DB7
_HEADER = 27
_HEAD = b"OpusHead"
_FAMILY_AT, _CHANNELS_AT = 18, 9


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

    Muxers draw the number by chance, and the same sound shall be the same file. A stream of two
    channels in mapping family 255 (no meaning) becomes one in family 1 (left, right; RFC 7845,
    5.1.1.2), which more players know; its two streams and their order stay.
    Raises ValueError where a page does not begin as one.
    """
    out = bytearray(stream)
    at = 0
    while at < len(out):
        if out[at : at + 4] != b"OggS":
            raise ValueError(f"no Ogg page at byte {at}")
        segments = out[at + 26]
        end = at + _HEADER + segments + sum(out[at + _HEADER : at + _HEADER + segments])
        body = at + _HEADER + segments
        if out[body : body + len(_HEAD)] == _HEAD:
            unknown = out[body + _FAMILY_AT] == 255 and out[body + _CHANNELS_AT] == 2
            out[body + _FAMILY_AT] = 1 if unknown else out[body + _FAMILY_AT]
        struct.pack_into("<I", out, at + 14, serial)
        struct.pack_into("<I", out, at + 22, 0)
        crc = 0
        for byte in out[at:end]:
            crc = ((crc << 8) & 0xFFFFFFFF) ^ _CRC[(crc >> 24) ^ byte]
        struct.pack_into("<I", out, at + 22, crc)
        at = end
    return bytes(out)
