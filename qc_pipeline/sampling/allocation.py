"""How many calls are drawn in all, and how many of them from each stratum."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from qc_pipeline.call_table import CallTable
from qc_pipeline.errors import InputError, Problem, did_you_mean
from qc_pipeline.sampling.history import EarlierScore, History
from qc_pipeline.sampling.plan import FORMER_SHARE, SamplingPlan
from qc_pipeline.sampling.strata import Strata

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

SETTINGS = "qc.toml"
PSEUDO_CALLS = 5
LEAST_BUDGET = 30
MACHINE_S_AN_HOUR = 900.0
"""Seconds taken for an hour of sound where the model was never tried on this machine: an allowance
(a quarter of real time), not a measurement."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StratumBounds:
    """Fewest and most calls of each stratum, int64."""

    least: Array
    most: Array


def stratum_bounds(sizes: Array, plan: SamplingPlan) -> StratumBounds:
    import numpy as np

    most = sizes if plan.stratum_max is None else np.minimum(sizes, plan.stratum_max)
    return StratumBounds(least=np.minimum(plan.stratum_min, most), most=most)


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeBudget:
    """A budget in minutes of sound: `key` of the plan, of which one unit is `unit` minutes."""

    key: str
    amount: float
    unit: float

    @property
    def minutes(self) -> float:
        return self.amount * self.unit


def time_budget(plan: SamplingPlan, history: History) -> TimeBudget | None:
    """The plan's budget in time: of inspectors, or of the machine at the speed it was measured to
    have (`MACHINE_S_AN_HOUR` where it was not); None without one.
    """
    if plan.budget_minutes is not None:
        people = float(max(1, len(plan.inspectors)))
        return TimeBudget(key="budget_minutes", amount=plan.budget_minutes, unit=people)
    if plan.machine_hours is not None and plan.rules > 1:
        speed = 3600 / (history.machine_s_an_hour or MACHINE_S_AN_HOUR)
        return TimeBudget(key="machine_hours", amount=plan.machine_hours, unit=60 * speed)
    return None


def budget_calls(
    table: CallTable,
    plan: SamplingPlan,
    floor: int,
    mean_s: float | None,
    history: History | None = None,
) -> int:
    """Calls to draw, never more than the frame holds.

    A budget in time is divided by `mean_s`, the mean length of a call under the allocation. A
    share is at least 30 calls and at least what the floors ask for; a budget that a person wrote in
    calls or time is never raised. Without any of them it is the whole frame.
    """
    people = max(1, len(plan.inspectors))
    if plan.budget_calls is not None:
        return min(len(table), plan.budget_calls * people)
    budget = time_budget(plan, history or History())
    if budget is not None:
        if mean_s is None:
            message = f"{budget.key} needs calls with a duration_s"
            raise InputError([Problem(path=SETTINGS, message=f"[sampling] {message}")])
        if mean_s <= 0:  # lengths of 0 alone: every call fits
            return len(table)
        return min(len(table), math.floor(budget.minutes * 60 / mean_s))
    share = plan.budget_share
    if share is None and plan.rules > 1:
        return len(table)
    share = FORMER_SHARE if share is None else share
    return min(len(table), max(math.ceil(share * len(table)), LEAST_BUDGET, floor))


def mean_duration_s(table: CallTable, codes: Array, shares: Array | None = None) -> float | None:
    """Mean length of a call in seconds: of the frame, or with `shares` of calls by stratum."""
    import numpy as np

    durations = table.numbers("duration_s")
    known = ~np.isnan(durations)
    if not known.any():
        return None
    overall = float(durations[known].mean())
    if shares is None:
        return overall
    n = len(shares)
    counts = np.bincount(codes[known], minlength=n)
    sums = np.bincount(codes[known], weights=durations[known], minlength=n)
    means = np.where(counts > 0, sums / np.maximum(counts, 1), overall)
    return float((means * shares).sum() / shares.sum())


def stratum_weights(
    table: CallTable, strata: Strata, plan: SamplingPlan, history: History, multipliers: Array
) -> Array:
    """What the strata's calls are proportional to, before bounds (float64 > 0)."""
    import numpy as np

    sizes = np.bincount(strata.codes, minlength=len(strata.strata)).astype(np.float64)
    match plan.allocation:
        case "equal":
            return np.ones(len(sizes))
        case "neyman":
            return sizes * spreads(table, strata, plan, history)
        case "fixed":
            return _fixed(strata, plan)
        case "risk":
            return np.bincount(strata.codes, weights=multipliers, minlength=len(sizes))
        case _:
            return sizes


