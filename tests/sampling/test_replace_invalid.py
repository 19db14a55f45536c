"""Who follows an invalid call, as what it counts, and which quotas of the plan that breaks."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from qc_pipeline.report.words.translate import Translator
from qc_pipeline.sampling.draw import draw
from qc_pipeline.sampling.plan import SamplingPlan
from qc_pipeline.sampling.replace_invalid import Replacement, broken_quotas, replace_invalid
from qc_pipeline.sampling.sample import Pick, Sample, StratumRow
from qc_pipeline.sampling.verify import differences, same_bytes
from qc_pipeline.store.from_json import sample_from_json
from tests.sampling.calls_made import WEEK, call, population

CALLS, _ = population(600, 12)


def planned_reserve(*places: tuple[str, str, str, str, float]) -> Sample:
    """r1 of agent A and r2 of agent B, drawn from stratum s at 0.5, and a reserve of (recording,
    stratum, agent, class, probability); at least 1 call an agent and 2 a stratum.
    """
    names, strata, agents, classes, probabilities = zip(*places, strict=True)
    return Sample(
        period="2026-W47",
        seed="x",
        plan={"agent_min": 1, "stratum_min": 2},
        plan_sha256="p",
        frame_sha256="f",
        frame_size=6,
        picks=tuple(
            Pick(recording_id=name, stratum="s", probability=0.5, agent_id=agent)
            for name, agent in (("r1", "A"), ("r2", "B"))
        ),
        strata=(
            StratumRow(stratum="s", duration_band="b", slot="o", frame=4, allocated=2.0, drawn=2),
        ),
        reserve=names,
        reserve_strata=strata,
        reserve_agents=agents,
        reserve_classes=classes,
        reserve_probabilities=probabilities,
    )


@pytest.mark.parametrize(
    ("places", "follows"),
    [
        # r1 is of agent A, stratum s, class "". Its own cell comes first, whatever stands before.
        ((("q1", "s", "A", "×2", 0.9), ("q2", "s", "A", "", 0.5)), "q2"),
        # Then the agent: in the stratum before others, and before the stratum's other agents.
        ((("q1", "t", "A", "", 0.2), ("q2", "s", "A", "×2", 0.9)), "q2"),
        ((("q1", "s", "B", "", 0.4), ("q2", "t", "A", "×3", 0.7)), "q2"),
        # Then the stratum: the class before others.
        ((("q1", "s", "C", "×2", 0.9), ("q2", "s", "B", "", 0.4)), "q2"),
        ((("q1", "t", "B", "", 0.4), ("q2", "s", "C", "×2", 0.9)), "q2"),
        # Of those alike the first.
        ((("q1", "t", "A", "", 0.2), ("q2", "u", "A", "", 0.3)), "q1"),
        # Then nobody.
        ((("q1", "t", "B", "", 0.4), ("q2", "u", "C", "×2", 0.9)), None),
    ],
)
def test_the_nearest_of_the_reserve_follows_with_its_own_probability_and_label(
    places: tuple[tuple[str, str, str, str, float], ...], follows: str | None
) -> None:
    sample = planned_reserve(*places)
    heard = tuple(
        replace(p, relisten=True, relisten_probability=0.25, inspector="wang") for p in sample.picks
    )
    done = replace_invalid(replace(sample, picks=heard), {"r1": "silent"})
    assert [r.by for r in done.replacements] == [follows]
    assert [p.recording_id for p in done.sample.picks if p.recording_id[0] == "q"] == [
        name for name in (follows,) if name
    ]
    for name, stratum, agent, risk_class, probability in places:
        if name == follows:
            assert next(p for p in done.sample.picks if p.recording_id == name) == Pick(
                recording_id=name,
                stratum=stratum,
                probability=probability,
                risk_class=risk_class,
                agent_id=agent,
                relisten=True,
                relisten_probability=0.25,
                inspector="wang",
            )
    left = [place for place in places if place[0] != follows]
    fresh = done.sample
    assert left == list(
        zip(
            fresh.reserve,
            fresh.reserve_strata,
            fresh.reserve_agents,
            fresh.reserve_classes,
            fresh.reserve_probabilities,
            strict=True,
        )
    )


def test_calls_of_nobody_known_are_not_one_agent() -> None:
    sample = planned_reserve(("q1", "t", "", "", 0.4), ("q2", "s", "B", "", 0.5))
    unknown = tuple(replace(p, agent_id=None) for p in sample.picks)
    done = replace_invalid(replace(sample, picks=unknown), {"r1": "silent"})
    assert [r.by for r in done.replacements] == ["q2"]


def test_quota_that_a_replacement_breaks_is_named_with_what_is_left() -> None:
    sample = planned_reserve(("q1", "t", "A", "", 0.2), ("q2", "s", "C", "", 0.5))
    done = replace_invalid(sample, {"r1": "silent", "r2": "test"})
    assert [(r.invalid, r.by) for r in done.replacements] == [("r1", "q1"), ("r2", "q2")]
    # r1 took stratum s below 2; r2 left agent B, whose 1 is the minimum, for agent C.
    broken = broken_quotas(sample, done.replacements)
    assert [[q.text for q in one] for one in broken] == [
        ["stratum s: 1, least 2"],
        ["agent B: 0, least 1"],
    ]
    assert Translator("en").told(broken[1][0].message) == (
        "agent B has 0 drawn calls now, the plan asks for 1 at least"
    )
    assert Translator("zh").told(broken[0][0].message) == ("抽样层“s”现抽取 1 通，方案至少 2 通")


def test_gap_breaks_the_quotas_of_agent_and_stratum() -> None:
    sample = planned_reserve(("q1", "t", "C", "", 0.2))
    done = replace_invalid(sample, {"r1": "silent"})
    assert done.replacements[0].by is None
    assert [q.text for q in broken_quotas(sample, done.replacements)[0]] == [
        "agent A: 0, least 1",
        "stratum s: 1, least 2",
    ]


def test_quota_that_was_not_met_before_or_is_met_again_is_not_broken() -> None:
    # Stratum s held 2 of at least 3 when drawn; r2's place is taken by its own agent.
    sample = planned_reserve(("q1", "s", "B", "", 0.5))
    sample = replace(sample, plan={"agent_min": 1, "stratum_min": 3})
    done = replace_invalid(sample, {"r2": "silent"})
    assert broken_quotas(sample, done.replacements) == ((),)
    # Agent A leaves with r1 and comes back with what follows r2, of the same stratum.
    sample = planned_reserve(("q1", "s", "C", "", 0.5), ("q2", "s", "A", "", 0.5))
    first = Replacement(invalid="r1", reason="silent", by="q1")
    second = Replacement(invalid="r2", reason="silent", by="q2")
    assert [q.text for q in broken_quotas(sample, [first])[0]] == ["agent A: 0, least 1"]
    assert [[q.text for q in one] for one in broken_quotas(sample, [first, second])] == [
        [],
        ["agent B: 0, least 1"],
    ]


def test_higher_quotas_of_agents_fixed_numbers_and_ceilings_are_bounds_as_well() -> None:
    sample = planned_reserve(("q1", "t", "B", "", 0.2))
    rows = (*sample.picks, replace(sample.picks[1], recording_id="r3", stratum="t"))
    sample = replace(
        sample,
        picks=rows,
        plan={"agent_min": 0, "agent_max": 2, "stratum_min": 1, "fixed": {"s": 2, "t": 1}},
        agent_least={"A": 1},
    )
    # Not B's minimum but t's ceiling would be at stake; here it is s's own number.
    moved = broken_quotas(sample, [Replacement(invalid="r2", reason="silent", by="q1")])
    assert [q.text for q in moved[0]] == ["stratum s: 1, least 2"]
    sample = replace(sample, plan={**sample.plan, "fixed": None, "stratum_max": 1})
    moved = broken_quotas(sample, [Replacement(invalid="r2", reason="silent", by="q1")])
    assert [q.text for q in moved[0]] == ["stratum t: 2, most 1"]
    gap = broken_quotas(sample, [Replacement(invalid="r1", reason="silent", by=None)])
    assert [q.text for q in gap[0]] == ["agent A: 0, least 1"]
    over = replace(sample, plan={"agent_max": 2}, reserve_agents=("B",), agent_least={})
    other = broken_quotas(over, [Replacement(invalid="r1", reason="silent", by="q1")])
    assert [q.text for q in other[0]] == ["agent B: 3, most 2"]


def test_reserve_of_a_draw_holds_its_agents_calls_with_what_each_was_planned_as() -> None:
    """One agent's only call of a stratum is followed by a call of theirs from another one."""
    calls = [call(f"a{i}", agent="A", duration_s=20.0 + i) for i in range(8)]
    calls += [call(f"b{i}", agent="B", duration_s=400.0 + i) for i in range(30)]
    calls.append(call("odd", agent="A", duration_s=450.0))
    plan = SamplingPlan(budget_calls=12, duration_s=(120.0,), slots=(), agent_min=3)
    for seed in range(60):
        sample = draw(calls, plan, period=WEEK, seed=str(seed))
        if any(p.recording_id == "odd" for p in sample.picks):
            break
    else:
        pytest.fail("no seed drew it")
    done = replace_invalid(sample, {"odd": "silent"})
    follower = done.replacements[0].by
    assert follower in {f"a{i}" for i in range(8)}
    fresh = next(p for p in done.sample.picks if p.recording_id == follower)
    short = [p for p in sample.picks if p.recording_id[0] == "a"]
    assert (fresh.stratum, fresh.agent_id) == ("<120s / other", "A")
    assert {p.probability for p in short} == {fresh.probability}
    assert fresh.probability != next(p.probability for p in sample.picks if p.recording_id == "odd")


