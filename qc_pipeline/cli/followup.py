"""`qc followup`: calls that somebody must follow up, from opening to closing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from qc_pipeline.cli.card_text import plain, rate_json, share_text
from qc_pipeline.cli.followup_text import followup_json, followup_lines, seen
from qc_pipeline.cli.options import As, AsJson, Folder, For, PeriodOption, Unmasked, parse_day
from qc_pipeline.cli.progress import print_json, say
from qc_pipeline.cli.review import ReasonText
from qc_pipeline.cli.session import acting, opened
from qc_pipeline.cli.wrap import print_fitted, terminal_width
from qc_pipeline.errors import UsageError

if TYPE_CHECKING:
    from qc_pipeline.store.followups import KeptFollowup
    from qc_pipeline.store.record import Record
    from qc_pipeline.store.transaction import Reads
    from qc_pipeline.workspace.settings import Settings

followup_app = typer.Typer(
    no_args_is_help=True, help="Calls to follow up: open, answer, check, close."
)
Number = Annotated[int, typer.Argument(metavar="N", help="The follow-up's number.")]
Due = Annotated[
    str | None,
    typer.Option("--due", metavar="DATE", help="Last day; default: some working days from now."),
]


@followup_app.command("open")
def open_(
    recording: Annotated[str | None, typer.Argument(metavar="[REC]")] = None,
    folder: Folder = Path(),
    period: PeriodOption = None,
    problem: Annotated[
        str, typer.Option("--problem", metavar="TEXT", help="What is to be followed up.")
    ] = "",
    required: Annotated[
        str, typer.Option("--required", metavar="TEXT", help="What is to be done.")
    ] = "",
    due: Due = None,
    group: Annotated[
        str, typer.Option("--group", metavar="GROUP", help="Whose lead; default: the call's.")
    ] = "",
    handler: Annotated[
        str, typer.Option("--handler", metavar="NAME", help="Who handles it; default: the agent.")
    ] = "",
    suggested: Annotated[
        int | None,
        typer.Option("--suggested", metavar="N", help="Open number N, which a rule suggested."),
    ] = None,
    by_rule: Annotated[
        bool, typer.Option("--by-rule", help="Open what the rules find in the period.")
    ] = False,
    name: As = None,
    on_behalf: For = None,
    as_json: AsJson = False,
) -> None:
    """Open a follow-up of a call, one that a rule suggested, or all that the rules find."""
    from qc_pipeline.cases.followups.workflow import accept_suggested, open_followup
    from qc_pipeline.cli.followup_open import open_period
    from qc_pipeline.workspace.people import INSPECTORS

    if (recording is not None) + (suggested is not None) + by_rule != 1:
        raise UsageError(
            "say which: `qc followup open REC`, `qc followup open --suggested N` or --by-rule"
        )
    last = parse_day(due, "--due")
    if by_rule:
        open_period(folder, period, name, on_behalf, as_json=as_json)
        return
    with opened(folder) as (settings, record):
        actor = acting(settings, record, name, on_behalf, may=INSPECTORS)
        if suggested is not None:
            made = accept_suggested(record, settings, actor, suggested, due=last)
        else:
            made = open_followup(
                record,
                settings,
                actor,
                recording_id=str(recording),
                problem=problem,
                required=required,
                handler=handler,
                team=group,
                due=last,
                period=period,
            )
        _print_one(settings, record, made, as_json=as_json)


@followup_app.command()
def feedback(
    number: Annotated[int | None, typer.Argument(metavar="[N]")] = None,
    folder: Folder = Path(),
    file: Annotated[
        Path | None, typer.Option("--file", help="Take in a filled-in feedback sheet.")
    ] = None,
    result: Annotated[str, typer.Option("--result", metavar="TEXT", help="What was done.")] = "",
    called_back: Annotated[
        bool | None, typer.Option("--called-back/--not-called-back", help="The customer.")
    ] = None,
    callback_number: Annotated[
        str, typer.Option("--callback-number", metavar="NO", help="The call-back's service number.")
    ] = "",
    handler: Annotated[
        str, typer.Option("--handler", metavar="NAME", help="Who did it; default: as opened.")
    ] = "",
    day: Annotated[
        str | None, typer.Option("--date", metavar="DATE", help="When; default: today.")
    ] = None,
    name: As = None,
    on_behalf: For = None,
    as_json: AsJson = False,
) -> None:
    """Report what was done, through the group's lead: one follow-up, or a whole sheet."""
    from qc_pipeline.cases.followups.workflow import SheetLine, find_followup, give_feedback
    from qc_pipeline.store.followups import Feedback
    from qc_pipeline.workspace.deadlines import today_in
    from qc_pipeline.workspace.people import LEADS

    if (number is None) == (file is None):
        said = "`qc followup feedback N --result TEXT` or `qc followup feedback --file SHEET`"
        raise UsageError(f"say which: {said}")
    done = parse_day(day, "--date")
    with opened(folder) as (settings, record):
        actor = acting(settings, record, name, on_behalf, may=LEADS)
        if file is not None:
            _take_sheet(settings, record, actor, file, as_json=as_json)
            return
        given = Feedback(
            result=result,
            called_back=called_back,
            callback_number=callback_number,
            handler=handler,
            lead="",
            day=done or today_in(settings, record.now),
        )
        line = SheetLine(number=int(number or 0), feedback=given)
        give_feedback(record, settings, actor, [line], name="feedback")
        _print_one(settings, record, find_followup(record, line.number), as_json=as_json)


