"""How much of a call must have been heard before it is judged: by the settings and by the model."""

from __future__ import annotations

from qc_pipeline.scoring.evidence.hearing import LEAST_CONFIDENCE, HearingBounds
from qc_pipeline.store.transaction import Reads
from qc_pipeline.workspace.settings import Settings


def bounds_for(settings: Settings, record: Reads | None, model_sha256: str | None) -> HearingBounds:
    """The bounds for what a model heard, by the hash of its files; None names no model.

    Every place that scores a transcript asks here, so that a bound measured for a model and kept
    in `record` (None where there is none) need be looked up in one place; none is kept yet, and all
    models share the default.
    """
    return HearingBounds(least_heard=settings.asr.least_heard, least_confidence=LEAST_CONFIDENCE)
