"""Items by group, the share of failing calls as a shade; and where a group stands out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from qc_pipeline.report import formats, stats
from qc_pipeline.report.blocks import Block, Cell, Column, Sentence, TableBlock
from qc_pipeline.report.counts import Count, count
from qc_pipeline.report.model import ReportModel

HEAT_ROWS = 15
HEAT_LEAST = 3
STANDS_OUT = 0.05


def blocks(model: ReportModel, order: Sequence[str]) -> list[Block]:
    """`order` are the criteria that failed somewhere, gravest first."""
    by_team = {team: count(c for c in model.counted if c.team == team) for team in model.teams}
    shown = order[:HEAT_ROWS]
    table = _table(model, by_team, shown)
    return [table, Sentence(text=_meaning(model, by_team, shown))]


def _meaning(
    model: ReportModel, by_team: Mapping[str, Mapping[str, Count]], order: Sequence[str]
) -> str:
    """The group and item furthest above the rest, where that is more than chance: two shares
    compared, corrected for the number of cells looked at."""
    t = model.words
    cells = [(team, c) for team in by_team for c in order if c in by_team[team]]
    raw: list[float | None] = []
    gaps: list[float] = []
    for team, criterion in cells:
        own, whole = by_team[team][criterion], model.counts[criterion]
        rest = whole.without(own)
        gaps.append((own.share or 0.0) - (rest.share or 0.0))
        raw.append(stats.two_proportion_p(*own.tested(), *rest.tested()))
    found = [
        (gap, team, criterion)
        for gap, (team, criterion), p in zip(gaps, cells, stats.holm(raw), strict=True)
        if gap > 0 and p is not None and p < STANDS_OUT
    ]
    if not found:
        return t("heat_even")
    _, team, criterion = max(found, key=lambda f: (f[0], f[2], f[1]))
    return t(
        "heat_stands_out",
        team=team,
        title=model.title(criterion),
        share=formats.percent(by_team[team][criterion].share, 0),
        all=formats.percent(model.counts[criterion].share, 0),
    )


def _table(
    model: ReportModel, by_team: Mapping[str, Mapping[str, Count]], order: Sequence[str]
) -> TableBlock:
    t = model.words
    return TableBlock(
        id="heat",
        title=t("heat_title"),
        columns=(
            Column(key="title", label=t("col_criterion")),
            *(
                Column(key=f"team{i}", label=team, kind="heat")
                for i, team in enumerate(model.teams, start=1)
            ),
            Column(key="all", label=t("everybody"), kind="heat"),
        ),
        rows=tuple(
            (
                model.title(c),
                *(_shade(by_team[team].get(c, Count())) for team in model.teams),
                _shade(model.counts[c]),
            )
            for c in order
        ),
        note=t("heat_note"),
    )


def _shade(entry: Count) -> Cell:
    """The share of failing calls; of fewer than three only the count, without a colour."""
    if 0 < entry.judged < HEAT_LEAST:
        return f"{entry.failed}/{entry.judged}"
    return entry.share
