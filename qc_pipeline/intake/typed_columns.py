"""Columns of text → typed columns, with a mask of the cells that are not what they should be."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from qc_pipeline.call_fields import FALSE_WORDS, TRUE_WORDS, KnownField
from qc_pipeline.call_table import EPOCH, ColumnKind, objects

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

_ZONED = re.compile(r"\d(?:[Zz]|[+-]\d\d(?::?\d\d)?)$").search
_TIME_OF_DAY = re.compile(r"\d日?[T ]+\d").search
_LOOSE = re.compile(
    r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?[T ]+"
    r"(\d{1,2})[:\uff1a时点](\d{1,2})(?:[:\uff1a分](\d{1,2})(\.\d+)?)?[分秒]?"
    r"\s*([Zz]|[+-]\d\d(?::?\d\d)?)?"
).fullmatch
_LOOSE_DATE = re.compile(r"(\d{4})[-/.年]?(\d{1,2})[-/.月]?(\d{1,2})日?(?:[T ].*)?").fullmatch
_CLOCK = re.compile(r"(\d{1,4}):([0-5]\d):([0-5]\d(?:\.\d+)?)").fullmatch
_CLEAN_PATH = re.compile(r"[^/\\:\0]+(?:/[^/\\:\0]+)*").fullmatch
YEARS = (1990, 2100)


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """Start times as microseconds since 1970: UTC and wall clock of the list's zone.

    `bad` is the mask of texts that are no moment; `twice` and `never` are indices of zone-less
    times in the hour a clock is set back (taken as the first of the two) and in the hour that it
    skips (taken as if the clock had not been changed yet).
    """

    start_us: Array
    local_us: Array
    bad: Array
    twice: tuple[int, ...]
    never: tuple[int, ...]


def parse_times(texts: Array, zone: ZoneInfo) -> Times:
    """ISO 8601 and common spreadsheet forms; a time without a zone is meant in `zone`."""
    import numpy as np
    import pandas as pd

    listed = texts.tolist()
    if _all_plain(listed):
        timed, zoned = np.ones(len(listed), dtype=bool), np.zeros(len(listed), dtype=bool)
    else:
        timed = np.array([_TIME_OF_DAY(t) is not None for t in listed], dtype=bool)
        zoned = np.array([_ZONED(t) is not None for t in listed], dtype=bool) & timed
    whole = pd.Series(np.where(timed, texts, ""), dtype=object)
    aware = _moments(whole[zoned], utc=True)
    naive = _moments(whole[~zoned], utc=False)
    start = np.full(len(listed), np.iinfo(np.int64).min, dtype=np.int64)
    start[zoned] = _us(pd.DatetimeIndex(aware).tz_localize(None))
    wall = pd.DatetimeIndex(naive)
    placed = wall.tz_localize(zone, ambiguous="NaT", nonexistent="NaT")
    start[~zoned] = _us(placed.tz_convert("UTC").tz_localize(None))
    twice: list[int] = []
    never: list[int] = []
    places = np.flatnonzero(~zoned)
    for j in np.flatnonzero(np.asarray(placed.isna()) & ~np.asarray(wall.isna())):
        moment = wall[int(j)].to_pydatetime().replace(tzinfo=zone, fold=0)
        exact = moment.astimezone(UTC)
        start[places[j]] = round((exact - EPOCH).total_seconds() * 1e6)
        back = exact.astimezone(zone).replace(tzinfo=None) == moment.replace(tzinfo=None)
        (twice if back else never).append(int(places[j]))
    bad = start == np.iinfo(np.int64).min
    first, last = (round(datetime(y, 1, 1, tzinfo=UTC).timestamp() * 1e6) for y in YEARS)
    bad |= (start < first) | (start >= last)
    start[bad] = 0
    utc = pd.DatetimeIndex(start.view("M8[us]"), tz="UTC")
    local = _us(utc.tz_convert(zone).tz_localize(None))
    return Times(start_us=start, local_us=local, bad=bad, twice=tuple(twice), never=tuple(never))


def _all_plain(texts: list[str]) -> bool:
    """Whether every text has the form 2026-11-16T09:30:00: most lists', seen without a look at
    each.
    """
    import numpy as np

    if not texts or {len(t) for t in texts} != {19}:
        return False
    try:
        signs = np.array(texts, dtype="S19").view(np.uint8).reshape(-1, 19)
    except UnicodeEncodeError:
        return False
    marks = {4: "-", 7: "-", 10: "T ", 13: ":", 16: ":"}
    return all(
        bool(np.isin(signs[:, i], [ord(c) for c in marks.get(i, "0123456789")]).all())
        for i in range(19)
    )


def _moments(texts: Any, *, utc: bool) -> Any:
    import pandas as pd

    found = pd.to_datetime(texts, format="ISO8601", errors="coerce", utc=utc)
    failed = found.isna() & (texts != "")
    if failed.any():
        respelt = pd.Series(
            [_respell(t) for t in texts[failed].tolist()], index=texts.index[failed], dtype=object
        )
        again = pd.to_datetime(respelt, format="ISO8601", errors="coerce", utc=utc)
        found = found.astype(again.dtype) if found.isna().all() else found
        found[failed] = again
    return found


def _respell(text: str) -> str:
    found = _LOOSE(text)
    if not found:
        return ""
    year, month, day, hour, minute, second, fraction, zone = found.groups()
    return (
        f"{year}-{int(month):02d}-{int(day):02d}T{int(hour):02d}:{int(minute):02d}"
        f":{int(second or 0):02d}{fraction or ''}{zone or ''}"
    )


def _us(moments: Any) -> Array:
    import numpy as np

    return np.asarray(moments.to_numpy(), dtype="M8[us]").view(np.int64)


def parse_column(known: KnownField | None, texts: Array) -> tuple[Array, ColumnKind, Array]:
    """(typed column, its kind, mask of bad cells) of one column; unknown columns stay text."""
    match known.kind if known else "text":
        case "number":
            clock = known is not None and known.unit == "s"
            return _numbers(texts, clock=clock, most=known.most if known else math.inf)
        case "boolean":
            return _booleans(texts)
        case "choice":
            return _choices(known, texts) if known else _texts(texts)
        case "date":
            return _by_value(texts, _iso_date)
        case "rating":
            numbers, kind, bad = _numbers(texts, clock=False)
            return (numbers, kind, bad) if not bad.any() else _texts(texts)
        case _:
            return _texts(texts)


def _texts(texts: Array) -> tuple[Array, ColumnKind, Array]:
    import numpy as np

    column = texts.copy()
    column[texts == ""] = None
    return column, "text", np.zeros(len(texts), dtype=bool)


def _numbers(
    texts: Array, *, clock: bool, most: float = math.inf
) -> tuple[Array, ColumnKind, Array]:
    import numpy as np
    import pandas as pd

    empty = texts == ""
    numbers = np.array(pd.to_numeric(pd.Series(texts), errors="coerce"), dtype=np.float64)
    if clock:
        for i in np.flatnonzero(np.isnan(numbers) & ~empty):
            found = _CLOCK(texts[i])
            if found:
                numbers[i] = int(found[1]) * 3600 + int(found[2]) * 60 + float(found[3])
    numbers[empty] = np.nan
    bad = ~empty & ~(np.isfinite(numbers) & (numbers >= 0) & (numbers <= most))
    return numbers, "number", bad


def _booleans(texts: Array) -> tuple[Array, ColumnKind, Array]:
    import numpy as np
    import pandas as pd

    codes, uniques = pd.factorize(texts)
    meaning = [
        -1 if u == "" else 1 if u.lower() in TRUE_WORDS else 0 if u.lower() in FALSE_WORDS else -2
        for u in uniques.tolist()
    ]
    column = np.array(meaning, dtype=np.int8)[codes] if len(meaning) else np.zeros(0, np.int8)
    bad = column == -2
    column[bad] = -1
    return column, "boolean", bad


def _choices(known: KnownField, texts: Array) -> tuple[Array, ColumnKind, Array]:
    def choose(text: str) -> str | None:
        value = known.words.get(text, text.lower())
        return value if value in known.choices else None

    return _by_value(texts, choose)


def _by_value(
    texts: Array, meaning: Callable[[str], str | None]
) -> tuple[Array, ColumnKind, Array]:
    """Each different text looked at once; `meaning` gives None for a bad one."""
    import numpy as np
    import pandas as pd

    codes, uniques = pd.factorize(texts)
    if not len(uniques):
        return objects([]), "text", np.zeros(0, dtype=bool)
    meant = [None if u == "" else meaning(u) for u in uniques.tolist()]
    wrong = np.array(
        [m is None and u != "" for m, u in zip(meant, uniques.tolist(), strict=True)], dtype=bool
    )
    return objects(meant)[codes], "text", wrong[codes]


def _iso_date(text: str) -> str | None:
    found = _LOOSE_DATE(text)
    if not found:
        return None
    try:
        return date(int(found[1]), int(found[2]), int(found[3])).isoformat()
    except ValueError:
        return None


def clean_paths(texts: Array, root: Path) -> tuple[Array, dict[int, str]]:
    """(paths with forward slashes, the code of what is wrong by index): none may leave `root`.

    Symbolic links are followed: a folder or file that leads outside is refused. A file that is
    not there is no mistake of the list; the job says so when it comes to it.
    """
    paths: list[str] = texts.tolist()
    wrong: dict[int, str] = {}
    if not _all_clean(paths):
        for i, path in enumerate(paths):
            if not path or (
                _CLEAN_PATH(path)
                and not (path.startswith("~") or "./" in path or path.endswith("."))
            ):
                continue
            clean, fault = _clean(path)
            if fault:
                wrong[i] = fault
            else:
                paths[i] = clean
    wrong.update(_escapes(paths, wrong, root))
    return objects(paths), wrong


def _all_clean(paths: list[str]) -> bool:
    """Whether no path holds anything to look at closer, seen without a look at each."""
    whole = "\n" + "\n".join(paths) + "\n"
    doubtful = ("\\", ":", "\0", "~", "//", "\n/", "/\n", "./", ".\n")
    return not any(sign in whole for sign in doubtful)


def _clean(path: str) -> tuple[str, str | None]:
    slashed = path.replace("\\", "/")
    parts = [p for p in slashed.split("/") if p not in ("", ".")]
    if slashed.startswith("/") or re.match(r"[A-Za-z]:", slashed):
        return path, "row.absolute-path"
    if "\0" in path:
        return path, "row.zero-path"
    if ".." in parts or not parts or parts[0] == "~":
        return path, "row.outside-path"
    return "/".join(parts), None


def _escapes(paths: list[str], wrong: Collection[int], root: Path) -> dict[int, str]:
    """Paths that a symbolic link takes outside `root`, by index; those in `wrong` are left out."""
    fault = "row.linked-path"
    found: dict[int, str] = {}
    try:
        real_root = root.resolve()
    except (OSError, RuntimeError):
        return found
    # Whole folders first: there are few of them, and seldom a link.
    suspect: dict[str, set[str] | None] = {}
    for folder in sorted({p.rpartition("/")[0] for p in paths}):
        here = root / folder
        try:
            if not here.resolve().is_relative_to(real_root):
                suspect[folder] = None
                continue
            with os.scandir(here) as entries:
                links = {entry.name for entry in entries if entry.is_symlink()}
        except (OSError, RuntimeError):
            continue
        if links:
            suspect[folder] = links
    if not suspect:
        return found
    for i, path in enumerate(paths):
        folder, _, name = path.rpartition("/")
        if not path or i in wrong or folder not in suspect:
            continue
        members = suspect[folder]
        if members is None or (
            name in members and not (root / path).resolve().is_relative_to(real_root)
        ):
            found[i] = fault
    return found
