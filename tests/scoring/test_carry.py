"""A published card carried: what nothing concerns stays, and by one engine it is the same card as
judging the whole call again would give.
"""
# ruff: noqa: E501 - a criterion stands in one line, as in a rubric

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qc_pipeline.call import Transcript, Unheard, UnheardReason
from qc_pipeline.review.queue import open_items
from qc_pipeline.scoring import score as score_module
from qc_pipeline.scoring.carry import (
    NewWords,
    carried,
    decided_since,
    decisions_known,
    judgement_on,
)
from qc_pipeline.scoring.compile import CompiledRubric, compile_rubric
from qc_pipeline.scoring.decisions import Decision, DecisionVerdict
from qc_pipeline.scoring.score import ENGINE_VERSION, ToScore, judged, score
from qc_pipeline.scoring.scorecard import CriterionResult, Scorecard, scorecard_from_json
from qc_pipeline.scoring.terms_of_scoring import ScoringTerms
from qc_pipeline.scoring.words_corrected import concerned_by_words, heard_now, turns_kept
from tests.builders import AGENT, card, measures, rubric, said, transcript, turn
from tests.scoring.test_properties import (
    CALLS,
    CRITERIA,
    IDS,
    MEASURES,
    decisions,
    transcripts,
)

EMPTY = measures()
PUBLISHED = ScoringTerms(published=True)
# Several criteria for the same words, so that one covers another, across sections, too.
COVERING = (
    "points: 8, confirm: machine, forbid: {said: {by: agent, any: [听不懂吗]}}",
    "points: 4, forbid: {said: {by: agent, any: [爱办不办, 听不懂吗]}}, deduct: {each: 2}, same_fact: rude",
    "severity: fatal, confirm: machine, forbid: {said: {by: agent, any: [不管]}}, same_fact: rude",
    "points: 2, forbid: {said: {by: agent, any: [不管]}}, status: trial",
)  # fmt: skip
OTHER_SECTION = """
  - id: other
    title: 二
    points: 40
    criteria:
      - {id: o1, title: 标题, points: 30, confirm: machine, forbid: {said: {by: agent, any: [爱办不办]}}, same_fact: rude}
      - {id: o2, title: 标题, severity: fatal, scope: section, confirm: machine, forbid: {said: {by: agent, any: [余额]}}}
      - {id: o3, title: 标题, points: 10, confirm: machine, expect: {said: {by: agent, any: [抱歉]}}}
"""
FORMS = [
    compile_rubric(rubric(*CRITERIA, *COVERING, head=head, sections=OTHER_SECTION))
    for head in (
        "min_scorable: 0.2",
        "not_applicable: redistribute\nmin_scorable: 0",
        "min_scorable: 0\nscorable_from: {talk_s: 20, turns: 4}",
    )
]
ALL_IDS = [*IDS, *(f"c{len(IDS) + i + 1}" for i in range(len(COVERING))), "o1", "o2", "o3"]
SLOW = [HealthCheck.too_slow]


def on_the_grid(made: Transcript) -> Transcript:
    """The transcript with times in hundredths, as recognisers give them and cards keep them."""
    turns = (replace(t, end_s=round(t.end_s, 2)) for t in made.turns)
    return replace(made, turns=tuple(turns))


HEARD = transcripts().map(on_the_grid)


def kept(made: Scorecard) -> Scorecard:
    """The card as the record gives it back."""
    return scorecard_from_json(made.as_json())


def findings(
    form: CompiledRubric, before: Scorecard, by_machine: Scorecard, ids: frozenset[str]
) -> dict[str, object]:
    """The machine's judgement of criteria, from the card before anybody decided."""
    criteria = {c.id: c for c in form.rubric.criteria()}
    return {c.id: judgement_on(criteria[c.id], c) for c in by_machine.criteria() if c.id in ids}


@settings(max_examples=300, deadline=None, suppress_health_check=SLOW)
@given(
    HEARD, CALLS, MEASURES, st.lists(decisions(), max_size=4),
    st.lists(decisions(), min_size=1, max_size=3), st.booleans(), st.sampled_from(FORMS), st.data(),
)  # fmt: skip
def test_decisions_on_a_carried_card_give_the_card_that_judging_again_would(
    call, row, figures, former, latest, recording, form, data
):
    latest = [
        d.model_copy(update={"criterion": data.draw(st.sampled_from(ALL_IDS))}) for d in latest
    ]
    if recording:
        latest.append(Decision(criterion=None, verdict="invalid", person="p", at="2026-11-20"))
    before = kept(score(form, call, row, figures, former, terms=PUBLISHED))
    by_machine = kept(score(form, call, row, figures, terms=PUBLISHED))
    expected = kept(
        score(form, call, row, figures, [*former, *latest], terms=PUBLISHED, parent=before.sha256())
    )
    since = decided_since(before, [*former, *latest])
    got = carried(
        form, before, [*former, *latest], findings(form, before, by_machine, since), terms=PUBLISHED
    )
    if since:
        assert kept(got).as_json() == expected.as_json()
    else:
        assert got is before


