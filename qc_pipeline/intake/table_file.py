"""A call list file → its header and its columns of text, whatever program wrote it."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qc_pipeline.call_table import objects
from qc_pipeline.errors import InputError, Problem
from qc_pipeline.intake.fast_csv import plain_columns

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

SUFFIXES = (".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".xls", ".xlsb", ".ods", ".parquet")


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """Cells as text without surrounding blanks, "" where empty; wholly empty rows left out.

    `rows[i]` is the number a spreadsheet shows for row i (the header is row 1). `long_rows` are
    indices of rows with more cells than the header.
    """

    header: tuple[str, ...]
    columns: tuple[Array, ...]
    rows: Array
    long_rows: tuple[int, ...] = ()


def read_grid(
    path: Path, content: bytes, *, what: str = "a call list", sheets: Sequence[str] = ()
) -> Grid:
    """The table in a CSV, spreadsheet or Parquet file: of a workbook the first sheet that has one
    of the names `sheets`, else the first of all.

    Raises InputError where there is none; `what` names the table in it.
    """
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise _unreadable(path, f"{what} is one of {', '.join(SUFFIXES)}")
    if suffix == ".parquet":
        grid = _parquet(path, content)
    elif suffix in (".csv", ".tsv", ".txt"):
        grid = _csv(path, content)
    else:
        grid = _spreadsheet(path, content, sheets)
    if not grid.header or not any(grid.header):
        raise _unreadable(path, "the first row holds no column names")
    return grid


def _unreadable(path: Path, message: str, line: int | None = None) -> InputError:
    return InputError([Problem(path=str(path), line=line, message=message)])


def _decode(path: Path, content: bytes) -> tuple[str, str]:
    """(encoding name, its first lines as text); UTF-8 and UTF-16 by their marks, else GB18030."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    else:
        encodings = ["utf-8", "gb18030"]
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError as error:
            place = error.start
            continue
        return encoding, text[:100_000]
    line = content[:place].count(b"\n") + 1
    raise _unreadable(path, "is neither UTF-8 nor GB18030 text", line)


def _csv(path: Path, content: bytes) -> Grid:
    import pandas as pd

    content = content.removeprefix(b"\xef\xbb\xbf")
    if not content.strip():
        raise _unreadable(path, "the file is empty")
    encoding, head = _decode(path, content)
    first = head.splitlines()[0]
    separator = max(",;\t", key=first.count)
    plain = plain_columns(content, separator) if encoding == "utf-8" else None
    if plain is not None:
        return _grid([(column[0], column[1:]) for column in plain])
    try:
        table = pd.read_csv(
            io.BytesIO(content),
            header=None,
            sep=separator,
            dtype=object,
            na_filter=False,
            skip_blank_lines=False,
            encoding=encoding,
            low_memory=True,
        )
    except pd.errors.ParserError as error:
        if "EOF inside string" in str(error):
            found = re.search(r"row (\d+)", str(error))
            line = int(found[1]) + 1 if found else None
            raise _unreadable(path, "a quotation mark is opened and never closed", line) from None
        return _csv_with_long_rows(content.decode(encoding), separator)
    except pd.errors.EmptyDataError:
        raise _unreadable(path, "the file is empty") from None
    return _grid(_stripped(table[name].tolist() for name in table.columns))


def _csv_with_long_rows(text: str, separator: str) -> Grid:
    """The slow way, for a file in which some row has more cells than the header."""
    limit = csv.field_size_limit(1 << 24)
    try:
        cells = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
    finally:
        csv.field_size_limit(limit)
    width = len(cells[0])
    long = [any(c.strip() for c in row[width:]) for row in cells]
    even = [row[:width] + [""] * (width - len(row)) for row in cells]
    return _grid(_stripped(zip(*even, strict=True)), long=long[1:])


def _spreadsheet(path: Path, content: bytes, sheets: Sequence[str]) -> Grid:
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        names = book.sheet_names
        if not names:
            raise _unreadable(path, "the workbook has no sheet")
        chosen = next((n for n in names if n in sheets), names[0])
        cells = book.get_sheet_by_name(chosen).to_python(skip_empty_area=False)
    except CalamineError as error:
        raise _unreadable(path, f"cannot be read as a spreadsheet ({error})") from None
    if not cells:
        raise _unreadable(path, "its first sheet is empty")
    width = max(len(row) for row in cells)
    even = [[*map(_text, row), *[""] * (width - len(row))] for row in cells]
    return _grid(_stripped(zip(*even, strict=True)))


def _parquet(path: Path, content: bytes) -> Grid:
    try:
        import pyarrow.parquet as parquet
    except ImportError:
        hint = "install it with `pip install 'qc-pipeline[parquet]'`, or hand in CSV or XLSX"
        problem = Problem(path=str(path), message="Parquet needs the package pyarrow", hint=hint)
        raise InputError([problem]) from None
    try:
        table = parquet.read_table(io.BytesIO(content))
    except (OSError, ValueError) as error:
        raise _unreadable(path, f"cannot be read as Parquet ({error})") from None
    columns = []
    for name in table.column_names:
        column = table.column(name).combine_chunks()
        columns.append([name, *map(_text, column.to_pylist())])
    return _grid(_stripped(columns))


def _text(value: Any) -> str:
    """A spreadsheet's cell as the text a person would have typed."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case float():
            if value != value:
                return ""
            return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
        case datetime():
            return value.isoformat(sep="T")
        case date() | time():
            return value.isoformat()
        case timedelta():
            return repr(value.total_seconds()).removesuffix(".0")
        case _:
            return str(value)


def _grid(columns: Sequence[tuple[str, Array]], long: Sequence[bool] | None = None) -> Grid:
    """Header and stripped columns without empty rows and unnamed empty columns."""
    import numpy as np

    header = [name.strip() for name, _ in columns]
    size = len(columns[0][1])
    filled = np.zeros(size, dtype=bool)
    for _, column in columns:
        if filled.all():
            break
        filled |= column != ""
    rows = np.arange(2, size + 2, dtype=np.int64)[filled]
    kept = [
        (name, column[filled] if not filled.all() else column)
        for name, (_, column) in zip(header, columns, strict=True)
        if name or (column != "").any()
    ]
    flags = np.array(long, dtype=bool)[filled] if long else np.zeros(0, dtype=bool)
    return Grid(
        header=tuple(name for name, _ in kept),
        columns=tuple(column for _, column in kept),
        rows=rows,
        long_rows=tuple(int(i) for i in np.flatnonzero(flags)),
    )


def _stripped(columns: Iterable[Sequence[str]]) -> list[tuple[str, Array]]:
    """Columns, header cell first, as `_grid` takes them."""
    return [(column[0], objects(cell.strip() for cell in column[1:])) for column in columns]
