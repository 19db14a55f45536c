"""Budgets in minutes hold, and bounds that leave no way are named."""

from __future__ import annotations

import functools

import numpy as np
import pytest

from qc_pipeline.call_table import CallTable
from qc_pipeline.errors import InputError
from qc_pipeline.sampling.draw import choose, draw, seeded_order
from qc_pipeline.sampling.frame import frame_of
from qc_pipeline.sampling.history import History
from qc_pipeline.sampling.minutes_budget import minutes_bound, most_calls
from qc_pipeline.sampling.plan import SamplingPlan
from qc_pipeline.sampling.targets import make_targets
from tests.sampling.calls_made import WEEK, call, population

RECORDINGS, _ = population(2_000, 20)
TABLE = frame_of(RECORDINGS, WEEK, {}).calls


@functools.cache
def order(seed: str) -> np.ndarray:
    return seeded_order(TABLE, seed)


def test_bound_is_expected_minutes_and_two_deviations() -> None:
    table = CallTable.of(
        [call("a", duration_s=60), call("b", duration_s=180), call("c", duration_s=None)]
    )
    # Half of each, the unknown one counted as 2 minutes: (1 + 3 + 2) / 2 = 3 minutes, and
    # variance 0.25 · (1 + 1 + 0) = 0.5 around the mean of 2.
    bound = minutes_bound(table, np.full(3, 0.5), np.zeros(3, dtype=np.int64))
    assert bound == pytest.approx(3 + 2 * 0.5**0.5)


@pytest.mark.parametrize(("budget", "calls"), [(30.0, 10), (31.0, 10), (2.9, None), (1e9, 100)])
def test_most_calls_within_a_budget_are_found(budget: float, calls: int | None) -> None:
    assert most_calls(lambda n: 3.0 * n, budget, start=50, least=1, most=100) == calls


@pytest.mark.parametrize("allocation", ["proportional", "equal", "risk"])
def test_budget_in_minutes_is_kept_in_nearly_every_draw_and_used(allocation: str) -> None:
    risk = tuple(r for r in SamplingPlan().risk if r.name in ("over_long", "very_short"))
    plan = SamplingPlan(budget_minutes=300, allocation=allocation, risk=risk, agent_max=20)
    targets = make_targets(TABLE, plan, History())
    lengths = TABLE.numbers("duration_s") / 60
    drawn = []
    for n in range(200):
        seed = f"s{n}"
        drawn.append(lengths[choose(TABLE, targets, order(seed), seed)].sum())
    minutes = np.array(drawn)
    assert (minutes > 300).mean() <= 0.05
    # 50 calls of very different lengths vary by 7 %: that margin is what keeping it costs.
    assert minutes.mean() > 0.85 * 300
    assert minutes.max() < 1.1 * 300


def test_budget_in_minutes_below_the_quotas_names_the_nearest_that_can() -> None:
    plan = SamplingPlan(budget_minutes=20, agent_min=3, agent_short="all")
    with pytest.raises(InputError, match="budget_minutes = 20 is too small") as failure:
        draw(RECORDINGS, plan, period=WEEK)
    (problem,) = failure.value.problems
    assert problem.hint is not None
    nearest = int(problem.hint.split(" = ")[1].split()[0])
    sample = draw(RECORDINGS, plan.model_copy(update={"budget_minutes": nearest}), period=WEEK)
    assert len(sample.picks) >= 60


def test_bounds_that_leave_calls_no_chance_are_an_error() -> None:
    calls = [call(f"r{i}", agent=f"A{i % 5}") for i in range(20)]
    calls += [call(f"n{i}", agent=None) for i in range(5)]
    # Five agents' quotas take the whole budget; calls of nobody would never be drawn.
    plan = SamplingPlan(budget_calls=10, agent_min=2, slots=(), duration_s=())
    with pytest.raises(InputError, match=r"no chance of being drawn.*agent unknown \(5\)"):
        draw(calls, plan, period=WEEK)


def test_fixed_number_above_a_stratum_is_an_error_by_name_and_a_note_for_all() -> None:
    calls = [call(f"a{i}", duration_s=10) for i in range(3)]
    calls += [call(f"b{i}", duration_s=50) for i in range(20)]
    base = {"allocation": "fixed", "slots": (), "duration_s": (30,), "agent_min": 0}
    named = SamplingPlan(**base, fixed={"<30s / other": 5, ">=30s / other": 5})
    with pytest.raises(InputError, match=r'"<30s / other" = 5 is more.*3 is the nearest'):
        draw(calls, named, period=WEEK)
    sample = draw(calls, SamplingPlan(**base, fixed=5), period=WEEK)
    assert [row.drawn for row in sample.strata] == [3, 5]
    assert "不足固定数量5通、能抽尽抽的层:<30s / other (3)" in {n.text for n in sample.notes}


def test_fixed_number_below_the_floor_of_a_stratum_is_refused() -> None:
    with pytest.raises(ValueError, match="fixed: at least stratum_min, which is 2"):
        SamplingPlan(allocation="fixed", fixed=1)
