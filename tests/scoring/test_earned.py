"""What a machine may decide by itself: proof, stop, relapse, a changed list. Counted by hand."""

from __future__ import annotations

import random
from dataclasses import replace
from math import comb, sqrt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qc_pipeline.scoring.criterion_identity import identities_of
from qc_pipeline.scoring.decisions import Decision
from qc_pipeline.scoring.earned import (
    Autonomy,
    Earned,
    Shown,
    proof_of,
    proved,
    same_evidence,
    shown_by,
)
from qc_pipeline.scoring.evidence.finding import Evidence, EvidenceKind, Verdict
from qc_pipeline.scoring.scorecard import CriterionResult
from tests.builders import AGENT, CUSTOMER, rubric

SAID = "forbid: {said: {by: agent, any: [爱办不办]}}"


def looks(*runs: int) -> list[bool]:
    """So many that stood, then so many that did not, and so on."""
    return [number % 2 == 0 for number, run in enumerate(runs) for _ in range(run)]


def test_twenty_seven_of_the_first_thirty_prove_a_criterion() -> None:
    assert proved(looks(29)) == Earned(standing=Autonomy.UNPROVEN, decided=29, stood=29, more=1)
    passed = proved(looks(10, 1, 10, 1, 7, 1))
    assert (passed.standing, passed.decided, passed.stood) == (Autonomy.AUTOMATIC, 30, 27)
    assert passed.share == pytest.approx(0.9)
    # Four wrong, never four in ten: no proof, and the next thirty do not make one.
    missed = proved(looks(7, 1, 7, 1, 7, 1, 5, 1))
    assert (missed.standing, missed.failed, missed.more) == (Autonomy.UNPROVEN, True, 0)
    later = proved(looks(7, 1, 7, 1, 7, 1, 5, 1, 60))
    assert (later.standing, later.failed, later.decided) == (Autonomy.UNPROVEN, True, 90)


def test_four_wrong_of_ten_stop_it_and_three_do_not() -> None:
    assert proved(looks(0, 4)).standing is Autonomy.UNPROVEN  # not ten yet
    assert proved(looks(6, 4)).standing is Autonomy.STOPPED
    assert proved(looks(7, 3)).standing is Autonomy.UNPROVEN
    assert proved(looks(10, 2, 3, 2)).standing is Autonomy.STOPPED  # any ten in a row
    # What is stopped stays so, whatever comes later.
    assert proved(looks(6, 4, 60)).standing is Autonomy.STOPPED


def test_below_85_percent_of_the_last_sixty_it_goes_back_and_proves_itself_again() -> None:
    # 60 right, then wrong ones: with 9 of the last 60 wrong 85 % stand, with 10 they do not.
    assert proved(looks(60, 9)).standing is Autonomy.AUTOMATIC
    assert proved(looks(60, 9)).stood == 51
    back = proved(looks(60, 10))
    assert (back.standing, back.relapses, back.decided, back.more) == (
        Autonomy.UNPROVEN,
        1,
        0,
        30,
    )
    again = proved(looks(60, 10, 30))
    assert (again.standing, again.relapses) == (Autonomy.AUTOMATIC, 1)
    # Once proved nothing stops it but that: four wrong in ten of sixty are 93 %.
    assert proved(looks(56, 4)).standing is Autonomy.AUTOMATIC


def test_a_changed_list_keeps_twenty_looks_and_asks_for_ten_new_ones() -> None:
    carried = looks(0, 5, 40)
    assert proved((), carried).more == 10
    assert proved(looks(9), carried).standing is Autonomy.UNPROVEN
    assert proved(looks(10), carried).standing is Autonomy.AUTOMATIC
    # The last twenty count: those five at the beginning are too old.
    assert proved(looks(7, 3), carried).stood == 27
    # Of few that are left more new ones are needed.
    assert proved(looks(20), looks(6)).more == 4
    # What still fails on the same evidence, and was wrong, goes on stopping it.
    assert proved((), looks(6, 4)).standing is Autonomy.STOPPED


