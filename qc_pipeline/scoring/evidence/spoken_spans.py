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
        self._longest = max([end - start for start, end, _ in self._spans], default=0.0)

    def add(
        self, start_s: float, end_s: float, total: float, weighted: float
    ) -> tuple[float, float]:
        """The seconds of speech in a span of time, and those weighted, added to two sums."""
        first = bisect_left(self._starts, start_s - self._longest)
        for a, b, confidence in self._spans[first : bisect_right(self._starts, end_s)]:
            length = (b if b < end_s else end_s) - (a if a > start_s else start_s)
            if length > 0:
                total += length
                weighted += length * confidence
        return total, weighted
