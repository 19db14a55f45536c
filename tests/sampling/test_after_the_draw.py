"""What follows a draw: re-listened calls, inspectors, replacements, call-backs, tables."""

from __future__ import annotations

import csv
import io
from collections import Counter
from dataclasses import replace

import pytest

from qc_pipeline.call import Recording
from qc_pipeline.errors import UsageError
from qc_pipeline.message import Message
from qc_pipeline.sampling.callbacks import draw_callbacks
from qc_pipeline.sampling.draw import draw
from qc_pipeline.sampling.history import History
from qc_pipeline.sampling.plan import Inspector, Relisten, SamplingPlan
from qc_pipeline.sampling.replace_invalid import replace_invalid
from qc_pipeline.sampling.sample import Pick, Sample, StratumRow
from qc_pipeline.sampling.sample_tables import (
    CSV_COLUMNS,
    excluded_table,
    risk_table,
    sample_csv,
    stratum_table,
)
from tests.sampling.calls_made import WEEK, call, population

CALLS, _ = population(600, 12)


def heard(sample: Sample) -> Counter[str]:
    return Counter(p.agent_id or "" for p in sample.picks if p.relisten)


def week(**agents: dict[str, object]) -> list[Recording]:
    """Thirty calls for each agent, every sixth a complaint, with the agent's fields."""
    return [
        call(
            f"{agent}-{i:02d}",
            day=i % 5,
            agent=agent,
            business="投诉" if i % 6 == 0 else "咨询",
            **fields,  # type: ignore[arg-type]
        )
        for agent, fields in agents.items()
        for i in range(30)
    ]


def test_every_agent_gets_two_relistened_calls_and_a_new_one_four() -> None:
    calls = week(OLD={"hire_date": "2020-01-01"}, NEW={"hire_date": "2026-09-01"}, UNKNOWN={})
    sample = draw(calls, SamplingPlan(budget_calls=45), period=WEEK)
    assert heard(sample) == {"OLD": 2, "NEW": 4, "UNKNOWN": 2}


def test_ninety_days_after_hiring_an_agent_is_no_longer_new() -> None:
    calls = week(DAY89={"hire_date": "2026-08-24"}, DAY90={"hire_date": "2026-08-18"})
    # The latest call is on Friday 20 November: 88 days after 24 August; the earliest on the 16th
    # is 90 days after 18 August.
    sample = draw(calls, SamplingPlan(budget_calls=30), period=WEEK)
    assert heard(sample) == {"DAY89": 4, "DAY90": 2}


def test_agent_below_the_pass_mark_gets_two_more() -> None:
    history = History(agent_means={"A": 79.9, "B": 80.0})
    sample = draw(week(A={}, B={}), SamplingPlan(budget_calls=30), period=WEEK, history=history)
    assert heard(sample) == {"A": 4, "B": 2}


def test_complaints_are_at_least_a_fifth_of_the_relistened_calls() -> None:
    calls = [replace(r, fields={**r.fields, "business": "投诉" if i % 20 == 0 else "咨询"})
             for i, r in enumerate(CALLS)]  # fmt: skip
    by_id = {r.recording_id: r for r in calls}
    for seed in range(10):
        sample = draw(calls, SamplingPlan(budget_calls=200), period=WEEK, seed=str(seed))
        chosen = [p for p in sample.picks if p.relisten]
        complaints = [p for p in chosen if by_id[p.recording_id].fields["business"] == "投诉"]
        assert Counter(p.agent_id for p in chosen if p.relisten_part == "random") == {
            f"A{i:03d}": 2 for i in range(12)
        }
        # Both parts are rounded, each by less than a call.
        assert len(complaints) >= 0.2 * len(chosen) - 2
        assert all(p.relisten_part == "targeted" for p in chosen if not p.personal)
        assert all(0 < (p.relisten_probability or 0) <= 1 for p in sample.picks)


def test_by_the_former_rules_complaints_take_the_place_of_other_calls() -> None:
    calls = [replace(r, fields={**r.fields, "business": "投诉" if i % 20 == 0 else "咨询"})
             for i, r in enumerate(CALLS)]  # fmt: skip
    by_id = {r.recording_id: r for r in calls}
    for seed in range(10):
        plan = SamplingPlan(budget_calls=200, rules=1)
        chosen = [p for p in draw(calls, plan, period=WEEK, seed=str(seed)).picks if p.relisten]
        complaints = [p for p in chosen if by_id[p.recording_id].fields["business"] == "投诉"]
        assert len(chosen) == 24
        assert len(complaints) >= 5  # ⌈0.2 · 24⌉
        assert all(p.personal and p.relisten_part == "" for p in chosen)


