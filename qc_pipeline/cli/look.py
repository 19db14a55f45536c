"""Looking at what the record holds: one card, an export."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from qc_pipeline.cli.shared import AsJson, Folder, PeriodOption, open_record, print_json
from qc_pipeline.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from qc_pipeline.store.record import Record


def register(app: typer.Typer) -> None:
    for command in (show, export):
        app.command()(command)


def show(
    recording: Annotated[str, typer.Argument(metavar="REC", help="The recording's id.")],
    folder: Folder = Path(),
    period: PeriodOption = None,
    history: Annotated[
        bool, typer.Option("--history", help="All its cards and decisions, in order.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show one recording's scorecard: what was deducted, where, and what was said."""
    from qc_pipeline.call import Failure
    from qc_pipeline.cli.card import card_lines
    from qc_pipeline.config import load_settings

    settings = load_settings(folder)
    record = open_record(settings)
    try:
        if history:
            _print_history(record, recording, period, as_json=as_json)
            return
        outcome = _find(record, recording, period)
        if isinstance(outcome, Failure):
            if as_json:
                print_json(
                    {
                        "recording_id": recording,
                        "failed": {"stage": outcome.stage, "reason": outcome.reason},
                    }
                )
            else:
                print(f"{recording} has no scorecard: failed at {outcome.stage}: {outcome.reason}")
            raise typer.Exit(ExitCode.FINISHED_WITH_FAILURES)
        record.door.tell("look.card", {"recording": recording, "card": outcome.sha256()})
        if as_json:
            print_json(outcome.as_json())
            return
        kept = record.kept_call(recording)
        for line in card_lines(outcome, language=settings.report.language, recording=kept):
            print(line)
    finally:
        record.close()


def _print_history(record: Record, recording: str, period: str | None, *, as_json: bool) -> None:
    from qc_pipeline.cli.card import by_whom, plain
    from qc_pipeline.history import history_of

    body = history_of(record, recording)
    if not body["cards"]:
        _find(record, recording, period)
    if as_json:
        print_json(body)
        return
    totals = {c["sha256"]: c["total"] for c in body["cards"]}
    decided = {d["card_after"] for d in body["decisions"]}
    for card in body["cards"]:
        if card["sha256"] not in decided:
            print(f"{card['period']}  {_total(card['total'])}  by rules  {card['rubric']}")
    for d in body["decisions"]:
        what = str(d["verdict"]) + ("" if d["points"] is None else f" {d['points']:g}")
        why = "; ".join(plain(w) for w in (d["cause"], d["reason"]) if w)
        who = by_whom(d["person"], d["for"])
        change = f"{_total(totals.get(d['card_before']))} → {_total(totals.get(d['card_after']))}"
        print(
            f"{d['period']}  {change}  {d['criterion'] or 'recording'}: {what} by "
            f"{who} at {d['at']} ({d['source']})" + (f": {why}" if why else "")
        )


def _total(total: float | None) -> str:
    return "–" if total is None else f"{total:.2f}"


def _find(record: Record, recording: str, period: str | None) -> Any:
    """The latest outcome of a recording, in one period or in the last that drew it."""
    from qc_pipeline.replacing import told

    names = [period] if period else [name for name, _, _ in reversed(record.periods())]
    left = ""
    for name in names:
        kept = record.kept_sample(name)
        outcome = record.outcomes(kept.seq).get(recording) if kept else None
        if outcome is not None:
            return outcome
        for gone in kept.replacements if kept else ():
            if gone.replacement.invalid == recording:
                left = left or told(gone.replacement)
        if kept and any(p.recording_id == recording for p in kept.sample.picks):
            raise UsageError(f"{recording} is drawn in {name} and not scored yet; `qc run`")
    if left:
        raise UsageError(f"{left}; `qc show {recording} --history` has its cards")
    where = f"in {period}" if period else "in any period"
    raise UsageError(f"{recording!r} was not drawn {where}; `qc sample` shows the draw")


def export(
    to: Annotated[
        str, typer.Option("--to", help="samples, transcripts, scorecards or all.")
    ] = "all",
    out: Annotated[Path, typer.Option("--out", "-o", metavar="DIR")] = Path("export"),
    folder: Folder = Path(),
    period: PeriodOption = None,
    as_json: AsJson = False,
) -> None:
    """Write a period's sample, transcripts and scorecards as JSON files."""
    from qc_pipeline.cli.job import job
    from qc_pipeline.weekly_export import KINDS, export_period

    kinds = KINDS if to == "all" else (to,)
    if not set(kinds) <= set(KINDS):
        raise UsageError(f"--to {to}: allowed are {', '.join(KINDS)} and all")
    with job(folder, period) as (workspace, record, chosen):
        kept = record.kept_sample(chosen.name)
        if kept is None:
            raise UsageError(f"{chosen.name} is not drawn yet; `qc sample` draws it")
        written = export_period(workspace, record, kept, out, kinds)
        record.door.tell("export", {"period": chosen.name, "files": dict(written)})
    if as_json:
        print_json({"folder": str(out.resolve()), "files": written})
    else:
        print(f"wrote {sum(written.values())} files")
        print(out.resolve())
