"""The arithmetic of RUBRIC.md, worked by hand. Vectors of the field: issue 3, point 3."""

from __future__ import annotations

import pytest

from qc_pipeline.scoring.points import SectionSum, section_sum, total


def one(worth, kept):
    return SectionSum(worth=worth, kept=kept)


def test_weighted_items_of_a_field_form_add_up_to_sixty():
    # 40/20/20/20 with 10/5/5/0 of 10: 40 + 10 + 10 + 0
    section = section_sum(100, [40, 20, 20, 20], [0, 10, 10, 20], fatal=False)
    assert total(100, [section]) == 60


def test_the_last_item_left_out_of_the_denominator_gives_seventy_five():
    # 60 of the 80 points that counted: 100 * 60 / 80
    section = section_sum(100, [40, 20, 20], [0, 10, 10], fatal=False)
    assert total(100, [section]) == 75


def test_one_of_two_forties_lost_leaves_sixty():
    section = section_sum(100, [40, 40, 20], [40], fatal=False)
    assert total(100, [section]) == 60


def test_a_section_never_loses_more_than_its_points():
    # criteria worth 30 in a section of 20; 25 lost cost 20
    assert section_sum(20, [15, 15], [15, 10], fatal=False) == one(20, 0)


def test_a_section_counts_no_more_than_its_criteria_that_count():
    assert section_sum(20, [12], [2], fatal=False) == one(12, 10)


def test_a_section_fatal_zeroes_its_section_of_all_its_points():
    # the other section keeps its 60; the failed one keeps 0 of 40 although only 10 points counted
    failed = section_sum(40, [10], [], fatal=True)
    assert failed == one(40, 0)
    assert total(100, [one(60, 60), failed]) == 60


def test_a_bonus_is_added_last_and_never_lifts_above_the_points():
    assert total(100, [one(100, 90)], bonus=2) == 92
    assert total(100, [one(100, 99)], bonus=2) == 100


def test_nothing_counted_is_no_total():
    assert total(100, [one(0, 0)]) is None
    assert total(100, []) is None


@pytest.mark.parametrize(
    ("worth", "kept", "rounded"),
    [
        (3, 1, 33.33),
        (3, 2, 66.67),
        # 100 * 1 / 800 = 0.125: half up
        (800, 1, 0.13),
        # 100 * 5.0005 / 500 = 1.0001; 100 * 5.025 / 100 = 5.025 -> 5.03 (binary 5.02499…)
        (100, 5.025, 5.03),
        # 84.995 of 100 is 85.00 and passes a mark of 85
        (100, 84.995, 85.0),
    ],
)
def test_rounding_is_half_up_to_two_decimals_and_once(worth, kept, rounded):
    assert total(100, [one(worth, kept)]) == rounded


def test_tenths_add_up_without_binary_dust():
    # ten deductions of 0.1 from 1: exactly nothing left
    assert section_sum(1, [0.1] * 10, [0.1] * 10, fatal=False) == one(1, 0)