@settings(max_examples=200, deadline=None, suppress_health_check=SLOW)
@given(HEARD, CALLS, MEASURES, st.sampled_from(FORMS))
def test_closing_a_drafts_open_items_gives_the_card_that_judging_it_published_would(
    call, row, figures, form
):
    before = kept(score(form, call, row, figures))
    closed = [
        Decision(criterion=i.criterion, verdict="not_looked_at", person="p", at="2026-11-20")
        for i in open_items([before], {}, {})
    ]
    expected = kept(
        score(form, call, row, figures, closed, terms=PUBLISHED, parent=before.sha256())
    )
    since = decided_since(before, closed)
    got = kept(
        carried(form, before, closed, findings(form, before, before, since), terms=PUBLISHED)
    )
    assert got.as_json()["sections"] == expected.as_json()["sections"]
    assert (got.total, got.fatal, got.provisional) == (
        expected.total,
        expected.fatal,
        expected.provisional,
    )


@settings(max_examples=200, deadline=None, suppress_health_check=SLOW)
@given(
    HEARD, HEARD, CALLS, MEASURES, st.lists(decisions(), max_size=3),
    st.sampled_from(FORMS), st.data(),
)  # fmt: skip
def test_corrected_words_give_the_verdicts_that_judging_again_would(
    call, other, row, figures, ruled, form, data
):
    if not call.turns:
        return
    figures = None if figures is None else replace(figures, turns=())
    number = data.draw(st.integers(0, len(call.turns) - 1))
    changed = [t for i, t in enumerate(call.turns) if i != number]
    after = replace(call, turns=(*changed, *other.turns[:1]))
    before = kept(score(form, call, row, figures, ruled, terms=PUBLISHED))
    expected = score(form, after, row, figures, ruled, terms=PUBLISHED)
    old, new = judged(
        form,
        [ToScore(transcript=t, call=row, measures=figures, terms=PUBLISHED) for t in (call, after)],
    )
    by_words = concerned_by_words(before, call, after, old, new)
    got = carried(
        form,
        before,
        ruled,
        by_words,
        anew=by_words,
        words=NewWords(
            transcript=after,
            measures=figures or EMPTY,
            heard=heard_now(before, old, new),
            turns=turns_kept(call, after),
            found={d.plan.id: d.judgement for own in new.drafts for d in own},
            concerned=by_words.keys(),
        ),
        terms=PUBLISHED,
    )
    assert [told(c) for c in got.criteria()] == [told(c) for c in expected.criteria()]
    assert (got.total, got.band, got.fatal) == (expected.total, expected.band, expected.fatal)
    assert got.provisional == expected.provisional
    assert got.scorable_share == pytest.approx(expected.scorable_share, abs=1e-4)
    # Whatever evidence is carried names the turn that it is of.
    for result in got.criteria():
        for evidence in result.evidence:
            if evidence.turn is not None:
                assert after.turns[evidence.turn].speaker is evidence.speaker


def told(result: CriterionResult) -> tuple[object, ...]:
    return (
        result.id, result.verdict, result.lost, result.stake, result.decided_by, result.proposed,
        result.covered_by, result.bonus,
    )  # fmt: skip


RUDE = (
    "points: 40, confirm: machine, forbid: {said: {by: agent, any: [你听不懂吗]}}",
    "points: 20, confirm: machine, forbid: {said: {by: agent, any: [听不懂]}}",
    "points: 40, confirm: machine, expect: {said: {by: agent, any: [您好]}}",
)
CALL = said(("agent", "您好"), ("agent", "你听不懂吗"), ("agent", "再见"))


def overturned(criterion: str) -> Decision:
    return Decision(
        criterion=criterion,
        verdict=DecisionVerdict.OVERTURN,
        person="wang",
        at="2026-11-20T00:00:00+08:00",
        reason="听过",
    )


def carry_decisions(form: CompiledRubric, before: Scorecard, *ruled: Decision) -> Scorecard:
    since = decided_since(before, ruled)
    return carried(form, before, ruled, findings(form, before, before, since))


