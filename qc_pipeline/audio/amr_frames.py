"""The frames of an AMR file, counted: its headers say nothing of its length.

Source: RFC 4867 section 5 (storage format), 3GPP 26.101 and 26.201 (sizes).
"""

from __future__ import annotations

from pathlib import Path

# Bytes of one AMR-NB / AMR-WB frame by frame type, the header byte included; 0: not defined.
_AMR_NB = (13, 14, 16, 18, 20, 21, 27, 32, 6, 0, 0, 0, 0, 0, 0, 1)
_AMR_WB = (18, 24, 33, 37, 41, 47, 51, 59, 61, 6, 0, 0, 0, 0, 1, 1)
FRAME_S = 0.02


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
