"""Intervals of pass rates where few calls fail: how often they hold the truth, and how wide."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from scipy.special import betaincinv

from qc_pipeline.sampling.draw import choose
from qc_pipeline.sampling.estimation import LEAST_CALLS, Design, estimate, wilson
from qc_pipeline.sampling.history import History
from qc_pipeline.sampling.plan import SamplingPlan
from qc_pipeline.sampling.targets import make_targets
from tests.sampling.simulation import RISK, Known, known_population

RATES = (0.90, 0.93, 0.95, 0.97, 0.98, 0.985, 0.99, 0.995)
FAILS = ("at random", "low scores")
POPULATIONS = 10
Z95 = 1.959963984540054
QUOTAS: dict[str, Any] = {"agent_min": 1, "agent_short": "all"}
RISKY: dict[str, Any] = {"allocation": "risk", "risk": RISK}


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A plan for a frame of so many calls and agents; with `team`, the share of that team alone."""

    name: str
    calls: int
    agents: int
    plan: SamplingPlan
    team: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareOutcome:
    """What the intervals of a case were at one true pass rate.

    `coverage` in [0, 1]; `width` and `widest` are the mean and the largest ratio to the width of
    the textbook's interval for the same share of `size` calls drawn simply at random without end:
    the narrower of Wilson's and the exact one (Clopper & Pearson 1934). `size` is Kish's effective
    size (Σ w)² / Σ w² – the calls themselves where all weights are equal. `calls` and `size` are
    means over the draws.
    """

    calls: float
    size: float
    coverage: float
    width: float
    widest: float


def _plan(budget: int | None, **options: Any) -> SamplingPlan:
    return SamplingPlan(budget_calls=budget, **{"agent_min": 0, **options})


def cases() -> Iterator[Case]:
    for name, calls, agents, plan, team in (
        ("75 of 750", 750, 10, _plan(75), None),
        ("75 of 750, quotas 6 to 9", 750, 10, _plan(75, agent_min=6, agent_max=9), None),
        ("75 of 750, equal", 750, 10, _plan(75, allocation="equal"), None),
        ("5 a stratum of 750, fixed", 750, 10, _plan(None, allocation="fixed", fixed=5), None),
        ("75 of 750, risk", 750, 10, _plan(75, **RISKY), None),
        ("75 of 750, one team", 750, 10, _plan(75), "T1"),
        ("100 of 1500, each agent", 1500, 60, _plan(100, **QUOTAS), None),
        ("100 of 1500, each agent, risk", 1500, 60, _plan(100, **QUOTAS, **RISKY), None),
        ("250 of 5000", 5000, 25, _plan(250), None),
        ("250 of 5000, equal", 5000, 25, _plan(250, allocation="equal"), None),
        ("250 of 5000, risk", 5000, 25, _plan(250, **RISKY), None),
        ("16 of 200", 200, 8, _plan(16), None),
        ("120 of 200", 200, 8, _plan(120), None),
        ("180 of 200", 200, 8, _plan(180), None),
    ):
        yield Case(name=name, calls=calls, agents=agents, plan=plan, team=team)


@cache
def _known(calls: int, agents: int) -> Known:
    return known_population(calls, agents)


def passes(known: Known, rate: float, fails: str, number: int) -> np.ndarray:
    """Which calls of the frame pass (0 or 1, float64): a share `rate`, at least one call failing.

    Fails are drawn at random, or are the lowest of the known scores give or take two points;
    `number` makes another population of the same kind.
    """
    random = np.random.default_rng([number, round(rate * 1000), FAILS.index(fails)])
    count = len(known.scores)
    keys = random.random(count)
    if fails == "low scores":
        keys = known.scores + random.normal(0, 2, count)
    passed = np.ones(count)
    passed[np.argsort(keys)[: max(1, round(count * (1 - rate)))]] = 0.0
    return passed


def exact(p: float, size: float) -> tuple[float, float]:
    """The interval of Clopper & Pearson (1934) of a share of `size` calls, which may be broken."""
    hits, misses = p * size, (1 - p) * size
    low = float(betaincinv(hits, misses + 1, 0.025)) if hits > 1e-9 else 0.0
    high = float(betaincinv(hits + 1, misses, 0.975)) if misses > 1e-9 else 1.0
    return low, high


def simulate_shares(
    case: Case, draws: int, rates: tuple[float, ...] = RATES
) -> dict[tuple[str, float], ShareOutcome]:
    """By (how calls fail, true pass rate); the same draws with seeds s0, s1, … for all."""
    known = _known(case.calls, case.agents)
    table = known.table
    targets = make_targets(table, case.plan, History())
    chance = (targets.x / targets.cells.size)[targets.cells.of_call]
    agent = targets.cells.agent[targets.cells.of_call]
    mine = np.ones(len(table), dtype=bool)
    if case.team is not None:
        mine = table.texts("team") == case.team
    truths = {
        (fails, rate, number): passes(known, rate, fails, number)
        for fails in FAILS
        for rate in rates
        for number in range(POPULATIONS)
    }
    seen: dict[tuple[str, float], list[tuple[float, float, float, float]]] = {}
    for d in range(draws):
        seed = f"s{d}"
        drawn = choose(table, targets, known.order(seed), seed)
        design = Design(
            probability=chance[drawn], stratum=targets.strata.codes[drawn], agent=agent[drawn]
        )
        inside = mine[drawn]
        weights = 1 / chance[drawn][inside]
        size = float(weights.sum() ** 2 / (weights**2).sum())
        if inside.sum() < LEAST_CALLS:
            continue
        for fails in FAILS:
            for rate in rates:
                passed = truths[fails, rate, d % POPULATIONS]
                truth = float(passed[mine].mean())
                found = estimate(design, passed[drawn], inside, share=True)
                assert found.value is not None and found.low is not None and found.high is not None
                held = found.low - 1e-12 <= truth <= found.high + 1e-12
                books = (wilson(found.value, size, Z95), exact(found.value, size))
                narrowest = min(high - low for low, high in books)
                ratio = (found.high - found.low) / narrowest
                seen.setdefault((fails, rate), []).append((found.calls, size, held, ratio))
    return {
        key: ShareOutcome(
            calls=float(np.mean([s[0] for s in rows])),
            size=float(np.mean([s[1] for s in rows])),
            coverage=float(np.mean([s[2] for s in rows])),
            width=float(np.mean([s[3] for s in rows])),
            widest=max(s[3] for s in rows),
        )
        for key, rows in seen.items()
    }


def print_shares(draws: int) -> None:
    print(f"pass rates of {', '.join(f'{r:g}' for r in RATES)}, {draws} draws each")
    for case in cases():
        found = simulate_shares(case, draws)
        for fails in FAILS:
            rows = [found[fails, rate] for rate in RATES]
            print(
                f"{case.name:<30} calls {rows[0].calls:>5.0f}  of equal weight {rows[0].size:>5.0f}"
                f"  fails {fails:<10}  covers {' '.join(f'{r.coverage:.3f}' for r in rows)}"
                f"  all {np.mean([r.coverage for r in rows]):.3f}"
                f"  width {np.mean([r.width for r in rows]):.2f} of the textbook's,"
                f" at most {max(r.widest for r in rows):.2f}",
                flush=True,
            )
