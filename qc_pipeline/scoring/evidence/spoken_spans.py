"""What one party said and how surely it was heard, found by time."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from itertools import accumulate, islice
from operator import lt, mul, sub


class WordSeconds:
    """Seconds of words, all of them and those that were understood, summed by where words start."""

    __slots__ = ("_good", "_seconds", "_starts")

    def __init__(
        self, starts_s: Sequence[float], ends_s: Sequence[float], understood: Sequence[bool]
    ) -> None:
        """Words as columns."""
        if not all(map(lt, starts_s, islice(starts_s, 1, None))):
            # Rare: words that begin together, or out of order.
            words = sorted(zip(starts_s, ends_s, understood, strict=True))
            starts_s, ends_s, understood = zip(*words, strict=True)
        lengths = list(map(sub, ends_s, starts_s))
        self._starts = starts_s
        self._seconds = list(accumulate(lengths, initial=0.0))
        self._good = self._seconds
        if not all(understood):
            self._good = list(accumulate(map(mul, lengths, understood), initial=0.0))

    def between(self, start_s: float, end_s: float) -> tuple[float, float]:
        """The seconds of the words that start in a span, and of those understood."""
        a, b = bisect_left(self._starts, start_s), bisect_right(self._starts, end_s)
        return self._seconds[b] - self._seconds[a], self._good[b] - self._good[a]


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
