"""One agent's page: trend, strong and weak criteria, the calls; nothing about anybody else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from qc_pipeline.report import formats
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
from qc_pipeline.report.counts import count
from qc_pipeline.report.inputs import PastPeriod
from qc_pipeline.report.model import (
    Call,
    Personal,
    ReportModel,
    agent_key,
    agent_label,
)
from qc_pipeline.report.sections.agents import agents_shown, composed_table, personal_mean
from qc_pipeline.report.sections.periods import period_labels
from qc_pipeline.report.words.not_judged import band_or_why_none
from qc_pipeline.report.words.stage import month_rests_on
from qc_pipeline.report.words.translate import Translator

LISTED = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentPage:
    key: str
    title: str
    subtitle: str
    sections: tuple[SectionView, ...]


def agent_pages(model: ReportModel) -> tuple[AgentPage, ...]:
    if not model.audience.names_agents:
        return ()
    return tuple(agent_page(model, a, calls) for a, calls in agents_shown(model))


def agent_page(model: ReportModel, agent_id: str, calls: Sequence[Call]) -> AgentPage:
    t = model.words
    return AgentPage(
        key=agent_key(agent_id),
        title=t("agent_page", agent=agent_label(calls[0].recording)),
        subtitle=f"{calls[0].team} · {model.inputs.period.name}",
        sections=agent_sections(model, agent_id, calls),
    )


def agent_sections(
    model: ReportModel, agent_id: str, calls: Sequence[Call]
) -> tuple[SectionView, ...]:
    t = model.words
    counted = [c for c in calls if c.counted]
    own = model.personal(calls)
    mean, month = personal_mean(model, own), model.month.get(agent_id, Personal())
    if isinstance(mean, str):
        text = t(
            "agent_too_few",
            n=len(counted),
            heard=len(own.totals),
            least=model.inputs.options.agent_least_calls,
            month=len(month.totals),
        )
    else:
        text = t(
            "agent_sentence_heard",
            n=len(counted),
            heard=len(own.totals),
            mean=formats.score(mean),
        ) + (t.gap + t("agent_weighted") if own.weighted else "")
    blocks: list[Block] = [Sentence(text=text, tone="lead")]
    rolling = personal_mean(model, month)
    if not isinstance(rolling, str):
        blocks.append(
            Sentence(
                text=t(
                    "agent_month_heard",
                    n=len(month.totals),
                    mean=formats.score(rolling),
                )
                + t.gap
                + month_rests_on(model.inputs, t)
            )
        )
    elsewhere = [
        f"{c.recording_id} {r.title}" for c in model.calls for r in c.results if r.agent == agent_id
    ]
    if elsewhere:
        items = t.listed(elsewhere)
        blocks.append(Sentence(text=t("agent_elsewhere", n=len(elsewhere), items=items)))
    blocks += _trend(model, agent_id, counted)
    # Nothing that is counted against a named agent rests on a machine alone.
    heard = [c for c in counted if c.listened]
    weak, strong = _criteria(model, heard)
    blocks += [weak, strong] if heard else []
    composed = composed_table(model, [(agent_id, list(calls))], sheet=False)
    if composed is not None:
        blocks.append(composed)
    return (
        SectionView(
            id="agent-overview",
            heading=t("agent_overview"),
            level=2,
            blocks=tuple(blocks),
        ),
        SectionView(
            id="agent-calls",
            heading=t("agent_calls"),
            level=2,
            blocks=(
                Sentence(
                    text=t(
                        "agent_calls_sentence",
                        n=len(calls),
                        heard=sum(c.listened for c in calls),
                        failed=sum(any(r.lost > 0 for r in c.results) for c in calls if c.listened),
                    )
                ),
                _calls(model, calls),
            ),
        ),
    )


def _trend(model: ReportModel, agent_id: str, counted: Sequence[Call]) -> list[Block]:
    """Means by period, only of periods in which there are enough calls for one."""
    t = model.words
    spans = [_past(p, agent_id) for p in model.inputs.past]
    spans.append(model.personal(counted))
    names = [*(p.name for p in model.inputs.past), model.inputs.period.name]
    points: list[Point] = []
    for label, own in zip(period_labels(names), spans, strict=True):
        mean = personal_mean(model, own)
        points.append(
            Point(
                label=label,
                value=None if isinstance(mean, str) else mean,
                note=t("calls_n", n=len(own.totals)),
            )
        )
    if sum(p.value is not None for p in points) < 2:
        return []
    return [
        LineChart(
            id="agent-trend",
            title=t("agent_trend"),
            text=t("weeks_text", n=len(points)),
            points=tuple(points),
            unit=t("unit_points"),
        ),
        TableBlock(
            id="agent-periods",
            title=t("agent_trend"),
            columns=(
                Column(key="period", label=t("col_period")),
                Column(key="calls", label=t("col_counted"), kind="int"),
                Column(key="mean", label=t("col_mean"), kind="score"),
            ),
            rows=tuple(
                (name, len(own.totals), point.value)
                for name, own, point in zip(names, spans, points, strict=True)
            ),
            sheet=False,
            folded=True,
        ),
    ]


def _past(period: PastPeriod, agent_id: str) -> Personal:
    made = (
        (c.total, c.listened and c.personal, c.probability)
        for c in period.calls
        if c.agent_id == agent_id and c.counts and c.total is not None
    )
    return Personal.of(made)


def _criteria(model: ReportModel, counted: Sequence[Call]) -> tuple[TableBlock, TableBlock]:
    t = model.words
    counts = count(counted)
    weak = sorted(
        (c for c in counts if counts[c].failed),
        key=lambda c: (-counts[c].lost, -counts[c].failed, c),
    )[:LISTED]
    strong = sorted(
        (c for c in counts if counts[c].judged and not counts[c].failed),
        key=lambda c: (-counts[c].judged, c),
    )[:LISTED]

    def table(name: str, title: str, order: Sequence[str]) -> TableBlock:
        rows: list[tuple[Cell, ...]] = [
            (model.title(c), counts[c].judged, counts[c].failed, counts[c].lost) for c in order
        ]
        return TableBlock(
            id=name,
            title=title,
            columns=(
                Column(key="title", label=t("col_criterion")),
                Column(key="judged", label=t("col_checked"), kind="int"),
                Column(key="failed", label=t("col_failed_calls"), kind="int"),
                Column(key="lost", label=t("col_points_lost"), kind="points"),
            ),
            rows=tuple(rows),
            sheet=False,
        )

    return (
        table("agent-weak", t("agent_weak"), weak),
        table("agent-strong", t("agent_strong"), strong),
    )


def _standing(call: Call, t: Translator) -> str:
    """The band of a call that a person listened to; else what its total rests on, or why none."""
    if call.total is not None and not call.listened:
        return t("not_listened_tag")
    return band_or_why_none(call, t)


def _calls(model: ReportModel, calls: Sequence[Call]) -> TableBlock:
    t = model.words
    ordered = sorted(calls, key=lambda c: (c.recording.start_time.isoformat(), c.recording_id))
    rows: list[tuple[Cell, ...]] = []
    for call in ordered:
        failed = [r.title for r in call.results if r.verdict == "fail" and not r.trial]
        rows.append(
            (
                formats.moment(call.recording.start_time),
                call.business,
                call.total,
                _standing(call, t),
                t.listed(failed[:4]),
            )
        )
    return TableBlock(
        id="agent-calls-table",
        title=t("agent_calls"),
        columns=(
            Column(key="time", label=t("col_call")),
            Column(key="business", label=t("col_business")),
            Column(key="total", label=t("col_total"), kind="score"),
            Column(key="band", label=t("col_band_or_basis")),
            Column(key="problems", label=t("col_problems")),
        ),
        rows=tuple(rows),
        links=tuple(c.page for c in ordered),
        sheet=False,
    )
