"""`qc appeal`: objections to published scores."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from qc_pipeline.cli import appeal_after
from qc_pipeline.cli.appeal_ask import ask_answer
from qc_pipeline.cli.appeal_text import (
    appeal_json,
    appeal_lines,
    effect_json,
    outcome_line,
    print_appeal,
    rates_body,
    request_json,
    request_line,
)
from qc_pipeline.cli.card_text import plain, share_text
from qc_pipeline.cli.options import As, AsJson, Folder, For, PeriodOption, moment, parse_day
from qc_pipeline.cli.progress import print_json
from qc_pipeline.cli.review import Because, ReasonText
from qc_pipeline.cli.session import acting, opened
from qc_pipeline.cli.wrap import print_fitted, terminal_width
from qc_pipeline.errors import ExitCode, UsageError
from qc_pipeline.report.words.translate import Translator

if TYPE_CHECKING:
    from qc_pipeline.store.appeals import KeptAppeal
    from qc_pipeline.store.record import Record
    from qc_pipeline.workspace.people import Actor
    from qc_pipeline.workspace.settings import Settings

appeal_app = typer.Typer(
    no_args_is_help=True, help="Objections to published scores: raise, review, decide."
)
appeal_after.register(appeal_app)
Number = Annotated[int, typer.Argument(metavar="N", help="The objection's number.")]
Requested = Annotated[
    str | None,
    typer.Option(
        "--requested", metavar="TIME", help="When the agent asked: 2026-11-17T08:30; default: now."
    ),
]
NextShift = Annotated[
    str | None,
    typer.Option(
        "--next-shift",
        metavar="DAY",
        help="The agent's first shift after publication, where nights or leave came between.",
    ),
]
STATES = ("open", "taken", "upheld", "partly", "rejected", "withdrawn")


@appeal_app.command("open")
def open_(
    recording: Annotated[str | None, typer.Argument(metavar="[REC]")] = None,
    criterion: Annotated[str | None, typer.Argument(metavar="[CRITERION]")] = None,
    folder: Folder = Path(),
    period: PeriodOption = None,
    name: As = None,
    on_behalf: For = None,
    reason: ReasonText = "",
    file: Annotated[
        Path | None,
        typer.Option("--file", help="Take in the objection sheet (异议申请) of a report.xlsx."),
    ] = None,
    requested: Requested = None,
    next_shift: NextShift = None,
    as_json: AsJson = False,
) -> None:
    """Object to a deduction: the agent's team lead, inside the window, with a reason."""
    from qc_pipeline.cases.appeals.workflow import open_appeal

    if file is not None:
        if recording is not None or reason:
            raise UsageError("--file brings its own calls and reasons: leave REC and --reason out")
        _open_sheet(file, folder, period, (name, on_behalf), as_json=as_json)
        return
    if recording is None or criterion is None:
        raise UsageError("name REC and CRITERION, or a sheet with --file")
    with opened(folder) as (settings, record):
        actor = acting(settings, record, name, on_behalf, may=("lead",))
        made = open_appeal(
            record,
            settings,
            actor,
            recording_id=recording,
            criterion=criterion,
            reason=reason,
            period=period,
            requested_at=moment(settings, requested),
            next_shift=parse_day(next_shift, "--next-shift"),
        )
        print_appeal(record, made, as_json=as_json)


@appeal_app.command("request")
def request_(
    recording: Annotated[str, typer.Argument(metavar="REC")],
    criterion: Annotated[str, typer.Argument(metavar="CRITERION")],
    folder: Folder = Path(),
    period: PeriodOption = None,
    name: As = None,
    on_behalf: For = None,
    reason: ReasonText = "",
    requested: Requested = None,
    next_shift: NextShift = None,
    as_json: AsJson = False,
) -> None:
    """Keep that an agent asks to object: their time counts; the lead forwards it in a working day,
    else it goes to QA by itself.
    """
    from qc_pipeline.cases.appeals.requests import request_appeal
    from qc_pipeline.workspace.people import ASKERS

    with opened(folder) as (settings, record):
        actor = acting(settings, record, name, on_behalf, may=ASKERS)
        made = request_appeal(
            record,
            settings,
            actor,
            recording_id=recording,
            criterion=criterion,
            reason=reason,
            period=period,
            requested_at=moment(settings, requested),
            next_shift=parse_day(next_shift, "--next-shift"),
        )
        if as_json:
            print_json(request_json(made))
        else:
            print_fitted(request_line(made, Translator(settings.report.language)))


