"""What the sample says about all calls of the period, in small type beneath the plain means."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from qc_pipeline.report import formats
from qc_pipeline.report.blocks import Block, Cell, Column, Sentence, TableBlock
from qc_pipeline.report.model import Call, ReportModel
from qc_pipeline.sampling.estimation import Estimate, estimate_mean, estimate_share


def blocks(model: ReportModel) -> tuple[Block, ...]:
    """The weighted mean and pass rate with their margins, of everybody and of each group."""
    t = model.words
    if not model.health.shown:
        return ()
    drawn = [c for c in model.calls if c.pick.origin == "drawn" and not c.recording.mystery]
    if not any(c.pick.probability for c in drawn):
        return ()
    totals = {c.recording_id: c.total for c in drawn if c.total is not None}
    passes = {
        c.recording_id: bool(c.card.passed)
        for c in drawn
        if c.card is not None and c.card.passed is not None
    }

    def both(of: Collection[str] | None) -> tuple[Estimate, Estimate]:
        sample = model.inputs.sample
        return estimate_mean(sample, totals, of=of), estimate_share(sample, passes, of=of)

    mean, share = both(None)
    if mean.value is None or share.value is None:
        return ()
    text = t(
        "estimate_sentence",
        mean=formats.score(mean.value),
        mean_margin=margin(model, mean),
        share=formats.percent(share.value),
        share_margin=margin(model, share, percent=True),
    )
    groups = [(team, {c.recording_id for c in drawn if c.team == team}) for team in model.teams]
    days = sorted({c.recording.start_time.date() for c in drawn})
    by_day = [
        (
            formats.short_day(day, t.language),
            {c.recording_id for c in drawn if c.recording.start_time.date() == day},
        )
        for day in days
    ]
    whole = _row(model, t("everybody"), mean, share)
    return (
        Sentence(text=text, tone="small"),
        _table(
            model,
            "estimates",
            "col_team",
            [whole, *(_row(model, name, *both(of)) for name, of in groups)],
        ),
        _table(
            model,
            "estimates-days",
            "col_day",
            [_row(model, name, *both(of)) for name, of in by_day],
        ),
        *_deductions(model, drawn),
    )


def _table(model: ReportModel, name: str, first: str, rows: list[tuple[Cell, ...]]) -> TableBlock:
    t = model.words
    return TableBlock(
        id=name,
        title=t("estimates_title" if name == "estimates" else "estimates_days_title"),
        columns=(
            Column(key="team", label=t(first)),
            Column(key="calls", label=t("col_calls"), kind="int"),
            Column(key="without", label=t("col_without"), kind="int"),
            Column(key="mean", label=t("col_weighted_mean"), kind="score"),
            Column(key="mean_margin", label=t("col_margin")),
            Column(key="share", label=t("col_weighted_pass"), kind="percent"),
            Column(key="share_margin", label=t("col_margin")),
        ),
        rows=tuple(rows),
        folded=True,
        note=t("estimates_note_weighted" if model.weighted else "estimates_note"),
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


def beneath(model: ReportModel) -> str:
    """The weighted mean with its margin, for the small type under the head figure; "" without."""
    drawn = {
        c.recording_id: c.total
        for c in model.calls
        if c.pick.origin == "drawn" and not c.recording.mystery and c.total is not None
    }
    if not drawn or not any(p.probability for p in model.inputs.sample.picks):
        return ""
    mean = estimate_mean(model.inputs.sample, drawn)
    if mean.value is None:
        return ""
    if model.weighted:
        # The figure itself is the estimate then, and the plain mean stands beneath it.
        return model.words(
            "kpi_margin", margin=margin(model, mean), plain=formats.score(mean.plain)
        )
    return model.words("kpi_estimate", mean=formats.score(mean.value), margin=margin(model, mean))


def _row(model: ReportModel, label: str, mean: Estimate, share: Estimate) -> tuple[Cell, ...]:
    return (
        label,
        mean.calls,
        mean.without_value,
        mean.value,
        margin(model, mean),
        share.value,
        margin(model, share, percent=True),
    )


def margin(model: ReportModel, estimate: Estimate, *, percent: bool = False) -> str:
    """The interval in words, cut to what a score can be; too few calls have none."""
    if estimate.low is None or estimate.high is None:
        return model.words("too_few", n=estimate.calls)
    if percent:
        return f"{formats.percent(estimate.low)}–{formats.percent(estimate.high)}"
    return f"{formats.score(max(0.0, estimate.low))}–{formats.score(min(100.0, estimate.high))}"
