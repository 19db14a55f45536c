"""What all cases have in common, on a kind of case made up here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime

import pytest

from qc_pipeline.cases.engine import (
    CaseKind,
    as_of,
    in_state,
    last_day,
    need_somebody_else,
)
from qc_pipeline.errors import UsageError
from qc_pipeline.store.transaction import Reads
from qc_pipeline.workspace.people import Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    at: str
    day: date
    person: str
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Complaint:
    number: int
    period: str = "2026-W46"
    recording_id: str = "r1"
    at: str = "2026-11-16T09:00:00+08:00"
    day: date = date(2026, 11, 16)
    events: tuple[Step, ...] = ()

    @property
    def state(self) -> str:
        return self.events[-1].state if self.events else "open"


TAKEN = Step(at="2026-11-17T10:00:00+08:00", day=date(2026, 11, 17), person="赵复核", state="taken")
CLOSED = Step(
    at="2026-11-18T10:00:00+08:00", day=date(2026, 11, 18), person="赵复核", state="closed"
)
SHELF = {
    1: Complaint(number=1),
    2: Complaint(number=2, events=(TAKEN,)),
    3: Complaint(number=3, events=(TAKEN, CLOSED)),
}


def read(_: Reads) -> list[Complaint]:
    return list(SHELF.values())


COMPLAINTS = CaseKind(noun="complaint", listed_by="qc complaint list", read=read)
NOWHERE: Reads = None  # type: ignore[assignment]


def test_a_case_is_found_by_its_number_or_the_list_is_named() -> None:
    assert COMPLAINTS.find(NOWHERE, 2) is SHELF[2]
    with pytest.raises(UsageError, match=r"no complaint 9; `qc complaint list` shows them"):
        COMPLAINTS.find(NOWHERE, 9)


def test_a_case_in_another_state_says_what_it_awaits_or_since_when_it_is_so() -> None:
    awaits = {"taken": "in review (`qc complaint decide`)"}
    assert in_state(COMPLAINTS, NOWHERE, 1, ("open",), awaits) is SHELF[1]
    with pytest.raises(UsageError, match=r"complaint 2: in review \(`qc complaint decide`\)"):
        in_state(COMPLAINTS, NOWHERE, 2, ("open",), awaits)
    with pytest.raises(UsageError, match="complaint 3 is closed since 2026-11-18 by 赵复核"):
        in_state(COMPLAINTS, NOWHERE, 3, ("open",), awaits)


def test_a_case_is_told_as_it_stood_at_a_moment_in_any_zone() -> None:
    def stood(hour_utc: int, day: int = 17) -> Complaint | None:
        return as_of(SHELF[3], datetime(2026, 11, day, hour_utc, 0, tzinfo=UTC))

    assert as_of(SHELF[3], None) is SHELF[3]
    assert stood(0, day=16) is None, "it was opened at one o'clock UTC"
    before, after = stood(1), stood(2)
    assert before is not None and before.state == "open"
    assert after is not None and after.events == (TAKEN,)


def test_the_last_day_is_that_of_the_last_step() -> None:
    assert last_day(SHELF[1]) == date(2026, 11, 16)
    assert last_day(SHELF[3]) == date(2026, 11, 18)


def test_who_is_involved_or_leads_the_team_does_not_decide() -> None:
    actor = Actor(name="孙组长", known=True, roles=frozenset({"lead"}), near=frozenset({"一组"}))
    involved = [({"赵复核", None}, "judged it: somebody else decides")]
    need_somebody_else(actor, involved, team="二组", leads="somebody else decides")
    with pytest.raises(UsageError, match="孙组长 leads 一组: somebody else decides"):
        need_somebody_else(actor, involved, team="一组", leads="somebody else decides")
    with pytest.raises(UsageError, match="孙组长 judged it: somebody else decides"):
        need_somebody_else(
            actor, [({"孙组长"}, "judged it: somebody else decides")], team="二组", leads="no"
        )
