"""Certainty of what was heard, in [0, 1] (RUBRIC, "Certainty")."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import exp, log

# How sure a hit of a tier is, before the recogniser's own confidence: 1 the text itself, 2 the
# same syllables, 3 the same after usual confusions, 4 near. Tier 5 is no hit at all but one that
# was nearly made (a phrase of four syllables with one wrong); it is never more certain than 4.
TIER_FACTORS: dict[int, float] = {1: 1.0, 2: 0.9, 3: 0.8, 4: 0.5, 5: 0.5}


def geometric_mean(confidences: Iterable[float]) -> float:
    """Geometric mean of confidences in [0, 1]; 1 of none, 0 as soon as one is 0."""
    values = [*confidences]
    if not values:
        return 1.0
    if min(values) <= 0:
        return 0.0
    if max(values) > 1:
        values = [min(value, 1.0) for value in values]
    return exp(sum(map(log, values)) / len(values))


def hit_certainty(tier: int, confidences: Iterable[float]) -> float:
    """The tier's factor times the geometric mean of the confidences of the hit's words."""
    return TIER_FACTORS[tier] * geometric_mean(confidences)


def absence_certainty(spans: Sequence[tuple[float, float]]) -> float:
    """Certainty that something not found was not said.

    `spans` are (seconds of speech, confidence of what was heard there; 0 for speech with no
    text). The mean weighted by time; 1 where there is no speech.
    """
    total = sum(max(0.0, seconds) for seconds, _ in spans)
    if total <= 0:
        return 1.0
    return sum(max(0.0, seconds) * value for seconds, value in spans) / total
