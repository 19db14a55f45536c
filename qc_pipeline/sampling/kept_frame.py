"""What a draw was made from, kept with it: every row and column of the list that the plan reads.

A draw is proved by repeating it from these rows. What a call list says a year later – rows that
are gone, marks that came late, a length put right – does not touch that; it is told beside it, call
by call.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from qc_pipeline.call import FieldValue, Recording, canonical_json
from qc_pipeline.call_fields import BY_NAME
from qc_pipeline.call_table import CallTable, ColumnKind, objects
from qc_pipeline.errors import InputError
from qc_pipeline.message import Message
from qc_pipeline.sampling.frame import forced_calls, frame_of
from qc_pipeline.sampling.period import Period
from qc_pipeline.sampling.plan import FieldCondition, SamplingPlan
from qc_pipeline.sampling.risk_conditions import CONDITION, DERIVED, holds

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

FORMAT = "qc-frame/1"
ANSWERED = "answered"
ALWAYS = ("duration_s", "hire_date", "mystery", "shift", "team")
"""Columns that strata, quotas of new agents, test calls and own teams are told by."""


def conditions_of(plan: SamplingPlan) -> dict[str, FieldCondition]:
    """The plan's conditions by a name of their own."""
    return {f"risk:{r.name}": r for r in plan.risk} | {"complaint": plan.relisten.complaint}


def columns_read(plan: SamplingPlan, table: CallTable) -> tuple[str, ...]:
    """The columns of the list, beside id, agent and start, that a draw by this plan reads and that
    name no customer.
    """
    named = [*ALWAYS, *plan.by, plan.relisten.complaint.field, *(r.field for r in plan.risk)]
    if plan.neyman_by is not None:
        named.append(plan.neyman_by)
    found = {n for n in named if n in table.columns and n not in DERIVED and not _is_personal(n)}
    return tuple(sorted({*found, *(n for n in table.columns if n.startswith(CONDITION))}))


def _is_personal(name: str) -> bool:
    return name in BY_NAME and BY_NAME[name].personal


def frame_rows(
    calls: Sequence[Recording],
    period: Period,
    *,
    exclude: Mapping[str, Message],
    include: Collection[str],
) -> CallTable:
    """The rows of a list that a draw of the period is about: what can be drawn, test calls, and
    those calls of `include` that can be put in. Sorted by recording_id.
    """
    import numpy as np

    table = CallTable.of(calls)
    parts = frame_of(table, period, exclude)
    names = {*parts.calls.ids.tolist(), *parts.mystery.ids.tolist()}
    for name in include:
        try:
            names |= set(forced_calls(table, parts, [name], exclude).ids.tolist())
        except InputError:
            continue
    where = table.places(names)
    return table.take(np.array([where[n] for n in sorted(names)], dtype=np.int64))


def frame_json(rows: CallTable, plan: SamplingPlan) -> dict[str, Any]:
    """What is kept of the rows: plain lists, one a column, in the rows' order. Of a condition on
    what names a customer it is kept whether it is met, not by what.
    """
    import numpy as np

    flags = {
        CONDITION + name: holds(condition, rows, {}, plan).astype(np.int8)
        for name, condition in conditions_of(plan).items()
        if _is_personal(condition.field) and condition.field in rows.columns
    }
    kinds: dict[str, ColumnKind] = dict.fromkeys(flags, "boolean")
    rows = rows.with_columns(flags, kinds)
    names = columns_read(plan, rows)
    return {
        "format": FORMAT,
        "ids": rows.ids.tolist(),
        "agents": rows.agents.tolist(),
        "local_us": rows.local_us.tolist(),
        "kinds": {n: rows.kinds[n] for n in names},
        "columns": {n: list(rows.values(n)) for n in names},
    }


def frame_text(rows: CallTable, plan: SamplingPlan) -> str:
    """`frame_json` as the text that is kept and hashed."""
    return canonical_json(frame_json(rows, plan))


def frame_sha256(text: str) -> str:
    """The hash by which a sample names its frame."""
    return hashlib.sha256(text.encode()).hexdigest()


