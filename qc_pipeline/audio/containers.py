"""What a sound file's own bytes say: its kind, its exact length, and whether its end is missing.

Only what the decoders leave out is read here: libsndfile quietly plays what there is of a file that
was cut short, and a lost end could hide a closing phrase and cost an agent points.
Sources: RIFF/WAVE (Microsoft 1991), RFC 3533 (Ogg), RFC 4867 section 5 (AMR storage format), the
Xing/Info header as LAME writes it.
"""

from __future__ import annotations

import struct
from pathlib import Path

from qc_pipeline.message import Message

# Bytes of one AMR-NB / AMR-WB frame by frame type, the header byte included (RFC 4867, 3GPP 26.101
# and 26.201); 0: not defined.
_AMR_NB = (13, 14, 16, 18, 20, 21, 27, 32, 6, 0, 0, 0, 0, 0, 0, 1)
_AMR_WB = (18, 24, 33, 37, 41, 47, 51, 59, 61, 6, 0, 0, 0, 0, 1, 1)
_UNKNOWN_SIZES = (0, 0xFFFFFFFF, 0x7FFFFFFF)


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


def missing_end(path: Path, kind: str | None) -> Message | None:
    """How the file was cut short; None when its end is there or cannot be told."""
    match kind:
        case "wav":
            return _wav_missing(path)
        case "ogg":
            return _ogg_missing(path)
        case "amr":
            return None if amr_frames(path)[1] else Message.of("audio.cut-amr")
        case "mp3":
            return _mp3_missing(path)
        case _:
            return None


def amr_frames(path: Path) -> tuple[int, bool]:
    """Number of 20-ms frames in an AMR file, and whether the last one is complete."""
    data = path.read_bytes()
    wide = data.startswith(b"#!AMR-WB\n")
    sizes = _AMR_WB if wide else _AMR_NB
    at = len(b"#!AMR-WB\n") if wide else len(b"#!AMR\n")
    frames = 0
    while at < len(data):
        size = sizes[data[at] >> 3 & 0x0F]
        if size == 0 or at + size > len(data):
            return frames, False
        at += size
        frames += 1
    return frames, True


def _wav_missing(path: Path) -> Message | None:
    total = path.stat().st_size
    with path.open("rb") as file:
        file.seek(12)
        while True:
            header = file.read(8)
            if len(header) < 8:
                return Message.of("audio.cut-wav")
            name, size = struct.unpack("<4sI", header)
            if name == b"data":
                available = total - file.tell()
                # A recorder that could not seek back leaves the size open: not a cut file.
                if size in _UNKNOWN_SIZES or size - available <= 1:
                    return None
                return Message.of("audio.cut-bytes", there=available, size=size)
            file.seek(size + size % 2, 1)


def _ogg_missing(path: Path) -> Message | None:
    total = path.stat().st_size
    with path.open("rb") as file:
        start = max(0, total - 70_000)  # a page has at most 65,307 bytes
        file.seek(start)
        tail = file.read()
    at = tail.rfind(b"OggS")
    if at < 0 or len(tail) < at + 27:
        return Message.of("audio.cut-ogg")
    segments = tail[at + 26]
    table = tail[at + 27 : at + 27 + segments]
    if len(table) < segments or len(tail) < at + 27 + segments + sum(table):
        return Message.of("audio.cut-ogg")
    return None


def _mp3_missing(path: Path) -> Message | None:
    total = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(10)
        skip = 0
        if head[:3] == b"ID3" and len(head) == 10:
            size = head[6] << 21 | head[7] << 14 | head[8] << 7 | head[9]
            skip = size + 10
        file.seek(skip)
        frame = file.read(4_096)
    for mark in (b"Xing", b"Info"):
        at = frame.find(mark, 0, 200)
        if at >= 0 and len(frame) >= at + 16:
            flags = int.from_bytes(frame[at + 4 : at + 8], "big")
            if flags & 3 == 3:
                declared = int.from_bytes(frame[at + 12 : at + 16], "big")
                available = total - skip
                if declared and available < declared * 0.99 - 256:
                    return Message.of("audio.cut-bytes", there=available, size=declared)
    return None
