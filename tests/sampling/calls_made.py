"""Call lists made for tests: by hand, or a population whose scores are known."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta, timezone

import numpy as np

from qc_pipeline.call import FieldValue, Recording
from qc_pipeline.sampling.period import parse_period

ZONE = timezone(timedelta(hours=8))
MONDAY = datetime(2026, 11, 16, tzinfo=ZONE)
WEEK = parse_period("2026-W47")


def call(
    name: str,
    *,
    day: int = 0,
    at: str = "10:00",
    agent: str | None = "A1",
    duration_s: float | None = 60.0,
    **fields: FieldValue,
) -> Recording:
    """One call of the week from 16 November 2026; `day` 0 is the Monday."""
    hour, minute = at.split(":")
    start = MONDAY + timedelta(days=day, hours=int(hour), minutes=int(minute))
    known: dict[str, FieldValue] = dict(fields)
    if duration_s is not None:
        known["duration_s"] = duration_s
    return Recording(
        recording_id=name, path=f"{name}.wav", start_time=start, agent_id=agent, fields=known
    )


def population(
    calls: int, agents: int, seed: int = 1, columns: Mapping[str, FieldValue] | None = None
) -> tuple[list[Recording], np.ndarray[tuple[int], np.dtype[np.float64]]]:
    """Calls and their true scores, which depend on duration, hour, complaint and agent.

    Busy agents take many times the calls of quiet ones. `rough_score` is a column that goes with
    the score, for Neyman's allocation.
    """
    random = np.random.default_rng(seed)
    skill = random.normal(0, 3, agents)
    recordings: list[Recording] = []
    scores: list[float] = []
    for i in range(calls):
        agent = int(agents * random.random() ** 1.3)
        hour = float(np.clip(random.normal(14, 3.5), 7, 22.99))
        duration_s = float(random.lognormal(4.8, 0.9))
        complaint = bool(random.random() < 0.1)
        score = 92 + skill[agent] - 3 * (hour < 9) - 4 * (hour > 20) - 5 * complaint
        score -= 2 * max(0.0, np.log(duration_s / 120)) + 6 * (duration_s > 600)
        score -= 4 * (duration_s < 25)
        score = float(np.clip(score + random.normal(0, 5), 0, 100))
        start = MONDAY + timedelta(days=int(random.integers(7)), hours=hour)
        recordings.append(
            Recording(
                recording_id=f"R{i:06d}",
                path=f"R{i:06d}.wav",
                start_time=start,
                agent_id=f"A{agent:03d}",
                fields={
                    "duration_s": round(duration_s, 1),
                    "business": "投诉" if complaint else "咨询",
                    "rough_score": round(score + float(random.normal(0, 4)), 1),
                    "team": f"T{agent % 4}",
                    **(columns or {}),
                },
            )
        )
        scores.append(score)
    return recordings, np.array(scores)
