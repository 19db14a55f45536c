"""A trial's figures by party and call, and the whole as JSON values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from qc_pipeline.asr.consistency import HeardTwice, alike
from qc_pipeline.asr.measured_bounds import (
    LEAST_PARTY_WORDS,
    MeasuredBounds,
    PartyHeard,
    party_heard,
)
from qc_pipeline.asr.model_fitness import Fitness, FitnessFigures, FitnessReason, middle
from qc_pipeline.asr.models import ModelPlace
from qc_pipeline.call import Failure, Recording, Speaker, Transcript, UnheardReason
from qc_pipeline.job.trial_calls import Week
from qc_pipeline.message import Message
from qc_pipeline.scoring.evidence.hearing import Hearing, NotJudged


@dataclass(frozen=True, slots=True, kw_only=True)
class TriedCall:
    """A call of the trial and what the model heard in it; nothing where it failed.

    `unheard_s` are seconds by party and reason; `words` what both hearings have in common.
    `held` and `criteria` count the items of its card: those held for a person, and all.
    """

    recording: Recording
    failure: Failure | None = None
    transcript: Transcript | None = None
    hearing: Mapping[Speaker, Hearing] | None = None
    unheard_s: Mapping[Speaker, Mapping[UnheardReason, float]] | None = None
    words: Mapping[Speaker, tuple[HeardTwice, ...]] | None = None
    not_judged: Mapping[Speaker, NotJudged] | None = None
    held: int = 0
    criteria: int = 0

    def party(self, speaker: Speaker) -> PartyHeard:
        """The words of one party."""
        return party_heard((self.words or {}).get(speaker, ()))

    @property
    def both(self) -> PartyHeard:
        """The words of both parties together."""
        return party_heard([w for words in (self.words or {}).values() for w in words])


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What came out. `seconds_an_hour` are seconds of this machine for an hour of sound."""

    place: ModelPlace
    sha256: str
    machine: Message
    language: str
    period: str
    calls: tuple[TriedCall, ...]
    bounds: MeasuredBounds
    figures: FitnessFigures
    fitness: Fitness
    reasons: tuple[FitnessReason, ...]
    seconds_an_hour: float | None
    week: Week

    @property
    def heard(self) -> tuple[TriedCall, ...]:
        """The calls that could be read."""
        return tuple(c for c in self.calls if c.transcript is not None)

    @property
    def week_hours(self) -> float | None:
        """Hours of this machine for the period."""
        if self.seconds_an_hour is None:
            return None
        return self.week.audio_h * self.seconds_an_hour / 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyFigures:
    """One party over all calls that could be read; seconds of its speech."""

    speech_s: float
    unheard_s: float
    by_reason_s: Mapping[UnheardReason, float]
    words: PartyHeard

    @property
    def heard(self) -> float:
        """Share of its speech with words; 1 where nobody of it spoke."""
        return 1 - self.unheard_s / self.speech_s if self.speech_s else 1.0

    def as_json(self) -> dict[str, Any]:
        return {
            "speech_s": round(self.speech_s, 2),
            "heard": round(self.heard, 4),
            "unheard_s": {str(k): round(v, 2) for k, v in sorted(self.by_reason_s.items())},
            **words_json(self.words),
        }


def party_figures(calls: Sequence[TriedCall]) -> Mapping[Speaker, PartyFigures]:
    """The figures of each party, and what was not heard of it by why."""
    found: dict[Speaker, PartyFigures] = {}
    for speaker in Speaker:
        hearing = [c.hearing[speaker] for c in calls if c.hearing is not None]
        reasons: Counter[UnheardReason] = Counter()
        for call in calls:
            reasons.update((call.unheard_s or {}).get(speaker, {}))
        found[speaker] = PartyFigures(
            speech_s=sum(h.speech_s for h in hearing),
            unheard_s=sum(h.unheard_s for h in hearing),
            by_reason_s=dict(reasons),
            words=party_heard([w for c in calls for w in (c.words or {}).get(speaker, ())]),
        )
    return found


