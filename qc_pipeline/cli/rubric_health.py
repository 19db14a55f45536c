"""`qc rubric health` and `qc rubric automatic`: what a rubric's criteria have earned (规则体检)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from qc_pipeline.cli.options import As, AsJson, Folder, For
from qc_pipeline.cli.progress import print_json
from qc_pipeline.cli.rubric_coverage import notes, to_do_lines
from qc_pipeline.cli.session import acting, opened
from qc_pipeline.cli.tables import TerminalRow, figures, ids, table_lines, texts
from qc_pipeline.cli.wrap import terminal_width
from qc_pipeline.errors import UsageError, did_you_mean

if TYPE_CHECKING:
    from qc_pipeline.job.rubric_health import CriterionStanding, RubricHealth
    from qc_pipeline.scoring.coverage import CriterionCoverage
    from qc_pipeline.scoring.rubric.model import Rubric
    from qc_pipeline.store.transaction import Reads
    from qc_pipeline.workspace.open_workspace import RubricShelf

STANDINGS = {
    "person": "人工确认项",
    "trial": "试运行",
    "unproven": "待验证",
    "automatic": "可自动",
    "stopped": "停用",
}
WORDINGS_SHOWN = 5
BLIND_ONE_IN = 10
TOO_FEW_BLIND = (
    "where what was found is before one's eyes a proof measures how far people follow it: "
    "`qc review --listen --blind 0.2`"
)
_COLUMNS = ("stood", "looks", "wanted", "missed", "passed")

RubricId = Annotated[str, typer.Argument(metavar="RUBRIC", help="The id of a rubric of qc.toml.")]
CriterionId = Annotated[str, typer.Argument(metavar="CRITERION", help="The id of a criterion.")]


def register(app: typer.Typer) -> None:
    app.command()(health)
    app.command()(automatic)


def health(
    rubric: Annotated[
        str | None,
        typer.Argument(metavar="RUBRIC", help="The id of a rubric; default: all of qc.toml."),
    ] = None,
    criterion: Annotated[
        str | None, typer.Argument(metavar="CRITERION", help="One criterion of it, in full.")
    ] = None,
    folder: Folder = Path(),
    period: Annotated[
        str | None,
        typer.Option(
            "--period",
            "-p",
            metavar="PERIOD",
            help="Count the cards of this kept period alone; the proof goes over all.",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show what each criterion has proved, misses and finds, and what to weigh otherwise."""
    from qc_pipeline.job.automatic import find_criterion
    from qc_pipeline.job.rubric_health import health_of
    from qc_pipeline.scoring.compile import compile_rubric
    from qc_pipeline.workspace.open_workspace import read_shelf

    with opened(folder) as (settings, record):
        shelf = read_shelf(settings)
        wanted = shelf.ids() if rubric is None else (rubric,)
        chosen = [_newest(record, shelf, one) for one in wanted]
        if criterion is not None:
            find_criterion(chosen[0], criterion)
        if period is not None:
            _refuse_undrawn(record, period)
        found = [
            health_of(
                record,
                settings,
                compile_rubric(one),
                periods=None if period is None else (period,),
            )
            for one in chosen
        ]
    if as_json:
        print_json([_health_json(one, criterion) for one in found])
        return
    for number, one in enumerate(found):
        if number:
            print()
        for line in _health_lines(one, criterion, terminal_width()):
            print(line)


