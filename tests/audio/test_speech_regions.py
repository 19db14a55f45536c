"""Speech regions against the energy of real telephone channels, worked out here on its own."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest
import soundfile

from qc_pipeline.audio.decode import decode
from qc_pipeline.audio.speech_regions import (
    HOP_S,
    TAKEN_OUT_DB,
    levels_db,
    speech_probabilities,
    speech_regions,
)
from tests.shared_data import REAL_CALLS

FRAME = 160  # 20 ms at 8 kHz


def regions_of(path: Path, channel: int = 0) -> tuple[tuple[float, float], ...]:
    decoded = decode(path)
    return speech_regions(
        speech_probabilities(decoded, channel), levels_db(decoded, channel), decoded.duration_s
    )


def energy_truth(samples: np.ndarray) -> np.ndarray:
    """Frames of speech by energy alone: these channels are silent where their speaker is.

    A frame is loud when it lies less than 35 dB below the channel's loud speech; gaps up to 0.3 s
    are pauses inside speech, what is left under 0.1 s is a click.
    """
    frames = samples[: len(samples) // FRAME * FRAME].reshape(-1, FRAME).astype(np.float64)
    level = 10 * np.log10((frames**2).mean(axis=1) + 1e-10)
    loud = level > np.percentile(level[level > -60], 95) - 35
    for value, longest in ((False, 15), (True, 5)):
        edges = np.flatnonzero(np.diff(loud.astype(int))) + 1
        for start, stop in itertools.pairwise(edges):
            if loud[start] == value and stop - start <= longest:
                loud[start:stop] = not value
    return loud


@pytest.mark.parametrize("party", ["agent", "caller"])
def test_regions_of_real_calls_agree_with_their_energy(party: str) -> None:
    path = REAL_CALLS / f"auto_repairs_40_UTC_{party}.wav"
    if not path.exists():
        pytest.skip(f"no real call at {path}: speech regions NOT checked on real telephone speech")
    samples, _ = soundfile.read(path)
    truth = energy_truth(samples)
    found = np.zeros(len(truth), dtype=bool)
    for start_s, end_s in regions_of(path):
        found[round(start_s / 0.02) : round(end_s / 0.02)] = True
    counted = np.ones(len(truth), dtype=bool)
    for edge in np.flatnonzero(np.diff(truth.astype(int))) + 1:
        counted[max(edge - 10, 0) : edge + 10] = False
    agreement = (found == truth)[counted].mean()
    assert counted.mean() > 0.5
    assert agreement >= 0.95, f"{agreement:.3f} of frames agree"


def test_in_loud_noise_nearly_all_speech_of_a_real_call_is_still_found(tmp_path: Path) -> None:
    """White noise 5 dB below the speech; what is speech is told by the channel without it."""
    path = REAL_CALLS / "auto_repairs_40_UTC_caller.wav"
    if not path.exists():
        pytest.skip(f"no real call at {path}: speech in noise NOT checked on real telephone speech")
    rate = 50 * FRAME
    quiet, _ = soundfile.read(path, start=120 * rate, frames=60 * rate)
    truth = energy_truth(quiet)
    assert truth.mean() > 0.4
    speech_rms = np.sqrt((quiet[np.abs(quiet) > 0.01] ** 2).mean())
    noise = np.random.default_rng(0).normal(0, speech_rms * 10 ** (-5 / 20), len(quiet))
    noisy = quiet + noise
    soundfile.write(tmp_path / "noisy.wav", noisy / np.abs(noisy).max(), rate)
    found = np.zeros(len(truth), dtype=bool)
    for start_s, end_s in regions_of(tmp_path / "noisy.wav"):
        found[round(start_s / 0.02) : round(end_s / 0.02)] = True
    assert found[truth].mean() >= 0.97


def test_a_word_that_starts_with_the_file_is_kept(tmp_path: Path) -> None:
    path = REAL_CALLS / "auto_repairs_40_UTC_agent.wav"
    if not path.exists():
        pytest.skip(f"no real call at {path}: first words NOT checked on real telephone speech")
    samples, rate = soundfile.read(path)
    found = regions_of(path)
    speech_from = next(b for (_, a), (b, _) in itertools.pairwise(found) if b - a > 1.0)
    for cut_s in (0.0, 0.1, 0.25):
        cut = samples[int((speech_from - cut_s) * rate) :][: 4 * rate]
        soundfile.write(tmp_path / "cut.wav", cut, rate)
        start_s, _ = regions_of(tmp_path / "cut.wav")[0]
        assert start_s <= cut_s + 0.1, f"speech at {cut_s} s found at {start_s} s"


def test_silence_and_noise_are_not_speech(tmp_path: Path) -> None:
    quiet = np.zeros(16_000)
    soundfile.write(tmp_path / "silence.wav", quiet, 8_000)
    assert regions_of(tmp_path / "silence.wav") == ()
    hiss = np.random.default_rng(1).normal(0, 0.01, 80_000)
    soundfile.write(tmp_path / "noise.wav", hiss, 8_000)
    assert regions_of(tmp_path / "noise.wav") == ()


def test_a_long_recording_in_pieces_is_heard_as_in_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = REAL_CALLS / "auto_repairs_40_UTC_agent.wav"
    if not path.exists():
        pytest.skip(f"no real call at {path}: long recordings NOT checked")
    decoded = decode(path)
    pieces = speech_probabilities(decoded, 0)
    monkeypatch.setattr("qc_pipeline.audio.speech_regions._BLOCK_HOPS", 10_000)
    whole = speech_probabilities(decoded, 0)
    assert len(whole) > 7_600  # eight pieces
    assert pieces == pytest.approx(whole, abs=1e-4)


def test_a_level_is_the_root_mean_square_of_its_hop(tmp_path: Path) -> None:
    # A full-scale square wave has 0 dB, a tenth of it -20 dB.
    samples = np.concatenate([np.full(8_000, 0.1), np.full(8_000, 0.01)])
    samples[::2] *= -1
    soundfile.write(tmp_path / "steps.wav", samples, 8_000, subtype="PCM_16")
    levels = levels_db(decode(tmp_path / "steps.wav"), 0)
    assert len(levels) == -(-32_000 // 512)
    assert levels[5] == pytest.approx(-20, abs=0.05)
    assert levels[int(1.5 / HOP_S)] == pytest.approx(-40, abs=0.05)


def test_short_pauses_stay_inside_a_region_and_long_ones_split_it() -> None:
    levels = np.full(100, -20, dtype=np.float32)
    probabilities = np.zeros(100, dtype=np.float32)
    probabilities[10:30] = 0.9
    probabilities[34:50] = 0.9  # 4 hops = 0.128 s of doubt
    probabilities[70:80] = 0.9  # 20 hops = 0.64 s
    levels[probabilities == 0] = -70
    assert speech_regions(probabilities, levels, 3.2) == (
        (pytest.approx(0.32), pytest.approx(1.6)),
        (pytest.approx(2.24), pytest.approx(2.56)),
    )


@pytest.mark.parametrize(
    ("likely", "start_s"),
    [
        # From 0.35 on the detector's word counts, before it is sure of it: 0.32 s = 10 hops.
        (0.36, 0.32),
        (0.4, 0.32),
        (0.49, 0.32),
        # Below, the region begins where the detector is sure: 22 hops = 0.704 s, which are 8 hops
        # (`reach_s`, 0.26 s) of sound before the 30th.
        (0.34, 0.704),
        (0.25, 0.704),
    ],
)
def test_a_region_begins_where_speech_gets_likely_not_where_it_is_sure(
    likely: float, start_s: float
) -> None:
    probabilities = np.zeros(100, dtype=np.float32)
    probabilities[10:30] = likely
    probabilities[30:50] = 0.9
    # One loudness throughout and nothing around it: nothing stands out, the detector alone tells.
    levels = np.full(100, TAKEN_OUT_DB, dtype=np.float32)
    levels[10:50] = -20
    assert speech_regions(probabilities, levels, 3.2) == (
        (pytest.approx(start_s), pytest.approx(1.6)),
    )


def test_what_the_detector_is_never_sure_of_is_noise() -> None:
    probabilities = np.full(50, 0.45, dtype=np.float32)
    assert speech_regions(probabilities, np.full(50, -20, dtype=np.float32), 1.6) == ()
