"""Whole cards: points, precedence, people's part, draft and publication; worked by hand."""
# ruff: noqa: E501 - a criterion stands in one line, as in a rubric

from __future__ import annotations

import dataclasses
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from qc_pipeline.call import Recording
from qc_pipeline.scoring.compile import compile_rubric
from qc_pipeline.scoring.decisions import Decision
from qc_pipeline.scoring.score import KnownHashes, score
from qc_pipeline.scoring.scorecard import scorecard_from_json
from tests.builders import card, measures, only, rubric, said

CALL = said(("agent", "您好"), ("customer", "我要投诉"), ("agent", "爱办不办,滚蛋"))
PASSES = "expect: {said: {by: agent, any: [您好]}}"
FAILS = "expect: {said: {by: agent, any: [再见]}}"
RUDE = "forbid: {said: {by: agent, any: [爱办不办]}}"
ABUSE = "forbid: {said: {by: agent, any: [滚蛋], match: exact}}"
NEVER = f"{FAILS}, applies: {{call: {{contact: first}}}}"
REPEAT = {"contact": "repeat"}
TICKET = "expect: {call: {ticket_error: 无}}"
FORMER = rubric(f"points: 80, {PASSES}", f"points: 20, {FAILS}")
PROCEDURE = """  - id: p
    title: 二
    points: 40
    criteria:
      - {id: p1, title: 标题, points: 40, expect: {said: {by: agent, any: [您好]}}}
"""


def decided(criterion: str, verdict: str, **more: Any) -> Decision:
    return Decision(
        criterion=criterion, verdict=verdict, person="wang", at="2026-11-16T09:00:00+08:00", **more
    )


def verdicts(scored) -> dict[str, tuple[str, float]]:
    return {c.id: (str(c.verdict), c.lost) for c in scored.criteria()}


def test_points_of_the_field_form_with_fixed_deductions():
    # weights 40/20/20/20 and marks 10/5/5/0 of 10: 40 + 10 + 10 + 0 = 60
    form = rubric(
        f"points: 40, {PASSES}",
        f"points: 20, {FAILS}, deduct: 10, same_fact: none",
        f"points: 20, {FAILS}, deduct: 10, same_fact: none",
        f"points: 20, {FAILS}, same_fact: none",
    )
    scored = card(form, CALL)
    assert (scored.total, scored.band, scored.passed) == (60, "不合格", False)
    assert verdicts(scored)["c4"] == ("fail", 20)


def test_the_last_one_not_applicable_leaves_the_denominator_under_redistribute():
    form = rubric(
        f"points: 40, {PASSES}",
        f"points: 20, {FAILS}, deduct: 10",
        f"points: 20, {FAILS}, deduct: 10",
        f"points: 20, {NEVER}",
        head="not_applicable: redistribute",
    )
    assert card(form, CALL, REPEAT).total == 75


def test_under_award_what_does_not_apply_loses_nothing():
    form = rubric(
        f"points: 40, {PASSES}",
        f"points: 20, {FAILS}, deduct: 10",
        f"points: 20, {FAILS}, deduct: 10",
        f"points: 20, {NEVER}",
    )
    assert card(form, CALL, REPEAT).total == 80


def test_two_forties_and_a_twenty_with_one_forty_failed_are_sixty():
    form = rubric(f"points: 40, {FAILS}", f"points: 40, {PASSES}", f"points: 20, {PASSES}")
    assert card(form, CALL).total == 60


def test_a_failed_fatal_makes_the_total_zero_whatever_does_not_apply():
    form = rubric(f"{NEVER}", f"severity: fatal, {ABUSE}", head="not_applicable: redistribute")
    scored = card(form, CALL, REPEAT)
    assert (scored.total, scored.fatal, scored.band) == (0, ("c2",), "不合格")


def test_a_fatal_counts_in_the_draft_and_in_a_published_score_only_when_confirmed():
    form = rubric(f"{PASSES}", f"severity: fatal, {ABUSE}")
    draft, published = card(form, CALL), card(form, CALL, terms={"published": True})
    assert (draft.total, draft.provisional, draft.criteria()[1].proposed) == (0, True, True)
    assert (published.total, published.fatal) == (100, ())
    assert (published.criteria()[1].verdict, published.provisional) == ("fail", True)


def test_a_section_fatal_zeroes_only_its_section():
    form = rubric(
        f"points: 60, {PASSES}",
        f"severity: fatal, scope: section, {ABUSE}",
        sections=PROCEDURE,
    )
    scored = card(form, CALL)
    assert scored.total == 40
    assert [(s.points, s.lost) for s in scored.sections] == [(60, 60), (40, 0)]


