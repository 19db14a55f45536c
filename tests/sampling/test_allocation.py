"""How many calls each stratum gets."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qc_pipeline.call_table import CallTable
from qc_pipeline.sampling.allocation import budget_calls, share_out, spreads
from qc_pipeline.sampling.history import EarlierScore, History
from qc_pipeline.sampling.plan import SamplingPlan
from qc_pipeline.sampling.raking import Totals, fit
from qc_pipeline.sampling.strata import stratify
from tests.sampling.calls_made import call


def shared(weights: list[float], least: list[int], most: list[int], total: int) -> list[int]:
    return share_out(np.array(weights, float), np.array(least), np.array(most), total).tolist()


@pytest.mark.parametrize(
    ("weights", "least", "most", "total", "calls"),
    [
        ([50, 30, 20], [0, 0, 0], [50, 30, 20], 10, [5, 3, 2]),
        # 4.5, 4.5: the first of equals gets the odd call.
        ([1, 1], [0, 0], [9, 9], 9, [5, 4]),
        # 33.3 / 66.7 of 10 calls: 3.33 and 6.67.
        ([1, 2], [0, 0], [99, 99], 10, [3, 7]),
        # The floor of 2 takes one call from the large ones: 98 : 1 : 1 of 10.
        ([98, 1, 1], [2, 2, 2], [98, 2, 2], 10, [6, 2, 2]),
        # The small stratum is full at 3, the rest goes to the other.
        ([1, 1], [0, 0], [3, 99], 20, [3, 17]),
        ([1, 1], [2, 2], [3, 4], 7, [3, 4]),
    ],
)
def test_shares_follow_the_weights_within_the_bounds(
    weights: list[float], least: list[int], most: list[int], total: int, calls: list[int]
) -> None:
    assert shared(weights, least, most, total) == calls


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_shares_add_up_and_keep_their_bounds(data: st.DataObject) -> None:
    most = data.draw(st.lists(st.integers(1, 60), min_size=1, max_size=8))
    least = [data.draw(st.integers(0, m)) for m in most]
    weights = [data.draw(st.floats(0.01, 100)) for _ in most]
    total = data.draw(st.integers(sum(least), sum(most)))
    calls = shared(weights, least, most, total)
    assert sum(calls) == total
    assert all(a <= c <= b for a, c, b in zip(least, calls, most, strict=True))


def test_budget_is_for_each_inspector_and_never_above_the_frame() -> None:
    table = CallTable.of([call(f"r{i}") for i in range(100)])
    assert budget_calls(table, SamplingPlan(budget_calls=20), 0, 60) == 20
    two = SamplingPlan(budget_calls=20, inspectors=("a", "b"))
    assert budget_calls(table, two, 0, 60) == 40
    assert budget_calls(table, SamplingPlan(budget_calls=500), 0, 60) == 100


def test_budget_in_minutes_is_divided_by_the_mean_length() -> None:
    table = CallTable.of([call(f"r{i}") for i in range(100)])
    assert budget_calls(table, SamplingPlan(budget_minutes=60), 0, 90.0) == 40


@pytest.mark.parametrize("plan", [SamplingPlan(budget_share=0.1), SamplingPlan(rules=1)])
def test_share_is_at_least_thirty_calls_and_at_least_the_floors(plan: SamplingPlan) -> None:
    many = CallTable.of([call(f"r{i}") for i in range(1000)])
    assert budget_calls(many, plan, 0, 60) == 100
    assert budget_calls(many, plan, 140, 60) == 140
    assert budget_calls(CallTable.of([call(f"r{i}") for i in range(90)]), plan, 0, 60) == 30
    assert budget_calls(CallTable.of([call("r")]), plan, 0, 60) == 1


def test_without_a_budget_every_call_is_drawn() -> None:
    many = CallTable.of([call(f"r{i}") for i in range(1000)])
    assert budget_calls(many, SamplingPlan(), 0, 60) == 1000


def test_machine_hours_hear_as_much_sound_as_the_model_was_measured_to() -> None:
    many = CallTable.of([call(f"r{i}", duration_s=120) for i in range(1000)])
    plan = SamplingPlan(machine_hours=2)
    # Half a real time: four hours of sound in two hours, 120 calls of two minutes.
    assert budget_calls(many, plan, 0, 120, History(machine_s_an_hour=1800)) == 120
    # A quarter of real time is taken where nobody measured it.
    assert budget_calls(many, plan, 0, 120) == 240


def test_spread_of_earlier_scores_is_shrunk_by_five_pseudo_calls() -> None:
    calls = [call(f"s{i}", duration_s=10) for i in range(9)]
    calls += [call(f"l{i}", duration_s=60) for i in range(9)]
    table = CallTable.of(calls)
    plan = SamplingPlan(slots=(), allocation="neyman")
    strata = stratify(table, plan)
    names = [s.name for s in strata.strata]
    scores = [(names[0], 80.0), (names[0], 90.0), (names[1], 60.0), (names[1], 100.0)]
    history = History(scores=tuple(EarlierScore(stratum=s, total=t) for s, t in scores))
    # By hand: totals 80 90 60 100, mean 82.5, S² = (6.25 + 56.25 + 506.25 + 306.25) / 3 = 291.67;
    # within: 50 and 800 with one degree each; (50 + 5 · 291.67) / 6 and (800 + 5 · 291.67) / 6.
    assert spreads(table, strata, plan, history) ** 2 == pytest.approx([251.389, 376.389], abs=1e-3)


def test_without_scores_neymans_allocation_is_proportional() -> None:
    table = CallTable.of([call(f"r{i}", duration_s=10 if i < 4 else 60) for i in range(12)])
    plan = SamplingPlan(slots=(), allocation="neyman")
    strata = stratify(table, plan)
    assert spreads(table, strata, plan, History()).tolist() == [1.0, 1.0]


def groups(codes: list[int], least: list[float], most: list[float]) -> Totals:
    return Totals(group=np.array(codes), least=np.array(least), most=np.array(most))


def test_fit_keeps_the_base_where_the_totals_already_hold() -> None:
    base = np.array([1.0, 2.0, 3.0])
    rows = groups([0, 0, 1], [3, 3], [3, 3])
    x, miss = fit(base, np.array([9.0, 9.0, 9.0]), (rows,))
    assert x.tolist() == [1.0, 2.0, 3.0]
    assert miss == 0


def test_fit_is_the_classic_raking_of_a_two_way_table() -> None:
    # Base 1 1 / 1 3 to rows 10, 10 and columns 8, 12: x = a b with odds ratio 3 kept;
    # with x11 = t: t (t + 2) = 3 (10 - t)(8 - t) gives t = 14 - 2 sqrt(19).
    base = np.array([1.0, 1.0, 1.0, 3.0])
    rows = groups([0, 0, 1, 1], [10, 10], [10, 10])
    columns = groups([0, 1, 0, 1], [8, 12], [8, 12])
    x, miss = fit(base, np.full(4, 99.0), (rows, columns))
    t = 14 - 2 * 19**0.5
    assert x == pytest.approx([t, 10 - t, 8 - t, 2 + t], abs=1e-6)
    assert miss <= 1e-9


def test_fit_hands_what_a_full_cell_cannot_take_to_the_others() -> None:
    base = np.array([5.0, 1.0, 1.0])
    x, miss = fit(base, np.array([4.0, 9.0, 9.0]), (groups([0, 0, 0], [7], [7]),))
    assert x == pytest.approx([4.0, 1.5, 1.5])
    assert miss <= 1e-9


def test_fit_reports_totals_that_cannot_be_met_together() -> None:
    rows = groups([0, 1], [3, 3], [3, 3])
    columns = groups([0, 0], [0], [4])
    _, miss = fit(np.array([3.0, 3.0]), np.array([9.0, 9.0]), (rows, columns))
    assert miss > 0.1


def test_fit_asked_again_gives_the_same_whatever_became_of_the_first_answer() -> None:
    asked = np.array([5.0, 1.0]), np.array([9.0, 9.0]), (groups([0, 0], [3], [3]),)
    first, _ = fit(*asked)
    first[:] = 0
    again, _ = fit(*asked)
    assert again.tolist() == [2.5, 0.5]
