"""Advice on weights: up where a fault is common, down where nobody fails, and with what effect."""

from __future__ import annotations

import math

from qc_pipeline.report import formats
from qc_pipeline.report.blocks import Block, Cell, Column, Sentence, TableBlock
from qc_pipeline.report.counts import Count
from qc_pipeline.report.model import ReportModel

RAISE_SHARE = 0.2
RAISE_LEAST = 5
LOWER_LEAST = 30


def blocks(model: ReportModel) -> list[Block]:
    """The advice and the sentence on it; nothing where there is none."""
    t = model.words
    calls = math.fsum(c.weight for c in model.counted)
    up: list[tuple[Cell, ...]] = []
    down: list[tuple[Cell, ...]] = []
    for criterion, facts in model.criteria.items():
        entry = model.counts.get(criterion, Count())
        share = entry.share
        if share is None or facts.severity == "fatal" or facts.points <= 0 or not calls:
            continue
        if share >= RAISE_SHARE and entry.failed >= RAISE_LEAST:
            # One point more costs each call the same part of it that it lost of the old points.
            effect = -entry.lost_weight / facts.points / calls
            up.append((facts.title, facts.points, share, t("advice_raise"), effect))
        elif entry.failed == 0 and entry.judged >= LOWER_LEAST and facts.points > 1:
            down.append((facts.title, facts.points, share, t("advice_lower"), 0.0))
    if not up and not down:
        return []
    up.sort(key=lambda r: (-(r[2] if isinstance(r[2], float) else 0.0), str(r[0])))
    table = TableBlock(
        id="weights",
        title=t("advice_title"),
        columns=(
            Column(key="title", label=t("col_criterion")),
            Column(key="points", label=t("col_points"), kind="points"),
            Column(key="share", label=t("col_failed_share"), kind="percent"),
            Column(key="advice", label=t("col_advice")),
            Column(key="effect", label=t("col_effect"), kind="change"),
        ),
        rows=(*up, *down),
        note=t("advice_note"),
        folded=True,
    )
    return [Sentence(text=_meaning(model, up, down)), table]


def _meaning(model: ReportModel, up: list[tuple[Cell, ...]], down: list[tuple[Cell, ...]]) -> str:
    t = model.words
    parts = []
    if up:
        effect = up[0][4]
        parts.append(
            t(
                "advice_up_sentence",
                n=len(up),
                title=up[0][0],
                effect=formats.change(effect if isinstance(effect, float) else None),
            )
        )
    if down:
        parts.append(t("advice_down_sentence", n=len(down)))
    return t.gap.join(parts)
