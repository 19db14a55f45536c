"""Other marks of an agent's assessment: the lead's mark, an examination … and their weights.

Two shapes are read. Wide, as people keep it: a column for each mark, and a row 权重 with the
weights in the place of an agent. Long, as programs write it: 工号, 项目, 权重, 得分, a row a mark.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from qc_pipeline.errors import InputError, Problem
from qc_pipeline.intake.named_table import NamedColumn, NamedRow, NamedTable, read_named_table
from qc_pipeline.intake.tables import AssessmentMark

AGENT = NamedColumn(key="agent", names=("工号", "坐席工号", "agent_id", "agent"), needed=True)
PERIOD = NamedColumn(key="period", names=("周期", "期间", "期次", "period"))
NOT_MARKS = frozenset(
    {"姓名", "坐席", "坐席姓名", "组", "业务组", "agent_name", "name", "team", "备注"}
)
"""Columns of the wide shape that are there for the reader and hold no mark."""

LONG = (
    AGENT,
    PERIOD,
    NamedColumn(key="source", names=("项目", "考评项", "来源", "source")),
    NamedColumn(key="weight", names=("权重", "weight")),
    NamedColumn(key="value", names=("得分", "分数", "成绩", "value", "mark")),
)
WEIGHT_ROW = frozenset({"权重", "weight", "weights"})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    row: NamedRow
    agent: str
    source: str
    weight: str
    value: str


def read_marks(path: Path, *, listening: Collection[str]) -> tuple[AssessmentMark, ...]:
    """The marks of all agents, by agent and source.

    `listening` are the names of the source whose value the report itself gives: its cells may be
    empty. Marks lie in [0, 100] ("96%" is 96); weights are above 0 ("60%" is 0.6) and one a
    source. Raises InputError with every problem.
    """
    table = read_named_table(path, LONG, hint="[paths] marks in qc.toml names it")
    entries, problems = _long(table) if "source" in table.headers else _wide(table)
    marks: list[AssessmentMark] = []
    weights: dict[str, float] = {}
    seen: set[tuple[str, str, str]] = set()
    for entry in entries:
        weight = _number(entry.weight, percent=0.01)
        value = _number(entry.value, percent=1.0)
        found = _wrong(table, entry, weight, value, listening=listening)
        if not found and weight is not None:
            if weights.setdefault(entry.source, weight) != weight:
                message = f"{entry.source} has the weight {weights[entry.source]:g} in another row"
                found.append(table.problem(entry.row, message, entry.weight))
            key = (entry.row.text("period"), entry.agent, entry.source)
            if key in seen:
                message = f"{entry.agent} {entry.source} stands there twice"
                found.append(table.problem(entry.row, message))
            seen.add(key)
            marks.append(
                AssessmentMark(
                    agent_id=entry.agent,
                    source=entry.source,
                    weight=weight,
                    value=value,
                    period=entry.row.text("period"),
                )
            )
        problems += found
    if problems:
        raise InputError(problems)
    return tuple(sorted(marks, key=lambda m: (m.agent_id, m.source, m.period)))


def _long(table: NamedTable) -> tuple[list[_Entry], list[Problem]]:
    problems = [
        Problem(path=table.path, line=1, message=f"no column {c.names[0]!r}")
        for c in LONG
        if c.key in ("weight", "value") and c.key not in table.headers
    ]
    return [
        _Entry(
            row=r,
            agent=r.text("agent"),
            source=r.text("source"),
            weight=r.text("weight"),
            value=r.text("value"),
        )
        for r in table.rows
    ], problems


def _wide(table: NamedTable) -> tuple[list[_Entry], list[Problem]]:
    marks = [(h, cells) for h, cells in table.others if h not in NOT_MARKS]
    weights = [i for i, r in enumerate(table.rows) if r.text("agent") in WEIGHT_ROW]
    if len(weights) != 1 or not marks:
        message = (
            "no column holds a mark"
            if not marks
            else f"one row is called 权重 and gives the weights; here {len(weights)} are"
        )
        return [], [Problem(path=table.path, line=1, message=message)]
    at = weights[0]
    return [
        _Entry(row=r, agent=r.text("agent"), source=header, weight=cells[at], value=cells[i])
        for i, r in enumerate(table.rows)
        if i != at
        for header, cells in marks
    ], []


def _wrong(
    table: NamedTable,
    entry: _Entry,
    weight: float | None,
    value: float | None,
    *,
    listening: Collection[str],
) -> list[Problem]:
    found = []
    if not entry.source:
        found.append(table.problem(entry.row, "the mark has no name"))
    if weight is None or weight <= 0:
        message = f"the weight of {entry.source} is not right: a number above 0"
        found.append(table.problem(entry.row, message, repr(entry.weight)))
    if entry.value and (value is None or not 0 <= value <= 100):
        message = f"{entry.source} of {entry.agent} is not right: a mark from 0 to 100"
        found.append(table.problem(entry.row, message, repr(entry.value)))
    if entry.value and entry.source in listening:
        message = f"{entry.source} is taken from the report: leave the cell empty"
        found.append(table.problem(entry.row, message, repr(entry.value)))
    return found


def _number(text: str, *, percent: float) -> float | None:
    """The number, None where it is none; a per-cent sign multiplies by `percent`."""
    plain = text.strip().replace("\uff05", "%")
    scale = percent if plain.endswith("%") else 1.0
    try:
        value = float(plain.removesuffix("%")) * scale
    except ValueError:
        return None
    return round(value, 9) if math.isfinite(value) else None
