"""The draw as a whole: seeded, shown, in its bounds, and the same for shuffled rows."""

from __future__ import annotations

import json
import random
from collections import Counter
from dataclasses import asdict, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qc_pipeline.call import Recording, canonical_json
from qc_pipeline.call_table import CallTable
from qc_pipeline.errors import InputError, UsageError
from qc_pipeline.message import Message, read_message
from qc_pipeline.sampling.draw import choose, draw, plan_table, seeded_order
from qc_pipeline.sampling.frame import drawn_elsewhere, frame_of
from qc_pipeline.sampling.history import History
from qc_pipeline.sampling.period import parse_period
from qc_pipeline.sampling.plan import DEFAULT_SLOTS, RiskCondition, SamplingPlan
from qc_pipeline.sampling.sample import Sample
from qc_pipeline.sampling.targets import make_targets
from qc_pipeline.sampling.verify import differences
from tests.sampling.calls_made import WEEK, call, population

CALLS, _ = population(600, 12)
PLAN = SamplingPlan(budget_calls=90, agent_min=3)


def as_bytes(sample: Sample) -> str:
    return canonical_json(asdict(sample))


def problems(calls: list[Recording], plan: SamplingPlan) -> list[str]:
    with pytest.raises(InputError) as caught:
        draw(calls, plan, period=WEEK)
    return [str(p) for p in caught.value.problems]


def test_shuffled_rows_give_the_identical_sample_byte_for_byte() -> None:
    first = draw(CALLS, PLAN, period=WEEK)
    for seed in range(3):
        shuffled = list(CALLS)
        random.Random(seed).shuffle(shuffled)
        assert as_bytes(draw(shuffled, PLAN, period=WEEK)) == as_bytes(first)
    assert as_bytes(draw(CallTable.of(shuffled), PLAN, period=WEEK)) == as_bytes(first)


def test_another_seed_gives_another_sample_of_the_same_plan() -> None:
    one, two = (draw(CALLS, PLAN, period=WEEK, seed=s) for s in ("one", "two"))
    assert {p.recording_id for p in one.picks} != {p.recording_id for p in two.picks}
    assert one.strata == two.strata
    assert one.frame_sha256 == two.frame_sha256


def test_default_seed_comes_from_plan_and_period() -> None:
    seeds = {
        draw(CALLS, PLAN, period=WEEK).seed,
        draw(CALLS, PLAN.model_copy(update={"agent_min": 2}), period=WEEK).seed,
    }
    assert len(seeds) == 2
    named = draw(CALLS, PLAN.model_copy(update={"seed": "winter"}), period=WEEK)
    assert named.seed == "winter"
    assert draw(CALLS, PLAN, period=WEEK, seed="by hand").seed == "by hand"


def test_budget_strata_and_probabilities_agree() -> None:
    sample = draw(CALLS, PLAN, period=WEEK)
    assert len(sample.picks) == 90
    assert sample.frame_size == 600 == sum(s.frame for s in sample.strata)
    drawn = Counter(p.stratum for p in sample.picks)
    for row in sample.strata:
        assert drawn[row.stratum] == row.drawn == round(row.allocated) >= 2
    for pick in sample.picks:
        assert pick.probability is not None
        assert 0 < pick.probability <= 1


def test_weights_of_the_drawn_calls_add_up_to_the_frame_on_average() -> None:
    totals = [
        sum(1 / (p.probability or 1) for p in draw(CALLS, PLAN, period=WEEK, seed=str(s)).picks)
        for s in range(40)
    ]
    assert sum(totals) / len(totals) == pytest.approx(600, rel=0.01)


@settings(max_examples=25, deadline=None)
@given(
    seed=st.text(min_size=1, max_size=5),
    least=st.integers(0, 4),
    room=st.integers(0, 6),
    allocation=st.sampled_from(["proportional", "equal", "risk"]),
)
def test_agents_quotas_are_met_in_every_draw_that_can_meet_them(
    seed: str, least: int, room: int, allocation: str
) -> None:
    most = max(6, least + room)
    risk = (RiskCondition(name="c", field="business", is_in=("投诉",), multiplier=3.0),)
    plan = SamplingPlan(
        budget_calls=60, agent_min=least, agent_max=most, allocation=allocation, risk=risk,
        agent_short="all",
    )  # fmt: skip
    sample = draw(CALLS, plan, period=WEEK, seed=seed)
    held = Counter(r.agent_id for r in CALLS)
    drawn = Counter(p.agent_id for p in sample.picks)
    assert len(sample.picks) == 60
    for agent, calls in held.items():
        assert min(least, calls) <= drawn[agent] <= most


