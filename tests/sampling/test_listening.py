"""The listened sample: a random part that is fair to each agent, and a targeted one beside it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from qc_pipeline.call import Recording
from qc_pipeline.call_table import CallTable
from qc_pipeline.sampling.draw import draw
from qc_pipeline.sampling.history import History
from qc_pipeline.sampling.listening import (
    COMPLAINT,
    OTHER,
    RISK,
    ListeningTable,
    choose_listened,
    listening_minutes,
    listening_table,
)
from qc_pipeline.sampling.plan import Listening, Relisten, SamplingPlan
from qc_pipeline.sampling.quota import Quotas
from qc_pipeline.sampling.sample import Sample
from tests.sampling.calls_made import WEEK, call, population
from tests.sampling.listening_simulation import ALLOCATIONS, simulate_listening


def table_of(
    agent: Sequence[int],
    kind: Sequence[int],
    owed: Sequence[float],
    extra: Sequence[int] | None = None,
    *,
    minutes: float = 5.0,
    drawn: Sequence[float] | None = None,
    share: float = 0.2,
    hours: float | None = None,
) -> ListeningTable:
    quotas = Quotas(
        owed=np.array(owed, dtype=np.float64),
        extra=np.array(extra or [0] * len(owed), dtype=np.int64),
    )
    return listening_table(
        np.array(agent),
        np.array(kind),
        np.full(len(agent), minutes),
        np.array(drawn or [0.1] * len(agent)),
        quotas,
        share=share,
        hours=hours,
    )


def expected(table: ListeningTable, kind: int | None = None) -> float:
    calls = table.size * table.probability
    return float(calls.sum() if kind is None else calls[table.kind == kind].sum())


def test_every_drawn_call_of_an_agent_has_the_same_chance_in_the_random_part() -> None:
    agent = [0] * 20 + [1] * 10
    kind = [COMPLAINT] * 5 + [OTHER] * 15 + [RISK] * 2 + [OTHER] * 8
    table = table_of(agent, kind, [2, 3])
    assert table.chance[table.owner == 0] == pytest.approx([0.1] * 2)
    assert table.chance[table.owner == 1] == pytest.approx([0.3] * 2)


def test_call_that_was_likelier_drawn_is_less_likely_chosen_where_chances_differ() -> None:
    drawn = [0.5] * 10 + [0.1] * 20
    table = table_of([0] * 30, [OTHER] * 30, [3], drawn=drawn)
    by_call = table.chance[table.of_call]
    assert by_call.sum() == pytest.approx(3)
    assert by_call[0] * 0.5 == pytest.approx(by_call[29] * 0.1)
    # Which hardly differ are taken for equal.
    even = table_of([0] * 30, [OTHER] * 30, [3], drawn=[0.12] * 10 + [0.1] * 20)
    assert even.chance.tolist() == [0.1]


def test_chances_that_would_pass_one_stop_there() -> None:
    table = table_of([0] * 12, [OTHER] * 12, [4], drawn=[0.02] * 2 + [1.0] * 10)
    by_call = table.chance[table.of_call]
    assert by_call[:2].tolist() == [1, 1]
    assert by_call[2:] == pytest.approx([0.2] * 10)


def test_complaints_are_topped_up_to_their_share_of_all_listened_calls() -> None:
    agent, kind = [0] * 50 + [1] * 50, ([COMPLAINT] * 5 + [OTHER] * 45) * 2
    table = table_of(agent, kind, [4, 4], share=0.4)
    assert expected(table, COMPLAINT) / expected(table) == pytest.approx(0.4)
    assert (table.rate[table.kind != COMPLAINT] == 0).all()
    # As many as a tenth of the calls come by themselves where no more are asked for.
    plain = table_of(agent, kind, [4, 4], share=0.1)
    assert expected(plain) == pytest.approx(8)


def test_where_there_are_too_few_complaints_all_are_listened_to() -> None:
    table = table_of([0] * 50, [COMPLAINT] * 2 + [OTHER] * 48, [10], share=0.5)
    assert table.probability[table.kind == COMPLAINT] == pytest.approx([1.0])


def test_new_agents_get_more_calls_in_the_targeted_part_alone() -> None:
    table = table_of([0] * 10 + [1] * 10, [OTHER] * 20, [2, 2], [3, 0])
    assert table.chance == pytest.approx([0.2, 0.2])
    by_agent = table.size * table.probability
    assert by_agent == pytest.approx([5, 2])


def test_agent_with_fewer_drawn_calls_than_owed_gives_them_all() -> None:
    table = table_of([0] * 2 + [1] * 10, [OTHER] * 12, [4, 4], [2, 0])
    assert table.probability[0] == pytest.approx(1.0)
    assert table.probability[1] == pytest.approx(0.4)


def test_calls_whose_agent_nobody_knows_have_the_mean_chance() -> None:
    table = table_of([0] * 10 + [1] * 20, [OTHER] * 30, [0, 4])
    assert table.chance == pytest.approx([0.2, 0.2])


@pytest.mark.parametrize("hours", [0.5, 1.0, 1.5, 3.0, 8.0, 40.0, 100.0])
def test_hours_are_kept_in_the_mean(hours: float) -> None:
    agent = [a for a in range(6) for _ in range(100)]
    kind = ([COMPLAINT] * 10 + [RISK] * 20 + [OTHER] * 70) * 6
    table = table_of(agent, kind, [4.0] * 6, hours=hours)
    everything = 600 * 5.0
    assert table.minutes == pytest.approx(min(hours * 60, everything), rel=1e-6)
    assert (table.probability > 0).all()
    assert (table.probability <= 1).all()
    plain = table_of(agent, kind, [4.0] * 6)
    if table.minutes < plain.minutes:  # the targeted part gives way first
        assert (table.rate <= plain.rate).all()
        if (table.chance < plain.chance - 1e-9).any():
            assert (table.rate == 0).all()
    else:
        assert (table.chance >= plain.chance - 1e-12).all()
        assert (table.rate[table.kind == RISK] >= plain.rate[table.kind == RISK]).all()


def test_left_over_time_goes_to_calls_of_risk_and_to_random_ones_by_halves() -> None:
    agent = [a for a in range(6) for _ in range(100)]
    kind = ([RISK] * 50 + [OTHER] * 50) * 6
    plain = table_of(agent, kind, [4.0] * 6, share=0.0)
    table = table_of(agent, kind, [4.0] * 6, share=0.0, hours=6.0)
    targeted = float((table.size * (1 - plain.chance) * table.rate).sum()) * 5
    assert targeted == pytest.approx((6.0 * 60 - plain.minutes) / 2, rel=1e-6)


def test_listening_takes_one_and_a_half_lengths_and_two_minutes() -> None:
    calls = [call("a", duration_s=60), call("b", duration_s=180), call("c", duration_s=None)]
    assert listening_minutes(CallTable.of(calls)).tolist() == [3.5, 6.5, 5.0]


@pytest.mark.slow
def test_calls_are_chosen_as_often_as_their_probability_says() -> None:
    agent = [a for a in range(5) for _ in range(12)]
    kind = ([COMPLAINT] * 2 + [RISK] * 3 + [OTHER] * 7) * 5
    table = table_of(agent, kind, [1.9] * 5, [0, 3, 0, 0, 0], share=0.3, hours=2.5)
    draws = 4000
    counts = {part: np.zeros(60) for part in ("random", "targeted")}
    random = np.random.default_rng(7)
    for d in range(draws):
        keys = [random.bytes(8) for _ in range(60)]
        chosen = choose_listened(table, keys, f"s{d}")
        for i, part in enumerate(chosen.parts):
            if part:
                counts[part][i] += 1
    chance = table.chance[table.of_call]
    for found, p in (
        (counts["random"], chance),
        (counts["targeted"], table.probability[table.of_call] - chance),
    ):
        deviation = (found / draws - p) / np.sqrt(np.maximum(p * (1 - p), 1e-9) / draws)
        assert np.abs(deviation).max() < 4.5
        assert np.abs(found.sum() / draws - p.sum()) < 0.1


CALLS, SCORES = population(3000, 20)
TRUTH = dict(zip((r.recording_id for r in CALLS), SCORES.tolist(), strict=True))


def listened(plan: SamplingPlan, seed: str = "s", calls: Sequence[Recording] = CALLS) -> Sample:
    return draw(calls, plan, period=WEEK, seed=seed)


def test_every_drawn_call_can_be_listened_to() -> None:
    plan = SamplingPlan(budget_calls=300, listening=Listening(calls_an_agent_a_month=4))
    sample = listened(plan)
    assert all(0 < (p.relisten_probability or 0) <= 1 for p in sample.picks)
    by_agent: dict[str, list[float]] = defaultdict(list)
    for p in sample.picks:
        if (p.random_probability or 0) < 1:
            by_agent[p.agent_id or ""].append(p.personal_chance or 0)
    # Taken for equal up to a factor of 1.25; what is drawn for certain can be no likelier.
    assert all(max(chances) <= 1.25 * min(chances) + 1e-9 for chances in by_agent.values())


def test_where_every_call_is_drawn_all_of_an_agent_have_the_same_chance() -> None:
    sample = listened(SamplingPlan(listening=Listening(calls_an_agent_a_month=4)))
    assert len(sample.picks) == len(CALLS)
    by_agent: dict[str, set[float]] = defaultdict(set)
    for p in sample.picks:
        by_agent[p.agent_id or ""].add(p.random_probability or 0)
    assert all(len(chances) == 1 and 0 not in chances for chances in by_agent.values())


def test_main_draw_gives_agents_as_many_calls_as_listening_is_owed_of_them() -> None:
    calls = [
        replace(r, fields={**r.fields, "hire_date": "2026-10-01"}) if r.agent_id == "A019" else r
        for r in CALLS
    ]
    assert sum(r.agent_id == "A019" for r in calls) < 120  # of 3,000 calls, of which 100 are drawn
    plan = SamplingPlan(budget_calls=100, listening=Listening(calls_an_agent_a_month=4))
    for seed in ("a", "b", "c"):
        sample = listened(plan, seed, calls)
        drawn = Counter(p.agent_id for p in sample.picks)
        heard = Counter(p.agent_id for p in sample.picks if p.relisten)
        assert len(sample.picks) == 100
        assert min(drawn.values()) >= 2  # 4 · 7/15 of the month's quota, rounded up
        assert drawn["A019"] >= 4
        assert heard["A019"] >= 4
        assert not any(n.code in ("draw.relisten-short", "draw.floor-short") for n in sample.notes)


def test_budget_that_is_too_small_for_listening_is_kept_and_told() -> None:
    plan = SamplingPlan(budget_calls=30, relisten=Relisten(agent_min=3))
    sample = listened(plan)
    assert len(sample.picks) == 30
    assert any(n.code == "draw.floor-short" for n in sample.notes)


def test_quota_of_the_month_counts_what_earlier_weeks_listened_to() -> None:
    plan = SamplingPlan(budget_calls=300, listening=Listening(calls_an_agent_a_month=4))
    heard = {f"A{i:03d}": 4.0 for i in range(10)}
    sample = draw(CALLS, plan, period=WEEK, seed="s", history=History(heard=heard))
    random = Counter(p.agent_id for p in sample.picks if p.relisten_part == "random")
    assert all(random[f"A{i:03d}"] <= 1 for i in range(10))
    assert all(random[f"A{i:03d}"] in (1, 2) for i in range(10, 20))
    assert sample.history["heard"] == heard


@pytest.mark.slow
@pytest.mark.parametrize("name", ALLOCATIONS)
def test_listened_scores_of_agents_are_unbiased(name: str) -> None:
    """Complaints score ten points lower; the mean over agents of what the listened calls say."""
    outcome = simulate_listening(name, draws=400)
    assert abs(outcome.personal_bias) < 0.2
    assert abs(outcome.centre_bias) < 0.2
    # What the plain mean of all listened calls would have said, complaints topped up among them.
    assert outcome.plain_bias < -0.5


def test_budget_a_call_short_of_the_quotas_takes_one_from_some_and_not_all_from_one() -> None:
    calls = [call(f"{a}-{i:02d}", day=i % 5, agent=a) for a in "ABCDE" for i in range(20)]
    plan = SamplingPlan(budget_calls=19, agent_min=1, relisten=Relisten(agent_min=4))
    for seed in ("a", "b", "c"):
        sample = draw(calls, plan, period=WEEK, seed=seed)
        drawn = Counter(p.agent_id for p in sample.picks)
        assert min(drawn.values()) >= 3
        assert any(n.code == "draw.floor-short" for n in sample.notes)


def test_new_agents_get_their_number_whatever_parts_of_a_call_come_to() -> None:
    calls = [
        call(f"{a}-{i:02d}", day=i % 5, agent=a, hire_date="2026-10-01")
        for a in "ABC"
        for i in range(20)
    ]
    plan = SamplingPlan(listening=Listening(calls_an_agent_a_month=3))
    for seed in range(20):
        sample = draw(calls, plan, period=WEEK, seed=str(seed))
        heard = Counter(p.agent_id for p in sample.picks if p.relisten)
        assert min(heard[a] for a in "ABC") >= 4
