"""3.3 各分数段录音数量分布情况: recordings by the rubric's bands."""

from __future__ import annotations

from qc_pipeline.report import formats, stats
from qc_pipeline.report.blocks import Cell, Column, SectionView, Sentence, TableBlock, without
from qc_pipeline.report.inputs import RubricFacts
from qc_pipeline.report.model import ReportModel
from qc_pipeline.report.sections.machine_reference import machine_note


def build(model: ReportModel) -> tuple[SectionView, ...]:
    if not model.audience.sees_groups:
        return ()
    t = model.words
    note = machine_note(model)
    if not model.health.shown:
        return (SectionView(id="bands", heading=t("bands_heading"), level=3, blocks=(note,)),)
    rows = band_rows(model)
    counted = len(model.counted)
    table = TableBlock(
        id="bands",
        title=t("bands_title"),
        columns=(
            Column(key="band", label=t("col_band")),
            Column(key="range", label=t("col_range")),
            Column(key="calls", label=t("col_calls"), kind="int"),
            Column(key="share", label=t("col_share"), kind="percent", bar=True),
            Column(key="former", label=t("col_former_share"), kind="percent"),
        ),
        rows=rows,
        total=(t("sum"), "", counted, 1.0 if counted else None, None),
    )
    if model.former is None:
        table = without(table, {"former"})
    biggest = max(rows, key=lambda r: r[3] if isinstance(r[3], float) else 0.0, default=None)
    lowest = rows[-1] if rows else None
    text = t("bands_none")
    if counted and biggest is not None and lowest is not None:
        share = biggest[3]
        text = t(
            "bands_sentence",
            band=biggest[0],
            n=biggest[2],
            share=formats.percent(share if isinstance(share, float) else None),
            low_band=lowest[0],
            low=lowest[2],
        )
    return (
        SectionView(
            id="bands",
            heading=t("bands_heading"),
            level=3,
            blocks=(note, Sentence(text=text), table),
        ),
    )


def band_rows(model: ReportModel) -> tuple[tuple[Cell, ...], ...]:
    """Bands of all rubrics of the period, highest first; alike ones (name and start) are one."""
    former = [c for c in model.former.calls if c.counts] if model.former else []
    counted = model.counted
    scale = _bands(model.inputs.rubrics)
    rows: list[tuple[Cell, ...]] = []
    for i, (start, label) in enumerate(scale):
        above = scale[i - 1][0] if i else None
        own = [_inside(c.total, start, above) for c in counted]
        before = [_inside(c.total, start, above) for c in former]
        rows.append(
            (
                label,
                _range(start, above),
                sum(own),
                stats.weighted_share(own, [c.weight for c in counted]),
                stats.weighted_share(before, [c.weight for c in former]),
            )
        )
    return tuple(rows)


def _inside(total: float | None, start: float, above: float | None) -> bool:
    return total is not None and start <= total and (above is None or total < above)


def _bands(rubrics: tuple[RubricFacts, ...]) -> list[tuple[float, str]]:
    if not rubrics:
        return [(90.0, "≥ 90"), (80.0, "80–90"), (60.0, "60–80"), (0.0, "< 60")]
    return sorted(rubrics[0].bands, key=lambda b: -b[0])


def _range(start: float, above: float | None) -> str:
    if above is None:
        return f"≥ {formats.points(start)}"
    if start == 0:
        return f"< {formats.points(above)}"
    return f"{formats.points(start)} – < {formats.points(above)}"
