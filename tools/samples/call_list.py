"""The call list of the sample week: one row a call, headers as the product names its fields."""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Iterable, Mapping

from tools.samples.plan import CallPlan, start_time
from tools.samples.render import SUFFIX, Line

HEADER = (
    "recording_id", "path", "start_time", "agent_id", "agent_name", "team", "business", "direction",
    "contact", "customer_id", "agent_channel", "duration_s", "satisfaction", "resolved", "answered",
    "queue_s", "hold_s", "acw_s", "hangup_by", "mystery", "caller_number", "work_order", "shift",
    "hire_date", "language",
)  # fmt: skip
UNANSWERED = 8
Row = dict[str, str]

_SERIOUS = frozenset({"taboo", "abuse", "block-complaint", "supervisor-request", "first-asked",
                      "authority-threat", "empathy"})  # fmt: skip


def recording_id(number: int, plan_day: str) -> str:
    """Return the id of the `number`-th call of the list, with its day (YYYYMMDD)."""
    return f"C{plan_day}-{number:03d}"


def answered_row(
    plan: CallPlan,
    line: Line,
    rec_id: str,
    number: str,
    duration_s: float,
    hold_s: float,
    seed: int,
) -> Row:
    """Return the row of an answered call. Some cells are empty, as in any real list."""
    rng = random.Random(f"{seed}/row/{plan.index}")
    kind, agent = plan.kind, plan.agent
    channel = line.agent_channel
    if channel != "mono" and rng.random() < 0.06:
        channel = "auto"
    order = kind.business in ("投诉", "报修")
    hangup_by = kind.hangup_by
    if not kind.faults and hangup_by == "customer" and rng.random() < 0.15:
        hangup_by = ""
    return {
        "recording_id": rec_id,
        "path": f"{rec_id}.{SUFFIX[line.codec]}",
        "start_time": plan.start_time.strftime("%Y-%m-%dT%H:%M:%S"),
        "agent_id": agent.agent_id,
        "agent_name": agent.name,
        "team": agent.team,
        "business": kind.business,
        "direction": "in",
        "contact": kind.contact,
        "customer_id": "" if rng.random() < 0.05 else f"K{rng.randrange(10**5):05d}",
        "agent_channel": channel,
        "duration_s": f"{duration_s:.2f}",
        "satisfaction": _satisfaction(kind.faults, rng),
        "resolved": _resolved(kind.faults, rng),
        "answered": "true",
        "queue_s": "" if rng.random() < 0.04 else str(min(180, int(rng.lognormvariate(2.3, 0.9)))),
        "hold_s": str(round(hold_s)),
        "acw_s": "" if rng.random() < 0.05 else str(rng.randint(18, 75) + (15 if order else 0)),
        "hangup_by": hangup_by,
        "mystery": "true" if "mystery" in kind.features else "false",
        "caller_number": "" if rng.random() < 0.05 else number,
        "work_order": f"G{plan.start_time:%m%d}{rng.randrange(10**4):04d}" if order else "",
        "shift": agent.shift,
        "hire_date": agent.hire_date,
        "language": "zh",
    }


def unanswered_rows(seed: int) -> tuple[Row, ...]:
    """Return the calls nobody took: no recording, no agent, only when and how long they waited."""
    rng = random.Random(f"{seed}/unanswered")
    rows: list[Row] = []
    for _ in range(UNANSWERED):
        row = dict.fromkeys(HEADER, "")
        number = "141" + "".join(str(rng.randrange(10)) for _ in range(8))
        row |= {
            "start_time": start_time(rng, (9, 22)).strftime("%Y-%m-%dT%H:%M:%S"),
            "direction": "in",
            "answered": "false",
            "queue_s": str(rng.randint(25, 240)),
            "caller_number": number,
            "mystery": "false",
            "language": "zh",
        }
        rows.append(row)
    return tuple(rows)


def as_csv(rows: Iterable[Mapping[str, str]]) -> str:
    """Return the list as CSV text with a header and LF line ends."""
    out = io.StringIO()
    writer = csv.DictWriter(out, HEADER, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def _satisfaction(faults: frozenset[str], rng: random.Random) -> str:
    if rng.random() < 0.4:
        return ""
    if faults & _SERIOUS:
        return rng.choices(("满意", "一般", "不满意"), weights=(2, 3, 5))[0]
    if faults:
        return rng.choices(("非常满意", "满意", "一般"), weights=(3, 6, 2))[0]
    return rng.choices(("非常满意", "满意"), weights=(6, 5))[0]


def _resolved(faults: frozenset[str], rng: random.Random) -> str:
    if rng.random() < 0.1:
        return ""
    return "false" if rng.random() < (0.35 if faults & _SERIOUS else 0.05) else "true"
