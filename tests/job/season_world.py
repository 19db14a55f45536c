"""A season's calls of which is known what a machine finds in each, and what a person would.

Ten items are found in about every fifth call. Of some of them hardly a finding is wrong, of the
others about every second: far enough from the bounds of `scoring.earned` for three months to tell
them apart. A machine misses a fifth of the faults of each; how complaints were handled it cannot
judge at all. Complaints and long calls have more of everything, and some agents more than others.
"""

from __future__ import annotations

import csv
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache, cached_property
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from qc_pipeline.call import Recording
from qc_pipeline.sampling.period import Period, parse_period
from qc_pipeline.scoring.earned import Autonomy

ZONE = ZoneInfo("Asia/Shanghai")
PERIODS = tuple(parse_period(f"2026-W{number}") for number in range(36, 48))
"""Twelve weeks: four of September, five of October, three of November."""
CALLS, AGENTS = 400, 20
POINTS, HANDLING_POINTS, HANDLING_OFF = 4.0, 20.0, 10.0
MISSED, HANDLED_BADLY = 0.2, 0.3
COMPLAINTS, LONG = 0.08, 0.06
MODEL = "a" * 64
Array = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A criterion of four points: its `phrase` must not (`forbid`) or must (`expect`) be said. The
    machine finds it in the share `found` of ordinary calls, and the share `right` of that is true.
    """

    id: str
    title: str
    kind: str
    phrase: str
    right: float
    found: float = 0.2

    @property
    def deserves(self) -> Autonomy:
        """What the truth implies: 27 of 30 are far from six in ten, four wrong of ten from two in
        a hundred.
        """
        return Autonomy.AUTOMATIC if self.right > 0.9 else Autonomy.STOPPED


ITEMS = (
    Item(id="brush-off", title="推诿", kind="forbid", phrase="这个不归我管", right=0.995),
    Item(id="surname", title="询问称呼", kind="expect", phrase="请问您贵姓", right=0.99),
    Item(id="hurrying", title="催促客户", kind="forbid", phrase="您快点讲", right=0.985),
    Item(id="thanks", title="感谢来电", kind="expect", phrase="感谢您的来电", right=0.98),
    Item(id="blaming", title="埋怨客户", kind="forbid", phrase="早干什么去了", right=0.98),
    Item(id="anything-else", title="询问其他需要", kind="expect", phrase="还需要别的吗", right=0.5),
    Item(id="promising", title="过度承诺", kind="forbid", phrase="百分之百没问题", right=0.48),
    Item(id="repeating", title="复述确认", kind="expect", phrase="跟您核对一下", right=0.45),
    Item(id="guessing", title="答复含糊", kind="forbid", phrase="大概是这样吧", right=0.42),
    Item(id="waiting", title="等待提示", kind="expect", phrase="请您稍等片刻", right=0.4),
)
BASICS, HANDLING, ABUSE = "opening", "handling", "abuse"
ABUSIVE = "神经病"


def rubric_text() -> str:
    """The ten items, an opening that never fails, complaints that people judge, and a red line."""
    said = "{said: {by: agent, any: [%s]}}"
    items = [
        f"- {{id: {i.id}, title: {i.title}, points: {POINTS:g}, {i.kind}: {said % i.phrase}}}"
        for i in ITEMS
    ]
    others = [
        f"- {{id: {BASICS}, title: 开头语, points: 40, expect: {said % '您好'}}}",
        f"- {{id: {HANDLING}, title: 投诉处理, points: {HANDLING_POINTS:g}, manual: true, "
        "applies: {call: {business: 投诉}}}",
        f"- {{id: {ABUSE}, title: 辱骂客户, severity: fatal, forbid: {said % ABUSIVE}}}",
    ]
    criteria = "\n".join(f"      {line}" for line in [*items, *others])
    return f"""\
