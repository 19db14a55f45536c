"""附二、服务指标: the service figures of REQUIREMENTS 4 against their targets, and day by day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from qc_pipeline.call import Recording
from qc_pipeline.intake.tables import TrafficRow
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
    without,
)
from qc_pipeline.report.model import ReportModel, natural_key
from qc_pipeline.report.service_figures import ServiceFigure, counted, figures, share_of

BY_TEAM = (
    "answer_rate",
    "service_level",
    "resolution",
    "satisfaction",
    "after_call",
    "handling",
    "queue",
)


def build(model: ReportModel) -> tuple[SectionView, ...]:
    if not model.audience.sees_groups:
        return ()
    t, inputs = model.words, model.inputs
    rows = [r for r in inputs.listed if not r.mystery]
    traffic = [r for r in inputs.traffic if inputs.period.start <= r.day <= inputs.period.end]
    month = _month(model)
    found = [*figures(inputs, rows, traffic, by_month=bool(month))]
    found[1:1] = month
    blocks: list[Block] = [Sentence(text=_meaning(model, found)), _table(model, found)]
    if traffic:
        blocks += _daily(model, traffic)
    teams = sorted(
        {r.text("team") or t("no_team") for r in rows} | {r.team for r in traffic if r.team},
        key=natural_key,
    )
    if len(teams) > 1:
        blocks.append(_by_team(model, rows, traffic, teams))
    return (
        SectionView(
            id="service-figures",
            heading=t("service_heading"),
            level=2,
            blocks=tuple(blocks),
            short=t("nav_service"),
        ),
    )


def _month(model: ReportModel) -> list[ServiceFigure]:
    """The answer rate of the month so far, which its target is meant for; nothing where the
    traffic table has no day of the month outside the period."""
    inputs = model.inputs
    first = inputs.period.end.replace(day=1)
    days = [r for r in inputs.traffic if first <= r.day <= inputs.period.end]
    if not any(r.day < inputs.period.start for r in days):
        return []
    counts = counted((), days, within_s=inputs.targets.service_level_s)
    return [
        share_of("answer_rate_month", counts.answered, counts.offered, inputs.targets.answer_rate)
    ]


def _label(model: ReportModel, figure: ServiceFigure) -> str:
    inputs = model.inputs
    return model.words(
        f"service.{figure.key}",
        n=formats.points(inputs.targets.service_level_s),
        day=formats.day(inputs.period.end, model.words.language),
    )


def _meaning(model: ReportModel, found: Sequence[ServiceFigure]) -> str:
    t = model.words
    measured = [f for f in found if f.value is not None]
    missed = [
        t(
            "service_missed_one",
            title=_label(model, f),
            value=_written(model, f.value, percent=f.percent),
            target=_target(model, f),
        )
        for f in measured
        if f.good is False
    ]
    if not measured:
        return t("service_none")
    if missed:
        return t("service_missed", titles=t("sentence_joint").join(missed))
    met = sum(f.good is True for f in measured)
    return t("service_met", n=met) if met else t("service_no_target")


def _table(model: ReportModel, found: Sequence[ServiceFigure]) -> TableBlock:
    t = model.words
    return TableBlock(
        id="service",
        title=t("service_title"),
        columns=(
            Column(key="figure", label=t("col_figure")),
            Column(key="value", label=t("col_value"), kind="right"),
            Column(key="target", label=t("col_target"), kind="right"),
            Column(key="met", label=t("col_met")),
            Column(key="base", label=t("col_base"), kind="int"),
        ),
        rows=tuple(
            (
                _label(model, f),
                _written(model, f.value, percent=f.percent),
                _target(model, f) or "–",
                "–" if f.good is None else t("target_met" if f.good else "target_missed"),
                f.base,
            )
            for f in found
        ),
        note=t("service_note"),
    )


def _written(model: ReportModel, value: float | None, *, percent: bool) -> str:
    if value is None:
        return formats.NOT_AVAILABLE
    if percent:
        return formats.percent(value)
    return model.words("n_seconds", n=formats.seconds(value))


def _target(model: ReportModel, figure: ServiceFigure) -> str:
    if figure.percent or not figure.target:
        return figure.target
    return model.words("n_seconds", n=figure.target)


def _daily(model: ReportModel, traffic: Sequence[TrafficRow]) -> list[Block]:
    """The answer rate day by day against its target, and the table it stands in."""
    t, inputs = model.words, model.inputs
    within, target = inputs.targets.service_level_s, inputs.targets.answer_rate
    days: dict[date, list[TrafficRow]] = {}
    for row in traffic:
        days.setdefault(row.day, []).append(row)
    points: list[Point] = []
    rows: list[tuple[Cell, ...]] = []
    for day in sorted(days):
        counts = counted((), days[day], within_s=within)
        rate = stats.share(counts.answered, counts.offered)
        points.append(
            Point(
                label=formats.short_day(day, t.language),
                value=rate,
                note=t("calls_n", n=counts.offered),
            )
        )
        rows.append(
            (
                f"{formats.day(day, t.language)} {formats.weekday(day, t.language)}",
                counts.offered,
                counts.answered,
                rate,
                stats.share(counts.in_time, counts.timed),
                counts.queue[0] / counts.queue[1] if counts.queue[1] else None,
                counts.after_call[0] / counts.after_call[1] if counts.after_call[1] else None,
            )
        )
    columns = (
        Column(key="day", label=t("col_day")),
        Column(key="offered", label=t("col_offered"), kind="int"),
        Column(key="answered", label=t("col_answered"), kind="int"),
        Column(key="answer_rate", label=t("service.answer_rate"), kind="percent"),
        Column(
            key="service_level",
            label=t("service.service_level", n=formats.points(within)),
            kind="percent",
        ),
        Column(key="queue", label=t("col_queue_s"), kind="seconds"),
        Column(key="after_call", label=t("col_after_call_s"), kind="seconds"),
    )
    table = TableBlock(id="traffic", title=t("traffic_title"), columns=columns, rows=tuple(rows))
    empty = {c.key for i, c in enumerate(columns) if all(r[i] is None for r in rows)}
    blocks: list[Block] = []
    if len(points) > 1:
        blocks.append(
            LineChart(
                id="traffic-chart",
                title=t("traffic_chart"),
                text=t("traffic_text")
                if target is None
                else t("traffic_text_target", target=formats.percent(target, 0)),
                points=tuple(points),
                unit="%",
                percent=True,
                target=target,
            )
        )
    return [*blocks, without(table, empty)]


def _by_team(
    model: ReportModel,
    rows: Sequence[Recording],
    traffic: Sequence[TrafficRow],
    teams: Sequence[str],
) -> TableBlock:
    t = model.words
    within = formats.points(model.inputs.targets.service_level_s)
    lines: list[tuple[Cell, ...]] = []
    for team in teams:
        own = [r for r in rows if (r.text("team") or t("no_team")) == team]
        days = [r for r in traffic if r.team == team]
        found = {f.key: f for f in figures(model.inputs, own, days)}
        lines.append((team, len(own), *(found[k].value for k in BY_TEAM)))
    seconds = {
        "after_call": "col_after_call_s",
        "handling": "col_handling_s",
        "queue": "col_queue_s",
    }
    return TableBlock(
        id="service-teams",
        title=t("service_teams_title"),
        columns=(
            Column(key="team", label=t("col_team")),
            Column(key="calls", label=t("col_rows"), kind="int"),
            *(
                Column(
                    key=key,
                    label=t(seconds.get(key, f"service.{key}"), n=within),
                    kind="seconds" if key in seconds else "percent",
                )
                for key in BY_TEAM
            ),
        ),
        rows=tuple(lines),
        note=t("service_teams_note"),
    )
