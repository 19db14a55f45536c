"""MP3 frames made by hand: MPEG 2.5, layer III, 8 kHz: 576 samples, 72 ms each.

At 16 kbit/s a frame has 72 · 16,000 / 8,000 = 144 bytes, at 64 kbit/s 576.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from qc_pipeline.audio.mp3_frames import Mp3Frames, look_at_mp3

# 0xFF 0xE3: sync, MPEG 2.5, layer III, no check. Rate index 2 is 16 kbit/s, 8 is 64; 2 << 2: 8 kHz.
MONO_16 = bytes([0xFF, 0xE3, 2 << 4 | 2 << 2, 3 << 6]) + bytes(140)
STEREO_16 = bytes([0xFF, 0xE3, 2 << 4 | 2 << 2, 0]) + bytes(140)
STEREO_64 = bytes([0xFF, 0xE3, 8 << 4 | 2 << 2, 0]) + bytes(572)


def xing(frames: int, *, padding: int = 0) -> bytes:
    """A first frame that names frames; behind the side information of 17 bytes of stereo."""
    body = bytearray(STEREO_64)
    tag = b"Info" + (1).to_bytes(4, "big") + frames.to_bytes(4, "big")
    tag += b"LAME3.100" + bytes(12) + padding.to_bytes(3, "big")
    body[21 : 21 + len(tag)] = tag
    return bytes(body)


def look(folder: Path, content: bytes) -> Mp3Frames | None:
    path = folder / "a.mp3"
    path.write_bytes(content)
    return look_at_mp3(path)


def test_frames_are_counted_whatever_their_rate(tmp_path: Path) -> None:
    got = look(tmp_path, STEREO_16 * 10 + STEREO_64 * 90)
    assert got == Mp3Frames(
        length_s=pytest.approx(7.2),
        named_s=None,
        rate_hz=8_000,
        channels=2,
        mixed=False,
        whole=True,
        damaged=(),
    )


def test_one_channel_and_then_two(tmp_path: Path) -> None:
    got = look(tmp_path, MONO_16 * 10 + STEREO_16 * 10)
    assert got is not None
    assert (got.channels, got.mixed) == (2, True)


def test_a_header_names_frames_and_is_none_itself(tmp_path: Path) -> None:
    got = look(tmp_path, xing(100) + STEREO_64 * 60)
    assert got is not None
    assert (got.length_s, got.named_s) == (pytest.approx(4.32), pytest.approx(7.2))


def test_what_the_encoder_put_around_the_sound_is_no_sound(tmp_path: Path) -> None:
    """576 samples before it and 1,024 behind: 0.2 s."""
    got = look(tmp_path, xing(100, padding=576 << 12 | 1_024) + STEREO_64 * 100)
    assert got is not None
    assert (got.length_s, got.named_s) == (pytest.approx(7.0), pytest.approx(7.0))


def test_a_last_frame_that_is_cut(tmp_path: Path) -> None:
    got = look(tmp_path, (STEREO_64 * 10)[:-50])
    assert got is not None
    assert (got.whole, got.length_s) == (False, pytest.approx(0.648))


@pytest.mark.parametrize("tail", [b"TAG" + bytes(125), b"APETAGEX" + bytes(40), bytes(30)])
def test_tags_behind_the_sound_are_no_damage(tmp_path: Path, tail: bytes) -> None:
    head = b"ID3\x04\x00\x00\x00\x00\x01\x00" + bytes(128)
    got = look(tmp_path, head + STEREO_64 * 10 + tail)
    assert got is not None
    assert (got.whole, got.damaged, got.length_s) == (True, (), pytest.approx(0.72))


def test_what_is_no_frame_between_frames_is_damage(tmp_path: Path) -> None:
    got = look(tmp_path, STEREO_64 * 10 + b"\x55" * 2_000 + STEREO_64 * 10)
    assert got is not None
    assert got.damaged == ((pytest.approx(0.72), 2_000),)
    assert got.length_s == pytest.approx(1.44)


def test_no_frame_at_all(tmp_path: Path) -> None:
    assert look(tmp_path, b"\xff\xf1" + bytes(500)) is None
