"""What to change in a plan that cannot be met: single changes, each planned before it is told.

A plan's keys act on one another – a larger budget makes more strata, and those ask for more calls –
so no formula says which change will do. One key at a time is moved away from what was asked, in
steps that double until the plan can be made, and back by halves until the value beside it, one step
nearer, is known to fail. The search is bounded: what it does not find is not claimed.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pydantic import ValidationError

from qc_pipeline.errors import InputError, Problem
from qc_pipeline.sampling.plan import SamplingPlan

TRIES = 32
TRIES_OF_MANY = 6
MANY_CALLS = 200_000
SHOWN = 2
_BUDGETS = ("budget_", "machine_hours")


@dataclass(frozen=True, slots=True, kw_only=True)
class Lever:
    """A key that can be moved from `start`, which fails, to `limit`; `guess` is tried first. All
    three count steps of `unit`.
    """

    key: str
    start: int
    limit: int
    guess: int
    unit: float = 1.0

    def value(self, steps: int) -> float | int:
        return steps if self.unit == 1.0 else round(steps * self.unit, 3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """One change with which the plan can be made; `nearest`: one step less was seen to fail."""

    change: dict[str, Any]
    text: str
    nearest: bool


class UnmetError(Exception):
    """A plan that cannot be met, before anybody is told.

    `problems` says what stands in the way, worked out only when it is shown; `levers` are the keys
    that could be moved, `short` whether agents have too few calls, `fixed` the numbers by stratum
    that there are.
    """

    def __init__(
        self,
        problems: Callable[[], Sequence[Problem]],
        levers: Sequence[Lever] = (),
        *,
        short: bool = False,
        fixed: dict[str, int] | None = None,
    ) -> None:
        super().__init__("the plan cannot be met")
        self.problems = problems
        self.levers = tuple(levers)
        self.short = short
        self.fixed = fixed


def changed(plan: SamplingPlan, change: dict[str, Any]) -> SamplingPlan | None:
    """The plan with some keys changed, None where its own rules forbid that."""
    keys = {name: getattr(plan, name) for name in plan.model_fields_set}
    try:
        return SamplingPlan(**(keys | change))
    except ValidationError:
        return None


def advised(
    unmet: UnmetError,
    plan: SamplingPlan,
    make: Callable[[SamplingPlan], object],
    *,
    calls: int,
) -> list[Problem]:
    """The problems of a plan with what can be done.

    `make` makes a plan, or raises UnmetError or InputError. `calls` of the frame bound the search:
    with very many, each try takes seconds.
    """

    def can(change: dict[str, Any]) -> bool:
        candidate = changed(plan, change)
        return candidate is not None and _failure(candidate, make) is None

    problems = list(unmet.problems())
    if unmet.fixed is not None:
        whole = plan.fixed if isinstance(plan.fixed, dict) else {}
        if not can({"fixed": whole | unmet.fixed}):
            problems = [replace(p, hint=_hint([], ("fixed",))) for p in problems]
        return problems
    tries = TRIES if calls < MANY_CALLS else TRIES_OF_MANY
    found: list[Advice] = []
    for advice in _advices(unmet, plan, can, tries):
        found.append(advice)
        if len(found) == SHOWN:
            break
    keys = [lever.key for lever in unmet.levers] + ["agent_short"] * unmet.short
    hint = _hint(found, tuple(dict.fromkeys(keys)))
    if unmet.short and not found:
        # Agents with few calls are not all that stands in the way.
        rest = changed(plan, {"agent_short": "all"})
        failure = _failure(rest, make) if rest is not None else None
        if isinstance(failure, UnmetError):
            problems += failure.problems()
    *others, last = sorted(problems, key=Problem.sort_key)
    return [*others, replace(last, hint=hint)]


def _failure(
    plan: SamplingPlan, make: Callable[[SamplingPlan], object]
) -> UnmetError | InputError | None:
    try:
        make(plan)
    except (UnmetError, InputError) as failure:
        return failure
    return None


def _hint(found: Sequence[Advice], keys: Sequence[str]) -> str:
    if not found:
        tried = f"a change of {' or '.join(keys)} alone" if keys else "a change of one key alone"
        return f"{tried} was not found to do; loosen several keys"
    first, *rest = found
    can = "is the nearest that can" if first.nearest and first.text.startswith(_BUDGETS) else "can"
    return ", or ".join([f"{first.text} {can}", *(a.text for a in rest)])


def _advices(
    unmet: UnmetError, plan: SamplingPlan, can: Callable[[dict[str, Any]], bool], tries: int
) -> Iterator[Advice]:
    each = " for each inspector" if len(plan.inspectors) > 1 else ""
    for lever in unmet.levers:
        value, nearest = search(lever, can, tries)
        if value is not None:
            tail = each if lever.key.startswith("budget") else ""
            text = f"{lever.key} = {lever.value(value):g}{tail}"
            yield Advice(change={lever.key: lever.value(value)}, text=text, nearest=nearest)
    if unmet.short and plan.agent_short == "stop" and can({"agent_short": "all"}):
        text = 'agent_short = "all" takes all they have'
        yield Advice(change={"agent_short": "all"}, text=text, nearest=True)


def search(
    lever: Lever, can: Callable[[dict[str, Any]], bool], tries: int
) -> tuple[int | None, bool]:
    """(a value of the key with which the plan can be made, whether one step nearer fails).

    (None, False) where `tries` attempts find none. Values are whole, from `start` to `limit`.
    """
    way = 1 if lever.limit > lever.start else -1
    span = abs(lever.limit - lever.start)
    good: int | None = None
    bad, step, looked = 0, 1, False
    at = min(max(1, (lever.guess - lever.start) * way), span)
    for _ in range(tries if span else 0):
        if can({lever.key: lever.value(lever.start + way * at)}):
            good = at
        else:
            bad = at
        if good is None:
            if bad == span:
                break
            at, step = min(bad + step, span), step * 2
        elif good - bad == 1:
            break
        else:
            # Most often the guess is right: look just before what was found first, then halve.
            at, looked = (good + bad) // 2 if looked else good - 1, True
    return (
        None if good is None else lever.start + way * good
    ), good is not None and good - bad == 1


def levers(
    plan: SamplingPlan,
    *,
    total: int,
    calls: int,
    up: int | None = None,
    down: int | None = None,
    time_units: float | None = None,
    fewest: int | None = None,
    agent_most: int | None = None,
    stratum_most: int | None = None,
) -> list[Lever]:
    """The keys of a plan that could be moved, the likeliest first.

    `total` calls were to be drawn of `calls`. `up` and `down` guess a larger and a smaller number
    of calls in all, `time_units` the minutes for each inspector or hours of the machine; `fewest`
    guesses a smaller `agent_min`; `agent_most` and `stratum_most` are the calls of the largest
    agent and stratum. A key whose guess is None stays as it is.
    """
    people = max(1, len(plan.inspectors))
    found: list[Lever] = []
    if plan.budget_minutes is not None or plan.machine_hours is not None:
        key = "machine_hours" if plan.budget_minutes is None else "budget_minutes"
        unit = 1.0 if key == "budget_minutes" else 0.1
        now = math.floor(getattr(plan, key) / unit + 1e-9)
        if time_units is not None:
            guess = max(now + 1, math.ceil(time_units / unit))
            found.append(Lever(key=key, start=now, limit=100 * guess, guess=guess, unit=unit))
    elif plan.allocation == "fixed" and plan.budget_calls is None:
        if isinstance(plan.fixed, int) and up is not None and stratum_most is not None:
            most = max(stratum_most, plan.fixed)
            guess = math.ceil(plan.fixed * up / max(1, total))
            found.append(Lever(key="fixed", start=plan.fixed, limit=most, guess=guess))
    else:
        now = plan.budget_calls or total // people
        if up is not None:
            most = max(now, math.ceil(calls / people))
            guess = math.ceil(up / people)
            found.append(Lever(key="budget_calls", start=now, limit=most, guess=guess))
        if down is not None and now > 1:
            found.append(Lever(key="budget_calls", start=now, limit=1, guess=down // people))
    if fewest is not None and plan.agent_min > 0:
        found.append(Lever(key="agent_min", start=plan.agent_min, limit=0, guess=fewest))
    for key, now_most, most_there in (
        ("agent_max", plan.agent_max, agent_most),
        ("stratum_max", plan.stratum_max, stratum_most),
    ):
        if now_most is not None and most_there is not None and most_there > now_most:
            found.append(Lever(key=key, start=now_most, limit=most_there, guess=now_most + 1))
    if fewest is not None and plan.stratum_min > 1:
        least = plan.stratum_min
        found.append(Lever(key="stratum_min", start=least, limit=1, guess=least - 1))
    return found
