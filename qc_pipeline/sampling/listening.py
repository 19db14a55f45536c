"""The listened sample: which of the drawn calls a person hears in full (复听样本).

It has two parts. The **random part** is what an agent's score rests on: the quota of each agent,
every call of an agent with the same chance. Where a plan draws an agent's calls with (nearly) the
same probability that is an equal chance among the drawn ones; where it does not – by risk, equally
over strata – a call that was likelier to be drawn is less likely to be chosen from them, so that
both chances together are equal. The **targeted part** is drawn from the other
drawn calls, where listening finds or teaches most: complaints until they are the share that the
plan asks for, more calls of new agents and of those who did badly, calls of risk where time is
left. It is in no agent's score. Every drawn call has a chance above 0 of being listened to, and it
is known: r + (1 - r) t, r being its chance in the random part and t the rate at which calls of its
kind are taken from those that are left. Both are rounded without bias (`controlled_rounding`).

A call takes 1.5 times its length and two minutes. Where `[review] hours` are too few the targeted
part gives way before the quotas do; where they are more than is asked for, half of the rest goes to
calls of risk and half to further random ones.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from qc_pipeline.call_table import CallTable
from qc_pipeline.message import Message, some
from qc_pipeline.sampling.cells import in_salted_order
from qc_pipeline.sampling.history import History
from qc_pipeline.sampling.period import Period
from qc_pipeline.sampling.plan import SamplingPlan
from qc_pipeline.sampling.quota import Quotas, quotas_of
from qc_pipeline.sampling.risk_conditions import SLOT, holds, risk_multipliers
from qc_pipeline.sampling.rounding import Push, controlled_rounding
from qc_pipeline.sampling.sample import Pick
from qc_pipeline.sampling.second_tier import Tier

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

LENGTHS_A_CALL, MINUTES_A_CALL = 1.5, 2.0
OTHER, RISK, COMPLAINT = range(3)
EVEN = 1.25
"""Chances of an agent's calls that differ by no more than this factor are taken for equal."""
STEPS = 60
"""Halvings until a rate is as exact as a float64 in [0, 1] can be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListeningTable:
    """The listened sample in numbers, by cell agent × kind × chance of being drawn; no seed has a
    part in it.

    `of_call` is each drawn call's cell, `size` the calls of a cell, `owner` its agent and `kind`
    its kind (OTHER, RISK, COMPLAINT). `chance` (r) and `rate` (t) are float64 in [0, 1];
    `minutes_asked` is what quotas, complaints and new agents would take, `minutes` what is planned.
    """

    of_call: Array
    size: Array
    owner: Array
    kind: Array
    chance: Array
    rate: Array
    minutes: float
    minutes_asked: float

    @property
    def probability(self) -> Array:
        """Chance by cell that a call is listened to, once drawn."""
        both: Array = self.chance + (1 - self.chance) * self.rate
        return both


@dataclass(frozen=True, slots=True, kw_only=True)
class Listened:
    """What a seed makes of the table: calls by cell of both parts (int64), and each call's part
    ("random", "targeted" or "").
    """

    random: Array
    targeted: Array
    parts: tuple[str, ...]


def listening_minutes(calls: CallTable) -> Array:
    """Minutes that listening to each call takes; of unknown length: as the mean of the others."""
    import numpy as np

    lengths = calls.numbers("duration_s") / 60
    known = ~np.isnan(lengths)
    mean = float(lengths[known].mean()) if known.any() else 0.0
    taken: Array = LENGTHS_A_CALL * np.where(known, lengths, mean) + MINUTES_A_CALL
    return taken


def hours_of(plan: SamplingPlan, period: Period) -> float | None:
    """Hours of listening that a period has, by the hours of a week."""
    hours = plan.listening.hours
    return None if hours is None else hours * period.days / 7


def listening_table(
    agent: Array,
    kind: Array,
    minutes: Array,
    drawn: Array,
    quotas: Quotas,
    *,
    share: float,
    hours: float | None,
) -> ListeningTable:
    """The table for drawn calls with these agents, kinds and minutes, and with these chances of
    being `drawn` (arrays by call).

    `share` is that of complaints among the listened calls.
    """
    import numpy as np

    kinds = COMPLAINT + 1
    levels, level = np.unique(_levels(agent, drawn, len(quotas.owed)), return_inverse=True)
    code = (agent * kinds + kind) * len(levels) + level.reshape(-1)
    cells, of_call, size = np.unique(code, return_inverse=True, return_counts=True)
    of_call, size = of_call.reshape(-1), size.astype(np.float64)
    owner, of_kind = cells // len(levels) // kinds, cells // len(levels) % kinds
    mean_minutes = np.bincount(of_call, weights=minutes) / size
    there = np.bincount(owner, weights=size, minlength=len(quotas.owed))
    owed = _owed(quotas, there)
    chance = _equal_chances(size, owner, levels[cells % len(levels)], owed)
    extra = np.minimum(quotas.extra, there - owed) / np.maximum(there - owed, 1e-12)
    fresh = extra[owner]

    def taken(chance: Array, rate: Array) -> float:
        return float((size * (chance + (1 - chance) * rate) * mean_minutes).sum())

    def with_complaints(t: float) -> Array:
        raised: Array = np.where(of_kind == COMPLAINT, np.maximum(fresh, t), fresh)
        return raised

    def complaints_short(t: float) -> bool:
        both = size * (chance + (1 - chance) * with_complaints(t))
        return float(both[of_kind == COMPLAINT].sum()) < share * float(both.sum()) - 1e-9

    rate = with_complaints(_least(complaints_short))
    asked = taken(chance, rate)
    if hours is not None:
        chance, rate = _within(chance, rate, of_kind, taken, hours * 60)
    return ListeningTable(
        of_call=of_call,
        size=size,
        owner=owner,
        kind=of_kind,
        chance=chance,
        rate=rate,
        minutes=taken(chance, rate),
        minutes_asked=asked,
    )


def _levels(agent: Array, drawn: Array, agents: int) -> Array:
    """Chances of being drawn, those of an agent taken for equal where they hardly differ."""
    import numpy as np

    least, most = np.full(agents, np.inf), np.zeros(agents)
    np.minimum.at(least, agent, drawn)
    np.maximum.at(most, agent, drawn)
    even = most <= EVEN * least
    levels: Array = np.where(even[agent], 1.0, np.round(drawn, 9))
    return levels


def _owed(quotas: Quotas, drawn: Array) -> Array:
    """Calls owed by agent, no more than are drawn. Whose agent nobody knows is in nobody's score,
    yet not out of reach: such calls have the mean chance.
    """
    import numpy as np

    owed = np.minimum(quotas.owed, drawn)
    nobody = (quotas.owed == 0) & (drawn > 0)
    if not nobody.any() or owed.sum() == 0:
        return owed
    even = owed.sum() / drawn[~nobody].sum()
    whole: Array = np.where(nobody, np.minimum(drawn, even * drawn), owed)
    return whole


def _equal_chances(size: Array, owner: Array, drawn: Array, owed: Array) -> Array:
    """Chances r by cell with Σ size · r = owed for every agent, and r · drawn the same for all
    calls of an agent as far as r ≤ 1 allows.
    """
    import numpy as np

    weight = 1 / drawn
    capped = np.zeros(len(size), dtype=bool)
    while True:
        held = np.bincount(owner, weights=np.where(capped, size, 0.0), minlength=len(owed))
        free = np.bincount(owner, weights=np.where(capped, 0.0, size * weight), minlength=len(owed))
        factor = np.maximum(owed - held, 0.0) / np.where(free > 0, free, 1.0)
        chance: Array = np.where(capped, 1.0, factor[owner] * weight)
        over = ~capped & (chance > 1.0)
        if not over.any():
            return chance
        capped |= over


def _within(
    chance: Array,
    rate: Array,
    kind: Array,
    taken: Callable[[Array, Array], float],
    minutes: float,
) -> tuple[Array, Array]:
    """Chances and rates that take `minutes` in the mean, or as near as it can be: one of them grows
    or shrinks at a time.
    """
    import numpy as np

    if taken(chance, rate) > minutes:
        if taken(chance, rate * 0) <= minutes:
            part = _most(lambda f: taken(chance, rate * f) <= minutes)
            return chance, rate * part
        part = _most(lambda f: taken(chance * f, rate * 0) <= minutes)
        return chance * part, rate * 0
    half = (taken(chance, rate) + minutes) / 2

    def with_risk(t: float) -> Array:
        raised: Array = np.where(kind == RISK, np.maximum(rate, t), rate)
        return raised

    rate = with_risk(_most(lambda t: taken(chance, with_risk(t)) <= half))
    most = 1 / float(chance[chance > 0].min(initial=1.0))

    def grown(f: float) -> Array:
        raised: Array = np.minimum(1.0, chance * (1 + f * (most - 1)))
        return raised

    return grown(_most(lambda f: taken(grown(f), rate) <= minutes)), rate


def _least(short: Callable[[float], bool]) -> float:
    """The least t in [0, 1] that is not short; 1 where all are. `short` turns false once."""
    if not short(0.0):
        return 0.0
    low, high = 0.0, 1.0
    for _ in range(STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if short(middle) else (low, middle)
    return high


def _most(fits: Callable[[float], bool]) -> float:
    """The most t in [0, 1] that fits; 0 where none does. `fits` turns false once."""
    if fits(1.0):
        return 1.0
    low, high = 0.0, 1.0
    for _ in range(STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if fits(middle) else (low, middle)
    return low


def choose_listened(
    table: ListeningTable,
    keys: Sequence[bytes],
    seed: str,
    *,
    pushes: tuple[list[Push], list[Push]] | None = None,
) -> Listened:
    """The calls of both parts: in each cell by the order of `keys` (one a call), first the random
    ones, then the targeted ones. `pushes` are filled with the steps of rounding either.
    """
    import numpy as np

    rows = np.arange(COMPLAINT + 1)
    random = controlled_rounding(
        table.size * table.chance,
        table.kind,
        table.owner,
        rows,
        seed=f"{seed}\nlistened",
        pushes=None if pushes is None else pushes[0],
    )
    left = table.size - random
    targeted = controlled_rounding(
        left * table.rate,
        table.kind,
        table.owner,
        rows,
        seed=f"{seed}\ntargeted",
        pushes=None if pushes is None else pushes[1],
    )
    parts = [""] * len(keys)
    rank = [0] * len(table.size)
    for i in sorted(range(len(keys)), key=keys.__getitem__):
        c = int(table.of_call[i])
        if rank[c] < int(random[c]):
            parts[i] = "random"
        elif rank[c] < int(random[c]) + int(targeted[c]):
            parts[i] = "targeted"
        rank[c] += 1
    return Listened(random=random, targeted=targeted, parts=tuple(parts))


def listening_keys(calls: CallTable, seed: str) -> list[bytes]:
    """The order in which calls are listened to, as far as they are: sha256 of seed and id."""
    return [
        hashlib.sha256(f"{seed}\nrelisten\n{name}".encode()).digest() for name in calls.ids.tolist()
    ]


def choose_parts(
    picks: Sequence[Pick],
    table: CallTable,
    kinds: Array,
    plan: SamplingPlan,
    history: History,
    period: Period,
    *,
    salt: str,
    seed: str,
    order: str,
) -> Tier:
    """Mark the picks that are listened to.

    `table` holds the calls of `picks`, in their order; `kinds` the kinds (`kinds_of_calls`) of
    those of them that were drawn, `salt` the frame's (`frame_salt`), `order` what their order is
    hashed with (`order_seed`). Calls put in by a person and test calls are heard in any case,
    outside the quotas and without a probability.
    """
    import numpy as np

    marked = [
        p if p.origin == "drawn" else replace(p, relisten=True, relisten_probability=None)
        for p in picks
    ]
    places = [i for i, p in enumerate(picks) if p.origin == "drawn"]
    if not places:
        return Tier(picks=tuple(marked), notes=())
    calls = table.take(np.array(places, dtype=np.int64))
    drawn = np.array([picks[i].probability or 1.0 for i in places])
    names, chances = drawn_table(calls, kinds, drawn, plan, history, period, salt=salt)
    chosen = choose_listened(chances, listening_keys(calls, order), seed)
    probability = chances.probability
    for i, place in enumerate(places):
        cell = chances.of_call[i]
        marked[place] = replace(
            marked[place],
            relisten=chosen.parts[i] != "",
            relisten_part=chosen.parts[i],
            relisten_probability=_kept(float(probability[cell])),
            random_probability=_kept(float(chances.chance[cell])),
        )
    quotas = quotas_of(names, _codes(calls, names), calls, plan, history, period)
    return Tier(picks=tuple(marked), notes=_notes(names, quotas, chances, plan))


def _codes(calls: CallTable, names: Sequence[str]) -> Array:
    """The place in `names` of every call's agent."""
    import numpy as np

    place = {name: i for i, name in enumerate(names)}
    return np.array([place[a or ""] for a in calls.agents.tolist()], dtype=np.int64)


