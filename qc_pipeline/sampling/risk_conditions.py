"""Tests of call fields over a whole table: risk classes and the complaint test of the plan."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from qc_pipeline.call_fields import BY_NAME
from qc_pipeline.call_table import DAY_US, CallTable, day_number, text_of
from qc_pipeline.sampling.plan import FieldCondition, SamplingPlan
from qc_pipeline.sampling.sample import RiskCount
from qc_pipeline.sampling.strata import slot_marks

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

HOUR_US = 3_600_000_000
SLOT = "slot"
CONDITION = "condition:"
"""A column of a kept frame that says whether a condition of that name is met, where the field
itself names customers and is not kept."""
DERIVED = ("tenure_days", "agent_last_score", "hour", "weekday")
MULTIPLIER_MIN, MULTIPLIER_MAX = 0.2, 5.0


def known_field(table: CallTable, name: str) -> bool:
    """Whether a condition may name `name`: a column of the list, a known field or a derived one."""
    return name in table.columns or name in BY_NAME or name in DERIVED or name == SLOT


def tenure_days(table: CallTable) -> Array:
    """Days from `hire_date` to the call's local day, NaN where the list gives no date."""
    import numpy as np

    column = table.texts("hire_date")
    days = {}
    for text in set(column.tolist()):
        try:
            days[text] = float(day_number(date.fromisoformat(text))) if text else np.nan
        except ValueError:
            days[text] = np.nan
    hired = np.array([days[text] for text in column.tolist()], dtype=np.float64)
    tenure: Array = table.local_us // DAY_US - hired
    return tenure


def _numbers(table: CallTable, name: str, agent_means: Mapping[str, float]) -> Array:
    import numpy as np

    match name:
        case "tenure_days":
            return tenure_days(table)
        case "agent_last_score" if not agent_means:
            return np.full(len(table), np.nan)
        case "agent_last_score":
            means = [agent_means.get(a, np.nan) if a else np.nan for a in table.agents.tolist()]
            return np.array(means, dtype=np.float64)
        case "hour":
            return (table.local_us % DAY_US // HOUR_US).astype(np.float64)
        case "weekday":
            return ((table.local_us // DAY_US + 3) % 7 + 1).astype(np.float64)
        case "agent_id" | "recording_id":
            return np.full(len(table), np.nan)
        case _:
            return table.numbers(name)


def holds(
    condition: FieldCondition,
    table: CallTable,
    agent_means: Mapping[str, float],
    plan: SamplingPlan,
) -> Array:
    """A mask of the calls that meet a condition; a call without the field does not.

    `plan` has the time slots that a condition on `slot` is about.
    """
    import numpy as np
    import pandas as pd

    name = condition.field
    own = getattr(condition, "name", None)
    told = CONDITION + ("complaint" if own is None else f"risk:{own}")
    if told in table.columns:
        return table.flags(told)
    if name == SLOT and SLOT not in table.columns:
        return _in_slots(condition, table, plan)
    mask = np.ones(len(table), dtype=bool)
    if condition.above is not None or condition.below is not None or name in DERIVED:
        numbers = _numbers(table, name, agent_means)
        if condition.above is not None:
            mask &= numbers > condition.above
        if condition.below is not None:
            mask &= numbers < condition.below
        texts = None
    else:
        numbers = None
        texts = table.texts(name)
    if condition.present is not None:
        there = ~np.isnan(numbers) if numbers is not None else texts != None  # noqa: E711
        mask &= there if condition.present else ~there
    if condition.is_in is None and condition.matches is None:
        return mask
    if texts is None:
        if name in DERIVED and numbers is not None:
            cells = [None if n != n else text_of(float(n)) for n in numbers.tolist()]
        else:
            cells = table.texts(name).tolist()
    else:
        cells = texts.tolist()
    codes, uniques = pd.factorize(np.array(cells, dtype=object))
    allowed = None if condition.is_in is None else {text_of(v) for v in condition.is_in}
    pattern = None if condition.matches is None else re.compile(condition.matches)
    meets = [
        (allowed is None or u in allowed) and (pattern is None or bool(pattern.search(u)))
        for u in uniques.tolist()
    ]
    mask &= np.array([*meets, False], dtype=bool)[codes]
    return mask


def can_be_told(
    condition: FieldCondition,
    table: CallTable,
    agent_means: Mapping[str, float],
    plan: SamplingPlan,
) -> bool:
    """Whether anything is known of a condition's field, of any call: without it no call meets it,
    which says nothing of the calls.
    """
    import numpy as np

    name = condition.field
    if name == SLOT and SLOT not in table.columns:
        return bool(plan.slots)
    if name in DERIVED:
        return not np.isnan(_numbers(table, name, agent_means)).all()
    return any(text is not None for text in table.texts(name).tolist())


def _in_slots(condition: FieldCondition, table: CallTable, plan: SamplingPlan) -> Array:
    """A mask of the calls that lie in any slot whose name meets the condition."""
    import numpy as np

    wanted = None if condition.is_in is None else {text_of(v) for v in condition.is_in}
    pattern = None if condition.matches is None else re.compile(condition.matches)
    mask = np.zeros(len(table), dtype=bool)
    for name, inside in slot_marks(table, plan).items():
        if (wanted is None or name in wanted) and (pattern is None or pattern.search(name)):
            mask |= inside
    return mask


def unknown_slots(condition: FieldCondition, names: Collection[str]) -> tuple[tuple[str, str], ...]:
    """What a condition on `slot` asks for that none of the slots `names` is, as (what was written,
    the text to which the nearest name is sought): each name of `in`, and a `matches` that finds
    none of them.
    """
    wanted = [text_of(v) for v in condition.is_in or ()]
    unknown = [(f'"{name}"', name) for name in wanted if name not in names]
    pattern = condition.matches
    if pattern is not None and not any(re.search(pattern, name) for name in wanted or names):
        unknown.append((f'matches = "{pattern}"', pattern))
    return tuple(unknown)


def risk_counts(
    plan: SamplingPlan, table: CallTable, agent_means: Mapping[str, float]
) -> tuple[RiskCount, ...]:
    """How many calls meet each condition of the plan, in its order."""
    return tuple(
        RiskCount(
            name=condition.name,
            multiplier=condition.multiplier,
            frame=int(holds(condition, table, agent_means, plan).sum()),
        )
        for condition in plan.risk
    )


def risk_multipliers(
    plan: SamplingPlan, table: CallTable, agent_means: Mapping[str, float]
) -> Array:
    """Each call's multiplier: the product over the conditions it meets, clipped to [0.2, 5]."""
    import numpy as np

    product = np.ones(len(table))
    for condition in plan.risk:
        product[holds(condition, table, agent_means, plan)] *= condition.multiplier
    return np.clip(product, MULTIPLIER_MIN, MULTIPLIER_MAX)
