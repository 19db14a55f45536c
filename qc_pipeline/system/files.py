"""Files land whole: written under another name, then renamed."""

from __future__ import annotations

import csv
import io
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 text, line ends as they are; nobody sees half a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(path.name + ".part")
    temporary.write_text(text, encoding="utf-8", newline="")
    temporary.replace(path)


@contextmanager
def fresh_folder(folder: Path) -> Iterator[Path]:
    """An empty folder beside `folder` that takes its place when all is written.

    Nobody ever sees half of it; on an error it is removed and the former folder stays. Raises
    OSError where the disk fails.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    fresh = folder.with_name(f".{folder.name}.new")
    former = folder.with_name(f".{folder.name}.old")
    for left in (fresh, former):
        if left.exists():
            shutil.rmtree(left)
    try:
        fresh.mkdir()
        yield fresh
        if folder.exists():
            folder.rename(former)
        fresh.rename(folder)
    except BaseException:
        shutil.rmtree(fresh, ignore_errors=True)
        if former.exists() and not folder.exists():
            former.rename(folder)
        raise
    shutil.rmtree(former, ignore_errors=True)


def csv_text(head: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """Comma-separated text with LF line ends; None is an empty cell, nothing is a formula."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(head)
    writer.writerows([["" if v is None else _safe(v) for v in row] for row in rows])
    return out.getvalue()


def _safe(value: Any) -> Any:
    """A cell that no spreadsheet takes for a formula."""
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return "'" + value
    return value
