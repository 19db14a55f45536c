"""3.4 本期录音监控集中扣分项分析: where points are lost, by group, against the last period."""

from __future__ import annotations

from qc_pipeline.report import formats, stats
from qc_pipeline.report.blocks import (
    Block,
    Cell,
    Column,
    SectionView,
    Sentence,
    TableBlock,
    without,
)
from qc_pipeline.report.counts import Count
from qc_pipeline.report.deduction_marks import standing
from qc_pipeline.report.model import ReportModel
from qc_pipeline.report.quotes import heard_words, span
from qc_pipeline.report.sections import heat, pareto, weights
from qc_pipeline.report.sections.machine_reference import weighted_note
from qc_pipeline.scoring.evidence.finding import Verdict

DRILL_ROWS = 300
DRILL_CHARS = 40
SIGNIFICANT = 0.05


def build(model: ReportModel) -> tuple[SectionView, ...]:
    if not model.audience.sees_groups:
        return ()
    t = model.words
    order = ranked(model)
    blocks: list[Block] = [*weighted_note(model), Sentence(text=_meaning(model, order))]
    if order:
        blocks += [*pareto.charts(model, order), _table(model, order)]
        if len(model.teams) > 1:
            blocks += heat.blocks(model, order)
        blocks.append(_drill(model, order))
    blocks += weights.blocks(model)
    return (
        SectionView(
            id="deductions", heading=t("deductions_heading"), level=3, blocks=tuple(blocks)
        ),
    )


def ranked(model: ReportModel) -> list[str]:
    """Criteria that failed somewhere, by points lost, then by calls."""
    counts = model.counts
    return sorted(
        (c for c in counts if counts[c].failed),
        key=lambda c: (-round(counts[c].lost, 6), -counts[c].failed, c),
    )


def _table(model: ReportModel, order: list[str]) -> TableBlock:
    t, counts = model.words, model.counts
    total = sum(counts[c].lost for c in order)
    verdicts = _changes(model, order)
    rows: list[tuple[Cell, ...]] = []
    running = 0.0
    for criterion in order:
        entry = counts[criterion]
        running += entry.lost
        before = model.former_counts.get(criterion, Count())
        low, high = entry.interval()
        rows.append(
            (
                model.title(criterion),
                entry.lost,
                entry.lost / total if total else None,
                running / total if total else None,
                entry.failed,
                entry.judged,
                entry.share,
                f"{formats.percent(low, 0)}–{formats.percent(high, 0)}",
                before.share,
                verdicts[criterion],
            )
        )
    table = TableBlock(
        id="deductions",
        title=t("deductions_title"),
        columns=(
            Column(key="title", label=t("col_criterion")),
            Column(key="lost", label=t("col_points_lost"), kind="points"),
            Column(key="points_share", label=t("col_points_share"), kind="percent"),
            Column(key="cumulative", label=t("col_cumulative"), kind="percent"),
            Column(key="calls", label=t("col_failed_calls"), kind="int"),
            Column(key="judged", label=t("col_checked"), kind="int"),
            Column(key="share", label=t("col_failed_share"), kind="percent", bar=True),
            Column(key="interval", label=t("col_margin")),
            Column(key="former", label=t("col_former_share"), kind="percent"),
            Column(key="change", label=t("col_change_test")),
        ),
        rows=tuple(rows),
        open_rows=15,
        note=t("deductions_note"),
    )
    return table if model.former is not None else without(table, {"former", "change"})


def _changes(model: ReportModel, order: list[str]) -> dict[str, str]:
    """Whether an item's share of failing calls changed since the last period (Holm-corrected)."""
    t = model.words
    if model.former is None:
        return dict.fromkeys(order, t("no_former"))
    now, before = model.counts, model.former_counts
    compared = sorted(set(order) | {c for c in before if before[c].failed})
    raw = [
        stats.two_proportion_p(*now.get(c, Count()).tested(), *before.get(c, Count()).tested())
        for c in compared
    ]
    corrected = dict(zip(compared, stats.holm(raw), strict=True))
    verdicts: dict[str, str] = {}
    for criterion in order:
        p = corrected[criterion]
        share, former = now[criterion].share, before.get(criterion, Count()).share
        if p is None or share is None or former is None:
            verdicts[criterion] = t("no_former")
        elif p >= SIGNIFICANT:
            verdicts[criterion] = t("no_change")
        else:
            verdicts[criterion] = t("change_up" if share > former else "change_down")
    return verdicts


def _drill(model: ReportModel, order: list[str]) -> TableBlock:
    """From the item to its calls, to the second."""
    t = model.words
    rank = {c: i for i, c in enumerate(order)}
    found = []
    for call in model.shown:
        for result in call.results:
            if result.verdict is not Verdict.FAIL or result.id not in rank or result.trial:
                continue
            evidence = result.evidence[0] if result.evidence else None
            anchor = "" if evidence is None else f"#t={max(0.0, evidence.start_s):.2f}"
            row: tuple[Cell, ...] = (
                formats.moment(call.recording.start_time),
                model.title(result.id),
                call.team,
                model.agent(call),
                standing(model, call, result)[2],
                "" if evidence is None else span(evidence),
                "" if evidence is None else _short(heard_words(model, call, evidence)),
            )
            found.append(
                (rank[result.id], -result.lost, call.recording_id, row, call.page + anchor)
            )
    found.sort(key=lambda f: f[:3])
    return TableBlock(
        id="drill",
        title=t("drill_title"),
        columns=(
            Column(key="time", label=t("col_call")),
            Column(key="title", label=t("col_criterion")),
            Column(key="team", label=t("col_team")),
            Column(key="agent", label=t("col_agent")),
            Column(key="cost", label=t("col_cost")),
            Column(key="at", label=t("col_at")),
            Column(key="words", label=t("col_words")),
        ),
        rows=tuple(f[3] for f in found),
        links=tuple(f[4] for f in found),
        about=tuple(f[2] if f[3][-1] else "" for f in found),
        open_rows=10,
        search=True,
        filters=("title", "team"),
        page_rows=DRILL_ROWS,
        note=t("drill_more", n=len(found), most=DRILL_ROWS) if len(found) > DRILL_ROWS else "",
    )


def _short(words: str) -> str:
    return words if len(words) <= DRILL_CHARS else words[: DRILL_CHARS - 1] + "…"


def _meaning(model: ReportModel, order: list[str]) -> str:
    t, counts = model.words, model.counts
    if not order:
        return t("deductions_none")
    total = sum(counts[c].lost for c in order)
    top = order[:3]
    part = sum(counts[c].lost for c in top)
    text = t(
        "deductions_sentence",
        titles=t.titles([model.title(c) for c in top]),
        share=formats.percent(part / total if total else None, 0),
        total=formats.points(total),
    )
    if model.former is not None:
        verdicts = _changes(model, order)
        rising = [model.title(c) for c in order if verdicts[c] == t("change_up")]
        if rising:
            text += t.gap + t("deductions_rising", titles=t.titles(rising))
    return text
