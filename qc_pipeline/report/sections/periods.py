"""The periods side by side: means and pass rates with limits, groups and business types."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from qc_pipeline.report import stats
from qc_pipeline.report.blocks import Block, Cell, Column, LineChart, Point, Sentence, TableBlock
from qc_pipeline.report.inputs import PastCall
from qc_pipeline.report.model import Call, ReportModel, natural_key
from qc_pipeline.report.spans import Span

SHOWN_PERIODS = 6
LEAST_CALLS = 3
MOST_KINDS = 20


def period_labels(names: Sequence[str]) -> list[str]:
    """Names as they stand under an axis: W47 for 2026-W47, with the year beneath the first and
    where it changes; 11-16 for a span of days."""
    labels: list[str] = []
    former = ""
    for name in names:
        found = re.fullmatch(r"(\d{4})-(W\d\d|\d\d(?:-\d\d)?)(?:\.\..*)?", name)
        if found is None:
            labels.append(name)
            continue
        year, rest = found.groups()
        labels.append(rest if year == former else f"{rest} {year}")
        former = year
    return labels


def blocks(model: ReportModel, weeks: Sequence[Span]) -> list[Block]:
    """`weeks` are the periods with counted calls, the last of them this one."""
    t = model.words
    means = [s.mean for s in weeks if s.mean is not None]
    limits = stats.xmr(means, floor=0.0, ceiling=100.0)
    passes = stats.p_chart([s.passed for s in weeks], [s.size for s in weeks])
    shares = [s.pass_share for s in weeks]
    table = TableBlock(
        id="weeks",
        title=t("weeks_title"),
        columns=(
            Column(key="period", label=t("col_period")),
            Column(key="calls", label=t("col_counted"), kind="int"),
            Column(key="mean", label=t("col_sample_mean"), kind="score"),
            Column(key="passed", label=t("col_machine_pass"), kind="percent"),
        ),
        rows=tuple((s.label, len(s.totals), s.mean, p) for s, p in zip(weeks, shares, strict=True)),
        folded=True,
    )
    changed = _not_comparable(model)
    return [
        *([Sentence(text=changed, tone="warn")] if changed else []),
        Sentence(text=_meaning(model, weeks, limits, passes)),
        _chart(model, "mean", weeks, [s.mean for s in weeks], limits),
        _chart(model, "pass", weeks, shares, passes),
        table,
        *_kinds(model),
        Sentence(text=t("limits_rule"), tone="small"),
    ]


def _chart(
    model: ReportModel,
    key: str,
    weeks: Sequence[Span],
    values: Sequence[float | None],
    limits: stats.Limits | None,
) -> LineChart:
    t = model.words
    labels = period_labels([s.label for s in weeks])
    return LineChart(
        id=f"weeks-{key}",
        title=t(f"weeks_{key}_chart"),
        text=t("weeks_text" if limits is None else "weeks_text_limits", n=len(weeks)),
        points=tuple(
            Point(
                label=label,
                value=value,
                note=t("calls_n", n=len(s.totals)),
                signal=limits is not None and i in limits.signals,
            )
            for i, (s, label, value) in enumerate(zip(weeks, labels, values, strict=True))
        ),
        unit="%" if key == "pass" else t("unit_points"),
        percent=key == "pass",
        centre=None if limits is None else limits.centre,
        lower=() if limits is None else limits.lower,
        upper=() if limits is None else limits.upper,
    )


def _meaning(
    model: ReportModel,
    weeks: Sequence[Span],
    means: stats.Limits | None,
    passes: stats.Limits | None,
) -> str:
    """Whether this period is a signal, by the rule; where there are no limits yet, that is said."""
    t, last = model.words, len(weeks) - 1
    if means is None:
        return t("weeks_few", n=len(weeks), least=stats.XMR_LEAST)
    found = [
        t(key)
        for key, limits in (("col_sample_mean", means), ("col_machine_pass", passes))
        if limits is not None and last in limits.signals
    ]
    if found:
        return t("weeks_signal", titles=t.listed(found))
    return t("weeks_no_signal")


def _kinds(model: ReportModel) -> list[Block]:
    """Each group, business, length band and time slot: a row against its own former periods."""
    t, places = model.words, model.places
    past = model.inputs.past[-(SHOWN_PERIODS - 1) :]
    kinds: tuple[tuple[str, Callable[[Call], str], Callable[[PastCall], str]], ...] = (
        (t("col_team"), lambda c: c.team, lambda p: p.team or t("no_team")),
        (t("col_business"), lambda c: c.business, lambda p: p.business or t("no_business")),
        (t("kind_length"), lambda c: places.length(c.recording_id), places.past_length),
        (t("kind_slot"), lambda c: places.slot(c.recording_id), places.past_slot),
    )
    rows: list[tuple[Cell, ...]] = []
    for label, now, before in kinds:
        own: dict[str, list[list[tuple[float, float]]]] = {}
        for i, period in enumerate(past):
            for call in period.calls:
                if call.counts and call.total is not None and before(call):
                    _at(own, before(call), i, len(past)).append((call.total, call.weight))
        for counted in model.counted if model.health.shown else ():
            if counted.total is not None:
                made = (counted.total, counted.weight)
                _at(own, now(counted), len(past), len(past)).append(made)
        for value in sorted(own, key=natural_key)[:MOST_KINDS]:
            cells = [_cell(model, made) for made in own[value]]
            rows.append((label, value, *cells))
    if not rows:
        return []
    names = [*(p.name for p in past), model.inputs.period.name]
    return [
        TableBlock(
            id="weeks-kinds",
            title=t("weeks_kinds_title"),
            columns=(
                Column(key="kind", label=t("col_kind")),
                Column(key="value", label=t("col_kind_value")),
                *(
                    Column(key=f"period{i}", label=name, kind="score")
                    for i, name in enumerate(names, start=1)
                ),
            ),
            rows=tuple(rows),
            filters=("kind",),
            open_rows=12,
            note=t("weeks_kinds_note", least=LEAST_CALLS),
        )
    ]


def _at(
    own: dict[str, list[list[tuple[float, float]]]], value: str, place: int, last: int
) -> list[tuple[float, float]]:
    return own.setdefault(value, [[] for _ in range(last + 1)])[place]


def _cell(model: ReportModel, made: Sequence[tuple[float, float]]) -> Cell:
    """The mean of (total, weight) pairs, or how few there are."""
    if not made:
        return None
    if len(made) < LEAST_CALLS:
        return model.words("calls_in_brackets", n=len(made))
    return stats.mean([total for total, _ in made], [weight for _, weight in made])


def _not_comparable(model: ReportModel) -> str:
    """Why weeks cannot simply be compared: another rubric or another recogniser."""
    t, inputs = model.words, model.inputs
    now = {r.sha256 for r in inputs.rubrics}
    reasons = [
        t("changed_rubric", period=p.name)
        for p in inputs.past
        if p.rubrics and set(p.rubrics) != now
    ]
    models = [
        t("changed_model", period=p.name)
        for p in inputs.past
        if p.models and inputs.making.model_sha256
        if set(p.models) != {inputs.making.model_sha256}
    ]
    found = reasons[-1:] + models[-1:]
    return t("not_comparable", reasons=t.listed(found)) if found else ""
