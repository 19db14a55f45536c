"""Whether a kept sample is what its call list, plan and seed give; and if not, what differs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict

from qc_pipeline.call import canonical_json
from qc_pipeline.sampling.sample import Pick, Sample

SHOWN = 20


def differences(kept: Sample, again: Sample) -> tuple[str, ...]:
    """Sentences that say what differs between a sample and the same draw made again.

    Empty when they are identical in everything but the notes and what was decided after the
    draw (who hears which call). Calls that a person had put in are compared only where the draw
    made again names some as well.
    """
    found: list[str] = []
    for name, label in (
        ("period", "period"),
        ("seed", "seed"),
        ("plan_sha256", "plan"),
        ("frame_sha256", "call list (its calls, their strata or agents)"),
        ("frame_size", "number of calls in the frame"),
    ):
        old, new = getattr(kept, name), getattr(again, name)
        if old != new:
            found.append(f"{label}: was {_short(old)}, is {_short(new)}")
    forced_again = any(p.origin == "forced" for p in again.picks)
    old_picks = {p.recording_id: p for p in kept.picks if forced_again or p.origin != "forced"}
    new_picks = {p.recording_id: p for p in again.picks}
    found += _listed("drawn then, not now", sorted(old_picks.keys() - new_picks.keys()))
    found += _listed("drawn now, not then", sorted(new_picks.keys() - old_picks.keys()))
    both = sorted(old_picks.keys() & new_picks.keys())

    def changed(value: Callable[[Pick], object]) -> list[str]:
        return [name for name in both if value(old_picks[name]) != value(new_picks[name])]

    found += _listed("in another stratum", changed(lambda p: (p.stratum, p.risk_class)))
    found += _listed("with another probability", changed(lambda p: p.probability))
    found += _listed("drawn for another reason", changed(lambda p: p.origin))
    found += _listed(
        "another re-listened choice", changed(lambda p: (p.relisten, p.relisten_probability))
    )
    old_left = {e.recording_id: e.reason for e in kept.excluded}
    new_left = {e.recording_id: e.reason for e in again.excluded}
    out = sorted(n for n in old_left.keys() | new_left.keys() if old_left.get(n) != new_left.get(n))
    found += _listed("left out then or now, or for another reason", out)
    if not found and [asdict(s) for s in kept.strata] != [asdict(s) for s in again.strata]:
        found.append("the table of strata differs")
    if not found and kept.reserve != again.reserve:
        found.append("the reserve differs")
    return tuple(found)


def same_bytes(a: Sample, b: Sample) -> bool:
    """Whether two samples are the same to the last byte."""
    return canonical_json(asdict(a)) == canonical_json(asdict(b))


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= 40 else text[:12] + "…"


def _listed(what: str, names: list[str]) -> list[str]:
    if not names:
        return []
    rest = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return [f"{len(names)} {what}: {', '.join(names[:SHOWN])}{rest}"]
