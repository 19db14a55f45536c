"""`qc audit`: who did what when, on whose behalf and why, and whether the chain is whole."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from qc_pipeline.cli.card_text import plain
from qc_pipeline.cli.options import AsJson, Folder, PeriodOption, parse_day
from qc_pipeline.cli.progress import print_json
from qc_pipeline.cli.tables import TerminalRow, figures, ids, table_lines, texts
from qc_pipeline.cli.wrap import terminal_width
from qc_pipeline.errors import ExitCode
from qc_pipeline.text.masking.mask import mask, mask_identifier

if TYPE_CHECKING:
    from qc_pipeline.store.audit_trail import AuditLine
    from qc_pipeline.workspace.settings import Settings

SAID_APART = ("person", "for", "as", "login_of", "why", "hashes", "replaced", "tables")


def register(app: typer.Typer) -> None:
    app.command()(audit)


def audit(
    folder: Folder = Path(),
    period: PeriodOption = None,
    who: Annotated[
        str | None,
        typer.Option("--who", metavar="NAME", help="Login or name of who acted, or for whom."),
    ] = None,
    action: Annotated[
        str | None,
        typer.Option("--action", metavar="WORD", help="As decision, decision.review or look."),
    ] = None,
    recording: Annotated[str | None, typer.Option("--recording", metavar="REC")] = None,
    since: Annotated[
        str | None, typer.Option("--since", metavar="DATE", help="From this day on.")
    ] = None,
    until: Annotated[
        str | None, typer.Option("--until", metavar="DATE", help="To this day, itself included.")
    ] = None,
    last: Annotated[
        int | None, typer.Option("--last", metavar="N", min=1, help="Only the last N of them.")
    ] = None,
    head: Annotated[
        str | None,
        typer.Option(
            "--head", metavar="HASH", help="Must be in the chain: a head noted down before."
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List who did what when and why, and whether the chain of all lines is whole."""
    from qc_pipeline.cli.session import opened
    from qc_pipeline.store.audit_trail import audit_breaks, audit_lines
    from qc_pipeline.workspace.people import names_of

    days = (parse_day(since, "--since"), parse_day(until, "--until"))
    with opened(folder) as (settings, record):
        lines = audit_lines(record)
        broken = audit_breaks(record)
        found = [
            line
            for line in lines
            if _wanted(line, settings, period, action, recording, days)
            and (who is None or set(line.people) & names_of(settings, who))
        ]
    if last is not None:
        found = found[-last:]
    lost = head is not None and not any(line.hash.startswith(head.lower()) for line in lines)
    if as_json:
        print_json(
            {
                "lines": [_json(line) for line in found],
                "count": len(lines),
                "head": lines[-1].hash if lines else None,
                "broken_at": broken[0].seq if broken else None,
                "breaks": [{"seq": b.seq, "changed": b.changed, "what": str(b)} for b in broken],
                "head_missing": lost,
            }
        )
    else:
        for text in _lines(found, terminal_width()):
            print(text)
        _print_state(lines, [str(b) for b in broken], head if lost else None)
    if broken or lost:
        raise typer.Exit(ExitCode.FINISHED_WITH_FAILURES)


def _print_state(lines: tuple[AuditLine, ...], broken: list[str], lost: str | None) -> None:
    for said in broken:
        print(f"the chain is broken: {said}")
    if lost is not None:
        print(f"the chain is broken: no line has the hash {lost}: lines after it were taken away")
    if not broken and lost is None:
        end = f", its head is {lines[-1].hash}" if lines else ""
        print(f"the chain is whole: {len(lines)} lines{end}")


def _wanted(
    line: AuditLine,
    settings: Settings,
    period: str | None,
    action: str | None,
    recording: str | None,
    days: tuple[date | None, date | None],
) -> bool:
    day = datetime.fromisoformat(line.at).astimezone(settings.zone).date()
    return (
        (period is None or line.what.get("period") == period)
        and (action is None or line.action == action or line.action.startswith(f"{action}."))
        and (recording is None or line.what.get("recording") == recording)
        and (days[0] is None or day >= days[0])
        and (days[1] is None or day <= days[1])
    )


def _json(line: AuditLine) -> dict[str, Any]:
    return {
        "seq": line.seq,
        "at": line.at,
        "who": line.who,
        "person": line.what.get("person"),
        "for": line.what.get("for"),
        "action": line.action,
        "what": dict(line.what),
        "why": None if line.why is None else mask(line.why),
        "previous": line.previous,
        "hash": line.hash,
    }


def _lines(found: Sequence[AuditLine], width: int | None) -> Iterator[str]:
    """One a line; with a width (columns of a terminal) as a table that fits it."""
    if width is None:
        for line in found:
            what = "  ".join((_what(line), *_why(line)))
            yield f"{line.seq:>6}  {line.at}  {_who(line)}  {line.action}  {what}"
        return
    rows = [
        TerminalRow(
            cells=(f"{line.seq}", line.at, line.action, _who(line)),
            below=tuple(text for text in (_what(line), *_why(line)) if text),
        )
        for line in found
    ]
    yield from table_lines((*figures("seq"), *ids("at", "act"), *texts("who")), rows, width)


def _who(line: AuditLine) -> str:
    who = plain(line.who)
    if line.what.get("person"):
        who += f" {plain(str(line.what['person']))}"
    if line.what.get("for"):
        who += f" (for {plain(str(line.what['for']))}, as {line.what.get('as', 'asked')})"
    return who


def _what(line: AuditLine) -> str:
    """What a line is about; hashes and a seed that was made are whole, a chosen one is masked."""
    ours = {"seed"} if line.what.get("seed_origin") == "derived" else set()
    return "  ".join(
        f"{k}={plain(str(v)) if k in ours else mask_identifier(plain(str(v)))}"
        for k, v in sorted(line.what.items())
        if k not in SAID_APART
    )


def _why(line: AuditLine) -> tuple[str, ...]:
    return (f"why: {mask(plain(line.why))}",) if line.why else ()
