"""附三、样本与总体: what was drawn beside what there was, and scores by kind of call."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from pydantic import ValidationError

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
    Table,
    without,
)
from qc_pipeline.report.material import AGENT_LEAST_CALLS, Call, Material, natural_key
from qc_pipeline.report.sections.draw_details import replaced_blocks
from qc_pipeline.report.words import Words
from qc_pipeline.sampling.plan import SamplingPlan
from qc_pipeline.sampling.strata import duration_bands, time_slots
from qc_pipeline.sampling.table import CallTable

MOST_KINDS = 12


def build(material: Material) -> tuple[SectionView, ...]:
    if not material.audience.sees_groups:
        return ()
    t = material.words
    frame = material.inputs.sample.frame_size
    drawn = sum(c.pick.origin == "drawn" for c in material.calls)
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
    blocks += replaced_blocks(material)
    blocks += _charts(material)
    blocks.append(_kinds(material))
    return (
        SectionView(
            id="sample",
            heading=t("sampled_heading"),
            level=2,
            blocks=tuple(blocks),
            short=t("nav_sample"),
        ),
    )


def _charts(material: Material) -> list[Block]:
    """Frame against sample by length, time slot, hour, group and business."""
    t = material.words
    excluded = {e.recording_id for e in material.inputs.sample.excluded}
    # What proved invalid after the draw had been in the frame.
    excluded -= {r.recording_id for r in material.inputs.replaced}
    frame = [
        r
        for r in material.inputs.recordings
        if r.answered and not r.mystery and r.recording_id not in excluded
    ]
    drawn = [c.recording for c in material.calls if c.pick.origin == "drawn"]
    places = cells(material, [*frame, *drawn])
    found = [
        ("length", _by(frame, drawn, lambda r: places[r.recording_id][0])),
        ("slot", _by(frame, drawn, lambda r: places[r.recording_id][1])),
        ("hour", _by(frame, drawn, lambda r: f"{r.start_time.hour:02d}:00", most=24)),
        ("team", _by(frame, drawn, lambda r: r.text("team") or t("no_team"))),
        ("business", _by(frame, drawn, lambda r: r.text("business") or t("no_business"))),
    ]
    return [_chart(material, kind, table) for kind, table in found if len(table) > 1]


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


def cells(material: Material, recordings: Sequence[Recording]) -> dict[str, tuple[str, str]]:
    """(length band, time slot) of each call by the plan's own edges and slots, in words.

    Not the strata of the draw: small ones of these were put together, so that they overlap.
    """
    t = material.words
    try:
        plan = SamplingPlan.model_validate(dict(material.inputs.sample.plan))
    except ValidationError:  # a plan of an earlier version of ours
        plan = SamplingPlan()
    once = {r.recording_id: r for r in recordings}
    table = CallTable.of([once[k] for k in sorted(once)])
    bands, band_codes = duration_bands(table, plan)
    slots, slot_codes = time_slots(table, plan)
    return {
        key: (band_label(t, bands[b]), slot_label(t, slots[s]))
        for key, b, s in zip(sorted(once), band_codes, slot_codes, strict=True)
    }


def band_label(t: Words, name: str) -> str:
    """<30s → 30 秒以下, 30-120s → 30–120 秒; what is no such name stays."""
    found = re.fullmatch(r"(<|>=)?([\d.]+)(?:-([\d.]+))?s", name)
    if found is None:
        return t.or_raw("band", name)
    sign, low, high = found.groups()
    if high is not None:
        return t("band_between", low=low, high=high)
    return t("band_below" if sign == "<" else "band_above", at=low)


def slot_label(t: Words, name: str) -> str:
    """Names of merged slots are put together with "+"; each part has its word."""
    return t.listed([t.or_raw("slot", part) for part in name.split("+")])


def _chart(material: Material, kind: str, table: dict[str, tuple[int, int]]) -> BarChart:
    t = material.words
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


def _kinds(material: Material) -> Table:
    """Means by business type, length band, time slot, kind of contact."""
    t = material.words
    places = cells(material, [c.recording for c in material.counted])
    before: dict[str, list[float]] = {}
    for past in material.former.calls if material.former else ():
        if past.counts and past.total is not None:
            before.setdefault(past.business or t("no_business"), []).append(past.total)
    kinds: tuple[tuple[str, Callable[[Call], str]], ...] = (
        (t("col_business"), lambda c: c.business),
        (t("kind_length"), lambda c: places[c.recording_id][0]),
        (t("kind_slot"), lambda c: places[c.recording_id][1]),
        (t("kind_contact"), lambda c: t.or_raw("contact", c.recording.text("contact") or "")),
    )
    rows: list[tuple[Cell, ...]] = []
    for label, key in kinds:
        groups: dict[str, list[Call]] = {}
        for call in material.counted:
            if value := key(call):
                groups.setdefault(value, []).append(call)
        for value in sorted(groups, key=natural_key)[: MOST_KINDS * 2]:
            totals = [c.total for c in groups[value] if c.total is not None]
            passed = sum(bool(c.card and c.card.passed) for c in groups[value])
            rows.append(
                (
                    label,
                    value,
                    len(totals),
                    stats.mean(totals),
                    stats.share(passed, len(totals)),
                    min(totals, default=None),
                    _change(stats.mean(totals), stats.mean(before.get(value, [])))
                    if label == t("col_business")
                    else "–",
                )
            )
    table = Table(
        id="kinds",
        title=t("kinds_title"),
        columns=(
            Column(key="kind", label=t("col_kind")),
            Column(key="value", label=t("col_kind_value")),
            Column(key="calls", label=t("col_counted"), kind="int"),
            Column(key="mean", label=t("col_mean"), kind="score"),
            Column(key="passed", label=t("col_pass_rate"), kind="percent"),
            Column(key="lowest", label=t("col_lowest"), kind="score"),
            Column(key="change", label=t("col_change"), kind="change"),
        ),
        rows=tuple(rows),
        filters=("kind",),
        open_rows=12,
        note=_kinds_note(material, rows),
    )
    return table if material.former is not None else without(table, {"change"})


def _change(now: float | None, before: float | None) -> float | None:
    return None if now is None or before is None else now - before


def _kinds_note(material: Material, rows: Sequence[tuple[Cell, ...]]) -> str:
    """The kind of call with the lowest mean among those with enough calls to say so."""
    t = material.words
    known = [
        (r[3], str(r[0]), str(r[1]), r[2])
        for r in rows
        if isinstance(r[3], float) and isinstance(r[2], int) and r[2] >= AGENT_LEAST_CALLS
    ]
    if len(known) < 2:
        return t("kinds_few", least=AGENT_LEAST_CALLS)
    mean, kind, value, n = min(known)
    return t("kinds_lowest", kind=kind, value=value, mean=formats.score(mean), n=n)
