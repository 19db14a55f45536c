"""Which container a sound file is, by its first bytes.

Sources: RIFF/WAVE (Microsoft 1991), RFC 3533 (Ogg), RFC 4867 section 5 (AMR storage format),
ISO/IEC 14496-12 (MP4), ID3v2.4 section 3.1.
"""

from __future__ import annotations


def kind_of(head: bytes) -> str | None:
    """Short name of the container that begins with `head` (at least 16 bytes), if we know it."""
    if head[:4] in (b"RIFF", b"RF64") and head[8:12] == b"WAVE":
        return "wav"
    if head[:4] == b"OggS":
        return "ogg"
    if head[:4] == b"fLaC":
        return "flac"
    if head.startswith(b"#!AMR"):
        return "amr"
    if head[4:8] == b"ftyp":
        return "m4a"
    if head[:3] == b"ID3" or (len(head) > 1 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0):
        return "mp3"
    return None
