"""Measures of calls whose words are there, taken from the audio as it lies there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence

from qc_pipeline.audio import measures
from qc_pipeline.audio.measure_transcript import Sounded, SoundJob, take_sound, without_sound
from qc_pipeline.call import Recording, Transcript
from qc_pipeline.message import Message
from qc_pipeline.store.measurements import keep_measured
from qc_pipeline.store.record import Record
from qc_pipeline.store.transcriptions import Transcription
from qc_pipeline.system.workers import run_inline, run_processes
from qc_pipeline.workspace.settings import Settings


def sound_job(
    settings: Settings,
    recording: Recording | None,
    transcript: Transcript,
    *,
    fresh: bool = False,
) -> SoundJob:
    """What is to be measured of a call; `recording` None where no list names it. `fresh`: see
    `SoundJob`.
    """
    if recording is None or recording.path is None:
        return SoundJob(transcript=transcript, path=None)
    return SoundJob(
        transcript=transcript,
        path=settings.recordings_root / recording.path,
        agent_channel=recording.text("agent_channel") or "auto",
        fresh=fresh,
        listed_s=recording.duration_s,
    )


def take_sounds(jobs: Sequence[SoundJob], *, processes: int) -> Iterator[tuple[int, Sounded]]:
    """The measures of each job, with its number, as they are done."""
    there = sum(job.path is not None and job.path.is_file() for job in jobs)
    if processes == 1 or there < 2:
        return run_inline(jobs, _measurer)
    return run_processes(jobs, _measurer, processes=min(processes, there), died=_died)


def _measurer() -> Callable[[SoundJob], Sounded]:
    return take_sound


def _died(job: SoundJob, reason: Message) -> Sounded:
    return without_sound(job.transcript, reason)


def is_outdated(measures_version: str) -> bool:
    """Whether measures of this version were taken by other definitions than today's."""
    return measures_version != measures.MEASURES_VERSION


def measure_anew(
    settings: Settings,
    record: Record,
    outdated: Mapping[str, tuple[Recording, Transcription]],
    *,
    processes: int,
    step: Callable[[str], None],
    say: Callable[[Message], None],
) -> int:
    """Take the measures of kept words again, by recording id; returns of how many.

    Each is kept as it is done; the former stay in the record. Where the audio is not what was
    measured, or no longer there, the former stand, and `say` tells for how many and why.
    """
    ids = sorted(outdated)
    jobs = [sound_job(settings, *_words(*outdated[k])) for k in ids]
    left: Counter[Message] = Counter()
    for number, sounded in take_sounds(jobs, processes=processes):
        recording_id, (_, heard) = ids[number], outdated[ids[number]]
        step(recording_id)
        reason = _why_not(heard, sounded)
        if reason is not None:
            left[reason] += 1
        elif heard.words_sha256 is not None:
            with record.transaction() as tx:
                keep_measured(
                    tx,
                    recording_id,
                    audio_sha256=heard.audio_sha256,
                    words_sha256=heard.words_sha256,
                    measures=sounded.measures,
                )
    for reason, count in sorted(left.items(), key=lambda item: item[0].text):
        say(Message.of("progress.measures-stay", n=count, all=len(ids), why=reason))
    return len(ids) - left.total()


def _words(recording: Recording, heard: Transcription) -> tuple[Recording | None, Transcript]:
    """What a call is measured from; those that came without sound stay without."""
    without = heard.moved or not heard.has_audio
    return None if without else recording, heard.transcript


def _why_not(heard: Transcription, sounded: Sounded) -> Message | None:
    if not heard.has_audio:
        return None
    if heard.moved:
        return Message.of("sound.words-moved")
    if sounded.audio_sha256 is None:
        return sounded.reason
    if sounded.audio_sha256 != heard.audio_sha256:
        return Message.of("sound.other-recording")
    return None
