"""Drawn recordings that prove invalid – silent, wrong number, test, internal – and who follows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from qc_pipeline.errors import UsageError
from qc_pipeline.message import Message
from qc_pipeline.sampling.inspectors import may_hear
from qc_pipeline.sampling.plan import Inspector, SamplingPlan
from qc_pipeline.sampling.sample import Exclusion, Sample

REASONS = ("silent", "wrong_number", "test", "internal", "other")
"""Why a recording is invalid, for counting; a person's own words stand beside "other"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Replacement:
    """`invalid` left the sample for `reason`; `by` took its place, None where nobody was left.

    `inspector` is who hears `by`.
    """

    invalid: str
    reason: str
    by: str | None
    inspector: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Replaced:
    sample: Sample
    replacements: tuple[Replacement, ...]


def replace_invalid(
    sample: Sample, invalid: Mapping[str, str], *, teams: Mapping[str, str] | None = None
) -> Replaced:
    """The sample without the `invalid` recordings (recording → reason), the next ones in place.

    The next is the first of the seeded reserve of the same stratum and agent, else of the same
    stratum; never anybody's choice. It takes over stratum, class, probability, tier and inspector;
    where the plan forbids that inspector the team of the new call (`teams`: recording → team), it
    goes to the one with the fewest calls for their share. A reserve recording that is itself named
    invalid is skipped. Calls that were put in by a person and test calls leave without
    replacement. Raises UsageError for recordings that the sample does not hold.
    """
    held = {p.recording_id: p for p in sample.picks}
    reserve = set(sample.reserve)
    strange = sorted(n for n in invalid if n not in held and n not in reserve)
    if strange:
        raise UsageError(f"not in the sample of {sample.period}: {', '.join(strange)}")
    sample = _without_reserve(sample, set(invalid) - held.keys())
    places = list(zip(sample.reserve, sample.reserve_strata, sample.reserve_agents, strict=True))
    used: set[str] = set()
    made: list[Replacement] = []
    load = Counter(p.inspector for p in sample.picks)
    plan = SamplingPlan.from_json(sample.plan)
    for name in (p.recording_id for p in sample.picks if p.recording_id in invalid):
        pick = held[name]
        free = [
            (agent != (pick.agent_id or ""), i, other)
            for i, (other, stratum, agent) in enumerate(places)
            if pick.origin == "drawn" and stratum == pick.stratum and other not in used
        ]
        by = min(free)[2] if free else None
        inspector = pick.inspector
        load[inspector] -= 1
        if by is None:
            inspector = None
        else:
            used.add(by)
            if inspector is not None:
                inspector = _inspector(plan, inspector, (teams or {}).get(by), load)
            load[inspector] += 1
        made.append(Replacement(invalid=name, reason=invalid[name], by=by, inspector=inspector))
    return Replaced(sample=with_replacements(sample, made), replacements=tuple(made))


def with_replacements(sample: Sample, replacements: Sequence[Replacement]) -> Sample:
    """The sample after replacements that were chosen before, in their order."""
    if not replacements:
        return sample
    agents = dict(zip(sample.reserve, sample.reserve_agents, strict=True))
    picks = {p.recording_id: p for p in sample.picks}
    for one in replacements:
        former = picks.pop(one.invalid)
        if one.by is not None:
            agent = agents.get(one.by) or None
            picks[one.by] = replace(
                former, recording_id=one.by, agent_id=agent, inspector=one.inspector
            )
    drawn = Counter(p.stratum for p in picks.values() if p.origin == "drawn")
    out = [
        Exclusion(recording_id=r.invalid, reason=Message.of("frame.invalid", cause=r.reason))
        for r in replacements
    ]
    return replace(
        _without_reserve(sample, {r.by for r in replacements}),
        picks=tuple(sorted(picks.values(), key=lambda p: p.recording_id)),
        strata=tuple(replace(row, drawn=drawn[row.stratum]) for row in sample.strata),
        excluded=tuple(sorted([*sample.excluded, *out], key=lambda e: e.recording_id)),
    )


def _without_reserve(sample: Sample, names: set[str] | set[str | None]) -> Sample:
    left = [
        entry
        for entry in zip(sample.reserve, sample.reserve_strata, sample.reserve_agents, strict=True)
        if entry[0] not in names
    ]
    return replace(
        sample,
        reserve=tuple(x[0] for x in left),
        reserve_strata=tuple(x[1] for x in left),
        reserve_agents=tuple(x[2] for x in left),
    )


def _inspector(
    plan: SamplingPlan, former: str, team: str | None, load: Mapping[str | None, int]
) -> str | None:
    """Who hears the new call: the former inspector, unless it is of the team they lead."""
    by_id: dict[str, Inspector] = {i.id: i for i in plan.inspectors}
    if former not in by_id or may_hear(plan, by_id[former], team):
        return former
    allowed = [i for i in plan.inspectors if may_hear(plan, i, team)]
    return min(allowed, key=lambda i: (load[i.id] / i.share, i.id)).id if allowed else None
