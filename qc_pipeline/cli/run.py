"""The weekly job on the command line: `run` and its four stages."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from qc_pipeline.cli.card_text import print_plain
from qc_pipeline.cli.options import (
    As,
    AsJson,
    ExcludeInspected,
    Folder,
    For,
    PeriodOption,
    Reason,
    Redraw,
    Seed,
    Unmasked,
)
from qc_pipeline.cli.progress import TerminalProgress, print_json, told
from qc_pipeline.cli.session import (
    acting,
    drawn_period,
    job,
    reason_to_redraw,
)
from qc_pipeline.errors import ExitCode, UsageError
from qc_pipeline.message import Message

if TYPE_CHECKING:
    from qc_pipeline.job.progress import Tally
    from qc_pipeline.store.record import Record
    from qc_pipeline.store.samples import KeptSample
    from qc_pipeline.store.transaction import Reads
    from qc_pipeline.workspace.open_workspace import Workspace
    from qc_pipeline.workspace.settings import Settings


def register(app: typer.Typer) -> None:
    from qc_pipeline.cli.sampling import sample

    for command in (run, sample, transcribe, score, report):
        app.command()(command)


def run(
    folder: Folder = Path(),
    period: PeriodOption = None,
    seed: Seed = None,
    redraw: Redraw = False,
    reason: Reason = None,
    exclude_inspected: ExcludeInspected = False,
    as_json: AsJson = False,
) -> None:
    """Sample, transcribe, score and report, in order; ends with the report's path."""
    run_job(
        folder,
        period=period,
        seed=seed,
        redraw=redraw,
        reason=reason,
        exclude_inspected=exclude_inspected,
        as_json=as_json,
    )


def run_job(
    folder: Path,
    *,
    period: str | None = None,
    seed: str | None = None,
    redraw: bool = False,
    reason: str | None = None,
    exclude_inspected: bool = False,
    as_json: bool = False,
    between: Callable[[Record, Settings, KeptSample], Message | None] | None = None,
) -> None:
    """The four stages; `between` is done before the report, and what it returns is said."""
    from qc_pipeline.job.draw import DrawRequest, sample_stage
    from qc_pipeline.job.report import report_stage
    from qc_pipeline.job.score import score_stage
    from qc_pipeline.job.transcribe import transcribe_stage

    why = reason_to_redraw(redraw=redraw, reason=reason, seed=seed)
    with (
        job(folder, period, listens=True) as (workspace, record, chosen),
        TerminalProgress(workspace.settings.report.language) as progress,
    ):
        request = DrawRequest(
            seed=seed, seed_reason=reason or "", exclude_inspected=exclude_inspected
        )
        kept = sample_stage(
            workspace, record, chosen, progress=progress, redraw=why, request=request
        )
        progress.say(_sample_line(kept))
        heard = transcribe_stage(workspace, record, kept, progress=progress)
        progress.say(_heard_line(heard.tally))
        if heard.state is None:
            kept = drawn_period(record, chosen)
        judged = score_stage(workspace, record, kept, progress=progress, state=heard.state)
        remark = between(record, workspace.settings, kept) if between is not None else None
        if remark is not None:
            progress.say(remark)
        path = report_stage(workspace, record, kept, progress=progress)
        alerts = told_at_once(workspace, record, kept, judged, progress=progress)
        progress.close()
        _finish(record, kept, path, alerts, as_json=as_json)
    if judged.failed:
        raise typer.Exit(ExitCode.FINISHED_WITH_FAILURES)


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
    from qc_pipeline.job.import_transcripts import import_stage
    from qc_pipeline.job.transcribe import transcribe_stage

    with (
        job(folder, period) as (workspace, record, chosen),
        TerminalProgress(workspace.settings.report.language) as progress,
    ):
        kept = drawn_period(record, chosen)
        if source is None:
            tally = transcribe_stage(workspace, record, kept, progress=progress).tally
        else:
            tally = import_stage(workspace, record, kept, source, progress=progress)
        progress.close()
        if as_json:
            print_json(_tally_json("transcribed", tally) | {"measured_anew": tally.anew})
        else:
            print(f"{_heard_line(tally)}, failed {tally.failed}")
        _leave(tally)


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
        from qc_pipeline.cli.score_file import score_files

        if rubric is None or transcript is None:
            raise UsageError("scoring a file needs both --rubric FILE and --transcript FILE")
        score_files(rubric, transcript, call, folder=folder, as_json=as_json)
        return
    from qc_pipeline.job.score import score_stage
    from qc_pipeline.period.standing import standing_of

    with (
        job(folder, period) as (workspace, record, chosen),
        TerminalProgress(workspace.settings.report.language) as progress,
    ):
        kept = drawn_period(record, chosen)
        tally = score_stage(workspace, record, kept, progress=progress)
        not_judged = standing_of(record, kept).not_judged
        progress.close()
        if as_json:
            print_json(_tally_json("scored", tally) | {"not_judged": not_judged})
        else:
            print(f"scored {tally.done}, known before {tally.before}, failed {tally.failed}")
            _say_not_judged(not_judged)
        _leave(tally)


