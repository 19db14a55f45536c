"""A budget in minutes of listening: how many calls keep within it, whatever the seed.

How long the drawn calls are together depends on the draw. The number of calls is therefore chosen
so that the expected minutes and two standard deviations are within the budget: about one draw in
forty passes it, by little. The variance is that of a sample of fixed size in each stratum with
unequal probabilities, Σ π (1 - π) (d - d̄)² with d̄ the mean of the stratum weighted by π (1 - π)
(Hájek 1964).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from qc_pipeline.call_table import CallTable

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

DEVIATIONS = 2.0


def minutes_bound(table: CallTable, chance: Array, stratum: Array) -> float:
    """Minutes that the drawn calls pass in about one draw of forty.

    `chance` (float64 in [0, 1]) and `stratum` (codes) by call. Calls whose length nobody knows
    count as the mean of the others.
    """
    import numpy as np

    lengths = table.numbers("duration_s") / 60
    lengths = np.where(np.isnan(lengths), np.nanmean(lengths), lengths)
    spread = chance * (1 - chance)
    groups = int(stratum.max(initial=-1)) + 1
    whole = np.bincount(stratum, weights=spread, minlength=groups)
    sums = np.bincount(stratum, weights=spread * lengths, minlength=groups)
    means = sums / np.where(whole > 0, whole, 1.0)
    variance = float((spread * (lengths - means[stratum]) ** 2).sum())
    return float((chance * lengths).sum()) + DEVIATIONS * float(variance**0.5)


def most_calls(
    bound: Callable[[int], float], budget_minutes: float, *, start: int, least: int, most: int
) -> int | None:
    """The most calls in [least, most] whose `bound` is within the budget, None where none is.

    `bound` rises with the calls; it is asked few times, first at `start`.
    """
    low, high = least - 1, most + 1  # within the budget, and beyond it
    calls = min(max(start, least), most)
    while high - low > 1:
        minutes = bound(calls)
        if minutes <= budget_minutes:
            low = calls
        else:
            high = calls
        guess = int(calls * budget_minutes / minutes) if minutes > 0 else most
        calls = min(max(guess, low + 1), high - 1)
    return low if low >= least else None
