"""Faint noise under the speech, for what a codec at a low rate leaves out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from qc_pipeline.asr.dither import dithered, leaves_holes
from qc_pipeline.asr.load import identify, load_recogniser
from qc_pipeline.asr.options import AsrOptions
from qc_pipeline.audio.decoders import AudioFacts
from tests.asr.tiny_model import scripted_model

HZ = 16_000
ROOT = Path(__file__).parents[2]


def tone_and_silence() -> np.ndarray:
    """A second of a tone of amplitude 0.5 (level 0.3536), then two of silence."""
    tone = 0.5 * np.sin(2 * np.pi * 400 * np.arange(HZ) / HZ)
    return np.concatenate([tone, np.zeros(2 * HZ)]).astype(np.float32)


def test_the_noise_lies_so_far_below_what_is_loud_however_much_is_silent() -> None:
    sound = tone_and_silence()
    added = dithered(sound, -30.0) - sound
    # Of the tone, what is above 2 % of its peak counts: nearly all. 0.3536 / 10 ** 1.5 = 0.01118.
    assert np.sqrt(np.mean(added**2)) == pytest.approx(0.01118, rel=0.03)


def test_the_noise_is_the_same_every_time_and_stays_in_a_telephones_band() -> None:
    sound = tone_and_silence()
    assert np.array_equal(dithered(sound, -30.0), dithered(sound, -30.0))
    power = np.abs(np.fft.rfft(dithered(sound, -30.0) - sound)) ** 2
    above = np.fft.rfftfreq(sound.size, 1 / HZ) > 4_500
    assert power[above].sum() < 1e-4 * power.sum()


@pytest.mark.parametrize(
    ("codec", "holes"),
    [
        ("MP3/MPEG_LAYER_III", True),
        ("mp3/mp3float", True),
        ("OGG/OPUS", False),
        ("WAV/ALAW", False),
    ],
)
def test_mp3_is_known_by_either_librarys_name(codec: str, holes: bool) -> None:
    facts = AudioFacts(duration_s=1.0, channels=2, sample_rate_hz=8_000, codec=codec)
    assert leaves_holes(facts) is holes


@pytest.mark.parametrize("size", [0, 100])
def test_silence_stays_silence(size: int) -> None:
    assert np.array_equal(dithered(np.zeros(size, np.float32), -30.0), np.zeros(size, np.float32))


def test_a_window_longer_than_the_noise_is_filled_to_its_end() -> None:
    sound = np.tile(tone_and_silence(), 12)
    assert np.abs(dithered(sound, -30.0)[-100:]).min() > 0


def test_only_the_sample_model_and_who_asks_for_it_get_noise(tmp_path: Path) -> None:
    """Another model's transcripts keep the identity that they had before there was any."""
    scripted_model(tmp_path / "own", "您好")
    plain, asked = AsrOptions(model="own"), AsrOptions(model="own", dither_db=-40.0)
    assert load_recogniser(plain, tmp_path).dither_db is None
    assert "dither_db" not in identify(plain, tmp_path).options
    assert load_recogniser(asked, tmp_path).dither_db == -40.0
    assert identify(asked, tmp_path).options["dither_db"] == -40.0
    assert identify(AsrOptions(model="sample"), ROOT).options["dither_db"] == -27.0
    assert identify(AsrOptions(model="sample", dither_db=-35.0), ROOT).options["dither_db"] == -35.0


@pytest.mark.parametrize("dither_db", [-14.0, 0.0, -61.0])
def test_noise_that_would_drown_speech_or_be_nothing_is_refused(dither_db: float) -> None:
    with pytest.raises(ValueError, match="dither_db"):
        AsrOptions(dither_db=dither_db)
