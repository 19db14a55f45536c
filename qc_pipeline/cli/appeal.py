"""`qc appeal`: objections to published scores."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from qc_pipeline.cli.card_text import by_whom, figure, plain, rate_json, share_text
from qc_pipeline.cli.options import As, AsJson, Folder, For, PeriodOption
from qc_pipeline.cli.progress import print_json
from qc_pipeline.cli.review import Because, ReasonText
from qc_pipeline.cli.session import acting, opened
from qc_pipeline.cli.tables import TerminalRow, figures, ids, table_lines
from qc_pipeline.cli.wrap import print_fitted, terminal_width
from qc_pipeline.errors import ExitCode, UsageError
from qc_pipeline.report.words.translate import Translator

if TYPE_CHECKING:
    from qc_pipeline.cases.appeals.rates import AppealRates
    from qc_pipeline.store.appeals import KeptAppeal
    from qc_pipeline.store.transaction import Reads
    from qc_pipeline.workspace.people import Actor

appeal_app = typer.Typer(
    no_args_is_help=True, help="Objections to published scores: raise, review, decide."
)
Number = Annotated[int, typer.Argument(metavar="N", help="The objection's number.")]
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
        )
        _print_one(record, made, as_json=as_json)


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
        lines = read_sheet(file, record, period=period)

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
                _print_one(record, made, as_json=False)
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
    from qc_pipeline.cases.appeals.workflow import take_appeal
    from qc_pipeline.workspace.people import REVIEWERS

    with opened(folder) as (settings, record):
        actor = acting(settings, record, name, on_behalf, may=REVIEWERS)
        made = take_appeal(record, settings, actor, number, reason=reason)
        _print_one(record, made, as_json=as_json)


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
    from qc_pipeline.cases.appeals.workflow import decide_appeal
    from qc_pipeline.review.corrections_page import write_corrections
    from qc_pipeline.workspace.people import REVIEWERS

    chosen = [
        word
        for word, wanted in (("upheld", upheld), ("partly", partly), ("rejected", rejected))
        if wanted
    ]
    if len(chosen) != 1:
        raise UsageError("say one of --upheld, --partly, --rejected")
    with opened(folder) as (settings, record):
        actor = acting(settings, record, name, on_behalf, may=REVIEWERS)
        made, _ = decide_appeal(
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
        _print_one(record, made, as_json=as_json)
        if because == "rule" and not rejected and not as_json:
            words = f"`qc rescore --criterion {made.criterion} --period {made.period}`"
            print(f"mend the rubric; then {words} corrects every call with that hit")


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
        _print_one(record, made, as_json=as_json)


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
    """List objections with their outcome and both scores, and the rates."""
    from qc_pipeline.cases.appeals.rates import rates_of
    from qc_pipeline.store.appeals import appeals_of
    from qc_pipeline.workspace.deadlines import today_in

    if state is not None and state not in STATES:
        raise UsageError(f"--state {state}: allowed are {', '.join(STATES)}")
    with opened(folder) as (settings, record):
        language = settings.report.language
        today = today_in(settings, record.now)
        rates = rates_of(record, period, today=today)
        found = [o for o in appeals_of(record, period) if state in (None, o.state)]
        if as_json:
            print_json(
                {
                    "objections": [appeal_json(record, o) for o in found],
                    "rates": _rates_json(rates),
                }
            )
            return
        for line in _lines(record, found, language, terminal_width()):
            print(line)
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


def appeal_json(record: Reads, objection: KeptAppeal) -> dict[str, Any]:
    """An objection with its steps and both totals; numbers and names in the reasons are masked."""
    from qc_pipeline.cases.appeals.policy import instance_of
    from qc_pipeline.text.masking.mask import mask

    before, after = _totals(record, objection)
    return {
        "number": objection.number,
        "period": objection.period,
        "recording_id": objection.recording_id,
        "criterion": objection.criterion,
        "instance": instance_of(record, objection),
        "state": objection.state,
        "by": objection.person,
        "for": objection.on_behalf_of,
        "day": objection.day.isoformat(),
        "due": objection.due.isoformat(),
        "reason": mask(objection.reason),
        "total_before": before,
        "total_after": after,
        "events": [
            {
                "state": e.state,
                "person": e.person,
                "for": e.on_behalf_of,
                "at": e.at,
                "day": e.day.isoformat(),
                "reason": mask(e.reason),
                "final": e.final,
                "card": e.card,
            }
            for e in objection.events
        ],
    }


def _totals(record: Reads, objection: KeptAppeal) -> tuple[float | None, float | None]:
    from qc_pipeline.store.decisions import cards_by_hash

    last = objection.events[-1].card if objection.events else objection.card
    cards = cards_by_hash(record, [objection.card, last])
    return cards[objection.card].total, cards[last].total


def _lines(
    record: Reads, found: Sequence[KeptAppeal], language: str, width: int | None
) -> Iterator[str]:
    """Objections, one a line; with a width (columns of a terminal) as a table that fits it."""
    from qc_pipeline.cases.appeals.policy import instance_of
    from qc_pipeline.text.masking.mask import mask

    t, rows = Translator(language), []
    for objection in found:
        before, after = _totals(record, objection)
        change = f"{figure(before)} → {figure(after)}"
        who = by_whom(objection.person, objection.on_behalf_of)
        state = t.or_raw("appeal_state", objection.state)
        if instance_of(record, objection) > 1:
            state = t("appeal_second", state=state)
        reason = plain(mask(objection.reason))
        last = objection.events[-1] if objection.events else None
        answers: tuple[str, ...] = ()
        if last is not None and last.reason:
            answers = (f"{by_whom(last.person, last.on_behalf_of)}: {plain(mask(last.reason))}",)
        if width is None:
            yield (
                f"{objection.number}  {objection.period}  {plain(objection.recording_id)} "
                f"{objection.criterion}  [{state}]  {change}  "
                f"{who} {objection.day}, answer by {objection.due}: "
                f"{'; '.join((reason, *answers))}"
            )
            continue
        cells = (
            f"{objection.number}",
            state,
            objection.recording_id,
            objection.criterion or "",
            change,
            f"{objection.due}",
        )
        asked = f"{objection.period}  {objection.day} {who}: {reason}"
        rows.append(TerminalRow(cells=cells, below=(asked, *answers)))
    if width is not None:
        named = ids(t("col_state"), t("col_recording"), t("col_criterion"))
        scores = ids(t("col_before_after"), t("terminal.answer_by"))
        yield from table_lines((*figures(t("terminal.number")), *named, *scores), rows, width)


def _print_one(record: Reads, objection: KeptAppeal, *, as_json: bool) -> None:
    if as_json:
        print_json(appeal_json(record, objection))
        return
    before, after = _totals(record, objection)
    print(
        f"objection {objection.number} ({plain(objection.recording_id)} {objection.criterion}): "
        f"{objection.state}; total {figure(before)} → {figure(after)}; "
        f"answer by the end of {objection.due}"
    )


def _rates_json(rates: AppealRates) -> dict[str, Any]:
    return {
        "objected": rate_json(rates.objected),
        "upheld": rate_json(rates.upheld),
        "in_time": rate_json(rates.in_time),
        "by_criterion": {k: rate_json(r) for k, r in rates.by_criterion.items()},
        "by_inspector": {k: rate_json(r) for k, r in rates.by_inspector.items()},
    }


def _cause(code: str | None) -> Any:
    from qc_pipeline.scoring.decisions import Cause

    if code is None:
        return None
    if code not in list(Cause):
        raise UsageError(f"--because {code}: allowed are {', '.join(Cause)}")
    return Cause(code)
