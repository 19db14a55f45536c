"""`qc calibrate`: do inspectors agree with one another, and the machine with them?"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from qc_pipeline.cli.card_text import plain
from qc_pipeline.cli.options import As, AsJson, Folder, For, PeriodOption
from qc_pipeline.cli.progress import print_json
from qc_pipeline.cli.session import acting, opened
from qc_pipeline.errors import ExitCode, InputError, Problem, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qc_pipeline.calibration.read import ReadSheet
    from qc_pipeline.workspace.settings import Settings

calibrate_app = typer.Typer(
    no_args_is_help=True, help="Blind sets for inspectors: draw, read the sheets back, report."
)


@calibrate_app.command()
def draw(
    folder: Folder = Path(),
    period: PeriodOption = None,
    inspector: Annotated[
        list[str] | None,
        typer.Option(
            "--inspector",
            "-i",
            metavar="NAME",
            help="Who judges, once for each; default: all inspectors of [people].",
        ),
    ] = None,
    calls: Annotated[int, typer.Option("--calls", metavar="N", help="How many calls.")] = 10,
    criterion: Annotated[
        list[str] | None,
        typer.Option(metavar="ID", help="Ask only this criterion, once for each; default: all."),
    ] = None,
    seed: Annotated[
        str | None, typer.Option(help="Seed of the draw; default: the calibration's name.")
    ] = None,
    kind: Annotated[str, typer.Option("--format", help="xlsx or csv.")] = "xlsx",
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help="Where to; default: calibration/NAME."),
    ] = None,
    name: As = None,
    on_behalf: For = None,
    as_json: AsJson = False,
) -> None:
    """Draw scored calls, mixed by band and by deductions, and write a blind sheet for each."""
    from qc_pipeline.calibration.blind_round import FORMATS, draw_set
    from qc_pipeline.store.samples import drawn_periods, kept_sample
    from qc_pipeline.workspace.people import REVIEWERS

    if kind not in FORMATS:
        raise UsageError(f"--format {kind}: allowed are {' and '.join(FORMATS)}")
    with opened(folder) as (settings, record):
        actor = acting(settings, record, name, on_behalf, may=REVIEWERS)
        names = [period] if period else [p for p, _, _ in drawn_periods(record)][-1:]
        kept = kept_sample(record, names[0]) if names else None
        if kept is None:
            raise UsageError(f"{period or 'nothing'} is not drawn yet; `qc run` draws and scores")
        made, files = draw_set(
            record,
            settings,
            kept,
            actor,
            inspectors=_inspectors(settings, inspector or []),
            calls=calls,
            seed=seed,
            only=criterion or [],
            out=None if out is None else out.resolve(),
            kind=kind,
        )
    if as_json:
        print_json(made.as_json() | {"sheets": [str(f) for f in files]})
        return
    if len(made.calls) < calls:
        told = f"only {len(made.calls)} calls of {made.period} can be in a blind set"
        print(f"note: {told}, {calls} were asked for", file=sys.stderr)
    items = sum(len(c.criteria) for c in made.calls)
    print(f"{made.name}: {len(made.calls)} calls, {items} items, seed {made.seed}")
    for file in files:
        print(file)


def _inspectors(settings: Settings, wanted: Sequence[str]) -> list[str]:
    """The inspectors by their names in [people]; where [people] is empty, as they were given."""
    from qc_pipeline.errors import did_you_mean

    people = settings.people
    if not wanted:
        return [p.name for _, p in sorted(people.items()) if "inspector" in p.roles]
    if not people:
        return [w.strip() for w in wanted if w.strip()]
    known = {k: p.name for k, p in people.items()} | {p.name: p.name for p in people.values()}
    problems = [
        Problem(
            path="--inspector",
            message="nobody of [people] in qc.toml",
            found=repr(w),
            allowed=", ".join(sorted({*known.values()})),
            hint=did_you_mean(w, list(known)),
        )
        for w in wanted
        if w not in known
    ]
    if problems:
        raise InputError(problems)
    return [known[w] for w in wanted]


@calibrate_app.command()
def read(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE…", help="Filled-in sheets, XLSX or CSV.")
    ],
    folder: Folder = Path(),
    name: As = None,
    on_behalf: For = None,
    as_json: AsJson = False,
) -> None:
    """Read filled-in sheets; a sheet handed in again replaces the former, which is kept."""
    from qc_pipeline.calibration.blind_round import take_sheets
    from qc_pipeline.workspace.people import INSPECTORS

    with opened(folder) as (settings, record):
        actor = acting(settings, record, name, on_behalf, may=INSPECTORS)
        sheets, strays = take_sheets(record, files, actor)
    problems = [*strays, *(p for s, _ in sheets for p in s.problems)]
    problems.sort(key=Problem.sort_key)
    for problem in problems:
        print(problem, file=sys.stderr)
    if as_json:
        print_json(
            {
                "sheets": [_sheet_json(s, is_new=is_new) for s, is_new in sheets],
                "problems": [str(p) for p in problems],
            }
        )
    else:
        for sheet, is_new in sheets:
            print(_sheet_line(sheet, is_new=is_new))
        if problems:
            print(f"{len(problems)} bad rows were not taken; mend them and read the sheet again")
    if not sheets and not problems:
        raise UsageError("no rows in these files")
    if problems:
        raise typer.Exit(ExitCode.FINISHED_WITH_FAILURES)


def _sheet_json(sheet: ReadSheet, *, is_new: bool) -> dict[str, object]:
    return {
        "calibration": sheet.calibration,
        "inspector": sheet.inspector,
        "asked": sheet.asked,
        "taken": sheet.taken,
        "empty": sheet.empty,
        "bad": sheet.bad,
        "new": is_new,
    }


def _sheet_line(sheet: ReadSheet, *, is_new: bool) -> str:
    known = "" if is_new else "; nothing new in it"
    return (
        f"{sheet.calibration} {plain(sheet.inspector)}: {sheet.asked} asked = {sheet.taken} taken "
        f"+ {sheet.empty} left empty + {sheet.bad} bad{known}"
    )


@calibrate_app.command()
def report(
    calibration: Annotated[
        str | None, typer.Argument(metavar="[NAME]", help="Which; default: the last drawn.")
    ] = None,
    folder: Folder = Path(),
    page: Annotated[
        Path | None,
        typer.Option("--page", metavar="FILE.html", help="Write the page for the meeting."),
    ] = None,
    seed: Annotated[
        str | None, typer.Option(help="Seed of the intervals; default: that of the draw.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Agreement by criterion and overall, machine against majority, the most disputed calls."""
    from qc_pipeline.calibration.blind_round import result_of
    from qc_pipeline.calibration.page import calibration_json, calibration_lines, calibration_page
    from qc_pipeline.store.calibrations import find_set
    from qc_pipeline.system.files import write_text

    with opened(folder) as (settings, record):
        made = find_set(record, calibration)
        result = result_of(record, made, seed=seed)
        language = settings.report.language
    if page is not None:
        write_text(page, calibration_page(made, result, language))
    if as_json:
        body = calibration_json(made, result)
        print_json(body if page is None else body | {"page": str(page.resolve())})
        return
    for line in calibration_lines(made, result, language):
        print(plain(line))
    if page is not None:
        print(page.resolve())


