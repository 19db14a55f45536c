"""The four-valued logic of combinations: holds, does not hold, unknown, never arose.

RUBRIC.md, "Conditions": `all` is false if one part is false, else unknown if one is, else holds;
`any` is its mirror; parts that never arose are left out, and none left = never arose. Certainty:
the least of what must all be so, the greatest of alternatives.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from operator import attrgetter

from qc_pipeline.scoring.evidence.outcome import (
    HOLDS,
    NEVER,
    NEVER_AROSE,
    NOT,
    UNKNOWN,
    Hit,
    Outcome,
    State,
)

_OPPOSITE = {HOLDS: NOT, NOT: HOLDS}


def opposite(outcome: Outcome) -> Outcome:
    """`not`: what supported the one state supports the other."""
    state = _OPPOSITE.get(outcome.state)
    if state is None:
        return outcome
    return Outcome(
        state=state,
        certainty=outcome.certainty,
        sure=outcome.sure,
        hits=outcome.hits,
        triggers=outcome.triggers,
        searched=outcome.searched,
        measured=outcome.measured,
    )


def every(parts: Sequence[Outcome]) -> Outcome:
    """`all`."""
    return _combined(parts, one=NOT, rest=HOLDS, keep=tuple(parts))


def some(parts: Sequence[Outcome]) -> Outcome:
    """`any`."""
    return _combined(parts, one=HOLDS, rest=NOT)


def _combined(
    parts: Sequence[Outcome], *, one: State, rest: State, keep: tuple[Outcome, ...] = ()
) -> Outcome:
    """`one` if one part is, else unknown if one is, else `rest`."""
    arose = [p for p in parts if p.state is not NEVER]
    if not arose:
        return NEVER_AROSE
    deciding = [p for p in arose if p.state is one]
    if deciding:
        return _together(
            deciding,
            one,
            keep,
            certainty=max([p.certainty for p in deciding]),
            sure=any([p.sure for p in deciding]),
        )
    for part in arose:
        if part.state is UNKNOWN:
            return part
    return _together(
        arose,
        rest,
        keep,
        certainty=min([p.certainty for p in arose]),
        sure=all([p.sure for p in arose]),
    )


def _together(
    parts: Sequence[Outcome],
    state: State,
    keep: tuple[Outcome, ...],
    *,
    certainty: float,
    sure: bool,
) -> Outcome:
    if len(parts) == 1:
        (only,) = parts
        return Outcome(
            state=state,
            certainty=certainty,
            sure=sure,
            hits=only.hits if len(only.hits) < 2 else in_time(only.hits),
            triggers=None if only.triggers is None else in_time(only.triggers),
            searched=only.searched,
            measured=only.measured,
            parts=keep,
        )
    own_triggers = any([p.triggers is not None for p in parts])
    return Outcome(
        state=state,
        certainty=certainty,
        sure=sure,
        hits=in_time([h for p in parts for h in p.hits]),
        triggers=in_time([h for p in parts for h in p.arose]) if own_triggers else None,
        searched=tuple([s for p in parts for s in p.searched]),
        measured=tuple([m for p in parts for m in p.measured]),
        parts=keep,
    )


def in_time(hits: Iterable[Hit]) -> tuple[Hit, ...]:
    return tuple(sorted(hits, key=_WHEN))


_WHEN = attrgetter("start_s", "end_s")
