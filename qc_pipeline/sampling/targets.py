"""The plan in numbers: strata, cells, expected calls of every cell, and the calls it gets."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from qc_pipeline.call_table import CallTable
from qc_pipeline.errors import InputError
from qc_pipeline.message import Message, some
from qc_pipeline.sampling.advice import UnmetError, advised
from qc_pipeline.sampling.allocation import (
    StratumBounds,
    budget_calls,
    mean_duration_s,
    share_out,
    stratum_bounds,
    stratum_weights,
    time_budget,
)
from qc_pipeline.sampling.cells import Cells, frame_salt, in_salted_order
from qc_pipeline.sampling.feasible import (
    DrawBounds,
    check_agents,
    check_budget,
    check_chances,
    check_fixed,
    contradiction,
    minutes_short,
)
from qc_pipeline.sampling.history import History
from qc_pipeline.sampling.minutes_budget import minutes_bound, most_calls
from qc_pipeline.sampling.period import Period
from qc_pipeline.sampling.plan import SamplingPlan
from qc_pipeline.sampling.quota import quotas_of
from qc_pipeline.sampling.raking import TOLERANCE, Totals, fit
from qc_pipeline.sampling.risk_conditions import risk_multipliers
from qc_pipeline.sampling.rounding import Push, controlled_rounding
from qc_pipeline.sampling.sample import PlanRow
from qc_pipeline.sampling.strata import Strata, stratify

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawTargets:
    """`x[c]` is the expected number of drawn calls of cell c; a call's probability is x / size.

    `by_agent` and `by_stratum` are the bounds that x keeps.
    """

    strata: Strata
    cells: Cells
    x: Array
    by_agent: Totals
    by_stratum: StratumBounds
    notes: tuple[Message, ...]

    def cell_name(self, c: int) -> str:
        cells = self.cells
        stratum = self.strata.strata[int(cells.stratum[c])].name
        risk, agent = cells.class_names[int(cells.risk[c])], cells.agent_names[int(cells.agent[c])]
        return f"{stratum}\t{risk}\t{agent}"

    def table(self) -> tuple[PlanRow, ...]:
        """The plan by stratum and risk class, in their order."""
        import numpy as np

        cells = self.cells
        row, _ = _rows(cells)
        rates = self.x / cells.size
        rows = []
        for r in range(int(row.max(initial=-1)) + 1):
            mine = np.flatnonzero(row == r)
            rows.append(
                PlanRow(
                    stratum=self.strata.strata[int(cells.stratum[mine[0]])].name,
                    risk_class=cells.class_names[int(cells.risk[mine[0]])],
                    frame=int(cells.size[mine].sum()),
                    expected=round(float(self.x[mine].sum()), 6),
                    least_rate=round(float(rates[mine].min()), 6),
                    most_rate=round(float(rates[mine].max()), 6),
                )
            )
        return tuple(rows)

    def counts(self, seed: str, pushes: list[Push] | None = None) -> Array:
        """Drawn calls of each cell (int64): the targets rounded without bias; `pushes` is filled
        with every step.
        """
        row, parent = self.rows()
        return controlled_rounding(self.x, row, self.cells.agent, parent, seed=seed, pushes=pushes)

    def rows(self) -> tuple[Array, Array]:
        """(row of each cell, stratum of each row); rows are the present (stratum, class)."""
        return _rows(self.cells)

    def cell_start(self, c: int, seed: str) -> int:
        """Where the equal steps through a cell's calls begin: a number below 2⁶⁴."""
        digest = hashlib.sha256(f"{seed}\ncell\n{self.cell_name(c)}".encode()).digest()
        return int.from_bytes(digest[:8], "big")


def make_cells(table: CallTable, strata: Strata, multipliers: Array, *, rules: int) -> Cells:
    """The cells of a frame. Agents stand in a salted order, by rules 1 in that of their names."""
    import numpy as np
    import pandas as pd

    agents, found = pd.factorize(table.agents)
    names = [str(a) for a in found.tolist()]
    rank = np.empty(len(names) + 1, dtype=np.int64)
    order = sorted(names) if rules == 1 else in_salted_order(names, frame_salt(table.ids.tolist()))
    place = {name: i for i, name in enumerate(names)}
    ranked = [place[name] for name in order]
    rank[ranked] = np.arange(len(names))
    rank[-1] = len(names)  # factorize codes None as -1
    agent = rank[agents]
    levels, risk = np.unique(np.round(multipliers, 6), return_inverse=True)
    risk = risk.reshape(-1)
    width = len(names) + 1
    code = (strata.codes * len(levels) + risk) * width + agent
    present, of_call, sizes = np.unique(code, return_inverse=True, return_counts=True)
    plain = len(levels) == 1
    return Cells(
        of_call=of_call.reshape(-1),
        size=sizes,
        stratum=present // width // len(levels),
        risk=present // width % len(levels),
        agent=present % width,
        class_names=("",) if plain else tuple(f"×{m:g}" for m in levels.tolist()),
        class_multipliers=tuple(levels.tolist()),
        agent_names=(*order, ""),
    )


