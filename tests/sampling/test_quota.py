"""What a period owes an agent of the month's quota."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from qc_pipeline.call_table import CallTable
from qc_pipeline.sampling.history import History
from qc_pipeline.sampling.period import Period, parse_period
from qc_pipeline.sampling.plan import Listening, Relisten, SamplingPlan
from qc_pipeline.sampling.quota import LEAST_PACE, month_of, owed_calls, quotas_of
from tests.sampling.calls_made import WEEK, call


def weeks_of(year: int, month: int) -> list[Period]:
    """The ISO weeks that count in a month."""
    days = (date(year, month, 1) + timedelta(days=d) for d in range(-7, 38))
    found = {d.isocalendar()[:2] for d in days}
    weeks = [parse_period(f"{y}-W{w:02d}") for y, w in sorted(found)]
    return [w for w in weeks if month_of(w) == (year, month)]


@pytest.mark.parametrize("month", range(1, 13))
def test_weeks_of_a_month_owe_its_whole_quota(month: int) -> None:
    heard = 0.0
    weeks = weeks_of(2026, month)
    assert len(weeks) in (4, 5)
    for week in weeks:
        heard += owed_calls(week, 4, heard)
    assert heard == pytest.approx(4)


def test_what_was_not_listened_to_is_carried_over_to_the_rest_of_the_month() -> None:
    first, *_, last = weeks_of(2026, 11)
    assert owed_calls(first, 4, 0) == 1
    assert owed_calls(last, 4, 0) == 4
    assert owed_calls(last, 4, 3) == 1


def test_full_month_leaves_no_call_out_of_reach() -> None:
    assert owed_calls(WEEK, 4, 4) == pytest.approx(LEAST_PACE * 4 * 7 / 30)
    assert owed_calls(WEEK, 4, 9) == owed_calls(WEEK, 4, 4)


def test_month_is_owed_its_quota_and_a_quarter_three() -> None:
    assert owed_calls(parse_period("2026-11"), 4, 0) == 4
    quarter = parse_period("2026-10-01..2026-12-31")
    assert owed_calls(quarter, 4, 0) == pytest.approx(12, rel=0.01)


def test_week_over_the_end_of_a_month_counts_in_the_month_of_its_thursday() -> None:
    assert month_of(parse_period("2026-W49")) == (2026, 12)  # 30 November to 6 December
    assert owed_calls(parse_period("2026-W49"), 4, 0) == pytest.approx(4 / 5)
    assert month_of(parse_period("2026-01-01..2026-02-28")) is None


def test_quota_of_new_and_of_failed_agents_stands_beside_the_random_calls() -> None:
    calls = [
        call("old", agent="OLD", hire_date="2020-01-01"),
        call("new", agent="NEW", hire_date="2026-10-01"),
        call("bad", agent="BAD"),
        call("who", agent=None),
    ]
    names = ["", "BAD", "NEW", "OLD"]
    agent = np.array([3, 2, 1, 0])
    history = History(agent_means={"BAD": 70.0}, heard={"OLD": 4.0})
    plan = SamplingPlan(listening=Listening(calls_an_agent_a_month=4), relisten=Relisten())
    quotas = quotas_of(names, agent, CallTable.of(calls), plan, history, WEEK)
    assert quotas.owed == pytest.approx([0, 2, 2, LEAST_PACE * 4 * 7 / 30])  # two weeks are left
    assert quotas.extra.tolist() == [0, 2, 2, 0]
    assert quotas.calls().tolist() == [0, 4, 4, 1]


def test_number_a_period_that_the_plan_names_takes_the_place_of_the_months() -> None:
    calls = CallTable.of([call("a", agent="A")])
    plan = SamplingPlan(relisten=Relisten(agent_min=3))
    quotas = quotas_of(["A"], np.array([0]), calls, plan, History(heard={"A": 9}), WEEK)
    assert quotas.owed.tolist() == [3]