rubric: season
version: "1"
title: 一季
language: zh
points: 100
pass_mark: 85
bands: [{{from: 85, label: 合格}}, {{from: 0, label: 不合格}}]
sections:
  - id: whole
    title: 全部
    points: 100
    criteria:
{criteria}
"""


@dataclass(frozen=True, kw_only=True)
class Rows:
    """A week's calls in order of their ids, with what is read of them by call: `agent` (a number),
    `complaint` and `long` (bool).
    """

    period: Period
    calls: tuple[Recording, ...]
    agent: Array
    complaint: Array
    long: Array

    @cached_property
    def place(self) -> dict[str, int]:
        return {c.recording_id: i for i, c in enumerate(self.calls)}


@dataclass(frozen=True, kw_only=True)
class Week:
    """What there is in a week's calls: `found` and `fault` (bool, call × item), what the machine
    finds and what is one; `off` (points by call), what a person takes for how a complaint was
    handled; and `abusive`, in which calls the machine hears a red line, wrongly.
    """

    rows: Rows
    found: Array
    fault: Array
    off: Array
    abusive: Array

    @property
    def person(self) -> Array:
        """The total that a person who heard the whole call would give it."""
        return np.asarray(100 - POINTS * self.fault.sum(axis=1) - self.off)

    @property
    def machine(self) -> Array:
        """The total that the rules alone give: what only people judge leaves both sides."""
        return self.machine_without(())

    def machine_without(self, stopped: Collection[str]) -> Array:
        """The same where some items are stopped: what they find is held and costs nothing."""
        counted = np.array([item.id not in stopped for item in ITEMS])
        judged = np.where(self.rows.complaint, 100 - HANDLING_POINTS, 100.0)
        lost = POINTS * (self.found & counted).sum(axis=1)
        return np.where(self.abusive, 0.0, 100 * (judged - lost) / judged)

    @property
    def truth(self) -> float:
        """The mean that listening to all calls would give."""
        return float(self.person.mean())

    @property
    def period(self) -> Period:
        return self.rows.period

    @property
    def calls(self) -> tuple[Recording, ...]:
        return self.rows.calls

    @property
    def place(self) -> dict[str, int]:
        return self.rows.place


@cache
def rows_of(number: int) -> Rows:
    """The rows of a week, the same in every season."""
    period = PERIODS[number]
    dice = np.random.default_rng([2026, number])
    agent = dice.integers(AGENTS, size=CALLS)
    agent[:AGENTS] = np.arange(AGENTS)
    complaint, long = dice.random(CALLS) < COMPLAINTS, dice.random(CALLS) < LONG
    length = np.where(long, dice.uniform(650, 900, CALLS), dice.uniform(60, 360, CALLS))
    start = datetime.combine(period.start, datetime.min.time(), ZONE)
    minute = dice.integers(9 * 60, 18 * 60, size=CALLS)
    calls = tuple(
        Recording(
            recording_id=f"{period.name}-{i:03}",
            path=f"{period.name}-{i:03}.wav",
            start_time=start + timedelta(days=i % 7, minutes=int(minute[i])),
            agent_id=f"A{agent[i]:02}",
            fields={
                "agent_name": f"坐席{agent[i]:02}",
                "team": "一组" if agent[i] < AGENTS // 2 else "二组",
                "business": "投诉" if complaint[i] else "咨询",
                "duration_s": round(float(length[i]), 1),
            },
        )
        for i in range(CALLS)
    )
    return Rows(period=period, calls=calls, agent=agent, complaint=complaint, long=long)


def week_of(number: int, seed: int) -> Week:
    """What a season's seed makes of a week's calls."""
    dice, rows = np.random.default_rng([seed, number]), rows_of(number)
    tilt = (0.7 + 0.6 * rows.agent / (AGENTS - 1)) * np.where(rows.complaint, 2.0, 1.0)
    tilt = tilt * np.where(rows.long, 1.5, 1.0)
    chance = np.minimum(0.9, np.outer(tilt, [i.found for i in ITEMS]))
    right = np.array([i.right for i in ITEMS])
    found = dice.random(chance.shape) < chance
    unseen = np.minimum(0.9, chance * right * MISSED / (1 - MISSED) / (1 - chance))
    fault = dice.random(chance.shape) < np.where(found, right, unseen)
    badly = rows.complaint & (dice.random(CALLS) < HANDLED_BADLY)
    return Week(
        rows=rows,
        found=found,
        fault=fault,
        off=np.where(badly, HANDLING_OFF, 0.0),
        abusive=np.zeros(CALLS, dtype=bool),
    )


def transcript_of(week: Week, place: int) -> dict[str, Any]:
    """Words in which the rules find what the machine finds in the call, and nothing else."""
    call = week.calls[place]
    said = [
        item.phrase
        for item, found in zip(ITEMS, week.found[place], strict=True)
        if bool(found) is (item.kind == "forbid")
    ]
    said += [ABUSIVE] if week.abusive[place] else []
    lines = [
        ("agent", "您好"),
        ("customer", "我要查上个月的账单"),
        *(("agent", s) for s in said),
    ]
    turns, at = [], 1.0
    for speaker, text in lines:
        end = round(at + 0.25 * len(text), 2)
        turns.append(
            {"speaker": speaker, "start_s": at, "end_s": end, "text": text, "confidence": 0.98}
            | {"words": []}
        )
        at = round(end + 1.0, 2)
    return {
        "format": "qc-transcript/1",
        "recording_id": call.recording_id,
        "language": "zh",
        "duration_s": call.fields["duration_s"],
        "asr": {"backend": "written", "model": "by hand", "model_sha256": MODEL},
        "speech": {
            party: [[t["start_s"], t["end_s"]] for t in turns if t["speaker"] == party]
            for party in ("agent", "customer")
        },
        "turns": turns,
    }


def write_call_list(path: Path, weeks: Sequence[Week]) -> None:
    names = ("agent_name", "team", "business", "duration_s")
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["recording_id", "path", "start_time", "agent_id", *names])
        for week in weeks:
            for call in week.calls:
                at = call.start_time.strftime("%Y-%m-%dT%H:%M:%S")
                fields = [call.fields[n] for n in names]
                table.writerow([call.recording_id, call.path, at, call.agent_id, *fields])
