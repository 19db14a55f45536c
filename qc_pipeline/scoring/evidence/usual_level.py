"""How loudly somebody usually speaks in a call: what a raised voice is measured against. Pure."""

from __future__ import annotations

from collections.abc import Sequence


def usual_level(turns: Sequence[tuple[float, float]]) -> float | None:
    """The median level in dB of turns given as (level, seconds), weighted by their seconds.

    Half of the speaking time is louder, half quieter: many short murmured words (嗯, 好的) do not
    make a plain sentence look raised. None without turns.
    """
    ordered = sorted(turns)
    if not ordered:
        return None
    weights = [max(seconds, 0.0) for _, seconds in ordered]
    if sum(weights) <= 0:
        weights = [1.0] * len(ordered)
    half, at = sum(weights) / 2, 0.0
    for number, ((level, _), weight) in enumerate(zip(ordered, weights, strict=True)):
        at += weight
        if at > half:
            return level
        if at == half:
            return (level + ordered[min(number + 1, len(ordered) - 1)][0]) / 2
    return ordered[-1][0]
