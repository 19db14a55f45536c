"""Packing regions into windows and finding the way back."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qc_pipeline.asr.windows import AudioWindow, Stretch, evenly, pack
from qc_pipeline.audio.speech_regions import HOP_S


def sure(duration_s: float) -> np.ndarray:
    return np.full(int(duration_s / HOP_S) + 1, 0.9, dtype=np.float32)


def test_regions_far_apart_are_laid_together_with_a_seam() -> None:
    (window,) = pack([(1.0, 2.0), (10.0, 11.0)], sure(20), 20.0, 30.0)
    # 0.2 s of sound before and after each, 0.25 s of silence between.
    assert window.stretches == (
        Stretch(start_s=0.8, end_s=2.2, at_s=0.0),
        Stretch(start_s=9.8, end_s=11.2, at_s=pytest.approx(1.65)),
    )
    assert window.regions == ((1.0, 2.0), (10.0, 11.0))
    assert window.to_recording(0.5) == pytest.approx(1.3)
    assert window.to_recording(2.65) == pytest.approx(10.8)


def test_regions_close_together_keep_their_pause() -> None:
    (window,) = pack([(1.0, 2.0), (2.5, 3.0)], sure(5), 5.0, 30.0)
    assert window.stretches == (Stretch(start_s=0.8, end_s=3.2, at_s=0.0),)


def test_the_first_sound_of_a_recording_is_in_its_window() -> None:
    (window,) = pack([(0.1, 1.0)], sure(3), 3.0, 30.0)
    assert window.stretches[0].start_s == 0.0


def test_a_seam_belongs_to_its_nearer_side() -> None:
    window = AudioWindow(
        stretches=(
            Stretch(start_s=1.0, end_s=2.0, at_s=0.0),
            Stretch(start_s=9.0, end_s=10.0, at_s=1.4),
        ),
        regions=((1.1, 1.9), (9.1, 9.9)),
    )
    assert window.to_recording(1.1) == 2.0
    assert window.to_recording(1.3) == 9.0
    assert window.to_recording(99.0) == 10.0


def test_regions_lie_closer_where_that_saves_a_whole_window() -> None:
    """18 answers of 1.3 s, six seconds apart.

    With 0.2 s around each and 0.25 s between they take 34.9 s, with 0.15 s everywhere 31.4 s, with
    0.1 s everywhere 28.7 s.
    """
    regions = [(float(i * 6 + 1), i * 6 + 2.3) for i in range(18)]
    (whole,) = pack(regions, sure(110), 110.0, 30.0)
    assert whole.length_s == pytest.approx(28.7)
    assert whole.stretches[1] == Stretch(
        start_s=pytest.approx(6.9), end_s=pytest.approx(8.4), at_s=pytest.approx(1.6)
    )
    # One answer less than fits by 0.15 s everywhere, which is enough then: 16 take 27.85 s.
    (less,) = pack(regions[:16], sure(110), 110.0, 30.0)
    assert less.length_s == pytest.approx(27.85)
    # Shorter windows were set to be heard better: never more than seven in 15 s (13.4 s).
    short = pack(regions, sure(110), 110.0, 15.0)
    assert len(short) == 3
    assert short[0].stretches[0].start_s == pytest.approx(0.8)


def test_windows_are_as_few_as_can_be_and_evenly_filled() -> None:
    regions = [(float(i * 10), float(i * 10 + 8)) for i in range(4)]
    windows = pack(regions, sure(50), 50.0, 30.0)
    # 8.4 s each with padding (8.2 for the first): four do not fit into 30 s; three and one would,
    # and so do two and two.
    assert [len(w.regions) for w in windows] == [2, 2]


def test_a_long_region_is_divided_where_speech_is_least_sure() -> None:
    probabilities = sure(60)
    probabilities[int(24.0 / HOP_S)] = 0.1
    windows = pack([(0.0, 50.0)], probabilities, 60.0, 30.0)
    assert [len(w.regions) for w in windows] == [1, 1]
    assert windows[0].regions[0][1] == pytest.approx(24.0, abs=HOP_S)
    assert windows[1].regions[0] == (windows[0].regions[0][1], 50.0)


# Without a time limit for each example, which a busy machine breaks.
@settings(deadline=None)
@given(
    st.lists(st.tuples(st.floats(0.05, 40), st.floats(0.1, 45)), min_size=1, max_size=30),
    st.sampled_from([5.0, 15.0, 30.0]),
)
def test_all_speech_is_in_windows_once_and_none_is_too_long(
    gaps_and_lengths: list[tuple[float, float]], window_s: float
) -> None:
    regions, at = [], 0.0
    for gap, length in gaps_and_lengths:
        regions.append((at + gap, at + gap + length))
        at += gap + length
    windows = pack(regions, sure(at + 1), at + 1, window_s)
    assert all(w.length_s <= window_s + 1e-6 for w in windows)
    packed = [r for w in windows for r in w.regions]
    assert sum(b - a for a, b in packed) == pytest.approx(sum(b - a for a, b in regions))
    assert packed == sorted(packed)
    for window in windows:
        for start_s, end_s in window.regions:
            assert any(
                s.start_s - 1e-6 <= start_s and end_s <= s.end_s + 1e-6 for s in window.stretches
            )
        for stretch in window.stretches:
            middle = stretch.at_s + stretch.length_s / 2
            expected = (stretch.start_s + stretch.end_s) / 2
            assert window.to_recording(middle) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("items", "count", "lengths"),
    [(7, 2, [4, 3]), (13, 2, [7, 6]), (8, 4, [2, 2, 2, 2]), (3, 3, [1, 1, 1]), (0, 0, [])],
)
def test_parts_are_even_and_the_first_is_the_longest(
    items: int, count: int, lengths: list[int]
) -> None:
    parts = evenly(range(items), count)
    assert [len(part) for part in parts] == lengths
    assert [item for part in parts for item in part] == list(range(items))
