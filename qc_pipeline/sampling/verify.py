"""Whether a kept sample is what its call list, plan and seed give; and if not, what differs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from qc_pipeline.call import canonical_json
from qc_pipeline.call_table import CallTable
from qc_pipeline.message import Message
from qc_pipeline.sampling.history import History
from qc_pipeline.sampling.kept_frame import FrameChange, frame_changes
from qc_pipeline.sampling.listening import COMPLAINT, OTHER, RISK, kinds_of_calls
from qc_pipeline.sampling.plan import SamplingPlan
from qc_pipeline.sampling.risk_conditions import risk_multipliers, tenure_days
from qc_pipeline.sampling.sample import Pick, Sample
from qc_pipeline.sampling.strata import SEPARATOR, duration_bands, time_slots

SHOWN = 20
LONGEST = 60
KINDS = {OTHER: "", RISK: "risk", COMPLAINT: "complaint"}


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
    heard = changed(
        lambda p: (p.relisten, p.relisten_probability, p.relisten_part, p.random_probability)
    )
    found += _listed("differs.relisten", heard)
    classes = (kept.reserve_classes, kept.reserve_probabilities)
    if (
        not found
        and kept.reserve == again.reserve
        and (classes != (again.reserve_classes, again.reserve_probabilities))
    ):
        found.append(Message.of("differs.reserve"))
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


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedChange:
    """A call of which today's list says something else than the frame a draw was made from.

    `change` has what; `drawn` whether the draw took the call; `then` and `now`, of a changed call,
    what its draw hung on and would today, as far as that differs: day, duration band, slot, …
    """

    change: FrameChange
    drawn: bool
    then: str
    now: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawCheck:
    """What checking a kept draw found.

    `faults` say where it is not what its own frame, plan and seed give: the record was changed.
    `plan` has the keys of the plan that are others today, with both values. `calls` are those of
    today's list that would be drawn otherwise, by themselves; `alike` counts calls that the list
    has otherwise without a difference to their draw. A draw without a kept frame has its
    differences from a draw of today's list in `faults`, and `list_differs` where it is the list.
    """

    faults: tuple[Message, ...] = ()
    plan: Mapping[str, tuple[Any, Any]]
    calls: tuple[ListedChange, ...] = ()
    alike: int = 0
    list_differs: bool
    from_frame: bool

    @property
    def plan_differs(self) -> bool:
        return bool(self.plan)

    @property
    def identical(self) -> bool:
        """Whether today's list and plan give the kept draw."""
        return not (self.faults or self.plan or self.calls)

    def differences(self) -> tuple[Message, ...]:
        """All of it in sentences: faults, plan, calls."""
        found = list(self.faults)
        if self.from_frame and self.faults:
            found.insert(0, Message.of("check.not-repeated"))
        if self.from_frame:
            found += [
                Message.of("check.plan-key", key=key, old=_text(old), new=_text(new))
                for key, (old, new) in self.plan.items()
            ]
        return (*found, *map(_sentence, self.calls))


def check_against_list(kept: Sample, again: Sample) -> DrawCheck:
    """The check of a draw without a kept frame; `again` is drawn from today's list and plan."""
    return DrawCheck(
        faults=differences(kept, again),
        plan=_plan_changes(kept.plan, again.plan),
        list_differs=kept.frame_sha256 != again.frame_sha256,
        from_frame=False,
    )


def check_repeated(
    kept: Sample,
    again: Sample | None,
    *,
    frame: CallTable,
    today: CallTable,
    plan: SamplingPlan,
    listed: CallTable | None = None,
) -> DrawCheck:
    """The check of a draw with its frame: `again` is drawn from `frame` by the kept plan (None: it
    was not repeated), `today` are today's rows, `listed` is the whole of today's list, `plan` is
    today's plan.
    """
    own = SamplingPlan.from_json(kept.plan)
    drawn = {p.recording_id for p in kept.picks}
    means = History.from_json(kept.history).agent_means
    then, now = _places_of(frame, own, means), _places_of(today, own, means)
    changes = [
        _call_change(change, then, now, drawn=change.recording_id in drawn)
        for change in frame_changes(frame, today, own, listed=listed)
    ]
    calls = tuple(c for c in changes if c.change.what != "changed" or c.then != c.now)
    faults: tuple[Message, ...] = ()
    derived = own.seed_for(kept.period) == kept.seed
    claims = {
        "derived": derived,
        "settings": own.seed == kept.seed,
        "given": bool(kept.seed_reason),
    }
    if not claims.get(kept.seed_origin, False):
        faults = (Message.of("check.seed-origin", origin=kept.seed_origin or "–"),)
    if again is not None:
        faults += differences(replace(kept, excluded=()), replace(again, excluded=()))
    return DrawCheck(
        faults=faults,
        plan=_plan_changes(kept.plan, plan.as_json()),
        calls=calls,
        alike=len(changes) - len(calls),
        list_differs=bool(calls),
        from_frame=True,
    )


