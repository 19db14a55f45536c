"""Seasons drawn and estimated by the product's functions alone, without a store: so many of them
that a coverage near 95 % is told from one of 93 or 97 %.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from functools import cache

import numpy as np

from qc_pipeline.call_table import CallTable
from qc_pipeline.sampling.cells import frame_salt, order_seed
from qc_pipeline.sampling.frame import frame_of
from qc_pipeline.sampling.history import History
from qc_pipeline.sampling.listening import (
    choose_listened,
    drawn_table,
    kinds_of_calls,
    listening_keys,
)
from qc_pipeline.sampling.period import Period
from qc_pipeline.sampling.plan import Listening, SamplingPlan
from qc_pipeline.sampling.quota import month_of
from qc_pipeline.sampling.two_phase import Phases, TwoPhaseMean, two_phase_mean
from qc_pipeline.scoring.earned import Earned, proved
from tests.job.season_world import ITEMS, PERIODS, Array, Week, rows_of, week_of

A_MONTH, HOURS = 4, 3.6
PLAN = SamplingPlan(
    agent_min=0,
    duration_s=(),
    slots=(),
    listening=Listening(hours=HOURS, calls_an_agent_a_month=A_MONTH),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """Which of a week's calls are listened to, by call: `random` (personal), `heard` (either part),
    the `chance` of it, and the `rate` of the targeted part.
    """

    random: Array
    heard: Array
    chance: Array
    rate: Array


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekFigures:
    """Both figures of a week beside its `truth` (points), the `plain` mean of the listened calls,
    which is not weighted, and that of what the `machine` made of all.
    """

    truth: float
    score: TwoPhaseMean
    reference: TwoPhaseMean
    plain: float
    machine: float


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnSeason:
    """The figures of twelve weeks, and what the items had earned at the end."""

    weeks: tuple[WeekFigures, ...]
    earned: dict[str, Earned]


@dataclass(slots=True)
class _Carried:
    """What a week leaves to the next: listened calls of the month by agent, and agents' means."""

    month: tuple[int, int] | None = None
    heard: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    means: dict[str, float] = field(default_factory=dict)

    def history(self, period: Period) -> History:
        if month_of(period) != self.month:
            self.month = month_of(period)
            self.heard.clear()
        return History(agent_means=self.means, heard=dict(self.heard))

    def take(self, week: Week, chosen: Chosen) -> None:
        by_agent: dict[str, list[float]] = defaultdict(list)
        for i in np.flatnonzero(chosen.random):
            by_agent[week.calls[i].agent_id or ""].append(float(week.person[i]))
        for agent, totals in by_agent.items():
            self.heard[agent] += len(totals)
        self.means = {a: sum(t) / len(t) for a, t in sorted(by_agent.items())}


@cache
def frame(number: int) -> tuple[CallTable, Array]:
    """(the frame of a week, the place in it of each of the week's calls)."""
    rows = rows_of(number)
    table = frame_of(rows.calls, rows.period, {}).calls
    return table, np.argsort([rows.place[name] for name in table.ids.tolist()])


def choose(number: int, history: History, seed: str) -> Chosen:
    """The listened sample of a week of which every call was drawn, as `qc sample` chooses it."""
    table, place = frame(number)
    ids = table.ids.tolist()
    _, numbers = drawn_table(
        table,
        kinds_of_calls(table, PLAN, history),
        np.ones(len(ids)),
        PLAN,
        history,
        PERIODS[number],
        salt=frame_salt(ids),
    )
    order = order_seed(seed, ids, rules=PLAN.rules)
    parts = np.array(choose_listened(numbers, listening_keys(table, order), seed).parts)
    return Chosen(
        random=(parts == "random")[place],
        heard=(parts != "")[place],
        chance=numbers.probability[numbers.of_call][place],
        rate=numbers.rate[numbers.of_call][place],
    )


def figures_of(week: Week, chosen: Chosen, stopped: Collection[str] = ()) -> WeekFigures:
    """Both figures, from what people found in the calls that they listened to, and nothing else of
    theirs; with what the machine found but for the items that are `stopped`.
    """
    machine = week.machine_without(stopped)
    one = np.zeros(len(week.calls), dtype=np.int64)
    phases = Phases(
        drawn=np.ones(len(week.calls)),
        listening=chosen.chance,
        stratum=one,
        agent=week.rows.agent,
        rate=np.unique(np.round(chosen.rate, 9), return_inverse=True)[1],
        heard=chosen.heard,
        weight=np.ones(len(week.calls)),
        heard_weight=np.where(chosen.heard, 1 / chosen.chance, 0.0),
    )
    told = np.where(chosen.heard, week.person, np.nan)
    score, reference = two_phase_mean(phases, told), two_phase_mean(phases, told, machine)
    assert score is not None and reference is not None
    return WeekFigures(
        truth=week.truth,
        score=score,
        reference=reference,
        plain=float(week.person[chosen.heard].mean()),
        machine=float(machine.mean()),
    )


def drawn_season(seed: int) -> DrawnSeason:
    """Twelve weeks; in each the calls chosen are listened to, all of them."""
    carried, found = _Carried(), []
    looks: dict[str, list[bool]] = {item.id: [] for item in ITEMS}
    for number, period in enumerate(PERIODS):
        week = week_of(number, seed)
        chosen = choose(number, carried.history(period), f"{seed} {period.name}")
        found.append(figures_of(week, chosen))
        carried.take(week, chosen)
        for at, item in enumerate(ITEMS):
            seen = chosen.random & week.found[:, at]
            looks[item.id] += week.fault[seen, at].tolist()
    return DrawnSeason(weeks=tuple(found), earned={k: proved(v) for k, v in looks.items()})


def covered(weeks: Sequence[WeekFigures], name: str) -> float:
    """The share of weeks in which the interval of "score" or "reference" holds the truth."""
    return float(np.mean([_holds(getattr(w, name), w.truth) for w in weeks]))


def _holds(mean: TwoPhaseMean, truth: float) -> bool:
    assert mean.low is not None and mean.high is not None
    return mean.low <= truth <= mean.high


def off_by(errors: Sequence[float]) -> float:
    """The mean of errors (points) in standard errors of it."""
    made = np.array(errors)
    return float(made.mean() / (made.std(ddof=1) / len(made) ** 0.5))