def agent_bounds(cells: Cells, plan: SamplingPlan, notes: list[Message]) -> Totals:
    """Fewest and most calls an agent; raises UnmetError where an agent has too few."""
    import numpy as np

    count = len(cells.agent_names)
    sizes = np.bincount(cells.agent, weights=cells.size, minlength=count)
    least = np.full(count, float(plan.agent_min))
    if plan.agent_share is not None:
        least = np.maximum(least, np.ceil(sizes * plan.agent_share - 1e-9))
    least[sizes == 0] = 0.0
    if cells.agent_names[-1] == "":
        least[-1] = 0.0
    short = np.flatnonzero(least > sizes).tolist()
    if short and plan.agent_short == "stop":
        check_agents({cells.agent_names[a]: int(sizes[a]) for a in short}, plan)
    if short:
        named = sorted(cells.agent_names[a] for a in short)
        notes.append(Message.of("draw.short", agents=some(named)))
    least = np.minimum(least, sizes)
    most = sizes.copy()
    if plan.agent_max is not None:
        most[:-1] = np.minimum(most[:-1], np.maximum(plan.agent_max, 0))
        least = np.minimum(least, np.maximum(most, 0))
    return Totals(group=cells.agent, least=least, most=most)


def make_targets(
    table: CallTable, plan: SamplingPlan, history: History, *, period: Period | None = None
) -> DrawTargets:
    """Strata, cells and targets of a frame sorted by recording_id; no seed has a part in it.

    With a `period` each agent gets as many drawn calls as listening is owed of them in it, as far
    as budget and bounds allow; what they do not allow is said in the notes. Raises InputError where
    the plan cannot be met, naming what stands in the way and single changes with which it can be:
    each was planned like this before it is told.
    """
    try:
        return _targets(table, plan, history, period)
    except UnmetError as unmet:
        problems = advised(
            unmet, plan, lambda p: _targets(table, p, history, None), calls=len(table)
        )
    raise InputError(problems)


