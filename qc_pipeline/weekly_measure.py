"""Measures of calls whose words are there, taken from the audio as it lies there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from qc_pipeline.audio.transcribed import Sounded, SoundJob, take_sound, without_sound
from qc_pipeline.call import Recording, Transcript
from qc_pipeline.config import Settings
from qc_pipeline.runners import run_inline, run_processes


def sound_job(settings: Settings, recording: Recording | None, transcript: Transcript) -> SoundJob:
    """What is to be measured of a call; `recording` None where no list names it."""
    if recording is None or recording.path is None:
        return SoundJob(transcript=transcript, path=None)
    return SoundJob(
        transcript=transcript,
        path=settings.recordings_root / recording.path,
        agent_channel=recording.text("agent_channel") or "auto",
    )


def take_sounds(jobs: Sequence[SoundJob], *, processes: int) -> Iterator[tuple[int, Sounded]]:
    """The measures of each job, with its number, as they are done."""
    there = sum(job.path is not None and job.path.is_file() for job in jobs)
    if processes == 1 or there < 2:
        return run_inline(jobs, _measurer)
    return run_processes(jobs, _measurer, processes=min(processes, there), died=_died)


def _measurer() -> Callable[[SoundJob], Sounded]:
    return take_sound


def _died(job: SoundJob, reason: str) -> Sounded:
    return without_sound(job.transcript, reason)