def automatic(
    rubric: RubricId,
    criterion: CriterionId,
    folder: Folder = Path(),
    off: Annotated[
        bool, typer.Option("--off", help="Take it back: a person decides it again.")
    ] = False,
    reason: Annotated[str | None, typer.Option(help="Why; needed with --off.")] = None,
    name: As = None,
    on_behalf: For = None,
    as_json: AsJson = False,
) -> None:
    """Record that a criterion which has earned it decides by itself, or no more."""
    from qc_pipeline.job.automatic import find_criterion, make_automatic, take_back
    from qc_pipeline.scoring.compile import compile_rubric
    from qc_pipeline.workspace.open_workspace import read_shelf
    from qc_pipeline.workspace.people import MANAGERS

    why = (reason or "").strip()
    if off and not why:
        raise UsageError("--off needs --reason TEXT: it stands in the record")
    if why and not off:
        raise UsageError("--reason goes with --off; what makes a criterion automatic are figures")
    with opened(folder) as (settings, record):
        actor = acting(settings, record, name, on_behalf, may=MANAGERS)
        chosen = _newest(record, read_shelf(settings), rubric)
        asked = find_criterion(chosen, criterion)
        body: dict[str, Any] = {"rubric": rubric, "criterion": criterion, "automatic": not off}
        if off:
            take_back(record, chosen, asked, actor, why)
            told = f"{rubric} {criterion}: a person decides it again from now on"
        else:
            earned = make_automatic(record, settings, compile_rubric(chosen), asked, actor)
            body |= {"decided": earned.decided, "stood": earned.stood}
            told = (
                f"{rubric} {criterion}: 可自动 from now on, {earned.stood} of {earned.decided} "
                "first looks stood; the next `qc run` or `qc score` judges drafts anew"
            )
    if as_json:
        print_json(body)
    else:
        print(told)


def _newest(record: Reads, shelf: RubricShelf, rubric: str) -> Rubric:
    """The version of a rubric that is in force now, the earliest where none is yet."""
    versions = shelf.of_id(rubric)
    if not versions:
        hint = did_you_mean(rubric, shelf.ids())
        raise UsageError(
            f"qc.toml names no rubric {rubric!r}; allowed: {', '.join(shelf.ids())}"
            + (f" – {hint}" if hint else "")
        )
    today = record.now.date()
    begun = [r for r in versions if r.effective_from is None or r.effective_from <= today]
    return begun[-1] if begun else versions[0]


def _refuse_undrawn(record: Reads, period: str) -> None:
    from qc_pipeline.store.samples import drawn_periods

    names = [name for name, _, _ in drawn_periods(record)]
    if period not in names:
        raise UsageError(f"{period} was not drawn; drawn are: {', '.join(names) or 'none'}")


def _health_json(one: RubricHealth, criterion: str | None) -> dict[str, Any]:
    rows = {r.id: r for r in one.rows}
    return {
        "rubric": one.rubric.rubric,
        "version": one.rubric.version,
        "periods": list(one.periods),
        "calls": one.calls,
        "other_calls": one.other_calls,
        "proof": {
            "periods": list(one.looks.periods),
            "listened_calls": one.looks.calls,
            "blind_calls": one.looks.blind,
            "by_another_model_or_engine": one.looks.other_calls,
            "model_sha256": one.looks.model_sha256,
        },
        "criteria": [
            _criterion_json(one.standings[c.id], rows[c.id])
            for c in one.rubric.criteria()
            if criterion in (None, c.id)
        ],
    }


def _criterion_json(stands: CriterionStanding, row: CriterionCoverage) -> dict[str, Any]:
    earned, looks, since = stands.earned, stands.looks, stands.since
    return asdict(row) | {
        "precision": row.precision,
        "fail_share": row.fail_share,
        "never_fires": row.never_fires,
        "always_fires": row.always_fires,
        "should_go_back": row.should_go_back,
        "standing": str(earned.standing),
        "automatic": None if since is None else {"at": since.at, "person": since.person},
        "looks": {
            "decided": earned.decided,
            "stood": earned.stood,
            "wanted": earned.more,
            "failed": earned.failed,
            "relapses": earned.relapses,
            "of_former_lists": len(looks.carried),
            "no_more_found": looks.dropped,
            "blind": looks.blind.total(),
            "blind_stood": looks.blind[True],
        },
        "missed": looks.missed,
        "passes_listened_to": looks.passed,
        "faults_known": looks.faults,
        "wordings": [
            {"phrase": phrase, "stood": count[True], "fell": count[False]}
            for phrase, count in _wordings(stands)
        ],
    }


