"""How it was said: the measures of a call, shown beside what a person has to judge."""

from __future__ import annotations

from qc_pipeline.call import Speaker
from qc_pipeline.report.blocks import Cell, Column, Table
from qc_pipeline.report.material import Call, Material
from qc_pipeline.scoring.pace import speech_rate
from qc_pipeline.scoring.timing import talk_share

MEASURED = ("level_db", "pitch_median_hz", "pitch_range_st")
"""Measures by speaker that have a word; others are kept in the record and not shown."""


def sound_table(material: Material, call: Call) -> Table | None:
    """Pace, share of talking, level and pitch of both parties; None where nothing is known."""
    t, transcript = material.words, call.transcript
    if transcript is None:
        return None
    measures = material.inputs.measures.get(call.recording_id)
    rows: list[tuple[Cell, ...]] = [
        (
            t("measure.speech_rate"),
            *(speech_rate(transcript, s) for s in Speaker),
        ),
        (
            t("measure.talk_share"),
            *(None if (v := talk_share(transcript, s)) is None else v * 100 for s in Speaker),
        ),
    ]
    if measures is not None:
        rows += [
            (t(f"measure.{name}"), *(measures.get(s, name) for s in Speaker)) for name in MEASURED
        ]
    rows = [r for r in rows if any(v is not None for v in r[1:])]
    if not rows:
        return None
    return Table(
        id="sound",
        title=t("measures"),
        columns=(
            Column(key="measure", label=t("col_figure")),
            Column(key="agent", label=t("speaker.agent"), kind="seconds"),
            Column(key="customer", label=t("speaker.customer"), kind="seconds"),
        ),
        rows=tuple(rows),
        note=t("measures_note"),
    )
