"""The outer boxes of an MP4 or M4A file: whether its index is there, and all of its sound.

A recorder writes the index (`moov`) when it is told to stop; where it dies before that, the sound
is there and nobody knows where which of it lies. Source: ISO/IEC 14496-12, section 4.2.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Mp4Boxes:
    """`indexed`: whether the file has an index, or carries one with every piece. `there` and
    `named`: bytes of the last box, as they are there and as it says; equal where it is whole.
    """

    indexed: bool
    there: int
    named: int

    @property
    def whole(self) -> bool:
        return self.there >= self.named


def look_at_mp4(path: Path) -> Mp4Boxes:
    """The file's outer boxes."""
    total = path.stat().st_size
    indexed, at = False, 0
    there = named = 0
    with path.open("rb") as file:
        while at + 8 <= total:
            file.seek(at)
            head = file.read(16)
            size, name = struct.unpack(">I4s", head[:8])
            if size == 1 and len(head) == 16:
                size = struct.unpack(">Q", head[8:])[0]
            elif size == 0:
                size = total - at
            if size < 8:
                break
            indexed = indexed or name in (b"moov", b"moof")
            there, named = min(size, total - at), size
            at += size
    return Mp4Boxes(indexed=indexed, there=there, named=named)
