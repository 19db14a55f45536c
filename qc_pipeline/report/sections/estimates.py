"""What the sample says about all calls of the period: both figures with their intervals."""

from __future__ import annotations

from collections.abc import Sequence

from qc_pipeline.report import formats
from qc_pipeline.report.blocks import Block, Cell, Column, Sentence, TableBlock
from qc_pipeline.report.model import Call, ReportModel
from qc_pipeline.report.two_figures import (
    ListenedScore,
    MachineReference,
    group_reference,
    listened_score,
    machine_reference,
)
from qc_pipeline.sampling.estimation import Estimate, estimate_mean, estimate_share


def blocks(model: ReportModel) -> tuple[Block, ...]:
    """Machine reference and listened score with their margins, of everybody and of each group; by
    day and by deduction what the cards as they stand say.
    """
    t = model.words
    if not model.health.shown:
        return ()
    drawn = [c for c in model.calls if c.pick.origin == "drawn" and not c.recording.mystery]
    if not any(c.pick.probability for c in drawn) or not model.counted:
        return ()
    centre = machine_reference(model)
    passed = _share(model, drawn, drawn)
    values = {
        "mean": formats.score(centre.value),
        "mean_margin": _machine_margin(model, centre, len(model.counted)),
        "share": formats.percent(passed.value),
        "share_margin": margin(model, passed, percent=True),
    }
    text = t("estimate_sentence" if centre.corrected is None else "estimate_corrected", **values)
    rows = [_row(model, t("everybody"), drawn, drawn, centre, listened_score(model))]
    for team in model.teams:
        own = [c for c in drawn if c.team == team]
        found = group_reference(model, own, centre)
        rows.append(_row(model, team, drawn, own, found, listened_score(model, own)))
    table = TableBlock(
        id="estimates",
        title=t("estimates_title"),
        columns=(
            Column(key="team", label=t("col_team")),
            Column(key="calls", label=t("col_calls"), kind="int"),
            Column(key="without", label=t("col_without"), kind="int"),
            Column(key="mean", label=t("col_machine_mean"), kind="score"),
            Column(key="mean_margin", label=t("col_margin")),
            Column(key="uncorrected", label=t("col_uncorrected"), kind="score"),
            Column(key="corrected", label=t("col_corrected")),
            Column(key="share", label=t("col_machine_pass"), kind="percent"),
            Column(key="share_margin", label=t("col_margin")),
            Column(key="listened", label=t("col_listened"), kind="int"),
            Column(key="listened_mean", label=t("col_listened_mean"), kind="score"),
            Column(key="listened_margin", label=t("col_margin")),
            Column(key="listened_share", label=t("col_listened_pass"), kind="percent"),
            Column(key="listened_share_margin", label=t("col_margin")),
        ),
        rows=tuple(rows),
        folded=True,
        note=t("estimates_note_weighted" if model.weighted else "estimates_note"),
    )
    return (
        Sentence(text=text, tone="small"),
        table,
        _days(model, drawn),
        *_deductions(model, drawn),
    )


def _row(
    model: ReportModel,
    label: str,
    drawn: Sequence[Call],
    own: Sequence[Call],
    machine: MachineReference,
    listened: ListenedScore,
) -> tuple[Cell, ...]:
    share = _share(model, drawn, own)
    counted = sum(c.counted for c in own)
    return (
        label,
        counted,
        len(own) - counted,
        machine.value,
        _machine_margin(model, machine, counted),
        machine.uncorrected,
        _correction(model, machine),
        share.value,
        margin(model, share, percent=True),
        machine.listened,
        listened.mean,
        interval(listened.low, listened.high),
        listened.pass_share,
        share_interval(listened.pass_low, listened.pass_high),
    )


def _correction(model: ReportModel, machine: MachineReference) -> str:
    """By which listened calls a machine reference is corrected."""
    t = model.words
    if machine.corrected is None:
        return t("corrected_no")
    change = formats.change(machine.difference)
    return t(f"corrected_{machine.corrected}", n=machine.listened, change=change)


def _machine_margin(model: ReportModel, machine: MachineReference, calls: int) -> str:
    if machine.low is None and machine.corrected is None:
        return model.words("too_few", n=calls)
    return interval(machine.low, machine.high)


def _share(model: ReportModel, drawn: Sequence[Call], own: Sequence[Call]) -> Estimate:
    """The pass rate by the cards as they stand, of the calls that `own` stand for."""
    passes = {
        c.recording_id: bool(c.card.passed)
        for c in drawn
        if c.card is not None and c.card.passed is not None
    }
    return estimate_share(model.inputs.sample, passes, of={c.recording_id for c in own})


