"""How sure a recogniser is of its errors: what is drawn is what was measured."""

from __future__ import annotations

import random

import pytest

from qc_pipeline.scoring.recogniser_confidence import RIGHT, WRONG, drawn_confidence

DRAWS = 20_000


@pytest.mark.parametrize(
    ("right", "table", "mean", "doubtful"),
    # Of the measured characters themselves, not of the table: mean, share under 0.85.
    [(True, RIGHT, 0.8745, 0.262), (False, WRONG, 0.6364, 0.717)],
)
def test_what_is_drawn_falls_as_what_was_measured(
    right: bool, table: tuple[float, ...], mean: float, doubtful: float
) -> None:
    rng = random.Random(1)
    drawn = sorted(drawn_confidence(rng, right=right) for _ in range(DRAWS))
    assert drawn[0] > 0.0
    assert drawn[-1] <= 1.0
    # 20,000 draws: a share is known to 0.7 % (two standard errors), the table has steps of 5 %.
    for number, quantile in enumerate(table[1:-1], start=1):
        under = sum(c < quantile for c in drawn) / DRAWS
        assert under == pytest.approx(number / 20, abs=0.01), quantile
    assert sum(drawn) / DRAWS == pytest.approx(mean, abs=0.015)
    assert sum(c < 0.85 for c in drawn) / DRAWS == pytest.approx(doubtful, abs=0.02)


def test_the_same_seed_draws_the_same() -> None:
    one, other = random.Random(7), random.Random(7)
    assert [drawn_confidence(one, right=i % 3 > 0) for i in range(50)] == [
        drawn_confidence(other, right=i % 3 > 0) for i in range(50)
    ]
