"""上期异议处理情况: objections to earlier periods, what became of them, both scores."""

from __future__ import annotations

from qc_pipeline.report import formats
from qc_pipeline.report.blocks import Cell, Column, SectionView, Sentence, Table
from qc_pipeline.report.inputs import Objection
from qc_pipeline.report.material import Material
from qc_pipeline.text.masking import mask_identifier

STANDS = ("upheld", "partly")


def build(material: Material) -> tuple[SectionView, ...]:
    """Nothing where nobody objected, or nothing that this audience may see."""
    t = material.words
    earlier = [
        o
        for o in material.inputs.objections
        if o.period
        and o.period != material.inputs.period.name
        and material.audience.sees_call(team=o.team, agent_id=o.agent_id, mystery=o.mystery)
    ]
    if not earlier:
        return ()
    table = Table(
        id="earlier-objections",
        title=t("earlier_objections"),
        columns=(
            Column(key="period", label=t("col_objection_period")),
            Column(key="call", label=t("col_recording")),
            Column(key="title", label=t("col_criterion")),
            Column(key="reason", label=t("col_reason")),
            Column(key="state", label=t("col_state")),
            Column(key="answer", label=t("col_answer")),
            Column(key="totals", label=t("col_before_after")),
        ),
        rows=tuple(_row(o, material) for o in earlier),
    )
    said = t(
        "earlier_objections_sentence",
        n=len(earlier),
        upheld=sum(o.state in STANDS for o in earlier),
    )
    return (
        SectionView(
            id="earlier-objections",
            heading=t("earlier_objections"),
            level=3,
            blocks=(Sentence(text=said), table),
        ),
    )


def _row(objection: Objection, material: Material) -> tuple[Cell, ...]:
    t = material.words
    call = mask_identifier(objection.recording_id)
    if objection.agent and material.audience.names_agents:
        call = f"{call} {objection.agent}"
    before, after = objection.total_before, objection.total_after
    return (
        objection.period,
        call,
        objection.title or objection.criterion_id or t("all_criteria"),
        material.mask(objection.reason),
        t.or_raw("objection", objection.state),
        material.mask(objection.answer),
        f"{formats.points(before)} → {formats.points(after)}",
    )
