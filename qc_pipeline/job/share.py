"""Recordings shared among worker processes, and cores among those."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from qc_pipeline.asr.changed_sound import SoundChange
from qc_pipeline.asr.load import Recogniser, load_recogniser
from qc_pipeline.asr.options import AsrOptions
from qc_pipeline.asr.transcribe import AsrJob, Recognised, recognise
from qc_pipeline.asr.whisper import gpu_here
from qc_pipeline.call import Failure
from qc_pipeline.message import Message
from qc_pipeline.system.workers import run_processes, usable_cores
from qc_pipeline.workspace.settings import Settings


def recognise_all(
    settings: Settings, root: Path, jobs: Sequence[AsrJob], *, change: SoundChange | None = None
) -> Iterator[tuple[int, Recognised | Failure]]:
    """What was heard in each recording, by its number, as `[runner]` and `[asr]` share the work.

    With a `change` of the sound what is heard is not a transcript to be kept.
    """
    if not jobs:
        return iter(())
    processes, threads = listening_shares(settings)
    alone = processes == 1 or len(jobs) == 1
    fitting = processes * threads if alone else threads
    options = settings.asr.model_copy(update={"threads": settings.asr.threads or fitting})
    if alone and not options.separation.named:
        return enumerate(recognise(jobs, _loaded(options, root, change)))
    make = partial(make_listener, options, root, change)
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


def make_listener(
    options: AsrOptions, root: Path, change: SoundChange | None = None
) -> Callable[[AsrJob], Recognised | Failure]:
    """A worker that transcribes one recording; the model is loaded once."""
    recogniser = _loaded(options, root, change)

    def listen(job: AsrJob) -> Recognised | Failure:
        return next(iter(recognise([job], recogniser)))

    return listen


def _loaded(options: AsrOptions, root: Path, change: SoundChange | None) -> Recogniser:
    return replace(load_recogniser(options, root), change=change)


def _died(job: AsrJob, reason: Message) -> Recognised | Failure:
    return Failure(recording_id=job.recording_id, stage="asr", reason=reason)
