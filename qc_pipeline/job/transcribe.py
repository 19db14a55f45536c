"""The weekly job: call list → sample → transcripts → scorecards → report.

Each stage picks up where it stopped: what is in the record is not done again, and every recording
is kept in a transaction of its own, so that a job killed at any moment goes on where it was.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from qc_pipeline.asr.load import check_models, describe
from qc_pipeline.asr.transcribe import AsrJob
from qc_pipeline.audio.decode import probe
from qc_pipeline.call import Failure, Recording
from qc_pipeline.errors import RecordingError
from qc_pipeline.intake.call_list import with_durations, without_duration
from qc_pipeline.job.progress import Progress, Tally
from qc_pipeline.job.remeasure import is_outdated, measure_anew
from qc_pipeline.job.share import recognise_all, shares
from qc_pipeline.period.calls import recordings_of
from qc_pipeline.period.invalid_calls import is_silent, replace_found
from qc_pipeline.period.transcript_lookup import (
    RecogniserIdentity,
    find_transcription,
    identity_of,
    recogniser_identity,
)
from qc_pipeline.sampling.period import Period, default_period, parse_period
from qc_pipeline.store.outcomes import keep_outcomes, outcomes_of
from qc_pipeline.store.publications import published
from qc_pipeline.store.purging import purged_calls
from qc_pipeline.store.record import Record
from qc_pipeline.store.samples import KeptSample
from qc_pipeline.store.transcriptions import Transcription, keep_transcription
from qc_pipeline.workspace.open_workspace import Workspace


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
    if published(record, kept.sample.period) is not None:
        return Tally(before=len(kept.sample.picks))
    ways = recogniser_identity(workspace)
    if ways.identity is not None:
        progress.say(describe(workspace.settings.asr, workspace.root))
    done: set[str] = set()
    outdated: dict[str, tuple[Recording, Transcription]] = {}
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
    outdated: Mapping[str, tuple[Recording, Transcription]]


def _transcribe(
    workspace: Workspace,
    record: Record,
    kept: KeptSample,
    ways: RecogniserIdentity,
    *,
    progress: Progress,
) -> _Round:
    """Transcribe the recordings that the sample holds as it stands."""
    recordings = recordings_of(workspace, record, kept.sample.picks)
    todo: list[AsrJob] = []
    failures: list[Failure] = []
    silent: set[str] = set()
    outdated: dict[str, tuple[Recording, Transcription]] = {}
    purged = purged_calls(record)
    stands = outcomes_of(record, kept.seq) if purged else {}
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
        elif (known := find_transcription(workspace, record, ways, recording)) is not None:
            silent |= {pick.recording_id} if is_silent(known.transcript) else set()
            outdated |= {pick.recording_id: (recording, known)} if is_outdated(known) else {}
        elif ways.identity is None:
            reason = "no transcript was taken in for it (`qc transcribe --from PATH`)"
            failures.append(Failure(recording_id=pick.recording_id, stage="asr", reason=reason))
        else:
            todo.append(_job(workspace, recording))
    with record.transaction() as tx:
        keep_outcomes(tx, kept.seq, failures)
    progress.stage("transcribe", len(todo))
    done: set[str] = set()
    for index, result in recognise_all(workspace.settings, workspace.root, todo):
        job = todo[index]
        if isinstance(result, Failure):
            failures.append(result)
            with record.transaction() as tx:
                keep_outcomes(tx, kept.seq, [result])
            progress.step(f"{job.recording_id}: failed ({result.stage}): {result.reason}")
            continue
        way = ways.of(recordings[job.recording_id])
        with record.transaction() as tx:
            keep_transcription(
                tx,
                job.recording_id,
                Transcription(
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
