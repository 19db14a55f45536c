"""The estimates are unbiased and their intervals honest, for every allocation."""

from __future__ import annotations

import pytest

from qc_pipeline.sampling.plan import SamplingPlan
from tests.sampling.simulation import Known, known_population, plans, simulate

CALLS, AGENTS, BUDGET, DRAWS = 5_000, 25, 250, 1_000
PLANS = {f"{name}, quotas {quota}": (quota, plan) for name, quota, plan in plans(BUDGET, AGENTS)}


@pytest.fixture(scope="module")
def known() -> Known:
    return known_population(CALLS, AGENTS)


@pytest.mark.slow
@pytest.mark.parametrize("name", PLANS)
def test_weighted_mean_is_unbiased_and_its_interval_covers_the_truth(
    known: Known, name: str
) -> None:
    quota, plan = PLANS[name]
    found = simulate(known, plan, DRAWS)
    assert abs(found.bias) < max(0.1, 3 * found.error)
    assert 0.93 <= found.coverage <= (0.97 if quota == "none" else 0.99)
    assert abs(found.share_bias) < max(0.005, 3 * found.share_error)
    # Intervals of shares lean to the wide side where weights differ much (see estimation.py).
    assert 0.93 <= found.share_coverage <= 0.995
    if plan.allocation == "risk":
        assert found.plain_bias < -0.5


def test_hundred_draws_for_risk_already_show_the_plain_mean_biased_and_the_weighted_not(
    known: Known,
) -> None:
    plan: SamplingPlan = PLANS["risk, quotas none"][1]
    found = simulate(known, plan, 100)
    assert abs(found.bias) < 4 * found.error
    assert found.plain_bias < -0.5