def drawn_table(
    calls: CallTable,
    kinds: Array,
    drawn: Array,
    plan: SamplingPlan,
    history: History,
    period: Period,
    *,
    salt: str,
) -> tuple[list[str], ListeningTable]:
    """(agents in their salted order, the table) of the drawn calls with their kinds and chances of
    being `drawn`.
    """
    names = in_salted_order({a or "" for a in calls.agents.tolist()}, salt)
    agent = _codes(calls, names)
    table = listening_table(
        agent,
        kinds,
        listening_minutes(calls),
        drawn,
        quotas_of(names, agent, calls, plan, history, period),
        share=plan.relisten.complaint_share,
        hours=hours_of(plan, period),
    )
    return names, table


def _kept(chance: float) -> float | None:
    return round(chance, 12) if chance > 0 else None


def kinds_of_drawn(frame: CallTable, chosen: Array, plan: SamplingPlan, history: History) -> Array:
    """The kinds of the `chosen` calls (a mask) of a frame: only time slots need the others."""
    if any(c.field == SLOT for c in (*plan.risk, plan.relisten.complaint)):
        return kinds_of_calls(frame, plan, history)[chosen]
    return kinds_of_calls(frame.take(chosen), plan, history)


def kinds_of_calls(calls: CallTable, plan: SamplingPlan, history: History) -> Array:
    """COMPLAINT, RISK (the plan's conditions raise its multiplier above 1) or OTHER by call of a
    whole frame, of which busy hours and shifts are told.
    """
    import numpy as np

    risky = risk_multipliers(plan, calls, history.agent_means) > 1
    complaint = holds(plan.relisten.complaint, calls, history.agent_means, plan)
    kinds: Array = np.where(complaint, COMPLAINT, np.where(risky, RISK, OTHER)).astype(np.int64)
    return kinds


def _notes(
    names: Sequence[str], quotas: Quotas, table: ListeningTable, plan: SamplingPlan
) -> tuple[Message, ...]:
    import numpy as np

    notes: list[Message] = []
    sizes = np.bincount(table.owner, weights=table.size, minlength=len(names))
    wanted = quotas.calls()
    pairs = zip(names, wanted.tolist(), sizes.tolist(), strict=True)
    short = sorted(name for name, quota, size in pairs if size < quota)
    if short:
        notes.append(Message.of("draw.relisten-short", agents=some(short)))
    if plan.listening.hours is not None and table.minutes < table.minutes_asked - 0.5:
        hours, asked = round(table.minutes / 60, 1), round(table.minutes_asked / 60, 1)
        notes.append(Message.of("draw.hours-short", hours=hours, asked=asked))
    expected = table.size * table.probability
    complaints, total = float(expected[table.kind == COMPLAINT].sum()), float(expected.sum())
    if complaints < plan.relisten.complaint_share * total - 0.5:
        notes.append(
            Message.of("draw.complaints-few", total=round(total), complaints=round(complaints))
        )
    return tuple(notes)
