"""Controlled rounding: up or down, totals kept, means kept."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from qc_pipeline.sampling.rounding import controlled_rounding


def table(seed: int, rows: int, columns: int, full: float) -> tuple[np.ndarray, ...]:
    """Random targets with whole row sums: (x, row, column)."""
    random = np.random.default_rng(seed)
    there = random.random((rows, columns)) < full
    there[:, 0] = True
    row, column = np.nonzero(there)
    x = random.random(len(row)) * 2
    for r in range(rows):
        mine = row == r
        x[mine] *= np.ceil(x[mine].sum()) / x[mine].sum()
    return x, row, column


def between(whole: np.ndarray, x: np.ndarray) -> bool:
    near = np.abs(x - np.rint(x)) < 1e-7
    low, high = np.where(near, np.rint(x), np.floor(x)), np.where(near, np.rint(x), np.ceil(x))
    return bool(((whole >= low) & (whole <= high)).all())


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    rows=st.integers(1, 7),
    columns=st.integers(1, 12),
    full=st.sampled_from([0.2, 0.6, 1.0]),
)
def test_every_cell_and_total_is_one_of_the_two_neighbours(
    seed: int, rows: int, columns: int, full: float
) -> None:
    x, row, column = table(seed, rows, columns, full)
    parent = np.arange(rows) // 2
    whole = controlled_rounding(x, row, column, parent, seed=str(seed))
    assert between(whole, x)
    assert between(np.bincount(column, whole), np.bincount(column, x))
    assert np.array_equal(np.bincount(row, whole), np.rint(np.bincount(row, x)))


def test_fractional_rows_are_kept_within_their_stratum() -> None:
    # Two classes of one stratum: 1.5 + 2.5 = 4 calls; each is 1 or 2, 2 or 3, together always 4.
    x = np.array([0.7, 0.8, 1.2, 1.3])
    row, column = np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1])
    for seed in range(200):
        whole = controlled_rounding(x, row, column, np.array([0, 0]), seed=str(seed))
        assert whole.sum() == 4
        assert between(np.bincount(row, whole), np.bincount(row, x))
        assert between(np.bincount(column, whole), np.bincount(column, x))


def test_means_over_seeds_are_the_targets() -> None:
    x, row, column = table(5, 3, 5, 0.8)
    draws = 3000
    total = np.zeros(len(x))
    for seed in range(draws):
        total += controlled_rounding(x, row, column, np.arange(3), seed=f"s{seed}")
    # Four standard errors of a share; at most 0.5 / sqrt(draws) each.
    assert np.abs(total / draws - x).max() < 4 * 0.5 / draws**0.5


def test_same_seed_same_numbers_and_another_seed_others() -> None:
    x, row, column = table(9, 5, 9, 1.0)
    first = controlled_rounding(x, row, column, np.arange(5), seed="a")
    assert np.array_equal(first, controlled_rounding(x, row, column, np.arange(5), seed="a"))
    assert not np.array_equal(first, controlled_rounding(x, row, column, np.arange(5), seed="b"))


def test_whole_targets_stay_as_they_are() -> None:
    x = np.array([2.0, 0.0, 3.0, 1.0 + 1e-13])
    whole = controlled_rounding(
        x, np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1]), np.arange(2), seed="a"
    )
    assert whole.tolist() == [2, 0, 3, 1]
