"""The weekly job: call list → sample → transcripts → scorecards → report.

Each stage picks up where it stopped: what is in the record is not done again, and every recording
is kept in a transaction of its own, so that a job killed at any moment goes on where it was.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from qc_pipeline.asr.load import check_models, describe
from qc_pipeline.asr.transcribe import AsrJob
from qc_pipeline.audio.decode import probe
from qc_pipeline.audio.missing_sound import bounded_s
from qc_pipeline.audio.survey import reader_of
from qc_pipeline.call import Failure, Recording
from qc_pipeline.errors import RecordingError
from qc_pipeline.intake.call_list import with_durations, without_duration
from qc_pipeline.job.progress import Progress, Tally
from qc_pipeline.job.remeasure import is_outdated, measure_anew
from qc_pipeline.job.share import recognise_all, shares
from qc_pipeline.message import Message
from qc_pipeline.period.file_hashes import FileFacts
from qc_pipeline.period.invalid_calls import is_silent, replace_found
from qc_pipeline.period.state import PeriodState, read_period, recording_path
from qc_pipeline.period.transcript_lookup import (
    TranscriptionRef,
    identity_of,
    load_transcriptions,
)
from qc_pipeline.sampling.period import Period, default_period, parse_period
from qc_pipeline.store.outcomes import keep_outcomes
from qc_pipeline.store.publications import published
from qc_pipeline.store.record import Record
from qc_pipeline.store.samples import KeptSample
from qc_pipeline.store.transcriptions import Transcription, keep_transcription
from qc_pipeline.workspace.open_workspace import Workspace

WORDS = "words"
"""In the cache: what was found of words and measures, by their hashes."""


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
    facts = FileFacts(workspace.cache)
    listed = workspace.calls.find(missing).values()
    facts.foresee(recording_path(workspace, r) for r in listed if r.path)

    def length_s(recording: Recording) -> float | None:
        progress.step(recording.recording_id)
        try:
            path = recording_path(workspace, recording)
            # A header that cannot be right says nothing: no call lasts for centuries.
            return bounded_s(facts.duration_s(path, lambda p: probe(p).duration_s))
        except RecordingError:
            return None

    return replace(workspace, calls=with_durations(workspace.calls, length_s, missing))


@dataclass(frozen=True, slots=True, kw_only=True)
class Transcribed:
    """How the stage went, and the period as it was read, where the stage wrote nothing since."""

    tally: Tally
    state: PeriodState | None


def transcribe_stage(
    workspace: Workspace, record: Record, kept: KeptSample, *, progress: Progress
) -> Transcribed:
    """Transcribe what the sample holds and the record does not; failures are tried again.

    Recordings in which nobody speaks leave the sample for the next of the reserve, which is
    transcribed in its turn: `kept_sample` then has the sample as it stands. Words that are there
    are measured again where the definitions of measures have changed since. A published period
    stands as it is.
    """
    if published(record, kept.sample.period) is not None:
        return Transcribed(tally=Tally(before=len(kept.sample.picks)), state=None)
    state = read_period(workspace, record, kept)
    if state.identity.identity is not None:
        progress.say(describe(workspace.settings.asr, workspace.root))
    done: set[str] = set()
    outdated: dict[str, TranscriptionRef] = {}
    tried = False
    while True:
        heard = _transcribe(workspace, record, state, progress=progress)
        tried = tried or heard.tried
        done |= heard.done
        outdated |= heard.outdated
        former = kept
        kept = replace_found(
            workspace,
            record,
            kept,
            silent=heard.silent,
            say=progress.say,
            decisions=None if heard.tried else state.decided,
        )
        if kept is former:
            break
        tried = True
        state = read_period(workspace, record, kept)
    drawn = {p.recording_id for p in kept.sample.picks}
    done &= drawn
    outdated = {k: v for k, v in outdated.items() if k in drawn}
    anew = 0
    if outdated:
        progress.stage("measure", len(outdated))
        words = load_transcriptions(record, outdated)
        anew = measure_anew(
            workspace.settings,
            record,
            {k: (state.recordings[k], words[k]) for k in words},
            processes=shares(workspace.settings)[0],
            step=progress.step,
            say=progress.say,
        )
    failed = len(heard.failed)
    tally = Tally(done=len(done), before=len(drawn) - failed - len(done), failed=failed, anew=anew)
    return Transcribed(tally=tally, state=None if tried or anew else state)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Round:
    """Recordings by id: transcribed now, failed, those in which nobody speaks, those known before
    whose measures are by other definitions than today's. `tried`: anything was listened to or
    kept.
    """

    tried: bool
    done: frozenset[str]
    failed: frozenset[str]
    silent: frozenset[str]
    outdated: Mapping[str, TranscriptionRef]


def _transcribe(
    workspace: Workspace, record: Record, state: PeriodState, *, progress: Progress
) -> _Round:
    """Transcribe the recordings that the sample holds as it stands."""
    todo: list[AsrJob] = []
    failures: list[Failure] = []
    for pick in state.kept.sample.picks:
        recording_id = pick.recording_id
        recording = state.recordings.get(recording_id)
        if recording_id in state.purged:
            if recording_id not in state.outcomes:
                reason = Message.of("job.purged", day=state.purged[recording_id])
                failures.append(Failure(recording_id=recording_id, stage="find", reason=reason))
        elif recording is None or recording.path is None:
            reason = Message.of("job.not-listed")
            failures.append(Failure(recording_id=recording_id, stage="find", reason=reason))
        elif recording_id in state.transcriptions:
            continue
        elif state.identity.identity is None:
            reason = Message.of("job.not-imported")
            failures.append(Failure(recording_id=recording_id, stage="asr", reason=reason))
        else:
            todo.append(asr_job(workspace, recording))
    silent, outdated = _known_before(workspace, record, state)
    fresh = _keep_failures(record, state, failures)
    done, failed, quiet = _listen(workspace, record, state, todo, progress)
    return _Round(
        tried=fresh or bool(todo),
        done=frozenset(done),
        failed=frozenset(f.recording_id for f in (*failures, *failed)),
        silent=frozenset(silent | quiet),
        outdated=outdated,
    )


def _known_before(
    workspace: Workspace, record: Record, state: PeriodState
) -> tuple[set[str], Mapping[str, TranscriptionRef]]:
    """Of the words that are there: the recordings in which nobody speaks, and those measured by
    other definitions than today's. What was found of words once is not looked for again.
    """
    refs = {
        k: ref
        for k, ref in state.transcriptions.items()
        if (recording := state.recordings.get(k)) is not None and recording.path is not None
    }
    keys = {k: f"{ref.words_sha256} {ref.measures_sha256}" for k, ref in refs.items()}
    known = dict(workspace.cache.get(WORDS, keys.values(), dict))
    unseen = {k: refs[k] for k, key in keys.items() if key not in known}
    if unseen:
        words = load_transcriptions(record, unseen)
        found = {
            keys[k]: {"silent": is_silent(w.transcript), "measures": w.measures.version}
            for k, w in words.items()
        }
        workspace.cache.put(WORDS, found)
        known |= found
    silent = {k for k, key in keys.items() if known[key]["silent"]}
    outdated = {k: refs[k] for k, key in keys.items() if is_outdated(known[key]["measures"])}
    return silent, outdated


def _keep_failures(record: Record, state: PeriodState, failures: Sequence[Failure]) -> bool:
    """Keep failures that do not stand yet; whether there were any."""
    new = [
        f
        for f in failures
        if (row := state.outcomes.get(f.recording_id)) is None or row.failure != f
    ]
    if new:
        with record.transaction() as tx:
            keep_outcomes(tx, state.kept.seq, new)
    return bool(new)


def _listen(
    workspace: Workspace,
    record: Record,
    state: PeriodState,
    todo: Sequence[AsrJob],
    progress: Progress,
) -> tuple[set[str], list[Failure], set[str]]:
    """Transcribe recordings, each kept as it is done: those done, failed, and without speech."""
    progress.stage("transcribe", len(todo))
    facts = FileFacts(workspace.cache)
    begun_ns = time.time_ns()
    done: set[str] = set()
    failed: list[Failure] = []
    silent: set[str] = set()
    settings = workspace.settings.model_copy(update={"asr": state.identity.options})
    for index, result in recognise_all(settings, workspace.root, todo):
        job = todo[index]
        if isinstance(result, Failure):
            failed.append(result)
            with record.transaction() as tx:
                keep_outcomes(tx, state.kept.seq, [result])
            progress.step(
                Message.of(
                    "progress.failed",
                    recording=job.recording_id,
                    stage=result.stage,
                    why=result.reason,
                )
            )
            continue
        recording = state.recordings[job.recording_id]
        hearing = state.identity.of(recording, facts.reader(job.path, reader_of))
        with record.transaction() as tx:
            keep_transcription(
                tx,
                job.recording_id,
                Transcription(
                    identity_sha256=identity_of(result.audio_sha256, hearing),
                    audio_sha256=result.audio_sha256,
                    hearing_sha256=hearing,
                    transcript=result.transcript,
                    measures=result.measures,
                    envelope=result.envelope,
                ),
            )
        facts.learn_sha256(job.path, result.audio_sha256, read_from_ns=begun_ns)
        done.add(job.recording_id)
        silent |= {job.recording_id} if is_silent(result.transcript) else set()
        progress.step(
            Message.of(
                "progress.heard",
                recording=job.recording_id,
                turns=len(result.transcript.turns),
            ),
            *result.transcript.notes,
        )
    return done, failed, silent


def asr_job(workspace: Workspace, recording: Recording) -> AsrJob:
    """What the recogniser is told of a recording of the list."""
    return AsrJob(
        recording_id=recording.recording_id,
        path=workspace.settings.recordings_root / (recording.path or ""),
        agent_channel=recording.text("agent_channel") or "auto",
        language=recording.text("language"),
        listed_s=recording.duration_s,
    )
