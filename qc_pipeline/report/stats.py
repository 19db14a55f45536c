"""The statistics of a report: intervals, tests for change, control limits. Pure arithmetic."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from qc_pipeline.sampling.estimation import wilson

Z95 = 1.959963984540054


def mean(values: Sequence[float], weights: Sequence[float] | None = None) -> float | None:
    """The mean, with `weights` Σ w y / Σ w; None of nothing, or where nothing weighs."""
    if weights is None:
        return math.fsum(values) / len(values) if values else None
    whole = math.fsum(weights)
    if whole <= 0:
        return None
    return math.fsum(v * w for v, w in zip(values, weights, strict=True)) / whole


def weighted_share(flags: Sequence[bool], weights: Sequence[float]) -> float | None:
    """The share of what is true, each by its weight; None where nothing weighs."""
    return mean([float(f) for f in flags], weights)


def effective_size(whole: float, squares: float) -> float:
    """The number of calls of equal weight that say as much: (Σ w)² / Σ w² (Kish 1965), 0 of none.

    `whole` is Σ w, `squares` Σ w².
    """
    return whole * whole / squares if squares > 0 else 0.0


def share(part: int, whole: int) -> float | None:
    """part / whole; None where the whole is empty."""
    return part / whole if whole else None


def share_interval(part: float, whole: float) -> tuple[float, float]:
    """Wilson's 95 % interval of a share that was counted, or of effective numbers of calls; (0, 1)
    of nothing."""
    return wilson(part / whole, whole, Z95) if whole else (0.0, 1.0)


def two_proportion_p(part_a: int, whole_a: int, part_b: int, whole_b: int) -> float | None:
    """Two-sided p of equal shares: pooled z test (Fleiss 1981, ch. 2); None where undefined.

    Where an expected count is below 5 the exact test of Fisher (two-sided, by the sum of the
    tables no likelier than the one seen) takes its place.
    """
    if whole_a == 0 or whole_b == 0:
        return None
    hits, total = part_a + part_b, whole_a + whole_b
    if hits in (0, total):
        return 1.0
    expected = [
        whole * part / total for whole in (whole_a, whole_b) for part in (hits, total - hits)
    ]
    if min(expected) < 5:
        return _fisher(part_a, whole_a, part_b, whole_b)
    pooled = hits / total
    spread = math.sqrt(pooled * (1 - pooled) * (1 / whole_a + 1 / whole_b))
    z = abs(part_a / whole_a - part_b / whole_b) / spread
    return math.erfc(z / math.sqrt(2))


def _fisher(part_a: int, whole_a: int, part_b: int, whole_b: int) -> float:
    hits, total = part_a + part_b, whole_a + whole_b
    low, high = max(0, hits - whole_b), min(hits, whole_a)

    def log_p(k: int) -> float:
        return _log_choose(whole_a, k) + _log_choose(whole_b, hits - k) - _log_choose(total, hits)

    seen = log_p(part_a)
    return min(
        1.0, math.fsum(math.exp(p) for k in range(low, high + 1) if (p := log_p(k)) <= seen + 1e-9)
    )


def _log_choose(n: int, k: int) -> float:
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)


def holm(p_values: Sequence[float | None]) -> tuple[float | None, ...]:
    """p values corrected for their number (Holm 1979), in the same order; None stays None."""
    order = sorted(
        (i for i, p in enumerate(p_values) if p is not None), key=lambda i: (p_values[i], i)
    )
    corrected: list[float | None] = [None] * len(p_values)
    running = 0.0
    for rank, i in enumerate(order):
        p = p_values[i]
        if p is not None:
            running = max(running, min(1.0, p * (len(order) - rank)))
            corrected[i] = running
    return tuple(corrected)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """A control chart: centre, limits a point, and the points that are signals (by index)."""

    centre: float
    lower: tuple[float, ...]
    upper: tuple[float, ...]
    signals: tuple[int, ...]


XMR_LEAST = 6
RUN_LENGTH = 8


def xmr(values: Sequence[float], *, floor: float, ceiling: float) -> Limits | None:
    """Individuals chart: mean ± 2.66 × mean moving range (Wheeler 1993), cut to what can be.

    A signal is a point outside the limits or the eighth and later of a run on one side of the
    centre (Western Electric rules 1 and 4). None under six values: limits would mean nothing.
    """
    if len(values) < XMR_LEAST:
        return None
    centre = math.fsum(values) / len(values)
    ranges = [abs(b - a) for a, b in pairwise(values)]
    reach = 2.66 * math.fsum(ranges) / len(ranges)
    low, high = max(floor, centre - reach), min(ceiling, centre + reach)
    lower, upper = (low,) * len(values), (high,) * len(values)
    return Limits(
        centre=centre, lower=lower, upper=upper, signals=_signals(values, centre, lower, upper)
    )


def p_chart(parts: Sequence[float], wholes: Sequence[float]) -> Limits | None:
    """Shares by period: pooled share ± 3 √(p(1−p)/n) (Shewhart 1931), cut to [0, 1]; n may be an
    effective number of calls.

    None under six periods or where one is empty.
    """
    if len(parts) < XMR_LEAST or any(n == 0 for n in wholes):
        return None
    centre = sum(parts) / sum(wholes)
    reach = [3 * math.sqrt(centre * (1 - centre) / n) for n in wholes]
    lower = tuple(max(0.0, centre - r) for r in reach)
    upper = tuple(min(1.0, centre + r) for r in reach)
    values = [part / n for part, n in zip(parts, wholes, strict=True)]
    return Limits(
        centre=centre, lower=lower, upper=upper, signals=_signals(values, centre, lower, upper)
    )


def _signals(
    values: Sequence[float], centre: float, lower: Sequence[float], upper: Sequence[float]
) -> tuple[int, ...]:
    found: list[int] = []
    run, side = 0, 0
    for i, value in enumerate(values):
        here = (value > centre) - (value < centre)
        run = run + 1 if here == side and here != 0 else int(here != 0)
        side = here
        if value < lower[i] or value > upper[i] or run >= RUN_LENGTH:
            found.append(i)
    return tuple(found)