@appeal_app.command()
def forward(
    number: Annotated[int, typer.Argument(metavar="N", help="The request's number.")],
    folder: Folder = Path(),
    name: As = None,
    on_behalf: For = None,
    reason: ReasonText = "",
    as_json: AsJson = False,
) -> None:
    """Raise what an agent asked for as an objection: the agent's team lead."""
    from qc_pipeline.cases.appeals.requests import forward_request

    with opened(folder) as (settings, record):
        actor = acting(settings, record, name, on_behalf, may=("lead",))
        made = forward_request(record, settings, actor, number, reason=reason)
        print_appeal(record, made, as_json=as_json)


def _open_sheet(
    file: Path,
    folder: Path,
    period: str | None,
    who: tuple[str | None, str | None],
    *,
    as_json: bool,
) -> None:
    """`who` acts, and for whom; else for the one whose name stands in the line.

    Exit status 3 where some lines were refused; a sheet that cannot be read changes nothing.
    """
    from qc_pipeline.cases.appeals.sheet import open_appeals, read_sheet

    with opened(folder) as (settings, record):
        lines = read_sheet(file, record, period=period, zone=settings.zone)

        def actor_of(by: str) -> Actor:
            return acting(settings, record, who[0], who[1] or by or None, may=("lead",))

        taken = open_appeals(record, settings, file, lines, actor_of)
        if as_json:
            print_json(
                {
                    "opened": [appeal_json(record, o) for o in taken.opened],
                    "already_open": taken.known,
                    "refused": [{"line": p.line, "reason": p.message} for p in taken.refused],
                }
            )
        else:
            for made in taken.opened:
                print_appeal(record, made, as_json=False)
            for problem in taken.refused:
                print(problem)
            print(
                f"{len(lines)} objections in the sheet = {len(taken.opened)} opened + "
                f"{taken.known} open already + {len(taken.refused)} refused"
            )
    if taken.refused:
        raise typer.Exit(ExitCode.FINISHED_WITH_FAILURES)


@appeal_app.command()
def take(
    number: Number,
    folder: Folder = Path(),
    name: As = None,
    on_behalf: For = None,
    reason: ReasonText = "",
    as_json: AsJson = False,
) -> None:
    """Take an objection into review."""
    from qc_pipeline.cases.appeals.requests import forward_overdue
    from qc_pipeline.cases.appeals.workflow import take_appeal
    from qc_pipeline.workspace.people import REVIEWERS

    with opened(folder) as (settings, record):
        actor = acting(settings, record, name, on_behalf, may=REVIEWERS)
        forward_overdue(record, settings)
        made = take_appeal(record, settings, actor, number, reason=reason)
        print_appeal(record, made, as_json=as_json)


