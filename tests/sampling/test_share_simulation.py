"""Intervals of pass rates hold the truth where few calls fail, and are no wider than they must."""

from __future__ import annotations

import numpy as np
import pytest

from tests.sampling.share_simulation import FAILS, cases, passes, simulate_shares
from tests.sampling.simulation import known_population

DRAWS = 200
MORE = 1000
"""Draws from frames of 200 calls: few draws do not tell 99.3 % from 99.8 % there."""

SOME = (0.90, 0.95, 0.98, 0.99, 0.995)
CASES = {case.name: case for case in cases()}
ERROR = (0.05 * 0.95 / DRAWS) ** 0.5
WIDEST = 1.3
# Where the frame has 200 calls, the share is one of few numbers and its interval whole calls.
SAFE = ("16 of 200", "120 of 200", "180 of 200", "75 of 750, one team")


def test_populations_have_the_pass_rate_asked_for() -> None:
    known = known_population(750, 10)
    assert passes(known, 0.98, "at random", 0).mean() == pytest.approx(1 - 15 / 750)
    low = passes(known, 0.98, "low scores", 0)
    assert known.scores[low == 0].mean() < known.scores.mean() - 5
    assert not np.array_equal(low, passes(known, 0.98, "low scores", 1))


@pytest.mark.parametrize("name", ["75 of 750", "75 of 750, equal"])
def test_hundred_draws_already_show_intervals_neither_short_nor_wide(name: str) -> None:
    rates = (0.95, 0.98, 0.99)
    found = simulate_shares(CASES[name], 100, rates)
    assert len(found) == len(FAILS) * len(rates)
    for outcome in found.values():
        assert outcome.coverage >= 0.93 - 3 * (0.07 * 0.93 / 100) ** 0.5
        assert 0.5 < outcome.width <= outcome.widest <= WIDEST


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_interval_of_a_pass_rate_covers_it_and_is_as_wide_as_the_textbooks(name: str) -> None:
    found = simulate_shares(CASES[name], MORE if name.endswith("of 200") else DRAWS, SOME)
    for outcome in found.values():
        assert outcome.coverage >= 0.93 - 2 * ERROR
        assert outcome.widest <= WIDEST
    means = [float(np.mean([found[fails, rate].coverage for rate in SOME])) for fails in FAILS]
    assert min(means) >= 0.94
    # Fails that follow the strata vary less than the weights tell: the safe side.
    assert means[0] <= (0.995 if name in SAFE else 0.98)