def test_agent_with_few_drawn_calls_gives_them_all_and_is_named() -> None:
    plan = SamplingPlan(budget_calls=12, relisten=Relisten(agent_min=3))
    sample = draw(week(A={}, B={}, C={}, D={}, E={}, F={}), plan, period=WEEK)
    drawn = Counter(p.agent_id for p in sample.picks)
    assert all(heard(sample)[str(a)] == min(3, n) for a, n in drawn.items())
    assert any(note.code == "draw.relisten-short" for note in sample.notes)


def test_chances_of_relistening_add_up_to_the_quotas() -> None:
    sample = draw(week(A={}, B={}), SamplingPlan(budget_calls=30), period=WEEK)
    chances = Counter[str]()
    for p in sample.picks:
        chances[p.agent_id or ""] += p.random_probability or 0  # type: ignore[assignment]
    assert chances == pytest.approx({"A": 2, "B": 2})


def split(plan: SamplingPlan, calls: list[Recording]) -> Sample:
    return draw(calls, plan, period=WEEK)


def test_calls_are_split_evenly_over_inspectors() -> None:
    plan = SamplingPlan(budget_calls=20, inspectors=("王", "李", "赵"))
    sample = split(plan, CALLS)
    assert Counter(p.inspector for p in sample.picks) == {"王": 20, "李": 20, "赵": 20}
    in_full = Counter(p.inspector for p in sample.picks if p.relisten)
    assert max(in_full.values()) - min(in_full.values()) <= 1


def test_calls_are_split_by_share() -> None:
    people = (Inspector(id="half", share=0.5), Inspector(id="whole", share=1.0))
    sample = split(SamplingPlan(budget_calls=30, inspectors=people), CALLS)
    assert Counter(p.inspector for p in sample.picks) == {"half": 20, "whole": 40}


def test_minutes_are_split_where_the_budget_is_in_minutes() -> None:
    plan = SamplingPlan(budget_minutes=120, inspectors=("a", "b"))
    sample = split(plan, CALLS)
    lengths = {r.recording_id: r.duration_s or 0 for r in CALLS}
    minutes = Counter[str]()
    for p in sample.picks:
        minutes[str(p.inspector)] += lengths[p.recording_id] / 60  # type: ignore[assignment]
    assert minutes["a"] == pytest.approx(minutes["b"], rel=0.15)
    assert sum(minutes.values()) == pytest.approx(240, rel=0.25)


def test_nobody_hears_the_calls_of_their_own_team() -> None:
    people = (Inspector(id="lead of T0", team="T0"), Inspector(id="lead of T1", team="T1"))
    plan = SamplingPlan(budget_calls=40, inspectors=people, own_team="never")
    team = {r.recording_id: r.fields["team"] for r in CALLS}
    sample = split(plan, CALLS)
    assert all(f"lead of {team[p.recording_id]}" != p.inspector for p in sample.picks)
    assert {p.inspector for p in sample.picks} == {"lead of T0", "lead of T1"}


def test_call_that_only_its_own_lead_could_hear_is_named() -> None:
    calls = [call(f"r{i}", team="T0") for i in range(6)]
    plan = SamplingPlan(
        budget_calls=3, inspectors=(Inspector(id="x", team="T0"),), own_team="never"
    )
    sample = split(plan, calls)
    assert {p.inspector for p in sample.picks} == {None}
    assert any(note.text.startswith("3通录音除本组组长外无人可听") for note in sample.notes)


def hand_made() -> Sample:
    def pick(name: str, stratum: str, agent: str) -> Pick:
        return Pick(recording_id=name, stratum=stratum, probability=0.5, agent_id=agent)

    row = StratumRow(stratum="s", duration_band="b", slot="o", frame=6, allocated=2.0, drawn=2)
    return Sample(
        period="2026-W47",
        seed="x",
        plan={},
        plan_sha256="p",
        frame_sha256="f",
        frame_size=6,
        picks=(pick("r1", "s", "A"), pick("r2", "s", "B")),
        strata=(row,),
        reserve=("q1", "q2", "q3", "q4"),
        reserve_strata=("s", "other", "s", "s"),
        reserve_agents=("B", "A", "A", "A"),
    )


def test_invalid_recording_is_followed_by_the_next_of_its_stratum_and_agent() -> None:
    done = replace_invalid(hand_made(), {"r1": "空号"})
    assert [(r.invalid, r.reason, r.by) for r in done.replacements] == [("r1", "空号", "q3")]
    fresh = next(p for p in done.sample.picks if p.recording_id == "q3")
    assert (fresh.stratum, fresh.probability, fresh.agent_id) == ("s", 0.5, "A")
    assert done.sample.reserve == ("q1", "q2", "q4")
    assert [(e.recording_id, e.reason.text) for e in done.sample.excluded] == [
        ("r1", "invalid: 空号")
    ]