def _take_sheet(
    settings: Settings, record: Record, actor: Any, file: Path, *, as_json: bool
) -> None:
    from qc_pipeline.cases.followups.sheet import read_sheet
    from qc_pipeline.cases.followups.workflow import SheetLine, give_feedback
    from qc_pipeline.workspace.deadlines import today_in

    sheet = read_sheet(file, today=today_in(settings, record.now))
    lines = [
        SheetLine(number=r.number, feedback=r.feedback, recording_id=r.recording_id, row=r.row)
        for r in sheet.rows
    ]
    taken = give_feedback(record, settings, actor, lines, name=str(file))
    for header in sheet.unread:
        say(f"{file}: the column {header!r} is none of the sheet's and was not read")
    if as_json:
        print_json(
            {
                "kept": list(taken.kept),
                "known": list(taken.known),
                "unanswered": list(sheet.unanswered),
                "unread_columns": list(sheet.unread),
            }
        )
        return
    print(
        f"kept {len(taken.kept)}{_numbers(taken.kept)}, known already {len(taken.known)}, "
        f"without an answer {len(sheet.unanswered)}{_numbers(sheet.unanswered)}"
    )


@followup_app.command()
def check(
    number: Number,
    folder: Folder = Path(),
    passed: Annotated[
        bool, typer.Option("--pass/--send-back", help="The feedback stands, or goes back.")
    ] = True,
    due: Due = None,
    reason: ReasonText = "",
    name: As = None,
    on_behalf: For = None,
    as_json: AsJson = False,
) -> None:
    """Check a follow-up's feedback (QA): it stands, or goes back with a reason."""
    from qc_pipeline.cases.followups.workflow import check_followup
    from qc_pipeline.workspace.people import INSPECTORS

    last = parse_day(due, "--due")
    with opened(folder) as (settings, record):
        actor = acting(settings, record, name, on_behalf, may=INSPECTORS)
        made = check_followup(
            record, settings, actor, number, passed=passed, reason=reason, due=last
        )
        _print_one(settings, record, made, as_json=as_json)


@followup_app.command()
def close(
    number: Number,
    folder: Folder = Path(),
    reason: ReasonText = "",
    name: As = None,
    on_behalf: For = None,
    as_json: AsJson = False,
) -> None:
    """Close a checked follow-up, or drop one that is only suggested."""
    from qc_pipeline.cases.followups.workflow import close_followup
    from qc_pipeline.workspace.people import INSPECTORS

    with opened(folder) as (settings, record):
        actor = acting(settings, record, name, on_behalf, may=INSPECTORS)
        made = close_followup(record, settings, actor, number, reason=reason)
        _print_one(settings, record, made, as_json=as_json)