def test_a_section_loses_at_most_its_points():
    form = rubric(f"points: 60, {FAILS}", f"points: 30, {FAILS}", sections=PROCEDURE)
    scored = card(form, CALL)
    assert (scored.sections[0].lost, scored.total) == (60, 40)


def test_major_deductions_are_proposed_and_minor_ones_stand():
    form = rubric(
        f"points: 91, {FAILS}, severity: major",
        f"points: 5, {FAILS}, same_fact: none",
        f"points: 4, {FAILS}, same_fact: none",
    )
    assert card(form, CALL).total == 0
    published = card(form, CALL, terms={"published": True})
    # Five points and more are a person's to take, however small the matter is called.
    assert verdicts(published) == {"c1": ("fail", 0), "c2": ("fail", 0), "c3": ("fail", 4)}
    assert [c.stake for c in published.criteria()] == [91, 5, 0]
    assert published.total == 96


def test_confirm_machine_lets_a_major_deduction_stand():
    form = rubric(f"{FAILS}, severity: major, confirm: machine")
    scored = card(form, CALL, terms={"published": True})
    assert (scored.total, scored.provisional) == (0, False)


def test_a_bonus_is_added_last_and_never_lifts_above_the_points():
    reward = "bonus: 5, expect: {said: {by: agent, any: [您好]}}"
    form = rubric(f"points: 100, {RUDE}, deduct: 10", reward)
    scored = card(form, CALL)
    assert (scored.total, scored.criteria()[1].bonus) == (95, 5)
    assert card(rubric(PASSES, reward), CALL).total == 100
    missed = rubric(f"points: 100, {RUDE}, deduct: 10", "bonus: 5, " + FAILS)
    assert card(missed, CALL).total == 90
    assert card(missed, CALL).criteria()[1].verdict == "not_applicable"


def test_no_bonus_lifts_a_failed_fatal():
    reward = "bonus: 5, expect: {said: {by: agent, any: [您好]}}"
    assert card(rubric(PASSES, reward, f"severity: fatal, {ABUSE}"), CALL).total == 0


def test_a_trial_criterion_is_judged_shown_and_costs_nothing():
    scored = card(rubric(f"points: 50, {PASSES}", f"points: 50, {FAILS}, status: trial"), CALL)
    assert verdicts(scored)["c2"] == ("fail", 0)
    assert (scored.total, scored.criteria()[1].trial, scored.provisional) == (100, True, False)


def test_points_on_trial_stand_for_no_others():
    # 20 of 100 points cannot be judged; those on trial do not make up for them: 100 × 60 / 80.
    form = rubric(
        f"points: 60, {PASSES}", f"points: 20, {FAILS}", f"points: 20, {TICKET}",
        f"points: 20, {PASSES}, status: trial",
    )  # fmt: skip
    assert card(form, CALL).total == 75


def test_a_failed_trial_fatal_zeroes_nothing():
    scored = card(rubric(PASSES, f"severity: fatal, status: trial, {ABUSE}"), CALL)
    assert (scored.total, scored.fatal) == (100, ())


def test_manual_criteria_wait_for_a_person():
    scored = card(rubric(f"points: 80, {PASSES}", "points: 20, manual: true"), CALL)
    manual = scored.criteria()[1]
    assert (manual.verdict, manual.stake, manual.manual) == ("unscorable", 20, True)
    # The machine judged all that is the machine's: 80 of 80 points; the manual item counts apart.
    assert (scored.total, scored.provisional, scored.scorable_share) == (100, True, 1)


def test_too_little_judged_is_no_total_and_no_band():
    # The call list has no ticket_error: 21 of 100 points cannot be judged, 79 are under 80 %.
    scored = card(rubric(f"points: 79, {PASSES}", f"points: 21, {TICKET}"), CALL)
    assert (scored.total, scored.band, scored.passed) == (None, None, None)
    enough = card(rubric(f"points: 80, {PASSES}", f"points: 20, {TICKET}"), CALL)
    assert (enough.total, enough.scorable_share) == (100, 0.8)


def test_manual_points_are_no_part_of_what_must_be_judged():
    # 10 of the machine's 10 points are judged; 90 wait for a person and stand in no share.
    scored = card(rubric(f"points: 10, {PASSES}", "points: 90, manual: true"), CALL)
    assert (scored.total, scored.provisional) == (100, True)
    # 6 of the machine's 10 are judged: under 80 %, whatever a person makes of the manual 90.
    form = rubric(f"points: 6, {PASSES}", f"points: 4, {TICKET}", "points: 90, manual: true")
    assert card(form, CALL).total is None
    assert card(form, CALL, decisions=[decided("c3", "overturn")]).total is None


