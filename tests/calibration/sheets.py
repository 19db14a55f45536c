"""Filling in the sheets as inspectors do."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from pathlib import Path

Row = dict[str, str]


def rows_of(sheet: Path) -> list[Row]:
    with sheet.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def write_rows(sheet: Path, rows: list[Row], *, encoding: str = "utf-8-sig") -> Path:
    with sheet.open("w", encoding=encoding, newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return sheet


def fill(
    sheet: Path, verdicts: Callable[[str, str], str], *, more: Mapping[str, str] | None = None
) -> Path:
    """Fill the column of verdicts by (recording, criterion), in the sheet itself."""
    rows = rows_of(sheet)
    for row in rows:
        row["评定"] = verdicts(row["录音编号"], row["评分项编号"])
        row |= dict(more or {})
    return write_rows(sheet, rows)
