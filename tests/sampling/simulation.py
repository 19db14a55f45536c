"""Draws made many times over a population whose scores are known: bias and coverage."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from qc_pipeline.call_table import CallTable
from qc_pipeline.sampling.draw import choose, seeded_order
from qc_pipeline.sampling.estimation import Design, estimate
from qc_pipeline.sampling.frame import frame_of
from qc_pipeline.sampling.history import History
from qc_pipeline.sampling.plan import DEFAULT_RISK, SamplingPlan
from qc_pipeline.sampling.targets import make_targets
from tests.sampling.calls_made import WEEK, population

PASS_MARK = 80.0
CACHED = 10_000  # calls up to which seeded orders are kept: 80 MB at a thousand seeds
RISK = tuple(r for r in DEFAULT_RISK if r.name in ("over_long", "very_short", "complaint"))
ALLOCATIONS: dict[str, dict[str, Any]] = {
    "proportional": {},
    "equal": {"allocation": "equal"},
    "neyman": {"allocation": "neyman", "neyman_by": "rough_score"},
    "fixed": {"allocation": "fixed"},
    "risk": {"allocation": "risk", "risk": RISK},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What `draws` draws of a plan gave: estimates against the truth, coverage in [0, 1].

    `error` is one Monte-Carlo standard error of `bias`; points of a score for the mean.
    """

    draws: int
    strata: int
    calls: int
    bias: float
    error: float
    plain_bias: float
    spread: float
    coverage: float
    share_bias: float
    share_error: float
    share_coverage: float
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A frame whose scores are known, in its order, and the seeded orders of its calls."""

    table: CallTable
    scores: np.ndarray
    orders: dict[str, np.ndarray]

    def order(self, seed: str) -> np.ndarray:
        if len(self.table) > CACHED:
            return seeded_order(self.table, seed)
        if seed not in self.orders:
            self.orders[seed] = seeded_order(self.table, seed)
        return self.orders[seed]


def simulate(known: Known, plan: SamplingPlan, draws: int) -> Outcome:
    """Draw and estimate `draws` times with seeds s0, s1, …"""
    table, scores = known.table, known.scores
    started = time.perf_counter()
    targets = make_targets(table, plan, History())
    chance = (targets.x / targets.cells.size)[targets.cells.of_call]
    agent = targets.cells.agent[targets.cells.of_call]
    passes = (scores >= PASS_MARK).astype(np.float64)
    truths = (float(scores.mean()), float(passes.mean()))
    means, plain, shares = (np.empty(draws) for _ in range(3))
    covered = [0, 0]
    calls = 0
    for d in range(draws):
        seed = f"s{d}"
        drawn = choose(table, targets, known.order(seed), seed)
        calls = int(drawn.sum())
        design = Design(
            probability=chance[drawn], stratum=targets.strata.codes[drawn], agent=agent[drawn]
        )
        everybody = np.ones(calls, dtype=bool)
        mean = estimate(design, scores[drawn], everybody, share=False)
        share = estimate(design, passes[drawn], everybody, share=True)
        means[d], plain[d], shares[d] = mean.value, mean.plain, share.value
        for k, (found, truth) in enumerate(zip((mean, share), truths, strict=True)):
            assert found.low is not None and found.high is not None
            covered[k] += found.low <= truth <= found.high
    return Outcome(
        draws=draws,
        strata=len(targets.strata.strata),
        calls=calls,
        bias=float(means.mean()) - truths[0],
        error=float(means.std(ddof=1)) / draws**0.5,
        plain_bias=float(plain.mean()) - truths[0],
        spread=float(means.std(ddof=1)),
        coverage=covered[0] / draws,
        share_bias=float(shares.mean()) - truths[1],
        share_error=float(shares.std(ddof=1)) / draws**0.5,
        share_coverage=covered[1] / draws,
        seconds=time.perf_counter() - started,
    )


def plans(budget: int, agents: int) -> Iterator[tuple[str, str, SamplingPlan]]:
    """(allocation, quotas, plan) of every allocation, without agents' quotas and with."""
    least, most = 8 * budget // agents // 10, 14 * budget // agents // 10
    tight = {"agent_min": least, "agent_max": most, "agent_short": "all"}
    quotas = {"none": {"agent_min": 0}, f"{least} to {most}": tight}
    for name, options in ALLOCATIONS.items():
        extra = {"fixed": max(2, budget // 28)} if name == "fixed" else {"budget_calls": budget}
        for told, quota in quotas.items():
            yield name, told, SamplingPlan(**options, **extra, **quota)


def known_population(calls: int, agents: int) -> Known:
    recordings, scores = population(calls, agents)
    return Known(table=frame_of(recordings, WEEK, {}).calls, scores=scores, orders={})


def print_simulation(*, calls: int, agents: int, draws: int, budget: int) -> None:
    known = known_population(calls, agents)
    print(f"{calls} calls, {agents} agents, about {budget} drawn, {draws} draws")
    for name, quota, plan in plans(budget, agents):
        o = simulate(known, plan, draws)
        print(
            f"{name:<13} quotas {quota:<8} strata {o.strata:>2}  drawn {o.calls:>5}"
            f"  bias {o.bias:+.3f} ± {o.error:.3f}  plain {o.plain_bias:+.3f}"
            f"  spread {o.spread:.3f}  covers {o.coverage:.3f}"
            f"  pass rate: bias {o.share_bias:+.4f}  covers {o.share_coverage:.3f}"
            f"  {o.seconds:.0f} s",
            flush=True,
        )
