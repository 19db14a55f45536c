"""The four-valued logic, all combinations of two parts, and what it makes of certainty."""

from __future__ import annotations

import itertools

import pytest

from qc_pipeline.scoring.evidence.outcome import Outcome, State
from qc_pipeline.scoring.operators import combine

H, N, U, X = State.HOLDS, State.NOT, State.UNKNOWN, State.NEVER

ALL = {
    (H, H): H, (H, N): N, (H, U): U, (H, X): H,
    (N, N): N, (N, U): N, (N, X): N,
    (U, U): U, (U, X): U,
    (X, X): X,
}  # fmt: skip
ANY = {
    (H, H): H, (H, N): H, (H, U): H, (H, X): H,
    (N, N): N, (N, U): U, (N, X): N,
    (U, U): U, (U, X): U,
    (X, X): X,
}  # fmt: skip


def outcome(state: State, certainty: float = 1.0, sure: bool = True) -> Outcome:
    return Outcome(state=state, certainty=certainty, sure=sure)


@pytest.mark.parametrize(("a", "b"), list(itertools.product(State, repeat=2)))
def test_all_and_any_of_two(a, b):
    key = tuple(sorted((a, b), key=[H, N, U, X].index))
    assert combine.every([outcome(a), outcome(b)]).state is ALL[key]
    assert combine.some([outcome(a), outcome(b)]).state is ANY[key]


def test_not_swaps_the_first_two_and_keeps_the_rest():
    assert [combine.opposite(outcome(s)).state for s in (H, N, U, X)] == [N, H, U, X]


def test_what_must_all_be_so_is_as_sure_as_the_least():
    both = combine.every([outcome(H, 0.9), outcome(H, 0.5, sure=False)])
    assert (both.certainty, both.sure) == (0.5, False)
    neither = combine.some([outcome(N, 0.9), outcome(N, 0.5, sure=False)])
    assert (neither.certainty, neither.sure) == (0.5, False)


def test_of_alternatives_the_greatest_counts():
    one = combine.every([outcome(N, 0.9), outcome(N, 0.5, sure=False)])
    assert (one.certainty, one.sure) == (0.9, True)
    either = combine.some([outcome(H, 0.9), outcome(H, 0.5, sure=False)])
    assert (either.certainty, either.sure) == (0.9, True)


def test_all_keeps_its_members_for_each_missing():
    parts = [outcome(H), outcome(N), outcome(X)]
    assert combine.every(parts).parts == tuple(parts)