def share(right: float, outcome: Autonomy, times: int = 2_000) -> float:
    chance = random.Random(f"{right}")  # nosec B311 - a simulation
    found = sum(
        proved([chance.random() < right for _ in range(30)]).standing is outcome
        for _ in range(times)
    )
    return found / times


def passing(right: float) -> float:
    """P(at most 3 of 30 wrong), binomial."""
    return sum(comb(30, k) * (1 - right) ** k * right ** (30 - k) for k in range(4))


@pytest.mark.parametrize(("right", "told"), [(0.95, 0.94), (0.9, 0.65), (0.8, 0.12), (0.6, 0.0)])
def test_how_often_a_criterion_of_such_truth_passes(right: float, told: float) -> None:
    expected = passing(right)
    assert expected == pytest.approx(told, abs=0.005)
    within = 3.5 * sqrt(expected * (1 - expected) / 2_000)
    assert abs(share(right, Autonomy.AUTOMATIC) - expected) <= within + 1e-9


def test_how_often_it_is_stopped() -> None:
    # Wrong in half of its findings: 10 looks stop it with P(X >= 4 | 10, 0.5) = 82.8 %, 30 nearly
    # always; truly right in 95 % hardly ever.
    assert share(0.5, Autonomy.STOPPED) > 0.99
    assert share(0.95, Autonomy.STOPPED) < 0.02


def test_a_criterion_that_stays_right_in_95_percent_seldom_goes_back() -> None:
    # From the worst proof there is, over 300 more looks; measured 5.3 % of 2,000.
    chance = random.Random("stays")  # nosec B311 - a simulation
    back = 0
    for _ in range(500):
        found = proved(looks(27, 3) + [chance.random() < 0.95 for _ in range(300)])
        back += found.relapses > 0
    assert back / 500 < 0.09


@given(st.lists(st.booleans(), max_size=120), st.lists(st.booleans(), max_size=40))
def test_proof_never_contradicts_itself(own: list[bool], carried: list[bool]) -> None:
    found = proved(own, carried)
    assert 0 <= found.stood <= found.decided
    assert 0 <= found.more <= 30
    if found.standing is Autonomy.AUTOMATIC:
        assert len(own) >= 10
        assert found.stood >= 0.85 * found.decided
        assert (found.more, found.failed) == (0, False)
    # A look that stood never takes away what had been earned.
    if found.standing is Autonomy.AUTOMATIC:
        assert proved([*own, True], carried).standing is Autonomy.AUTOMATIC


@pytest.mark.parametrize(
    ("criterion", "standing"),
    [
        (f"points: 4, {SAID}", Autonomy.UNPROVEN),
        (f"points: 5, {SAID}", Autonomy.PERSON),
        (f"points: 5, confirm: machine, {SAID}", Autonomy.PERSON),
        (f"points: 4, confirm: person, {SAID}", Autonomy.PERSON),
        (f"points: 4, severity: major, {SAID}", Autonomy.PERSON),
        (f"severity: fatal, {SAID}", Autonomy.PERSON),
        (f"points: 4, only_held: true, {SAID}", Autonomy.PERSON),
        ("points: 4, manual: true", Autonomy.PERSON),
        (f"points: 4, status: trial, {SAID}", Autonomy.TRIAL),
    ],
)
def test_what_is_a_persons_never_becomes_automatic(criterion: str, standing: Autonomy) -> None:
    rest = 100 if "fatal" in criterion else 95 if "points: 5" in criterion else 96
    form = rubric(f"id: asked, {criterion}", f"id: rest, points: {rest}, {SAID}")
    asked = next(c for c in form.criteria() if c.id == "asked")
    assert proof_of(asked, ()).standing is standing
    proof = proof_of(asked, [True] * 60)
    assert (proof.standing is Autonomy.AUTOMATIC) is (standing is Autonomy.UNPROVEN)


def line(verdict: Verdict, **more: Any) -> CriterionResult:
    values: dict[str, Any] = {
        "id": "c",
        "title": "t",
        "verdict": verdict,
        "points": 4,
        "lost": 4 if verdict is Verdict.FAIL else 0,
        "certainty": 1,
        "reason": "",
    }
    return CriterionResult(**(values | more))


