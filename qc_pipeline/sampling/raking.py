"""The table of targets: expected calls x > 0 for every cell, within stratum and agent totals.

x is the unique minimum of Σ x ln(x / b) - x over the cells, b being what the allocation alone
would give, subject to 0 < x ≤ N and to totals (Deming & Stephan 1940; with bounds: Bregman 1967).
It is found by putting right one kind of total after the other, each exactly, with additions,
multiplications and divisions alone, so that every machine gets the same table.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

TOLERANCE = 1e-9
ROUNDS = 3000
LOOK_EVERY = 100
PROGRESS = 0.7
LEAST = 1e-100
_REMEMBERED = 16
"""Tables kept: the search for a budget and for what to advise asks for the same ones again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """Bounds of the totals of groups of cells: `group[c]` is cell c's group."""

    group: Array
    least: Array
    most: Array


def fit(base: Array, size: Array, totals: tuple[Totals, ...]) -> tuple[Array, float]:
    """(x, largest amount by which a total misses its bounds).

    `base` (b > 0) and `size` (N > 0) are float64 by cell. The amount is at most `TOLERANCE`
    times the bound (at least 1) where the totals can be met together with x > 0.
    """
    import numpy as np

    def kept(numbers: Array) -> bytes:
        return np.asarray(numbers, dtype=np.float64).tobytes()

    x, miss = _fitted(
        kept(base),
        kept(size),
        tuple(
            (np.asarray(t.group, dtype=np.int64).tobytes(), kept(t.least), kept(t.most))
            for t in totals
        ),
    )
    return x.copy(), miss


@lru_cache(maxsize=_REMEMBERED)
def _fitted(
    base_bytes: bytes, size_bytes: bytes, totals_bytes: tuple[tuple[bytes, bytes, bytes], ...]
) -> tuple[Array, float]:
    import numpy as np

    base, size = np.frombuffer(base_bytes), np.frombuffer(size_bytes)
    totals = [
        Totals(group=np.frombuffer(g, np.int64), least=np.frombuffer(a), most=np.frombuffer(b))
        for g, a, b in totals_bytes
    ]
    # By totals: the factor of each cell's group.
    factors: list[Array] = [np.ones(len(base)) for _ in totals]
    miss = before = np.inf
    x = np.minimum(base, size)
    for turn in range(ROUNDS):
        for k, t in enumerate(totals):
            others = base.copy()
            for j, factor in enumerate(factors):
                if j != k:
                    others *= factor
            others = np.minimum(np.maximum(others, LEAST), 1 / LEAST)
            factors[k] = _scale(others, size, t)[t.group]
        scaled = base.copy()
        for factor in factors:
            scaled *= factor
        x = np.minimum(scaled, size)
        miss = max(_miss(x, t) for t in totals)
        if miss <= TOLERANCE:
            break
        if turn % LOOK_EVERY == LOOK_EVERY - 1:
            # Totals that contradict one another are approached ever more slowly.
            if miss > PROGRESS * before:
                break
            before = miss
    return x, miss


def _scale(y: Array, size: Array, totals: Totals) -> Array:
    """The factor nearest 1 of each group that brings Σ min(N, factor·y) within bounds; y > 0."""
    import numpy as np

    group, groups = totals.group, len(totals.least)
    now = np.bincount(group, weights=np.minimum(y, size), minlength=groups)
    low, high = now < totals.least, now > totals.most
    moved = low | high
    factor = np.ones(groups)
    if not moved.any():
        return factor
    wanted = np.where(low, totals.least, np.where(high, totals.most, 0))
    cells_moved = moved[group]
    capped = np.zeros(len(y), dtype=bool)
    held: Array = np.zeros(groups)
    free: Array = np.bincount(group, weights=y, minlength=groups)
    while True:
        fresh = np.divide(wanted - held, free, out=factor.copy(), where=free > 0)
        factor = np.where(moved & (fresh > 0), fresh, factor)
        over = ~capped & cells_moved & (y * factor[group] > size)
        if not over.any():
            return factor
        capped |= over
        free = np.bincount(group, weights=np.where(capped, 0.0, y), minlength=groups)
        held = np.bincount(group, weights=np.where(capped, size, 0.0), minlength=groups)


def _miss(x: Array, totals: Totals) -> float:
    import numpy as np

    sums = np.bincount(totals.group, weights=x, minlength=len(totals.least))
    low = (totals.least - sums) / np.maximum(1.0, totals.least)
    high = (sums - totals.most) / np.maximum(1.0, totals.most)
    return float(max(low.max(initial=0.0), high.max(initial=0.0)))
