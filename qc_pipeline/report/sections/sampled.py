"""附三、样本与总体: what was drawn beside what there was, and scores by kind of call."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from qc_pipeline.call import Recording
from qc_pipeline.report import formats, stats
from qc_pipeline.report.blocks import (
    Bar,
    BarChart,
    Block,
    Cell,
    Column,
    SectionView,
    Sentence,
    TableBlock,
    without,
)
from qc_pipeline.report.inputs import PastCall
from qc_pipeline.report.model import GROUP_LEAST_CALLS, Call, ReportModel, natural_key
from qc_pipeline.report.sections.draw_details import replaced_blocks
from qc_pipeline.report.words.strata import band_label, slot_label
from qc_pipeline.sampling.strata import JOINT, MISSING, SEPARATOR

MOST_KINDS = 12


def build(model: ReportModel) -> tuple[SectionView, ...]:
    if not model.audience.sees_groups:
        return ()
    t = model.words
    frame = model.inputs.sample.frame_size
    drawn = sum(c.pick.origin == "drawn" for c in model.calls)
    blocks: list[Block] = [
        Sentence(
            text=t(
                "sampled_sentence",
                frame=frame,
                drawn=drawn,
                share=formats.percent(stats.share(drawn, frame)),
            )
        )
    ]
    blocks += replaced_blocks(model)
    blocks += _charts(model)
    blocks.append(_kinds(model))
    return (
        SectionView(
            id="sample",
            heading=t("sampled_heading"),
            level=2,
            blocks=tuple(blocks),
            short=t("nav_sample"),
        ),
    )


def _charts(model: ReportModel) -> list[Block]:
    """Frame against sample by length, time slot, hour, group and business."""
    t = model.words
    frame = model.inputs.frame
    drawn = [c.recording for c in model.calls if c.pick.origin == "drawn"]
    places = model.places
    found = [
        ("length", _by(frame, drawn, lambda r: places.length(r.recording_id))),
        ("slot", _by(frame, drawn, lambda r: places.slot(r.recording_id))),
        ("team", _by(frame, drawn, lambda r: r.text("team") or t("no_team"))),
        ("business", _by(frame, drawn, lambda r: r.text("business") or t("no_business"))),
        ("hour", _by(frame, drawn, lambda r: f"{r.start_time.hour:02d}:00", most=24)),
    ]
    found = [(kind, table) for kind, table in found if len(table) > 1]
    if not found:
        return []
    shares = _shares(model, found)
    return [
        Sentence(text=_widest(model, shares)),
        *(_chart(model, kind, table) for kind, table in found),
        TableBlock(
            id="frame",
            title=t("frame_title"),
            columns=(
                Column(key="kind", label=t("col_kind")),
                Column(key="value", label=t("col_kind_value")),
                Column(key="frame", label=t("in_frame"), kind="int"),
                Column(key="frame_share", label=t("col_frame_share"), kind="percent"),
                Column(key="drawn", label=t("in_sample"), kind="int"),
                Column(key="drawn_share", label=t("col_sample_share"), kind="percent"),
            ),
            rows=shares,
            folded=True,
        ),
    ]


def _shares(
    model: ReportModel, found: Sequence[tuple[str, dict[str, tuple[int, int]]]]
) -> tuple[tuple[Cell, ...], ...]:
    """The charts' numbers: kind, value, calls and share of the frame, of the sample."""
    rows: list[tuple[Cell, ...]] = []
    for kind, table in found:
        frame = sum(a for a, _ in table.values())
        drawn = sum(b for _, b in table.values())
        label = model.words(f"frame_{kind}_kind")
        for value, (a, b) in table.items():
            rows.append((label, value, a, stats.share(a, frame), b, stats.share(b, drawn)))
    return tuple(rows)


def _widest(model: ReportModel, shares: Sequence[tuple[Cell, ...]]) -> str:
    """Where frame and sample differ most, in words."""
    t = model.words
    gaps = [
        (abs(row[5] - row[3]), str(row[0]), str(row[1]), row[3], row[5])
        for row in shares
        if isinstance(row[3], float) and isinstance(row[5], float)
    ]
    if not gaps:
        return t("frame_none")
    _, kind, value, frame, drawn = max(gaps)
    return t(
        "frame_widest" if (kind, value) in _of_strata(model) else "frame_widest_free",
        kind=kind,
        value=value,
        frame=formats.percent(frame, 0),
        drawn=formats.percent(drawn, 0),
    )


def _of_strata(model: ReportModel) -> set[tuple[str, str]]:
    """(kind, value) as the charts name them of what strata hold whole: of each stratum all of its
    cells have the value or none. Only for these does weighting give the frame's share back; small
    cells are put together with others, and the plan need not cut by group, business or hour.
    """
    t, sample = model.words, model.inputs.sample
    by = tuple(sample.plan.get("by") or ())
    whole: dict[tuple[str, str], bool] = {}
    for row in sample.strata:
        cells = [_cell(model, name, by) for name in row.merged_from or (row.stratum,)]
        if not all(cells):  # a name that holds a sign of ours: nothing can be said
            return set()
        for key in {key for cell in cells for key in cell}:
            whole[key] = whole.get(key, True) and all(key in cell for cell in cells)
    return {(t(f"frame_{kind}_kind"), value) for (kind, value), own in whole.items() if own}


