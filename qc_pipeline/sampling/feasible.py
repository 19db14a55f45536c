"""Whether a plan can be met, and what stands in the way where it cannot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from qc_pipeline.errors import Problem
from qc_pipeline.message import Message, some
from qc_pipeline.sampling.advice import Lever, UnmetError, levers
from qc_pipeline.sampling.allocation import SETTINGS, StratumBounds, TimeBudget
from qc_pipeline.sampling.plan import SamplingPlan
from qc_pipeline.sampling.raking import Totals
from qc_pipeline.sampling.strata import Strata

if TYPE_CHECKING:
    import numpy as np

    from qc_pipeline.sampling.cells import Cells

    Array = np.ndarray[Any, Any]

SHOWN = 20
LARGEST = 5
SMALLEST = 1e-6
SLIVER = 1e-3
NO_SLACK = 1e-2
"""Bounds are whole calls: what a linear program moves by less only gives every cell its least."""
NO_CHANCE = 1e-4
"""A rate below this part of the overall one is none: its weight would outweigh all others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawBounds:
    """Everything that bounds a draw: cells, strata, and the fewest and most calls of each."""

    cells: Cells
    strata: Strata
    by_stratum: StratumBounds
    by_agent: Totals

    def largest(self) -> tuple[int, int]:
        """Calls of the agent and of the stratum with the most."""
        import numpy as np

        sizes = np.bincount(self.cells.agent, weights=self.cells.size, minlength=1)
        return int(sizes.max()), max(s.size for s in self.strata.strata)


def _problem(message: str, found: str | None = None) -> Problem:
    return Problem(path=SETTINGS, message=f"[sampling] {message}", found=found)


def _listed(names: Sequence[str], shown: int) -> str:
    rest = f" and {len(names) - shown} more" if len(names) > shown else ""
    return ", ".join(names[:shown]) + rest


def asked_budget(plan: SamplingPlan) -> str:
    """The key of the plan that says how much is drawn, as it was written."""
    each = " for each inspector" if len(plan.inspectors) > 1 else ""
    if plan.budget_minutes is not None:
        return f"budget_minutes = {plan.budget_minutes:g}{each}"
    if plan.budget_calls is not None:
        return f"budget_calls = {plan.budget_calls}{each}"
    if plan.machine_hours is not None:
        return f"machine_hours = {plan.machine_hours:g}"
    if plan.allocation == "fixed":
        return f"fixed = {plan.fixed}" if isinstance(plan.fixed, int) else "[sampling.fixed]"
    share = plan.as_json()["budget_share"]
    return "no budget: every call" if share is None else f"budget_share = {share:g}"


def _asked(plan: SamplingPlan) -> str:
    """Every key of the plan that bounds a draw, as it was written."""
    keys = ("agent_min", "agent_share", "agent_max", "stratum_min", "stratum_max")
    values = [(key, getattr(plan, key)) for key in keys]
    given = [f"{key} = {value:g}" for key, value in values if value]
    return ", ".join([asked_budget(plan), *given])


def _quota_keys(plan: SamplingPlan) -> str:
    share = None if plan.agent_share is None else f"agent_share = {plan.agent_share:g}"
    least = f"agent_min = {plan.agent_min}" if plan.agent_min else None
    return " and ".join(k for k in (least, share) if k)


def check_agents(short: Mapping[str, int], plan: SamplingPlan) -> None:
    """Raise UnmetError for agents with fewer calls than their quota."""
    named = _listed([f"{a} ({n})" for a, n in sorted(short.items())], SHOWN)
    message = f"agent_min = {plan.agent_min} cannot be met: these agents have fewer calls"
    keys = levers(plan, total=0, calls=0, fewest=min(short.values()))
    raise UnmetError(lambda: [_problem(message, named)], keys[:1], short=True)