def test_the_card_says_how_many_points_it_rests_on():
    """passed 30, failed 20, held 10 are judged; 15 wait for a ticket; 5 do not apply; 12 a person
    judges, 8 are on trial.
    """
    form = rubric(
        f"points: 30, {PASSES}", f"points: 20, {FAILS}",
        "points: 10, forbid: {said: {by: customer, any: [我要投诉]}}", f"points: 15, {TICKET}",
        f"points: 5, {NEVER}", "points: 12, manual: true", f"points: 8, {FAILS}, status: trial",
        head="min_scorable: 0.5",
    )  # fmt: skip
    unsure = said(("agent", "您好"), ("customer", "我要投诉"), confidence=0.5)
    heard = replace(unsure, turns=(replace(unsure.turns[0], confidence=1.0), *unsure.turns[1:]))
    scored = card(form, heard, REPEAT)
    assert [str(c.verdict) for c in scored.criteria()] == [
        "pass", "fail", "held", "unscorable", "not_applicable", "unscorable", "fail",
    ]  # fmt: skip
    body = scored.as_json()
    assert (body["points_at_stake"], body["points_judged"]) == (75, 60)
    assert body["scorable_share"] == 0.8
    assert (body["manual_items"], body["manual_decided"]) == (1, 0)
    # Counted: 30 + 20 + 10, and under award the 5; 20 of them are lost: 100 × 45 / 65.
    assert (body["points_counted"], body["points_lost"], scored.total) == (65, 20, 69.23)
    told = card(form, heard, REPEAT, decisions=[decided("c6", "points", points=4)])
    body = told.as_json()
    assert (body["points_at_stake"], body["points_judged"]) == (75, 60)
    assert (body["manual_items"], body["manual_decided"]) == (1, 1)
    # The manual 12 count now, 4 of them lost: 100 × (77 - 24) / 77 = 68.831.
    assert (body["points_counted"], body["points_lost"], told.total) == (77, 24, 68.83)
    assert scorecard_from_json(body).as_json() == body


def test_a_card_of_a_former_engine_says_nothing_of_it_and_keeps_its_hash():
    body = card(FORMER, CALL).as_json()
    for key in ("points_counted", "points_lost", "points_at_stake", "points_judged"):
        del body[key]
    del body["manual_items"], body["manual_decided"], body["not_applicable"]
    read = scorecard_from_json(body)
    assert read.basis is None
    assert read.as_json() == body


def test_what_does_not_apply_is_no_part_of_what_could_be_judged():
    # 40 of the 40 + 20 points that apply
    form = rubric(
        f"points: 40, {PASSES}", f"points: 40, {NEVER}", f"points: 20, {TICKET}",
        head="min_scorable: 0.7",
    )  # fmt: skip
    scored = card(form, CALL, REPEAT)
    assert scored.scorable_share == pytest.approx(2 / 3)
    assert scored.total is None


def test_each_missing_member_costs():
    form = rubric(
        "points: 100, expect: {all: [{said: {by: agent, any: [您好]}}, "
        "{said: {by: agent, any: [电话]}}, {said: {by: agent, any: [姓名]}}]}, "
        "deduct: {each_missing: 15}"
    )
    result = card(form, CALL).criteria()[0]
    assert (result.lost, result.hits) == (30, 2)
    assert "电话" in result.reason and "姓名" in result.reason


def test_a_deduction_is_never_more_than_the_criterion_points():
    result = only(
        "points: 100, forbid: {said: {by: agent, any: [爱办不办, 滚蛋]}}, deduct: {each: 60}", CALL
    )
    assert (result.hits, result.lost) == (2, 100)


def test_the_same_words_in_two_criteria_of_a_section_deduct_once():
    form = rubric(
        f"points: 40, {RUDE}",
        "points: 60, forbid: {said: {by: agent, any: [爱办不办]}}",
    )
    scored = card(form, CALL)
    assert verdicts(scored) == {"c1": ("fail", 0), "c2": ("fail", 60)}
    assert scored.criteria()[0].covered_by == "c2"
    assert scored.total == 40


def test_what_an_unconfirmed_finding_covers_in_the_draft_stands_when_published():
    form = rubric(
        f"points: 40, confirm: machine, {RUDE}",
        "points: 60, severity: major, forbid: {said: {by: agent, any: [爱办不办]}}",
    )
    assert verdicts(card(form, CALL)) == {"c1": ("fail", 0), "c2": ("fail", 60)}
    assert verdicts(card(form, CALL, terms={"published": True})) == {
        "c1": ("fail", 40),
        "c2": ("fail", 0),
    }


