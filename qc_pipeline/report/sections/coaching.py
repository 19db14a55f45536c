"""上期辅导复查: who was coached since the last report, and whether it helped."""

from __future__ import annotations

from qc_pipeline.report import formats
from qc_pipeline.report.blocks import Cell, Column, SectionView, Sentence, TableBlock
from qc_pipeline.report.inputs import Coached
from qc_pipeline.report.model import ReportModel
from qc_pipeline.text.masking.mask import mask_identifier


def build(model: ReportModel) -> tuple[SectionView, ...]:
    """Nothing where nobody was coached, or nobody that this audience may see."""
    t = model.words
    found = [
        c
        for c in model.inputs.coaching
        if model.audience.sees_call(team=c.team, agent_id=c.agent_id, mystery=False)
    ]
    if not found:
        return ()
    said = t(
        "coaching_sentence",
        n=len(found),
        acknowledged=sum(c.acknowledged for c in found),
        checked=sum(c.checked for c in found),
        again=sum(c.again for c in found),
    )
    table = TableBlock(
        id="coaching",
        title=t("coaching_title"),
        columns=(
            Column(key="agent", label=t("col_agent")),
            Column(key="team", label=t("col_team")),
            Column(key="title", label=t("col_criterion")),
            Column(key="at", label=t("col_at")),
            Column(key="advice", label=t("col_coaching_advice")),
            Column(key="coach", label=t("col_coach")),
            Column(key="way", label=t("col_coaching_way")),
            Column(key="day", label=t("col_day"), kind="date"),
            Column(key="acknowledged", label=t("col_acknowledged")),
            Column(key="judged", label=t("col_coaching_judged"), kind="int"),
            Column(key="failed", label=t("col_coaching_failed"), kind="int"),
            Column(key="outcome", label=t("col_coaching_outcome")),
        ),
        rows=tuple(_row(model, c) for c in found),
        about=tuple(c.recording_id if c.advice else "" for c in found),
        open_rows=20,
    )
    return (
        SectionView(
            id="coaching",
            heading=t("coaching_title"),
            level=3,
            blocks=(Sentence(text=said), table),
        ),
    )


def _row(model: ReportModel, item: Coached) -> tuple[Cell, ...]:
    t = model.words
    number = mask_identifier(item.agent_id)
    place = mask_identifier(item.recording_id)
    if item.start_s is not None:
        place = f"{place} {formats.clock(item.start_s)}"
    state = "again" if item.again else "better" if item.checked else "unchecked"
    return (
        f"{item.agent} {number}".strip() if model.audience.names_agents else "",
        item.team,
        item.title,
        place,
        model.mask(item.advice),
        item.coach,
        t.or_raw("coaching_way", item.way),
        item.day.isoformat(),
        t("yes" if item.acknowledged else "no"),
        item.judged,
        item.failed,
        t(f"coaching_state.{state}"),
    )