def _targets(
    table: CallTable, plan: SamplingPlan, history: History, period: Period | None
) -> DrawTargets:
    import numpy as np

    notes: list[Message] = []
    multipliers = np.ones(len(table))
    if plan.allocation == "risk":
        multipliers = risk_multipliers(plan, table, history.agent_means)
    agents = len(set(table.agents.tolist()) - {None})
    floor = agents * plan.agent_min
    rough = budget_calls(table, plan, floor, mean_duration_s(table, np.zeros(0)), history)
    most = None if plan.allocation == "fixed" else max(1, rough // (2 * plan.stratum_min))
    strata = stratify(table, plan, most=most)
    cells = make_cells(table, strata, multipliers, rules=plan.rules)
    by_agent = agent_bounds(cells, plan, notes)
    sizes = np.array([s.size for s in strata.strata], dtype=np.int64)
    frame = _Frame(
        table=table,
        plan=plan,
        history=history,
        strata=strata,
        cells=cells,
        multipliers=multipliers,
        bounds=stratum_bounds(sizes, plan),
        weights=stratum_weights(table, strata, plan, history, multipliers),
    )
    if plan.allocation == "fixed":
        check_fixed(strata, plan, frame.weights, frame.bounds, notes)
    x, by_agent, told = _with_listening(frame, by_agent, period)
    notes += told
    merged = sum(len(s.merged_from) for s in strata.strata)
    if merged:
        groups = sum(1 for s in strata.strata if s.merged_from)
        notes.append(Message.of("draw.merged", cells=merged, strata=groups))
    return DrawTargets(
        strata=strata,
        cells=cells,
        x=x,
        by_agent=by_agent,
        by_stratum=frame.bounds,
        notes=tuple(notes),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Frame:
    """What targets are made from; `weights` and `bounds` by stratum, `multipliers` by call."""

    table: CallTable
    plan: SamplingPlan
    history: History
    strata: Strata
    cells: Cells
    multipliers: Array
    bounds: StratumBounds
    weights: Array


def _with_listening(
    frame: _Frame, by_agent: Totals, period: Period | None
) -> tuple[Array, Totals, list[Message]]:
    """Targets with the agents' floors that listening needs, else with the highest common cap on
    them that can be kept; the bounds of agents that they keep; and notes.
    """
    import numpy as np

    needs = _listening_needs(frame, period)
    wanted = np.minimum(np.maximum(by_agent.least, needs), by_agent.most)
    if (wanted <= by_agent.least).all():
        x, told = _within(frame, by_agent)
        return x, by_agent, told
    low, high = 0, int(wanted.max())
    found: tuple[Array, Totals, list[Message]] | None = None
    cap = high
    while low < high or found is None:
        raised = replace(by_agent, least=np.maximum(by_agent.least, np.minimum(wanted, float(cap))))
        try:
            x, told = _within(frame, raised)
        except UnmetError:
            if cap == 0:
                raise
            high = cap - 1
        else:
            found, low = (x, raised, told), cap
        cap = (low + high + 1) // 2
    x, raised, told = found
    short = int((raised.least < wanted).sum())
    if short:
        told = [*told, Message.of("draw.floor-short", agents=short)]
    return x, raised, told


def _listening_needs(frame: _Frame, period: Period | None) -> Array:
    """Drawn calls by agent that listening needs (float64); none under rules 1."""
    import numpy as np

    names = frame.cells.agent_names
    if period is None or frame.plan.rules == 1:
        return np.zeros(len(names))
    agent = frame.cells.agent[frame.cells.of_call]
    quotas = quotas_of(names, agent, frame.table, frame.plan, frame.history, period)
    return quotas.calls().astype(np.float64)


def _within(frame: _Frame, by_agent: Totals) -> tuple[Array, list[Message]]:
    """Targets within these bounds of agents, and notes. Raises UnmetError where there are none."""
    import numpy as np

    table, plan, bounds, cells = frame.table, frame.plan, frame.bounds, frame.cells
    strata, weights, calls_there = frame.strata, frame.weights, len(frame.table)
    whole = DrawBounds(cells=cells, strata=strata, by_stratum=bounds, by_agent=by_agent)

    def planned(calls: int) -> tuple[Array, list[Message]]:
        told: list[Message] = []
        wanted = share_out(weights, bounds.least, bounds.most, calls)
        x = fit_cells(cells, frame.multipliers, wanted, by_agent, bounds.least, bounds.most, told)
        if x is None:
            raise contradiction(whole, plan, calls, calls_there)
        return x, told

    def minutes(calls: int) -> float:
        x, _ = planned(calls)
        return minutes_bound(table, (x / cells.size)[cells.of_call], strata.codes)

    floor = max(int(by_agent.least.sum()), int(bounds.least.sum()))
    ceiling = min(int(by_agent.most.sum()), int(bounds.most.sum()))
    sizes = np.array([s.size for s in strata.strata], dtype=np.int64)
    mean_s = mean_duration_s(table, strata.codes, np.minimum(weights, sizes))
    total = budget_calls(table, plan, floor, mean_s, frame.history)
    if plan.has_no_budget and plan.rules > 1:
        total = max(floor, min(total, ceiling))
    if plan.allocation == "fixed" and plan.budget_calls is None and plan.budget_minutes is None:
        total = int(np.minimum(weights, bounds.most).sum())
    budget = time_budget(plan, frame.history)
    if budget is not None and floor <= ceiling:
        within = most_calls(minutes, budget.minutes, start=total, least=floor, most=ceiling)
        if within is None:
            raise minutes_short(plan, budget, floor, minutes(floor), whole, calls_there)
        total = within
    check_budget(plan, total, whole, calls_there)
    x, told = planned(total)
    check_chances(x, whole, plan, calls_there)
    return x, told


def fit_cells(
    cells: Cells,
    multipliers: Array,
    wanted: Array,
    by_agent: Totals,
    least: Array,
    most: Array,
    notes: list[Message],
) -> Array | None:
    """Targets that keep the strata's calls; where agents' quotas forbid that, near them.

    None where not even the strata's bounds can be kept together with the quotas.
    """
    import numpy as np

    size = cells.size.astype(np.float64)
    weight = size * np.array(cells.class_multipliers)[cells.risk]
    whole = np.bincount(cells.stratum, weights=weight, minlength=len(wanted))
    base = wanted[cells.stratum] * weight / whole[cells.stratum]
    exact = wanted.astype(np.float64)
    strata = Totals(group=cells.stratum, least=exact, most=exact)
    x, miss = fit(base, size, (by_agent, strata))
    if miss <= TOLERANCE:
        return x
    loose = Totals(
        group=cells.stratum, least=least.astype(np.float64), most=most.astype(np.float64)
    )
    total = np.array([float(exact.sum())])
    budget = Totals(group=np.zeros(len(size), dtype=np.int64), least=total, most=total)
    x, miss = fit(base, size, (by_agent, loose, budget))
    if miss > TOLERANCE:
        # A total at the very edge of the bounds makes them exact; as bounds alone they are
        # approached too slowly.
        tight, held = at_the_edge(by_agent, total), at_the_edge(loose, total)
        if tight is by_agent and held is loose:
            return None
        x, miss = fit(base, size, (tight, held, budget))
    if miss > TOLERANCE:
        return None
    notes.append(Message.of("draw.moved"))
    return x


def at_the_edge(totals: Totals, total: Array) -> Totals:
    """The totals made exact where `total` (one number) is all of their least or of their most."""
    if float(totals.least.sum()) == float(total[0]):
        return Totals(group=totals.group, least=totals.least, most=totals.least)
    if float(totals.most.sum()) == float(total[0]):
        return Totals(group=totals.group, least=totals.most, most=totals.most)
    return totals


def _rows(cells: Cells) -> tuple[Array, Array]:
    """(row of each cell, stratum of each row); rows are the present (stratum, class)."""
    import numpy as np

    code = cells.stratum * len(cells.class_names) + cells.risk
    present, row = np.unique(code, return_inverse=True)
    return row.reshape(-1), present // len(cells.class_names)