def ruled(verdict: str, **more: Any) -> Decision:
    at = "2026-11-16T09:00:00+08:00"
    return Decision(criterion="c", verdict=verdict, person="wang", at=at, **more)


@pytest.mark.parametrize(
    ("decision", "shown"),
    [
        (ruled("confirm"), Shown.STOOD),
        (ruled("points", points=1), Shown.STOOD),
        (ruled("exempt"), Shown.STOOD),
        (ruled("points", points=0), Shown.FELL),
        (ruled("overturn"), Shown.FELL),
        (ruled("not_applicable"), Shown.FELL),
        (ruled("invalid"), None),
        (ruled("not_looked_at"), None),
        (None, None),
    ],
)
@pytest.mark.parametrize("verdict", [Verdict.FAIL, Verdict.HELD])
def test_what_a_decision_on_a_finding_shows(
    verdict: Verdict, decision: Decision | None, shown: Shown | None
) -> None:
    assert shown_by(line(verdict), decision) is shown


def test_what_was_missed_and_what_was_let_stand() -> None:
    added = ruled("deduct", points=2, place_s=(1.0, 2.0))
    assert shown_by(line(Verdict.PASS), added) is Shown.MISSED
    assert shown_by(line(Verdict.NOT_APPLICABLE), added) is Shown.MISSED
    # The machine had said nothing there.
    assert shown_by(line(Verdict.UNSCORABLE), added) is None
    assert shown_by(line(Verdict.PASS), None) is Shown.PASSED
    assert shown_by(line(Verdict.PASS), ruled("confirm")) is Shown.PASSED
    assert shown_by(line(Verdict.NOT_APPLICABLE), None) is None


def test_an_automatic_deduction_that_nobody_changed_stood() -> None:
    pre_filled = line(Verdict.FAIL, automatic=True)
    assert shown_by(pre_filled, None) is Shown.STOOD
    assert shown_by(pre_filled, ruled("overturn")) is Shown.FELL
    assert shown_by(replace(pre_filled, stake=2.0), None) is None
    assert shown_by(line(Verdict.HELD, automatic=True, stake=4.0), None) is None
    # Decided with the one that covers it; decided by a person: no finding of the machine.
    assert shown_by(line(Verdict.FAIL, covered_by="b"), ruled("confirm")) is None
    assert shown_by(line(Verdict.FAIL, decided_by="person"), ruled("confirm")) is None


def place(start_s: float, end_s: float, speaker: Any = AGENT) -> Evidence:
    return Evidence(kind=EvidenceKind.SAID, start_s=start_s, end_s=end_s, speaker=speaker)


def test_the_same_evidence_is_of_the_same_party_at_the_same_time() -> None:
    assert same_evidence((place(1, 2),), (place(8, 9), place(1.5, 3)))
    assert not same_evidence((place(1, 2),), (place(2.1, 3),))
    assert not same_evidence((place(1, 2),), (place(1, 2, CUSTOMER),))
    assert same_evidence((), ())
    assert not same_evidence((place(1, 2),), ())


def test_identity_changes_with_what_is_looked_for_and_not_with_what_is_told() -> None:
    def name(criterion: str, head: str = "") -> str:
        return identities_of(rubric(criterion, head=head))["c1"]

    plain = name(SAID)
    assert plain.startswith("test/c1@")
    assert name(f"why: 客户, {SAID}") == plain
    assert name(f"status: trial, {SAID}") == plain
    named = "forbid: {said: {by: agent, any: $rude}}"
    assert name(named, head="phrases: {rude: [爱办不办]}") == plain
    assert name("forbid: {said: {by: agent, any: [爱办不办, 随便你]}}") != plain
    assert name(f"only_held: true, {SAID}") != plain
    assert name(f"applies: {{call: {{contact: first}}}}, {SAID}") != plain
    assert name(SAID, head="exact_only: [爱办不办]") != plain
    assert name(SAID, head="review_below: 0.5") != plain
