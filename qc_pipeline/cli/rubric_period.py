"""`qc rubric diff` and `qc rubric coverage`: a rubric over the calls of a past period."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from qc_pipeline.cli.options import AsJson, Folder, PeriodOption
from qc_pipeline.cli.progress import print_json
from qc_pipeline.cli.rubric_coverage import coverage_lines
from qc_pipeline.cli.session import open_record
from qc_pipeline.cli.tables import TerminalRow, figures, ids, table_lines, texts
from qc_pipeline.cli.wrap import terminal_width

if TYPE_CHECKING:
    from qc_pipeline.call import Recording
    from qc_pipeline.job.rubric_health import CriterionStanding
    from qc_pipeline.period.state import PeriodState
    from qc_pipeline.scoring.compare_rubrics import Comparison
    from qc_pipeline.scoring.coverage import AppealCounts
    from qc_pipeline.scoring.decisions import Decision
    from qc_pipeline.scoring.rubric.model import Rubric
    from qc_pipeline.scoring.scorecard import Scorecard
    from qc_pipeline.store.transcriptions import Transcription
    from qc_pipeline.workspace.open_workspace import Workspace
    from qc_pipeline.workspace.scoring_terms import ModelTerms


@dataclass(frozen=True, slots=True, kw_only=True)
class TranscribedPeriod:
    """The transcribed calls of a drawn period, in the order of the sample, and what was decided;
    `terms` of scoring by the models that heard them.
    """

    name: str
    workspace: Workspace
    calls: tuple[tuple[Recording, Transcription], ...]
    decisions: Mapping[str, Sequence[Decision]]
    objections: Mapping[str, AppealCounts]
    terms: Mapping[str | None, ModelTerms]


def register(app: typer.Typer) -> None:
    app.command()(diff)
    app.command()(coverage)


def diff(
    a: Annotated[Path, typer.Argument(metavar="A", help="A rubric file.")],
    b: Annotated[Path, typer.Argument(metavar="B", help="Another, or the next version of it.")],
    folder: Folder = Path(),
    period: PeriodOption = None,
    as_json: AsJson = False,
) -> None:
    """Rescore a past period with two rubrics: which calls change band, which criteria move."""
    from qc_pipeline.job.rubric_effect import effect_of
    from qc_pipeline.scoring.rubric.files import read_rubrics

    wanted = {r.rubric for r in read_rubrics(a, b)}
    workspace, name, state, there = _drawn(folder, period)
    own = [i for i in there if workspace.rubrics.choose(state.recordings[i]).rubric in wanted]
    result = effect_of(workspace, state, own or there, a, b)
    if as_json:
        print_json({"period": name, "a": str(a), "b": str(b), **asdict(result)})
        return
    print_comparison(name, result, a, b)


def coverage(
    folder: Folder = Path(),
    period: PeriodOption = None,
    as_json: AsJson = False,
) -> None:
    """Show what never fires, what is never heard, other weights, trial criteria that are ready."""
    from qc_pipeline.scoring.compile import compile_rubric
    from qc_pipeline.scoring.coverage import coverage as covered

    past = _past(folder, period)
    groups: dict[str, tuple[Rubric, list[tuple[Recording, Transcription]]]] = {}
    for recording, heard in past.calls:
        rubric = past.workspace.rubrics.choose(recording)
        groups.setdefault(rubric.sha256, (rubric, []))[1].append((recording, heard))
    body: list[dict[str, Any]] = []
    for rubric, calls in sorted(groups.values(), key=lambda g: (g[0].rubric, g[0].version)):
        rows = covered(
            compile_rubric(rubric),
            _cards(past, rubric, calls),
            [h.transcript for _, h in calls],
            past.decisions,
            past.objections,
        )
        stands = _standing(past, rubric)
        if as_json:
            found = [asdict(r) | {"precision": r.precision, "fail_share": r.fail_share,
                                  "never_fires": r.never_fires,
                                  "always_fires": r.always_fires,
                                  "ready_to_be_scored": r.ready_to_be_scored,
                                  "should_go_back": r.should_go_back,
                                  "standing": str(stands[r.id].earned.standing),
                                  "automatic": stands[r.id].since is not None}
                     for r in rows]  # fmt: skip
            body.append({"rubric": rubric.rubric, "version": rubric.version,
                         "calls": len(calls), "criteria": found})  # fmt: skip
        else:
            print(f"{rubric.rubric} {rubric.version}, {past.name}: {len(calls)} calls")
            for line in coverage_lines(rows, terminal_width(), stands):
                print(line)
    if as_json:
        print_json(body)


def _drawn(folder: Path, period: str | None) -> tuple[Workspace, str, PeriodState, list[str]]:
    """A drawn period as it stands, and its transcribed calls in the order of the sample; see
    `_past`.
    """
    from qc_pipeline.errors import UsageError
    from qc_pipeline.job.transcribe import choose_period
    from qc_pipeline.period.state import read_period
    from qc_pipeline.store.samples import kept_sample
    from qc_pipeline.workspace.open_workspace import open_workspace

    workspace = open_workspace(folder)
    record = open_record(workspace.settings)
    try:
        name = choose_period(workspace, period).name
        kept = kept_sample(record, name)
        if kept is None:
            raise UsageError(
                f"{name} was not drawn; `qc sample` draws it, `--period` names another"
            )
        state = read_period(workspace, record, kept)
    finally:
        record.close()
    there = [p.recording_id for p in kept.sample.picks if p.recording_id in state.transcriptions]
    if not there:
        raise UsageError(f"{name}: nothing is transcribed yet; `qc transcribe` first")
    return workspace, name, state, there


def _past(folder: Path, period: str | None) -> TranscribedPeriod:
    """Raises UsageError where the period was not drawn, or nothing of it is transcribed."""
    from qc_pipeline.period.transcript_lookup import load_transcriptions
    from qc_pipeline.scoring.coverage import objections_by_criterion
    from qc_pipeline.workspace.scoring_terms import terms_for

    workspace, name, state, there = _drawn(folder, period)
    recordings, decisions = state.recordings, state.decided
    record = open_record(workspace.settings)
    try:
        heard = load_transcriptions(record, state.transcriptions)
        models = {h.transcript.asr.model_sha256 for h in heard.values()}
        terms = {m: terms_for(workspace.settings, record, m) for m in models}
    finally:
        record.close()
    calls = [(recordings[i], heard[i]) for i in there]
    taken = [(rec, d) for rec, kept_ones in decisions.items() for d in kept_ones]
    return TranscribedPeriod(
        name=name,
        workspace=workspace,
        calls=tuple(calls),
        decisions={rec: [d.decision for d in ones] for rec, ones in decisions.items()},
        objections=objections_by_criterion((d.decision, d.objection) for _, d in taken),
        terms=terms,
    )


def _standing(past: TranscribedPeriod, rubric: Rubric) -> Mapping[str, CriterionStanding]:
    """How far each criterion has come by all kept periods."""
    from qc_pipeline.job.first_looks import first_looks
    from qc_pipeline.job.rubric_health import standings
    from qc_pipeline.scoring.compile import compile_rubric

    record = open_record(past.workspace.settings)
    try:
        looks = first_looks(record, past.workspace.settings, compile_rubric(rubric))
        return standings(record, rubric, looks)
    finally:
        record.close()


def _cards(
    past: TranscribedPeriod, rubric: Rubric, calls: Sequence[tuple[Recording, Transcription]]
) -> list[Scorecard]:
    """The machine's own cards, as if nobody had decided anything."""
    from qc_pipeline.job.score import score_transcribed
    from qc_pipeline.scoring.compile import compile_rubric

    ready = compile_rubric(rubric)
    made = [(r, h, ()) for r, h in calls]
    return list(score_transcribed(made, ready, past.terms.__getitem__))


