"""Whether a model may judge calls: the verdict of `qc model try`, and what it rests on. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from qc_pipeline.asr.measured_bounds import LEAST_PARTY_WORDS, UNDERSTOOD

CONSISTENT_FIT = 0.9
"""Share of all words that both hearings have from which single words may decide: about one in ten
is wrong there. Whisper base has 0.88 on good Mandarin calls, and 13 % wrong characters."""
HEARD_FIT = 0.85
"""Share of speech with words (docs/trust.md)."""
HEARD_LEAST = 0.5
NOT_JUDGED_FIT = 0.25
"""Share of calls that are not judged (docs/trust.md)."""
NOT_JUDGED_MOST = 0.5
ALIKE_MOST = 0.6
"""How much of different calls' words may be the same, in the middle of all pairs of parties."""


class Fitness(StrEnum):
    """FIT: calls are judged by it. SAMPLING_ONLY: it finds calls and places to listen to, and its
    findings are for a person. UNFIT: what it writes is not what was said.
    """

    FIT = "fit"
    SAMPLING_ONLY = "sampling_only"
    UNFIT = "unfit"


class FitnessReason(StrEnum):
    """What a verdict rests on. NOTHING: no call could be heard, or hardly a word. ALIKE: it writes
    the same in different calls. CONSISTENCY, HEARD, NOT_JUDGED: the figure of that name.
    """

    NOTHING = "nothing"
    ALIKE = "alike"
    CONSISTENCY = "consistency"
    HEARD = "heard"
    NOT_JUDGED = "not_judged"


@dataclass(frozen=True, slots=True, kw_only=True)
class FitnessFigures:
    """What the trial found, all but `words` as shares in [0, 1].

    `heard`: of speech, with words. `consistency`: of words, in both hearings. `not_judged`: of the
    calls that could be read. `alike`: the words that parties of different calls have in common.
    """

    words: int
    heard: float
    consistency: float
    not_judged: float
    alike: float

    def of(self, reason: FitnessReason) -> float:
        """The figure that a reason names."""
        match reason:
            case FitnessReason.NOTHING:
                return float(self.words)
            case FitnessReason.ALIKE:
                return self.alike
            case FitnessReason.CONSISTENCY:
                return self.consistency
            case FitnessReason.HEARD:
                return self.heard
            case FitnessReason.NOT_JUDGED:
                return self.not_judged


def fitness(figures: FitnessFigures) -> tuple[Fitness, tuple[FitnessReason, ...]]:
    """The verdict and its reasons, none where the model is fit."""
    if figures.words < LEAST_PARTY_WORDS:
        return Fitness.UNFIT, (FitnessReason.NOTHING,)
    unfit = _reasons(
        (FitnessReason.ALIKE, figures.alike > ALIKE_MOST),
        (FitnessReason.CONSISTENCY, figures.consistency < UNDERSTOOD),
        (FitnessReason.HEARD, figures.heard < HEARD_LEAST),
        (FitnessReason.NOT_JUDGED, figures.not_judged > NOT_JUDGED_MOST),
    )
    if unfit:
        return Fitness.UNFIT, unfit
    some = _reasons(
        (FitnessReason.CONSISTENCY, figures.consistency < CONSISTENT_FIT),
        (FitnessReason.HEARD, figures.heard < HEARD_FIT),
        (FitnessReason.NOT_JUDGED, figures.not_judged > NOT_JUDGED_FIT),
    )
    return (Fitness.SAMPLING_ONLY, some) if some else (Fitness.FIT, ())


def bound_of(reason: FitnessReason, verdict: Fitness) -> float:
    """The bound that a figure is on the wrong side of, by the verdict it led to; NOTHING has the
    fewest words.
    """
    unfit = verdict is Fitness.UNFIT
    match reason:
        case FitnessReason.NOTHING:
            return float(LEAST_PARTY_WORDS)
        case FitnessReason.ALIKE:
            return ALIKE_MOST
        case FitnessReason.CONSISTENCY:
            return UNDERSTOOD if unfit else CONSISTENT_FIT
        case FitnessReason.HEARD:
            return HEARD_LEAST if unfit else HEARD_FIT
        case FitnessReason.NOT_JUDGED:
            return NOT_JUDGED_MOST if unfit else NOT_JUDGED_FIT


def _reasons(*asked: tuple[FitnessReason, bool]) -> tuple[FitnessReason, ...]:
    return tuple(reason for reason, holds in asked if holds)


def middle(values: Sequence[float]) -> float:
    """The median, 0 of none; of an even number the greater of the two in the middle."""
    return sorted(values)[len(values) // 2] if values else 0.0