def _health_lines(one: RubricHealth, criterion: str | None, width: int | None) -> Iterator[str]:
    rows = {r.id: r for r in one.rows}
    looks = one.looks
    model = "" if looks.model_sha256 is None else f", heard by model {looks.model_sha256[:8]}"
    yield f"{one.rubric.rubric} {one.rubric.version}, {_span(one.periods)}: {one.calls} calls" + (
        f", {one.other_calls} by other versions are not counted" if one.other_calls else ""
    )
    yield (
        f"first looks, {_span(looks.periods)}: {looks.calls} listened calls drawn at random{model}"
        + (
            f"; {looks.other_calls} by another model or engine say nothing"
            if looks.other_calls
            else ""
        )
    )
    if looks.calls:
        yield f"judged blind (盲评): {looks.blind} of {looks.calls}" + (
            "" if looks.blind * BLIND_ONE_IN >= looks.calls else "; " + TOO_FEW_BLIND
        )
    chosen = [c.id for c in one.rubric.criteria() if criterion in (None, c.id)]
    shown = WORDINGS_SHOWN if criterion is None else None
    cells = [
        TerminalRow(
            cells=_cells(i, one.standings[i]),
            below=(*_earned_notes(one.standings[i], shown), *notes(rows[i])),
        )
        for i in chosen
    ]
    if width is not None:
        heads = (*texts("criterion"), *ids("stands as"), *figures(*_COLUMNS))
        yield from table_lines(heads, cells, width)
    else:
        longest = max(len(name) for name in [*chosen, "criterion"]) + 2
        yield "criterion".ljust(longest) + "stands as  " + "".join(f"{c:>8}" for c in _COLUMNS)
        for row in cells:
            name, stands, *counts = row.cells
            yield name.ljust(longest) + _padded(stands) + "".join(f"{n:>8}" for n in counts)
            for note in row.below:
                yield f"  {note}"
    if criterion is None:
        yield from to_do_lines(one.rows, width, one.standings)
        return
    from qc_pipeline.job.automatic import find_criterion, why_not
    from qc_pipeline.scoring.earned import Autonomy

    stands_now = one.standings[criterion].earned
    if stands_now.standing is not Autonomy.AUTOMATIC:
        yield why_not(find_criterion(one.rubric, criterion), stands_now, looks)


def _cells(name: str, stands: CriterionStanding) -> tuple[str, ...]:
    earned, looks = stands.earned, stands.looks
    counts = (earned.stood, earned.decided, earned.more, looks.missed, looks.passed)
    return (name, STANDINGS[str(earned.standing)], *map(str, counts))


def _earned_notes(stands: CriterionStanding, shown: int | None) -> Iterator[str]:
    earned, looks, since = stands.earned, stands.looks, stands.since
    if since is not None:
        yield f"automatic since {since.at[:10]}, by {since.person}"
    if looks.carried or looks.dropped:
        yield (
            f"of former lists: {len(looks.carried)} findings are made still, "
            f"{looks.dropped} no more"
        )
    if earned.relapses:
        yield f"proved and fell below 85 % of the last 60: {earned.relapses} times"
    if looks.blind:
        yield (f"of the looks {looks.blind.total()} were blind, {looks.blind[True]} of these stood")
    if looks.missed:
        share = looks.missed / looks.faults
        yield f"missed {looks.missed} of {looks.faults} faults known (漏检率 {share:.0%})"
    found = _wordings(stands)
    some = found if shown is None else found[:shown]
    if some:
        told = ", ".join(f"“{p}” {n.total()} ({n[True]} stood)" for p, n in some)
        rest = len(found) - len(some)
        yield f"found by {told}" + (f" and {rest} more" if rest else "")


def _wordings(stands: CriterionStanding) -> list[tuple[str, Any]]:
    """The wordings that findings rest on, the commonest first."""
    return sorted(stands.looks.wordings.items(), key=lambda one: (-one[1].total(), one[0]))


def _padded(word: str) -> str:
    """A word of wide characters in a column of twelve."""
    return word + " " * (12 - 2 * len(word))


def _span(periods: Sequence[str]) -> str:
    if not periods:
        return "no period"
    return periods[0] if len(periods) == 1 else f"{periods[0]} to {periods[-1]}"
