"""What one party said and how surely it was heard, found by time."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable


class SpokenSpans:
    """Spans of speech as (start_s, end_s, confidence), sorted by start."""

    __slots__ = ("_longest", "_spans", "_starts")

    def __init__(self, spans: Iterable[tuple[float, float, float]]) -> None:
        self._spans = sorted(spans)
        self._starts = [start for start, _, _ in self._spans]
        self._longest = max((end - start for start, end, _ in self._spans), default=0.0)

    def reaching(self, start_s: float, end_s: float) -> list[tuple[float, float, float]]:
        """At least those that reach into a span of time."""
        first = bisect_left(self._starts, start_s - self._longest)
        return self._spans[first : bisect_right(self._starts, end_s)]
