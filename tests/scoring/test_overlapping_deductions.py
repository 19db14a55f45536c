"""The same words cost only the larger deduction."""

from __future__ import annotations

from qc_pipeline.scoring.overlapping_deductions import CountedDeduction, covered


def deduction(id, points, *facts, section="a", same_fact=None, spans=None):
    return CountedDeduction(
        id=id,
        section=section,
        same_fact=same_fact,
        points=points,
        facts=facts,
        spans=facts if spans is None else spans,
    )


def test_the_smaller_of_two_deductions_for_the_same_words_is_covered():
    assert covered([deduction("small", 2, (1, 2)), deduction("large", 6, (1, 2))]) == {
        "small": "large"
    }


def test_of_equal_deductions_the_earlier_in_the_rubric_counts():
    assert covered([deduction("a", 3, (1, 2)), deduction("b", 3, (1, 2))]) == {"b": "a"}


def test_half_of_the_time_is_the_same_words_and_less_is_not():
    large = deduction("large", 6, (0, 1))
    assert covered([large, deduction("half", 2, (0.5, 1.5))]) == {"half": "large"}
    assert covered([large, deduction("less", 2, (0.6, 1.6))]) == {}


def test_one_of_three_hits_in_the_larger_one_is_not_the_same_fact():
    many = deduction("many", 3, (1, 2), (11, 12), (21, 22))
    assert covered([many, deduction("large", 6, (1, 2))]) == {}


def test_sections_are_apart_unless_a_name_ties_them():
    a, b = deduction("a", 3, (1, 2)), deduction("b", 2, (1, 2), section="b")
    assert covered([a, b]) == {}
    tied = [
        deduction("a", 3, (1, 2), same_fact="rude"),
        deduction("b", 2, (1, 2), section="b", same_fact="rude"),
    ]
    assert covered(tied) == {"b": "a"}


def test_none_unties_a_criterion():
    a, b = deduction("a", 3, (1, 2)), deduction("b", 2, (1, 2), same_fact="none")
    assert covered([a, b]) == {}


def test_what_was_not_said_is_one_fact_only_under_a_common_name():
    first = deduction("a", 3, spans=((0, 10),))
    second = deduction("b", 2, spans=((0, 10),))
    assert covered([first, second]) == {}
    named = [
        deduction("a", 3, spans=((0, 10),), same_fact="opening"),
        deduction("b", 2, spans=((0, 10),), same_fact="opening"),
    ]
    assert covered(named) == {"b": "a"}


def test_a_covered_deduction_covers_nothing_itself():
    chain = [
        deduction("a", 9, (0, 2)),
        deduction("b", 6, (1, 3)),
        deduction("c", 3, (2, 4)),
    ]
    # b is half in a; c is half in b but not in a
    assert covered(chain) == {"b": "a"}
