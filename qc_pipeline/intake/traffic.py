"""The daily traffic table (话务日报): what was offered and answered, a row a day and group.

Calls that were given up leave no recording, so an answer rate cannot be had from recordings; the
switch counts them, and this is its table: 日期, 组, 呼入量, 接起量, N秒内接起, 排队, 话后.
"""

from __future__ import annotations

import re
from pathlib import Path

from qc_pipeline.errors import InputError, Problem
from qc_pipeline.intake.named_table import NamedColumn, NamedRow, NamedTable, read_named_table
from qc_pipeline.intake.tables import TrafficRow

SUM_NAMES = frozenset({"合计", "总计", "全体", "总", "total", "sum", "all"})
"""What the row of sums is called in exports: it would count every call twice."""

_IN_TIME = ("n秒内接起", "n秒内接起量", "秒内接起", "answered_in_time")
COLUMNS = (
    NamedColumn(key="day", names=("日期", "day", "date"), kind="date", needed=True),
    NamedColumn(key="team", names=("组", "业务组", "班组", "组别", "技能组", "team", "group")),
    NamedColumn(
        key="offered", names=("呼入量", "呼入", "来电量", "offered"), kind="number", needed=True
    ),
    NamedColumn(
        key="answered",
        names=("接起量", "接起", "接通量", "接听量", "answered"),
        kind="number",
        needed=True,
    ),
    NamedColumn(key="in_time", names=_IN_TIME, kind="number"),
    NamedColumn(key="queue", names=("排队", "排队时长", "排队时间", "queue_s"), kind="number"),
    NamedColumn(key="queue_sum", names=("总排队", "总排队时长", "排队总时长"), kind="number"),
    NamedColumn(
        key="queue_mean",
        names=("平均排队", "平均排队时长", "平均排队时间", "mean_queue_s"),
        kind="number",
    ),
    NamedColumn(
        key="after", names=("话后", "话后时长", "话后处理", "after_call_s", "acw_s"), kind="number"
    ),
    NamedColumn(key="after_sum", names=("总话后", "总话后时长", "话后总时长"), kind="number"),
    NamedColumn(
        key="after_mean",
        names=("平均话后", "平均话后时长", "平均话后处理", "mean_after_call_s", "mean_acw_s"),
        kind="number",
    ),
)
LEAST_SECONDS_A_CALL = 1.0


def read_traffic(path: Path, *, service_level_s: float) -> tuple[TrafficRow, ...]:
    """The rows of a traffic table, by day and group.

    排队 and 话后 are seconds, summed over the answered calls of the day; 平均排队 and 平均话后 are
    means a call. The N of "N秒内接起" may stand as a number; it must be `service_level_s`. Raises
    InputError with every problem, among them more answered than offered, a group's day twice, and
    rows of sums, which would count every call twice.
    """
    within = f"{service_level_s:g}"
    spelt = tuple(
        f"{within}{unit}内接{end}" for unit in ("秒", "s") for end in ("起", "起量", "通")
    )
    columns = tuple(
        NamedColumn(key=c.key, names=(*c.names, *spelt), kind=c.kind) if c.key == "in_time" else c
        for c in COLUMNS
    )
    table = read_named_table(path, columns, hint="[paths] traffic in qc.toml names it")
    problems = _other_level(table, within)
    for key in ("queue", "after"):
        problems += _means_named_as_sums(table, key)
    seen: dict[tuple[object, str], int] = {}
    for row in table.rows:
        problems += _wrong(table, row)
        place = (row.day("day"), row.text("team"))
        if place in seen:
            message = f"{place[0]} {place[1]} stands already in line {seen[place]}"
            problems.append(table.problem(row, message))
        seen.setdefault(place, row.line)
    problems += _whole_beside_groups(table)
    if problems:
        raise InputError(problems)
    rows = [_row(r) for r in table.rows]
    return tuple(sorted(rows, key=lambda r: (r.day, r.team)))


def _other_level(table: NamedTable, within: str) -> list[Problem]:
    """A column "15秒内接起" where the target speaks of 20 seconds is another figure."""
    found = []
    for header, _ in table.others:
        level = re.match(r"(\d+(?:\.\d+)?)\s*(?:秒|s)内接", header)
        if level is not None and "in_time" not in table.headers:
            found.append(
                Problem(
                    path=table.path,
                    line=1,
                    message=f"{header}: the service level counts calls answered within {within} s",
                    hint=f"set `service_level_s = {level[1]}` under [targets] in qc.toml",
                )
            )
    return found


def _means_named_as_sums(table: NamedTable, key: str) -> list[Problem]:
    """A day's sum of less than a second a call, in every row, is a mean by another name."""
    header = table.headers.get(key)
    rows = [
        (value, answered)
        for r in table.rows
        if (value := r.number(key)) and (answered := r.number("answered"))
    ]
    if header is None or not rows:
        return []
    if any(value / answered >= LEAST_SECONDS_A_CALL for value, answered in rows):
        return []
    return [
        Problem(
            path=table.path,
            line=1,
            message=f"{header}: a day's sum in seconds is expected, and every row comes to less "
            "than 1 s a call",
            hint=f"call the column 平均{header} if it holds means, 总{header} if these are sums",
        )
    ]


def _wrong(table: NamedTable, row: NamedRow) -> list[Problem]:
    offered, answered = row.number("offered") or 0.0, row.number("answered") or 0.0
    in_time = row.number("in_time") or 0.0
    found = []
    if row.text("team").lower() in SUM_NAMES:
        found.append(table.problem(row, "a row of sums counts every call twice: leave it out"))
    if answered > offered:
        found.append(table.problem(row, "more answered than offered", f"{answered:g}/{offered:g}"))
    if in_time > answered:
        message = "more answered in time than answered"
        found.append(table.problem(row, message, f"{in_time:g}/{answered:g}"))
    for key in ("offered", "answered", "in_time"):
        value = row.number(key)
        if value is not None and not value.is_integer():
            message = f"{table.headers[key]} is a number of calls"
            found.append(table.problem(row, message, f"{value:g}"))
    return found


def _whole_beside_groups(table: NamedTable) -> list[Problem]:
    """A row without a group beside rows of groups, of the same day: the whole beside its parts."""
    with_group = {r.day("day") for r in table.rows if r.text("team")}
    return [
        table.problem(r, "a row without a group beside rows of groups of the same day")
        for r in table.rows
        if not r.text("team") and r.day("day") in with_group
    ]


def _row(row: NamedRow) -> TrafficRow:
    day, answered = row.day("day"), row.number("answered") or 0.0
    if day is None:  # read_named_table has refused it
        raise ValueError("a row without a day")

    def seconds(key: str) -> float | None:
        for whole in (key, f"{key}_sum"):
            if (value := row.number(whole)) is not None:
                return value
        mean = row.number(f"{key}_mean")
        return None if mean is None else mean * answered

    in_time = row.number("in_time")
    return TrafficRow(
        day=day,
        team=row.text("team"),
        offered=int(row.number("offered") or 0),
        answered=int(answered),
        answered_in_time=None if in_time is None else int(in_time),
        queue_s=seconds("queue"),
        after_call_s=seconds("after"),
    )
