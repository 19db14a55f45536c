"""When a call counts as listened to: a person decided all of it that is a person's. By hand."""
# ruff: noqa: E501 - a criterion stands in one line, as in a rubric

from __future__ import annotations

from dataclasses import replace
from typing import Any

from qc_pipeline.scoring.criterion_identity import identities_of
from qc_pipeline.scoring.decisions import Decision
from qc_pipeline.scoring.evidence.finding import Verdict
from qc_pipeline.scoring.listened import is_listened, needs_person, undecided
from qc_pipeline.scoring.scorecard import Scorecard, scorecard_from_json
from tests.builders import card, rubric, said

CALL = said(("agent", "您好,爱办不办"), ("customer", "我要投诉"))
FORM = rubric(
    "id: hello, points: 20, expect: {said: {by: agent, any: [您好]}}",
    "id: bye, points: 4, expect: {said: {by: agent, any: [再见]}}",
    "id: rude, points: 40, severity: major, forbid: {said: {by: agent, any: [爱办不办]}}",
    "id: ticket, points: 6, expect: {call: {ticket_error: 无}}",
    "id: name, points: 20, applies: {call: {contact: first}}, expect: {said: {by: agent, any: [贵姓]}}",
    "id: tone, points: 10, manual: true",
    "id: tried, points: 10, status: trial, forbid: {said: {by: agent, any: [您好]}}",
)


def scored(*decided: str, published: bool = False, **verdicts: str) -> Scorecard:
    made = [
        Decision(
            criterion=name,
            verdict=verdicts.get(name, "overturn"),
            reason="听过",
            person="wang",
            at="2026-11-16T09:00:00+08:00",
        )
        for name in decided
    ]
    return card(FORM, CALL, {"contact": "repeat"}, decisions=made, terms={"published": published})


ALL = ("bye", "rude", "ticket", "tone")


def names(made: Scorecard) -> list[str]:
    return [c.id for c in undecided(made)]


def test_what_is_deducted_held_not_judged_or_manual_is_a_persons_and_what_passed_is_not() -> None:
    # hello passed, name does not apply, tried is on trial.
    assert names(scored()) == ["bye", "rude", "ticket", "tone"]
    assert not is_listened(scored())


def test_it_is_listened_to_once_the_last_of_them_is_decided() -> None:
    for left in ALL:
        others = [name for name in ALL if name != left]
        assert names(scored(*others)) == [left]
        assert not is_listened(scored(*others)), left
    done = scored(*ALL)
    assert (names(done), is_listened(done), done.total) == ([], True, 100)
    # Confirmed or overturned is all the same.
    assert is_listened(scored(*ALL, rude="confirm", bye="confirm"))


def test_a_minor_deduction_of_the_machine_wants_a_person_too() -> None:
    bye = scored("rude", "ticket", "tone").criteria()[1]
    assert (bye.verdict, bye.proposed, bye.decided_by) == ("fail", False, "rule")


def test_what_an_automatic_criterion_deducts_is_nobodys_and_what_it_holds_is() -> None:
    form = rubric(
        "id: rude, points: 4, forbid: {said: {by: agent, any: [爱办不办]}}",
        "id: hello, points: 96, confirm: machine, expect: {said: {by: agent, any: [您好]}}",
    )
    name = identities_of(form)["rude"]
    made = card(form, CALL, terms={"automatic": frozenset({name})})
    rude, hello = made.criteria()
    assert (rude.verdict, rude.automatic, rude.lost, hello.automatic) == ("fail", True, 4, False)
    assert names(made) == []
    assert scorecard_from_json(made.as_json()) == made
    # One that it could not be sure of is a person's, automatic or not.
    held = replace(rude, verdict=Verdict.HELD, lost=0, stake=4)
    unsure = replace(rude, stake=2)
    could_not = replace(rude, verdict=Verdict.UNSCORABLE, lost=0)
    for other in (held, unsure, could_not, replace(rude, automatic=False)):
        assert needs_person(other)
    # Of another list, or where nothing is automatic, the card is what it was to the last byte.
    for names_of_others in (frozenset(), frozenset({"test/rude@0000000000000000"})):
        plain = card(form, CALL, terms={"automatic": names_of_others})
        assert "automatic" not in str(plain.as_json()["sections"])
    assert card(form, CALL, terms={"automatic": frozenset()}).sha256() == card(form, CALL).sha256()


def test_what_publishing_closed_nobody_decided() -> None:
    closed = {name: "not_looked_at" for name in ("rude", "tone")}
    made = scored(*ALL, published=True, **closed)
    assert made.total is not None and not made.provisional
    assert names(made) == ["rude", "tone"]
    assert not is_listened(made)


def test_a_call_in_which_nobody_decided_anything_is_not_listened_to() -> None:
    fine = card(rubric("expect: {said: {by: agent, any: [您好]}}"), CALL)
    assert (list(undecided(fine)), fine.total, is_listened(fine)) == ([], 100, False)


def test_without_a_total_it_is_not() -> None:
    invalid = card(
        FORM,
        CALL,
        {"contact": "repeat"},
        decisions=[
            Decision(criterion=None, verdict="invalid", reason="空", person="wang", at="2026-11-16T09:00:00+08:00")
        ],
    )  # fmt: skip
    assert (invalid.total, is_listened(invalid)) == (None, False)


def test_what_another_deduction_covers_is_decided_with_it() -> None:
    form = rubric(
        "id: a, points: 4, forbid: {said: {by: agent, any: [爱办不办]}}",
        "id: b, points: 3, forbid: {said: {by: agent, any: [爱办不办]}}",
        "id: c, points: 93, expect: {said: {by: agent, any: [您好]}}",
    )
    decided: Any = Decision(
        criterion="a", verdict="confirm", reason="", person="wang", at="2026-11-16T09:00:00+08:00"
    )
    made = card(form, CALL, decisions=[decided])
    assert (made.criteria()[1].covered_by, is_listened(made)) == ("a", True)
