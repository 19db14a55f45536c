"""The weekly job on the command line: `run` and its four stages."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from qc_pipeline.cli.shared import (
    AsJson,
    Folder,
    PeriodOption,
    TerminalProgress,
    open_record,
    print_json,
    workspace_lock,
)
from qc_pipeline.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from qc_pipeline.sampling.period import Period
    from qc_pipeline.store.record import KeptSample, Record
    from qc_pipeline.workspace import Workspace

Seed = Annotated[str | None, typer.Option(help="Seed of the draw; default: plan and period.")]
Redraw = Annotated[bool, typer.Option("--redraw", help="Draw a drawn period anew.")]
Reason = Annotated[str | None, typer.Option(help="Why it is drawn anew; needed with --redraw.")]


def register(app: typer.Typer) -> None:
    for command in (run, sample, transcribe, score, report):
        app.command()(command)


@contextmanager
def job(
    folder: Path, period: str | None, *, listens: bool = False
) -> Iterator[tuple[Workspace, Record, Period]]:
    """A workspace opened, checked and locked, its record open, and the period of the command.

    Everything people wrote is read and checked before anything is written; with `listens`, the
    recogniser's model must be there, too.
    """
    from qc_pipeline.weekly import check_model, choose_period, with_lengths
    from qc_pipeline.workspace import open_workspace

    workspace = open_workspace(folder)
    if listens:
        check_model(workspace)
    chosen = choose_period(workspace, period)
    if not chosen.whole:
        told = "the call list holds no whole week; the last week that has calls is taken"
        print(f"{chosen.name}: {told}", file=sys.stderr)
    for warning in workspace.calls.warnings:
        print(warning, file=sys.stderr)
    with workspace_lock(workspace.root):
        progress = TerminalProgress()
        workspace = with_lengths(workspace, chosen, progress=progress)
        progress.close()
        record = open_record(workspace.settings)
        try:
            yield workspace, record, chosen
        finally:
            record.close()


def run(
    folder: Folder = Path(),
    period: PeriodOption = None,
    seed: Seed = None,
    redraw: Redraw = False,
    reason: Reason = None,
    as_json: AsJson = False,
) -> None:
    """Sample, transcribe, score and report, in order; ends with the report's path."""
    run_job(folder, period=period, seed=seed, redraw=redraw, reason=reason, as_json=as_json)