@calibrate_app.command()
def bounds(
    folder: Folder = Path(),
    period: PeriodOption = None,
    as_json: AsJson = False,
) -> None:
    """Show by tier and certainty how many findings stood, and propose bounds; changes nothing."""
    from dataclasses import asdict

    from qc_pipeline.calibration.bounds import bound_rows, proposals
    from qc_pipeline.review.first_looks import first_looks_of
    from qc_pipeline.store.samples import drawn_periods

    with opened(folder) as (_, record):
        drawn = [name for name, _, _ in drawn_periods(record)]
        if period is not None and period not in drawn:
            raise UsageError(f"{period} is not drawn in this workspace")
        looks = first_looks_of(record, drawn if period is None else [period])
    rows, proposed = bound_rows(looks), proposals(looks)
    if as_json:
        print_json(
            {
                "decided": len(looks),
                "rows": [asdict(row) for row in rows],
                "proposals": {key: asdict(one) for key, one in proposed.items()},
            }
        )
        return
    print(f"{'deducted':>10}{'stood':>8}{'held':>8}{'stood':>8}{'95 %':>14}  certainty  finding")
    for row in rows:
        of = row.of if row.tier is None else f"{row.of}, tier {row.tier}"
        print(
            f"{row.deducted:>10}{row.deducted_stood:>8}{row.held:>8}{row.held_stood:>8}"
            f"{f'{row.low:.0%}–{row.high:.0%}':>14}  {row.least:.1f}–{row.below:.1f}    {of}"
        )
    for key, one in proposed.items():
        if one.bound is None:
            print(
                f"review_below.{key}: no bound from which on nine of ten stand, of thirty at "
                f"least; {one.decided} decided"
            )
        else:
            print(
                f"review_below.{key} = {one.bound:g} would do: {one.stood} of {one.findings} "
                "at or above it stood"
            )
