"""What appeals, follow-ups and coaching are alike in: numbered cases about a call.

A case has a number, and steps that are rows of their own: nothing is changed, a newer step stands
beside the older ones. Each act is one transaction that nobody else decides beside (`acting`); who
is involved in a case does not close it (`need_somebody_else`); last days are counted in working
days (`due_day`); and a report tells how cases stood at its moment (`told_of`). What is particular
to a kind of case stands in its own room.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Generic, Protocol, TypeVar

from qc_pipeline.errors import UsageError
from qc_pipeline.store.record import Record
from qc_pipeline.store.samples import KeptSample, drawn_periods
from qc_pipeline.store.transaction import Reads, Transaction
from qc_pipeline.workspace.deadlines import today_in, window_end
from qc_pipeline.workspace.people import Actor
from qc_pipeline.workspace.settings import Settings


class CaseStep(Protocol):
    """A step of a case: when it was kept (ISO 8601), on which day it counts, who took it."""

    @property
    def at(self) -> str: ...
    @property
    def day(self) -> date: ...
    @property
    def person(self) -> str: ...


class Case(Protocol):
    """A case as it is kept; it was opened at `at`, counting on `day`."""

    @property
    def number(self) -> int: ...
    @property
    def period(self) -> str: ...
    @property
    def recording_id(self) -> str: ...
    @property
    def at(self) -> str: ...
    @property
    def day(self) -> date: ...
    @property
    def events(self) -> Sequence[CaseStep]: ...


class CaseWithState(Case, Protocol):
    """A case whose last step says how it stands."""

    @property
    def state(self) -> str: ...


C = TypeVar("C", bound=Case)
S = TypeVar("S", bound=CaseWithState)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseKind(Generic[C]):
    """A kind of case: what it is called in messages, the command that lists it, its cases."""

    noun: str
    listed_by: str
    read: Callable[[Reads], Iterable[C]]

    def find(self, reads: Reads, number: int) -> C:
        """The case of a number. Raises UsageError where none has it."""
        for case in self.read(reads):
            if case.number == number:
                return case
        raise UsageError(f"there is no {self.noun} {number}; `{self.listed_by}` shows them")


def in_state(
    kind: CaseKind[S],
    reads: Reads,
    number: int,
    states: Collection[str],
    awaits: Mapping[str, str] | None = None,
) -> S:
    """A case that stands in one of `states`. Raises UsageError for any other: with what it awaits
    in its state, else since when it is so and by whom.
    """
    case = kind.find(reads, number)
    if case.state in states:
        return case
    if awaits is not None and case.state in awaits:
        raise UsageError(f"{kind.noun} {number}: {awaits[case.state]}")
    last = case.events[-1]
    raise UsageError(f"{kind.noun} {number} is {case.state} since {last.day} by {last.person}")


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseAct:
    """An act on cases: its transaction and its day, in the call list's zone."""

    tx: Transaction
    settings: Settings
    today: date

    def due_day(self, asked: date | None = None) -> date:
        """The last day for an answer: the one asked for, else that of the window of working days.

        Raises UsageError for a day that is over.
        """
        if asked is not None and asked < self.today:
            raise UsageError(f"--due {asked} is over; today is {self.today}")
        return window_end(self.settings, self.today)[0] if asked is None else asked


@contextmanager
def acting(record: Record, settings: Settings) -> Iterator[CaseAct]:
    """One act, beside which nobody else decides; all of it stands, or nothing."""
    with record.transaction(alone=True) as tx:
        yield CaseAct(tx=tx, settings=settings, today=today_in(settings, tx.now))


def need_reason(reason: str) -> None:
    """Raises UsageError where nothing was said."""
    if not reason.strip():
        raise UsageError("give a reason: --reason TEXT")


def need_somebody_else(
    actor: Actor,
    involved: Sequence[tuple[Collection[str | None], str]],
    *,
    team: str | None,
    leads: str,
) -> None:
    """Raises UsageError for who is involved: people and what is then said of them, in order; or,
    as `leads` says, for who leads the team or stands in for its lead.
    """
    for name in actor.people:
        for people, said in involved:
            if name in people:
                raise UsageError(f"{name} {said}")
    if actor.known and actor.close_to(team):
        raise UsageError(f"{' or '.join(actor.people)} leads {team}: {leads}")


def as_of(case: C, until: datetime | None) -> C | None:
    """A case as it stood at a moment: without later steps; None where it was not opened yet."""
    if until is None:
        return case
    if datetime.fromisoformat(case.at) > until:
        return None
    events = tuple(e for e in case.events if datetime.fromisoformat(e.at) <= until)
    changed: Any = replace(case, events=events)  # type: ignore[type-var]
    return changed  # type: ignore[no-any-return]


def last_day(case: Case) -> date:
    """The day of a case's last step, or on which it was opened."""
    return max([case.day, *(e.day for e in case.events)])


def told_of(
    kind: CaseKind[C],
    record: Reads,
    kept: KeptSample,
    *,
    until: datetime | None,
    concerns: Callable[[C], bool],
) -> tuple[C, ...]:
    """The cases that a period's report tells of: those of its own calls, and of the calls of
    periods that ended before it those that concern it; all as they stood at `until`, else now.
    """
    cases = tuple(kind.read(record))
    if not cases:
        return ()
    own = kept.sample.period
    ends = {name: end for name, _, end in drawn_periods(record)}
    stood = (as_of(case, until) for case in cases)
    return tuple(
        case
        for case in stood
        if case is not None
        and (case.period == own or (ends[case.period] < kept.start_day and concerns(case)))
    )
