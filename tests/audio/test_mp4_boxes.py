"""Outer boxes of MP4 files made by hand."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from qc_pipeline.audio.mp4_boxes import look_at_mp4


def box(name: bytes, size: int) -> bytes:
    return struct.pack(">I4s", size, name) + bytes(size - 8)


def wide(name: bytes, size: int) -> bytes:
    return struct.pack(">I4sQ", 1, name, size) + bytes(size - 16)


@pytest.mark.parametrize(
    ("content", "indexed", "whole"),
    [
        (box(b"ftyp", 24) + box(b"mdat", 500) + box(b"moov", 90), True, True),
        (box(b"ftyp", 24) + wide(b"mdat", 500) + box(b"moov", 90), True, True),
        (box(b"ftyp", 24) + box(b"moof", 60) + box(b"mdat", 500), True, True),
        (box(b"ftyp", 24) + box(b"mdat", 500), False, True),
        ((box(b"ftyp", 24) + box(b"moov", 90) + box(b"mdat", 500))[:-100], True, False),
        (box(b"ftyp", 24) + struct.pack(">I4s", 0, b"mdat") + bytes(70), False, True),
        (box(b"ftyp", 24) + struct.pack(">I4s", 3, b"mdat") + bytes(70), False, True),
    ],
    ids=["whole", "64-bit size", "in pieces", "no index", "cut", "open to the end", "impossible"],
)
def test_boxes(tmp_path: Path, content: bytes, indexed: bool, whole: bool) -> None:
    path = tmp_path / "a.m4a"
    path.write_bytes(content)
    got = look_at_mp4(path)
    assert (got.indexed, got.whole) == (indexed, whole)