def print_comparison(period: str, result: Comparison, a: Path, b: Path) -> None:
    changing = [c for c in result.calls if c.changes_band]
    passing = [c for c in result.calls if c.changes_pass]
    print(f"{period}: {len(result.calls)} calls, {len(changing)} change band")
    print(f"mean: {_number(result.mean_a)} with {a}, {_number(result.mean_b)} with {b}")
    if passing:
        lost = sum(c.passed_a is True for c in passing)
        won = sum(c.passed_b is True for c in passing)
        print(f"passed: {lost} no longer pass, {won} pass now")
    width = terminal_width()
    for line in _calls(result, width):
        print(line)
    moving = sum(c.moves for c in result.criteria)
    print(f"criteria that move: {moving or 'none'}")
    for line in _criteria(result, width):
        print(line)


def _calls(result: Comparison, width: int | None) -> Iterator[str]:
    """Calls that change; with a width (columns of a terminal) as a table that fits it."""
    rows = [
        (
            call.recording_id,
            f"{_number(call.total_a)} {_band(call.band_a, call.passed_a)}",
            f"{_number(call.total_b)} {_band(call.band_b, call.passed_b)}",
        )
        for call in result.calls
        if call.changes_band or call.changes_pass
    ]
    if width is not None:
        heads = (*ids("recording"), *texts("with A", "with B"))
        yield from table_lines(heads, [TerminalRow(cells=cells) for cells in rows], width)
        return
    for name, before, after in rows:
        yield f"  {name}: {before} → {after}"


def _criteria(result: Comparison, width: int | None) -> Iterator[str]:
    """Criteria that move; with a width (columns of a terminal) as a table that fits it."""
    rows = [
        (
            row.id,
            f"{_count(row.failed_a)} → {_count(row.failed_b)}",
            f"{_count(row.held_a)} → {_count(row.held_b)}",
            f"{_count(row.lost_a)} → {_count(row.lost_b)}",
            f"{row.flipped}",
        )
        for row in result.criteria
        if row.moves
    ]
    if width is not None:
        heads = (*ids("criterion"), *figures("failed", "held", "points lost", "judged differently"))
        yield from table_lines(heads, [TerminalRow(cells=cells) for cells in rows], width)
        return
    for name, failed, held, lost, flipped in rows:
        yield (
            f"  {name}: failed {failed}, held {held}, points lost {lost}, "
            f"{flipped} calls judged differently"
        )


def _band(label: str | None, passed: bool | None) -> str:
    if label is None:
        return "no band"
    return f"{label} ({'pass' if passed else 'fail'})"


def _number(value: float | None) -> str:
    return "no total" if value is None else f"{value:.2f}"


def _count(value: float | None) -> str:
    return "–" if value is None else f"{value:g}"