def _call_change(
    change: FrameChange,
    then: Mapping[str, tuple[str, ...]],
    now: Mapping[str, tuple[str, ...]],
    *,
    drawn: bool,
) -> ListedChange:
    """A change with those parts of the call's places that differ."""
    places = then.get(change.recording_id, ()), now.get(change.recording_id, ())
    if change.what != "changed":
        return ListedChange(change=change, drawn=drawn, then="", now="")
    parts = [(a, b) for a, b in zip(*places, strict=True) if a != b]
    return ListedChange(
        change=change,
        drawn=drawn,
        then=SEPARATOR.join(a for a, _ in parts if a),
        now=SEPARATOR.join(b for _, b in parts if b),
    )


def _places_of(
    table: CallTable, plan: SamplingPlan, agent_means: Mapping[str, float]
) -> dict[str, tuple[str, ...]]:
    """By recording_id what a call's draw hangs on of the call itself: agent, day, duration band,
    slot, columns of the plan, risk class, and what it is listened to for.
    """
    bands, band = duration_bands(table, plan)
    slots, slot = time_slots(table, plan)
    history = History(agent_means=agent_means)
    kinds = kinds_of_calls(table, plan, history)
    if plan.listening.hours is None:
        kinds[kinds == RISK] = OTHER
    weights = risk_multipliers(plan, table, agent_means)
    risky = plan.allocation == "risk"
    fresh = tenure_days(table) < plan.relisten.new_agent_days
    teams = table.texts("team").tolist() if plan.own_team == "never" else [None] * len(table)
    columns: list[list[str]] = [
        ["" if agent is None else agent for agent in table.agents.tolist()],
        table.local_us.astype("datetime64[us]").astype("datetime64[D]").astype(str).tolist(),
        [bands[b] for b in band.tolist()],
        [slots[s] for s in slot.tolist()],
        *(["" if v is None else v for v in table.texts(name).tolist()] for name in plan.by),
        [f"×{w:g}" if risky else "" for w in weights.tolist()],
        [KINDS[k] for k in kinds.tolist()],
        ["new_agent" if f else "" for f in fresh.tolist()],
        ["mystery" if m else "" for m in table.flags("mystery").tolist()],
        ["" if team is None else team for team in teams],
    ]
    return dict(zip(table.ids.tolist(), zip(*columns, strict=True), strict=True))


def _plan_changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """The keys of a plan with other values, those of its tables with a dot. The seed is none."""
    changes: dict[str, tuple[Any, Any]] = {}
    for key in sorted(old.keys() | new.keys()):
        then, now = old.get(key), new.get(key)
        if key == "seed" and now is None:
            # Without a seed in the settings the one that was drawn with stays.
            continue
        if isinstance(then, Mapping) and isinstance(now, Mapping):
            inner = _plan_changes(then, now)
            changes |= {f"{key}.{name}": pair for name, pair in inner.items()}
        elif canonical_json(then) != canonical_json(now):
            changes[key] = (then, now)
    return changes


def _sentence(call: ListedChange) -> Message:
    change = call.change
    drawn = Message.of("check.drawn" if call.drawn else "check.not-drawn")
    if change.what in ("gone", "new"):
        return Message.of(f"check.{change.what}", name=change.recording_id, drawn=drawn)
    what = ", ".join(f"{n} {_text(a)} → {_text(b)}" for n, (a, b) in change.columns.items())
    place = f" ({call.then or '–'} → {call.now or '–'})" if call.then != call.now else ""
    code = f"check.{change.what}"
    return Message.of(code, name=change.recording_id, drawn=drawn, what=what + place)


def _text(value: Any) -> str:
    if value is None:
        return "–"
    text = value if isinstance(value, str) else canonical_json(value)
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
