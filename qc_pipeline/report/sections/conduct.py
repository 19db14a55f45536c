"""二、服务礼仪 and 服务流程: each inspected line with calls checked, pass rate, change."""

from __future__ import annotations

from qc_pipeline.report import formats
from qc_pipeline.report.blocks import Cell, Column, SectionView, Sentence, TableBlock, without
from qc_pipeline.report.counts import Count
from qc_pipeline.report.model import ReportModel
from qc_pipeline.report.sections.machine_reference import weighted_note

PARTS = ("服务礼仪", "服务流程")


def build(model: ReportModel) -> tuple[SectionView, ...]:
    if not model.audience.sees_groups:
        return ()
    t = model.words
    held_mark = "mark.unseen" if model.inputs.is_public else "mark.held"
    views = [
        SectionView(
            id="conduct",
            heading=t("part2"),
            level=2,
            blocks=weighted_note(model),
            short=t("nav_part2"),
        )
    ]
    for number, part in enumerate(PARTS, start=1):
        rows, share = _rows(model, part)
        table = TableBlock(
            id=f"conduct-{number}",
            title=t(f"part2_title_{number}"),
            columns=(
                Column(key="title", label=t("col_criterion")),
                Column(key="passed", label=t("col_pass_rate"), kind="percent", bar=True),
                Column(key="failed", label=t("col_failed"), kind="int"),
                Column(key="judged", label=t("col_checked"), kind="int"),
                Column(key="change", label=t("col_change_pp"), kind="percent_change"),
                Column(key="not_applicable", label=t("mark.not_applicable"), kind="int"),
                Column(key="held", label=t(held_mark), kind="int"),
                Column(key="unscorable", label=t("mark.unscorable"), kind="int"),
            ),
            rows=rows,
        )
        if model.former is None:
            table = without(table, {"change"})
        views.append(
            SectionView(
                id=f"conduct{number}",
                heading=t(f"part2_{number}"),
                level=3,
                blocks=(Sentence(text=_meaning(model, rows, share)), table),
            )
        )
    return tuple(views)


def _rows(model: ReportModel, part: str) -> tuple[tuple[tuple[Cell, ...], ...], float | None]:
    """The lines of a part, and the share of all its checks that passed."""
    rows: list[tuple[Cell, ...]] = []
    judged, failed = 0.0, 0.0
    for facts in model.criteria.values():
        # A criterion without a line of its own stands with the procedures.
        if (facts.report_part or PARTS[1]) != part or facts.trial:
            continue
        count = model.counts.get(facts.id, Count())
        before = model.former_counts.get(facts.id)
        judged, failed = judged + count.judged_weight, failed + count.failed_weight
        passed = count.passed_share
        former = None if before is None else before.passed_share
        rows.append(
            (
                facts.title,
                passed,
                count.failed,
                count.judged,
                None if passed is None or former is None else passed - former,
                count.not_applicable,
                count.held,
                count.unscorable,
            )
        )
    return tuple(rows), (judged - failed) / judged if judged > 0 else None


def _meaning(model: ReportModel, rows: tuple[tuple[Cell, ...], ...], share: float | None) -> str:
    t = model.words
    judged = [(r[1], r[0], r[2]) for r in rows if isinstance(r[1], float)]
    if not judged:
        return t("conduct_none")
    all_checks = sum(r[3] for r in rows if isinstance(r[3], int))
    text = t(
        "conduct_sentence",
        lines=len(judged),
        checks=all_checks,
        share=formats.percent(share),
    )
    worst, title, times = min(judged, key=lambda j: (j[0], str(j[1])))
    if times:
        text += t.gap + t("conduct_worst", title=title, share=formats.percent(worst), n=times)
    return text
