"""Small tables that people keep in a spreadsheet: columns by name, cells as what they mean.

The traffic table, the table of marks and the sheets that leads hand in are read here; the call
list has a reader of its own (`manifest`), since its columns are mapped in qc.toml.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from qc_pipeline.call_fields import KnownField
from qc_pipeline.call_table import objects
from qc_pipeline.errors import InputError, Problem, did_you_mean
from qc_pipeline.intake.table_file import Grid, read_grid
from qc_pipeline.intake.typed_columns import parse_column


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedColumn:
    """A column that a table may have; `names` are the headers it is known by, lower case.

    `kind`: text, number (≥ 0) or date. `needed`: every row must fill it.
    """

    key: str
    names: tuple[str, ...]
    kind: str = "text"
    needed: bool = False

    @property
    def field(self) -> KnownField:
        kind = {"number": "number", "date": "date"}.get(self.kind, "text")
        return KnownField(name=self.key, label_zh=self.names[0], kind=kind)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedRow:
    """A row of the table; `line` is the number a spreadsheet shows. Empty cells are None."""

    line: int
    cells: Mapping[str, str | float | date | None]

    def text(self, key: str) -> str:
        value = self.cells.get(key)
        return "" if value is None else str(value)

    def number(self, key: str) -> float | None:
        value = self.cells.get(key)
        return float(value) if isinstance(value, int | float) else None

    def day(self, key: str) -> date | None:
        value = self.cells.get(key)
        return value if isinstance(value, date) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedTable:
    """`headers` gives the header each known column has in the file; `others` are the columns that
    no name fits, as (header, cells), a cell for each row."""

    path: str
    rows: tuple[NamedRow, ...]
    headers: Mapping[str, str]
    others: tuple[tuple[str, tuple[str, ...]], ...] = ()

    def problem(self, row: NamedRow, message: str, found: str | None = None) -> Problem:
        return Problem(path=self.path, line=row.line, message=message, found=found)


def read_named_table(
    path: Path, columns: Sequence[NamedColumn], *, sheets: Sequence[str] = (), hint: str = ""
) -> NamedTable:
    """Read a CSV, spreadsheet or Parquet file; of a workbook the sheet of a name in `sheets`.

    Raises InputError with every problem: no such file (with `hint`), a needed column that is not
    there, a cell that is no number or no day, a needed cell that is empty.
    """
    name = str(path)
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        problem = Problem(path=name, message="no such file", hint=hint or None)
        raise InputError([problem]) from None
    except OSError as error:
        message = f"cannot be read ({error.strerror})"
        raise InputError([Problem(path=name, message=message)]) from None
    grid = read_grid(path, content, sheets=sheets, what="a table")
    places, problems = place_columns(name, grid, columns)
    if problems:
        raise InputError(problems)
    typed: dict[str, list[str | float | date | None]] = {}
    for column in columns:
        if column.key in places:
            values, found = _typed(name, grid, column, places[column.key])
            typed[column.key] = values
            problems += found
    if problems:
        raise InputError(problems)
    rows = tuple(
        NamedRow(line=int(line), cells={key: typed[key][i] for key in typed})
        for i, line in enumerate(grid.rows.tolist())
    )
    others = tuple(
        (header, tuple(grid.columns[i].tolist()))
        for i, header in enumerate(grid.header)
        if header and i not in places.values()
    )
    headers = {key: grid.header[place] for key, place in places.items()}
    return NamedTable(path=name, rows=rows, headers=headers, others=others)


def place_columns(
    name: str, grid: Grid, columns: Sequence[NamedColumn]
) -> tuple[dict[str, int], list[Problem]]:
    """Which column of the file is which, and what is missing or there twice."""
    places: dict[str, int] = {}
    problems: list[Problem] = []
    plain = [_plain(h) for h in grid.header]
    for column in columns:
        found = [i for i, header in enumerate(plain) if header in column.names]
        if len(found) > 1:
            said = " and ".join(repr(grid.header[i]) for i in found)
            problems.append(
                Problem(path=name, line=1, message=f"two columns for {column.names[0]}: {said}")
            )
        elif found:
            places[column.key] = found[0]
        elif column.needed:
            problems.append(
                Problem(
                    path=name,
                    line=1,
                    message=f"no column {column.names[0]!r}",
                    found=", ".join(h for h in grid.header if h),
                    allowed=", ".join(column.names),
                    hint=did_you_mean(column.names[0], grid.header),
                )
            )
    return places, problems


_BRACKETS = str.maketrans("\uff08\uff09", "()")


def _plain(header: str) -> str:
    """A header without what people vary in it: blanks, case, a unit in brackets at the end."""
    plain = "".join(header.split()).lower().translate(_BRACKETS)
    for unit in ("(秒)", "(s)", "(通)", "(分)", "(填写)", "(fillin)"):
        plain = plain.removesuffix(unit)
    return plain


def _typed(
    name: str, grid: Grid, column: NamedColumn, place: int
) -> tuple[list[str | float | date | None], list[Problem]]:
    texts = grid.columns[place]
    if column.kind == "number":
        texts = objects([t.replace(",", "") for t in texts.tolist()])
    parsed, _, bad = parse_column(column.field, texts)
    values: list[str | float | date | None] = []
    problems: list[Problem] = []
    for i, (text, value) in enumerate(zip(texts.tolist(), parsed.tolist(), strict=True)):
        line = int(grid.rows[i])
        header = grid.header[place]
        if bad[i]:
            allowed = column.field.allowed
            message = f"{header} is not right"
            problems.append(
                Problem(path=name, line=line, message=message, found=repr(text), allowed=allowed)
            )
            values.append(None)
        elif text == "":
            values.append(None)
            if column.needed:
                problems.append(Problem(path=name, line=line, message=f"{header} is empty"))
        elif column.kind == "date":
            values.append(date.fromisoformat(value))
        else:
            values.append(value)
    return values, problems
