"""我已查看（不代表认可扣分）: agents answer to published cards, or are deemed to know them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from pathlib import Path

from qc_pipeline.cases.appeals.policy import need_lead, public_parts
from qc_pipeline.cases.appeals.requests import request_appeal
from qc_pipeline.cases.appeals.sheet import moment_of, read_handed_in
from qc_pipeline.cases.engine import acting
from qc_pipeline.errors import InputError, Problem, QcError, UsageError
from qc_pipeline.intake.named_table import NamedRow, NamedTable
from qc_pipeline.period.calls import find_kept
from qc_pipeline.report.model import short_keys
from qc_pipeline.report.words.catalog import in_every_language
from qc_pipeline.report.write.workbook import SIGNOFF_COLUMNS
from qc_pipeline.scoring.scorecard import Scorecard
from qc_pipeline.store.acknowledgements import (
    AGREES,
    OBJECTS,
    acknowledgements_of,
    add_acknowledgement,
)
from qc_pipeline.store.card_sources import calls_by_hash
from qc_pipeline.store.outcomes import outcomes_of
from qc_pipeline.store.publications import published
from qc_pipeline.store.record import Record
from qc_pipeline.store.samples import kept_sample
from qc_pipeline.store.transaction import Reads
from qc_pipeline.workspace.deadlines import today_in, window_end
from qc_pipeline.workspace.people import Actor, agent_of
from qc_pipeline.workspace.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedLine:
    """What an agent answered to one criterion of a call, or (None) to a call without deductions."""

    period: str
    recording_id: str
    criterion: str | None
    answer: str
    reason: str
    signed_at: datetime | None
    by: str
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedSheet:
    """What became of a sheet: lines kept by answer, requests made of them, lines known before, and
    those refused with the reason.
    """

    agrees: int
    objects: int
    requests: int
    known: int
    refused: tuple[Problem, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SignoffState:
    """How many of a period's published calls agents have seen; `deemed` are known without an answer
    since the working days of the window (two shifts) are over, which is on `due`.
    """

    calls: int
    signed: int
    deemed: int
    waiting: int
    due: date


def acknowledge(record: Record, settings: Settings, actor: Actor, line: SignedLine) -> bool:
    """Keep an answer; one that objects is a request as well. Returns False where it was known.

    Raises UsageError for a draft, for who is neither the agent nor leads them nor works in QA, and,
    of an objection, as `request_appeal` does.
    """
    if line.answer == OBJECTS and not line.reason.strip():
        raise UsageError("有异议 needs a reason: --reason TEXT")
    with acting(record, settings) as act:
        tx = act.tx
        public_parts(tx, line.period)
        kept = find_kept(tx, line.recording_id, line.period)
        card = outcomes_of(tx, kept.seq).get(line.recording_id)
        if not isinstance(card, Scorecard):
            raise UsageError(f"{line.recording_id} has no scorecard in {line.period}")
        if line.criterion is not None and all(c.id != line.criterion for c in card.criteria()):
            raise UsageError(f"{line.recording_id} has no criterion {line.criterion!r}")
        _need_own(tx, settings, actor, card)
        before = [
            a
            for a in acknowledgements_of(tx, line.period)
            if (a.recording_id, a.criterion) == (line.recording_id, line.criterion)
        ]
        if before and before[-1].answer == line.answer:
            return False
        signed_at = (line.signed_at or tx.now).astimezone(settings.zone)
        if signed_at > tx.now:
            raise UsageError(f"{line.recording_id}: signed at a time that is still to come")
        add_acknowledgement(
            tx,
            period=line.period,
            recording_id=line.recording_id,
            criterion=line.criterion,
            answer=line.answer,
            signed_at=signed_at.isoformat(timespec="seconds"),
            person=actor.name,
            card=card.sha256(),
        )
    return True


def _need_own(reads: Reads, settings: Settings, actor: Actor, card: Scorecard) -> None:
    own = agent_of(settings, actor)
    if own is not None:
        call = calls_by_hash(reads, [card]).get(card.recording_id)
        if call is None or call.agent_id != own:
            raise UsageError(f"{card.recording_id} is not a call of {actor.name}")
        return
    if actor.known and actor.roles <= {"lead"}:
        need_lead(reads, actor, card)


def take_signed(
    record: Record,
    settings: Settings,
    path: Path,
    lines: Sequence[SignedLine],
    actor_of: Callable[[str], Actor],
) -> SignedSheet:
    """Keep a sheet's answers; a line that is refused keeps no other back. One that objects becomes
    a request of the time at which it was signed.
    """
    counts = {AGREES: 0, OBJECTS: 0}
    requests = known = 0
    refused: list[Problem] = []
    for line in lines:
        try:
            actor = actor_of(line.by)
            if line.answer == OBJECTS and line.criterion is None:
                raise UsageError("a call without deductions: nothing to object to")
            if not acknowledge(record, settings, actor, line):
                known += 1
                continue
            counts[line.answer] += 1
            if line.answer == OBJECTS and line.criterion is not None:
                request_appeal(
                    record,
                    settings,
                    actor,
                    recording_id=line.recording_id,
                    criterion=line.criterion,
                    reason=line.reason,
                    period=line.period,
                    requested_at=line.signed_at,
                )
                requests += 1
        except QcError as error:
            refused.append(Problem(path=str(path), line=line.line, message=str(error)))
    return SignedSheet(
        agrees=counts[AGREES],
        objects=counts[OBJECTS],
        requests=requests,
        known=known,
        refused=tuple(refused),
    )


def read_signed(path: Path, reads: Reads, *, zone: tzinfo) -> tuple[SignedLine, ...]:
    """The signed lines of the sheet 签收单 (or of a CSV with its columns). Raises InputError with
    every line that names no call or no answer, and where nobody signed anything.
    """
    table, problems = read_handed_in(
        path,
        "signoff",
        [k for k in SIGNOFF_COLUMNS if k not in ("cost", "call")],
        needed=("key", "criterion_id", "period", "answer"),
        what="a sign-off sheet",
    )
    signed = [r for r in table.rows if r.text("answer").strip()] if not problems else []
    if not problems and not signed:
        problems.append(Problem(path=table.path, message="no line is signed"))
    lines: list[SignedLine] = []
    known: dict[str, dict[str, str]] = {}
    for row in signed:
        found = _signed_line(table, row, reads, zone, known)
        if isinstance(found, Problem):
            problems.append(found)
        else:
            lines.append(found)
    if problems:
        raise InputError(problems)
    return tuple(lines)


def _signed_line(
    table: NamedTable,
    row: NamedRow,
    reads: Reads,
    zone: tzinfo,
    known: dict[str, dict[str, str]],
) -> SignedLine | Problem:
    """`known` keeps the page keys of each period, looked up once."""
    answers = {
        word: answer
        for answer, key in ((AGREES, "signoff_agrees"), (OBJECTS, "signoff_objects"))
        for word in in_every_language(key)
    }
    said = row.text("answer").strip()
    if said not in answers:
        return table.problem(row, f"the answer is one of {', '.join(answers)}", repr(said))
    period, key = row.text("period").strip(), row.text("key").strip()
    if period not in known:
        kept = kept_sample(reads, period)
        picks = () if kept is None else kept.sample.picks
        known[period] = {k: r for r, k in short_keys(p.recording_id for p in picks).items()}
    # The recording's id is masked in the sheet: the page key names the call.
    recording_id = known[period].get(key)
    if recording_id is None:
        return table.problem(row, f"no such call in {period}", repr(key))
    at = moment_of(row.text("signed_at"), zone)
    if isinstance(at, str):
        return table.problem(row, "no time such as 2026-11-17 08:30", repr(at))
    return SignedLine(
        period=period,
        recording_id=recording_id,
        criterion=row.text("criterion_id").strip() or None,
        answer=answers[said],
        reason=row.text("reason").strip(),
        signed_at=at,
        by=row.text("by").strip(),
        line=row.line,
    )


def signoff_state(reads: Reads, settings: Settings, period: str) -> SignoffState | None:
    """How far a published period is seen; None for a draft."""
    public, kept = published(reads, period), kept_sample(reads, period)
    if public is None or kept is None:
        return None
    cards = {k for k, o in outcomes_of(reads, kept.seq).items() if isinstance(o, Scorecard)}
    signed = {a.recording_id for a in acknowledgements_of(reads, period)} & cards
    due, _ = window_end(settings, public.day)
    left = len(cards) - len(signed)
    is_over = today_in(settings, reads.now) > due
    return SignoffState(
        calls=len(cards),
        signed=len(signed),
        deemed=left if is_over else 0,
        waiting=0 if is_over else left,
        due=due,
    )
