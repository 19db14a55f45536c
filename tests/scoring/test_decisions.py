"""What people decide about a card, and that nothing decided changes nothing."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from qc_pipeline.scoring.decisions import Decision, unknown_criteria
from tests.builders import card, rubric, said

CALL = said(("agent", "喂"), ("customer", "我要投诉"), ("agent", "爱办不办"))
MUMBLED = said(("agent", "爱办不办"), confidence=0.3)
RUDE = "forbid: {said: {by: agent, any: [爱办不办]}}"
GREETING = "expect: {said: {by: agent, any: [您好]}}"


def decision(criterion, verdict, points=None, reason="听过录音", person="inspector-1"):
    return Decision(
        criterion=criterion,
        verdict=verdict,
        person=person,
        at="2026-11-23T09:00:00+08:00",
        reason=reason,
        points=points,
    )


def result(form, call, *decisions, **more):
    scored = card(form, call, decisions=decisions, **more)
    first = scored.criteria()[0]
    return str(first.verdict), first.lost, first.decided_by, scored.total


def test_no_decisions_give_the_same_card():
    form = rubric(RUDE)
    assert card(form, CALL).sha256() == card(form, CALL, decisions=()).sha256()


def test_a_confirmed_proposal_counts_in_the_published_score():
    form = rubric(f"{RUDE}, severity: major")
    assert result(form, CALL, terms={"published": True}) == ("fail", 0, "rule", 100)
    confirmed = result(form, CALL, decision("c1", "confirm"), terms={"published": True})
    assert confirmed == ("fail", 100, "person", 0)
    assert not card(form, CALL, decisions=[decision("c1", "confirm")]).provisional


def test_a_confirmed_held_finding_costs_what_was_at_stake():
    form = rubric(f"points: 100, {RUDE}, deduct: 30")
    assert result(form, MUMBLED) == ("held", 0, "rule", 100)
    assert result(form, MUMBLED, decision("c1", "confirm")) == ("fail", 30, "person", 70)


def test_an_overturned_finding_is_a_pass():
    assert result(rubric(RUDE), CALL, decision("c1", "overturn")) == ("pass", 0, "person", 100)


def test_points_set_what_a_criterion_costs_up_to_its_worth():
    form = rubric(f"points: 60, {RUDE}", f"points: 40, {RUDE}, same_fact: none")
    scored = card(
        form, CALL, decisions=[decision("c1", "points", 15), decision("c2", "points", 90)]
    )
    assert [c.lost for c in scored.criteria()] == [15, 40]
    assert scored.total == 45


def test_a_manual_criterion_is_marked_by_points():
    form = rubric("points: 30, manual: true", "points: 70, forbid: {call: {x: 1}}")
    marked = card(form, CALL, {"x": 2}, decisions=[decision("c1", "points", 10)])
    assert (marked.criteria()[0].verdict, marked.total, marked.provisional) == ("fail", 90, False)
    full = card(form, CALL, {"x": 2}, decisions=[decision("c1", "points", 0)])
    assert (full.criteria()[0].verdict, full.total) == ("pass", 100)


def test_a_red_line_that_only_a_person_can_find_counts_once_confirmed():
    form = rubric("points: 100, forbid: {call: {x: 1}}", "severity: fatal, manual: true")
    found = card(form, CALL, {"x": 2}, decisions=[decision("c2", "confirm")])
    assert (found.total, found.fatal) == (0, ("c2",))
    cleared = card(form, CALL, {"x": 2}, decisions=[decision("c2", "overturn")])
    assert (cleared.total, cleared.fatal) == (100, ())


def test_not_applicable_takes_a_criterion_out():
    form = rubric(f"points: 60, {RUDE}", "points: 40, forbid: {call: {x: 1}}",
                  head="not_applicable: redistribute")  # fmt: skip
    scored = card(form, CALL, {"x": 2}, decisions=[decision("c1", "not_applicable")])
    assert (scored.criteria()[0].verdict, scored.total) == ("not_applicable", 100)
    assert scored.sections[0].points == 40


def test_invalid_evidence_makes_a_criterion_unscorable_and_a_recording_without_total():
    form = rubric(f"points: 10, {RUDE}", "points: 90, forbid: {call: {x: 1}}")
    one = card(form, CALL, {"x": 2}, decisions=[decision("c1", "invalid")])
    assert (one.criteria()[0].verdict, one.total) == ("unscorable", 100)
    whole = card(form, CALL, {"x": 2}, decisions=[decision(None, "invalid")])
    assert {c.verdict for c in whole.criteria()} == {"unscorable"}
    assert (whole.total, whole.band) == (None, None)


def test_the_last_decision_counts():
    decisions = [decision("c1", "confirm"), decision("c1", "overturn", person="reviewer-2")]
    assert result(rubric(RUDE), CALL, *decisions)[0] == "pass"
    assert result(rubric(RUDE), CALL, *reversed(decisions))[0] == "fail"


def test_a_confirmed_fatal_zeroes_the_published_score():
    form = rubric(GREETING.replace("您好", "喂"), f"severity: fatal, {RUDE}")
    scored = card(form, CALL, decisions=[decision("c2", "confirm")], terms={"published": True})
    assert (scored.total, scored.fatal) == (0, ("c2",))
    scored = card(form, CALL, decisions=[decision("c2", "overturn")])
    assert (scored.total, scored.fatal) == (100, ())


def test_a_confirmation_of_what_a_corrected_transcript_no_longer_shows_costs_nothing():
    polite = said(("agent", "您好"))
    assert result(rubric(RUDE), polite, decision("c1", "confirm"))[:2] == ("pass", 0)


def test_decisions_are_named_in_the_card():
    form = rubric(RUDE)
    plain = card(form, CALL)
    decided = card(form, CALL, decisions=[decision("c1", "confirm")], parent=plain.sha256())
    assert decided.inputs["decisions"] != plain.inputs["decisions"]
    assert decided.parent == plain.sha256()
    assert decided.criteria()[0].reason == "听过录音"


def test_a_decision_on_a_criterion_that_the_rubric_does_not_have_changes_no_points():
    form = rubric(RUDE)
    stray = decision("gone", "overturn")
    assert card(form, CALL, decisions=[stray]).total == card(form, CALL).total
    assert unknown_criteria([stray], ["c1"]) == ("gone",)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        (
            {"criterion": "c1", "verdict": "points"},
            "'points' stands with the verdicts 'points' and 'deduct'",
        ),
        ({"criterion": "c1", "verdict": "confirm", "points": 3.0}, "only there"),
        ({"criterion": None, "verdict": "confirm"}, "only 'invalid'"),
        ({"criterion": "c1", "verdict": "maybe"}, "verdict"),
    ],
)
def test_a_decision_that_means_nothing_is_refused(fields, message):
    with pytest.raises(ValidationError, match=message):
        Decision(person="p", at="2026-11-23T09:00:00+08:00", **fields)
