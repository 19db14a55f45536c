"""Where points are lost, as two Pareto charts: by points and by calls, with the running share."""

from __future__ import annotations

from collections.abc import Sequence

from qc_pipeline.report import formats
from qc_pipeline.report.blocks import Bar, BarChart
from qc_pipeline.report.model import ReportModel

CHART_BARS = 10


def charts(model: ReportModel, by_points: Sequence[str]) -> tuple[BarChart, BarChart]:
    """`by_points` are the criteria that failed somewhere, by points lost.

    A red line costs the whole score and no points of its own, so it stands in the second chart.
    """
    counts = model.counts
    by_calls = sorted(by_points, key=lambda c: (-counts[c].failed, -round(counts[c].lost, 6), c))
    return (
        _chart(
            model,
            "pareto",
            [c for c in by_points if counts[c].lost > 0],
            {c: counts[c].lost for c in by_points},
        ),
        _chart(model, "pareto-calls", by_calls, {c: float(counts[c].failed) for c in by_calls}),
    )


def _chart(
    model: ReportModel, name: str, order: Sequence[str], values: dict[str, float]
) -> BarChart:
    t = model.words
    key = name.replace("-", "_")
    total = sum(values.values())
    bars: list[Bar] = []
    running = 0.0
    for criterion in order[:CHART_BARS]:
        running += values[criterion]
        share = running / total if total else None
        bars.append(
            Bar(
                label=model.title(criterion),
                value=values[criterion],
                text=t(
                    f"{key}_bar",
                    n=formats.points(values[criterion]),
                    share=formats.percent(share, 0),
                ),
                href="#drill",
                cumulative=share,
            )
        )
    return BarChart(
        id=name,
        title=t(f"{key}_chart"),
        text=t(
            f"{key}_text", n=len(bars), share=formats.percent(running / total if total else None, 0)
        ),
        bars=tuple(bars),
        legend=(t(f"{key}_unit"), t("col_cumulative")),
    )