def lost(made: Scorecard) -> dict[str, tuple[float, str | None]]:
    return {c.id: (c.lost, c.covered_by) for c in made.criteria()}


def test_what_a_deduction_covered_stays_covered_once_the_larger_one_is_overturned() -> None:
    form = compile_rubric(rubric(*RUDE))
    before = kept(card(form.rubric, CALL, terms={"published": True}))
    assert lost(before) == {"c1": (40, None), "c2": (0, "c1"), "c3": (0, None)}
    after = carry_decisions(form, before, overturned("c1"))
    assert lost(after) == {"c1": (0, None), "c2": (0, "c1"), "c3": (0, None)}
    assert (before.total, after.total) == (60, 100)
    # A person who decides on it says what it costs.
    confirmed = overturned("c2").model_copy(update={"verdict": DecisionVerdict.CONFIRM})
    again = carry_decisions(form, before, overturned("c1"), confirmed)
    assert (lost(again)["c2"], again.total) == ((20, None), 80)


def without(made: Scorecard, *keys: str) -> Scorecard:
    """The card as an older engine kept it."""
    body = made.as_json()
    for section in body["sections"]:
        for line in section["criteria"]:
            for key in keys:
                line.pop(key, None)
    del body["inputs"]["terms"]
    return scorecard_from_json({**body, "inputs": {**body["inputs"], "engine": "4"}})


def test_an_old_card_that_does_not_say_what_was_covered_is_carried_by_its_hits() -> None:
    """Of what was covered an old card kept the hits: two of them at 5 points are 10."""
    form = compile_rubric(
        rubric(
            RUDE[0],
            "points: 20, confirm: machine, deduct: {each: 5}, "
            "forbid: {said: {by: agent, any: [听不懂]}}",
            RUDE[2],
        )
    )
    call = said(("agent", "您好"), ("agent", "你听不懂吗"), ("agent", "你听不懂吗"))
    before = without(card(form.rubric, call), "spared", "facts")
    assert lost(before)["c2"] == (0, "c1")
    after = carry_decisions(form, before, overturned("c1"))
    assert (lost(after)["c2"], after.total) == ((0, "c1"), 100)
    confirmed = overturned("c2").model_copy(update={"verdict": DecisionVerdict.CONFIRM})
    after = carry_decisions(form, before, overturned("c1"), confirmed)
    assert lost(after)["c2"] == (10, None)
    assert after.total == 90
    assert after.inputs["engine"] == "4"
    assert "terms" not in after.as_json()["inputs"]


def test_a_red_line_that_another_covered_stays_covered_until_a_person_says_so() -> None:
    fatal = (
        "severity: fatal, confirm: machine, same_fact: rude, forbid: {said: {by: agent, any: [%s]}}"
    )
    form = compile_rubric(
        rubric(fatal % "你听不懂吗", fatal % "听不懂", RUDE[2].replace("40", "100"))
    )
    before = kept(card(form.rubric, CALL))
    assert (before.fatal, before.total) == (("c1",), 0)
    after = carry_decisions(form, before, overturned("c1"))
    assert (after.fatal, after.total) == ((), 100)
    confirmed = overturned("c2").model_copy(update={"verdict": DecisionVerdict.CONFIRM})
    again = carry_decisions(form, before, overturned("c1"), confirmed)
    assert (again.fatal, again.total) == (("c2",), 0)


def test_a_card_of_a_former_engine_keeps_the_arithmetic_it_was_published_by() -> None:
    """Before engine 6 the points of a criterion on trial counted in the section, and a manual one
    nobody marked was part of what could not be judged."""
    form = compile_rubric(
        rubric(
            "points: 40, confirm: machine, forbid: {said: {by: agent, any: [你听不懂吗]}}",
            "points: 60, manual: true",
            "points: 20, status: trial, expect: {said: {by: agent, any: [您好]}}",
            head="min_scorable: 0",
        )
    )
    body = without(card(form.rubric, CALL), "spared", "facts").as_json()
    del body["points_at_stake"]
    # 40 and 20 points counted, of which 40 were lost: a third; 40 of 100 points were judged.
    body |= {"total": 33.33, "band": "不合格", "passed": False, "scorable_share": 0.4}
    body["sections"][0] |= {"points": 60.0, "lost": 40.0}
    before = scorecard_from_json(body)
    fewer = overturned("c1").model_copy(update={"verdict": DecisionVerdict.POINTS, "points": 10.0})
    after = carry_decisions(form, before, fewer)
    assert (after.total, after.scorable_share) == (83.33, 0.4)  # 50 of 60
    assert (after.sections[0].points, after.sections[0].lost) == (60, 10)
    assert after.basis is None
    # By this engine's arithmetic the card would be another: 40 points count, 30 of them are kept.
    today = carry_decisions(form, kept(card(form.rubric, CALL)), fewer)
    assert (today.total, today.scorable_share) == (75, 1)