def figures_of(calls: Sequence[TriedCall]) -> FitnessFigures:
    """The figures that the verdict rests on, over all calls that could be read."""
    read = [c for c in calls if c.transcript is not None]
    known = [h for c in read for h in (c.hearing or {}).values()]
    speech_s = sum(h.speech_s for h in known)
    words = [w for c in read for party in (c.words or {}).values() for w in party]
    return FitnessFigures(
        words=len(words),
        heard=1 - sum(h.unheard_s for h in known) / speech_s if speech_s else 0.0,
        consistency=sum(w.consistent for w in words) / len(words) if words else 0.0,
        not_judged=sum(map(_misheard, read)) / len(read) if read else 0.0,
        alike=middle(list(_alike(read))),
    )


def _misheard(call: TriedCall) -> bool:
    """Whether a call is not judged by the model's fault: a recording at the wrong speed, or one in
    which voices cannot be told apart, is no better with another.
    """
    others = (NotJudged.SPEED, NotJudged.SEPARATION)
    return any(why not in others for why in (call.not_judged or {}).values())


def _alike(calls: Sequence[TriedCall]) -> Iterator[float]:
    """How much the parties of different calls have in common, pair by pair."""
    for one, other in combinations(calls, 2):
        for speaker in Speaker:
            pair = [(c.words or {}).get(speaker, ()) for c in (one, other)]
            if all(len(words) >= LEAST_PARTY_WORDS for words in pair):
                yield alike(*pair)


def words_json(words: PartyHeard) -> dict[str, Any]:
    """Confidence and consistency, None where there are no words."""
    if not words.words:
        return {"words": 0, "confidence": None, "consistency": None}
    return {
        "words": words.words,
        "confidence": round(words.confidence, 3),
        "consistency": round(words.consistency, 3),
    }


def trial_json(trial: Trial) -> dict[str, Any]:
    """The trial without a word of the calls: what the record keeps of it."""
    figures, bounds = trial.figures, trial.bounds
    return {
        "model": trial.place.name,
        "model_sha256": trial.sha256,
        "language": trial.language,
        "period": trial.period,
        "fitness": str(trial.fitness),
        "reasons": {str(r): round(figures.of(r), 4) for r in trial.reasons},
        "bounds": {
            "doubtful_below": bounds.doubtful_below,
            "doubtful_measured": bounds.doubtful_measured,
            "least_confidence": bounds.least_confidence,
            "confidence_measured": bounds.confidence_measured,
        },
        "figures": {
            "words": figures.words,
            "heard": round(figures.heard, 4),
            "consistency": round(figures.consistency, 4),
            "not_judged": round(figures.not_judged, 4),
            "alike": round(figures.alike, 4),
        },
        "parties": {str(s): p.as_json() for s, p in party_figures(trial.heard).items()},
        "seconds_an_hour": _rounded(trial.seconds_an_hour, 1),
        "week": {
            "calls": trial.week.calls,
            "audio_h": round(trial.week.audio_h, 2),
            "machine_h": _rounded(trial.week_hours, 2),
            "drawn": trial.week.drawn,
        },
        "held": sum(c.held for c in trial.heard),
        "criteria": sum(c.criteria for c in trial.heard),
        "calls": [_call_json(c) for c in trial.calls],
    }


def _call_json(call: TriedCall) -> dict[str, Any]:
    named = {"recording_id": call.recording.recording_id}
    if call.failure is not None:
        failed = {"stage": call.failure.stage, "reason": call.failure.reason.text}
        return {**named, "failed": failed}
    return {
        **named,
        "parties": {
            str(s): {**h.as_json(), **words_json(call.party(s))}
            for s, h in (call.hearing or {}).items()
        },
        "not_judged": {str(s): str(why) for s, why in (call.not_judged or {}).items()},
        "held": call.held,
        "criteria": call.criteria,
    }


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)
