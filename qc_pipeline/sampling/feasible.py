"""Whether a plan can be met, and which is the nearest one that can."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from qc_pipeline.errors import InputError, Problem
from qc_pipeline.message import Message, some
from qc_pipeline.sampling.allocation import SETTINGS, StratumBounds, TimeBudget
from qc_pipeline.sampling.plan import SamplingPlan
from qc_pipeline.sampling.raking import Totals
from qc_pipeline.sampling.strata import Strata

if TYPE_CHECKING:
    import numpy as np

    from qc_pipeline.sampling.cells import Cells

    Array = np.ndarray[Any, Any]

SHOWN = 20
TRIES = 10
SMALLEST = 1e-6
SLIVER = 1e-3
NO_CHANCE = 1e-4
"""A rate below this part of the overall one is none: its weight would outweigh all others."""


def _problem(message: str, hint: str, found: str | None = None) -> Problem:
    return Problem(path=SETTINGS, message=f"[sampling] {message}", found=found, hint=hint)


def check_agents(short: Mapping[str, int], plan: SamplingPlan) -> None:
    """Raise InputError for agents with fewer calls than their quota."""
    named = ", ".join(f"{a} ({n})" for a, n in sorted(short.items())[:SHOWN])
    if len(short) > SHOWN:
        named += f" and {len(short) - SHOWN} more"
    message = f"agent_min = {plan.agent_min} cannot be met: these agents have fewer calls"
    hint = f'agent_min = {min(short.values())} can, or agent_short = "all" takes all they have'
    raise InputError([_problem(message, hint, named)])


def check_budget(
    plan: SamplingPlan,
    total: int,
    cells: Cells,
    strata: Strata,
    bounds: StratumBounds,
    by_agent: Totals,
) -> None:
    """Raise InputError where the budget and the sums of the bounds contradict one another."""
    people = max(1, len(plan.inspectors))
    each = " for each inspector" if people > 1 else ""
    agents, floors = int(by_agent.least.sum()), int(bounds.least.sum())
    most_agents, most_strata = int(by_agent.most.sum()), int(bounds.most.sum())
    least, most = max(agents, floors), min(most_agents, most_strata)
    if least > most:
        # No budget at all would do: the bounds themselves have to give way.
        raise nearest_plan(cells, strata, plan, bounds, by_agent, min(max(total, most), least))
    problems: list[Problem] = []
    nearest = f"budget_calls = {math.ceil(least / people)}{each} is the nearest that can"
    small = f"a budget of {total} calls is too small"
    if agents > total:
        quota = f"{int((by_agent.least > 0).sum())} agents' quotas ask for {agents}"
        fewer = max(0, total * plan.agent_min // agents)
        hint = f"{nearest}, or agent_min = {fewer}" if plan.agent_min > 1 else nearest
        problems.append(_problem(f"{small}: {quota}", hint))
    if floors > total:
        quota = f"{len(strata.strata)} strata of at least {plan.stratum_min} ask for {floors}"
        problems.append(_problem(f"{small}: {quota}", nearest))
    nearest = f"budget_calls = {most // people}{each} is the nearest that can"
    for name, bound, ceiling in (
        ("agent_max", plan.agent_max, most_agents),
        ("stratum_max", plan.stratum_max, most_strata),
    ):
        if ceiling < total:
            message = f"{name} = {bound} allows {ceiling} calls, the budget asks for {total}"
            problems.append(_problem(message, nearest))
    if problems:
        raise InputError(problems)


def minutes_short(
    plan: SamplingPlan, budget: TimeBudget, calls: int, minutes: float, nearest: float
) -> InputError:
    """The error for a budget in time below what `calls`, the fewest that are asked for, take."""
    each = ""
    if budget.key == "budget_minutes" and len(plan.inspectors) > 1:
        each = " for each inspector"
    gives = "" if budget.unit == 1 else f" ({budget.minutes:.0f} minutes of sound in all)"
    message = (
        f"{budget.key} = {budget.amount:g}{each} is too small{gives}: quotas and strata ask for "
        f"{calls} calls, which may take {minutes:.0f} minutes"
    )
    hint = f"{budget.key} = {nearest:g}{each} is the nearest that can"
    return InputError([_problem(message, hint)])


def nearest_minutes(
    make: Callable[[SamplingPlan], object], plan: SamplingPlan, budget: TimeBudget, minutes: float
) -> float:
    """A budget in time, in units of `budget`, with which `make` can plan.

    More minutes make more strata, which may ask for more: it is tried, a twentieth more each time.
    """
    step = 1.0 if budget.key == "budget_minutes" else 0.1
    amount = math.ceil(minutes / budget.unit / step) * step
    for _ in range(TRIES):
        try:
            make(plan.model_copy(update={budget.key: round(amount, 1)}))
        except InputError:
            amount = math.ceil(amount * 1.05 / step) * step
        else:
            break
    return round(amount, 1)


def check_fixed(
    strata: Strata, plan: SamplingPlan, wanted: Array, bounds: StratumBounds, notes: list[Message]
) -> None:
    """Numbers written for strata by name must be there; one number for all takes what there is."""
    import numpy as np

    short = np.flatnonzero(wanted > bounds.most).tolist()
    names = [f"{strata.strata[i].name} ({int(bounds.most[i])})" for i in short]
    if short and isinstance(plan.fixed, int):
        notes.append(Message.of("draw.fixed-short", fixed=plan.fixed, strata=some(names)))
    elif short:
        raise InputError(
            [
                Problem(
                    path=SETTINGS,
                    message=f'[sampling.fixed] "{strata.strata[i].name}" = {int(wanted[i])} '
                    "is more than the stratum can give",
                    hint=f"{int(bounds.most[i])} is the nearest that can",
                )
                for i in short
            ]
        )


def starved_of_chance(x: Array, cells: Cells) -> list[int]:
    """Cells whose calls have as good as no chance of being drawn."""
    import numpy as np

    rate = x / cells.size
    overall = float(x.sum() / cells.size.sum())
    return np.flatnonzero(rate < overall * NO_CHANCE).tolist()


def check_chances(x: Array, cells: Cells, strata: Strata) -> None:
    """Raise InputError where bounds leave some calls as good as no chance of being drawn."""
    never = starved_of_chance(x, cells)
    if never:
        raise InputError([_never(never, cells, strata)])


def _never(never: list[int], cells: Cells, strata: Strata) -> Problem:
    """The problem of cells whose calls would never be drawn."""
    named = [
        f"{strata.strata[int(cells.stratum[c])].name}, agent "
        f"{cells.agent_names[int(cells.agent[c])] or 'unknown'} ({int(cells.size[c])})"
        for c in never[:SHOWN]
    ]
    rest = f" and {len(never) - SHOWN} more" if len(never) > SHOWN else ""
    return _problem(
        "the bounds leave these calls no chance of being drawn",
        "a larger budget, or a smaller agent_min or stratum_min",
        "; ".join(named) + rest,
    )


def nearest_plan(
    cells: Cells,
    strata: Strata,
    plan: SamplingPlan,
    bounds: StratumBounds,
    by_agent: Totals,
    total: int,
) -> InputError:
    """The error for bounds that cannot be kept together, naming what would have to give way.

    A linear program (HiGHS) over the cells moves the bounds by as little as it can, in calls.
    """
    import numpy as np
    from scipy.optimize import linprog
    from scipy.sparse import csr_matrix, hstack, identity, vstack

    n, agents, groups = len(cells.size), len(by_agent.least), len(strata.strata)
    place = np.arange(n)
    one = np.ones(n)
    by_a = csr_matrix((one, (cells.agent, place)), shape=(agents, n))
    by_h = csr_matrix((one, (cells.stratum, place)), shape=(groups, n))
    # Slack: agents below least, agents above most, strata below least, strata above most.
    rows = []
    bound = []
    widths = (agents, agents, groups, groups)
    for k, (matrix, sign, right) in enumerate(
        (
            (by_a, -1.0, -by_agent.least),
            (by_a, 1.0, by_agent.most),
            (by_h, -1.0, -bounds.least.astype(np.float64)),
            (by_h, 1.0, bounds.most.astype(np.float64)),
        )
    ):
        blocks = [sign * matrix]
        for j, width in enumerate(widths):
            own = identity(width) if j == k else csr_matrix((matrix.shape[0], width))
            blocks.append(-own)
        rows.append(hstack(blocks))
        bound.append(right)
    slack = sum(widths)
    sums = hstack([csr_matrix(np.ones((1, n))), csr_matrix((1, slack))])
    limits = [(SMALLEST, float(s)) for s in cells.size] + [(0.0, None)] * slack
    found = linprog(
        np.concatenate([np.zeros(n), np.ones(slack)]),
        A_ub=vstack(rows),
        b_ub=np.concatenate(bound),
        A_eq=sums,
        b_eq=[float(total)],
        bounds=limits,
        method="highs",
    )
    message = "agents' quotas and the strata's bounds cannot be kept together"
    if not found.success:
        return InputError([_problem(message, "loosen agent_min, agent_max or stratum_max")])
    values = found.x[n:]
    parts = np.split(values, np.cumsum(widths)[:-1])
    names = (cells.agent_names, cells.agent_names, [s.name for s in strata.strata])
    problems: list[Problem] = []
    texts = (
        ("agent", "would get at least", by_agent.least, -1),
        ("agent", "would get up to", by_agent.most, 1),
        ("stratum", "would get at least", bounds.least, -1),
        ("stratum", "would get up to", bounds.most, 1),
    )
    for k, (part, (what, verb, old, sign)) in enumerate(zip(parts, texts, strict=True)):
        for i in np.flatnonzero(part > SMALLEST * 10).tolist()[:SHOWN]:
            name = names[min(k, 2)][i]
            fresh = old[i] + sign * part[i]
            problems.append(
                _problem(
                    message,
                    f"the nearest plan that can be met: {what} {name} {verb} {fresh:.0f}",
                    f"{what} {name}: {old[i]:.0f}",
                )
            )
    return InputError(problems or [_never(starved(cells, bounds, by_agent, total), cells, strata)])


def starved(cells: Cells, bounds: StratumBounds, by_agent: Totals, total: int) -> list[int]:
    """Cells that get nothing whatever plan keeps the bounds.

    A linear program (HiGHS) gives each as much of a thousandth of a call as it can.
    """
    import numpy as np
    from scipy.optimize import linprog
    from scipy.sparse import csr_matrix, hstack, identity, vstack

    n = len(cells.size)
    place, one = np.arange(n), np.ones(n)
    by_a = csr_matrix((one, (cells.agent, place)), shape=(len(by_agent.least), n))
    by_h = csr_matrix((one, (cells.stratum, place)), shape=(len(bounds.least), n))
    both = vstack([by_a, by_h])
    least = np.concatenate([by_agent.least, bounds.least.astype(np.float64)])
    most = np.concatenate([by_agent.most, bounds.most.astype(np.float64)])
    none = csr_matrix(both.shape)
    found = linprog(
        np.concatenate([np.zeros(n), -one]),
        A_ub=vstack(
            [hstack([both, none]), hstack([-both, none]), hstack([-identity(n), identity(n)])]
        ),
        b_ub=np.concatenate([most, -least, np.zeros(n)]),
        A_eq=hstack([csr_matrix(np.ones((1, n))), csr_matrix((1, n))]),
        b_eq=[float(total)],
        bounds=[(0.0, float(s)) for s in cells.size] + [(0.0, SLIVER)] * n,
        method="highs",
    )
    return np.flatnonzero(found.x[n:] < SMALLEST).tolist() if found.success else []
