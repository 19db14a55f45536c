"""The call list → recordings, with every bad row reported; nothing is guessed silently."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from zoneinfo import ZoneInfo

from qc_pipeline.call import Recording
from qc_pipeline.call_fields import BY_LABEL, BY_NAME, REQUIRED
from qc_pipeline.call_table import CallTable, ColumnKind, objects
from qc_pipeline.errors import InputError, Problem, did_you_mean
from qc_pipeline.intake.rejected_rows import BadRows
from qc_pipeline.intake.repeat_contacts import with_contacts
from qc_pipeline.intake.table_file import Grid, read_grid
from qc_pipeline.intake.typed_columns import clean_paths, parse_column, parse_times
from qc_pipeline.message import Message

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

SETTINGS = "qc.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class CallList:
    """A call list as read.

    `recordings` is a sequence of `Recording`, made when asked for; `problems` are the rows left
    out under `bad_rows = "exclude"`; `warnings` what was read though it is doubtful; `columns`
    the field names that the list carries, in its order; `sha256` the hash of the file's bytes.
    """

    recordings: CallTable
    problems: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()
    columns: tuple[str, ...]
    sha256: str
    path: str

    def days(self) -> tuple[date, ...]:
        """Local days on which calls of the list began, in order."""
        return self.recordings.days()

    def find(self, recording_ids: Collection[str]) -> dict[str, Recording]:
        """The recordings of these ids that the list holds, by id."""
        return self.recordings.find(recording_ids)


def read_call_list(
    path: Path,
    *,
    zone: ZoneInfo,
    columns: Mapping[str, str] | None = None,
    values: Mapping[str, Mapping[str, str | bool | int | float]] | None = None,
    bad_rows: Literal["stop", "exclude"] = "stop",
    recordings_root: Path,
) -> CallList:
    """Read a CSV (UTF-8, UTF-16, GB18030), spreadsheet or Parquet call list.

    `columns` maps headers of the file to field names, `values[field]` cells of the file to
    values. Raises InputError with every problem: of the file, its header, and – unless `bad_rows`
    is "exclude" – of every row.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        hint = "[paths] calls in qc.toml names it"
        problem = Problem(path=str(path), message="no such file", hint=hint)
        raise InputError([problem]) from None
    except OSError as error:
        message = f"cannot be read ({error.strerror})"
        raise InputError([Problem(path=str(path), message=message)]) from None
    sha256 = hashlib.sha256(content).hexdigest()
    grid = read_grid(path, content)
    del content
    found, problems = _named_columns(path, grid, columns or {})
    problems += _map_values(found, values or {})
    if problems:
        raise InputError(problems)
    table, bad, warnings = _typed(path, grid, found, zone=zone, root=recordings_root)
    if bad.any_bad and bad_rows == "stop":
        raise InputError(bad.problems())
    table = table.take(~bad.mask) if bad.any_bad else table
    warnings = tuple(sorted((*warnings, *_one_recording(path, table)), key=Problem.sort_key))
    if not len(table):
        message = "no row is left" if bad.any_bad else "holds no calls"
        raise InputError([Problem(path=str(path), message=message), *bad.problems()])
    names = tuple(found)
    if "contact" not in table.columns or (table.columns["contact"] == None).any():  # noqa: E711
        table = with_contacts(table)
    return CallList(
        recordings=table,
        problems=tuple(sorted(bad.problems(), key=Problem.sort_key)),
        warnings=warnings,
        columns=names,
        sha256=sha256,
        path=str(path),
    )


def without_duration(
    calls: CallList, first: date | None = None, last: date | None = None
) -> tuple[str, ...]:
    """Ids of answered calls whose duration the list does not give, of the local days named."""
    import numpy as np

    table = calls.recordings
    if first is not None and last is not None:
        table = table.between(first, last)
    wanted = np.isnan(table.numbers("duration_s")) & ~table.unanswered()
    return tuple(table.ids[wanted].tolist())


