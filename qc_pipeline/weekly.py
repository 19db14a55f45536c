"""The weekly job: call list → sample → transcripts → scorecards → report.

Each stage picks up where it stopped: what is in the record is not done again, and every recording
is kept in a transaction of its own, so that a job killed at any moment goes on where it was.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Protocol

from qc_pipeline.asr.options import AsrOptions
from qc_pipeline.asr.recognise import AsrJob, Recognised, recognise
from qc_pipeline.asr.recogniser import check_models, describe, load_recogniser
from qc_pipeline.asr.whisper import gpu_here
from qc_pipeline.audio.decode import probe
from qc_pipeline.call import Failure, Recording
from qc_pipeline.config import Settings
from qc_pipeline.errors import RecordingError, UsageError
from qc_pipeline.judging import rubrics_by_choice
from qc_pipeline.manifest import with_durations, without_duration
from qc_pipeline.replacing import is_silent, replace_found
from qc_pipeline.runners import run_processes, usable_cores
from qc_pipeline.sampling.period import Period, default_period, parse_period
from qc_pipeline.sampling.sample import Pick
from qc_pipeline.scoring.compiled import CompiledRubric, compile_rubric
from qc_pipeline.scoring.decisions import NO_DECISIONS, Decision
from qc_pipeline.scoring.rubric import Rubric
from qc_pipeline.scoring.score import ToScore, score_many
from qc_pipeline.scoring.scorecard import Scorecard
from qc_pipeline.store.publications import published
from qc_pipeline.store.record import Heard, KeptSample, Record
from qc_pipeline.store.rulings import KeptDecision, decisions_of, keep_scored
from qc_pipeline.transcripts import Ways, find_heard, heard_of, identity_of, ways_of
from qc_pipeline.weekly_measure import is_outdated, measure_anew
from qc_pipeline.workspace import Workspace


class Progress(Protocol):
    """What the job tells while it works."""

    def stage(self, name: str, total: int) -> None: ...
    def step(self, text: str) -> None: ...
    def say(self, text: str) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How a stage went: recordings worked on now, found done before, failed (kept or now).

    `anew`: those of `before` whose measures were taken again, by newer definitions.
    """

    done: int = 0
    before: int = 0
    failed: int = 0
    anew: int = 0


def check_model(workspace: Workspace) -> None:
    """Raise UsageError, at once, where the model that shall listen is not on this machine."""
    if workspace.settings.asr.backend != "imported":
        check_models(workspace.settings.asr, workspace.root)


def choose_period(workspace: Workspace, text: str | None) -> Period:
    """The period named, or the last whole ISO week of the call list."""
    if text is not None:
        return parse_period(text)
    return default_period(workspace.calls.days())


def with_lengths(workspace: Workspace, period: Period, *, progress: Progress) -> Workspace:
    """Read from the recordings' headers the durations that the list leaves out in the period."""
    missing = without_duration(workspace.calls, period.start, period.end)
    if not missing:
        return workspace
    progress.stage("read lengths", len(missing))

    def length_s(recording: Recording) -> float | None:
        progress.step(recording.recording_id)
        try:
            path = workspace.settings.recordings_root / (recording.path or "")
            return probe(path).duration_s
        except RecordingError:
            return None

    return replace(workspace, calls=with_durations(workspace.calls, length_s, missing))


def transcribe_stage(
    workspace: Workspace, record: Record, kept: KeptSample, *, progress: Progress
) -> Tally:
    """Transcribe what the sample holds and the record does not; failures are tried again.

    Recordings in which nobody speaks leave the sample for the next of the reserve, which is
    transcribed in its turn: `Record.kept_sample` then has the sample as it stands. Words that are
    there are measured again where the definitions of measures have changed since. A published
    period stands as it is.
    """
    if published(record.door, kept.sample.period) is not None:
        return Tally(before=len(kept.sample.picks))
    ways = ways_of(workspace)
    if ways.identity is not None:
        progress.say(describe(workspace.settings.asr, workspace.root))
    done: set[str] = set()
    outdated: dict[str, tuple[Recording, Heard]] = {}
    while True:
        heard = _transcribe(workspace, record, kept, ways, progress=progress)
        done |= heard.done
        outdated |= heard.outdated
        former = kept
        kept = replace_found(workspace, record, kept, silent=heard.silent, say=progress.say)
        if kept is former:
            break
    drawn = {p.recording_id for p in kept.sample.picks}
    done &= drawn
    outdated = {k: v for k, v in outdated.items() if k in drawn}
    anew = 0
    if outdated:
        progress.stage("measure", len(outdated))
        anew = measure_anew(
            workspace.settings,
            record,
            outdated,
            processes=shares(workspace.settings)[0],
            step=progress.step,
            say=progress.say,
        )
    failed = len(heard.failed)
    before = len(drawn) - failed - len(done)
    return Tally(done=len(done), before=before, failed=failed, anew=anew)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Round:
    """Recordings by id: transcribed now, failed, those in which nobody speaks, those known before
    whose measures are by other definitions than today's.
    """

    done: frozenset[str]
    failed: frozenset[str]
    silent: frozenset[str]
    outdated: Mapping[str, tuple[Recording, Heard]]


