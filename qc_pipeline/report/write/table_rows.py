"""Table rows as HTML: most of a report's mark-up, so written by one function and not by macros.

A report of a big centre has hundreds of thousands of cells, and a macro call costs ten times as
much as this. Every text goes through `escape`; the rest are our own words and numbers.
"""

from __future__ import annotations

from markupsafe import Markup, escape

from qc_pipeline.report import formats
from qc_pipeline.report.blocks import Cell, Column, TableBlock

NUMERIC = frozenset(
    {"int", "score", "points", "percent", "change", "percent_change", "seconds", "heat", "right"}
)
HEAT_STEPS = (0.02, 0.1, 0.2, 0.35, 0.5)
LONG_CHARS = 14
SHORT_CHARS = 10
HASH_CHARS = 12


def body_rows(table: TableBlock, prefix: str) -> Markup:
    """The rows of a table's body; those behind "show all" are marked. `prefix` leads to the root
    of the report from the page the table stands on."""
    parts: list[str] = []
    linked = [table.cell_links.get(c.key) for c in table.columns[1:]] if table.cell_links else []
    for number, row in enumerate(table.rows[: table.page_rows]):
        late = table.open_rows is not None and number >= table.open_rows
        parts.append('<tr class="more">' if late else "<tr>")
        link = table.links[number] if table.links else None
        parts.append(_first(row[0], table.columns[0], None if link is None else prefix + link))
        if linked:
            for value, column, links in zip(row[1:], table.columns[1:], linked, strict=True):
                to = None if links is None else links[number]
                parts.append(cell(value, column) if to is None else _linked(value, prefix + to))
        else:
            parts += [cell(v, c) for v, c in zip(row[1:], table.columns[1:], strict=True)]
        parts.append("</tr>\n")
    return Markup("".join(parts))  # noqa: S704  escaped cell by cell


def total_row(table: TableBlock) -> Markup:
    """The cells of the last row; what has no sum is left empty."""
    total = table.total or ()
    parts = [
        f'<th scope="row">{escape(v)}</th>'
        if x == 0
        else "<td></td>"
        if v is None
        else cell(v, table.columns[x])
        for x, v in enumerate(total)
    ]
    return Markup("".join(parts))  # noqa: S704  escaped cell by cell


def _first(value: Cell, column: Column, link: str | None) -> str:
    if not isinstance(value, str):
        return cell(value, column)
    if link is None:
        return f'<th scope="row">{escape(value)}</th>'
    return f'<th scope="row"><a href="{escape(link)}">{escape(value)}</a></th>'


def _linked(value: Cell, link: str) -> str:
    return f'<td class="nw"><a href="{escape(link)}">{escape(value)}</a></td>'


def cell(value: Cell, column: Column) -> str:
    """One cell, escaped. Numbers carry their value for sorting."""
    kind = column.kind
    if value is None:
        if kind == "heat":
            return f'<td class="heat na">{formats.NOT_AVAILABLE}</td>'
        return f'<td class="n na">{formats.NOT_AVAILABLE}</td>'
    if isinstance(value, str):
        if kind == "hash":
            return f'<td><code title="{escape(value)}">{escape(value[:HASH_CHARS])}</code></td>'
        if kind == "heat":
            return f'<td class="heat na">{escape(value)}</td>'
        if kind == "right":
            return f'<td class="n">{escape(value)}</td>'
        if kind in NUMERIC:
            return f'<td class="n na">{escape(value)}</td>'
        if kind == "date":
            return f'<td class="nw">{escape(value)}</td>'
        # A short text is never broken; what is long keeps room enough to be read.
        kept = "long" if len(value) > LONG_CHARS else "nw" if len(value) <= SHORT_CHARS else ""
        return f'<td class="{kept}">{escape(value)}</td>' if kept else f"<td>{escape(value)}</td>"
    if kind == "heat":
        shade = sum(value >= step for step in HEAT_STEPS)
        return f'<td class="heat h{shade}" data-v="{value:.6g}">{written(value, kind)}</td>'
    if column.bar:
        width = min(max(value, 0.0), 1.0) * 100
        return (
            f'<td class="n barred" data-v="{value:.6g}">{written(value, kind)}'
            '<svg class="mini" aria-hidden="true"><rect class="rail" width="100%" height="4"/>'
            f'<rect class="bar" width="{width:.1f}%" height="4"/></svg></td>'
        )
    return f'<td class="n" data-v="{value:.6g}">{written(value, kind)}</td>'


def written(value: float | None, kind: str) -> str:
    """A number as its column's kind writes it."""
    match kind:
        case "int":
            return formats.NOT_AVAILABLE if value is None else formats.fixed(value, 0)
        case "score":
            return formats.score(value)
        case "percent":
            return formats.percent(value)
        case "percent0" | "heat":
            return formats.percent(value, 0)
        case "change":
            return formats.change(value)
        case "percent_change":
            return formats.percent_change(value)
        case "seconds":
            return formats.seconds(value)
        case _:
            return formats.points(value)
