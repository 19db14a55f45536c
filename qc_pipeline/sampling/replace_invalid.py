"""Drawn recordings that prove invalid – silent, wrong number, test, internal – and who follows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from qc_pipeline.errors import UsageError
from qc_pipeline.message import Message
from qc_pipeline.sampling.inspectors import may_hear
from qc_pipeline.sampling.plan import Inspector, SamplingPlan
from qc_pipeline.sampling.sample import Exclusion, Pick, Sample

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


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokenQuota:
    """A bound of the plan that the draw kept and a replacement broke.

    `of` is "agent" or "stratum" and `name` which one; `bound` is "least" or "most", `planned` the
    calls it names, `drawn` those that the sample has of it now.
    """

    of: str
    name: str
    bound: str
    planned: int
    drawn: int

    @property
    def text(self) -> str:
        """As files have it: "agent A1: 0, least 1", the stratum by its name in the draw."""
        return f"{self.of} {self.name}: {self.drawn}, {self.bound} {self.planned}"

    @property
    def message(self) -> Message:
        values: dict[str, str] = {self.of: self.name}
        return Message.of(
            f"quota.{self.of}-{self.bound}", planned=self.planned, drawn=self.drawn, **values
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Next:
    """A call of the reserve; without a probability it takes over what the replaced call had."""

    recording_id: str
    stratum: str
    agent: str
    risk_class: str = ""
    probability: float | None = None


def replace_invalid(
    sample: Sample, invalid: Mapping[str, str], *, teams: Mapping[str, str] | None = None
) -> Replaced:
    """The sample without the `invalid` recordings (recording → reason), the next ones in place.

    The next is the first of the seeded reserve of the same agent, class and stratum; else of the
    same agent, in the stratum before others; else of the same stratum, in the class before others;
    never anybody's choice. It has stratum, class and probability of its own cell, and takes over
    tier and inspector; where the plan forbids that inspector the team of the new call (`teams`:
    recording → team), it goes to the one with the fewest calls for their share. In samples drawn
    before the reserve kept probabilities it is the first of the stratum and agent, else of the
    stratum, and takes over class and probability. A reserve recording that is itself named invalid
    is skipped. Calls that were put in by a person and test calls leave without replacement. Raises
    UsageError for recordings that the sample does not hold.
    """
    held = {p.recording_id: p for p in sample.picks}
    reserve = set(sample.reserve)
    strange = sorted(n for n in invalid if n not in held and n not in reserve)
    if strange:
        raise UsageError(f"not in the sample of {sample.period}: {', '.join(strange)}")
    sample = _without_reserve(sample, set(invalid) - held.keys())
    places = _reserve_of(sample)
    used: set[str] = set()
    made: list[Replacement] = []
    load = Counter(p.inspector for p in sample.picks)
    plan = SamplingPlan.from_json(sample.plan)
    for name in (p.recording_id for p in sample.picks if p.recording_id in invalid):
        pick = held[name]
        free = [
            (rank, i)
            for i, one in enumerate(places)
            if pick.origin == "drawn"
            and one.recording_id not in used
            and (rank := _rank(one, pick)) is not None
        ]
        by = places[min(free)[1]].recording_id if free else None
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


def _rank(one: _Next, pick: Pick) -> int | None:
    """How near a call of the reserve is to an invalid one, 0 the nearest; None: too far."""
    here, own = one.stratum == pick.stratum, one.agent == (pick.agent_id or "")
    alike = one.risk_class == pick.risk_class
    if one.probability is None:
        return int(not own) if here else None
    if own and here and alike:
        return 0
    if own and one.agent:
        return 1 if here else 2
    return (3 if alike else 4) if here else None


def with_replacements(sample: Sample, replacements: Sequence[Replacement]) -> Sample:
    """The sample after replacements that were chosen before, in their order."""
    if not replacements:
        return sample
    picks = {p.recording_id: p for p in sample.picks}
    for one, _, fresh in _steps(sample, replacements):
        del picks[one.invalid]
        if fresh is not None:
            picks[fresh.recording_id] = fresh
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


def broken_quotas(
    drawn: Sample, replacements: Sequence[Replacement]
) -> tuple[tuple[BrokenQuota, ...], ...]:
    """For each replacement in the draw `drawn`, the plan's quotas that it broke: of agents and of
    strata, as far as they are still broken after all of them. A quota that the draw itself did not
    meet (an agent with too few calls) is none.
    """
    before = _counts(drawn.picks)
    now = _counts(with_replacements(drawn, replacements).picks)
    broken: dict[tuple[str, str], BrokenQuota] = {}
    for key in sorted(before.keys() | now.keys()):
        least, most = _bounds(drawn, *key)
        of, name = key
        if now[key] < min(least, before[key]):
            bound, planned = "least", min(least, before[key])
        elif most is not None and now[key] > max(most, before[key]):
            bound, planned = "most", max(most, before[key])
        else:
            continue
        broken[key] = BrokenQuota(of=of, name=name, bound=bound, planned=planned, drawn=now[key])
    found: list[tuple[BrokenQuota, ...]] = []
    for _, former, fresh in _steps(drawn, replacements):
        left, came = _keys(former), _keys(fresh) if fresh is not None else set()
        moved = {"least": left - came, "most": came - left}
        found.append(tuple(q for key, q in sorted(broken.items()) if key in moved[q.bound]))
    return tuple(found)


def _bounds(drawn: Sample, of: str, name: str) -> tuple[int, int | None]:
    """Fewest and most calls of an agent or a stratum by the plan as kept, which may be one of an
    earlier version.
    """
    plan = drawn.plan
    if of == "agent":
        return drawn.agent_least.get(name, plan.get("agent_min", 0)), plan.get("agent_max")
    fixed = plan.get("fixed")
    if isinstance(fixed, Mapping):
        fixed = fixed.get(name)
    return fixed or plan.get("stratum_min", 0), plan.get("stratum_max")


def _counts(picks: Iterable[Pick]) -> Counter[tuple[str, str]]:
    """Calls drawn at random by ("agent", id) and ("stratum", name)."""
    return Counter(key for pick in picks for key in _keys(pick))


def _keys(pick: Pick) -> set[tuple[str, str]]:
    if pick.origin != "drawn":
        return set()
    return {("stratum", pick.stratum)} | ({("agent", pick.agent_id)} if pick.agent_id else set())


def _steps(
    sample: Sample, replacements: Sequence[Replacement]
) -> Iterator[tuple[Replacement, Pick, Pick | None]]:
    """Each replacement with the pick that leaves and the one that comes."""
    following = {one.recording_id: one for one in _reserve_of(sample)}
    picks = {p.recording_id: p for p in sample.picks}
    for one in replacements:
        former = picks.pop(one.invalid)
        fresh: Pick | None = None
        if one.by is not None:
            fresh = replace(former, recording_id=one.by, agent_id=None, inspector=one.inspector)
            if (own := following.get(one.by)) is not None:
                fresh = replace(fresh, agent_id=own.agent or None)
                if own.probability is not None:
                    fresh = replace(
                        fresh,
                        stratum=own.stratum,
                        risk_class=own.risk_class,
                        probability=own.probability,
                    )
            picks[one.by] = fresh
        yield one, former, fresh


def _reserve_of(sample: Sample) -> list[_Next]:
    rows = zip(sample.reserve, sample.reserve_strata, sample.reserve_agents, strict=True)
    if not sample.reserve_probabilities:
        return [_Next(recording_id=name, stratum=s, agent=a) for name, s, a in rows]
    planned = zip(sample.reserve_classes, sample.reserve_probabilities, strict=True)
    return [
        _Next(recording_id=name, stratum=s, agent=a, risk_class=c, probability=p)
        for (name, s, a), (c, p) in zip(rows, planned, strict=True)
    ]


def _without_reserve(sample: Sample, names: set[str] | set[str | None]) -> Sample:
    left = [one for one in _reserve_of(sample) if one.recording_id not in names]
    own = [one for one in left if one.probability is not None]
    return replace(
        sample,
        reserve=tuple(one.recording_id for one in left),
        reserve_strata=tuple(one.stratum for one in left),
        reserve_agents=tuple(one.agent for one in left),
        reserve_classes=tuple(one.risk_class for one in own),
        reserve_probabilities=tuple(one.probability for one in own if one.probability is not None),
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