def run_job(
    folder: Path,
    *,
    period: str | None = None,
    seed: str | None = None,
    redraw: bool = False,
    reason: str | None = None,
    as_json: bool = False,
) -> None:
    from qc_pipeline.weekly import sample_stage, score_stage, transcribe_stage
    from qc_pipeline.weekly_report import report_stage

    why = _reason(redraw=redraw, reason=reason)
    with job(folder, period, listens=True) as (workspace, record, chosen):
        progress = TerminalProgress()
        kept = sample_stage(workspace, record, chosen, progress=progress, redraw=why, seed=seed)
        progress.say(_sample_line(kept))
        heard = transcribe_stage(workspace, record, kept, progress=progress)
        progress.say(f"transcribed {heard.done}, known before {heard.before}")
        judged = score_stage(workspace, record, kept, progress=progress)
        path = report_stage(workspace, record, kept, progress=progress)
        progress.close()
        _finish(record, kept, path, as_json=as_json)
    if judged.failed:
        raise typer.Exit(ExitCode.FINISHED_WITH_FAILURES)


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
    include: Annotated[
        Path | None, typer.Option(help="File of recording ids, a line each, to force in.")
    ] = None,
    callbacks: Annotated[
        str | None,
        typer.Option(metavar="SHARE", help="Draw call-backs for a survey instead, such as 1%."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Draw the period's calls by duration and time slot; the draw can be shown and repeated."""
    from qc_pipeline.weekly import new_sample, sample_stage

    why = _reason(redraw=redraw, reason=reason)
    forced = _ids(include)
    with job(folder, period) as (workspace, record, chosen):
        if callbacks is not None:
            _print_callbacks(workspace, chosen, _share(callbacks), seed, as_json=as_json)
            return
        if dry_run:
            drawn = new_sample(workspace, record, chosen, seed=seed, include=forced)
            _print_sample(drawn, as_json=as_json)
            return
        if verify:
            _verify(workspace, record, chosen, as_json=as_json)
            return
        progress = TerminalProgress()
        kept = sample_stage(
            workspace, record, chosen, progress=progress, redraw=why, seed=seed, include=forced
        )
        progress.close()
        _print_sample(kept.sample, as_json=as_json)


def transcribe(
    folder: Folder = Path(),
    period: PeriodOption = None,
    source: Annotated[
        Path | None,
        typer.Option("--from", metavar="PATH", help="Take in transcripts made elsewhere."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Transcribe what the sample holds and the record does not."""
    from qc_pipeline.weekly import transcribe_stage
    from qc_pipeline.weekly_import import import_stage

    with job(folder, period) as (workspace, record, chosen):
        kept = _drawn(record, chosen)
        progress = TerminalProgress()
        if source is None:
            tally = transcribe_stage(workspace, record, kept, progress=progress)
        else:
            tally = import_stage(workspace, record, kept, source, progress=progress)
        progress.close()
        _print_tally("transcribed", tally, as_json=as_json)


def score(
    folder: Folder = Path(),
    period: PeriodOption = None,
    rubric: Annotated[Path | None, typer.Option(help="Score one transcript: the rubric.")] = None,
    transcript: Annotated[Path | None, typer.Option(help="The transcript to score.")] = None,
    call: Annotated[Path | None, typer.Option(help="Its call fields, a JSON object.")] = None,
    as_json: AsJson = False,
) -> None:
    """Score the period's transcripts, or one transcript file against one rubric file."""
    if rubric is not None or transcript is not None or call is not None:
        from qc_pipeline.cli.one_card import score_files

        if rubric is None or transcript is None:
            raise UsageError("scoring a file needs both --rubric FILE and --transcript FILE")
        score_files(rubric, transcript, call, as_json=as_json)
        return
    from qc_pipeline.weekly import score_stage

    with job(folder, period) as (workspace, record, chosen):
        progress = TerminalProgress()
        tally = score_stage(workspace, record, _drawn(record, chosen), progress=progress)
        progress.close()
        _print_tally("scored", tally, as_json=as_json)


def report(
    folder: Folder = Path(),
    period: PeriodOption = None,
    audience: Annotated[
        str | None,
        typer.Option(help="manager, meeting, lead:GROUP or agent:ID; default: as in qc.toml."),
    ] = None,
    no_audio: Annotated[bool, typer.Option("--no-audio", help="Leave the clips out.")] = False,
    pdf: Annotated[bool, typer.Option("--pdf", help="Print it as PDF, too (Chromium).")] = False,
    as_json: AsJson = False,
) -> None:
    """Write the period's report from what the record holds."""
    from qc_pipeline.report.pdf import print_pdf
    from qc_pipeline.weekly_report import report_stage

    with job(folder, period) as (workspace, record, chosen):
        progress = TerminalProgress()
        kept = _drawn(record, chosen)
        path = report_stage(
            workspace, record, kept, progress=progress, audience=audience, audio=not no_audio
        )
        if pdf:
            progress.say(str(print_pdf(path.parent)))
        progress.close()
        _finish(record, kept, path, as_json=as_json)


def _share(text: str) -> float:
    """0.01 from "1%" or "0.01"."""
    try:
        share = float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
    except ValueError:
        raise UsageError(f"--callbacks takes a share such as 1% or 0.01, not {text!r}") from None
    return share


def _print_callbacks(
    workspace: Workspace, period: Period, share: float, seed: str | None, *, as_json: bool
) -> None:
    from dataclasses import asdict

    from qc_pipeline.sampling.callbacks import draw_callbacks

    chosen_seed = seed or workspace.settings.sampling.seed or period.name
    drawn = draw_callbacks(workspace.calls.recordings, period=period, share=share, seed=chosen_seed)
    if as_json:
        print_json(asdict(drawn))
        return
    for recording_id in drawn.recording_ids:
        print(recording_id)
    print(
        f"{len(drawn.recording_ids)} of {drawn.customers} customers, seed {drawn.seed}, "
        f"without a number {drawn.without_number}",
        file=sys.stderr,
    )


def _reason(*, redraw: bool, reason: str | None) -> str | None:
    if redraw and not (reason or "").strip():
        raise UsageError("--redraw needs --reason TEXT: it stands in the report")
    if reason is not None and not redraw:
        raise UsageError("--reason goes with --redraw")
    return reason


def _ids(file: Path | None) -> tuple[str, ...]:
    if file is None:
        return ()
    try:
        lines = file.read_text(encoding="utf-8-sig").splitlines()
    except (FileNotFoundError, IsADirectoryError):
        raise UsageError(f"no such file: {file}") from None
    return tuple(line.strip() for line in lines if line.strip())


def _drawn(record: Record, period: Period) -> KeptSample:
    kept = record.kept_sample(period.name)
    if kept is None:
        raise UsageError(f"{period.name} is not drawn yet; `qc sample` draws it")
    return kept


def _sample_line(kept: KeptSample) -> str:
    s = kept.sample
    return (
        f"{s.period}: {len(s.picks)} of {s.frame_size} calls drawn, {len(s.strata)} strata, "
        f"seed {s.seed}"
    )


def _print_sample(drawn: Any, *, as_json: bool) -> None:
    from dataclasses import asdict

    if as_json:
        print_json(asdict(drawn))
        return
    print(f"period {drawn.period}  seed {drawn.seed}  plan {drawn.plan_sha256[:12]}")
    print(f"{'stratum':<28}{'frame':>7}{'plan':>8}{'drawn':>7}")
    for row in drawn.strata:
        merged = f"  (with {', '.join(row.merged_from)})" if row.merged_from else ""
        print(f"{row.stratum:<28}{row.frame:>7}{row.allocated:>8.2f}{row.drawn:>7}{merged}")
    outside = len(drawn.excluded)
    print(f"frame {drawn.frame_size}  outside the frame {outside}  drawn {len(drawn.picks)}")
    for note in drawn.notes:
        print(note)


def _verify(workspace: Workspace, record: Record, period: Period, *, as_json: bool) -> None:
    from qc_pipeline.sampling.verify import differences
    from qc_pipeline.weekly import new_sample

    kept = _drawn(record, period)
    again = new_sample(workspace, record, period, seed=kept.sample.seed)
    found = differences(kept.sample, again)
    if as_json:
        print_json({"identical": not found, "differences": list(found)})
    else:
        print("\n".join(found) if found else "identical: the draw can be repeated")
    if found:
        raise typer.Exit(ExitCode.FINISHED_WITH_FAILURES)


def _print_tally(verb: str, tally: Any, *, as_json: bool) -> None:
    if as_json:
        print_json({verb: tally.done, "before": tally.before, "failed": tally.failed})
    else:
        print(f"{verb} {tally.done}, known before {tally.before}, failed {tally.failed}")
    if tally.failed:
        raise typer.Exit(ExitCode.FINISHED_WITH_FAILURES)


def _finish(record: Record, kept: KeptSample, path: Path, *, as_json: bool) -> None:
    from qc_pipeline.call import Failure

    outcomes = record.outcomes(kept.seq)
    failures = [o for o in outcomes.values() if isinstance(o, Failure)]
    scored = len(outcomes) - len(failures)
    sampled = len(kept.sample.picks)
    if as_json:
        print_json(
            {
                "period": kept.sample.period,
                "sampled": sampled,
                "scored": scored,
                "failed": [
                    {"recording_id": f.recording_id, "stage": f.stage, "reason": f.reason}
                    for f in failures
                ],
                "report": str(path),
            }
        )
        return
    for failure in failures:
        print(f"failed: {failure.recording_id} at {failure.stage}: {failure.reason}")
    print(f"sampled {sampled} = scored {scored} + failed {len(failures)}")
    print(path)
