"""The objection sheet (异议申请) of a report's workbook, filled in by a lead → objections."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from pathlib import Path

from qc_pipeline.cases.appeals.workflow import open_appeal
from qc_pipeline.errors import InputError, Problem, QcError
from qc_pipeline.intake.named_table import NamedColumn, NamedRow, NamedTable, read_named_table
from qc_pipeline.report.model import short_keys
from qc_pipeline.report.words.catalog import in_every_language
from qc_pipeline.report.write.workbook import OBJECTION_COLUMNS
from qc_pipeline.store.appeals import OPEN, KeptAppeal, appeals_of
from qc_pipeline.store.record import Record
from qc_pipeline.store.samples import drawn_periods, kept_sample
from qc_pipeline.store.transaction import Reads
from qc_pipeline.workspace.people import Actor
from qc_pipeline.workspace.settings import Settings

NEEDED = ("key", "criterion_id", "reason")


@dataclass(frozen=True, slots=True, kw_only=True)
class AppealLine:
    """A line of the sheet that somebody filled in."""

    row: NamedRow
    period: str
    recording_id: str
    criterion: str
    reason: str
    by: str
    requested_at: datetime | None = None
    next_shift: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What became of a sheet. `known`: lines handed in before, word for word; `refused`: with the
    line and the reason."""

    opened: tuple[KeptAppeal, ...]
    known: int
    refused: tuple[Problem, ...]


def read_sheet(
    path: Path, record: Reads, *, period: str | None = None, zone: tzinfo
) -> tuple[AppealLine, ...]:
    """The lines with a reason of the sheet 异议申请 (or of a CSV with its columns).

    Raises InputError with every line that names no call or no criterion, and where the file is no
    such sheet or holds no reason at all.
    """
    table, problems = read_handed_in(
        path,
        "objection",
        [k for k in OBJECTION_COLUMNS if k != "cost"],
        needed=NEEDED,
        what="an objection sheet",
    )
    filled = [r for r in table.rows if r.text("reason").strip()]
    if not problems and not filled:
        hint = f"write it in the column {_names('objection', 'reason')[0]}"
        problems.append(Problem(path=table.path, message="no line has a reason", hint=hint))
    known: dict[str, dict[str, str]] = {}
    lines = []
    for row in filled if not problems else ():
        found = _line(table, row, record, period, known, zone)
        if isinstance(found, Problem):
            problems.append(found)
        else:
            lines.append(found)
    if problems:
        raise InputError(problems)
    return tuple(lines)


def moment_of(text: str, zone: tzinfo) -> datetime | str | None:
    """A time as a cell has it, in `zone` where it names none; None for an empty cell, the text
    itself where it is no time.
    """
    text = text.strip()
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text.replace("/", "-"))
    except ValueError:
        return text
    return at if at.tzinfo is not None else at.replace(tzinfo=zone)


def read_handed_in(
    path: Path, name: str, keys: Iterable[str], *, needed: Iterable[str], what: str
) -> tuple[NamedTable, list[Problem]]:
    """A sheet of report.xlsx that comes back (or a CSV with its columns), and its `needed` columns
    that are not there; `name` is the sheet's among the texts. Raises InputError where it cannot be
    read.
    """
    columns = tuple(
        NamedColumn(key=k, names=_names(name, k), kind="date" if k == "next_shift" else "text")
        for k in keys
    )
    sheets = in_every_language(f"{name}_sheet")
    table = read_named_table(path, columns, sheets=sheets)
    problems = [
        Problem(
            path=table.path,
            line=1,
            message=f"no column {_names(name, key)[0]!r}: not {what}",
            hint=f"the sheet {sheets[0]} of the report's report.xlsx has it",
        )
        for key in needed
        if key not in table.headers
    ]
    return table, problems


def _names(sheet: str, key: str) -> tuple[str, ...]:
    """The headers of a column as the workbook writes them, without what is said in brackets."""
    words = in_every_language(f"{sheet}_{key}")
    return tuple("".join(w.split("（")[0].split("(")[0].split()).lower() for w in words)


def _line(
    table: NamedTable,
    row: NamedRow,
    record: Reads,
    period: str | None,
    known: dict[str, dict[str, str]],
    zone: tzinfo,
) -> AppealLine | Problem:
    """`known` keeps the page keys of each period, looked up once."""
    key, criterion = row.text("key").strip(), row.text("criterion_id").strip()
    if not criterion:
        return table.problem(row, "names no criterion")
    named = row.text("period").strip() or period
    names = [named] if named else [name for name, _, _ in reversed(drawn_periods(record))]
    for name in names:
        if name not in known:
            kept = kept_sample(record, name)
            picks = () if kept is None else kept.sample.picks
            known[name] = {k: r for r, k in short_keys(p.recording_id for p in picks).items()}
        if key in known[name]:
            asked = moment_of(row.text("requested"), zone)
            if isinstance(asked, str):
                return table.problem(row, "no time such as 2026-11-17 08:30", repr(asked))
            return AppealLine(
                row=row,
                period=name,
                recording_id=known[name][key],
                criterion=criterion,
                reason=row.text("reason").strip(),
                by=row.text("by").strip(),
                requested_at=asked,
                next_shift=row.day("next_shift"),
            )
    where = f"in {named}" if named else "in any period"
    return table.problem(row, f"no call of this page {where}", repr(key))


def open_appeals(
    record: Record,
    settings: Settings,
    path: Path,
    lines: Sequence[AppealLine],
    actor_of: Callable[[str], Actor],
) -> Taken:
    """Open an objection for each line, in the name `actor_of(by)`.

    A line that may not be objected to is refused with the reason and does not keep the others
    back; one that is open already with the same words is passed over, so that a sheet can be
    handed in again with more lines.
    """
    opened: list[KeptAppeal] = []
    refused: list[Problem] = []
    known = 0
    for line in lines:
        if _is_known(record, line):
            known += 1
            continue
        try:
            made = open_appeal(
                record,
                settings,
                actor_of(line.by),
                recording_id=line.recording_id,
                criterion=line.criterion,
                reason=line.reason,
                period=line.period,
                requested_at=line.requested_at,
                next_shift=line.next_shift,
            )
        except QcError as error:
            problem = Problem(path=str(path), line=line.row.line, message=str(error))
            refused.append(problem)
            continue
        opened.append(made)
    return Taken(opened=tuple(opened), known=known, refused=tuple(refused))


def _is_known(record: Reads, line: AppealLine) -> bool:
    return any(
        o.state == OPEN
        and (o.recording_id, o.criterion, o.reason)
        == (line.recording_id, line.criterion, line.reason)
        for o in appeals_of(record, line.period)
    )