def _transcribe(
    workspace: Workspace, record: Record, kept: KeptSample, ways: Ways, *, progress: Progress
) -> _Round:
    """Transcribe the recordings that the sample holds as it stands."""
    recordings = recordings_of(workspace, record, kept.sample.picks)
    todo: list[AsrJob] = []
    failures: list[Failure] = []
    silent: set[str] = set()
    outdated: dict[str, tuple[Recording, Heard]] = {}
    purged = record.purged()
    stands = record.outcomes(kept.seq) if purged else {}
    for pick in kept.sample.picks:
        recording = recordings.get(pick.recording_id)
        if pick.recording_id in purged:
            if pick.recording_id not in stands:
                reason = f"its words were purged on {purged[pick.recording_id]}"
                failures.append(
                    Failure(recording_id=pick.recording_id, stage="find", reason=reason)
                )
        elif recording is None or recording.path is None:
            reason = "the call list no longer names a recording for it"
            failures.append(Failure(recording_id=pick.recording_id, stage="find", reason=reason))
        elif (known := find_heard(workspace, record, ways, recording)) is not None:
            silent |= {pick.recording_id} if is_silent(known.transcript) else set()
            outdated |= {pick.recording_id: (recording, known)} if is_outdated(known) else {}
        elif ways.identity is None:
            reason = "no transcript was taken in for it (`qc transcribe --from PATH`)"
            failures.append(Failure(recording_id=pick.recording_id, stage="asr", reason=reason))
        else:
            todo.append(_job(workspace, recording))
    record.keep_outcomes(kept.seq, failures)
    progress.stage("transcribe", len(todo))
    done: set[str] = set()
    for index, result in recognise_all(workspace.settings, workspace.root, todo):
        job = todo[index]
        if isinstance(result, Failure):
            failures.append(result)
            record.keep_outcomes(kept.seq, [result])
            progress.step(f"{job.recording_id}: failed ({result.stage}): {result.reason}")
            continue
        way = ways.of(recordings[job.recording_id])
        record.keep_heard(
            job.recording_id,
            Heard(
                identity_sha256=identity_of(result.audio_sha256, way),
                audio_sha256=result.audio_sha256,
                hearing_sha256=way,
                transcript=result.transcript,
                measures=result.measures,
                envelope=result.envelope,
            ),
        )
        done.add(job.recording_id)
        silent |= {job.recording_id} if is_silent(result.transcript) else set()
        told = f"{job.recording_id}: {len(result.transcript.turns)} turns"
        progress.step("; ".join((told, *result.transcript.notes)))
    return _Round(
        done=frozenset(done),
        failed=frozenset(f.recording_id for f in failures),
        silent=frozenset(silent),
        outdated=outdated,
    )


def _job(workspace: Workspace, recording: Recording) -> AsrJob:
    return AsrJob(
        recording_id=recording.recording_id,
        path=workspace.settings.recordings_root / (recording.path or ""),
        agent_channel=recording.text("agent_channel") or "auto",
        language=recording.text("language"),
    )


def recognise_all(
    settings: Settings, root: Path, jobs: Sequence[AsrJob]
) -> Iterator[tuple[int, Recognised | Failure]]:
    """What was heard in each recording, by its number, as `[runner]` and `[asr]` share the work."""
    if not jobs:
        return iter(())
    processes, threads = listening_shares(settings)
    alone = processes == 1 or len(jobs) == 1
    fitting = processes * threads if alone else threads
    options = settings.asr.model_copy(update={"threads": settings.asr.threads or fitting})
    if alone and not options.separation.named:
        return enumerate(recognise(jobs, load_recogniser(options, root)))
    make = partial(make_listener, options, root)
    load_recogniser(options, root)  # a model that does not load fails here, and once
    return run_processes(jobs, make, processes=processes, died=_died)