def _cell(model: ReportModel, name: str, by: Sequence[str]) -> set[tuple[str, str]]:
    """A cell of the draw – band / slot / values of the columns of `by` – as (kind, value)."""
    t = model.words
    parts = name.split(SEPARATOR, 2)
    if len(parts) != (3 if by else 2):
        return set()
    found = {("length", band_label(t, parts[0])), ("slot", slot_label(t, parts[1]))}
    values = parts[2].split(JOINT) if by else []
    if len(values) == len(by):
        none = {"team": t("no_team"), "business": t("no_business")}
        found |= {
            (kind, none[kind] if value == MISSING else value)
            for kind, value in zip(by, values, strict=True)
            if kind in none
        }
    return found


def _by(
    frame: Sequence[Recording],
    drawn: Sequence[Recording],
    key: Callable[[Recording], str],
    most: int = MOST_KINDS,
) -> dict[str, tuple[int, int]]:
    counts: dict[str, tuple[int, int]] = {}
    for row in frame:
        a, b = counts.get(key(row), (0, 0))
        counts[key(row)] = (a + 1, b)
    for row in drawn:
        a, b = counts.get(key(row), (0, 0))
        counts[key(row)] = (a, b + 1)
    biggest = sorted(counts, key=lambda k: (-counts[k][0], k))[:most]
    return {k: counts[k] for k in sorted(biggest, key=natural_key)}


def _chart(model: ReportModel, kind: str, table: dict[str, tuple[int, int]]) -> BarChart:
    t = model.words
    frame = sum(a for a, _ in table.values())
    drawn = sum(b for _, b in table.values())
    return BarChart(
        id=f"frame-{kind}",
        title=t(f"frame_{kind}"),
        text=t("frame_text"),
        bars=tuple(
            Bar(
                label=label,
                value=a / frame if frame else 0.0,
                second=b / drawn if drawn else 0.0,
                text=t(
                    "frame_bar",
                    frame=a,
                    frame_share=formats.percent(stats.share(a, frame), 0),
                    drawn=b,
                    drawn_share=formats.percent(stats.share(b, drawn), 0),
                ),
            )
            for label, (a, b) in table.items()
        ),
        legend=(t("in_frame"), t("in_sample")),
    )


def _kinds(model: ReportModel) -> TableBlock:
    """Means by business type, length band, time slot, kind of contact."""
    t, places = model.words, model.places
    kinds: tuple[tuple[str, Callable[[Call], str], Callable[[PastCall], str]], ...] = (
        (t("col_business"), lambda c: c.business, lambda p: p.business or t("no_business")),
        (t("kind_length"), lambda c: places.length(c.recording_id), places.past_length),
        (t("kind_slot"), lambda c: places.slot(c.recording_id), places.past_slot),
        (
            t("kind_contact"),
            lambda c: t.or_raw("contact", c.recording.text("contact") or ""),
            lambda p: t.or_raw("contact", p.contact),
        ),
    )
    former = [
        p for p in (model.former.calls if model.former else ()) if p.counts and p.total is not None
    ]
    rows: list[tuple[Cell, ...]] = []
    for label, key, past_key in kinds:
        before: dict[str, list[PastCall]] = {}
        for past in former:
            before.setdefault(past_key(past), []).append(past)
        groups: dict[str, list[Call]] = {}
        for call in model.counted:
            if value := key(call):
                groups.setdefault(value, []).append(call)
        for value in sorted(groups, key=natural_key)[: MOST_KINDS * 2]:
            shown = groups[value] if model.health.shown else []
            totals, weights = [c.total or 0.0 for c in shown], [c.weight for c in shown]
            mean, earlier = stats.mean(totals, weights), before.get(value, [])
            mean_before = stats.mean([c.total or 0.0 for c in earlier], [c.weight for c in earlier])
            rows.append(
                (
                    label,
                    value,
                    len(groups[value]),
                    mean,
                    stats.weighted_share([bool(c.card and c.card.passed) for c in shown], weights),
                    min(totals, default=None),
                    _change(mean, mean_before),
                )
            )
    table = TableBlock(
        id="kinds",
        title=t("kinds_title"),
        columns=(
            Column(key="kind", label=t("col_kind")),
            Column(key="value", label=t("col_kind_value")),
            Column(key="calls", label=t("col_counted"), kind="int"),
            Column(key="mean", label=t("col_sample_mean"), kind="score"),
            Column(key="passed", label=t("col_machine_pass"), kind="percent"),
            Column(key="lowest", label=t("col_lowest"), kind="score"),
            Column(key="change", label=t("col_change"), kind="change"),
        ),
        rows=tuple(rows),
        filters=("kind",),
        open_rows=12,
        note=_kinds_note(model, rows) + (t.gap + t("means_weighted") if model.weighted else ""),
    )
    return table if model.former is not None else without(table, {"change"})


def _change(now: float | None, before: float | None) -> float | None:
    return None if now is None or before is None else now - before


def _kinds_note(model: ReportModel, rows: Sequence[tuple[Cell, ...]]) -> str:
    """The kind of call with the lowest mean among those with enough calls to say so."""
    t = model.words
    known = [
        (r[3], str(r[0]), str(r[1]), r[2])
        for r in rows
        if isinstance(r[3], float) and isinstance(r[2], int) and r[2] >= GROUP_LEAST_CALLS
    ]
    if len(known) < 2:
        return t("kinds_few", least=GROUP_LEAST_CALLS)
    mean, kind, value, n = min(known)
    return t("kinds_lowest", kind=kind, value=value, mean=formats.score(mean), n=n)