def report(
    folder: Folder = Path(),
    period: PeriodOption = None,
    audience: Annotated[
        str | None,
        typer.Option(help="manager, meeting, lead:GROUP or agent:ID; default: as in qc.toml."),
    ] = None,
    no_audio: Annotated[bool, typer.Option("--no-audio", help="Leave the clips out.")] = False,
    pdf: Annotated[bool, typer.Option("--pdf", help="Print it as PDF, too (Chromium).")] = False,
    unmasked: Unmasked = False,
    objections: Annotated[
        bool,
        typer.Option("--objections", help="Beside the published one, with objections as of now."),
    ] = False,
    name: As = None,
    on_behalf: For = None,
    as_json: AsJson = False,
) -> None:
    """Write the period's report from what the record holds."""
    from qc_pipeline.job.report import report_stage
    from qc_pipeline.report.write.pdf import print_pdf
    from qc_pipeline.workspace.people import INSPECTORS

    with (
        job(folder, period) as (workspace, record, chosen),
        TerminalProgress(workspace.settings.report.language) as progress,
    ):
        kept = drawn_period(record, chosen)
        if unmasked:
            acting(workspace.settings, record, name, on_behalf, may=INSPECTORS)
            record.tell("report", {"period": chosen.name, "unmasked": True})
        path = report_stage(
            workspace,
            record,
            kept,
            progress=progress,
            audience=audience,
            audio=not no_audio,
            unmasked=unmasked,
            objections=objections,
        )
        if pdf:
            progress.say(str(print_pdf(path.parent)))
        progress.close()
        _finish(record, kept, path, None, as_json=as_json)


def _sample_line(kept: KeptSample) -> str:
    s = kept.sample
    return (
        f"{s.period}: {len(s.picks)} of {s.frame_size} calls drawn, {len(s.strata)} strata, "
        f"seed {s.seed}"
    )


def _heard_line(tally: Tally) -> str:
    anew = f", measured anew {tally.anew}" if tally.anew else ""
    return f"transcribed {tally.done}, known before {tally.before}{anew}"


def _tally_json(verb: str, tally: Tally) -> dict[str, int]:
    return {verb: tally.done, "before": tally.before, "failed": tally.failed}


def _leave(tally: Tally) -> None:
    if tally.failed:
        raise typer.Exit(ExitCode.FINISHED_WITH_FAILURES)


def told_at_once(
    workspace: Workspace,
    record: Record,
    kept: KeptSample,
    judged: Tally,
    *,
    progress: TerminalProgress,
) -> Path:
    """The alert file, written anew where calls were scored; what it holds is said."""
    from qc_pipeline.job.alerts import FOLDER, alerts_of, write_alerts
    from qc_pipeline.review.listening import Why

    settings = workspace.settings
    former = settings.root / FOLDER / f"{kept.sample.period}.csv"
    if not judged.done and former.exists():
        return former
    alerts = alerts_of(record, settings, kept)
    path = write_alerts(record, settings, kept, alerts)
    if alerts:
        red = sum(a.why is Why.RED_LINE for a in alerts)
        progress.say(Message.of("progress.alerts", red=red, complaints=len(alerts) - red))
    return path


def _finish(
    record: Reads, kept: KeptSample, path: Path, alerts: Path | None, *, as_json: bool
) -> None:
    from qc_pipeline.cli.sample_text import causes, replaced_json
    from qc_pipeline.period.standing import standing_of

    standing = standing_of(record, kept)
    failures = standing.failures
    sampled = len(kept.sample.picks)
    replaced = [r.replacement for r in kept.replacements]
    taken = [r for r in replaced if r.by is not None]
    if as_json:
        print_json(
            {
                "period": kept.sample.period,
                "sampled": sampled,
                "scored": standing.scored,
                "not_judged": standing.not_judged,
                "too_short": standing.too_short,
                "no_total": standing.no_total,
                "failed": [
                    {"recording_id": f.recording_id, "stage": f.stage, "reason": f.reason.text}
                    for f in failures
                ],
                "replaced": replaced_json(kept.replacements),
                "alerts": None if alerts is None else str(alerts),
                "report": str(path),
            }
        )
        return
    for failure in failures:
        print_plain(f"failed: {failure.recording_id} at {failure.stage}: {told(failure.reason)}")
    if replaced:
        print(f"invalid {len(replaced)} ({causes(replaced)}), replaced {len(taken)}")
    print(f"sampled {sampled} = {standing.sum_text}")
    _say_not_judged(standing.not_judged)
    print(path)


def _say_not_judged(calls: int) -> None:
    if calls:
        print(
            f"{calls} calls are not judged (未评): too little was heard; "
            "they wait in the queue, `qc review` lists them"
        )
