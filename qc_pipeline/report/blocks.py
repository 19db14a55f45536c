"""The pieces a report page is put together from: tables, charts, sentences, call cards.

They hold numbers and words, no mark-up: HTML, XLSX and JSON are three ways to write the same
blocks. A cell is a plain value; None means that there is nothing to divide by (n/a).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

Cell = str | int | float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """`kind` says how a value is written: text, int, score, points, percent, change,
    percent_change, seconds, date, right (a text that ends where numbers do), heat (a share as a
    shade), hash. `bar` draws a share in [0, 1] beneath its number.
    """

    key: str
    label: str
    kind: str = "text"
    bar: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TableBlock:
    """Rows of cells, one for each column. `links[i]` is where row i's first cell leads, and
    `cell_links[key][i]` where that of another column does.

    `open_rows` are shown at once, the rest behind "show all"; None shows every row. `total` is a
    last row that sorting leaves in place. `page_rows` bounds what the page holds at all; workbook
    and data file have every row. `sheet` False keeps the table out of the workbook. `about[i]` is
    the id of the recording whose words, or what was written about it, stand in row i; "" where
    none do, no entry at all in a table without words.
    """

    id: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    links: tuple[str | None, ...] = ()
    total: tuple[Cell, ...] | None = None
    open_rows: int | None = None
    page_rows: int | None = None
    search: bool = False
    filters: tuple[str, ...] = ()
    sheet: bool = True
    note: str = ""
    folded: bool = False
    about: tuple[str, ...] = ()
    cell_links: Mapping[str, tuple[str | None, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """`label` stands under the axis, `note` in the tooltip; `value` None leaves a gap."""

    label: str
    value: float | None
    note: str = ""
    signal: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LineChart:
    """A series over time; limits are one value a point (p-chart) or None."""

    id: str
    title: str
    text: str
    points: tuple[Point, ...]
    unit: str
    centre: float | None = None
    lower: tuple[float | None, ...] = ()
    upper: tuple[float | None, ...] = ()
    target: float | None = None
    percent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    label: str
    value: float
    text: str
    href: str | None = None
    second: float | None = None
    cumulative: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BarChart:
    """Lying bars; `second` draws a thinner bar beneath (frame against sample), `cumulative` a
    line of shares in [0, 1] (Pareto). `legend` names the first and the second bar."""

    id: str
    title: str
    text: str
    bars: tuple[Bar, ...]
    legend: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Dot:
    label: str
    value: float | None
    low: float | None
    high: float | None
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DotChart:
    """A mean with its range for each group, on one scale from `start` to `end`."""

    id: str
    title: str
    text: str
    dots: tuple[Dot, ...]
    start: float
    end: float
    mark: float | None = None
    mark_label: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """What the numbers mean, in words. `tone`: lead, plain, small, warn, good."""

    text: str
    tone: str = "plain"


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Name and value pairs, in order."""

    id: str
    pairs: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """What was said, or how long nothing was: words, who, where, and the page it stands on."""

    words: str
    speaker: str
    at: str
    href: str | None
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CommonProblem:
    """A problem many share. `low` and `high` bound its share of the calls it applied to."""

    rank: int
    criterion: str
    title: str
    calls: int
    judged: int
    agents: int
    points: float
    share: float
    low: float
    high: float
    change: str
    why: str
    say: str
    quotes: tuple[tuple[int, Quote], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CommonProblems:
    rule: str
    items: tuple[CommonProblem, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeductionBlock:
    """One criterion of a problem call: cost, reason, evidence, what should have been said."""

    criterion: str
    title: str
    mark: str
    tone: str
    cost: str
    reason: str
    why: str
    ref: str
    say: str
    quotes: tuple[Quote, ...]
    decided_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemCall:
    """A recording to be played in the shift meeting."""

    key: str
    href: str
    title: str
    meta: tuple[str, ...]
    total: float | None
    band: str
    flags: tuple[str, ...]
    group: str
    deductions: tuple[DeductionBlock, ...]
    rest: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemCalls:
    items: tuple[ProblemCall, ...]
    more: int
    more_href: str | None = None


Block = (
    TableBlock | LineChart | BarChart | DotChart | Sentence | Facts | CommonProblems | ProblemCalls
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionView:
    """A heading and what stands under it. `level` 2 is a part, 3 a number within it."""

    id: str
    heading: str
    level: int
    blocks: tuple[Block, ...]
    short: str = ""


def without(table: TableBlock, keys: Collection[str]) -> TableBlock:
    """The table without some columns: where a period before is missing, a column of n/a tells
    nobody anything."""
    kept = [i for i, c in enumerate(table.columns) if c.key not in keys]
    return replace(
        table,
        columns=tuple(table.columns[i] for i in kept),
        rows=tuple(tuple(row[i] for i in kept) for row in table.rows),
        total=None if table.total is None else tuple(table.total[i] for i in kept),
    )
