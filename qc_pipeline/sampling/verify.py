"""Whether a kept sample is what its call list, plan and seed give; and if not, what differs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict

from qc_pipeline.call import canonical_json
from qc_pipeline.message import Message
from qc_pipeline.sampling.sample import Pick, Sample

SHOWN = 20


def differences(kept: Sample, again: Sample) -> tuple[Message, ...]:
    """What differs between a sample and the same draw made again.

    Empty when they are identical in everything but the notes and what was decided after the
    draw (who hears which call). Calls that a person had put in are compared only where the draw
    made again names some as well.
    """
    found: list[Message] = []
    for name in ("period", "seed", "plan_sha256", "frame_sha256", "frame_size"):
        old, new = getattr(kept, name), getattr(again, name)
        if old != new:
            found.append(Message.of(f"differs.{name}", old=_short(old), new=_short(new)))
    forced_again = any(p.origin == "forced" for p in again.picks)
    old_picks = {p.recording_id: p for p in kept.picks if forced_again or p.origin != "forced"}
    new_picks = {p.recording_id: p for p in again.picks}
    found += _listed("differs.drawn-then", sorted(old_picks.keys() - new_picks.keys()))
    found += _listed("differs.drawn-now", sorted(new_picks.keys() - old_picks.keys()))
    both = sorted(old_picks.keys() & new_picks.keys())

    def changed(value: Callable[[Pick], object]) -> list[str]:
        return [name for name in both if value(old_picks[name]) != value(new_picks[name])]

    found += _listed("differs.stratum", changed(lambda p: (p.stratum, p.risk_class)))
    found += _listed("differs.probability", changed(lambda p: p.probability))
    found += _listed("differs.origin", changed(lambda p: p.origin))
    found += _listed("differs.relisten", changed(lambda p: (p.relisten, p.relisten_probability)))
    old_left = {e.recording_id: e.reason for e in kept.excluded}
    new_left = {e.recording_id: e.reason for e in again.excluded}
    out = sorted(n for n in old_left.keys() | new_left.keys() if old_left.get(n) != new_left.get(n))
    found += _listed("differs.left-out", out)
    if not found and [asdict(s) for s in kept.strata] != [asdict(s) for s in again.strata]:
        found.append(Message.of("differs.strata"))
    if not found and kept.reserve != again.reserve:
        found.append(Message.of("differs.reserve"))
    return tuple(found)


def same_bytes(a: Sample, b: Sample) -> bool:
    """Whether two samples are the same to the last byte."""
    return canonical_json(a.as_json()) == canonical_json(b.as_json())


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= 40 else text[:12] + "…"


def _listed(code: str, names: list[str]) -> list[Message]:
    if not names:
        return []
    shown: str | Message = ", ".join(names[:SHOWN])
    if len(names) > SHOWN:
        shown = Message.of("names_and_more", names=shown, n=len(names) - SHOWN)
    return [Message.of(code, n=len(names), names=shown)]
