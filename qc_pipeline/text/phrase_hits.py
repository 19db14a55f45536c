"""Places where phrases stand, and overlapping ones as one."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray


class PhraseHit(NamedTuple):
    """Phrase number `phrase` in turn number `turn`, original characters `start` to `end`.

    `tier` 1 to 4; 5 for one that is nearly a hit (`Findings.almost`). `distance`: syllables
    (words) that differ, 0 up to tier 3.
    """

    turn: int
    start: int
    end: int
    phrase: int
    tier: int
    distance: int


# As `PhraseHit._make`, without the cost of a call of ours.
HIT: Callable[[Iterable[int]], PhraseHit] = partial(tuple.__new__, PhraseHit)


def without_doubles(
    found: Sequence[NDArray[Any]], count: int, every: NDArray[np.bool_]
) -> list[NDArray[Any]]:
    """Finds, sorted; overlapping ones of one phrase (of `count`) as one: best tier, longest,
    earliest. Of the phrases of which `every` place is wanted only the same place is one.
    """
    turns, starts, ends, phrases, tiers, distances = found
    keys = turns * count + phrases
    order = np.argsort(keys, kind="stable")
    alike = keys[order][1:] == keys[order][:-1]
    kept = np.ones(len(keys), dtype=bool)
    if alike.any():
        double = np.zeros(len(keys), dtype=bool)
        double[order[1:][alike]] = double[order[:-1][alike]] = True
        groups: dict[int, list[tuple[int, int, int, int, int]]] = {}
        apart = every.tolist()
        places = np.flatnonzero(double)
        for i, key, tier, distance, start, end in zip(
            *[
                c.tolist()
                for c in (places, *[x[places] for x in (keys, tiers, distances, starts, ends)])
            ],
            strict=True,
        ):
            groups.setdefault(key, []).append((tier, distance, start - end, start, i))
        for key, group in groups.items():
            group.sort()
            if apart[key % count]:
                seen: set[tuple[int, int]] = set()
                for _, _, size, start, i in group:
                    kept[i] = (start, size) not in seen
                    seen.add((start, size))
                continue
            taken: list[tuple[int, int]] = []
            for _, _, size, start, i in group:
                kept[i] = _take(taken, start, start - size)
    order = np.flatnonzero(kept)
    order = order[np.lexsort((phrases[order], ends[order], starts[order], turns[order]))]
    return [column[order] for column in found]


def _take(places: list[tuple[int, int]], start: int, end: int) -> bool:
    """Adds a place to sorted ones, and says so, where it overlaps none of them."""
    at = bisect_left(places, (start, end))
    if at and places[at - 1][1] > start:
        return False
    if at < len(places) and places[at][0] < end:
        return False
    places.insert(at, (start, end))
    return True


def one_of_each(hits: Sequence[PhraseHit]) -> list[PhraseHit]:
    """Overlapping hits of one phrase that has several wordings as one, in order."""
    return list(merged(hits)) if len(hits) > 1 else list(hits)


def merged(hits: Iterable[PhraseHit]) -> tuple[PhraseHit, ...]:
    """Overlapping occurrences of any phrases as one hit: best tier, longest, earliest."""
    taken: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
    best = sorted(hits, key=lambda h: (h.tier, h.start - h.end, h.start, h.phrase))
    return tuple(sorted(h for h in best if _take(taken[h.turn], h.start, h.end)))