def _days(model: ReportModel, drawn: Sequence[Call]) -> TableBlock:
    t = model.words
    totals = {c.recording_id: c.total for c in drawn if c.total is not None}
    rows: list[tuple[Cell, ...]] = []
    for day in sorted({c.recording.start_time.date() for c in drawn}):
        own = [c for c in drawn if c.recording.start_time.date() == day]
        mean = estimate_mean(model.inputs.sample, totals, of={c.recording_id for c in own})
        share = _share(model, drawn, own)
        rows.append(
            (
                formats.short_day(day, t.language),
                mean.calls,
                mean.without_value,
                mean.value,
                margin(model, mean),
                share.value,
                margin(model, share, percent=True),
            )
        )
    return TableBlock(
        id="estimates-days",
        title=t("estimates_days_title"),
        columns=(
            Column(key="team", label=t("col_day")),
            Column(key="calls", label=t("col_calls"), kind="int"),
            Column(key="without", label=t("col_without"), kind="int"),
            Column(key="mean", label=t("col_weighted_mean"), kind="score"),
            Column(key="mean_margin", label=t("col_margin")),
            Column(key="share", label=t("col_weighted_pass"), kind="percent"),
            Column(key="share_margin", label=t("col_margin")),
        ),
        rows=tuple(rows),
        folded=True,
        note=t("estimates_days_note"),
    )


def _deductions(model: ReportModel, drawn: Sequence[Call]) -> tuple[Block, ...]:
    """The share of all calls with each deduction, the most frequent first."""
    t = model.words
    cards = {c.recording_id: c.card for c in drawn if c.card is not None and c.total is not None}
    failed: dict[str, set[str]] = {}
    for recording_id, card in cards.items():
        for result in card.criteria():
            if result.lost > 0 and not result.trial:
                failed.setdefault(result.id, set()).add(recording_id)
    rows: list[tuple[float, str, tuple[Cell, ...]]] = []
    for criterion, names in failed.items():
        found = estimate_share(model.inputs.sample, {k: k in names for k in cards})
        share = found.value or 0.0
        cells: tuple[Cell, ...] = (
            model.title(criterion),
            len(names),
            share,
            margin(model, found, percent=True),
        )
        rows.append((-share, criterion, cells))
    if not rows:
        return ()
    return (
        TableBlock(
            id="estimates-deductions",
            title=t("estimates_deductions_title"),
            columns=(
                Column(key="criterion", label=t("col_criterion")),
                Column(key="calls", label=t("col_calls"), kind="int"),
                Column(key="share", label=t("col_weighted_share"), kind="percent"),
                Column(key="margin", label=t("col_margin")),
            ),
            rows=tuple(cells for _, _, cells in sorted(rows, key=lambda row: row[:2])),
            folded=True,
            open_rows=20,
        ),
    )


def beneath(model: ReportModel, machine: MachineReference, plain: float | None) -> str:
    """The margin of the machine reference, for the small type under it, with what it was before it
    was corrected and the `plain` mean where calls are weighted; "" where nothing of it is known.
    """
    t = model.words
    parts = []
    if machine.low is not None:
        parts.append(t("kpi_margin", margin=interval(machine.low, machine.high)))
    if machine.corrected is not None:
        parts.append(t("kpi_uncorrected", value=formats.score(machine.uncorrected)))
    if plain is not None:
        parts.append(t("kpi_plain", value=formats.score(plain)))
    return t("sentence_joint").join(parts)


def interval(low: float | None, high: float | None) -> str:
    """An interval of points, cut to what a score can be; n/a where there is none."""
    if low is None or high is None:
        return formats.NOT_AVAILABLE
    return f"{formats.score(max(0.0, low))}–{formats.score(min(100.0, high))}"


def share_interval(low: float | None, high: float | None) -> str:
    """An interval of a share; n/a where there is none."""
    if low is None or high is None:
        return formats.NOT_AVAILABLE
    return f"{formats.percent(low)}–{formats.percent(high)}"


def margin(model: ReportModel, estimate: Estimate, *, percent: bool = False) -> str:
    """The interval in words, cut to what a score can be; too few calls have none."""
    if estimate.low is None or estimate.high is None:
        return model.words("too_few", n=estimate.calls)
    if percent:
        return share_interval(estimate.low, estimate.high)
    return interval(estimate.low, estimate.high)