def check_budget(plan: SamplingPlan, total: int, bounds: DrawBounds, calls: int) -> None:
    """Raise UnmetError where the budget and the sums of the bounds contradict one another.

    `total` calls are asked for, of `calls` in the frame.
    """
    by_agent, by_stratum = bounds.by_agent, bounds.by_stratum
    agents, floors = int(by_agent.least.sum()), int(by_stratum.least.sum())
    most_agents, most_strata = int(by_agent.most.sum()), int(by_stratum.most.sum())
    least, most = max(agents, floors), min(most_agents, most_strata)
    if least > most:
        # No budget at all would do: the bounds themselves have to give way.
        message = f"{_least(bounds, plan)}, but {_most(bounds, plan)}"
        keys = _all_levers(bounds, plan, min(max(total, most), least), calls)
        raise UnmetError(lambda: [_problem(message)], keys)
    problems: list[Problem] = []
    found = asked_budget(plan)
    if agents > total:
        problems.append(
            _problem(f"a budget of {total} calls is too small: {_quotas(bounds, plan)}", found)
        )
    if floors > total:
        message = f"a budget of {total} calls is too small: {_floors(bounds, plan)}"
        problems.append(_problem(message, found))
    agent_most, stratum_most = bounds.largest()
    keys = levers(
        plan,
        total=total,
        calls=calls,
        up=least,
        fewest=max(0, total * plan.agent_min // max(1, agents)),
    )
    for name, bound, ceiling in (
        ("agent_max", plan.agent_max, most_agents),
        ("stratum_max", plan.stratum_max, most_strata),
    ):
        if ceiling < total:
            message = f"{name} = {bound} allows {ceiling} calls, the budget asks for {total}"
            problems.append(_problem(message, found))
            keys = levers(
                plan,
                total=total,
                calls=calls,
                down=most,
                agent_most=agent_most,
                stratum_most=stratum_most,
            )
    if problems:
        raise UnmetError(lambda: problems, keys)


def _quotas(bounds: DrawBounds, plan: SamplingPlan) -> str:
    """What the agents' quotas ask for; where they differ, of whom the most."""
    least, names = bounds.by_agent.least, bounds.cells.agent_names
    asking = sorted((-int(least[a]), names[a]) for a in range(len(names)) if least[a] > 0)
    who = "1 agent's quota asks" if len(asking) == 1 else f"{len(asking)} agents' quotas ask"
    text = f"{who} for {int(least.sum())} ({_quota_keys(plan)})"
    if len({n for n, _ in asking}) > 1:
        text += ": " + _listed([f"{name} ({-n})" for n, name in asking], LARGEST)
    return text


def _floors(bounds: DrawBounds, plan: SamplingPlan) -> str:
    floors = int(bounds.by_stratum.least.sum())
    many = len(bounds.strata.strata)
    who = "1 stratum asks" if many == 1 else f"{many} strata ask"
    return f"{who} for {floors} (stratum_min = {plan.stratum_min})"


def _least(bounds: DrawBounds, plan: SamplingPlan) -> str:
    """What asks for the most calls: the agents' quotas or the strata's floors."""
    agents, floors = int(bounds.by_agent.least.sum()), int(bounds.by_stratum.least.sum())
    return _quotas(bounds, plan) if agents >= floors else _floors(bounds, plan)


def _most(bounds: DrawBounds, plan: SamplingPlan) -> str:
    """What allows the fewest calls: the agents' ceilings or those of the strata."""
    agents, strata = int(bounds.by_agent.most.sum()), int(bounds.by_stratum.most.sum())
    if agents <= strata:
        return f"the agents give {agents} at most (agent_max = {plan.agent_max})"
    return f"the strata give {strata} at most (stratum_max = {plan.stratum_max})"


def minutes_short(
    plan: SamplingPlan,
    budget: TimeBudget,
    fewest: int,
    minutes: float,
    bounds: DrawBounds,
    calls: int,
) -> UnmetError:
    """The error for a budget in time below what `fewest` calls take, the least asked for."""
    gives = ""
    if budget.key == "machine_hours":
        gives = f" ({budget.minutes:.0f} minutes of sound)"
    message = (
        f"{asked_budget(plan)}{gives} is too small: {_least(bounds, plan)}, and {fewest} calls may "
        f"take {minutes:.0f} minutes"
    )
    fewer = int(plan.agent_min * budget.minutes / minutes) if minutes > 0 else 0
    units = minutes / budget.unit
    keys = levers(plan, total=fewest, calls=calls, time_units=units, fewest=fewer)
    return UnmetError(lambda: [_problem(message)], keys)


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
        problems = [
            Problem(
                path=SETTINGS,
                message=f'[sampling.fixed] "{strata.strata[i].name}" = {int(wanted[i])} '
                "is more than the stratum can give",
                hint=f"{int(bounds.most[i])} is the nearest that can",
            )
            for i in short
        ]
        numbers = {strata.strata[i].name: int(bounds.most[i]) for i in short}
        raise UnmetError(lambda: problems, fixed=numbers)


def check_chances(x: Array, bounds: DrawBounds, plan: SamplingPlan, calls: int) -> None:
    """Raise UnmetError where bounds leave some calls as good as no chance of being drawn."""
    import numpy as np

    cells = bounds.cells
    rate = x / cells.size
    overall = float(x.sum() / cells.size.sum())
    never = np.flatnonzero(rate < overall * NO_CHANCE).tolist()
    if never:
        raise UnmetError(
            lambda: [_never(never, bounds, plan)],
            _all_levers(bounds, plan, round(float(x.sum())), calls),
        )


def _never(never: list[int], bounds: DrawBounds, plan: SamplingPlan) -> Problem:
    """The problem of cells whose calls would never be drawn."""
    cells, strata = bounds.cells, bounds.strata
    named = [
        f"{strata.strata[int(cells.stratum[c])].name}, agent "
        f"{cells.agent_names[int(cells.agent[c])] or 'unknown'} ({int(cells.size[c])})"
        for c in never[:SHOWN]
    ]
    rest = f" and {len(never) - SHOWN} more" if len(never) > SHOWN else ""
    return _problem(
        f"the bounds leave these calls no chance of being drawn ({_asked(plan)})",
        "; ".join(named) + rest,
    )


def _all_levers(bounds: DrawBounds, plan: SamplingPlan, total: int, calls: int) -> list[Lever]:
    agent_most, stratum_most = bounds.largest()
    return levers(
        plan,
        total=total,
        calls=calls,
        up=total + 1,
        down=total - 1,
        time_units=plan.budget_minutes or plan.machine_hours,
        fewest=plan.agent_min - 1,
        agent_most=agent_most,
        stratum_most=stratum_most,
    )


def contradiction(bounds: DrawBounds, plan: SamplingPlan, total: int, calls: int) -> UnmetError:
    """The error for bounds that cannot be kept together with a total of `total` calls."""
    return UnmetError(
        lambda: [_contradiction(bounds, plan, total)], _all_levers(bounds, plan, total, calls)
    )


def _contradiction(bounds: DrawBounds, plan: SamplingPlan, total: int) -> Problem:
    message = f"agents' quotas and the strata's bounds cannot be kept together ({_asked(plan)})"
    gives = giving_way(bounds, total)
    if gives:
        return _problem(message, "; ".join(gives))
    never = starved(bounds, total)
    if never:
        return _never(never, bounds, plan)
    by_agent, by_stratum = bounds.by_agent, bounds.by_stratum
    sums = (
        f"{total} calls in all; agents together {by_agent.least.sum():.0f} to "
        f"{by_agent.most.sum():.0f}, strata {by_stratum.least.sum()} to {by_stratum.most.sum()}"
    )
    return _problem(message, sums)


def giving_way(bounds: DrawBounds, total: int) -> list[str]:
    """Which bounds would have to give way, and to what, for a plan of `total` calls; [] if none.

    A linear program (HiGHS) over the cells moves the bounds by as little as it can, in calls.
    """
    import numpy as np
    from scipy.optimize import linprog
    from scipy.sparse import csr_matrix, hstack, identity, vstack

    cells, by_agent, by_stratum = bounds.cells, bounds.by_agent, bounds.by_stratum
    n, agents, groups = len(cells.size), len(by_agent.least), len(bounds.strata.strata)
    place = np.arange(n)
    one = np.ones(n)
    by_a = csr_matrix((one, (cells.agent, place)), shape=(agents, n))
    by_h = csr_matrix((one, (cells.stratum, place)), shape=(groups, n))
    # Slack: agents below least, agents above most, strata below least, strata above most.
    rows = []
    right_sides = []
    widths = (agents, agents, groups, groups)
    for k, (matrix, sign, right) in enumerate(
        (
            (by_a, -1.0, -by_agent.least),
            (by_a, 1.0, by_agent.most),
            (by_h, -1.0, -by_stratum.least.astype(np.float64)),
            (by_h, 1.0, by_stratum.most.astype(np.float64)),
        )
    ):
        blocks = [sign * matrix]
        for j, width in enumerate(widths):
            own = identity(width) if j == k else csr_matrix((matrix.shape[0], width))
            blocks.append(-own)
        rows.append(hstack(blocks))
        right_sides.append(right)
    slack = sum(widths)
    sums = hstack([csr_matrix(np.ones((1, n))), csr_matrix((1, slack))])
    limits = [(SMALLEST, float(s)) for s in cells.size] + [(0.0, None)] * slack
    found = linprog(
        np.concatenate([np.zeros(n), np.ones(slack)]),
        A_ub=vstack(rows),
        b_ub=np.concatenate(right_sides),
        A_eq=sums,
        b_eq=[float(total)],
        bounds=limits,
        method="highs",
    )
    if not found.success:
        return []
    parts = np.split(found.x[n:], np.cumsum(widths)[:-1])
    strata_names = [s.name for s in bounds.strata.strata]
    texts: list[str] = []
    for k, (part, what, word, old) in enumerate(
        zip(
            parts,
            ("agent", "agent", "stratum", "stratum"),
            ("at least", "at most", "at least", "at most"),
            (by_agent.least, by_agent.most, by_stratum.least, by_stratum.most),
            strict=True,
        )
    ):
        sign = -1 if k % 2 == 0 else 1
        for i in np.flatnonzero(part > NO_SLACK).tolist():
            name = (bounds.cells.agent_names[i] or "unknown") if k < 2 else strata_names[i]
            fresh = float(old[i]) + sign * float(part[i])
            texts.append(f"{what} {name}: {word} {old[i]:.0f} would be {round(fresh, 1):g}")
    more = [f"and {len(texts) - LARGEST} more"] if len(texts) > LARGEST else []
    return texts[:LARGEST] + more


def starved(bounds: DrawBounds, total: int) -> list[int]:
    """Cells that get nothing whatever plan keeps the bounds.

    A linear program (HiGHS) gives each as much of a thousandth of a call as it can.
    """
    import numpy as np
    from scipy.optimize import linprog
    from scipy.sparse import csr_matrix, hstack, identity, vstack

    cells, by_agent, by_stratum = bounds.cells, bounds.by_agent, bounds.by_stratum
    n = len(cells.size)
    place, one = np.arange(n), np.ones(n)
    by_a = csr_matrix((one, (cells.agent, place)), shape=(len(by_agent.least), n))
    by_h = csr_matrix((one, (cells.stratum, place)), shape=(len(by_stratum.least), n))
    both = vstack([by_a, by_h])
    least = np.concatenate([by_agent.least, by_stratum.least.astype(np.float64)])
    most = np.concatenate([by_agent.most, by_stratum.most.astype(np.float64)])
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
