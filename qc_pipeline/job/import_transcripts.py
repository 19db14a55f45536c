"""Transcripts made elsewhere, taken into a period's sample."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from qc_pipeline.asr.formats import read_transcript
from qc_pipeline.asr.options import AsrOptions
from qc_pipeline.call import Recording, Transcript, content_sha256, transcript_from_json
from qc_pipeline.errors import InputError, Problem, UsageError
from qc_pipeline.job.progress import Progress, Tally
from qc_pipeline.job.remeasure import sound_job, take_sounds
from qc_pipeline.job.share import shares
from qc_pipeline.message import Message
from qc_pipeline.period.calls import recordings_of
from qc_pipeline.period.invalid_calls import is_silent, replace_found
from qc_pipeline.period.transcript_lookup import (
    IMPORTED,
    RecogniserIdentity,
    find_transcriptions,
    identity_of,
)
from qc_pipeline.store.purging import purged_calls
from qc_pipeline.store.record import Record
from qc_pipeline.store.samples import KeptSample
from qc_pipeline.store.transcriptions import Transcription, keep_transcription, kept_bodies
from qc_pipeline.workspace.open_workspace import Workspace

ENDINGS = (".json", ".srt", ".vtt")


def import_stage(
    workspace: Workspace, record: Record, kept: KeptSample, source: Path, *, progress: Progress
) -> Tally:
    """Take in transcripts made elsewhere: a file, or a folder of them.

    A file belongs to the recording it names, else to the one whose id is the file's name without
    its ending. Regions and measures of the sound are taken from the recording where it lies there.
    Raises InputError with the problems of all files; then nothing is kept.
    """
    found = dict(read_transcripts(source, workspace.settings.asr))
    purged = purged_calls(record)
    for recording_id in sorted(found.keys() & purged.keys()):
        progress.say(
            Message.of("progress.not-taken-in", recording=recording_id, day=purged[recording_id])
        )
        del found[recording_id]
    taken: set[str] = set()
    while True:
        picked = {p.recording_id for p in kept.sample.picks} - taken
        mine = {k: t for k, t in found.items() if k in picked}
        if not mine and not taken:
            raise UsageError(
                f"{source}: none of the {len(found)} transcripts belongs to a recording drawn in "
                f"{kept.sample.period}"
            )
        taken |= mine.keys()
        silent = _keep(workspace, record, kept, mine, progress)
        former = kept
        kept = replace_found(workspace, record, kept, silent=silent, say=progress.say)
        if kept is former:
            return Tally(done=len(taken & {p.recording_id for p in kept.sample.picks}))


def _keep(
    workspace: Workspace,
    record: Record,
    kept: KeptSample,
    mine: Mapping[str, Transcript],
    progress: Progress,
) -> list[str]:
    """Keep transcripts with what their recordings sound like; the ids of those nobody speaks in."""
    progress.stage("take in", len(mine))
    settings = workspace.settings
    picks = [p for p in kept.sample.picks if p.recording_id in mine]
    recordings = recordings_of(workspace, record, picks)
    ids = sorted(mine)
    jobs = [sound_job(settings, recordings.get(k), mine[k], fresh=True) for k in ids]
    silent: list[str] = []
    wanting: Counter[Message] = Counter()
    corrected = _corrected(record, settings.asr, recordings.values())
    stay = 0
    for number, sounded in take_sounds(jobs, processes=shares(settings)[0]):
        recording_id, transcript = ids[number], sounded.transcript
        if corrected.get(recording_id) == replace(transcript, unheard=None).sha256():
            # The same words, now with what was not heard: they would put aside what a person wrote.
            stay += 1
            progress.step(Message.of("progress.words-stay", recording=recording_id))
            continue
        sha256 = transcript.sha256()
        audio = sounded.audio_sha256
        source = sha256 if audio is None else content_sha256([audio, sha256])
        with record.transaction() as tx:
            keep_transcription(
                tx,
                recording_id,
                Transcription(
                    identity_sha256=identity_of(source, IMPORTED),
                    audio_sha256=audio or sha256,
                    hearing_sha256=IMPORTED,
                    transcript=transcript,
                    measures=sounded.measures,
                    envelope=sounded.envelope,
                ),
            )
        silent += [recording_id] if is_silent(transcript) else []
        progress.step(
            Message.of("progress.heard", recording=recording_id, turns=len(transcript.turns))
        )
        wanting.update([sounded.reason] if sounded.reason is not None else [])
    for reason, count in sorted(wanting.items(), key=lambda item: item[0].text):
        progress.say(Message.of("progress.unsounded", n=count, all=len(mine), why=reason))
    if stay:
        progress.say(Message.of("progress.corrected-stay", n=stay, all=len(mine)))
    return silent


def _corrected(
    record: Record, options: AsrOptions, recordings: Iterable[Recording]
) -> Mapping[str, str]:
    """Transcripts that were taken in before anybody asked what was not heard and that people
    corrected since: their hashes as they were taken in.
    """
    identity = RecogniserIdentity(options=options, identity=None)
    found = find_transcriptions(record, recordings, identity, lambda _: None, lambda _: "")
    refs = {k: ref.row.transcript_sha256 for k, ref in found.items() if ref.corrected}
    bodies = kept_bodies(record, refs.values())
    return {
        k: replace(transcript_from_json(bodies[sha256]), recording_id=k).sha256()
        for k, sha256 in refs.items()
        if "unheard" not in bodies[sha256]
    }


def read_transcripts(source: Path, options: AsrOptions) -> Mapping[str, Transcript]:
    """The transcripts of a file or of all files of a folder, by recording id.

    Raises InputError with the problems of every file, and where two are of one recording.
    """
    if source.is_dir():
        files = sorted(p for p in source.rglob("*") if p.suffix.lower() in ENDINGS)
    else:
        files = [source]
    if not files:
        raise UsageError(f"{source}: no transcripts there ({', '.join(ENDINGS)})")
    found: dict[str, Transcript] = {}
    problems: list[Problem] = []
    for file in files:
        try:
            transcript = read_transcript(
                file,
                speakers=options.speakers,
                agent_phrases=options.agent_phrases,
                role_certainty=options.role_certainty,
            )
        except InputError as error:
            problems += error.problems
            continue
        if transcript.recording_id in found:
            message = f"a second transcript of recording {transcript.recording_id!r}"
            problems.append(Problem(path=str(file), message=message))
        found[transcript.recording_id] = transcript
    if problems:
        raise InputError(problems)
    return found
