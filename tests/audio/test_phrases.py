"""Speech cut into phrases at the pauses in it."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest
import soundfile

from qc_pipeline.audio.decode import decode
from qc_pipeline.audio.phrases import Phrases, phrases_of
from tests.audio.speechlike import RATE_HZ, at, speech


def heard(
    path: Path, parts: list[tuple[float, np.ndarray]], *regions: tuple[float, float]
) -> Phrases:
    soundfile.write(path, at(parts, regions[-1][1] + 1), RATE_HZ)
    return phrases_of(decode(path), 0, regions)


def test_a_pause_inside_a_region_divides_two_phrases(tmp_path: Path) -> None:
    """1.2 s, 0.15 s of nothing, 1.2 s: cut in the middle of the pause, at 1.0 + 1.275 s."""
    parts = [(1.0, speech(1.2, seed=1)), (2.35, speech(1.2, seed=2))]
    found = heard(tmp_path / "a.wav", parts, (1.0, 3.55))
    assert (
        pytest.approx(
            min((start for start, _ in found.spans), key=lambda s: abs(s - 2.275)), abs=0.06
        )
        == 2.275
    )
    # Nothing of the region is left out, nothing given twice.
    assert found.spans[0][0] == 1.0
    assert found.spans[-1][1] == 3.55
    assert all(a[1] == pytest.approx(b[0]) for a, b in itertools.pairwise(found.spans))


def test_no_phrase_is_longer_than_one_breath_nor_shorter_than_a_word(tmp_path: Path) -> None:
    found = heard(tmp_path / "a.wav", [(0.5, speech(9.0, seed=3))], (0.5, 9.5))
    assert len(found.pieces) >= 4
    assert found.lengths_s.max() <= 2.5
    assert found.lengths_s.min() >= 0.35


def test_level_and_pitch_of_a_phrase_are_its_own(tmp_path: Path) -> None:
    loud, soft = speech(1.0, pitch_hz=110, seed=5), speech(1.0, pitch_hz=210, seed=6) * 0.25
    found = heard(tmp_path / "a.wav", [(0.5, loud), (2.5, soft)], (0.5, 1.5), (2.5, 3.5))
    first = found.features[[p.region == 0 for p in found.pieces]].mean(axis=0)
    second = found.features[[p.region == 1 for p in found.pieces]].mean(axis=0)
    # A quarter of the amplitude: 12 dB.
    assert first[0] - second[0] == pytest.approx(12, abs=3)
    assert np.exp(first[1]) == pytest.approx(110, rel=0.15)
    assert np.exp(second[1]) == pytest.approx(210, rel=0.15)


def test_pauses_are_told_between_regions_and_not_inside(tmp_path: Path) -> None:
    parts = [(0.5, speech(1.0, seed=1)), (2.1, speech(1.0, seed=2))]
    found = heard(tmp_path / "a.wav", parts, (0.5, 1.5), (2.1, 3.1))
    pauses = found.pauses_s
    assert [p for p in pauses if p > 0] == [pytest.approx(0.6)]


def test_of_no_speech_there_are_no_phrases(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", np.zeros(RATE_HZ), RATE_HZ)
    found = phrases_of(decode(tmp_path / "a.wav"), 0, ())
    assert (found.pieces, found.spans) == ((), [])
