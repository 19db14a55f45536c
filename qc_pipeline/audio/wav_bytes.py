"""What a WAV file's own bytes say of its sound: how much its header names, how much is there.

A recorder that dies, or writes into a pipe, leaves a size that is not the sound's. Sources:
RIFF/WAVE (Microsoft 1991), EBU Tech 3306 (RF64), and the marks that programs leave where they could
not seek back (SoX 0x7FFFF000, FFmpeg 0xFFFFFFFF, others 0 or 0x7FFFFFFF).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from qc_pipeline.audio.missing_sound import LONGEST_S, SLACK_S

_LEAST_MARK = 0x7FFFF000
_PLAIN = {1, 3, 6, 7, 0xFFFE}  # PCM, float, A-law, µ-law, extensible: one block is one sample
_MOST_TAIL_CHUNKS = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class WavBytes:
    """`named`: bytes of sound by the header, None where it leaves them open; `there`: bytes between
    the header and what follows the sound, or the end of the file. `bytes_a_second` is 0 where the
    header says nothing that can be right. `size_at`: where the size stands.
    """

    size_at: int
    data_at: int
    named: int | None
    there: int
    bytes_a_second: float

    def seconds(self, size: int) -> float | None:
        """How long so many bytes of sound last; None where that cannot be told."""
        return size / self.bytes_a_second if self.bytes_a_second else None

    @property
    def patches(self) -> tuple[tuple[int, bytes], ...]:
        """What must stand in the header for decoders to read all that is there."""
        if self.named is not None and self.named >= self.there:
            return ()
        most = 0xFFFFFFFF
        return (
            (4, struct.pack("<I", min(self.data_at + self.there - 8, most))),
            (self.size_at, struct.pack("<I", min(self.there, most))),
        )


def look_at_wav(path: Path) -> WavBytes | None:
    """What the file says; None where it ends before its sound begins."""
    total = path.stat().st_size
    with path.open("rb") as file:
        wide = file.read(4) == b"RF64"
        file.seek(12)
        per_second = 0.0
        named_wide: int | None = None
        while True:
            header = file.read(8)
            if len(header) < 8:
                return None
            name, size = struct.unpack("<4sI", header)
            if name == b"data":
                break
            body_at = file.tell()
            if name == b"fmt ":
                per_second = _bytes_a_second(file.read(16))
            elif name == b"ds64" and wide:
                body = file.read(16)
                named_wide = struct.unpack("<Q", body[8:])[0] if len(body) == 16 else None
            file.seek(body_at + size + size % 2)
        data_at = file.tell()
        rest = max(total - data_at, 0)
        named: int | None = named_wide if wide and named_wide else size
        if named == 0 or (named is not None and named > rest and _is_mark(named, per_second)):
            named = None
        there = rest
        if named is not None and named < rest:
            more_s = (rest - named) / per_second if per_second else 0.0
            if more_s <= SLACK_S or _only_chunks(file, data_at + named, total):
                there = named
    return WavBytes(
        size_at=data_at - 4,
        data_at=data_at,
        named=named,
        there=there,
        bytes_a_second=per_second,
    )


def _bytes_a_second(fmt: bytes) -> float:
    if len(fmt) < 16:
        return 0.0
    tag, _, rate_hz, average, block, _ = struct.unpack("<HHIIHH", fmt)
    return float(rate_hz * block if tag in _PLAIN and block else average)


def _is_mark(named: int, per_second: float) -> bool:
    """Whether a size that the file does not have is one that was never meant."""
    return named >= _LEAST_MARK or (per_second > 0 and named / per_second > LONGEST_S)


def _only_chunks(file: BinaryIO, at: int, total: int) -> bool:
    """Whether nothing but further chunks of RIFF follows from `at` on."""
    at += at % 2
    for _ in range(_MOST_TAIL_CHUNKS):
        if total - at < 8:
            return at <= total + 1
        file.seek(at)
        name, size = struct.unpack("<4sI", file.read(8))
        if not all(32 <= letter < 127 for letter in name):
            return False
        at += 8 + size + size % 2
    return True
