"""`qc coach`: advice to agents on single items, and whether it helped."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from qc_pipeline.cli.card_text import by_whom, clock, plain
from qc_pipeline.cli.options import As, AsJson, Folder, For, PeriodOption, parse_day
from qc_pipeline.cli.progress import print_json
from qc_pipeline.cli.review import ReasonText
from qc_pipeline.cli.session import acting, opened
from qc_pipeline.cli.tables import TerminalRow, figures, ids, table_lines
from qc_pipeline.cli.wrap import print_fitted, terminal_width
from qc_pipeline.report.words.translate import Translator
from qc_pipeline.text.masking.mask import mask

if TYPE_CHECKING:
    from qc_pipeline.cases.coaching.workflow import Outlook
    from qc_pipeline.store.coaching import KeptCoaching

coach_app = typer.Typer(no_args_is_help=True, help="Coaching: advise, acknowledge, check again.")
Number = Annotated[int, typer.Argument(metavar="N", help="The coaching's number.")]


@coach_app.command()
def add(
    agent: Annotated[str, typer.Argument(metavar="AGENT", help="Number or name.")],
    criterion: Annotated[str, typer.Argument(metavar="CRITERION", help="The item.")],
    recording: Annotated[str, typer.Option("--recording", metavar="REC")],
    folder: Folder = Path(),
    at: Annotated[
        float | None,
        typer.Option("--at", metavar="S", help="Seconds into it; default: where the evidence is."),
    ] = None,
    advice: Annotated[str, typer.Option("--advice", metavar="TEXT", help="What to do.")] = "",
    online: Annotated[
        bool, typer.Option("--online/--afterwards", help="While at work, or in a talk afterwards.")
    ] = False,
    day: Annotated[
        str | None, typer.Option("--date", metavar="DATE", help="When; default: today.")
    ] = None,
    period: PeriodOption = None,
    name: As = None,
    on_behalf: For = None,
    as_json: AsJson = False,
) -> None:
    """Keep what an agent was advised on one item at one place of a recording."""
    from qc_pipeline.cases.coaching.workflow import coach
    from qc_pipeline.store.coaching import AFTERWARDS, ONLINE
    from qc_pipeline.workspace.people import ANYBODY

    done = parse_day(day, "--date")
    with opened(folder) as (settings, record):
        actor = acting(settings, record, name, on_behalf, may=ANYBODY)
        made = coach(
            record,
            settings,
            actor,
            agent=agent,
            criterion=criterion,
            recording_id=recording,
            advice=advice,
            way=ONLINE if online else AFTERWARDS,
            start_s=at,
            day=done,
            period=period,
        )
        _print_one(made, None, settings.report.language, as_json=as_json)


@coach_app.command()
def acknowledge(
    number: Number,
    folder: Folder = Path(),
    reason: ReasonText = "",
    name: As = None,
    on_behalf: For = None,
    as_json: AsJson = False,
) -> None:
    """Enter that the agent has taken note."""
    from qc_pipeline.cases.coaching.workflow import acknowledge as do
    from qc_pipeline.workspace.people import ANYBODY

    with opened(folder) as (settings, record):
        actor = acting(settings, record, name, on_behalf, may=ANYBODY)
        made = do(record, settings, actor, number, note=reason)
        _print_one(made, None, settings.report.language, as_json=as_json)


@coach_app.command()
def check(
    number: Number,
    folder: Folder = Path(),
    better: Annotated[
        bool, typer.Option("--better/--again", help="It helped, or the same fault again.")
    ] = True,
    reason: ReasonText = "",
    name: As = None,
    on_behalf: For = None,
    as_json: AsJson = False,
) -> None:
    """Enter what listening again has shown; calls of the next period check by themselves."""
    from qc_pipeline.cases.coaching.workflow import check as do
    from qc_pipeline.workspace.people import ANYBODY

    with opened(folder) as (settings, record):
        actor = acting(settings, record, name, on_behalf, may=ANYBODY)
        made = do(record, settings, actor, number, better=better, note=reason)
        _print_one(made, None, settings.report.language, as_json=as_json)


@coach_app.command("list")
def list_(
    folder: Folder = Path(),
    period: PeriodOption = None,
    agent: Annotated[str | None, typer.Option("--agent", metavar="ID")] = None,
    unchecked: Annotated[
        bool, typer.Option("--unchecked", help="Only what nothing has checked yet.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """List coaching, with what the calls of the period after say of it."""
    from qc_pipeline.cases.coaching.workflow import outlook_of
    from qc_pipeline.store.coaching import coaching_of

    with opened(folder) as (settings, record):
        found = [
            (item, outlook_of(record, item))
            for item in coaching_of(record)
            if period in (None, item.period) and agent in (None, item.agent_id)
        ]
        if unchecked:
            found = [(i, o) for i, o in found if i.checked is None and not (o and o.judged)]
        checked = sum(i.checked is not None or bool(o and o.judged) for i, o in found)
        again = sum(_state(i, o) == "again" for i, o in found)
        if as_json:
            print_json(
                {
                    "coaching": [coaching_json(i, o) for i, o in found],
                    "coached": len(found),
                    "checked": checked,
                    "again": again,
                }
            )
            return
        for line in _lines(found, settings.report.language, terminal_width()):
            print(line)
        print_fitted(
            f"coached {len(found)}, checked {checked}, lost points on the same item again {again}"
        )


def coaching_json(item: KeptCoaching, seen: Outlook | None) -> dict[str, Any]:
    """A coaching with its steps and what the period after says."""
    return {
        "number": item.number,
        "period": item.period,
        "agent_id": item.agent_id,
        "criterion": item.criterion,
        "recording_id": item.recording_id,
        "start_s": item.start_s,
        "advice": mask(item.advice),
        "coach": item.person,
        "for": item.on_behalf_of,
        "way": item.way,
        "day": item.day.isoformat(),
        "state": _state(item, seen),
        "acknowledged": item.acknowledged is not None,
        "next_period": None
        if seen is None
        else {"period": seen.period, "judged": seen.judged, "failed": seen.failed},
        "events": [
            {
                "kind": e.kind,
                "outcome": e.outcome,
                "person": e.person,
                "for": e.on_behalf_of,
                "at": e.at,
                "day": e.day.isoformat(),
                "reason": mask(e.note),
            }
            for e in item.events
        ],
    }


def _state(item: KeptCoaching, seen: Outlook | None) -> str:
    """given, acknowledged, better or again."""
    if item.checked is not None and item.checked.outcome == "again":
        return "again"
    if seen is not None and seen.failed:
        return "again"
    if item.checked is not None or (seen is not None and seen.judged):
        return "better"
    return "given" if item.acknowledged is None else "acknowledged"


def _lines(
    found: Sequence[tuple[KeptCoaching, Outlook | None]], language: str, width: int | None = None
) -> Iterator[str]:
    """One a line; with a width (columns of a terminal) as a table that fits it."""
    t, rows = Translator(language), []
    for item, seen in found:
        state = t.or_raw("coaching_now", _state(item, seen))
        place = "" if item.start_s is None else clock(item.start_s)
        advice = f"{by_whom(item.person, item.on_behalf_of)}: {mask(plain(item.advice))}"
        after: tuple[str, ...] = ()
        if seen is not None:
            after = (f"{seen.period}: judged {seen.judged}, lost again {seen.failed}",)
        if width is None:
            yield (
                f"{item.number}  [{state}]  {plain(item.agent_id)}  {item.criterion}  "
                f"{plain(item.recording_id)}{place and f' {place}'}  {item.day}  "
                f"{'; '.join((advice, *after))}"
            )
            continue
        number, day = f"{item.number}", f"{item.day}"
        cells = (number, state, item.agent_id, item.criterion, item.recording_id, place, day)
        rows.append(TerminalRow(cells=cells, below=(advice, *after)))
    if width is not None:
        named = (t("col_state"), t("col_agent"), t("col_criterion"), t("col_recording"))
        heads = (
            *figures(t("terminal.number")), *ids(*named), *figures(t("col_at")), *ids(t("col_day"))
        )  # fmt: skip
        yield from table_lines(heads, rows, width)


def _print_one(item: KeptCoaching, seen: Outlook | None, language: str, *, as_json: bool) -> None:
    if as_json:
        print_json(coaching_json(item, seen))
    else:
        print(*_lines([(item, seen)], language), sep="\n")