def test_effective_days_follow_the_calls_own_date():
    form = rubric(f"{FAILS}, effective: {{from: 2026-11-01, until: 2026-11-30}}")

    def on(day: str) -> str:
        return card(form, CALL, {"start_time": f"{day}T23:30:00+08:00"}).criteria()[0].verdict

    assert [on(d) for d in ("2026-10-31", "2026-11-01", "2026-11-30", "2026-12-01")] == [
        "not_applicable", "fail", "fail", "not_applicable",
    ]  # fmt: skip
    assert card(form, CALL).criteria()[0].verdict == "unscorable"


def test_a_section_that_does_not_apply_takes_its_criteria_with_it():
    section = PROCEDURE.replace(
        "points: 40\n", "points: 40\n    applies: {call: {contact: first}}\n", 1
    )
    form = rubric(f"points: 60, {PASSES}", sections=section, head="not_applicable: redistribute")
    scored = card(form, CALL, REPEAT)
    assert verdicts(scored)["p1"] == ("not_applicable", 0)
    assert [s.points for s in scored.sections] == [60, 0]
    assert scored.total == 100
    assert verdicts(card(form, CALL))["p1"] == ("unscorable", 0)


def test_a_card_names_its_six_inputs_and_its_parent():
    form = rubric(PASSES)
    scored = card(form, CALL, REPEAT, parent="abc", measures=measures({"level_db": -20}))
    assert set(scored.inputs) == {
        "call", "transcript", "measures", "rubric", "decisions", "engine",
    }  # fmt: skip
    assert scored.inputs["transcript"] == CALL.sha256() == scored.transcript_sha256
    assert scored.inputs["rubric"] == form.sha256
    assert scored.parent == "abc"
    assert scored.measures["agent"] == {"level_db": -20}


def test_the_same_six_give_the_same_bytes_and_the_card_survives_json():
    form = rubric(PASSES, RUDE)
    one, other = card(form, CALL, REPEAT), card(compile_rubric(form), CALL, REPEAT)
    assert one.sha256() == other.sha256()
    assert scorecard_from_json(one.as_json()).sha256() == one.sha256()


def test_known_hashes_change_nothing():
    form = rubric(PASSES)
    known = KnownHashes(transcript=CALL.sha256())
    assert score(form, CALL, {}, known=known).sha256() == score(form, CALL, {}).sha256()


def test_a_recording_and_its_fields_judge_alike():
    recording = Recording(
        recording_id="r1",
        path="a.wav",
        start_time=datetime(2026, 11, 20, 10, tzinfo=UTC),
        agent_id="1001",
        fields={"contact": "repeat"},
    )
    form = rubric(f"{NEVER}")
    assert card(form, CALL, recording).criteria()[0].verdict == "not_applicable"


def test_nothing_but_empty_turns_is_scored_without_words():
    empty = dataclasses.replace(CALL, turns=(), duration_s=0.0)
    assert verdicts(card(rubric(PASSES, RUDE.replace("forbid", "points: 100, forbid")), empty)) == {
        "c1": ("fail", 100), "c2": ("pass", 0),
    }  # fmt: skip


def test_reasons_are_in_the_rubrics_language():
    call = said(("agent", "whatever you like"), ("customer", "hello"), language="en")
    form = rubric(
        "points: 50, expect: {said: {by: agent, any: [good morning, hello, welcome, how may I help]}}",
        "points: 50, forbid: {said: {by: agent, any: [whatever you like]}}",
        language="en",
    )
    first, second = card(form, call).criteria()
    assert first.reason == (
        "not found between 0:00 and 0:05 that the agent says “good morning”, “hello”, “welcome” "
        "and 1 more"
    )
    assert second.reason == "0:00: the agent said “whatever you like”"


@pytest.mark.parametrize(
    "criterion",
    [
        f"points: 100, {FAILS}, only_held: true",
        "points: 100, forbid: {any: [{said: {by: agent, any: [爱办不办]}, only_held: true}, "
        "{said: {by: agent, any: [请稍等一下]}}]}",
    ],
)
def test_what_only_holds_is_never_deducted(criterion: str) -> None:
    result = card(rubric(criterion), CALL).criteria()[0]
    assert (result.verdict, result.lost) == ("held", 0)
    assert "由人听后判断" in result.reason


def test_of_two_conditions_the_one_that_may_deduct_does() -> None:
    one = "{said: {by: agent, any: [爱办不办]}}"
    held = "{said: {by: agent, any: [爱办不办]}, only_held: true}"
    both = card(rubric(f"points: 100, forbid: {{any: [{one}, {held}]}}"), CALL)
    assert both.criteria()[0].verdict == "fail"
