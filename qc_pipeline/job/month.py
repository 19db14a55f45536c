"""A calendar month out of the record: its periods with their stages, personal listened scores.

A month is the sum of its final (定稿) periods: of a published or a draft one nothing counts, and it
is named as missing. A period of its own that spans the whole month is none of its parts.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from qc_pipeline.call_table import CallTable
from qc_pipeline.errors import UsageError
from qc_pipeline.job.past_periods import told_periods
from qc_pipeline.report.inputs import PastCall, PastPeriod
from qc_pipeline.report.model import Personal
from qc_pipeline.report.stats import mean
from qc_pipeline.sampling.period import Period
from qc_pipeline.sampling.quota import month_of
from qc_pipeline.store.samples import drawn_periods
from qc_pipeline.store.transaction import Reads
from qc_pipeline.system.files import csv_text, write_text

MONTH_FORMAT = "qc-month/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthPart:
    """A drawn period of the month; `listened` calls make its listened score `mean`, or None."""

    name: str
    start: date
    end: date
    state: str
    version: int | None
    listened: int
    mean: float | None

    @property
    def counts(self) -> bool:
        return self.state == "final"


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentMonth:
    """An agent's listened calls in the final periods, and their mean: None under `least` calls."""

    agent_id: str
    team: str
    listened: int
    mean: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """`name` as in 2026-11; agents in order of team and number; `least` calls make a mean.
    `not_drawn` are the calendar weeks that count in the month and of which no day was drawn.
    """

    name: str
    not_drawn: tuple[str, ...]
    parts: tuple[MonthPart, ...]
    agents: tuple[AgentMonth, ...]
    least: int


def month_of_parts(record: Reads, calls: CallTable, period: Period, *, least: int) -> Month:
    """The month that a period counts in. Raises UsageError where none of its parts is drawn."""
    month = month_of(period)
    name = period.name if month is None else f"{month[0]}-{month[1]:02d}"
    found = [] if month is None else [p for p in drawn_periods(record) if _is_part(p, month)]
    if not found:
        raise UsageError(f"no week of {name} is drawn yet; `qc run` draws and scores one")
    parts = told_periods(record, found, calls)
    return Month(
        name=name,
        not_drawn=() if month is None else _not_drawn(month, parts),
        parts=tuple(_part(p) for p in parts),
        agents=_agents(parts, least),
        least=least,
    )


def write_month(month: Month, folder: Path) -> int:
    """Write month.json and month.csv under `folder`; returns how many files."""
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(_body(month), ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    write_text(folder / "month.json", text)
    rows = [
        (a.agent_id, a.team, a.listened, "" if a.mean is None else f"{a.mean:.2f}")
        for a in month.agents
    ]
    head = ("agent_id", "team", "listened_calls", "listened_mean")
    write_text(folder / "month.csv", csv_text(head, rows))
    return 2


def _body(month: Month) -> Mapping[str, Any]:
    return {
        "format": MONTH_FORMAT,
        "month": month.name,
        "least_calls": month.least,
        "periods": [
            {
                "period": p.name,
                "start": p.start.isoformat(),
                "end": p.end.isoformat(),
                "state": p.state,
                "version": p.version,
                "counts": p.counts,
                "listened_calls": p.listened,
                "listened_mean": None if p.mean is None else round(p.mean, 6),
            }
            for p in month.parts
        ],
        "missing": [p.name for p in month.parts if not p.counts],
        "not_drawn": list(month.not_drawn),
        "agents": [
            {
                "agent_id": a.agent_id,
                "team": a.team,
                "listened_calls": a.listened,
                "listened_mean": None if a.mean is None else round(a.mean, 6),
            }
            for a in month.agents
        ],
    }


def _is_part(drawn: tuple[str, date, date], month: tuple[int, int]) -> bool:
    name, start, end = drawn
    period = Period(name=name, start=start, end=end)
    whole = start.day == 1 and (end.month, end.year) == (start.month, start.year)
    return month_of(period) == month and not (whole and period.days >= 28)


def _not_drawn(month: tuple[int, int], parts: tuple[PastPeriod, ...]) -> tuple[str, ...]:
    """ISO weeks of a month that no drawn period meets."""
    first = date(*month, 1)
    monday = first - timedelta(days=first.weekday())
    found = []
    for start in (monday + timedelta(weeks=n) for n in range(6)):
        end = start + timedelta(days=6)
        year, week, _ = start.isocalendar()
        name = f"{year}-W{week:02d}"
        if month_of(Period(name=name, start=start, end=end)) == month and not any(
            p.start <= end and start <= p.end for p in parts
        ):
            found.append(name)
    return tuple(found)


def _part(period: PastPeriod) -> MonthPart:
    own = [c for c in period.calls if c.counts and c.listened and c.listened_weight > 0]
    return MonthPart(
        name=period.name,
        start=period.start,
        end=period.end,
        state=period.state,
        version=period.version,
        listened=len(own),
        mean=mean([c.total or 0.0 for c in own], [c.listened_weight for c in own]),
    )


def _agents(parts: tuple[PastPeriod, ...], least: int) -> tuple[AgentMonth, ...]:
    """A call that several periods drew counts once, as the first of them has it."""
    calls: dict[str, PastCall] = {}
    for period in parts:
        if period.state == "final":
            for call in period.calls:
                calls.setdefault(call.recording_id, call)
    own: dict[str, list[PastCall]] = {}
    for call in calls.values():
        if call.agent_id and call.counts and call.total is not None:
            own.setdefault(call.agent_id, []).append(call)
    made = []
    for agent_id, found in own.items():
        personal = Personal.of(
            (c.total or 0.0, c.listened and c.personal, c.probability) for c in found
        )
        enough = len(personal.totals) >= least
        made.append(
            AgentMonth(
                agent_id=agent_id,
                team=max(found, key=lambda c: (c.day, c.recording_id)).team,
                listened=len(personal.totals),
                mean=personal.mean if enough else None,
            )
        )
    return tuple(sorted(made, key=lambda a: (a.team, a.agent_id)))
