"""Tables at a terminal: columns aligned by how wide their characters stand there.

What goes into a pipe or a file is never drawn here: there every table is lines of fixed columns,
which do not change with the terminal.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from qc_pipeline.cli.card_text import plain
from qc_pipeline.cli.wrap import NARROWEST, broken, columns, fitted

_GAP = 2
_TEXT_LEAST = 12  # of a column whose texts may break: narrower than that, nobody reads it
_BELOW = "    "


class Kind(enum.Enum):
    """What stands in a column. Texts break where room is short; ids and figures never do."""

    FIGURE = enum.auto()
    ID = enum.auto()
    TEXT = enum.auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class TerminalColumn:
    """A column by its head; figures stand to the right."""

    title: str
    kind: Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class TerminalRow:
    """A cell for each column, and what stands under them over the whole width, a line each."""

    cells: tuple[str, ...]
    below: tuple[str, ...] = ()


def figures(*titles: str) -> tuple[TerminalColumn, ...]:
    """Columns of figures."""
    return tuple(TerminalColumn(title=title, kind=Kind.FIGURE) for title in titles)


def ids(*titles: str) -> tuple[TerminalColumn, ...]:
    """Columns of what must stay whole, as it is typed or copied again: ids, days, states."""
    return tuple(TerminalColumn(title=title, kind=Kind.ID) for title in titles)


def texts(*titles: str) -> tuple[TerminalColumn, ...]:
    """Columns of names and words, which may break."""
    return tuple(TerminalColumn(title=title, kind=Kind.TEXT) for title in titles)


def table_lines(
    heads: Sequence[TerminalColumn], rows: Sequence[TerminalRow], width: int
) -> Iterator[str]:
    """The table in lines of at most `width` columns, its head in bold where the terminal has it.

    Where ids and figures leave no room, each row is a block of lines instead, a title and a cell
    each. Control characters become blanks.
    """
    if not rows:
        return
    width = max(width, NARROWEST)
    rows = [
        TerminalRow(cells=tuple(map(plain, r.cells)), below=tuple(map(plain, r.below)))
        for r in rows
    ]
    cells = [row.cells for row in rows]
    titles = [head.title for head in heads]
    widths = _widths(heads, titles, cells, width)
    if widths is None:
        titles = [title.replace(" ", "\n") for title in titles]
        widths = _widths(heads, titles, cells, width)
    if widths is None:
        yield from _blocks(heads, rows, width)
        return
    yield from _drawn(heads, widths, [titles], width, head=True)
    yield from _drawn(heads, widths, [["─" * w for w in widths]], width)
    for row in rows:
        yield from _drawn(heads, widths, [row.cells], width)
        yield from _under(row, width)


def _under(row: TerminalRow, width: int) -> Iterator[str]:
    for line in row.below:
        yield from fitted(_BELOW + line, width)


def _widths(
    heads: Sequence[TerminalColumn],
    titles: Sequence[str],
    cells: Sequence[Sequence[str]],
    width: int,
) -> list[int] | None:
    """How wide each column stands; None where the terminal is too narrow for them."""
    title_widths = [max(map(columns, title.split("\n"))) for title in titles]
    longest = [max(map(columns, column)) for column in zip(*cells, strict=True)]
    wanted = list(map(max, title_widths, longest))
    found = [
        max(title, min(most, _TEXT_LEAST)) if head.kind is Kind.TEXT else most
        for head, title, most in zip(heads, title_widths, wanted, strict=True)
    ]
    room = width - sum(found) - _GAP * (len(found) - 1)
    if room < 0:
        return None
    while room and (short := [i for i, w in enumerate(found) if w < wanted[i]]):
        # The narrowest first, so that none is broken for the sake of a longer one.
        found[min(short, key=found.__getitem__)] += 1
        room -= 1
    return found


def _blocks(
    heads: Sequence[TerminalColumn], rows: Sequence[TerminalRow], width: int
) -> Iterator[str]:
    title = max(columns(head.title) for head in heads)
    pair = (*texts(""), *texts(""))
    for number, row in enumerate(rows):
        if number:
            yield ""
        said = [
            (head.title, cell) for head, cell in zip(heads, row.cells, strict=True) if cell.strip()
        ]
        yield from _drawn(pair, [title, max(width - title - _GAP, 1)], said, width)
        yield from _under(row, width)


def _drawn(
    heads: Sequence[TerminalColumn],
    widths: Sequence[int],
    rows: Sequence[Sequence[str]],
    width: int,
    *,
    head: bool = False,
) -> Iterator[str]:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table.grid(padding=(0, _GAP, 0, 0))
    for column, own in zip(heads, widths, strict=True):
        table.add_column(
            width=own,
            justify="right" if column.kind is Kind.FIGURE else "left",
            vertical="bottom" if head else "top",
            overflow="fold",
        )
    for row in rows:
        pieces = [
            cell if head or column.kind is not Kind.TEXT else "\n".join(broken(cell, own))
            for cell, column, own in zip(row, heads, widths, strict=True)
        ]
        # As text: what a call list or a rubric holds is no markup.
        table.add_row(*(Text(piece, style="bold" if head else "") for piece in pieces))
    # With a height, too, as the width of a dumb terminal is not asked for without.
    console = Console(width=width, height=len(rows) + 1, highlight=False)
    with console.capture() as drawn:
        console.print(table)
    yield from (line.rstrip() for line in drawn.get().splitlines())