def test_agent_share_with_a_floor_is_met() -> None:
    plan = SamplingPlan(budget_calls=120, agent_min=2, agent_share=0.1)
    drawn = Counter(p.agent_id for p in draw(CALLS, plan, period=WEEK).picks)
    for agent, calls in Counter(r.agent_id for r in CALLS).items():
        assert drawn[agent] >= max(2, -(-calls // 10))


def test_picks_of_an_agent_are_spread_over_the_days() -> None:
    calls = [call(f"r{d}-{i}", day=d, agent="A1") for d in range(5) for i in range(8)]
    plan = SamplingPlan(budget_calls=5, slots=(), agent_min=0)
    for seed in range(10):
        sample = draw(calls, plan, period=WEEK, seed=str(seed))
        assert {p.recording_id[1] for p in sample.picks} == set("01234")


def test_mystery_calls_are_always_in_and_apart() -> None:
    calls = [call(f"r{i}", agent=f"A{i % 3}") for i in range(40)]
    calls += [call("m1", mystery=True), call("m2", mystery=True)]
    sample = draw(calls, SamplingPlan(budget_calls=8), period=WEEK)
    apart = [p for p in sample.picks if p.origin == "mystery"]
    assert [p.recording_id for p in apart] == ["m1", "m2"]
    assert all(p.probability is None and p.relisten for p in apart)
    assert len(sample.picks) == 10
    assert sample.frame_size == 40


def test_forced_calls_are_marked_and_drawn_ones_stay_drawn() -> None:
    free = draw(CALLS, PLAN, period=WEEK)
    drawn = free.picks[0].recording_id
    other = next(r.recording_id for r in CALLS if all(p.recording_id != r.recording_id
                                                      for p in free.picks))  # fmt: skip
    sample = draw(CALLS, PLAN, period=WEEK, include=[other, drawn])
    origins = {p.recording_id: p.origin for p in sample.picks}
    assert (origins[drawn], origins[other]) == ("drawn", "forced")
    assert len(sample.picks) == len(free.picks) + 1


def test_forced_call_that_is_unknown_or_left_out_is_refused() -> None:
    calls = [call("r1"), call("r2"), call("r3", answered=False)]
    with pytest.raises(InputError) as caught:
        draw(
            calls,
            SamplingPlan(),
            period=WEEK,
            include=["x", "r2", "r3"],
            exclude={"r2": read_message("test")},
        )
    assert [str(p) for p in caught.value.problems] == [
        "--include: a recording that is left out (test) cannot be put in; found r2",
        "--include: a recording that is left out (unanswered) cannot be put in; found r3",
        "--include: no such recording; found x",
    ]


def test_what_is_left_out_has_its_reason() -> None:
    calls = [call(f"r{i}") for i in range(5)]
    calls += [call("lost", answered=False), call("late", day=9)]
    sample = draw(
        calls, SamplingPlan(), period=WEEK, exclude={"r1": read_message("drawn in 2026-11")}
    )
    assert [(e.recording_id, e.reason.text) for e in sample.excluded] == [
        ("lost", "unanswered"),
        ("r1", "drawn in 2026-11"),
    ]
    assert sample.frame_size == 4


def test_period_without_calls_is_refused() -> None:
    with pytest.raises(UsageError, match="2026-W47 holds no answered call"):
        draw([call("r", day=20)], SamplingPlan(), period=WEEK)


@pytest.mark.parametrize(
    ("period", "told"),
    [
        # The calls below begin on 16 November 2026 (the Monday of week 47) and days after.
        ("2026-W46", "weeks that do: 2026-W47 (2 calls), 2026-W49 (1 call)"),
        ("2026-11-01..2026-11-02", "weeks that do: 2026-W47 (2 calls), 2026-W49 (1 call)"),
        ("2026-10", "months that do: 2026-11 (2 calls), 2026-12 (1 call)"),
    ],
)
def test_period_without_calls_names_those_that_have_some(period: str, told: str) -> None:
    calls = [call("a"), call("b", day=6), call("c", day=15)]
    calls += [call("lost", day=-7, answered=False), call("later", day=30, answered=False)]
    expected = f"{period} holds no answered call of the call list; {told}"
    for asked in (draw, plan_table):
        with pytest.raises(UsageError) as caught:
            asked(calls, SamplingPlan(), period=parse_period(period))
        assert str(caught.value) == expected


def test_of_many_weeks_the_first_and_the_last_are_named() -> None:
    calls = [call(f"r{week}-{i}", day=7 * week) for week in range(9) for i in range(week + 1)]
    with pytest.raises(UsageError) as caught:
        draw(calls, SamplingPlan(), period=parse_period("2026-W40"))
    assert str(caught.value).endswith(
        "; weeks that do: 2026-W47 (1 call), 2026-W48 (2 calls) … 2027-W01 (8 calls), "
        "2027-W02 (9 calls), 9 weeks in all"
    )


def test_period_whose_calls_are_left_out_or_a_list_without_any_is_told_apart() -> None:
    out = {"a": read_message("inspected in 2026-11"), "b": read_message("inspected in 2026-11")}
    with pytest.raises(UsageError, match="nothing to draw, its 2 answered calls left out"):
        draw([call("a"), call("b")], SamplingPlan(), period=WEEK, exclude=out)
    with pytest.raises(UsageError, match="and neither does any other period"):
        draw([call("a", answered=False)], SamplingPlan(), period=WEEK)


def test_single_call_is_drawn_with_certainty() -> None:
    sample = draw([call("r")], SamplingPlan(), period=WEEK)
    assert [(p.recording_id, p.probability) for p in sample.picks] == [("r", 1.0)]


def test_risk_draws_complaints_more_often_and_shows_the_rates() -> None:
    risk = (RiskCondition(name="complaint", field="business", is_in=("投诉",), multiplier=4.0),)
    plan = SamplingPlan(
        budget_calls=90, allocation="risk", risk=risk, agent_min=0, slots=(), duration_s=(120.0,)
    )
    rows = plan_table(CALLS, plan, period=WEEK)
    rates = {(r.stratum, r.risk_class): r.most_rate for r in rows}
    for stratum in {r.stratum for r in rows}:
        # Four times the rate, within each stratum exactly.
        assert rates[stratum, "×4"] == pytest.approx(4 * rates[stratum, "×1"], rel=1e-4)
    sample = draw(CALLS, plan, period=WEEK)
    assert {p.risk_class for p in sample.picks} == {"×1", "×4"}


def test_product_of_conditions_is_clipped_to_five() -> None:
    both = tuple(
        RiskCondition(name=str(i), field="duration_s", above=0.0, multiplier=4.0) for i in (1, 2)
    )
    plan = SamplingPlan(budget_calls=20, allocation="risk", risk=both)
    rows = plan_table([*CALLS, call("unknown", duration_s=None)], plan, period=WEEK)
    assert {r.risk_class for r in rows} == {"×1", "×5"}


def test_risk_knows_the_agents_last_period_and_tenure() -> None:
    calls = [call(f"a{i}", agent="A1", hire_date="2026-09-01") for i in range(20)]
    calls += [call(f"b{i}", agent="A2", hire_date="2020-01-01") for i in range(20)]
    calls += [call(f"c{i}", agent="A3") for i in range(20)]
    plan = SamplingPlan(budget_calls=12, allocation="risk", slots=(), agent_min=0)
    history = History(agent_means={"A1": 70.0, "A2": 79.0, "A3": 91.0})
    sample = draw(calls, plan, period=WEEK, history=history)
    # New agent ×2, bad last period ×2: A1 both, A2 one, A3 none.
    assert {(p.agent_id, p.risk_class) for p in sample.picks} == {
        ("A1", "×4"),
        ("A2", "×2"),
        ("A3", "×1"),
    }


def test_quota_above_an_agents_calls_names_the_agent_and_the_nearest_plan() -> None:
    calls = [call(f"a{i}", agent="A1") for i in range(10)] + [call("b", agent="A2")]
    (text,) = problems(calls, SamplingPlan(budget_calls=8, agent_min=3))
    assert "agent_min = 3 cannot be met: these agents have fewer calls; found A2 (1)" in text
    assert 'agent_min = 1 can, or agent_short = "all"' in text
    plan = SamplingPlan(budget_calls=8, agent_min=3, agent_short="all")
    sample = draw(calls, plan, period=WEEK)
    assert Counter(p.agent_id for p in sample.picks)["A2"] == 1
    assert any("A2" in note.text for note in sample.notes)


def test_budget_below_the_floors_names_the_nearest_that_can() -> None:
    (text,) = problems(CALLS, SamplingPlan(budget_calls=20, agent_min=2))
    assert "a budget of 20 calls is too small: 12 agents' quotas ask for 24" in text
    assert "budget_calls = 24 is the nearest that can, or agent_min = 1" in text
    draw(CALLS, SamplingPlan(budget_calls=24, agent_min=2), period=WEEK)


def test_ceilings_below_the_budget_name_the_nearest_that_can() -> None:
    (text,) = problems(CALLS, SamplingPlan(budget_calls=50, agent_min=0, agent_max=3))
    assert "agent_max = 3 allows 36 calls, the budget asks for 50" in text
    assert "budget_calls = 36" in text


def test_bounds_that_contradict_one_another_name_the_cells() -> None:
    # Only A1 works at night, and nobody may give more than two calls, but the night needs three.
    calls = [call(f"n{i}", at="23:00", agent="A1") for i in range(6)]
    calls += [call(f"d{i}-{a}", at="10:00", agent=f"A{a}") for i in range(6) for a in (2, 3)]
    plan = SamplingPlan(budget_calls=6, stratum_min=3, agent_min=0, agent_max=2)
    one = plan.model_copy(update={"allocation": "fixed", "fixed": 3, "budget_calls": None})
    (text,) = problems(calls, one)
    assert "cannot be kept together (fixed = 3, agent_max = 2, stratum_min = 3)" in text
    # Either bound may give way, by one call each.
    night, agent = "stratum 30-120s / night: at least 3 would be 2", "A1: at most 2 would be 3"
    assert night in text or agent in text
    assert "agent_max = 3 can, or stratum_min = 2" in text


def test_quotas_move_strata_where_both_cannot_be_exact_and_say_so() -> None:
    # Eight agents with one night call each and agent_min 1 want eight night calls; 4 fit the share.
    calls = [call(f"n{a}", at="23:00", agent=f"N{a}") for a in range(8)]
    calls += [call(f"d{i}", at="10:00", agent="D") for i in range(24)]
    sample = draw(calls, SamplingPlan(budget_calls=16, slots=PLAN.slots[3:4]), period=WEEK)
    assert Counter(p.agent_id[0] for p in sample.picks if p.agent_id) == {"N": 8, "D": 8}
    assert Message.of("draw.moved") in sample.notes


def test_fixed_numbers_are_drawn_as_written() -> None:
    calls = [call(f"s{i}", duration_s=10, agent=f"A{i}") for i in range(20)]
    calls += [call(f"l{i}", duration_s=400, agent=f"A{i}") for i in range(20)]
    wanted = {"<30s / other": 3, "300-600s / other": 7}
    plan = SamplingPlan(allocation="fixed", fixed=wanted, slots=(), agent_min=0)
    assert {s.stratum: s.drawn for s in draw(calls, plan, period=WEEK).strata} == wanted
    wrong = plan.model_copy(update={"fixed": {"<30s / othr": 3, "300-600s / other": 7}})
    texts = problems(calls, wrong)
    assert any('did you mean "<30s / other"?' in t for t in texts)


def test_unknown_columns_are_refused_with_the_nearest_name() -> None:
    (text,) = problems(CALLS, SamplingPlan(by=("taem",)))
    assert '[sampling] by names a column that the call list does not have; found "taem"' in text
    assert 'did you mean "team"?' in text
    (text,) = problems(CALLS, SamplingPlan(allocation="neyman", neyman_by="points"))
    assert 'neyman_by names a column that the call list does not have; found "points"' in text


def test_verify_says_identical_or_what_differs() -> None:
    kept = draw(CALLS, PLAN, period=WEEK)
    assert differences(kept, draw(CALLS, PLAN, period=WEEK, seed=kept.seed)) == ()
    fewer = [r for r in CALLS if r.recording_id != kept.picks[0].recording_id]
    found = differences(kept, draw(fewer, PLAN, period=WEEK, seed=kept.seed))
    gone = next(one for one in found if one.code == "differs.drawn-then")
    names = gone["names"]
    assert isinstance(names, Message) and names["n"] == int(str(gone["n"])) - 20 > 0
    assert str(names["names"]).startswith(f"{kept.picks[0].recording_id}, ")
    (frame,) = (one for one in found if one.code == "differs.frame_sha256")
    assert str(frame["old"]).startswith(kept.frame_sha256[:12]) and frame["old"] != frame["new"]
    other = draw(CALLS, PLAN.model_copy(update={"agent_min": 2}), period=WEEK, seed=kept.seed)
    assert "differs.plan_sha256" in {one.code for one in differences(kept, other)}


def test_sample_survives_json() -> None:
    sample = draw(CALLS, PLAN, period=WEEK)
    assert json.loads(as_bytes(sample))["picks"][0]["recording_id"] == sample.picks[0].recording_id


def test_calls_inspected_in_an_overlapping_period_can_be_left_out() -> None:
    week = draw(CALLS, PLAN, period=WEEK)
    month, other_month = parse_period("2026-11"), parse_period("2026-12")
    left_out = drawn_elsewhere([week], month)
    assert set(left_out) == {p.recording_id for p in week.picks}
    assert {reason.text for reason in left_out.values()} == {"inspected in 2026-W47"}
    assert drawn_elsewhere([week], WEEK) == drawn_elsewhere([week], other_month) == {}
    sample = draw(CALLS, PLAN, period=month, exclude=left_out)
    assert not {p.recording_id for p in sample.picks} & set(left_out)
    assert sample.frame_size == 510


def test_verify_passes_over_calls_that_a_person_had_put_in() -> None:
    free = draw(CALLS, PLAN, period=WEEK)
    drawn = {p.recording_id for p in free.picks}
    other = next(r.recording_id for r in CALLS if r.recording_id not in drawn)
    kept = draw(CALLS, PLAN, period=WEEK, include=[other])
    assert differences(kept, free) == ()


def test_every_call_is_drawn_as_often_as_its_probability_says() -> None:
    calls, _ = population(120, 5)
    risk = (RiskCondition(name="c", field="business", is_in=("投诉",), multiplier=3.0),)
    plan = SamplingPlan(budget_calls=24, agent_min=3, agent_max=7, allocation="risk", risk=risk)
    table = frame_of(calls, WEEK, {}).calls
    targets = make_targets(table, plan, History())
    chance = (targets.x / targets.cells.size)[targets.cells.of_call]
    draws = 2000
    often = np.zeros(len(table))
    for d in range(draws):
        seed = f"s{d}"
        often += choose(table, targets, seeded_order(table, seed), seed)
    free = (chance > 0) & (chance < 1)
    error = np.sqrt(chance * (1 - chance) / draws)
    assert chance.min() > 0
    assert np.array_equal(often[~free], np.full((~free).sum(), draws))
    # The largest of 120 normal deviates passes 4.5 once in a thousand times.
    assert np.abs((often / draws - chance)[free] / error[free]).max() < 4.5


def test_slot_may_be_a_risk_and_a_busy_hour_in_a_meal_keeps_both_marks() -> None:
    calls = [
        call(f"r{i:03d}", day=i % 7, at=f"{11 if i % 3 else 9}:{35 + i % 20}", agent=f"A{i % 4}")
        for i in range(120)
    ]
    plan = SamplingPlan(
        budget_calls=30,
        allocation="risk",
        agent_min=0,
        slots=DEFAULT_SLOTS[2:],
        risk=(
            RiskCondition(name="rush", field="slot", is_in=("busy",), multiplier=2.0),
            RiskCondition(name="lunch", field="slot", matches="^meal$", multiplier=2.0),
        ),
    )
    sample = draw(calls, plan, period=WEEK)
    # Half past eleven is the busiest hour and a meal; nine is the next busy one.
    assert {r.name: r.frame for r in sample.risk} == {"rush": 120, "lunch": 80}
    assert {p.stratum.split(" / ")[1] for p in sample.picks} == {"meal", "busy"}
    classes = {p.stratum.split(" / ")[1]: p.risk_class for p in sample.picks}
    assert classes == {"meal": "×4", "busy": "×2"}


def test_column_named_slot_goes_before_the_plans_slots() -> None:
    calls = [call(f"r{i}", slot="x" if i % 2 else "busy") for i in range(40)]
    condition = RiskCondition(name="own", field="slot", is_in=("x",), multiplier=2.0)
    plan = SamplingPlan(budget_calls=10, allocation="risk", agent_min=0, risk=(condition,))
    assert draw(calls, plan, period=WEEK).risk[0].frame == 20


def slot_plan(rules: int = 2, **condition: object) -> SamplingPlan:
    return SamplingPlan.model_validate(
        {
            "rules": rules,
            "budget_calls": 30,
            "allocation": "risk",
            "agent_min": 0,
            "risk": [{"name": "noon", "field": "slot", "multiplier": 2, **condition}],
        }
    )


THERE = "allowed: shift_start, shift_end, meal, night, busy"


@pytest.mark.parametrize(
    ("condition", "told"),
    [
        ({"in": ["lunch"]}, [f'found "lunch"; {THERE}']),
        ({"in": ["busy", "meals"]}, [f'found "meals"; {THERE} – did you mean "meal"?']),
        ({"in": ["other", "lunch"]}, [f'found "lunch"; {THERE}', f'found "other"; {THERE}']),
        ({"matches": "^luncheon$"}, [f'found matches = "^luncheon$"; {THERE}']),
        ({"matches": "meel"}, [f'found matches = "meel"; {THERE} – did you mean "meal"?']),
        ({"in": ["busy"], "matches": "meal"}, [f'found matches = "meal"; {THERE}']),
    ],
)
def test_condition_on_a_slot_that_there_is_not_is_refused(
    condition: dict[str, object], told: list[str]
) -> None:
    plan = slot_plan(**condition)
    head = "qc.toml: [sampling] risk is about a time slot that the plan does not have; "
    found = problems(CALLS, plan)
    assert len(found) == len(told)
    for line in told:
        assert any(p.startswith(head + line) for p in found), found
    with pytest.raises(InputError, match="time slot that the plan does not have"):
        plan_table(CALLS, plan, period=WEEK)
    # Where calls are not drawn by risk nobody reads it.
    draw(CALLS, plan.model_copy(update={"allocation": "proportional"}), period=WEEK)
    # A draw that was kept is made again as it was, and by rules 1 as it always was.
    assert draw(CALLS, plan, period=WEEK, again=True).risk[0].frame <= len(CALLS)
    draw(CALLS, slot_plan(rules=1, **condition), period=WEEK)
    # A column of that name is the list's own business.
    own = [replace(c, fields={**c.fields, "slot": "x"}) for c in CALLS]
    draw(own, plan, period=WEEK)


def test_complaints_by_a_slot_that_there_is_not_are_refused() -> None:
    complaint = {"field": "slot", "in": ["meall"]}
    plan = SamplingPlan.model_validate({"budget_calls": 30, "relisten": {"complaint": complaint}})
    (told,) = problems(CALLS, plan)
    assert "[sampling] relisten.complaint is about a time slot" in told
    assert 'did you mean "meal"?' in told
    bare = plan.model_copy(update={"slots": ()})
    assert "allowed: none: the plan has no slots" in problems(CALLS, bare)[0]


@pytest.mark.parametrize("budget", [{"machine_hours": 0.001}, {"budget_minutes": 1.0}])
def test_of_calls_whose_lengths_are_all_nothing_every_one_fits(budget: dict[str, float]) -> None:
    calls = [call(f"r{i:03d}", day=i % 5, agent=f"A{i % 4}", duration_s=0.0) for i in range(40)]
    plan = SamplingPlan.model_validate(budget)
    assert len(draw(calls, plan, period=WEEK).picks) == 40
    unknown = [replace(c, fields={}) for c in calls]
    (told,) = problems(unknown, plan)
    assert f"{next(iter(budget))} needs calls with a duration_s" in told


def test_machine_hours_that_do_not_reach_are_refused_with_those_that_do() -> None:
    calls = [
        call(f"r{i:04d}", day=i % 5, agent=f"A{i % 40:02d}", duration_s=600.0) for i in range(400)
    ]
    plan = SamplingPlan(machine_hours=0.5, agent_min=3)
    with pytest.raises(InputError) as error:
        draw(calls, plan, period=WEEK)
    (problem,) = error.value.problems
    told = str(problem)
    assert "machine_hours = 0.5 (120 minutes of sound) is too small" in told
    assert "40 agents' quotas ask for 120 (agent_min = 3)" in told
    hint = problem.hint or ""
    hours = float(hint.split("machine_hours = ")[1].split()[0])
    enough = plan.model_copy(update={"machine_hours": hours})
    assert len(draw(calls, enough, period=WEEK).picks) >= 120