def spreads(table: CallTable, strata: Strata, plan: SamplingPlan, history: History) -> Array:
    """Standard deviation by stratum, shrunk to the overall one by five pseudo-calls.

    Variances are pooled: ((n - 1) s² + 5 S²) / (n - 1 + 5). Of the column `neyman_by`, else of
    earlier scores; without either every stratum has the same spread, which makes the allocation
    proportional.
    """
    import numpy as np

    count = len(strata.strata)
    if plan.neyman_by is not None:
        values, codes = table.numbers(plan.neyman_by), strata.codes
        codes, values = codes[~np.isnan(values)], values[~np.isnan(values)]
    else:
        index = {s.name: i for i, s in enumerate(strata.strata)}
        index |= {cell: i for i, s in enumerate(strata.strata) for cell in s.merged_from}
        placed = [(_place(e, index), e.total) for e in history.scores]
        known = [(place, total) for place, total in placed if place is not None]
        codes = np.array([k[0] for k in known], dtype=np.int64)
        values = np.array([k[1] for k in known], dtype=np.float64)
    if len(values) < 2 or float(values.var()) == 0.0:
        return np.ones(count)
    n = np.bincount(codes, minlength=count)
    means = np.bincount(codes, weights=values, minlength=count) / np.maximum(n, 1)
    squares = np.bincount(codes, weights=(values - means[codes]) ** 2, minlength=count)
    freedom = np.maximum(n - 1, 0)
    overall = float(values.var(ddof=1))
    pooled: Array = (squares + PSEUDO_CALLS * overall) / (freedom + PSEUDO_CALLS)
    return np.asarray(np.sqrt(pooled))


def _place(score: EarlierScore, index: Mapping[str, int]) -> int | None:
    """The stratum that an earlier score tells of: its own, else the one with most of its cells."""
    if score.stratum in index:
        return index[score.stratum]
    found = Counter(index[cell] for cell in score.cells if cell in index)
    return min(found, key=lambda i: (-found[i], i)) if found else None


def _fixed(strata: Strata, plan: SamplingPlan) -> Array:
    import numpy as np

    names = [s.name for s in strata.strata]
    if isinstance(plan.fixed, int):
        return np.full(len(names), float(plan.fixed))
    wanted = plan.fixed or {}
    problems = [
        Problem(
            path=SETTINGS,
            message="[sampling.fixed] names a stratum that this period does not have",
            found=f'"{name}"',
            allowed=", ".join(f'"{n}"' for n in names),
            hint=did_you_mean(name, names),
        )
        for name in sorted(wanted)
        if name not in names
    ]
    problems += [
        Problem(path=SETTINGS, message=f'[sampling.fixed] gives no number for stratum "{name}"')
        for name in names
        if name not in wanted
    ]
    if problems:
        raise InputError(problems)
    return np.array([float(wanted[name]) for name in names])


def share_out(weights: Array, least: Array, most: Array, total: int) -> Array:
    """Whole calls by stratum (int64): clip(t·weight, least, most) with sum `total`.

    The factor t is found exactly; fractions are rounded by largest remainder, ties by order.
    `total` must lie between the sums of the bounds.
    """
    import numpy as np

    low, high = least.astype(np.float64), most.astype(np.float64)
    # Between two neighbouring turning points the sum is linear in t.
    turns = np.unique(np.concatenate([low / weights, high / weights]))
    sums = np.array([np.clip(t * weights, low, high).sum() for t in turns])
    k = int(np.searchsorted(sums, total))
    if k >= len(turns):
        exact = high
    elif k == 0:
        exact = np.clip(turns[0] * weights, low, high)
    else:
        gap = sums[k] - sums[k - 1]
        part = (total - sums[k - 1]) / gap if gap > 0 else 0.0
        exact = np.clip((turns[k - 1] + part * (turns[k] - turns[k - 1])) * weights, low, high)
    whole = np.floor(exact + 1e-9).astype(np.int64)
    order = np.lexsort((np.arange(len(whole)), -np.round(exact - whole, 9)))
    for i in _cycle(order.tolist(), total - int(whole.sum()), whole, most):
        whole[i] += 1
    return whole


def _cycle(order: Sequence[int], missing: int, whole: Array, most: Array) -> list[int]:
    """Where the missing calls go: one each in order, only where there is room."""
    chosen: list[int] = []
    room = (most - whole).tolist()
    while len(chosen) < missing:
        open_places = [i for i in order if room[i] > 0]
        if not open_places:
            break
        for i in open_places[: missing - len(chosen)]:
            room[i] -= 1
            chosen.append(i)
    return chosen
