"""Drawn recordings that prove invalid – silent, wrong number, test, internal – and who follows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from qc_pipeline.errors import UsageError
from qc_pipeline.sampling.sample import Exclusion, Pick, Sample


@dataclass(frozen=True, slots=True, kw_only=True)
class Replacement:
    """`invalid` left the sample for `reason`; `by` took its place, None where nobody was left."""

    invalid: str
    reason: str
    by: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Replaced:
    sample: Sample
    replacements: tuple[Replacement, ...]


def replace_invalid(sample: Sample, invalid: Mapping[str, str]) -> Replaced:
    """The sample without the `invalid` recordings (recording → reason), the next ones in place.

    The next is the first of the seeded reserve of the same stratum and agent, else of the same
    stratum; never anybody's choice. It takes over stratum, class, probability and inspector. A
    reserve recording that is itself named invalid is skipped. Calls that were put in by a person
    and test calls leave without replacement. Raises UsageError for recordings that the sample
    does not hold.
    """
    held = {p.recording_id: p for p in sample.picks}
    reserve = set(sample.reserve)
    strange = sorted(n for n in invalid if n not in held and n not in reserve)
    if strange:
        raise UsageError(f"not in the sample of {sample.period}: {', '.join(strange)}")
    places = list(zip(sample.reserve, sample.reserve_strata, sample.reserve_agents, strict=True))
    used: set[str] = set()
    made: list[Replacement] = []
    fresh: dict[str, Pick] = {}
    for name in (p.recording_id for p in sample.picks if p.recording_id in invalid):
        pick = held[name]
        free = [
            (agent != (pick.agent_id or ""), i, other, agent)
            for i, (other, stratum, agent) in enumerate(places)
            if pick.origin == "drawn"
            and stratum == pick.stratum
            and other not in used
            and other not in invalid
            and other not in held
        ]
        if free:
            _, _, other, agent = min(free)
            used.add(other)
            fresh[name] = replace(pick, recording_id=other, agent_id=agent or None)
        by = fresh[name].recording_id if name in fresh else None
        made.append(Replacement(invalid=name, reason=invalid[name], by=by))
    picks = [
        fresh.get(p.recording_id, p)
        for p in sample.picks
        if p.recording_id not in invalid or p.recording_id in fresh
    ]
    left = [
        (name, stratum, agent)
        for name, stratum, agent in places
        if name not in used and name not in invalid
    ]
    drawn = {row.stratum: 0 for row in sample.strata}
    for pick in picks:
        if pick.origin == "drawn":
            drawn[pick.stratum] = drawn.get(pick.stratum, 0) + 1
    out = [Exclusion(recording_id=m.invalid, reason=f"invalid: {m.reason}") for m in made]
    return Replaced(
        sample=replace(
            sample,
            picks=tuple(sorted(picks, key=lambda p: p.recording_id)),
            strata=tuple(replace(row, drawn=drawn[row.stratum]) for row in sample.strata),
            excluded=tuple(sorted([*sample.excluded, *out], key=lambda e: e.recording_id)),
            reserve=tuple(x[0] for x in left),
            reserve_strata=tuple(x[1] for x in left),
            reserve_agents=tuple(x[2] for x in left),
        ),
        replacements=tuple(made),
    )
