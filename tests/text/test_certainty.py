"""How sure a hit or an absence is."""

import pytest

from qc_pipeline.text.certainty import (
    TIER_FACTORS,
    absence_certainty,
    geometric_mean,
    hit_certainty,
)


def test_factors_are_those_of_the_rubric_language() -> None:
    assert [TIER_FACTORS[t] for t in (1, 2, 3, 4)] == [1.0, 0.9, 0.8, 0.5]


def test_geometric_mean_of_two_confidences() -> None:
    assert geometric_mean([0.9, 0.4]) == pytest.approx(0.6)  # sqrt(0.36)


def test_no_confidences_are_certain_and_one_of_zero_is_none() -> None:
    assert geometric_mean([]) == 1.0
    assert geometric_mean([0.9, 0.0]) == 0.0


def test_hit_certainty_is_factor_times_mean() -> None:
    assert hit_certainty(3, [0.5, 0.5]) == pytest.approx(0.4)


def test_absence_is_weighted_by_time_and_unheard_speech_counts_nothing() -> None:
    assert absence_certainty([(3.0, 0.9), (1.0, 0.0)]) == pytest.approx(0.675)
    assert absence_certainty([]) == 1.0
    assert absence_certainty([(0.0, 0.1)]) == 1.0
