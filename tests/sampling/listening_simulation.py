"""Listened samples drawn many times over a population whose scores are known: is each agent's
score, and the centre's, what all calls would have given?
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from qc_pipeline.call_table import CallTable
from qc_pipeline.sampling.draw import choose, seeded_order
from qc_pipeline.sampling.frame import frame_of
from qc_pipeline.sampling.history import History
from qc_pipeline.sampling.listening import (
    choose_listened,
    kinds_of_calls,
    listening_keys,
    listening_minutes,
    listening_table,
)
from qc_pipeline.sampling.plan import DEFAULT_RISK, Relisten, SamplingPlan
from qc_pipeline.sampling.quota import quotas_of
from qc_pipeline.sampling.targets import make_targets
from tests.sampling.calls_made import WEEK, population

CALLS, AGENTS, BUDGET, QUOTA = 1500, 20, 240, 4
COMPLAINT_POINTS = 10.0
RISK = tuple(r for r in DEFAULT_RISK if r.name in ("over_long", "very_short", "complaint"))
ALLOCATIONS: dict[str, dict[str, Any]] = {
    "all": {},
    "proportional": {"budget_calls": BUDGET},
    "equal": {"budget_calls": BUDGET, "allocation": "equal"},
    "neyman": {"budget_calls": BUDGET, "allocation": "neyman", "neyman_by": "rough_score"},
    "fixed": {"allocation": "fixed", "fixed": 10},
    "risk": {"budget_calls": BUDGET, "allocation": "risk", "risk": RISK},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ListenedOutcome:
    """What draws gave, in points, each error one Monte-Carlo standard error.

    `personal_bias` is the mean over agents and draws of an agent's listened score (the random part,
    weighted by the inclusion probabilities of the draw) less the mean of all the agent's calls;
    `worst_agent` the largest for one agent. `centre_bias` is that of all listened calls, weighted;
    `plain_bias` that of their plain mean.
    """

    draws: int
    listened: float
    personal_bias: float
    personal_error: float
    worst_agent: float
    centre_bias: float
    centre_error: float
    plain_bias: float


@cache
def _known(calls: int, agents: int) -> tuple[CallTable, np.ndarray]:
    recordings, scores = population(calls, agents)
    table = frame_of(recordings, WEEK, {}).calls
    complaint = table.texts("business") == "投诉"
    # `population` takes five points off a complaint already.
    return table, np.clip(scores - (COMPLAINT_POINTS - 5) * complaint, 0, 100)


def simulate_listening(
    name: str, *, draws: int, calls: int = CALLS, agents: int = AGENTS
) -> ListenedOutcome:
    """Draw, choose who is listened to, and score, with seeds s0, s1, …"""
    table, scores = _known(calls, agents)
    plan = SamplingPlan(
        **ALLOCATIONS[name], agent_min=0, agent_short="all", relisten=Relisten(agent_min=QUOTA)
    )
    history = History()
    targets = make_targets(table, plan, history, period=WEEK)
    names = targets.cells.agent_names
    agent = targets.cells.agent[targets.cells.of_call]
    chance = (targets.x / targets.cells.size)[targets.cells.of_call]
    kinds = kinds_of_calls(table, plan, history)
    truth = np.bincount(agent, weights=scores) / np.bincount(agent)
    errors = np.full((draws, len(truth)), np.nan)
    centre, plain, heard = (np.empty(draws) for _ in range(3))
    for d in range(draws):
        seed = f"s{d}"
        drawn = np.flatnonzero(choose(table, targets, seeded_order(table, seed), seed))
        part = table.take(drawn)
        quotas = quotas_of(names, agent[drawn], part, plan, history, WEEK)
        numbers = listening_table(
            agent[drawn],
            kinds[drawn],
            listening_minutes(part),
            chance[drawn],
            quotas,
            share=0.2,
            hours=None,
        )
        chosen = choose_listened(numbers, listening_keys(part, seed), seed)
        parts = np.array(chosen.parts)
        random, both = drawn[parts == "random"], parts != ""
        weight = 1 / (chance[random] * numbers.chance[numbers.of_call[parts == "random"]])
        whole = np.bincount(agent[random], weights=weight, minlength=len(truth))
        sums = np.bincount(agent[random], weights=weight * scores[random], minlength=len(truth))
        there = whole > 0
        errors[d, there] = sums[there] / whole[there] - truth[there]
        overall = 1 / (chance[drawn[both]] * numbers.probability[numbers.of_call[both]])
        centre[d] = float((overall * scores[drawn[both]]).sum() / overall.sum())
        plain[d] = float(scores[drawn[both]].mean())
        heard[d] = both.sum()
    over_agents = np.nanmean(errors, axis=1)
    return ListenedOutcome(
        draws=draws,
        listened=float(heard.mean()),
        personal_bias=float(over_agents.mean()),
        personal_error=float(over_agents.std(ddof=1)) / draws**0.5,
        worst_agent=float(np.abs(np.nanmean(errors, axis=0)).max()),
        centre_bias=float(centre.mean() - scores.mean()),
        centre_error=float(centre.std(ddof=1)) / draws**0.5,
        plain_bias=float(plain.mean() - scores.mean()),
    )


def print_listening(*, draws: int, calls: int = CALLS, agents: int = AGENTS) -> None:
    print(f"{calls} calls, {agents} agents, {QUOTA} calls an agent at random, {draws} draws")
    for name in ALLOCATIONS:
        o = simulate_listening(name, draws=draws, calls=calls, agents=agents)
        print(
            f"{name:<13} listened {o.listened:6.1f}"
            f"  agents: bias {o.personal_bias:+.3f} ± {o.personal_error:.3f}"
            f" (worst agent {o.worst_agent:.2f})"
            f"  centre: bias {o.centre_bias:+.3f} ± {o.centre_error:.3f}"
            f"  plain mean {o.plain_bias:+.3f}",
            flush=True,
        )