@appeal_app.command()
def decide(
    number: Number,
    folder: Folder = Path(),
    name: As = None,
    on_behalf: For = None,
    upheld: Annotated[bool, typer.Option("--upheld", help="Nothing is deducted.")] = False,
    partly: Annotated[bool, typer.Option("--partly", help="Less is: --points N.")] = False,
    rejected: Annotated[bool, typer.Option("--rejected", help="The deduction stands.")] = False,
    points: Annotated[float | None, typer.Option("--points", metavar="N")] = None,
    because: Because = None,
    reason: ReasonText = "",
    ask: Annotated[
        bool, typer.Option("--ask", help="Show the evidence, ask, then show what it changes.")
    ] = False,
    not_final: Annotated[
        bool,
        typer.Option(
            "--not-final", hidden=True, help="Changes nothing: a first answer is never the last."
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Decide an objection: somebody who neither judged the call nor leads the agent."""
    del not_final
    from qc_pipeline.cases.appeals.notices import write_notices
    from qc_pipeline.cases.appeals.requests import forward_overdue
    from qc_pipeline.cases.appeals.workflow import decide_appeal
    from qc_pipeline.review.corrections_page import write_corrections
    from qc_pipeline.workspace.people import REVIEWERS

    chosen = [
        word
        for word, wanted in (("upheld", upheld), ("partly", partly), ("rejected", rejected))
        if wanted
    ]
    if len(chosen) + ask != 1:
        raise UsageError("say one of --upheld, --partly, --rejected, or --ask")
    with opened(folder) as (settings, record):
        actor = acting(settings, record, name, on_behalf, may=REVIEWERS)
        forward_overdue(record, settings)
        t = Translator(settings.report.language)
        if ask:
            answered = ask_answer(settings, record, actor, number, t)
            if answered is None:
                return
            made, effect = answered
        else:
            made, effect = decide_appeal(
                record,
                settings,
                actor,
                number,
                outcome=chosen[0],
                reason=reason,
                points=points,
                cause=_cause(because),
            )
        write_corrections(record, settings, made.period)
        notices = write_notices(record, settings, made)
        if as_json:
            body = appeal_json(record, made) | {"effect": effect_json(effect)}
            print_json(body | {"notices": [str(path) for path in notices]})
            return
        print_appeal(record, made, as_json=False)
        for line in effect.lines(t):
            print_fitted(line)
        _tell_next(record, settings, made, because)
        for path in notices:
            print(path)


def _tell_next(record: Record, settings: Settings, made: KeptAppeal, because: str | None) -> None:
    """What may be done about the same elsewhere, once an objection was upheld."""
    from qc_pipeline.cases.appeals.alike import alike_deductions

    if because == "rule" and made.state != "rejected":
        words = f"`qc rescore --criterion {made.criterion} --period {made.period}`"
        print(f"mend the rubric; then {words} corrects every call with that hit")
    if made.state != "upheld":
        return
    found = alike_deductions(record, made)
    if found:
        t = Translator(settings.report.language)
        print_fitted(t("appeal_alike.head", n=len(found)))
        command = f"qc appeal alike {made.number} --overturn --reason TEXT"
        print_fitted("  " + t("appeal_alike.how", command=command))


@appeal_app.command()
def withdraw(
    number: Number,
    folder: Folder = Path(),
    name: As = None,
    on_behalf: For = None,
    reason: ReasonText = "",
    as_json: AsJson = False,
) -> None:
    """Take an objection back while it is undecided."""
    from qc_pipeline.cases.appeals.workflow import withdraw_appeal

    with opened(folder) as (settings, record):
        actor = acting(settings, record, name, on_behalf, may=("lead",))
        made = withdraw_appeal(record, settings, actor, number, reason=reason)
        print_appeal(record, made, as_json=as_json)


@appeal_app.command()
def extend(
    period: Annotated[str, typer.Argument(metavar="PERIOD")],
    folder: Folder = Path(),
    name: As = None,
    on_behalf: For = None,
    reason: ReasonText = "",
    as_json: AsJson = False,
) -> None:
    """Extend a period's window for objections, once, with a reason."""
    from qc_pipeline.cases.appeals.workflow import extend_window
    from qc_pipeline.workspace.people import REVIEWERS

    with opened(folder) as (settings, record):
        actor = acting(settings, record, name, on_behalf, may=REVIEWERS)
        due = extend_window(record, settings, actor, period, reason=reason)
    if as_json:
        print_json({"period": period, "objections_until": due.isoformat()})
    else:
        print(f"{period}: objections until the end of {due}")


@appeal_app.command("list")
def list_(
    folder: Folder = Path(),
    period: PeriodOption = None,
    state: Annotated[str | None, typer.Option("--state", help="Only those that stand so.")] = None,
    as_json: AsJson = False,
) -> None:
    """List what waits, in the order of its last days, what was answered, and the rates."""
    from qc_pipeline.cases.appeals.policy import by_deadline
    from qc_pipeline.cases.appeals.rates import rates_of
    from qc_pipeline.cases.appeals.requests import forward_overdue, waiting_requests
    from qc_pipeline.store.appeals import appeals_of
    from qc_pipeline.workspace.deadlines import today_in

    if state is not None and state not in STATES:
        raise UsageError(f"--state {state}: allowed are {', '.join(STATES)}")
    with opened(folder) as (settings, record):
        language = settings.report.language
        today = today_in(settings, record.now)
        forward_overdue(record, settings)
        rates = rates_of(record, period, today=today)
        found = by_deadline(o for o in appeals_of(record, period) if state in (None, o.state))
        waiting = waiting_requests(record, period) if state in (None, "open") else ()
        if as_json:
            print_json(
                {
                    "requests": [request_json(r) for r in waiting],
                    "objections": [appeal_json(record, o) for o in found],
                    "rates": rates_body(rates),
                }
            )
            return
        t = Translator(language)
        for request in waiting:
            print_fitted(request_line(request, t))
        for line in appeal_lines(record, found, language, terminal_width()):
            print(line)
        print_fitted(outcome_line(rates, t))
        print_fitted(
            f"objected {share_text(rates.objected)}, upheld {share_text(rates.upheld)}, "
            f"answered in time {share_text(rates.in_time)}"
        )
        for title, group in (
            ("criterion", rates.by_criterion),
            ("inspector", rates.by_inspector),
        ):
            for key, rate in group.items():
                print_fitted(f"  {title} {plain(key)}: upheld {share_text(rate)}")


def _cause(code: str | None) -> Any:
    from qc_pipeline.scoring.decisions import Cause

    if code is None:
        return None
    if code not in list(Cause):
        raise UsageError(f"--because {code}: allowed are {', '.join(Cause)}")
    return Cause(code)
