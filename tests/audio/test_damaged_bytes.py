"""Damaged recordings: read, or one sentence; never another error, and nobody's library speaks.

Files of every container are cut, overwritten, shortened in the middle and blown up, by a seed.
"""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest
import soundfile

from qc_pipeline.audio.decode import Decoded, decode
from qc_pipeline.audio.excerpt import decode_part
from qc_pipeline.errors import RecordingError
from qc_pipeline.message import WORDINGS
from tests.audio.test_decode import LEFT, STEREO, written, written_by_av

TRIES = 30
OWN = {k for k in WORDINGS if k.startswith("audio.")} - {"audio.breaks-off", "audio.unreadable"}
MAKERS = {
    "pcm.wav": lambda p: written(p),
    "alaw.wav": lambda p: written(p, subtype="ALAW"),
    "gsm.wav": lambda p: written(p, LEFT, subtype="GSM610"),
    "a.flac": lambda p: written(p),
    "a.mp3": lambda p: written(p),
    "opus.ogg": lambda p: written(p, format="OGG", subtype="OPUS"),
    "vorbis.ogg": lambda p: written(p, format="OGG", subtype="VORBIS"),
    "two.ogg": lambda p: twice(written(p, format="OGG", subtype="OPUS")),
    "a.amr": lambda p: written_by_av(p, "libopencore_amrnb", LEFT, "s16"),
    "a.m4a": lambda p: written_by_av(p, "aac", STEREO, "fltp"),
    "first.m4a": lambda p: written_by_av(p, "aac", STEREO, "fltp", {"movflags": "faststart"}),
    "a.mka": lambda p: written_by_av(p, "aac", STEREO, "fltp"),
}


def twice(path: Path) -> Path:
    path.write_bytes(path.read_bytes() * 2)
    return path


def damaged(whole: bytes, number: int, rng: random.Random) -> bytes:
    data = bytearray(whole)
    match number % 5:
        case 0:
            del data[rng.randrange(1, len(data)) :]
        case 1:
            for _ in range(rng.randrange(1, 20)):
                data[rng.randrange(len(data))] = rng.randrange(256)
        case 2:
            for _ in range(rng.randrange(1, 6)):
                data[rng.randrange(min(200, len(data)))] = rng.randrange(256)
        case 3:
            start = rng.randrange(len(data))
            del data[start : start + rng.randrange(1, 3_000)]
        case _:
            at = rng.randrange(len(data))
            data[at:at] = rng.randbytes(rng.randrange(1, 2_000))
    return bytes(data)


@pytest.mark.parametrize("name", MAKERS)
def test_damage_is_read_around_or_told_in_a_sentence(
    name: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    whole = MAKERS[name](tmp_path / name).read_bytes()
    rng = random.Random(name)
    path = tmp_path / f"damaged{Path(name).suffix}"
    read: list[Decoded] = []
    for number in range(TRIES):
        path.write_bytes(damaged(whole, number, rng))
        try:
            read.append(decode(path))
            decode_part(path, 0.5, 1.5)
        except RecordingError as error:
            assert error.reason.code in OWN
    for got in read:
        assert got.samples.dtype == np.int16
        assert got.duration_s < 60
        assert {n.code for n in got.notes} <= OWN
        assert {m.reason for m in got.missing} <= set(got.notes)
        assert all(0 <= m.start_s <= m.span[1] for m in got.missing)
    # Something is nearly always left, and most of what is lost is known to be.
    assert len(read) >= TRIES // 5
    assert any(got.missing for got in read)
    assert capfd.readouterr() == ("", "")


def test_a_file_cut_anywhere_says_that_its_end_is_missing(tmp_path: Path) -> None:
    whole = written(tmp_path / "a.ogg", np.tile(STEREO, (5, 1)), format="OGG", subtype="OPUS")
    data = whole.read_bytes()
    for share in (0.3, 0.5, 0.7, 0.9):
        whole.write_bytes(data[: int(len(data) * share)])
        got = decode(whole)
        assert [m.reason.code for m in got.missing] == ["audio.cut-ogg"]
        assert got.duration_s < 15


def test_a_damaged_flac_is_read_by_the_second_decoder(tmp_path: Path) -> None:
    """libsndfile stops at the first broken frame; what comes after it is not lost."""
    path = tmp_path / "a.flac"
    soundfile.write(path, np.tile(STEREO, (5, 1)), 8_000)
    data = bytearray(path.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 400] = bytes(400)
    path.write_bytes(bytes(data))
    got = decode(path)
    assert got.duration_s > 13
    assert [m.reason.code for m in got.missing] != []