def with_durations(
    calls: CallList,
    probe: Callable[[Recording], float | None],
    recording_ids: Collection[str] | None = None,
) -> CallList:
    """Fill missing `duration_s` with what `probe` reads from a recording's header, in seconds.

    `probe` answers None where it cannot tell; such a call keeps no duration. `recording_ids`
    limits the work (see `without_duration`); None means every call that lacks one.
    """
    wanted = without_duration(calls) if recording_ids is None else tuple(recording_ids)
    if not wanted:
        return calls
    table = calls.recordings
    durations = table.numbers("duration_s").copy()
    for name in wanted:
        place = table.place(name)
        if place is not None:
            length_s = probe(table[place])
            if length_s is not None:
                durations[place] = round(length_s, 2)
    kinds: dict[str, ColumnKind] = {"duration_s": "number"}
    return replace(calls, recordings=table.with_columns({"duration_s": durations}, kinds))


def _named_columns(
    path: Path, grid: Grid, mapping: Mapping[str, str]
) -> tuple[dict[str, Array], list[Problem]]:
    """The file's columns by field name, in the file's order."""
    problems: list[Problem] = []
    names: dict[str, str] = {}
    for key, value in mapping.items():
        if key in grid.header:
            names[key] = value
        elif value in grid.header and (key in BY_NAME or key.isidentifier()):
            names[value] = key
        else:
            problems.append(
                Problem(
                    path=SETTINGS,
                    message=f"[calls.columns] names a column that {path} does not have",
                    found=f'"{key}"',
                    allowed=", ".join(grid.header),
                    hint=did_you_mean(key, grid.header),
                )
            )
    found: dict[str, Array] = {}
    source: dict[str, str] = {}
    for header, column in zip(grid.header, grid.columns, strict=True):
        name = names.get(header) or (header if header in BY_NAME else BY_LABEL.get(header, header))
        if name == "":
            message = "a column has cells but no name in the header"
            problems.append(Problem(path=str(path), line=1, message=message))
        elif name in found:
            both = (
                f'"{header}"'
                if source[name] == header
                else f'"{source[name]}" and "{header}", both read as {name}'
            )
            problems.append(
                Problem(path=str(path), line=1, message="a column stands twice", found=both)
            )
        else:
            found[name] = column
            source[name] = header
    for name in REQUIRED:
        if name not in found:
            hint = did_you_mean(name, grid.header) or (
                f'[calls.columns] in qc.toml maps a header to it: "{BY_NAME[name].label_zh}" = '
                f'"{name}"'
            )
            problems.append(
                Problem(
                    path=str(path),
                    line=1,
                    message=f"column {name} is missing",
                    found=", ".join(h for h in grid.header if h),
                    hint=hint,
                )
            )
    return found, problems


def _map_values(
    found: dict[str, Array], values: Mapping[str, Mapping[str, str | bool | int | float]]
) -> list[Problem]:
    """Replace cells as `[calls.values]` says, in place."""
    import pandas as pd

    problems: list[Problem] = []
    for name, mapping in values.items():
        if name not in found:
            problems.append(
                Problem(
                    path=SETTINGS,
                    message="[calls.values] names a field that the call list does not have",
                    found=f'"{name}"',
                    allowed=", ".join(found),
                    hint=did_you_mean(name, found),
                )
            )
            continue
        spelt = {
            k.strip(): str(v).lower() if v is True or v is False else str(v)
            for k, v in mapping.items()
        }
        codes, uniques = pd.factorize(found[name])
        if len(uniques):
            found[name] = objects([spelt.get(u, u) for u in uniques.tolist()])[codes]
    return problems


