"""What a call is scored by beside its rubric: the settings, and what was measured of the model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from qc_pipeline.scoring.evidence.hearing import DOUBTFUL_BELOW, LEAST_CONFIDENCE, HearingBounds
from qc_pipeline.scoring.score import ENGINE_VERSION
from qc_pipeline.scoring.terms_of_scoring import ScoringTerms
from qc_pipeline.store.automatic import ON, STOPPED, states_with
from qc_pipeline.store.model_trials import trials_of
from qc_pipeline.store.transaction import Reads
from qc_pipeline.workspace.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelTerms:
    """The terms for what one model heard: the usual ones, and by language what `qc model try`
    measured for it: the least mean confidence, and below which a word is doubtful (none where the
    settings say it).
    """

    usual: ScoringTerms
    least_confidence: Mapping[str, float]
    doubtful_below: Mapping[str, float]

    def of(self, language: str) -> ScoringTerms:
        """The terms for a call in a language."""
        spoken = language.split("-")[0].lower()
        terms = self.usual
        least, doubtful = self.least_confidence.get(spoken), self.doubtful_below.get(spoken)
        if least is not None:
            terms = replace(terms, bounds=replace(terms.bounds, least_confidence=least))
        return terms if doubtful is None else replace(terms, doubtful_below=doubtful)

    def as_json(self) -> dict[str, Any]:
        """The usual terms, and the measured ones where there are any."""
        body = self.usual.as_json()
        if self.least_confidence or self.doubtful_below:
            body["measured"] = {
                "least_confidence": dict(self.least_confidence),
                "doubtful_below": dict(self.doubtful_below),
            }
        return body


def terms_for(
    settings: Settings, record: Reads | None, model_sha256: str | None, *, published: bool = False
) -> ModelTerms:
    """The terms for what a model heard, by the hash of its files; None names no model.

    Every place that scores a transcript anew asks here. Of the trials of the model in `record`
    (None where there is none) the newest in each language counts; automatic is what it has proved
    with this model and engine, and somebody recorded, stopped what it has refuted.
    """
    asr = settings.asr
    usual = ScoringTerms(
        published=published,
        assumed_confidence=asr.assumed_confidence,
        bounds=HearingBounds(least_heard=asr.least_heard, least_confidence=LEAST_CONFIDENCE),
        doubtful_below=DOUBTFUL_BELOW if asr.doubtful_below is None else asr.doubtful_below,
        own_numbers=frozenset(settings.calls.own_numbers),
    )
    if record is None or model_sha256 is None:
        return ModelTerms(usual=usual, least_confidence={}, doubtful_below={})
    states = states_with(record, model_sha256, ENGINE_VERSION)
    usual = replace(
        usual,
        automatic=frozenset(k for k, state in states.items() if state == ON),
        stopped=frozenset(k for k, state in states.items() if state == STOPPED),
    )
    trials = tuple(reversed(trials_of(record, model_sha256)))
    measured = (
        {} if asr.doubtful_below is not None else {t.language: t.doubtful_below for t in trials}
    )
    return ModelTerms(
        usual=usual,
        least_confidence={t.language: t.least_confidence for t in trials},
        doubtful_below=measured,
    )
