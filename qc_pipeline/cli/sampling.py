"""`qc sample`: the draw made, shown, repeated, and call-backs drawn."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from qc_pipeline.cli.card_text import print_plain
from qc_pipeline.cli.options import (
    AsJson,
    ExcludeInspected,
    Folder,
    PeriodOption,
    Reason,
    Redraw,
    Seed,
)
from qc_pipeline.cli.progress import TerminalProgress, print_json, told
from qc_pipeline.cli.session import drawn_period, job, opened, reason_to_redraw
from qc_pipeline.cli.wrap import terminal_width
from qc_pipeline.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from qc_pipeline.job.draw import DrawRequest
    from qc_pipeline.sampling.period import Period
    from qc_pipeline.sampling.verify import DrawCheck
    from qc_pipeline.store.record import Record
    from qc_pipeline.store.samples import KeptSample
    from qc_pipeline.store.transaction import Reads
    from qc_pipeline.workspace.open_workspace import Workspace


SHOWN = 40


def sample(
    folder: Folder = Path(),
    period: PeriodOption = None,
    seed: Seed = None,
    redraw: Redraw = False,
    reason: Reason = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show the draw, keep nothing.")
    ] = False,
    verify: Annotated[
        bool, typer.Option("--verify", help="Draw again and compare with the kept sample.")
    ] = False,
    proof: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Write what proves the kept draw: tables, script, page."),
    ] = None,
    include: Annotated[
        Path | None, typer.Option(help="File of recording ids, a line each, to force in.")
    ] = None,
    exclude_inspected: ExcludeInspected = False,
    callbacks: Annotated[
        str | None,
        typer.Option(metavar="SHARE", help="Draw call-backs for a survey instead, such as 1%."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Draw the period's calls by duration and time slot; the draw can be shown and repeated."""
    from qc_pipeline.job.draw import DrawRequest, sample_stage

    _one_of(
        dry_run=dry_run, verify=verify, callbacks=callbacks is not None, proof=proof is not None
    )
    tries = dry_run or verify or callbacks is not None
    why = reason_to_redraw(redraw=redraw, reason=reason, seed=seed, tries=tries)
    share = None if callbacks is None else _share(callbacks)
    request = DrawRequest(
        seed=seed,
        seed_reason=reason or "",
        include=_ids(include),
        exclude_inspected=exclude_inspected,
    )
    if proof is not None:
        _proof(folder, period, proof, as_json=as_json)
        return
    with (
        job(folder, period) as (workspace, record, chosen),
        TerminalProgress(workspace.settings.report.language) as progress,
    ):
        if share is not None:
            _print_callbacks(workspace, chosen, share, seed, as_json=as_json)
        elif dry_run:
            _dry_run(workspace, record, chosen, request, as_json=as_json)
        elif verify:
            _verify(workspace, record, chosen, as_json=as_json)
        else:
            kept = sample_stage(
                workspace, record, chosen, progress=progress, redraw=why, request=request
            )
            progress.close()
            _print_kept(workspace, record, kept, as_json=as_json)


def _one_of(**asked: bool) -> None:
    names = [f"--{name.replace('_', '-')}" for name, wanted in asked.items() if wanted]
    if len(names) > 1:
        raise UsageError(f"one at a time, not {' and '.join(names)}")


def _ids(file: Path | None) -> tuple[str, ...]:
    if file is None:
        return ()
    try:
        lines = file.read_text(encoding="utf-8-sig").splitlines()
    except (FileNotFoundError, IsADirectoryError):
        raise UsageError(f"no such file: {file}") from None
    except UnicodeDecodeError:
        raise UsageError(f"{file} is not UTF-8 text: one recording id a line") from None
    named = tuple(line.strip() for line in lines if line.strip())
    if not named:
        raise UsageError(f"{file} names no recording: one recording id a line")
    return named


def _print_kept(workspace: Workspace, record: Reads, kept: KeptSample, *, as_json: bool) -> None:
    from qc_pipeline.cli.sample_text import minutes_of, replaced_json, sample_lines
    from qc_pipeline.period.calls import recordings_of

    minutes = minutes_of(kept.sample, recordings_of(workspace, record, kept.sample.picks))
    if as_json:
        print_json(
            kept.sample.as_json()
            | {"replaced": replaced_json(kept.replacements), "minutes": minutes.as_json()}
        )
        return
    language, width = workspace.settings.report.language, terminal_width()
    for line in sample_lines(kept.sample, kept.replacements, minutes, language, width=width):
        print(line)


