"""Transcripts made elsewhere, taken into a period's sample."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from qc_pipeline.asr.imported import read_transcript
from qc_pipeline.asr.options import AsrOptions
from qc_pipeline.audio.measures import measure_without_sound
from qc_pipeline.call import Transcript
from qc_pipeline.errors import InputError, Problem, UsageError
from qc_pipeline.replacing import is_silent, replace_found
from qc_pipeline.store.record import Heard, KeptSample, Record
from qc_pipeline.transcripts import IMPORTED, identity_of
from qc_pipeline.weekly import Progress, Tally
from qc_pipeline.workspace import Workspace

ENDINGS = (".json", ".srt", ".vtt")


def import_stage(
    workspace: Workspace, record: Record, kept: KeptSample, source: Path, *, progress: Progress
) -> Tally:
    """Take in transcripts made elsewhere: a file, or a folder of them.

    A file belongs to the recording it names, else to the one whose id is the file's name without
    its ending. Raises InputError with the problems of all files; then nothing is kept.
    """
    found = dict(read_transcripts(source, workspace.settings.asr))
    purged = record.purged()
    for recording_id in sorted(found.keys() & purged.keys()):
        progress.say(f"{recording_id} was purged on {purged[recording_id]}: not taken in")
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
        _keep(record, mine, progress)
        taken |= mine.keys()
        silent = [recording_id for recording_id, t in mine.items() if is_silent(t)]
        former = kept
        kept = replace_found(workspace, record, kept, silent=silent, say=progress.say)
        if kept is former:
            return Tally(done=len(taken & {p.recording_id for p in kept.sample.picks}))


def _keep(record: Record, mine: Mapping[str, Transcript], progress: Progress) -> None:
    progress.stage("take in", len(mine))
    for recording_id in sorted(mine):
        transcript = mine[recording_id]
        sha256 = transcript.sha256()
        record.keep_heard(
            recording_id,
            Heard(
                identity_sha256=identity_of(sha256, IMPORTED),
                audio_sha256=sha256,
                hearing_sha256=IMPORTED,
                transcript=transcript,
                measures=measure_without_sound(transcript),
                envelope=None,
            ),
        )
        progress.step(f"{recording_id}: {len(transcript.turns)} turns")


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
