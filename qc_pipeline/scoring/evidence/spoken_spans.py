"""What one party said and how surely it was heard, found by time."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from itertools import accumulate


class WordSeconds:
    """Seconds of words as (start_s, end_s, weight), summed by where they start."""

    __slots__ = ("_seconds", "_starts", "_weighted")

    def __init__(self, words: Sequence[tuple[float, float, float]]) -> None:
        ordered = sorted(words)
        self._starts = [start for start, _, _ in ordered]
        lengths = [end - start for start, end, _ in ordered]
        weighted = [length * w[2] for length, w in zip(lengths, ordered, strict=True)]
        self._seconds = list(accumulate(lengths, initial=0.0))
        self._weighted = list(accumulate(weighted, initial=0.0))

    def between(self, start_s: float, end_s: float) -> tuple[float, float]:
        """The seconds of the words that start in a span, and those weighted."""
        a, b = bisect_left(self._starts, start_s), bisect_right(self._starts, end_s)
        return self._seconds[b] - self._seconds[a], self._weighted[b] - self._weighted[a]


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
