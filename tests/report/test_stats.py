"""Intervals, tests and limits against values worked out by hand or printed in textbooks."""

from __future__ import annotations

import pytest
from scipy.stats import fisher_exact

from qc_pipeline.report import stats


def test_wilson_interval_of_ten_in_a_hundred() -> None:
    # (0.1 + 3.8415/200) / 1.038415 ± 1.96/1.038415 · √(0.0009 + 3.8415/40000)
    low, high = stats.share_interval(10, 100)
    assert low == pytest.approx(0.0552, abs=5e-5)
    assert high == pytest.approx(0.1744, abs=5e-5)


def test_share_of_nothing_is_no_number() -> None:
    assert stats.share(0, 0) is None
    assert stats.mean([]) is None
    assert stats.share_interval(0, 0) == (0.0, 1.0)


def test_two_proportions_by_the_pooled_z_test() -> None:
    # 30/100 against 15/100: pooled .225, z = .15/√(.225·.775·.02) = 2.5400 → p = .01109
    assert stats.two_proportion_p(30, 100, 15, 100) == pytest.approx(0.01109, abs=2e-5)


@pytest.mark.parametrize(("a", "b"), [((3, 10), (0, 12)), ((1, 9), (8, 10)), ((4, 8), (4, 8))])
def test_small_counts_are_tested_exactly(a: tuple[int, int], b: tuple[int, int]) -> None:
    expected = fisher_exact([[a[0], a[1] - a[0]], [b[0], b[1] - b[0]]]).pvalue
    assert stats.two_proportion_p(*a, *b) == pytest.approx(expected, abs=1e-9)


def test_no_test_without_calls_and_none_needed_where_all_agree() -> None:
    assert stats.two_proportion_p(0, 0, 3, 5) is None
    assert stats.two_proportion_p(0, 20, 0, 30) == 1.0


def test_holm_multiplies_by_the_number_left_and_never_falls() -> None:
    # .01·3 = .03; .02·2 = .04; .03·1 = .03 → raised to .04; None is not counted
    assert stats.holm([0.03, 0.01, None, 0.02]) == pytest.approx((0.04, 0.03, None, 0.04))


def test_individuals_chart_takes_two_point_six_six_mean_moving_ranges() -> None:
    limits = stats.xmr([10, 12, 11, 13, 12, 14], floor=0, ceiling=100)
    assert limits is not None
    assert limits.centre == 12
    # moving ranges 2, 1, 2, 1, 2 → mean 1.6 → 4.256
    assert limits.lower[0] == pytest.approx(12 - 4.256)
    assert limits.upper[0] == pytest.approx(12 + 4.256)
    assert limits.signals == ()


def test_under_six_points_there_are_no_limits() -> None:
    assert stats.xmr([90, 91, 92, 93, 94], floor=0, ceiling=100) is None
    assert stats.p_chart([1, 1, 1, 1, 1], [10] * 5) is None


def test_point_outside_the_limits_and_the_eighth_on_one_side_are_signals() -> None:
    calm = [90.0, 91.0] * 10
    limits = stats.xmr([*calm, 60.0], floor=0, ceiling=100)
    assert limits is not None
    assert 20 in limits.signals
    # Above the centre of 89.25 from the eighth value (98) on: the fifteenth is the eighth of them.
    run = stats.xmr([*[70.0, 98.0] * 4, *[90.0, 99.0] * 4], floor=0, ceiling=100)
    assert run is not None
    assert run.signals == (14, 15)


def test_p_chart_limits_widen_for_small_periods() -> None:
    limits = stats.p_chart([9, 9, 9, 9, 9, 2], [10, 10, 10, 10, 10, 40])
    assert limits is not None
    assert limits.centre == pytest.approx(47 / 90)
    assert limits.lower[0] < limits.lower[5]
    assert 5 in limits.signals  # 2/40 = .05, limit .522 − 3·√(.522·.478/40) = .285
