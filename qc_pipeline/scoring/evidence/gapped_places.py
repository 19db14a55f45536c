"""Where short phrases stand in calls but for one doubtful syllable, by call and phrase.

There are hundreds in a call, and few of its phrases are ever asked for: they stay in columns until
then.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

# Turn of the call, where in it the phrase begins, where in the phrase the doubtful syllable stands,
# and how long the phrase is (characters).
GappedPlace = tuple[int, int, int, int]


class GappedPlaces:
    """The places of one call."""

    __slots__ = ("_columns", "_spans")

    def __init__(
        self, spans: Mapping[int, tuple[int, int]], columns: Sequence[Sequence[int]]
    ) -> None:
        """`spans` are the rows of each phrase, by its number in the lexicon."""
        self._spans = spans
        self._columns = columns

    def of(self, phrase: int) -> Iterator[GappedPlace]:
        """The places of a phrase, by its number in the lexicon."""
        first, behind = self._spans.get(phrase, (0, 0))
        turns, begins, gaps, sizes = [column[first:behind] for column in self._columns]
        return zip(turns, begins, gaps, sizes, strict=True)


NO_GAPPED_PLACES = GappedPlaces(MappingProxyType({}), ((), (), (), ()))


def gapped_by_call(
    phrases: NDArray[Any],
    turns: NDArray[Any],
    begins: NDArray[Any],
    gaps: NDArray[Any],
    sizes: NDArray[Any],
    *,
    first: NDArray[Any],
) -> list[GappedPlaces]:
    """Columns of places, sorted out: `turns` are counted over all calls, `first` has the first turn
    of each call and, at last, how many there are.
    """
    calls = np.searchsorted(first, turns, side="right") - 1
    within = turns - first[calls]
    order = np.lexsort((phrases, calls))
    phrases, calls = phrases[order], calls[order]
    # Where another phrase, or the same of another call, begins.
    cuts = np.flatnonzero(np.diff(phrases, prepend=-1) | np.diff(calls, prepend=-1))
    columns = [column[order].tolist() for column in (within, begins, gaps, sizes)]
    spans: list[dict[int, tuple[int, int]]] = [{} for _ in range(len(first) - 1)]
    rows = pairwise([*cuts.tolist(), len(phrases)])
    for call, phrase, span in zip(calls[cuts].tolist(), phrases[cuts].tolist(), rows, strict=True):
        spans[call][phrase] = span
    return [GappedPlaces(own, columns) for own in spans]