def _typed(
    path: Path, grid: Grid, found: Mapping[str, Array], *, zone: ZoneInfo, root: Path
) -> tuple[CallTable, BadRows, tuple[Problem, ...]]:
    """Typed columns, what is bad in them, and warnings."""
    import numpy as np

    bad = BadRows(path, grid.rows)
    bad.add(np.array(grid.long_rows, dtype=np.int64), Message.of("row.cells"))
    columns: dict[str, Array] = {}
    kinds: dict[str, ColumnKind] = {}
    for name, texts in found.items():
        if name in REQUIRED:
            continue
        known = BY_NAME.get(name)
        columns[name], kinds[name], wrong = parse_column(known, texts)
        if known is not None:
            message = Message.of("row.value", column=name)
            hint = f"[calls.values] {name} = {{…}} in qc.toml maps other words"
            places = np.flatnonzero(wrong)
            plain = known.kind in ("number", "date")
            bad.add(places, message, texts, known.allowed, None if plain else hint)
    answered = columns.get("answered", np.ones(len(grid.rows), dtype=np.int8)) != 0
    ids = found["recording_id"]
    bad.add(np.flatnonzero(ids == ""), Message.of("row.no-id"))
    _duplicates(bad, found, ids)
    paths, escapes = clean_paths(found["path"], root)
    bad.add(np.flatnonzero((paths == "") & answered), Message.of("row.no-path"))
    for fault in sorted(set(escapes.values())):
        places = np.array([i for i, f in escapes.items() if f == fault], dtype=np.int64)
        bad.add(places, Message.of(fault), found["path"], "a path below the recordings root")
    agents = found["agent_id"]
    bad.add(np.flatnonzero((agents == "") & answered), Message.of("row.no-agent"))
    texts = found["start_time"]
    times = parse_times(texts, zone)
    bad.add(np.flatnonzero(texts == ""), Message.of("row.no-time"))
    bad.add(
        np.flatnonzero(times.bad & (texts != "")),
        Message.of("row.time"),
        texts,
        "ISO 8601 such as 2026-11-16T09:30:00 or 2026-11-16T09:30:00+08:00",
    )
    table = CallTable(
        ids=ids,
        paths=_none_if_empty(paths),
        agents=_none_if_empty(agents),
        start_us=times.start_us,
        local_us=times.local_us,
        rows=grid.rows,
        columns={k: v for k, v in columns.items() if _holds_something(v, kinds[k])},
        kinds=kinds,
        zone=zone,
    )
    warnings = [
        Problem(
            path=str(path),
            line=int(grid.rows[i]),
            message=message,
            found=f'"{texts[i]}"',
            severity="warning",
        )
        for places, message in (
            (times.twice, f"the clock of {zone} shows this time twice; the first is taken"),
            (times.never, f"the clock of {zone} skips this time; read as if not yet changed"),
        )
        for i in places
    ]
    return table, bad, tuple(sorted(warnings, key=Problem.sort_key))


_NAMED_ROWS = 10


def _one_recording(path: Path, table: CallTable) -> list[Problem]:
    """A warning for every recording that several calls name: only one of them can be right."""
    import pandas as pd

    again = pd.Series(table.paths).dropna()
    again = again[again.duplicated(keep=False)]
    found: list[Problem] = []
    for name, places in again.groupby(again, sort=True).groups.items():
        rows = [int(table.rows[i]) for i in places]
        told = ", ".join(str(r) for r in rows[:_NAMED_ROWS])
        told += f" and {len(rows) - _NAMED_ROWS} more" if len(rows) > _NAMED_ROWS else ""
        found.append(
            Problem(
                path=str(path),
                line=rows[0],
                message=f"{len(rows)} calls name one recording (rows {told}): it would be heard, "
                "and scored, for each of them",
                found=f'"{name}"',
                hint="correct `path` where it is wrong",
                severity="warning",
            )
        )
    return found


def _none_if_empty(texts: Array) -> Array:
    column = texts.copy()
    column[texts == ""] = None
    return column


def _holds_something(column: Array, kind: ColumnKind) -> bool:
    import numpy as np

    match kind:
        case "number":
            return bool((~np.isnan(column)).any())
        case "boolean":
            return bool((column >= 0).any())
        case _:
            return bool((column != None).any())  # noqa: E711


def _duplicates(bad: BadRows, found: Mapping[str, Array], ids: Array) -> None:
    """The later of two wholly equal rows is bad; of rows that differ under one id, all are."""
    import numpy as np
    import pandas as pd

    series = pd.Series(ids)
    later = np.asarray(series.duplicated(keep="first")) & (ids != "")
    if not later.any():
        return
    members: dict[str, list[int]] = {}
    twice = np.asarray(series.duplicated(keep=False)) & (ids != "")
    for i in np.flatnonzero(twice):
        members.setdefault(ids[i], []).append(int(i))
    for name in sorted(members):
        first, *others = members[name]
        cells = [tuple(column[i] for column in found.values()) for i in members[name]]
        rows = bad.rows[members[name]]
        equal = [j for j, c in zip(others, cells[1:], strict=True) if c == cells[0]]
        hint = f"the same id stands in rows {', '.join(str(r) for r in rows)}"
        if len(equal) == len(others):
            bad.add(np.array(others), Message.of("row.again"), ids, hint=hint)
        else:
            bad.add(np.array([first, *others]), Message.of("row.same-id"), ids, hint=hint)
