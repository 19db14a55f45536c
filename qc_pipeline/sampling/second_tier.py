"""The second tier as rules 1 draw it: which drawn calls a person hears in full, in one part.

It repeats draws that were kept under those rules; `qc_pipeline.sampling.listening` has today's.
Personal scores rest on these calls alone. They are drawn inside the sample with quotas of their
own, by the same fit and the same unbiased rounding, so that each has a probability: that of being
chosen once drawn.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from qc_pipeline.call_table import CallTable
from qc_pipeline.message import Message, some
from qc_pipeline.sampling.history import History
from qc_pipeline.sampling.plan import Relisten, SamplingPlan
from qc_pipeline.sampling.raking import TOLERANCE, Totals, fit
from qc_pipeline.sampling.risk_conditions import holds, tenure_days
from qc_pipeline.sampling.rounding import controlled_rounding
from qc_pipeline.sampling.sample import Pick

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tier:
    """`picks` with `relisten` set, and sentences for the inspector."""

    picks: tuple[Pick, ...]
    notes: tuple[Message, ...]


def choose_relistened(
    picks: Sequence[Pick], table: CallTable, plan: SamplingPlan, history: History, *, seed: str
) -> Tier:
    """Mark the picks to be heard in full.

    `table` holds the calls of `picks`, in their order. Every agent gets the quota of the rules,
    or all of their drawn calls where there are fewer; complaints are at least `complaint_share`
    of all as far as quotas and drawn complaints allow. Calls put in by a person and test calls
    are heard in any case, outside the quotas and without a probability.
    """
    import numpy as np

    rules = plan.relisten
    marked = [
        p if p.origin == "drawn" else replace(p, relisten=True, relisten_probability=None)
        for p in picks
    ]
    drawn = np.array([p.origin == "drawn" for p in picks], dtype=bool)
    if not drawn.any():
        return Tier(picks=tuple(marked), notes=())
    places = np.flatnonzero(drawn)
    calls = table.take(places)
    names, agent = _codes([p.agent_id or "" for p in picks if p.origin == "drawn"])
    complaint = holds(rules.complaint, calls, history.agent_means, plan).astype(np.int64)
    quotas = _quotas(names, agent, calls, rules, history)
    sizes = np.bincount(agent, minlength=len(names))
    short = [n for n, q, s in zip(names, quotas.tolist(), sizes.tolist(), strict=True) if s < q]
    quotas = np.minimum(quotas, sizes)
    notes: list[Message] = []
    if short:
        notes.append(Message.of("draw.relisten-short", agents=some(short)))
    x, cell, cells = _targets(agent, complaint, quotas, rules, notes)
    counts = controlled_rounding(x, cells % 2, cells // 2, np.arange(2), seed=f"{seed}\nrelisten")
    keys = [
        hashlib.sha256(f"{seed}\nrelisten\n{calls.ids[i]}".encode()).digest()
        for i in range(len(calls))
    ]
    by_cell: dict[int, list[int]] = {}
    for i in sorted(range(len(calls)), key=keys.__getitem__):
        by_cell.setdefault(int(cell[i]), []).append(i)
    for c, members in by_cell.items():
        chance = round(float(x[c]) / len(members), 12)
        for rank, i in enumerate(members):
            place = int(places[i])
            marked[place] = replace(
                marked[place],
                relisten=rank < int(counts[c]),
                relisten_probability=chance if chance > 0 else None,
            )
    return Tier(picks=tuple(marked), notes=tuple(notes))


def _codes(values: Sequence[str]) -> tuple[list[str], Array]:
    """(names in order, the place in them of every value)."""
    import numpy as np

    names = sorted(set(values))
    index = {n: i for i, n in enumerate(names)}
    return names, np.array([index[v] for v in values], dtype=np.int64)


def _quotas(
    names: Sequence[str], agent: Array, calls: CallTable, rules: Relisten, history: History
) -> Array:
    import numpy as np

    fresh = np.zeros(len(names), dtype=bool)
    tenure = tenure_days(calls)
    fresh[agent[~np.isnan(tenure) & (tenure < rules.new_agent_days)]] = True
    means = [history.agent_means.get(n) for n in names]
    failed = np.array([m is not None and m < rules.pass_mark for m in means], dtype=bool)
    quotas = np.where(fresh, max(rules.agent_min, rules.new_agent_min), rules.agent_min)
    quotas = quotas + np.where(failed, rules.after_fail, 0)
    return np.asarray(quotas, dtype=np.int64)


def _targets(
    agent: Array, complaint: Array, quotas: Array, rules: Relisten, notes: list[Message]
) -> tuple[Array, Array, Array]:
    """(targets by cell, cell of each call, code 2·agent + complaint of each cell)."""
    import numpy as np

    cells, cell, size = np.unique(agent * 2 + complaint, return_inverse=True, return_counts=True)
    cell = cell.reshape(-1)
    size = size.astype(np.float64)
    owner, kind = cells // 2, cells % 2
    drawn = np.bincount(owner, weights=size, minlength=len(quotas))
    base = size * (quotas / drawn)[owner]
    base = np.where(base > 0, base, 1e-12)
    exact = quotas.astype(np.float64)
    agents = Totals(group=owner, least=exact, most=exact)
    total = int(quotas.sum())
    there = int(np.minimum(np.bincount(owner, weights=size * kind), quotas).sum())
    wanted = min(int(np.ceil(rules.complaint_share * total - 1e-9)), there)
    share = Totals(
        group=kind,
        least=np.array([0.0, float(wanted)]),
        most=np.array([float(total), float(total)]),
    )
    x, miss = fit(base, size, (share, agents))
    if miss > TOLERANCE:
        # Only where every complaint that quotas allow is needed: then those are certain.
        forced = np.minimum(size, exact[owner]) * kind
        taken = np.bincount(owner, weights=forced, minlength=len(quotas))
        rest = (exact - taken)[owner]
        x = np.where(kind == 1, forced, np.minimum(size, rest))
    x = np.where(exact[owner] > 0, x, 0.0)
    if wanted < rules.complaint_share * total - 1e-9 and total:
        notes.append(Message.of("draw.complaints-short", total=total, complaints=wanted))
    return x, cell, cells
