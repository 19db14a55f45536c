"""Plans made to be impossible: few calls an agent, quotas, floors, ceilings, small budgets."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

from pydantic import ValidationError

from qc_pipeline.call import Recording
from qc_pipeline.errors import InputError
from qc_pipeline.sampling.plan import Relisten, RiskCondition, SamplingPlan
from tests.sampling.calls_made import call

NUMBER = re.compile(
    r"\b(budget_calls|budget_minutes|agent_min|agent_max|stratum_min|stratum_max|fixed)"
    r" = (\d+)\b"
)
BY_NAME = re.compile(r'\[sampling\.fixed\] "(.+)" = \d+ is more')
ASIDE = Relisten(agent_min=0, new_agent_min=0, complaint_share=0.0)
RISK = (
    RiskCondition(name="long", field="duration_s", above=300.0, multiplier=3.0),
    RiskCondition(name="complaint", field="business", matches="投诉", multiplier=2.0),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Adversary:
    """A frame and a plan for it, which may or may not be possible."""

    calls: tuple[Recording, ...]
    keys: dict[str, Any]

    def plan(self, **change: Any) -> SamplingPlan:
        return SamplingPlan(**(self.keys | change))


def _frame(random: Random) -> tuple[Recording, ...]:
    """Up to 40 agents, most with few calls and some with many; some calls of nobody."""
    calls: list[Recording] = []
    many = random.choice((1, 2, 4, 12))
    for agent in range(random.randint(2, 40)):
        count = random.randint(1, 3) if random.random() < 0.6 else random.randint(1, 6 * many)
        for _ in range(count):
            nobody = random.random() < 0.03
            hour = random.choice((3, 8, 9, 10, 12, 14, 18, 22))
            calls.append(
                call(
                    f"r{len(calls):04d}",
                    day=random.randrange(7),
                    at=f"{hour:02d}:{random.randrange(60):02d}",
                    agent=None if nobody else f"A{agent:02d}",
                    duration_s=round(random.lognormvariate(4.8, 1.0), 1),
                    business=random.choice(("投诉", "咨询", "咨询", "报修")),
                    team=f"T{agent % 3}",
                )
            )
    return tuple(calls)


def _keys(random: Random, count: int) -> dict[str, Any]:
    def some(value: Any, chance: float) -> Any:
        return value if random.random() < chance else None

    keys: dict[str, Any] = {
        "relisten": ASIDE,
        "agent_min": random.choice((0, 1, 1, 2, 3, 5)),
        "agent_short": random.choice(("stop", "all", "all")),
        "stratum_min": random.choice((1, 2, 2, 3, 6)),
        "duration_s": random.choice(((), (120.0,), (30.0, 120.0, 300.0, 600.0))),
        "allocation": random.choice(("proportional", "equal", "neyman", "risk", "fixed")),
        "risk": RISK,
    }
    if keys["allocation"] == "neyman":
        keys["neyman_by"] = "duration_s"
    if keys["allocation"] == "fixed":
        keys["fixed"] = random.randint(1, 8)
    if random.random() < 0.4:
        keys["slots"] = ()
    optional = {
        "agent_max": some(random.randint(1, 6), 0.4),
        "agent_share": some(random.choice((0.05, 0.2, 0.5)), 0.25),
        "stratum_max": some(random.randint(1, 12), 0.3),
        "by": some(random.choice((("team",), ("business",), ("team", "business"))), 0.3),
        "inspectors": some(tuple({"id": f"I{i}"} for i in range(random.randint(1, 3))), 0.3),
    }
    if random.random() < 0.65:
        optional["budget_calls"] = random.choice((3, 10, max(1, count // 4), count))
    elif random.random() < 0.7:
        optional["budget_minutes"] = random.choice((5, 20.5, 60, 300))
    return keys | {k: v for k, v in optional.items() if v is not None}


def adversaries(count: int, *, seed: int = 0) -> Iterator[Adversary]:
    """So many frames with plans that the plan's own rules allow, always the same."""
    random = Random(seed)
    made = 0
    while made < count:
        calls = _frame(random)
        one = Adversary(calls=calls, keys=_keys(random, len(calls)))
        try:
            one.plan()
        except ValidationError:
            continue
        made += 1
        yield one


def changes(error: InputError) -> list[dict[str, Any]]:
    """The single changes that an error advises, read from its hints as a person would."""
    hints = [p.hint or "" for p in error.problems]
    by_name = [(BY_NAME.search(p.message), p.hint or "") for p in error.problems]
    numbers = {m[1]: int(h.split()[0]) for m, h in by_name if m and h[:1].isdigit()}
    if any(m for m, _ in by_name):
        return [{"fixed": numbers}] if numbers else []
    found: list[dict[str, Any]] = [
        {key: int(value)} for key, value in NUMBER.findall("; ".join(dict.fromkeys(hints)))
    ]
    if any('agent_short = "all"' in hint for hint in hints):
        found.append({"agent_short": "all"})
    return found