def _dry_run(
    workspace: Workspace, record: Record, period: Period, request: DrawRequest, *, as_json: bool
) -> None:
    from qc_pipeline.cli.prospect_text import prospect_lines
    from qc_pipeline.cli.sample_text import minutes_of, sample_lines
    from qc_pipeline.job.draw import try_draw
    from qc_pipeline.store.samples import kept_sample

    if kept_sample(record, period.name) is not None:
        told = "is drawn already; this is what a new draw would give"
        print(f"{period.name} {told}", file=sys.stderr)
    tried = try_draw(workspace, record, period, request)
    drawn, rows, found = tried.sample, tried.rows, tried.prospect
    calls = workspace.calls.find([p.recording_id for p in drawn.picks])
    minutes = minutes_of(drawn, calls)
    if as_json:
        table = [asdict(row) for row in rows]
        body = {"plan_table": table, "minutes": minutes.as_json(), "prospect": found.as_json()}
        print_json(drawn.as_json() | body)
        return
    language, width = workspace.settings.report.language, terminal_width()
    for line in sample_lines(drawn, (), minutes, language, rows, width=width):
        print(line)
    for line in prospect_lines(found, language, width=width):
        print_plain(line)
    noted = ", but that this seed was tried" if drawn.seed_origin != "derived" else ""
    print(f"dry run: nothing was kept{noted}")


def _verify(workspace: Workspace, record: Reads, period: Period, *, as_json: bool) -> None:
    from qc_pipeline.job.check_draw import checked_draw

    kept = drawn_period(record, period)
    check = checked_draw(workspace, record, kept, period)
    found = [told(one) for one in check.differences()]
    if as_json:
        print_json(
            {
                "identical": check.identical,
                "repeats": not check.faults,
                "frame_kept": check.from_frame,
                "differences": found,
                "plan": {key: list(pair) for key, pair in check.plan.items()},
                "calls": [
                    {
                        "recording_id": c.change.recording_id,
                        "what": c.change.what,
                        "drawn": c.drawn,
                        "columns": {k: list(pair) for k, pair in c.change.columns.items()},
                        "then": c.then,
                        "now": c.now,
                    }
                    for c in check.calls
                ],
                "alike": check.alike,
            }
        )
    else:
        for line in _check_lines(kept, check, found):
            print_plain(line)
    if not check.identical:
        raise typer.Exit(ExitCode.FINISHED_WITH_FAILURES)


def _proof(folder: Path, period: str | None, target: Path, *, as_json: bool) -> None:
    """The proof of a kept draw: today's call list has no part in it, nor need it be there."""
    from qc_pipeline.cli.draw_proof import PAGE, write_proof
    from qc_pipeline.sampling.period import parse_period
    from qc_pipeline.store.samples import drawn_periods

    with opened(folder) as (settings, record):
        drawn = [name for name, _, _ in drawn_periods(record)]
        if period is None and not drawn:
            raise UsageError("nothing is drawn yet; `qc sample` draws")
        chosen = parse_period(period or drawn[-1])
        kept = drawn_period(record, chosen)
        said = write_proof(record, kept, chosen, target, settings.report.language)
    if as_json:
        print_json({"said": said, "page": str(target / PAGE)})
        return
    print_plain(said)
    print(target / PAGE)


def _check_lines(kept: KeptSample, check: DrawCheck, found: Sequence[str]) -> Iterator[str]:
    drawn = f"{len(kept.drawn.picks)} calls, seed {kept.drawn.seed}"
    replaced = len(kept.replacements)
    since = f"; {replaced} invalid recordings were replaced since" if replaced else ""
    if check.identical:
        yield f"identical: {drawn}{since}"
    elif check.from_frame and not check.faults:
        yield f"drawn as recorded: {drawn}{since}; list or plan say otherwise today:"
    yield from found[:SHOWN]
    if len(found) > SHOWN:
        yield f"and {len(found) - SHOWN} more (--json has all)"
    if check.alike:
        who, whose = ("call", "its") if check.alike == 1 else ("calls", "their")
        yield f"{check.alike} {who} changed in the list without a difference to {whose} draw"


def _share(text: str) -> float:
    """0.01 from "1%" or "0.01"."""
    try:
        return float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
    except ValueError:
        raise UsageError(f"--callbacks takes a share such as 1% or 0.01, not {text!r}") from None


def _print_callbacks(
    workspace: Workspace, period: Period, share: float, seed: str | None, *, as_json: bool
) -> None:
    from qc_pipeline.sampling.callbacks import draw_callbacks

    chosen_seed = seed or workspace.settings.sampling.seed or period.name
    drawn = draw_callbacks(workspace.calls.recordings, period=period, share=share, seed=chosen_seed)
    if as_json:
        print_json(asdict(drawn))
        return
    for recording_id in drawn.recording_ids:
        print_plain(recording_id)
    print(
        f"{len(drawn.recording_ids)} of {drawn.customers} customers, seed {drawn.seed}, "
        f"without a number {drawn.without_number}",
        file=sys.stderr,
    )
