"""How many calls of each agent are to be listened to in a period: a month's quota, in weeks.

Every agent is owed the same number of randomly drawn calls a calendar month
(`[review] calls_an_agent_a_month`). What is left of it is shared out over the month's periods that
are left (a week counts in the month of its Thursday), so that what could not be listened to –
leave, illness, too little time – is carried over within the month, and the last one is owed all of
it. Parts of a call are rounded by the draw, in the mean to exactly what is owed. A quarter of the
even pace is owed where the month is full already: no call is out of reach.
"""

from __future__ import annotations

import calendar
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from qc_pipeline.call_table import CallTable
from qc_pipeline.sampling.history import History
from qc_pipeline.sampling.period import Period
from qc_pipeline.sampling.plan import SamplingPlan
from qc_pipeline.sampling.risk_conditions import tenure_days

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

LEAST_PACE = 0.25
MONTH_DAYS = 365.2425 / 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Quotas:
    """By agent: `owed` calls of the random part (float64 ≥ 0, parts of a call are owed too),
    `extra` ones beside them (int64) for new agents and those who did badly.
    """

    owed: Array
    extra: Array

    def calls(self) -> Array:
        """Drawn calls that an agent needs so that all of these can be listened to (int64)."""
        import numpy as np

        whole: Array = np.ceil(self.owed - 1e-9).astype(np.int64) + self.extra
        return whole


def month_of(period: Period) -> tuple[int, int] | None:
    """(year, month) that a period counts in: its middle day's; None for more than a month."""
    if period.days > 31:
        return None
    middle = _middle(period)
    return middle.year, middle.month


def _middle(period: Period) -> date:
    return period.start + timedelta(days=(period.days - 1) // 2)


def owed_calls(period: Period, a_month: int, heard: float) -> float:
    """Calls that a period owes an agent of whom `heard` were listened to earlier in its month."""
    month = month_of(period)
    if month is None:
        return a_month * period.days / MONTH_DAYS
    days = calendar.monthrange(*month)[1]
    last = date(*month, days)
    left = 1 + (last - _middle(period)).days // period.days
    pace = a_month * min(1.0, period.days / days)
    return max(max(a_month - heard, 0) / left, LEAST_PACE * pace)


def quotas_of(
    names: Sequence[str],
    agent: Array,
    calls: CallTable,
    plan: SamplingPlan,
    history: History,
    period: Period,
) -> Quotas:
    """The quotas of agents `names`; `agent` has the place in it of every one of `calls`.

    Calls whose agent nobody knows ("") are owed nothing.
    """
    import numpy as np

    rules, a_month = plan.relisten, plan.listening.calls_an_agent_a_month
    fresh = np.zeros(len(names), dtype=bool)
    tenure = tenure_days(calls)
    fresh[agent[~np.isnan(tenure) & (tenure < rules.new_agent_days)]] = True
    means = [history.agent_means.get(n) for n in names]
    failed = np.array([m is not None and m < rules.pass_mark for m in means], dtype=bool)
    known = np.array([n != "" for n in names], dtype=bool)
    if a_month is None:
        owed = np.full(len(names), float(rules.agent_min))
    else:
        heard: Mapping[str, float] = history.heard
        owed = np.array([owed_calls(period, a_month, heard.get(n, 0)) for n in names])
    # A part of a call that is owed may come to none.
    least = np.floor(owed + 1e-9).astype(np.int64)
    extra = np.where(fresh, np.maximum(rules.new_agent_min - least, 0), 0)
    extra = extra + np.where(failed, rules.after_fail, 0)
    return Quotas(owed=np.where(known, owed, 0.0), extra=np.where(known, extra, 0))
