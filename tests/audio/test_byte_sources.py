"""Views of a file: parts of it as one, with bytes put right."""

from __future__ import annotations

import io
import random
from pathlib import Path
from typing import BinaryIO

import pytest

from qc_pipeline.audio.byte_sources import ByteSource

CONTENT = bytes(range(256)) * 4


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "a"
    file.write_bytes(CONTENT)
    return file


def opened(source: ByteSource) -> BinaryIO:
    file = source.open()
    assert not isinstance(file, str)
    return file


def test_a_file_as_it_is_is_named(path: Path) -> None:
    assert ByteSource(path=path).open() == str(path)


def test_parts_are_read_as_one_from_anywhere(path: Path) -> None:
    source = ByteSource(
        path=path, spans=((10, 20), (100, 101), (500, 900)), patches=((12, b"AB"), (700, b"C" * 9))
    )
    patched = bytearray(CONTENT)
    patched[12:14] = b"AB"
    patched[700:709] = b"C" * 9
    expected = bytes(patched[10:20] + patched[100:101] + patched[500:900])
    with opened(source) as file:
        assert file.read() == expected
        rng = random.Random(1)
        for _ in range(200):
            at, size = rng.randrange(420), rng.randrange(60)
            file.seek(at)
            assert file.read(size) == expected[at : at + size]
        assert file.seek(-3, io.SEEK_END) == len(expected) - 3
        assert file.read(10) == expected[-3:]


def test_a_patch_across_two_reads(path: Path) -> None:
    source = ByteSource(path=path, patches=((5, b"XYZ"),))
    with opened(source) as file:
        raw = file.raw  # type: ignore[attr-defined]
        pieces = [bytearray(6), bytearray(6)]
        for piece in pieces:
            assert raw.readinto(piece) == 6
        assert b"".join(pieces)[5:8] == b"XYZ"
    assert path.read_bytes() == CONTENT