def shares(settings: Settings) -> tuple[int, int]:
    """Processes, and threads for each, so that together they fill the cores and no more."""
    cores = usable_cores()
    if settings.runner.kind == "inline" or settings.asr.device == "cuda":
        return 1, cores
    # Threads that somebody set leave room for so many processes.
    fitting = max(1, cores // (settings.asr.threads or 1))
    processes = min(settings.runner.processes or fitting, 64)
    return processes, max(1, cores // processes)


def mixes_calls(options: AsrOptions) -> bool:
    """Whether calls share batches. Models of sherpa-onnx need worker processes, one call a task."""
    return options.mix_calls and not options.separation.named


def listening_shares(settings: Settings) -> tuple[int, int]:
    """The same for the recogniser: one model on a GPU, one where calls share batches."""
    if mixes_calls(settings.asr) or (settings.asr.device == "auto" and gpu_here()):
        return 1, usable_cores()
    return shares(settings)


def make_listener(options: AsrOptions, root: Path) -> Callable[[AsrJob], Recognised | Failure]:
    """A worker that transcribes one recording; the model is loaded once."""
    recogniser = load_recogniser(options, root)

    def listen(job: AsrJob) -> Recognised | Failure:
        return next(iter(recognise([job], recogniser)))

    return listen


def _died(job: AsrJob, reason: str) -> Recognised | Failure:
    return Failure(recording_id=job.recording_id, stage="asr", reason=reason)


def score_stage(
    workspace: Workspace, record: Record, kept: KeptSample, *, progress: Progress
) -> Tally:
    """Score every transcribed recording of the sample; keep how each recording stands.

    A recording that failed and is still not transcribed stays a failure. A published period
    stands as it is.
    """
    if published(record.door, kept.sample.period) is not None:
        progress.say(f"{kept.sample.period} is published: its scores stand")
        return Tally(before=len(kept.sample.picks))
    # Before all else that is read: what people keep from here on is seen when we write.
    stands = record.standing_seqs(kept.seq)
    recordings = recordings_of(workspace, record, kept.sample.picks)
    heard = heard_of(workspace, record, recordings)
    before = record.outcomes(kept.seq)
    period = kept.sample.period
    decided = decisions_of(record.door, period)
    adopted = rubrics_by_choice(record, period)
    record.keep_calls(recordings[k] for k in sorted(heard))
    rubrics = {k: adopted.get(k) or workspace.rubrics.choose(recordings[k]) for k in sorted(heard)}
    for rubric in {r.sha256: r for r in rubrics.values()}.values():
        record.keep_rubric(source=rubric.source, rubric_id=rubric.rubric, version=rubric.version)
    progress.stage("score", len(kept.sample.picks))
    cards = _cards(workspace, rubrics, heard, recordings, decided, progress)
    results: list[Scorecard | Failure] = []
    for pick in kept.sample.picks:
        former = before.get(pick.recording_id)
        if pick.recording_id in heard:
            results.append(standing(cards[pick.recording_id], former))
            continue
        if isinstance(former, Failure) or (former is not None and former.purged):
            results.append(former)
        progress.step(pick.recording_id)
    if not results:
        raise UsageError(f"{kept.sample.period}: nothing is transcribed yet; `qc transcribe` first")
    chosen = {k: r.sha256 for k, r in adopted.items()}
    changed = keep_scored(
        record.door,
        period,
        kept.seq,
        results,
        standing=stands,
        decided=decided,
        adopted=chosen,
    )
    if changed is None:
        # Somebody decided or corrected while we scored: that is not to be lost under our cards.
        return score_stage(workspace, record, kept, progress=progress)
    failed = sum(isinstance(r, Failure) for r in results)
    return Tally(done=changed, before=len(results) - changed, failed=failed)


def standing(card: Scorecard, former: Scorecard | Failure | None) -> Scorecard:
    """The card that stands: the former where nothing but its parent differs; one that people's
    decisions made names the card it replaces; one by rules alone names none.
    """
    if not isinstance(former, Scorecard):
        return card
    if replace(card, parent=former.parent).sha256() == former.sha256():
        return former
    if card.inputs["decisions"] == NO_DECISIONS:
        return card
    return replace(card, parent=former.sha256())


def _cards(
    workspace: Workspace,
    rubrics: Mapping[str, Rubric],
    heard: Mapping[str, Heard],
    recordings: Mapping[str, Recording],
    decided: Mapping[str, Sequence[KeptDecision]],
    progress: Progress,
) -> Mapping[str, Scorecard]:
    """The scorecards of transcribed recordings, each by its rubric of `rubrics`, by id."""
    calls: dict[str, list[str]] = {}
    for recording_id, rubric in rubrics.items():
        calls.setdefault(rubric.sha256, []).append(recording_id)
    cards: dict[str, Scorecard] = {}
    for ids in calls.values():
        made = score_heard(
            [(recordings[i], heard[i], [k.decision for k in decided.get(i, ())]) for i in ids],
            compile_rubric(rubrics[ids[0]]),
            workspace.settings.asr,
        )
        for recording_id, card in zip(ids, made, strict=True):
            cards[recording_id] = card
            progress.step(recording_id)
    return cards


def score_heard(
    calls: Iterable[tuple[Recording, Heard, Sequence[Decision]]],
    rubric: CompiledRubric,
    options: AsrOptions,
) -> Iterator[Scorecard]:
    """Scorecards from stored values, in order."""
    return score_many(
        rubric,
        (
            ToScore(
                transcript=heard.transcript,
                call=recording,
                measures=heard.measures,
                decisions=decisions,
                known=heard.known,
            )
            for recording, heard, decisions in calls
        ),
        assumed_confidence=options.assumed_confidence,
    )


def recordings_of(
    workspace: Workspace, record: Record, picks: Iterable[Pick]
) -> Mapping[str, Recording]:
    """The call rows of drawn recordings: from today's list, else as kept when they were drawn; of
    purged ones what is left of them, whatever the list still says.
    """
    wanted = {p.recording_id for p in picks}
    found = dict(workspace.calls.find(wanted - record.purged().keys()))
    for missing in sorted(wanted - found.keys()):
        kept = record.kept_call(missing)
        if kept is not None:
            found[missing] = kept
    return found
