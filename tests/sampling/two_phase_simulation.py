"""Machine sample and listened sample drawn many times over a population of which is known what a
person finds in every call and what a machine would: do both figures give the mean of all calls, and
do their intervals hold it?

The machine misses `missed` of the true deductions, and `false` of those it makes are wrong.
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
from qc_pipeline.sampling.plan import Relisten, SamplingPlan
from qc_pipeline.sampling.quota import quotas_of
from qc_pipeline.sampling.targets import make_targets
from qc_pipeline.sampling.two_phase import Phases, two_phase_mean
from tests.sampling.calls_made import WEEK, population
from tests.sampling.listening_simulation import ALLOCATIONS

MISSED, FALSE, POINTS = 0.3, 0.2, 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """A centre and a machine. `hours` of listening a week (None: what quotas and complaints ask);
    `budget` replaces that of a plan that has one. The share `fatal` of calls has a red line that
    only a person finds."""

    calls: int = 1500
    agents: int = 20
    quota: int = 4
    budget: int | None = None
    hours: float | None = None
    missed: float = MISSED
    false: float = FALSE
    points: float = POINTS
    fatal: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """What draws gave of a figure, in points: `error` is one Monte-Carlo standard error of `bias`,
    `spread` the standard deviation, `covered` the share of intervals that hold the truth, `width`
    their mean width."""

    bias: float
    error: float
    spread: float
    covered: float
    width: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TwoPhaseOutcome:
    """Mean numbers of calls drawn and listened to, and the figures; `machine_bias` is that of the
    machine's own weighted mean."""

    drawn: float
    listened: float
    score: Figure
    reference: Figure
    machine_bias: float


def verdicts(
    table: CallTable,
    scores: np.ndarray,
    *,
    missed: float = MISSED,
    false: float = FALSE,
    points: float = POINTS,
    seed: int = 7,
) -> tuple[np.ndarray, np.ndarray]:
    """(totals by a person, totals by the machine): deductions of `points` each, as many true ones
    as a call's score says on average, five points more on complaints."""
    random = np.random.default_rng(seed)
    complaint = table.texts("business") == "投诉"
    true = random.poisson(np.clip(100 - scores + 5 * complaint, 0, None) / points)
    found = random.binomial(true, 1 - missed)
    wrong = random.poisson(false / (1 - false) * found.mean(), len(true))
    return np.clip(100 - points * true, 0, 100), np.clip(100 - points * (found + wrong), 0, 100)


@cache
def _known(setting: Setting) -> tuple[CallTable, np.ndarray, np.ndarray]:
    recordings, scores = population(setting.calls, setting.agents)
    table = frame_of(recordings, WEEK, {}).calls
    by_id = {r.recording_id: s for r, s in zip(recordings, scores, strict=True)}
    person, machine = verdicts(
        table,
        np.array([by_id[k] for k in table.ids.tolist()]),
        missed=setting.missed,
        false=setting.false,
        points=setting.points,
    )
    fatal = np.random.default_rng(11).random(len(person)) < setting.fatal
    return table, np.where(fatal, 0.0, person), machine


