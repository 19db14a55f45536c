"""RIFF headers made by hand: 44 bytes, then sound of two bytes a sample at 8 kHz, mono."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from qc_pipeline.audio.wav_bytes import WavBytes, look_at_wav


def riff(named: int, *, sound: int, rate_hz: int = 8_000, tail: bytes = b"") -> bytes:
    fmt = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, rate_hz, 2 * rate_hz, 2, 16)
    head = b"RIFF" + struct.pack("<I", 36 + named & 0xFFFFFFFF) + b"WAVE" + fmt
    return head + struct.pack("<4sI", b"data", named) + b"\x01" * sound + tail


def look(folder: Path, content: bytes) -> WavBytes:
    path = folder / "a.wav"
    path.write_bytes(content)
    found = look_at_wav(path)
    assert found is not None
    return found


def test_a_whole_file(tmp_path: Path) -> None:
    got = look(tmp_path, riff(32_000, sound=32_000))
    assert (got.named, got.there, got.data_at, got.patches) == (32_000, 32_000, 44, ())
    assert got.seconds(got.there) == 2.0


@pytest.mark.parametrize("mark", [0, 0x7FFFF000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFE, 0xFFFFFFFF])
def test_a_size_that_was_never_meant_is_no_size(tmp_path: Path, mark: int) -> None:
    got = look(tmp_path, riff(mark, sound=32_000))
    assert (got.named, got.there) == (None, 32_000)
    assert (40, struct.pack("<I", 32_000)) in got.patches


def test_more_than_a_day_was_never_meant(tmp_path: Path) -> None:
    """At 16,000 bytes a second a day is 1,382,400,000 bytes; a bit less is a file cut short."""
    assert look(tmp_path, riff(1_382_500_000, sound=32_000)).named is None
    assert look(tmp_path, riff(1_382_300_000, sound=32_000)).named == 1_382_300_000


def test_a_cut_file_names_more_than_is_there(tmp_path: Path) -> None:
    got = look(tmp_path, riff(48_000, sound=32_000))
    assert (got.named, got.there, got.patches) == (48_000, 32_000, ())


def test_sound_goes_on_behind_what_the_header_names(tmp_path: Path) -> None:
    got = look(tmp_path, riff(16_000, sound=48_000))
    assert (got.named, got.there) == (16_000, 48_000)
    assert (4, struct.pack("<I", 48_036)) in got.patches


@pytest.mark.parametrize(
    "tail",
    [
        struct.pack("<4sI", b"LIST", 30_000) + b"x" * 30_000,
        struct.pack("<4sI", b"id3 ", 5)
        + b"x" * 6
        + struct.pack("<4sI", b"LIST", 9_000)
        + b"x" * 9_000,
        b"\x00" * 4_000,
    ],
    ids=["one chunk", "an odd one and another", "a quarter of a second of padding"],
)
def test_what_follows_may_be_no_sound(tmp_path: Path, tail: bytes) -> None:
    got = look(tmp_path, riff(32_000, sound=32_000, tail=tail))
    assert (got.there, got.patches) == (32_000, ())


def test_a_file_that_ends_before_its_sound(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(riff(0, sound=0)[:40])
    assert look_at_wav(path) is None
