"""Rows of the tables that stand beside the call list."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True, kw_only=True)
class TrafficRow:
    """A day of a group in the daily traffic table; a number is None where the table is silent.

    `answered_in_time` counts calls answered within `Targets.service_level_s`; `queue_s` and
    `after_call_s` are sums over the answered calls. `team` is "" for the whole centre.
    """

    day: date
    team: str
    offered: int | None = None
    answered: int | None = None
    answered_in_time: int | None = None
    queue_s: float | None = None
    after_call_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AssessmentMark:
    """Another mark of an agent's assessment (lead's mark, examination …), 0–100, with a weight.

    A source of `LISTENING` takes its value from the report itself; its row gives the weight.
    `period` names the one the mark belongs to, "" any.
    """

    agent_id: str
    source: str
    weight: float
    value: float | None = None
    period: str = ""


LISTENING = ("listening", "录音成绩", "监听成绩", "录音监听", "监听")
"""Names of the mark that the report itself gives."""
