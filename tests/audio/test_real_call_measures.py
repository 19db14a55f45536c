"""Measures of a real call stay what they are when the call is coded, resampled or made louder."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest
import soundfile
from scipy.signal import resample_poly

from qc_pipeline.audio.decode import decode
from qc_pipeline.audio.measures import measure
from qc_pipeline.audio.speakers import find_voices
from qc_pipeline.call import AsrIdentity, Measures, Speaker, Transcript, Turn
from tests.shared_data import REAL_CALLS

PARTIES = tuple(Speaker)


def write_as_is(path: Path, sound: np.ndarray, rate: int) -> Path:
    soundfile.write(path.with_suffix(".wav"), sound, rate, subtype="PCM_16")
    return path.with_suffix(".wav")


def mp3(path: Path, sound: np.ndarray, rate: int) -> Path:
    """16 kbit/s for both channels."""
    target = path.with_suffix(".mp3")
    soundfile.write(target, sound, rate, compression_level=0.86, bitrate_mode="CONSTANT")
    return target


def a_law(path: Path, sound: np.ndarray, rate: int) -> Path:
    soundfile.write(path.with_suffix(".wav"), sound, rate, subtype="ALAW")
    return path.with_suffix(".wav")


def at_16k(path: Path, sound: np.ndarray, rate: int) -> Path:
    return write_as_is(path, resample_poly(sound, 2, 1, axis=0), 2 * rate)


def quieter(path: Path, sound: np.ndarray, rate: int) -> Path:
    return write_as_is(path, sound * 10 ** (-6 / 20), rate)


def louder(path: Path, sound: np.ndarray, rate: int) -> Path:
    return write_as_is(path, sound * 10 ** (6 / 20), rate)


@pytest.fixture(scope="module")
def real_sound() -> tuple[np.ndarray, int]:
    paths = [REAL_CALLS / f"auto_repairs_40_UTC_{party}.wav" for party in ("agent", "caller")]
    if not all(p.exists() for p in paths):
        pytest.skip(
            f"no real call under {REAL_CALLS}: stability of measures NOT checked on real speech"
        )
    spoken = [soundfile.read(p) for p in paths]
    length = min(len(s) for s, _ in spoken)
    # The louder copy must have room: the call itself is taken 6 dB down.
    return np.stack([s[:length] for s, _ in spoken], axis=1) / 2, spoken[0][1]


def measured(path: Path) -> Measures:
    """The measures of a recording; its turns are the detector's regions (nothing is recognised)."""
    voices = find_voices(decode(path), "left")
    turns = tuple(
        Turn(speaker=party, start_s=a, end_s=b, text="word")
        for number, party in enumerate(PARTIES)
        for a, b in voices.pair[number].regions
    )
    heard = Transcript(
        recording_id="real",
        language="en",
        duration_s=voices.decoded.duration_s,
        asr=AsrIdentity(backend="none", model="none"),
        turns=tuple(sorted(turns, key=lambda t: (t.start_s, t.speaker))),
        speech={s: voices.pair[i].regions for i, s in enumerate(PARTIES)},
        channels={s: voices.pair[i].state for i, s in enumerate(PARTIES)},
    )
    return measure(
        {s: voices.decoded.samples[i] for i, s in enumerate(PARTIES)},
        voices.decoded.sample_rate_hz,
        heard,
        {s: voices.pair[i].signals for i, s in enumerate(PARTIES)},
    )


@pytest.fixture(scope="module")
def original(
    real_sound: tuple[np.ndarray, int], tmp_path_factory: pytest.TempPathFactory
) -> Measures:
    return measured(write_as_is(tmp_path_factory.mktemp("real") / "real", *real_sound))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("change", "gain_db"), [(mp3, 0), (a_law, 0), (at_16k, 0), (quieter, -6), (louder, 6)]
)
def test_measures_of_a_real_call_stay_as_they_are(
    change: Callable[[Path, np.ndarray, int], Path],
    gain_db: float,
    real_sound: tuple[np.ndarray, int],
    original: Measures,
    tmp_path: Path,
) -> None:
    got = measured(change(tmp_path / "changed", *real_sound))
    for party in PARTIES:
        mine, his = got.speakers[party], original.speakers[party]
        # Every time, single ones and sums, at every gain; and the share that follows from them.
        assert times(mine).keys() == times(his).keys()
        same(mine, his, (*times(his), "talk_share"), rel=0.05)
        same(mine, his, ("pitch_range_st",), abs=0.5)
        assert 12 * abs(np.log2(mine["pitch_hz"] / his["pitch_hz"])) <= 0.5
        assert mine["level_db"] == pytest.approx(his["level_db"] + gain_db, abs=1.0)
    same(got.call, original.call, tuple(times(original.call)), rel=0.05)
    same(got.call, original.call, ("level_difference_db",), abs=1.0)
    assert "signals" not in got.events


def times(figures: Mapping[str, float]) -> dict[str, float]:
    return {name: value for name, value in figures.items() if name.endswith("_s")}


def same(
    got: Mapping[str, float], wanted: Mapping[str, float], names: tuple[str, ...], **limit: float
) -> None:
    for name in names:
        assert got[name] == pytest.approx(wanted[name], **limit), name


def test_the_times_compared_are_those_of_talk_answers_silence_and_overlap(
    original: Measures,
) -> None:
    assert times(original.call).keys() >= {"silence_s", "silence_longest_s", "overlap_s"}
    for party in PARTIES:
        assert times(original.speakers[party]).keys() >= {
            "talk_s",
            "longest_turn_s",
            "response_first_s",
            "response_longest_s",
            "silence_after_s",
            "silence_after_longest_s",
        }


def test_nothing_in_a_real_call_is_taken_for_music_or_a_tone(original: Measures) -> None:
    assert "signals" not in original.events
