"""The service figures of REQUIREMENTS 4, from the call list and the daily traffic table. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from qc_pipeline.call import FieldValue, Recording
from qc_pipeline.call_fields import DISSATISFIED
from qc_pipeline.intake.tables import TrafficRow
from qc_pipeline.report import formats, stats
from qc_pipeline.report.inputs import ReportInputs

CONTENT = ("满意", "非常满意", "很满意", "satisfied", "very satisfied")
RATED = frozenset({*CONTENT, "一般", "neutral"}) | DISSATISFIED
YES = ("true", "yes", "是", "已解决", "1")
NO = ("false", "no", "否", "未解决", "0")


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceFigure:
    """One service figure; `value` None: nothing to divide by; `good` None: no target or value.
    `target` is written with its sign, seconds without their unit."""

    key: str
    value: float | None
    base: int
    target: str
    good: bool | None
    percent: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """What is counted of calls offered: each share has its own whole, since a table may know how
    many were answered and not how fast; times are (sum in seconds, calls)."""

    offered: int = 0
    answered: int = 0
    timed: int = 0
    in_time: int = 0
    queue: tuple[float, int] = (0.0, 0)
    after_call: tuple[float, int] = (0.0, 0)


def figures(
    inputs: ReportInputs,
    rows: Sequence[Recording],
    traffic: Sequence[TrafficRow],
    *,
    by_month: bool = False,
) -> tuple[ServiceFigure, ...]:
    """All figures over rows of the call list and of the traffic table.

    With `by_month` the target of the answer rate belongs to the month's figure and not to these.
    """
    target = inputs.targets
    counts = counted(rows, traffic, within_s=target.service_level_s)
    resolved = _yes_no(r.get("resolved") for r in rows)
    rated = [s for r in rows if (s := (r.text("satisfaction") or "").lower()) in RATED]
    handled = [r.duration_s for r in rows if r.answered and r.duration_s is not None]
    ontime = [
        o.answered_on <= o.due
        for o in inputs.objections
        if o.answered_on is not None and o.due is not None
    ]
    closed = [f.in_time for f in inputs.follow_ups if f.in_time is not None]
    answer_target = None if by_month else target.answer_rate
    return (
        share_of("answer_rate", counts.answered, counts.offered, answer_target),
        share_of("service_level", counts.in_time, counts.timed, target.service_level),
        share_of("resolution", sum(resolved), len(resolved), target.first_call_resolution),
        share_of("satisfaction", sum(s in CONTENT for s in rated), len(rated), target.satisfaction),
        _mean("after_call", *counts.after_call, target.after_call_s_min, target.after_call_s_max),
        _mean("handling", sum(handled), len(handled), None, target.handling_s),
        _mean("queue", *counts.queue, None, target.queue_s),
        share_of("objections", sum(ontime), len(ontime), None),
        share_of("follow_ups", sum(closed), len(closed), None),
    )


def counted(rows: Sequence[Recording], traffic: Sequence[TrafficRow], *, within_s: float) -> Counts:
    """The traffic table's figures where it has them, else the list's.

    Of the list, offered and answered are known only if it has unanswered rows: recordings alone
    say nothing about calls that were given up. Where it gives no waits there is no service level;
    a call of unknown wait was not answered in time.
    """
    listed = _of_list(rows, within_s)
    table = _of_table(traffic)
    return Counts(
        offered=table.offered or listed.offered,
        answered=table.answered if table.offered else listed.answered,
        timed=table.timed or listed.timed,
        in_time=table.in_time if table.timed else listed.in_time,
        queue=table.queue if table.queue[1] else listed.queue,
        after_call=table.after_call if table.after_call[1] else listed.after_call,
    )


def _of_list(rows: Sequence[Recording], within_s: float) -> Counts:
    waits = [(r.answered, q) for r in rows if (q := _number(r.get("queue_s"))) is not None]
    waited = [q for answered, q in waits if answered]
    after = [n for r in rows if (n := _number(r.get("acw_s"))) is not None]
    lost = sum(not r.answered for r in rows)
    return Counts(
        offered=len(rows) if lost else 0,
        answered=sum(r.answered for r in rows) if lost else 0,
        timed=len(rows) if lost and waits else 0,
        in_time=sum(q <= within_s for q in waited) if lost else 0,
        queue=(sum(waited), len(waited)),
        after_call=(sum(after), len(after)),
    )


def _of_table(traffic: Sequence[TrafficRow]) -> Counts:
    known = [r for r in traffic if r.offered is not None and r.answered is not None]
    timed = [r for r in known if r.answered_in_time is not None]
    queued = [r for r in known if r.queue_s is not None]
    after = [r for r in known if r.after_call_s is not None]
    return Counts(
        offered=sum(r.offered or 0 for r in known),
        answered=sum(r.answered or 0 for r in known),
        timed=sum(r.offered or 0 for r in timed),
        in_time=sum(r.answered_in_time or 0 for r in timed),
        queue=(sum(r.queue_s or 0.0 for r in queued), sum(r.answered or 0 for r in queued)),
        after_call=(sum(r.after_call_s or 0.0 for r in after), sum(r.answered or 0 for r in after)),
    )


def share_of(key: str, part: int, whole: int, target: float | None) -> ServiceFigure:
    value = stats.share(part, whole)
    return ServiceFigure(
        key=key,
        value=value,
        base=whole,
        target="" if target is None else f"≥ {formats.percent(target, 0)}",
        good=None if value is None or target is None else value >= target,
        percent=True,
    )


def _mean(
    key: str, total: float, calls: int, low: float | None, high: float | None
) -> ServiceFigure:
    value = total / calls if calls else None
    text = ""
    if low is not None and high is not None:
        text = f"{formats.points(low)}–{formats.points(high)}"
    elif high is not None:
        text = f"≤ {formats.points(high)}"
    good = None
    if value is not None and high is not None:
        good = value <= high and (low is None or value >= low)
    return ServiceFigure(key=key, value=value, base=calls, target=text, good=good, percent=False)


def _number(value: FieldValue | None) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _yes_no(values: Iterable[FieldValue | None]) -> list[bool]:
    found: list[bool] = []
    for value in values:
        text = str(value).strip().lower()
        if value is not None and text in (*YES, *NO):
            found.append(text in YES)
    return found