@followup_app.command("list")
def list_(
    folder: Folder = Path(),
    period: PeriodOption = None,
    state: Annotated[
        str | None, typer.Option("--state", help="Only those that stand so, as overdue.")
    ] = None,
    group: Annotated[str | None, typer.Option("--group", metavar="GROUP")] = None,
    sheet: Annotated[
        Path | None,
        typer.Option("--sheet", metavar="FILE", help="Write the feedback sheet, .xlsx or .csv."),
    ] = None,
    unmasked: Unmasked = False,
    name: As = None,
    on_behalf: For = None,
    as_json: AsJson = False,
) -> None:
    """List follow-ups, overdue ones first, and the on-time rate; write the feedback sheet."""
    from qc_pipeline.cases.followups.workflow import in_order, on_time
    from qc_pipeline.store.followups import OVERDUE, SENT_BACK, STATES, WAITING, followups_of
    from qc_pipeline.workspace.deadlines import today_in
    from qc_pipeline.workspace.people import ANYBODY

    if state is not None and state not in (*STATES, OVERDUE):
        raise UsageError(f"--state {state}: allowed are {', '.join(sorted((*STATES, OVERDUE)))}")
    with opened(folder) as (settings, record):
        today = today_in(settings, record.now)
        if unmasked:
            acting(settings, record, name, on_behalf, may=ANYBODY)
            record.tell("look.followups", {"unmasked": True})
        mine = [f for f in followups_of(record, period) if group in (None, f.team)]
        rate = on_time(mine, today)
        found = in_order((f for f in mine if state in (None, f.state, f.state_on(today))), today)
        if sheet is not None:
            asked = (WAITING, SENT_BACK) if state is None else STATES
            _write_sheet(
                settings, record, sheet, [f for f in found if f.state in asked], as_json=as_json
            )
            return
        if as_json:
            print_json(
                {
                    "followups": [seen(followup_json(f, today), unmasked=unmasked) for f in found],
                    "overdue": sum(f.state_on(today) == OVERDUE for f in found),
                    "on_time": rate_json(rate),
                }
            )
            return
        lines = followup_lines(
            found, today, settings.report.language, unmasked=unmasked, width=terminal_width()
        )
        for line in lines:
            print(line)
        overdue = sum(f.state_on(today) == OVERDUE for f in found)
        print_fitted(
            f"{len(found)} follow-ups, overdue {overdue}, answered in time {share_text(rate)}"
        )


def _write_sheet(
    settings: Settings,
    record: Record,
    path: Path,
    found: list[KeptFollowup],
    *,
    as_json: bool,
) -> None:
    from qc_pipeline.cases.followups.sheet import sheet_rows, write_sheet
    from qc_pipeline.workspace.people import lead_of

    leads = {f.team: lead_of(settings.people.values(), f.team) for f in found}
    write_sheet(path, sheet_rows(found, leads), settings.report.language)
    record.tell("export", {"followups": [f.number for f in found]})
    if as_json:
        print_json({"sheet": str(path.resolve()), "followups": [f.number for f in found]})
    else:
        print(f"wrote {len(found)} follow-ups that wait for feedback")
        print(path.resolve())


def _print_one(settings: Settings, record: Reads, item: KeptFollowup, *, as_json: bool) -> None:
    from qc_pipeline.workspace.deadlines import today_in

    today = today_in(settings, record.now)
    if as_json:
        print_json(seen(followup_json(item, today), unmasked=False))
        return
    due = "" if item.due is None else f"; feedback by the end of {item.due}"
    state = item.state_on(today)
    print(f"follow-up {item.number} ({plain(item.recording_id)}): {state.replace('_', ' ')}{due}")


def _numbers(found: tuple[int, ...]) -> str:
    return f" ({', '.join(map(str, found))})" if found else ""
