"""How much of a call must have been heard before it is judged: by the settings and by the model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from qc_pipeline.scoring.evidence.hearing import LEAST_CONFIDENCE, HearingBounds
from qc_pipeline.store.model_trials import trials_of
from qc_pipeline.store.transaction import Reads
from qc_pipeline.workspace.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelBounds:
    """The bounds for what one model heard: the usual ones, and by language the least mean
    confidence that `qc model try` measured for it.
    """

    usual: HearingBounds
    measured: Mapping[str, float]

    def of(self, language: str) -> HearingBounds:
        """The bounds for a call in a language."""
        least = self.measured.get(language.split("-")[0].lower())
        return self.usual if least is None else replace(self.usual, least_confidence=least)

    def as_json(self) -> dict[str, Any]:
        """The usual bounds, and the measured ones where there are any."""
        usual = self.usual.as_json()
        return {**usual, "measured": dict(self.measured)} if self.measured else dict(usual)


def bounds_for(settings: Settings, record: Reads | None, model_sha256: str | None) -> ModelBounds:
    """The bounds for what a model heard, by the hash of its files; None names no model.

    Every place that scores a transcript asks here. Of the trials of the model in `record` (None
    where there is none) the newest in each language counts.
    """
    usual = HearingBounds(least_heard=settings.asr.least_heard, least_confidence=LEAST_CONFIDENCE)
    if record is None or model_sha256 is None:
        return ModelBounds(usual=usual, measured={})
    trials = reversed(trials_of(record, model_sha256))
    return ModelBounds(usual=usual, measured={t.language: t.least_confidence for t in trials})
