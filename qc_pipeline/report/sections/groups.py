"""3.1 各业务组录音监控情况: recordings, mean, pass rate, lowest, change, for each group."""

from __future__ import annotations

from collections.abc import Sequence

from qc_pipeline.report import formats, stats
from qc_pipeline.report.blocks import (
    Block,
    Cell,
    Column,
    Dot,
    DotChart,
    SectionView,
    Sentence,
    TableBlock,
    without,
)
from qc_pipeline.report.inputs import PastCall
from qc_pipeline.report.model import GROUP_LEAST_CALLS, Call, ReportModel
from qc_pipeline.report.sections.machine_reference import machine_note
from qc_pipeline.report.two_figures import MachineReference, group_reference, machine_reference

LEAST_COMMON = 0.5


def build(model: ReportModel) -> tuple[SectionView, ...]:
    if not model.audience.sees_groups:
        return ()
    t, shown = model.words, model.health.shown
    centre = machine_reference(model)
    former = [c for c in model.former.calls if c.counts] if model.former else []
    rows: list[tuple[Cell, ...]] = []
    dots: list[Dot] = []
    for team in model.teams:
        calls = [c for c in model.calls if c.team == team and not c.recording.mystery]
        machine = group_reference(model, calls, centre)
        before = [c for c in former if (c.team or t("no_team")) == team]
        rows.append(_row(team, calls, before, machine, shown=shown))
        own = [c for c in model.counted if c.team == team and shown]
        dots.append(_dot(team, own, machine.value if own else None, model))
    everybody = _row(
        t("everybody"),
        [c for c in model.calls if not c.recording.mystery],
        former,
        centre,
        shown=shown,
    )
    table = TableBlock(
        id="groups",
        title=t("groups_title"),
        columns=(
            Column(key="team", label=t("col_team")),
            Column(key="scored", label=t("col_inspected"), kind="int"),
            Column(key="counted", label=t("col_counted"), kind="int"),
            Column(key="mean", label=t("col_machine_mean"), kind="score"),
            Column(key="passed", label=t("col_machine_pass"), kind="percent", bar=True),
            Column(key="lowest", label=t("col_lowest"), kind="score"),
            Column(key="fatal", label=t("col_fatal"), kind="int"),
            Column(key="change", label=t("col_change"), kind="change"),
            Column(key="listened", label=t("col_listened"), kind="int"),
            Column(key="listened_mean", label=t("col_listened_mean"), kind="score"),
        ),
        rows=tuple(rows),
        total=everybody,
        note=t(
            "groups_note_weighted" if model.weighted else "groups_note",
            corrected=t("groups_uncorrected" if centre.corrected is None else "groups_corrected"),
        ),
    )
    if model.former is None:
        table = without(table, {"change"})
    blocks: list[Block] = [machine_note(model, as_cards_stand=False)]
    if shown:
        blocks.append(Sentence(text=_meaning(model, rows)))
    blocks.append(table)
    if sum(d.value is not None for d in dots) > 1:
        blocks.append(_chart(model, dots))
    return (SectionView(id="groups", heading=t("groups_heading"), level=3, blocks=tuple(blocks)),)


def _row(
    label: str,
    calls: Sequence[Call],
    former: Sequence[PastCall],
    machine: MachineReference,
    *,
    shown: bool,
) -> tuple[Cell, ...]:
    """A group's line; the machine's figures only where they may be `shown`. All but the mean are of
    the cards as they stand, the change too: the period before is not corrected.
    """
    counted = [c for c in calls if c.counted]
    judged = counted if shown else []
    totals, weights = [c.total or 0.0 for c in judged], [c.weight for c in judged]
    heard = [c for c in counted if c.listened_weight > 0]
    mean = stats.mean(totals, weights)
    before = stats.mean([c.total or 0.0 for c in former], [c.weight for c in former])
    return (
        label,
        sum(c.card is not None for c in calls),
        len(counted),
        machine.value if shown else None,
        stats.weighted_share([bool(c.card and c.card.passed) for c in judged], weights),
        min(totals, default=None),
        sum(bool(c.card and c.card.fatal) for c in calls),
        None if mean is None or before is None else mean - before,
        len(heard),
        stats.mean([c.total or 0.0 for c in heard], [c.listened_weight for c in heard]),
    )


def _meaning(model: ReportModel, rows: Sequence[tuple[Cell, ...]]) -> str:
    t = model.words
    means = sorted(
        ((row[3], row[0]) for row in rows if isinstance(row[3], float)), key=lambda m: (m[0], m[1])
    )
    if len(means) < 2:
        return t("groups_one")
    (low, low_team), (high, high_team) = means[0], means[-1]
    if not _comparable(model, [str(team) for _, team in means]):
        return t("groups_apart", n=len(means))
    least = min(int(row[2]) for row in rows if isinstance(row[2], int) and row[3] is not None)
    caution = t("groups_few", n=least) if least < GROUP_LEAST_CALLS else ""
    return t(
        "groups_sentence",
        high_team=high_team,
        high=formats.score(high),
        low_team=low_team,
        low=formats.score(low),
        gap=formats.score(high - low),
    ) + (t.gap + caution if caution else "")


def _comparable(model: ReportModel, teams: Sequence[str]) -> bool:
    """Whether every two groups share at least half of their mix of business types, by all calls
    of the list: a sample of eight says little about what a group does."""
    mixes: list[dict[str, float]] = []
    for team in teams:
        own = [
            r.text("business") or ""
            for r in model.inputs.listed
            if r.answered and (r.text("team") or model.words("no_team")) == team
        ]
        mixes.append({b: own.count(b) / len(own) for b in sorted(set(own))})
    return all(
        sum(min(a[b], c.get(b, 0.0)) for b in a) >= LEAST_COMMON
        for i, a in enumerate(mixes)
        for c in mixes[i + 1 :]
    )


def _dot(team: str, calls: Sequence[Call], mean: float | None, model: ReportModel) -> Dot:
    values = [c.total or 0.0 for c in calls]
    return Dot(
        label=team,
        value=mean,
        low=min(values, default=None),
        high=max(values, default=None),
        text=model.words(
            "groups_dot",
            team=team,
            n=len(values),
            mean=formats.score(mean),
            low=formats.points(min(values, default=None)),
            high=formats.points(max(values, default=None)),
        ),
    )


def _chart(model: ReportModel, dots: Sequence[Dot]) -> DotChart:
    t = model.words
    lows = [d.low for d in dots if d.low is not None]
    # A red line's 0 would press everything else into a corner: the scale begins at 50.
    start = max(50.0, min(lows) // 10 * 10)
    marks = {r.pass_mark for r in model.inputs.rubrics}
    mark = marks.pop() if len(marks) == 1 else None
    return DotChart(
        id="groups-chart",
        title=t("groups_chart"),
        text=" ".join(d.text for d in dots),
        dots=tuple(dots),
        start=start,
        end=100.0,
        mark=mark if mark is not None and mark > start else None,
        mark_label=t("pass_mark"),
    )