def test_reserve_made_by_the_rules_of_before_stays_and_verifies() -> None:
    plan = SamplingPlan(budget_calls=60, agent_min=2)
    new = draw(CALLS, plan, period=WEEK)
    former = plan.model_copy(update={"rules": 1})
    old = draw(CALLS, former, period=WEEK)
    assert len(new.reserve) > len(old.reserve)
    assert (old.reserve_classes, old.reserve_probabilities, old.agent_least) == ((), (), {})
    assert not {"reserve_classes", "reserve_probabilities", "agent_least"} & old.as_json().keys()
    assert [SamplingPlan.from_json(s.plan).rules for s in (old, new)] == [1, 2]
    for kept in (old, new):
        again = draw(CALLS, SamplingPlan.from_json(kept.plan), period=WEEK)
        assert differences(kept, again) == ()
        assert same_bytes(kept, sample_from_json(json.loads(json.dumps(kept.as_json()))))
    # In a sample of before the one that follows takes over what it replaces.
    pick = next(p for p in old.picks if p.recording_id)
    done = replace_invalid(old, {pick.recording_id: "silent"})
    follower = done.replacements[0].by
    fresh = next(p for p in done.sample.picks if p.recording_id == follower)
    assert (fresh.stratum, fresh.probability) == (pick.stratum, pick.probability)


def test_quotas_above_the_common_minimum_are_kept_with_the_draw() -> None:
    calls = [call(f"a{i:02}", agent="A") for i in range(40)]
    calls += [call(f"b{i:02}", agent="B") for i in range(10)]
    plan = SamplingPlan(budget_calls=12, agent_min=2, agent_share=0.1)
    assert draw(calls, plan, period=WEEK).agent_least == {"A": 4}
    assert draw(calls, SamplingPlan(budget_calls=12), period=WEEK).agent_least == {}
