"""What a plan gives for a list: which kinds of calls, beside the frame's, and whose hours."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from qc_pipeline.call_table import CallTable
from qc_pipeline.sampling.allocation import MACHINE_S_AN_HOUR
from qc_pipeline.sampling.history import History
from qc_pipeline.sampling.listening import listening_minutes
from qc_pipeline.sampling.plan import SamplingPlan
from qc_pipeline.sampling.risk_conditions import can_be_told, holds, tenure_days
from qc_pipeline.sampling.sample import Sample
from qc_pipeline.sampling.strata import shift_bounds, slot_marks

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

VERY_LONG_S, VERY_SHORT_S = 600.0, 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ProspectRow:
    """Calls of a kind among all of the frame, the drawn ones and those that are listened to. A call
    may be of several kinds: in a busy hour and in a meal. A kind of which the list says nothing
    has no row.
    """

    name: str
    frame: int
    drawn: int
    listened: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Prospect:
    """Calls, kinds and hours of a draw. `machine_hours` is the recogniser's time, at the measured
    speed where `measured`; `people_hours` that of listening, calls put in by hand included. None
    where no call's length is known.
    """

    frame: int
    drawn: int
    listened: int
    agents: int
    agents_listened: int
    rows: tuple[ProspectRow, ...]
    machine_hours: float | None
    people_hours: float | None
    measured: bool

    def as_json(self) -> dict[str, Any]:
        body = asdict(self)
        for name in ("machine_hours", "people_hours"):
            body[name] = None if body[name] is None else round(body[name], 2)
        return body


def prospect(frame: CallTable, plan: SamplingPlan, sample: Sample, history: History) -> Prospect:
    """What a sample drawn from `frame` (the calls that could be drawn) holds."""
    import numpy as np

    drawn_ids = {p.recording_id for p in sample.picks if p.origin == "drawn"}
    heard_ids = {p.recording_id for p in sample.picks if p.origin == "drawn" and p.relisten}
    names = frame.ids.tolist()
    drawn = np.array([name in drawn_ids for name in names], dtype=bool)
    heard = np.array([name in heard_ids for name in names], dtype=bool)
    lengths = frame.numbers("duration_s")
    known = bool((~np.isnan(lengths)).any())
    minutes = listening_minutes(frame)
    machine_h = None
    if known:
        whole = np.where(np.isnan(lengths), np.nanmean(lengths), lengths)
        speed = history.machine_s_an_hour or MACHINE_S_AN_HOUR
        machine_h = float(whole[drawn].sum()) / 3600 * speed / 3600
    agents = frame.agents
    return Prospect(
        frame=len(frame),
        drawn=int(drawn.sum()),
        listened=int(heard.sum()),
        agents=len(set(agents.tolist()) - {None}),
        agents_listened=len(set(agents[heard].tolist()) - {None}),
        rows=tuple(
            ProspectRow(
                name=name,
                frame=int(mask.sum()),
                drawn=int((mask & drawn).sum()),
                listened=int((mask & heard).sum()),
            )
            for name, mask in _kinds(frame, plan, history).items()
        ),
        machine_hours=machine_h,
        people_hours=float(minutes[heard].sum() / 60) if known else None,
        measured=history.machine_s_an_hour is not None,
    )


def _kinds(frame: CallTable, plan: SamplingPlan, history: History) -> dict[str, Array]:
    """A mask of the frame's calls by kind, for kinds that can be told of any call; slots under
    their names, kinds of ours before them.
    """
    import numpy as np

    kinds: dict[str, Array] = {}
    lengths = frame.numbers("duration_s")
    if not np.isnan(lengths).all():
        kinds |= {"very_long": lengths > VERY_LONG_S, "very_short": lengths < VERY_SHORT_S}
    complaint = plan.relisten.complaint
    if can_be_told(complaint, frame, history.agent_means, plan):
        kinds["complaint"] = holds(complaint, frame, history.agent_means, plan)
    tenure = tenure_days(frame)
    if not np.isnan(tenure).all():
        kinds["new_agent"] = tenure < plan.relisten.new_agent_days
    by_shift = {s.name for s in plan.slots if s.kind in ("shift_start", "shift_end")}
    no_shifts = bool(by_shift) and not (shift_bounds(frame).first >= 0).any()
    for name, mask in slot_marks(frame, plan).items():
        if not (no_shifts and name in by_shift):
            kinds[f"slot.{name}"] = mask
    return kinds
