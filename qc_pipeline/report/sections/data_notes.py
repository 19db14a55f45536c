"""数据说明: the figures behind the light over the report, each with what is wanted of it."""

from __future__ import annotations

from qc_pipeline.report import formats
from qc_pipeline.report.blocks import Cell, Column, TableBlock
from qc_pipeline.report.health import LEAST_HEARD, LEAST_JUDGED, LEAST_LISTENED, MOST_NOT_JUDGED
from qc_pipeline.report.model import ReportModel
from qc_pipeline.report.two_figures import LEAST_DONE, listening_progress


def health_table(model: ReportModel) -> TableBlock:
    """Speech heard, points judged, what is open, 未评 and listened calls; shares cut to 0.1 %."""
    t, health = model.words, model.health

    def share(value: float | None) -> str:
        return formats.NOT_AVAILABLE if value is None else formats.percent(value)

    def least(bound: float) -> str:
        return t("health.at_least", n=formats.percent(bound, 0))

    progress = listening_progress(model.calls)
    unjudged = f"{health.not_judged} ({share(health.not_judged_share)})"
    rows: list[tuple[Cell, ...]] = [
        (t("health.speech_heard"), share(health.speech_heard), least(LEAST_HEARD)),
        (t("health.points_judged"), share(health.points_judged), least(LEAST_JUDGED)),
        (
            t("health.not_judged"),
            unjudged,
            t("health.at_most", n=formats.percent(MOST_NOT_JUDGED, 0)),
        ),
        (
            t("health.listened_calls"),
            str(health.listened_calls),
            t("health.at_least", n=LEAST_LISTENED),
        ),
        (t("health.listening_done"), f"{progress.done}/{progress.chosen}", least(LEAST_DONE)),
        (t("health.open_items"), str(health.open_items), ""),
        (t("health.open_red_lines"), str(health.open_red_lines), t("health.none_open")),
        (t("health.open_majors"), str(health.open_majors), t("health.none_open")),
    ]
    if health.hearing_unknown:
        rows.insert(1, (t("health.hearing_unknown"), str(health.hearing_unknown), ""))
    return TableBlock(
        id="health",
        title=t("data_notes"),
        columns=(
            Column(key="what", label=t("col_what")),
            Column(key="value", label=t("col_value")),
            Column(key="wanted", label=t("col_needed")),
        ),
        rows=tuple(rows),
        note=t("health.note"),
    )
