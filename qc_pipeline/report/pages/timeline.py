"""A call over its seconds as SVG: loudness and speech of both, silence, overlap, deductions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from markupsafe import Markup, escape

from qc_pipeline.report import formats
from qc_pipeline.report.write.charts import pct


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineMark:
    """A place on the time line: `tone` is fatal, fail, held, silence, overlap or unheard.

    `party`: agent or customer, where it lies in one's lane.
    """

    start_s: float
    end_s: float
    tone: str
    title: str
    party: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """Both parties over a call. Loudness in [0, 1] a column, speech as spans in seconds."""

    duration_s: float
    text: str
    agent_label: str
    customer_label: str
    agent_speech: tuple[tuple[float, float], ...]
    customer_speech: tuple[tuple[float, float], ...]
    agent_levels: tuple[float, ...] = ()
    customer_levels: tuple[float, ...] = ()
    marks: tuple[TimelineMark, ...] = ()


LANE = 34
TOP = 26
COLUMNS = 300
QUIET = 0.15
"""Levels up to this are no speech (of the decibels over the floor)."""
SPANS = ("silence", "overlap", "unheard")
HATCHES = (
    '<defs><pattern id="hatch" width="5" height="5" patternUnits="userSpaceOnUse" '
    'patternTransform="rotate(45)"><line class="hatch" x1="0" y1="0" x2="0" y2="5"/>'
    "</pattern></defs>"
)
LEAST_SHARE = 0.005
"""Of the line's width: a second of an hour would not be seen, let alone clicked."""


def timeline(line: Timeline) -> Markup:
    """Agent above, customer below, loudness as outlines in the speech blocks, marks on top.

    One a call page, so written with plain strings: only titles and the text are not our numbers,
    and they are escaped.
    """
    total = max(line.duration_s, 0.1)
    height = TOP + 2 * LANE + 28
    middle = TOP + LANE
    parts: list[str] = []
    parts += [_span(m, total, TOP, 2 * LANE) for m in line.marks if m.tone == "silence"]
    for spans, levels, who, up in (
        (line.agent_speech, line.agent_levels, "agent", True),
        (line.customer_speech, line.customer_levels, "customer", False),
    ):
        top = TOP + 4 if up else middle + 4
        for start, end in spans:
            parts.append(
                f'<rect class="speech {who}" x="{pct(start / total)}" y="{top}" '
                f'width="{pct((end - start) / total)}" height="{LANE - 8}"/>'
            )
        if levels:
            parts.append(_outline(levels, who, middle, up=up))
    parts.append(f'<line class="centre-line" x1="0" y1="{middle}" x2="100%" y2="{middle}"/>')
    parts += [_span(m, total, middle - 4, 8) for m in line.marks if m.tone == "overlap"]
    unheard = [m for m in line.marks if m.tone == "unheard"]
    if unheard:
        parts.append(HATCHES)
    for mark in unheard:
        parts.append(_hatched(mark, total, TOP + 2 if mark.party == "agent" else middle + 2))
    for mark in line.marks:
        if mark.tone not in SPANS:
            x = pct(mark.start_s / total)
            parts.append(
                f'<g class="flag {escape(mark.tone)}" data-t="{mark.start_s:.2f}">'
                f"<title>{escape(mark.title)}</title>"
                f'<line x1="{x}" y1="14" x2="{x}" y2="{TOP + 2 * LANE}"/>'
                f'<circle cx="{x}" cy="10" r="6"/></g>'
            )
    step = _time_step(total)
    at = 0.0
    while at <= total:
        first = " first" if at == 0 else ""
        parts.append(
            f'<text class="tick{first}" x="{pct(at / total)}" y="{height - 8}">'
            f"{formats.clock(at)}</text>"
        )
        at += step
    body = "".join(parts)
    return Markup(  # noqa: S704  escaped piece by piece
        f'<svg class="plot timeline" role="img" aria-label="{escape(line.text)}" '
        f'height="{height}" data-total="{total:.2f}">{body}'
        f'<rect class="head" x="0" y="{TOP - 4}" width="1.5" height="{2 * LANE + 8}"/></svg>'
    )


def _span(mark: TimelineMark, total: float, top: float, height: float) -> str:
    width = pct((mark.end_s - mark.start_s) / total)
    return (
        f'<rect class="{escape(mark.tone)}" x="{pct(mark.start_s / total)}" y="{top}" '
        f'width="{width}" height="{height}"><title>{escape(mark.title)}</title></rect>'
    )


def _hatched(mark: TimelineMark, total: float, top: float) -> str:
    """A stretch of a lane: nothing of the speech under it, but lines across, told apart without
    colour as well."""
    share = max((mark.end_s - mark.start_s) / total, LEAST_SHARE)
    place = f'x="{pct(mark.start_s / total)}" y="{top}" width="{pct(share)}" height="{LANE - 4}"'
    return (
        f'<g class="unheard {escape(mark.party)}" data-t="{mark.start_s:.2f}">'
        f"<title>{escape(mark.title)}</title>"
        f'<rect class="hollow" {place}/><rect class="hatched" {place} fill="url(#hatch)"/></g>'
    )


def _outline(levels: Sequence[float], who: str, middle: float, *, up: bool) -> str:
    """Loudness in at most 300 columns as one filled outline, on its own stretched canvas.

    Heights are whole half pixels and a level that stays is not drawn again: most of a page's
    drawing is here.
    """
    wanted = min(COLUMNS, len(levels))
    edges = np.arange(wanted) * len(levels) // wanted
    loudest = np.maximum.reduceat(np.array(levels, dtype=np.float64), edges)
    # Decibels over the floor; squared they look like what the ear hears as loud.
    heights = np.where(loudest > QUIET, np.rint(loudest * loudest * (LANE - 8) * 2), 0)
    foot, sign = (LANE * 2, -1) if up else (0, 1)
    strokes = [f"M0 {foot}"]
    former = 0
    for i, height in enumerate(heights.astype(int).tolist()):
        if height != former:
            strokes.append(f"H{i}V{foot + sign * height}")
            former = height
    path = "".join(strokes)
    top = middle - LANE if up else middle
    return (
        f'<svg x="0" y="{top}" width="100%" height="{LANE}" viewBox="0 0 {wanted} {LANE * 2}" '
        f'preserveAspectRatio="none"><path class="wave {who}" d="{path}H{wanted}V{foot}z"/></svg>'
    )


def _time_step(total: float) -> float:
    for step in (5, 10, 15, 30, 60, 120, 300, 600, 1200):
        if total / step <= 7:
            return float(step)
    return 3600.0