def test_without_a_reserve_of_the_agent_the_stratum_follows_in_order() -> None:
    done = replace_invalid(hand_made(), {"r2": "静音", "q1": "静音", "r1": "测试"})
    assert [(r.invalid, r.by) for r in done.replacements] == [("r1", "q3"), ("r2", "q4")]


def test_exhausted_reserve_leaves_a_gap_that_is_shown() -> None:
    bare = replace(hand_made(), reserve=(), reserve_strata=(), reserve_agents=())
    done = replace_invalid(bare, {"r1": "静音"})
    assert done.replacements[0].by is None
    assert [p.recording_id for p in done.sample.picks] == ["r2"]
    assert done.sample.strata[0].drawn == 1


def test_recording_outside_the_sample_cannot_be_replaced() -> None:
    with pytest.raises(UsageError, match="not in the sample of 2026-W47: r9"):
        replace_invalid(hand_made(), {"r9": "静音"})


def test_reserve_of_a_draw_follows_every_drawn_call_of_its_stratum() -> None:
    sample = draw(CALLS, SamplingPlan(budget_calls=60), period=WEEK)
    drawn = {p.recording_id for p in sample.picks}
    assert not drawn & set(sample.reserve)
    assert len(sample.reserve) == len(sample.reserve_strata) == len(sample.reserve_agents)
    done = replace_invalid(sample, {p.recording_id: "静音" for p in sample.picks[:10]})
    assert all(r.by for r in done.replacements)
    assert len({p.recording_id for p in done.sample.picks}) == 60


@pytest.mark.parametrize(
    ("budget", "kept"),
    [
        (4, 3),  # half of four is two, and three are kept at least
        (7, 3),
        (8, 4),
        (20, 10),
        (25, 12),
    ],
)
def test_reserve_of_a_stratum_is_half_of_its_sample_and_three_at_least(
    budget: int, kept: int
) -> None:
    """Forty calls alike of forty agents: no agent has a second one to follow a drawn one."""
    calls = [call(f"r{i:02}", agent=f"A{i:02}") for i in range(40)]
    sample = draw(calls, SamplingPlan(budget_calls=budget, agent_min=0), period=WEEK)
    assert len(sample.strata) == 1
    assert (len(sample.picks), len(sample.reserve)) == (budget, kept)


def cases() -> list[Recording]:
    calls = [call(f"r{i}", customer_id=f"K{i // 2}", caller_number="139") for i in range(200)]
    calls += [call("open", customer_id="X1", caller_number="1", resolved=False)]
    calls += [call("mute", customer_id="X2")]
    calls += [call("test", customer_id="X3", caller_number="1", mystery=True)]
    calls += [call("lost", customer_id="X4", caller_number="1", answered=False)]
    return calls


def test_callbacks_are_a_share_of_customers_each_once() -> None:
    drawn = draw_callbacks(cases(), period=WEEK, share=0.05, seed="s")
    assert (drawn.customers, drawn.without_number) == (100, 1)
    assert len(drawn.recording_ids) == 5
    owners = {f"K{int(name[1:]) // 2}" for name in drawn.recording_ids}
    assert len(owners) == 5
    again = draw_callbacks(list(reversed(cases())), period=WEEK, share=0.05, seed="s")
    assert again == drawn
    assert draw_callbacks(cases(), period=WEEK, share=0.05, seed="t") != drawn


def test_one_percent_of_few_cases_is_one() -> None:
    drawn = draw_callbacks(cases()[:4], period=WEEK, share=0.01, seed="s")
    assert len(drawn.recording_ids) == 1


def test_share_of_callbacks_outside_its_range_is_refused() -> None:
    with pytest.raises(UsageError, match=r"up to 100 %, not 0\.00%"):
        draw_callbacks(cases(), period=WEEK, share=0.0, seed="s")
    with pytest.raises(UsageError, match="no finished case"):
        draw_callbacks(cases()[-4:], period=WEEK, share=0.1, seed="s")


def test_sample_csv_has_a_row_a_pick_and_no_formula() -> None:
    sample = replace(hand_made(), picks=(Pick(recording_id="=1+1", stratum="<30s / other"),))
    header, row = list(csv.reader(io.StringIO(sample_csv(sample))))
    assert tuple(header) == CSV_COLUMNS
    cells = dict(zip(header, row, strict=True))
    assert cells["recording_id"] == "'=1+1"
    assert cells["stratum"] == "<30s / other"
    assert (cells["seed"], cells["plan_sha256"]) == ("x", "p")


def test_tables_add_up() -> None:
    calls = [*CALLS, call("lost", answered=False)]
    sample = draw(calls, SamplingPlan(budget_calls=60), period=WEEK)
    *_, sums = stratum_table(sample)
    assert sums[:4] == ("Σ", "600", "60.00", "60")
    assert excluded_table(sample) == ((Message.of("frame.unanswered"), 1),)
    (row,) = risk_table(sample)
    assert (row.risk_class, row.drawn) == ("", 60)
