"""Charts as SVG: no library, no script, colours from the page's style sheet, text alternatives.

Widths are shares of the place a chart has, so that a telephone shows the same chart with letters
of the same size. Everything that is not a number of ours goes through `escape`.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from markupsafe import Markup, escape

from qc_pipeline.report import formats
from qc_pipeline.report.blocks import BarChart, DotChart, LineChart

LINE_HEIGHT = 190
ROW = 38
MOST_LABELS = 8
MOST_VALUES = 8
"""Up to so many points all have their value written; of more only what is said about them."""


def pct(share: float) -> str:
    return f"{min(max(share, 0.0), 1.0) * 100:.2f}%"


def _join(parts: Sequence[Markup]) -> Markup:
    return Markup("").join(parts)


def line_chart(chart: LineChart) -> Markup:
    """A line with its control limits as a band, the centre dashed, signals as ringed points."""
    values = [p.value for p in chart.points if p.value is not None]
    bounds = [v for v in (*chart.lower, *chart.upper) if v is not None]
    if chart.centre is not None:
        bounds.append(chart.centre)
    if chart.target is not None:
        bounds.append(chart.target)
    if not values:
        return Markup("")
    low, high, step = _scale([*values, *bounds], percent=chart.percent)
    count = len(chart.points)

    def x(i: int) -> str:
        return pct((i + 0.5) / count)

    def y(value: float) -> str:
        return f"{LINE_HEIGHT - (value - low) / (high - low) * LINE_HEIGHT:.1f}"

    parts = [_grid(low, high, step, y, percent=chart.percent)]
    if not chart.percent:
        parts.append(Markup('<text class="axis" x="-8" y="-12">{}</text>').format(chart.unit))
    parts += _limits(chart, count, y)
    previous: int | None = None
    for i, point in enumerate(chart.points):
        if point.value is None:
            continue
        if previous is not None:
            before = chart.points[previous].value
            if before is not None:
                parts.append(
                    Markup('<line class="series" x1="{}" y1="{}" x2="{}" y2="{}"/>').format(
                        x(previous), y(before), x(i), y(point.value)
                    )
                )
        previous = i
    every = -(-count // MOST_LABELS)
    told = _told(chart)
    for i, point in enumerate(chart.points):
        label = _write(point.value, percent=chart.percent)
        if (count - 1 - i) % every == 0:
            parts.append(_tick(point.label, x(i)))
        if point.value is None:
            continue
        parts.append(
            Markup('<circle class="{}" cx="{}" cy="{}" r="{}"><title>{}</title></circle>').format(
                "signal" if point.signal else "dot",
                x(i),
                y(point.value),
                6 if point.signal else 4,
                f"{point.label}: {label} {point.note}".strip(),
            )
        )
        if i in told:
            parts.append(
                Markup('<text class="value" x="{}" y="{:.1f}">{}</text>').format(
                    x(i), float(y(point.value)) - 10, label
                )
            )
    return Markup('<svg class="plot" role="img" aria-label="{}" height="{}">{}</svg>').format(
        f"{chart.title}. {chart.text}", LINE_HEIGHT + 44, _join(parts)
    )


def _told(chart: LineChart) -> set[int]:
    """Points whose value is written: all of a few, else signals, the highest, lowest and last."""
    known = [(p.value, i) for i, p in enumerate(chart.points) if p.value is not None]
    if len(known) <= MOST_VALUES:
        return {i for _, i in known}
    signals = {i for i, p in enumerate(chart.points) if p.signal}
    return signals | {max(known)[1], min(known)[1], known[-1][1]}


def _limits(chart: LineChart, count: int, y: object) -> list[Markup]:
    place = y if callable(y) else str
    parts: list[Markup] = []
    for i, (low, high) in enumerate(zip(chart.lower, chart.upper, strict=True)):
        if low is None or high is None:
            continue
        top, bottom = float(place(high)), float(place(low))
        parts.append(
            Markup('<rect class="band" x="{}" y="{:.1f}" width="{}" height="{:.1f}"/>').format(
                pct(i / count), top, pct(1 / count), max(bottom - top, 0.5)
            )
        )
    for kind, value in (("centre", chart.centre), ("target", chart.target)):
        if value is not None:
            level = place(value)
            parts.append(
                Markup('<line class="{}" x1="0" y1="{}" x2="100%" y2="{}"/>').format(
                    kind, level, level
                )
            )
    return parts


def _grid(low: float, high: float, step: float, y: object, *, percent: bool) -> Markup:
    place = y if callable(y) else str
    parts: list[Markup] = []
    value = low
    while value <= high + step / 100:
        level = place(value)
        text = formats.percent(value, 0) if percent else formats.points(value)
        parts.append(
            Markup(
                '<line class="grid" x1="0" y1="{}" x2="100%" y2="{}"/>'
                '<text class="axis" x="-8" y="{}" dy="4">{}</text>'
            ).format(level, level, level, text)
        )
        value += step
    return _join(parts)


def _tick(label: str, at: str) -> Markup:
    first, _, second = label.partition(" ")
    return Markup('<text class="tick" x="{}" y="{}">{}</text>{}').format(
        at,
        LINE_HEIGHT + 20,
        first,
        Markup('<text class="tick soft" x="{}" y="{}">{}</text>').format(
            at, LINE_HEIGHT + 37, second
        )
        if second
        else "",
    )


def _scale(values: Sequence[float], *, percent: bool) -> tuple[float, float, float]:
    """(low, high, step): round bounds a little outside the values, three to six grid lines."""
    top = 1.0 if percent else 100.0
    low, high = min(values), max(values)
    room = max((high - low) * 0.15, 0.01 * top)
    low, high = max(0.0, low - room), min(top, high + room)
    for step in (0.01, 0.02, 0.05, 0.1, 0.2, 0.25):
        size = step * top
        first, last = low // size * size, -(-high // size) * size
        if (last - first) / size <= 5.01:
            return round(first, 6), round(max(last, first + size), 6), size
    return 0.0, top, top / 4


def _write(value: float | None, *, percent: bool) -> str:
    return formats.percent(value, 0) if percent else formats.score(value)


def bar_chart(chart: BarChart) -> Markup:
    """Lying bars, label above and numbers at the right; a second bar or a cumulative line."""
    most = max((max(b.value, b.second or 0.0) for b in chart.bars), default=0.0) or 1.0
    parts: list[Markup] = []
    labels: list[Markup] = []
    line: list[tuple[float, int]] = []
    for i, bar in enumerate(chart.bars):
        top = i * ROW
        labels.append(_bar_label(bar.label, bar.href, top))
        labels.append(
            Markup('<text class="number" x="100%" y="{}">{}</text>').format(top + 14, bar.text)
        )
        parts.append(
            Markup('<rect class="rail" x="0" y="{}" width="100%" height="10" rx="2"/>').format(
                top + 20
            )
        )
        thick = 10 if bar.second is None else 5
        parts.append(
            Markup('<rect class="bar" x="0" y="{}" width="{}" height="{}" rx="2"/>').format(
                top + 20, pct(bar.value / most), thick
            )
        )
        if bar.second is not None:
            parts.append(
                Markup(
                    '<rect class="bar second" x="0" y="{}" width="{}" height="5" rx="2"/>'
                ).format(top + 25, pct(bar.second / most))
            )
        if bar.cumulative is not None:
            line.append((bar.cumulative, top + 25))
    for (a, ya), (b, yb) in pairwise(line):
        parts.append(
            Markup('<line class="cumulative" x1="{}" y1="{}" x2="{}" y2="{}"/>').format(
                pct(a), ya, pct(b), yb
            )
        )
    for share, level in line:
        parts.append(
            Markup(
                '<circle class="cumulative" cx="{}" cy="{}" r="3.5"><title>{}</title></circle>'
            ).format(pct(share), level, formats.percent(share, 0))
        )
    parts += labels
    text = " ".join([chart.title + ".", chart.text, *(f"{b.label}: {b.text};" for b in chart.bars)])
    return Markup(
        '<svg class="plot rows" role="group" aria-label="{}" height="{}">{}</svg>'
    ).format(text, len(chart.bars) * ROW + 4, _join(parts))


def _bar_label(label: str, href: str | None, top: int) -> Markup:
    text = Markup('<text class="label" x="0" y="{}">{}</text>').format(top + 14, label)
    if href is None:
        return text
    return Markup('<a href="{}" data-pick="{}">{}</a>').format(href, label, text)


def dot_chart(chart: DotChart) -> Markup:
    """Each group's mean as a point on the line from its lowest to its highest."""
    width = chart.end - chart.start or 1.0

    def x(value: float) -> str:
        return pct((value - chart.start) / width)

    height = len(chart.dots) * ROW
    parts: list[Markup] = []
    step = 5 if width <= 30 else 10
    value = chart.start
    while value <= chart.end + 0.01:
        parts.append(
            Markup(
                '<line class="grid" x1="{0}" y1="0" x2="{0}" y2="{1}"/>'
                '<text class="tick" x="{0}" y="{2}">{3}</text>'
            ).format(x(value), height, height + 18, formats.points(value))
        )
        value += step
    if chart.mark is not None:
        parts.append(
            Markup(
                '<line class="mark" x1="{0}" y1="0" x2="{0}" y2="{1}"/>'
                '<text class="tick mark" x="{0}" y="{2}">{3}</text>'
            ).format(x(chart.mark), height, height + 36, chart.mark_label)
        )
    for i, dot in enumerate(chart.dots):
        level = i * ROW + 26
        span = f"{formats.points(dot.low)}–{formats.points(dot.high)}"
        number = f"{formats.score(dot.value)} ({span})"
        parts.append(
            Markup(
                '<text class="label" x="0" y="{}">{}</text>'
                '<text class="number" x="100%" y="{}">{}</text>'
            ).format(i * ROW + 14, dot.label, i * ROW + 14, number)
        )
        if dot.value is None or dot.low is None or dot.high is None:
            continue
        parts.append(
            Markup(
                '<line class="range" x1="{}" y1="{}" x2="{}" y2="{}"/>'
                '<circle class="dot" cx="{}" cy="{}" r="6"><title>{}</title></circle>'
            ).format(x(dot.low), level, x(dot.high), level, x(dot.value), level, dot.text)
        )
    return Markup('<svg class="plot rows" role="img" aria-label="{}" height="{}">{}</svg>').format(
        f"{chart.title}. {chart.text}", height + (26 if chart.mark is None else 44), _join(parts)
    )


def legend(names: Sequence[str], *, cumulative: bool) -> Markup:
    if not names:
        return Markup("")
    classes = ("bar", "line" if cumulative else "second")
    return _join(
        [
            Markup('<span class="key {}">{}</span>').format(c, escape(n))
            for c, n in zip(classes, names, strict=False)
        ]
    )
