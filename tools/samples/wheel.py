"""Pick the sample calls that travel inside the wheel: few, small, and something of everything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

CALLS = 44
BYTES = 3_080_000
_FAULTY = 28


def wheel_ids(
    rows: Sequence[Mapping[str, str]],
    truths: Sequence[Mapping[str, object]],
    sizes: Mapping[str, int],
) -> tuple[str, ...]:
    """Return the recording ids, sorted: something of each fault, then clean calls of each business.

    `sizes` in bytes by recording id. Small recordings come first wherever there is a choice.
    """
    faults = {str(t["recording_id"]): _criteria(t) for t in truths}
    by_size = sorted(sizes, key=lambda i: (sizes[i], i))
    chosen: list[str] = []
    covered: dict[str, int] = {}
    for wanted in (1, 2):
        for rec_id in by_size:
            new = [c for c in faults[rec_id] if covered.get(c, 0) < wanted]
            if new and rec_id not in chosen and len(chosen) < _FAULTY:
                chosen.append(rec_id)
                for criterion in faults[rec_id]:
                    covered[criterion] = covered.get(criterion, 0) + 1
    business = {r["recording_id"]: r["business"] for r in rows}
    clean: dict[str, list[str]] = {}
    for rec_id in by_size:
        if not faults[rec_id]:
            clean.setdefault(business[rec_id], []).append(rec_id)
    while any(clean.values()) and len(chosen) < CALLS:
        for name in sorted(clean):
            if clean[name] and len(chosen) < CALLS:
                chosen.append(clean[name].pop(0))
    while sum(sizes[i] for i in chosen) > BYTES:
        chosen.pop()
    return tuple(sorted(chosen))


def _criteria(truth: Mapping[str, object]) -> tuple[str, ...]:
    found = cast("Sequence[Mapping[str, Any]]", truth["faults"])
    return tuple(sorted({str(f["criterion"]) for f in found}))
