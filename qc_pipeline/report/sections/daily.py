"""3.2 本期录音日平均监控得分情况: means by day and by week, with limits and marked signals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from qc_pipeline.report import formats, stats
from qc_pipeline.report.blocks import (
    Block,
    Cell,
    Column,
    LineChart,
    Point,
    SectionView,
    Sentence,
    TableBlock,
)
from qc_pipeline.report.inputs import PastCall
from qc_pipeline.report.model import Call, ReportModel
from qc_pipeline.report.sections import periods
from qc_pipeline.report.sections.machine_reference import machine_note
from qc_pipeline.report.spans import Span

BASE_DAYS = 28
"""Days whose means make the control limits: the four weeks that end with this period."""


def build(model: ReportModel) -> tuple[SectionView, ...]:
    if not model.audience.sees_groups:
        return ()
    t = model.words
    blocks: list[Block] = [machine_note(model)]
    weeks = _weeks(model)
    if model.health.shown:
        days = _days(model)
        blocks += [
            Sentence(text=_meaning(model, days)),
            _day_chart(model, days),
            _day_table(model, days),
        ]
    elif weeks:
        # The former periods stand; of this one no figure is given.
        weeks = [*weeks[:-1], replace(weeks[-1], totals=(), weights=(), passes=())]
    if len(weeks) > 1:
        blocks += periods.blocks(model, weeks)
    return (SectionView(id="daily", heading=t("daily_heading"), level=3, blocks=tuple(blocks)),)


def _days(model: ReportModel) -> list[Span]:
    period, language = model.inputs.period, model.words.language
    length = (period.end - period.start).days + 1
    spans: list[Span] = []
    for i in range(length):
        day = period.start + timedelta(days=i)
        label = f"{formats.day(day, language)} {formats.weekday(day, language)}"
        spans.append(_span(label, day, [c for c in model.counted if c.day == day]))
    return spans


def _day_limits(model: ReportModel, days: Sequence[Span]) -> tuple[stats.Limits | None, int]:
    """Limits over the days with calls among the last 28, and how many of them lie before."""
    first = model.inputs.period.end - timedelta(days=BASE_DAYS - 1)
    before: dict[date, list[PastCall]] = {}
    for past in model.inputs.past:
        for call in past.calls:
            inside = first <= call.day < model.inputs.period.start
            if call.counts and call.total is not None and inside:
                before.setdefault(call.day, []).append(call)
    values = [m for d in sorted(before) if (m := _past_span("", d, before[d]).mean) is not None]
    earlier = len(values)
    values += [s.mean for s in days if s.mean is not None]
    return stats.xmr(values, floor=0.0, ceiling=100.0), earlier


def _day_chart(model: ReportModel, days: Sequence[Span]) -> LineChart:
    t = model.words
    limits, earlier = _day_limits(model, days)
    signals: set[date] = set()
    if limits is not None:
        shown = [s for s in days if s.mean is not None]
        signals = {s.first for i, s in enumerate(shown) if earlier + i in limits.signals}
    return LineChart(
        id="daily-chart",
        title=t("daily_chart"),
        text=t("daily_chart_text")
        if limits is None
        else t(
            "daily_chart_limits",
            low=formats.score(limits.lower[0]),
            high=formats.score(limits.upper[0]),
        ),
        points=tuple(
            Point(
                label=formats.short_day(s.first, t.language),
                value=s.mean,
                note=t("calls_n", n=len(s.totals)),
                signal=s.first in signals,
            )
            for s in days
        ),
        unit=t("unit_points"),
        centre=None if limits is None else limits.centre,
        lower=() if limits is None else (limits.lower[0],) * len(days),
        upper=() if limits is None else (limits.upper[0],) * len(days),
    )


def _day_table(model: ReportModel, days: Sequence[Span]) -> TableBlock:
    t = model.words
    whole = _span(t("whole_period"), model.inputs.period.start, model.counted)
    rows: list[tuple[Cell, ...]] = [
        (s.label, len(s.totals), s.mean, s.pass_share, min(s.totals, default=None))
        for s in (*days, whole)
    ]
    return TableBlock(
        id="daily",
        title=t("daily_title"),
        columns=(
            Column(key="day", label=t("col_day")),
            Column(key="calls", label=t("col_counted"), kind="int"),
            Column(key="mean", label=t("col_sample_mean"), kind="score"),
            Column(key="passed", label=t("col_machine_pass"), kind="percent"),
            Column(key="lowest", label=t("col_lowest"), kind="score"),
        ),
        rows=tuple(rows[:-1]),
        total=rows[-1],
    )


def _meaning(model: ReportModel, days: Sequence[Span]) -> str:
    t = model.words
    with_mean = [(s.mean, s.label, len(s.totals)) for s in days if s.mean is not None]
    if len(with_mean) < 2:
        return t("daily_few")
    low, high = min(with_mean), max(with_mean)
    text = t(
        "daily_sentence",
        high_day=high[1],
        high=formats.score(high[0]),
        low_day=low[1],
        low=formats.score(low[0]),
        n=low[2],
    )
    limits, earlier = _day_limits(model, days)
    if limits is None:
        return text + t.gap + t("daily_no_limits")
    found = [i for i in limits.signals if i >= earlier]
    key = "daily_signal" if found else "daily_no_signal"
    return text + t.gap + t(key)


def _weeks(model: ReportModel) -> list[Span]:
    spans = [
        _past_span(past.name, past.start, [c for c in past.calls if c.counts])
        for past in model.inputs.past
    ]
    period = model.inputs.period
    spans.append(_span(period.name, period.start, model.counted))
    return [s for s in spans if s.totals]


def _span(label: str, first: date, calls: Sequence[Call]) -> Span:
    """Of counted calls, which all have a total."""
    return Span(
        label=label,
        first=first,
        totals=tuple(c.total or 0.0 for c in calls),
        weights=tuple(c.weight for c in calls),
        passes=tuple(bool(c.card and c.card.passed) for c in calls),
    )


def _past_span(label: str, first: date, calls: Sequence[PastCall]) -> Span:
    """Of calls that count, which all have a total."""
    return Span(
        label=label,
        first=first,
        totals=tuple(c.total or 0.0 for c in calls),
        weights=tuple(c.weight for c in calls),
        passes=tuple(bool(c.passed) for c in calls),
    )