# What the agent may not say after a question of the customer is evidence beside the question, and
# neither is the fault of the first criterion: its fault is that it was said *then*.
THEN = (
    "points: 40, confirm: machine, expect: {whenever: {said: {by: customer, any: [我要投诉]}}, "
    "then: {not: {said: {by: agent, any: [随便]}}}, within: {turns: 1}}",
    "points: 30, confirm: machine, forbid: {said: {by: agent, any: [随便]}}",
    "points: 30, confirm: machine, expect: {said: {by: agent, any: [您好]}}",
)
COMPLAINT = said(("customer", "我要投诉"), ("agent", "随便"), ("agent", "再见"))


def test_a_card_tells_the_fault_where_its_evidence_does_not() -> None:
    form = compile_rubric(rubric(*THEN))
    before = kept(card(form.rubric, COMPLAINT))
    assert lost(before) == {"c1": (40, None), "c2": (30, None), "c3": (30, None)}
    fewer = overturned("c1").model_copy(update={"verdict": DecisionVerdict.POINTS, "points": 35.0})
    after = carry_decisions(form, before, fewer)
    assert lost(after) == {"c1": (35, None), "c2": (30, None), "c3": (30, None)}


def test_faults_that_an_old_card_does_not_tell_cover_nothing_that_counted() -> None:
    form = compile_rubric(rubric(*THEN))
    before = without(card(form.rubric, COMPLAINT), "facts")
    after = carry_decisions(form, before, overturned("c3"))
    assert lost(after) == {"c1": (40, None), "c2": (30, None), "c3": (0, None)}


def test_what_another_engine_took_for_one_fact_stays_one() -> None:
    """c2's evidence, as its engine kept it, is not c1's: its cover stands all the same, while c1
    counts and after it."""
    form = compile_rubric(rubric(*RUDE))
    body = card(form.rubric, CALL).as_json()
    body["sections"][0]["criteria"][1]["evidence"][0] |= {"start_s": 50.0, "end_s": 51.0}
    before = scorecard_from_json(body)
    assert lost(before)["c2"] == (0, "c1")
    assert lost(carry_decisions(form, before, overturned("c3")))["c2"] == (0, "c1")
    assert lost(carry_decisions(form, before, overturned("c1")))["c2"] == (0, "c1")


def test_a_line_of_a_newer_engine_says_so_and_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    form = compile_rubric(rubric(*RUDE))
    monkeypatch.setattr(score_module, "ENGINE_VERSION", "4")
    before = kept(card(form.rubric, CALL))
    (found,) = judged(form, [ToScore(transcript=CALL, call={})])
    anew = {d.plan.id: d.judgement for own in found.drafts for d in own if d.plan.id == "c3"}
    after = kept(carried(form, before, (), anew, anew=anew))
    assert [c.engine for c in after.criteria()] == [None, None, ENGINE_VERSION]
    assert after.inputs["engine"] == "4"
    later = carry_decisions(form, after, overturned("c1"))
    assert [c.engine for c in later.criteria()] == [None, None, ENGINE_VERSION]


def test_nothing_concerned_is_the_card_itself() -> None:
    form = compile_rubric(rubric(*RUDE))
    before = card(form.rubric, CALL)
    assert carried(form, before, (), {}) is before


def test_a_card_tells_which_decisions_it_knew() -> None:
    form = rubric(*RUDE)
    first, second = overturned("c1"), overturned("c2")
    made = card(form, CALL, decisions=[first])
    assert decisions_known(made, [first, second]) == 1
    assert decided_since(made, [first, second]) == {"c2"}
    assert decisions_known(made, [second]) is None
    assert decided_since(made, [second]) == {"c2"}


