"""Who hears which call: the drawn calls split over inspectors by their shares."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from qc_pipeline.message import Message, some
from qc_pipeline.sampling.plan import Inspector, SamplingPlan
from qc_pipeline.sampling.sample import Pick


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """`picks` with `inspector` set, and sentences for the inspector."""

    picks: tuple[Pick, ...]
    notes: tuple[Message, ...]


def split_over_inspectors(
    picks: Sequence[Pick],
    plan: SamplingPlan,
    *,
    teams: Mapping[str, str],
    minutes: Mapping[str, float],
    seed: str,
) -> Split:
    """Give every pick to an inspector, in seeded order to the one furthest below their share.

    `teams` maps a recording to its agent's team, `minutes` to its length; the load is counted in
    minutes where the budget is, else in calls. With `own_team = "never"` nobody hears calls of
    the team they lead; a call that nobody may hear stays unassigned and is named in the notes.
    Calls that are heard in full are shared out first, so that each inspector gets their part of
    both tiers.
    """
    if not plan.inspectors:
        return Split(picks=tuple(picks), notes=())
    in_minutes = plan.budget_minutes is not None
    order = sorted(
        range(len(picks)),
        key=lambda i: (
            not picks[i].relisten,
            hashlib.sha256(f"{seed}\ninspector\n{picks[i].recording_id}".encode()).digest(),
        ),
    )
    load = {i.id: 0.0 for i in plan.inspectors}
    given = list(picks)
    nobody: list[str] = []
    for place in order:
        name = picks[place].recording_id
        allowed = [i for i in plan.inspectors if may_hear(plan, i, teams.get(name))]
        if not allowed:
            nobody.append(name)
            continue
        chosen = min(allowed, key=lambda i: (load[i.id] / i.share, i.id))
        load[chosen.id] += _load(minutes.get(name)) if in_minutes else 1.0
        given[place] = replace(picks[place], inspector=chosen.id)
    notes: tuple[Message, ...] = ()
    if nobody:
        notes = (Message.of("draw.nobody", calls=len(nobody), names=some(sorted(nobody))),)
    return Split(picks=tuple(given), notes=notes)


def may_hear(plan: SamplingPlan, inspector: Inspector, team: str | None) -> bool:
    """Whether the plan lets an inspector hear calls of a team."""
    return plan.own_team == "allowed" or inspector.team is None or inspector.team != team


def _load(minutes: float | None) -> float:
    """A call whose length nobody knows counts as nothing."""
    return minutes if minutes is not None and minutes == minutes else 0.0
