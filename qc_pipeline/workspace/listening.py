"""What the recogniser is told: the settings, and what was measured of the model where they are
silent.
"""

from __future__ import annotations

from pathlib import Path

from qc_pipeline.asr.language import AUTO
from qc_pipeline.asr.models import find_model, model_sha256
from qc_pipeline.asr.options import AsrOptions
from qc_pipeline.errors import UsageError
from qc_pipeline.store.model_trials import KeptTrial, trial_body, trials_of
from qc_pipeline.store.transaction import Reads


def listening_options(options: AsrOptions, root: Path, reads: Reads) -> AsrOptions:
    """The options of `[asr]` with the bound that `qc model try` measured for the model, where they
    name none themselves.

    It is asked for only where there are words to be put right: nothing else of what is heard
    depends on it, and a transcript is named by what it is made with. Raises UsageError where the
    model is not on this machine.
    """
    if not options.spelled or options.doubtful_below is not None or options.backend == "imported":
        return options
    folder = find_model(options.model, root).folder
    trial = trial_in_force(reads, model_sha256(folder), options.language)
    if trial is None:
        return options
    return options.model_copy(update={"doubtful_below": trial.doubtful_below})


def trial_in_force(reads: Reads, model_sha256: str, language: str) -> KeptTrial | None:
    """The newest trial of a model in a language (`auto`: in any); None where there is none."""
    found = (t for t in trials_of(reads, model_sha256) if language in (AUTO, t.language))
    return next(found, None)


def measured_speed(options: AsrOptions, root: Path, reads: Reads) -> float | None:
    """Seconds that the model was measured to need for an hour of sound (`qc model try`), None where
    it was not, or is not on this machine.
    """
    if options.backend == "imported":
        return None
    try:
        folder = find_model(options.model, root).folder
    except UsageError:
        return None
    trial = trial_in_force(reads, model_sha256(folder), options.language)
    if trial is None:
        return None
    seconds: float | None = trial_body(reads, trial).get("seconds_an_hour")
    return seconds