def test_a_decision_that_comes_with_new_words_names_the_turns_of_those() -> None:
    form = compile_rubric(rubric(*RUDE))
    before = kept(card(form.rubric, CALL))
    first, *rest = CALL.turns
    after = replace(CALL, turns=(first, turn("customer", 0.5, 0.7, "喂"), *rest))
    ruled = (overturned("c1"),)
    (found,) = judged(form, [ToScore(transcript=after, call={})])
    words = NewWords(
        transcript=after, measures=EMPTY, heard=found.heard, turns=turns_kept(CALL, after)
    )
    made = carried(
        form, before, ruled, findings(form, before, before, frozenset({"c1"})), words=words
    )
    assert [e.turn for c in before.criteria() for e in c.evidence] == [1, 1, 0]
    assert [e.turn for c in made.criteria() for e in c.evidence] == [2, 2, 0]
    assert made.transcript_sha256 == after.sha256()


def test_words_leave_a_call_judged_that_todays_bounds_would_not_judge() -> None:
    """A card of an engine that knew no 未评: a word corrected elsewhere makes it none."""
    form = compile_rubric(rubric(*RUDE))
    unheard = replace(
        CALL,
        duration_s=60.0,
        speech={AGENT: (*((t.start_s, t.end_s) for t in CALL.turns), (20.0, 50.0))},
        unheard={AGENT: (Unheard(start_s=20.0, end_s=50.0, reason=UnheardReason.NO_WORDS),)},
    )
    today = card(form.rubric, unheard)
    assert set(today.not_judged) == {AGENT}
    before = replace(today, not_judged={}, hearing={}, total=60.0)
    after = replace(unheard, turns=(*CALL.turns[:2], replace(CALL.turns[2], text="再会")))
    old, new = judged(form, [ToScore(transcript=t, call={}) for t in (unheard, after)])
    heard = heard_now(before, old, new)
    assert (heard.not_judged, heard.hearing) == ({}, None)
    # What fills the gap is another matter: by those words the call is heard.
    filled = replace(
        after, unheard={AGENT: ()}, turns=(*after.turns, turn("agent", 20, 50, "嗯" * 60))
    )
    (new,) = judged(form, [ToScore(transcript=filled, call={})])
    assert heard_now(today, old, new).not_judged == {}


def correction(form: CompiledRubric, before: Transcript, after: Transcript) -> set[str]:
    old, new = judged(form, [ToScore(transcript=t, call={}) for t in (before, after)])
    return set(concerned_by_words(card(form.rubric, before), before, after, old, new))


def test_words_concern_what_lies_in_them_by_the_party_that_said_them() -> None:
    form = compile_rubric(
        rubric(
            "points: 50, expect: {said: {by: agent, any: [您好]}}",
            "points: 50, forbid: {said: {by: agent, any: [你听不懂吗]}}",
        )
    )
    hello, rude = turn("agent", 1, 3, "您好"), turn("agent", 4, 6, "你听不懂吗")
    asks = turn("customer", 1, 3, "账单")
    before = transcript(hello, asks, rude)
    assert correction(
        form, before, replace(before, turns=(hello, asks, replace(rude, text="听不清")))
    ) == {"c2"}
    # What the customer said at the time of the greeting is none of the greeting's words.
    assert (
        correction(form, before, replace(before, turns=(hello, replace(asks, text="话单"), rude)))
        == set()
    )
    assert correction(
        form, before, replace(before, turns=(replace(hello, text="您好啊"), asks, rude))
    ) == {"c1"}
    # A neighbour that ends where the words begin is another's time.
    near = turn("agent", 3, 4, "嗯")
    joined = transcript(hello, asks, near, rude)
    assert (
        correction(
            form, joined, replace(joined, turns=(hello, asks, replace(near, text="啊"), rude))
        )
        == set()
    )


def test_words_concern_what_was_looked_for_in_vain_where_they_stand() -> None:
    form = compile_rubric(
        rubric(
            "points: 100, confirm: machine, expect: {said: {by: agent, any: [您好], within: {first_seconds: 5}}}"
        )
    )
    first, late = turn("agent", 1, 3, "喂"), turn("agent", 20, 22, "再见")
    before = transcript(first, late)
    assert correction(form, before, replace(before, turns=(replace(first, text="喂喂"), late))) == {
        "c1"
    }
    assert (
        correction(form, before, replace(before, turns=(first, replace(late, text="再会"))))
        == set()
    )


def test_turns_kept_follow_cuts_and_joins() -> None:
    one, two, three = (turn("agent", n, n + 1, "好") for n in (1, 2, 3))
    cut = [replace(two, end_s=2.5), replace(two, start_s=2.5, speaker="customer")]
    before, after = transcript(one, two, three), transcript(one, *cut, three)
    assert turns_kept(before, after) == {0: 0, 2: 3}
    assert turns_kept(before, before) == {0: 0, 1: 1, 2: 2}