def frame_from_json(body: Mapping[str, Any]) -> CallTable:
    """The rows again. Times are those of the wall clock; rows have a path, as drawn calls do."""
    import numpy as np

    kinds: dict[str, ColumnKind] = dict(body["kinds"])
    local_us = np.array(body["local_us"], dtype=np.int64)
    return CallTable(
        ids=objects(body["ids"]),
        paths=objects(body["ids"]),
        agents=objects(body["agents"]),
        start_us=local_us,
        local_us=local_us,
        rows=np.full(len(local_us), -1, dtype=np.int64),
        columns={name: _column(body["columns"][name], kinds[name]) for name in kinds},
        kinds=kinds,
        zone=None,
    )


def _column(values: Sequence[FieldValue | None], kind: ColumnKind) -> Array:
    import numpy as np

    match kind:
        case "number":
            return np.array([np.nan if v is None else v for v in values], dtype=np.float64)
        case "boolean":
            return np.array([-1 if v is None else int(v) for v in values], dtype=np.int8)
        case _:
            return objects(values)


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameChange:
    """One call that today's list has otherwise than the frame: "gone" from the list, "out" of the
    frame while the list still has it (of other days, not answered), "new" in the frame, or
    "changed"; `columns` has what stood there then and stands now, of one that is changed or out.
    """

    recording_id: str
    what: str
    columns: Mapping[str, tuple[FieldValue | None, FieldValue | None]]


def frame_changes(
    kept: CallTable, now: CallTable, plan: SamplingPlan, *, listed: CallTable | None = None
) -> tuple[FrameChange, ...]:
    """The calls in which two frames differ in what the plan reads, by recording_id. Both are as
    they are kept (`frame_from_json`). In `listed`, the whole of today's list, calls are looked up
    that the frame of today does not hold.
    """
    names = sorted({*columns_read(plan, kept), *columns_read(plan, now)})
    old, new = _rows(kept, names), _rows(now, names)
    out = {} if listed is None else _still_listed(listed, old.keys() - new.keys(), names)
    heads = ("agent_id", "start_time", *names, ANSWERED)
    changes: list[FrameChange] = []
    for name in sorted(old.keys() | new.keys()):
        if name not in old or (name not in new and name not in out):
            what = "gone" if name in old else "new"
            changes.append(FrameChange(recording_id=name, what=what, columns={}))
            continue
        # Whatever is in a frame was answered.
        then, today = (*old[name], True), (*new[name], True) if name in new else out[name]
        if then != today:
            what = "changed" if name in new else "out"
            pairs = zip(heads, then, today, strict=True)
            # Whether a condition is met is kept of frames, and not told of the list's other calls.
            columns = {
                head: (a, b)
                for head, a, b in pairs
                if a != b and not (what == "out" and head.startswith(CONDITION))
            }
            changes.append(FrameChange(recording_id=name, what=what, columns=columns))
    return tuple(changes)


def _still_listed(
    listed: CallTable, missing: Collection[str], names: Collection[str]
) -> dict[str, tuple[FieldValue | None, ...]]:
    """`_rows` of those of the missing calls that the list has, with whether they were answered."""
    import numpy as np

    table = listed.take(np.array(sorted(listed.places(missing).values()), dtype=np.int64))
    answered = dict(zip(table.ids.tolist(), (~table.unanswered()).tolist(), strict=True))
    return {name: (*row, answered[name]) for name, row in _rows(table, names).items()}


def _rows(table: CallTable, names: Collection[str]) -> dict[str, tuple[FieldValue | None, ...]]:
    """Agent, start and the columns by recording_id."""
    missing: list[FieldValue | None] = [None] * len(table)
    columns = [list(table.values(n)) if n in table.columns else missing for n in names]
    us = table.local_us.astype("datetime64[us]").astype(str).tolist()
    moments = [moment.removesuffix(".000000") for moment in us]
    whole = zip(table.agents.tolist(), moments, *columns, strict=True)
    return dict(zip(table.ids.tolist(), whole, strict=True))
