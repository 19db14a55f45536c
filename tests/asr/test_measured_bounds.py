"""Bounds from pairs of confidence and consistency, made by hand."""

from __future__ import annotations

import pytest

from qc_pipeline.asr.consistency import HeardTwice
from qc_pipeline.asr.measured_bounds import (
    LEAST_WORDS,
    MeasuredBounds,
    PartyHeard,
    doubtful_below,
    least_confidence,
    measured_bounds,
    party_heard,
)


def words(confidence: float, *, same: int, other: int = 0) -> list[HeardTwice]:
    return [
        HeardTwice(text="字", confidence=confidence, consistent=n < same)
        for n in range(same + other)
    ]


def party(confidence: float, consistency: float, count: int = 100) -> PartyHeard:
    return PartyHeard(words=count, confidence=confidence, consistency=consistency)


def test_the_bound_is_where_words_become_consistent_enough() -> None:
    # 80 % at 0.70, 92 % at 0.80, all at 0.97; 85 % are asked for.
    found = [
        *words(0.97, same=200),
        *words(0.80, same=92, other=8),
        *words(0.70, same=40, other=10),
    ]
    assert doubtful_below(found) == 0.8
    # With ten more that stay the same it is 50 of 60 at 0.70, with twenty 60 of 70: 86 %, and
    # nothing lies lower.
    assert doubtful_below([*found, *words(0.70, same=10)]) == 0.8
    assert doubtful_below([*found, *words(0.70, same=20)]) == 0.5
    # A bound is a hundredth, upwards.
    assert doubtful_below([*found, *words(0.783, same=50)]) == 0.79


def test_what_falls_where_it_should_rise_is_taken_together() -> None:
    # 90 % at 0.60 and 70 % at 0.70 are 80 % of both: not enough; from 0.90 up all.
    found = [
        *words(0.60, same=90, other=10),
        *words(0.70, same=70, other=30),
        *words(0.90, same=200),
    ]
    assert doubtful_below(found) == 0.9
    # With 80 % at 0.70 it is 85 % of both.
    better = [*words(0.60, same=90, other=10), *words(0.70, same=80, other=20)]
    low = words(0.55, same=10, other=40)
    assert doubtful_below([*low, *better, *words(0.90, same=200)]) == 0.6


def test_the_bound_stays_within_what_is_believed() -> None:
    assert doubtful_below(words(0.99, same=400)) == 0.5
    assert doubtful_below(words(0.99, same=100, other=300)) == 0.95


def test_few_words_measure_nothing() -> None:
    assert doubtful_below(words(0.99, same=LEAST_WORDS - 1)) is None
    assert measured_bounds([words(0.9, same=30)]) == MeasuredBounds(
        doubtful_below=0.85,
        doubtful_measured=False,
        least_confidence=0.6,
        confidence_measured=False,
    )


def test_a_party_is_told_by_its_means() -> None:
    found = party_heard([*words(0.9, same=3), *words(0.5, same=0, other=1)])
    assert found.words == 4
    assert found.confidence == pytest.approx(0.8)
    assert found.consistency == pytest.approx(0.75)
    assert party_heard([]) == PartyHeard(words=0, confidence=0.0, consistency=0.0)


@pytest.mark.parametrize(
    ("parties", "bound"),
    [
        # Apart: in the middle between 0.5 and 0.7.
        ([party(0.4, 0.3), party(0.5, 0.5), party(0.7, 0.8), party(0.9, 0.95)], 0.6),
        ([party(0.7, 0.4), party(0.8, 0.9)], 0.75),
        # Overlapping: 0.5 has 0.64 on the wrong side, 0.77 has 0.6, 0.62 has both; of the two that
        # have one, 0.5 is nearer to the usual bound.
        ([party(0.4, 0.3), party(0.6, 0.9), party(0.64, 0.4), party(0.9, 0.9)], 0.5),
        # All understood: the usual bound, unless one of them lies below it.
        ([party(0.8, 0.9), party(0.7, 0.7)], None),
        ([party(0.8, 0.9), party(0.555, 0.85)], 0.55),
        # None understood: above them all, at the usual bound at least.
        ([party(0.3, 0.2), party(0.5, 0.4)], None),
        ([party(0.3, 0.2), party(0.755, 0.4)], 0.76),
        # Few words tell nothing.
        ([party(0.5, 0.1, count=19), party(0.9, 0.9)], None),
        ([], None),
    ],
)
def test_which_parties_were_understood(parties: list[PartyHeard], bound: float | None) -> None:
    assert least_confidence(parties) == bound


def test_both_are_measured_together() -> None:
    good = words(0.95, same=300)
    bad = words(0.5, same=20, other=80)
    found = measured_bounds([good, bad])
    # 20 % at 0.5, all at 0.95; the parties lie at 0.95 and 0.5.
    assert found == MeasuredBounds(
        doubtful_below=0.95,
        doubtful_measured=True,
        least_confidence=0.72,
        confidence_measured=True,
    )