def simulate_two_phases(name: str, *, draws: int, setting: Setting = Setting()) -> TwoPhaseOutcome:
    """Draw, choose who is listened to, and estimate, with seeds s0, s1, …"""
    table, person, machine = _known(setting)
    options: dict[str, Any] = dict(ALLOCATIONS[name])
    if setting.budget is not None and "budget_calls" in options:
        options["budget_calls"] = setting.budget
    plan = SamplingPlan(
        **options, agent_min=0, agent_short="all", relisten=Relisten(agent_min=setting.quota)
    )
    history = History()
    targets = make_targets(table, plan, history, period=WEEK)
    names = targets.cells.agent_names
    agent = targets.cells.agent[targets.cells.of_call]
    chance = (targets.x / targets.cells.size)[targets.cells.of_call]
    kinds = kinds_of_calls(table, plan, history)
    made: dict[str, list[tuple[float, float, float]]] = {"score": [], "reference": []}
    own, sizes = np.empty(draws), np.empty((draws, 2))
    for d in range(draws):
        seed = f"s{d}"
        drawn = np.flatnonzero(choose(table, targets, seeded_order(table, seed), seed))
        part = table.take(drawn)
        numbers = listening_table(
            agent[drawn],
            kinds[drawn],
            listening_minutes(part),
            chance[drawn],
            quotas_of(names, agent[drawn], part, plan, history, WEEK),
            share=0.2,
            hours=setting.hours,
        )
        chosen = choose_listened(numbers, listening_keys(part, seed), seed)
        heard = np.array(chosen.parts) != ""
        listening = numbers.probability[numbers.of_call]
        rates = np.round(numbers.rate[numbers.of_call], 9)
        phases = Phases(
            drawn=chance[drawn],
            listening=listening,
            stratum=targets.strata.codes[drawn],
            agent=agent[drawn],
            rate=np.unique(rates, return_inverse=True)[1].reshape(-1),
            heard=heard,
            weight=1 / chance[drawn],
            heard_weight=np.where(heard, 1 / (chance[drawn] * listening), 0.0),
        )
        # What a person would find where nobody listened must make no difference.
        found = np.where(heard, person[drawn], np.nan)
        for key, judged in (("score", None), ("reference", machine[drawn])):
            mean = two_phase_mean(phases, found, judged)
            assert mean is not None and mean.low is not None and mean.high is not None
            made[key].append((mean.value, mean.low, mean.high))
        own[d] = np.average(machine[drawn], weights=1 / chance[drawn])
        sizes[d] = len(drawn), heard.sum()
    truth = float(person.mean())
    return TwoPhaseOutcome(
        drawn=float(sizes[:, 0].mean()),
        listened=float(sizes[:, 1].mean()),
        score=figure_of(made["score"], truth),
        reference=figure_of(made["reference"], truth),
        machine_bias=float(own.mean()) - truth,
    )


def figure_of(made: list[tuple[float, float, float]], truth: float) -> Figure:
    """From (value, low, high) of each draw."""
    value, low, high = np.array(made).T
    return Figure(
        bias=float(value.mean()) - truth,
        error=float(value.std(ddof=1)) / len(value) ** 0.5,
        spread=float(value.std(ddof=1)),
        covered=float(((low <= truth) & (truth <= high)).mean()),
        width=float((high - low).mean()),
    )


SETTINGS: dict[str, Setting] = {
    "20 % false, 30 % missed": Setting(),
    "4 h of listening": Setting(hours=4.0),
    "6 agents, 400 calls": Setting(calls=400, agents=6, budget=200),
    "60 agents, 1 call each": Setting(agents=60, quota=1, budget=300),
    "5 % false, 5 % missed": Setting(missed=0.05, false=0.05),
    "2 % unseen red lines": Setting(fatal=0.02),
    "20 points each": Setting(missed=0.1, false=0.1, points=20.0),
}


def print_two_phases(*, draws: int) -> None:
    print(f"two phases, {draws} draws: bias in points ± one Monte-Carlo standard error")
    for told, setting in SETTINGS.items():
        for name in ALLOCATIONS if setting == Setting() else ("all", "proportional", "risk"):
            o = simulate_two_phases(name, draws=draws, setting=setting)
            print(
                f"{told:<23} {name:<13} drawn {o.drawn:6.0f} listened {o.listened:4.0f}"
                f"  machine {o.machine_bias:+.2f}  "
                + "  ".join(
                    f"{key}: {f.bias:+.3f} ± {f.error:.3f} spread {f.spread:.2f}"
                    f" covers {f.covered:.3f} width {f.width:.2f}"
                    for key, f in (("score", o.score), ("reference", o.reference))
                ),
                flush=True,
            )
