"""Where a call belongs by its length and its time: the plan's bands and slots, in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import ValidationError

from qc_pipeline.call import Recording
from qc_pipeline.call_table import CallTable
from qc_pipeline.report.inputs import PastCall, ReportInputs
from qc_pipeline.report.words.strata import band_label, slot_label
from qc_pipeline.report.words.translate import Translator
from qc_pipeline.sampling.plan import SamplingPlan
from qc_pipeline.sampling.strata import (
    BUSY_HOURS,
    band_names,
    band_of,
    busiest_hours,
    duration_edges,
    time_slots,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Length band and time slot by the plan's own edges and slots, not the strata of the draw:
    small ones of these were put together, so that they overlap.

    Slots are found in the whole frame: when a shift began and which hours were the busiest shows
    in all calls, not in the sampled ones; `busy` has the clock hours of slots of that kind. Earlier
    calls stand in this period's length bands and in the slots they had in their own frame.
    """

    words: Translator
    edges: tuple[float, ...]
    names: tuple[str, ...]
    slots: Mapping[str, str]
    busy: Mapping[str, tuple[int, ...]]
    durations: Mapping[str, float | None]

    def length(self, recording_id: str) -> str:
        return self._band(self.durations[recording_id])

    def slot(self, recording_id: str) -> str:
        return slot_label(self.words, self.slots[recording_id])

    def past_length(self, call: PastCall) -> str:
        return self._band(call.duration_s)

    def past_slot(self, call: PastCall) -> str:
        """ "" where nothing says in which slot the call lay."""
        return slot_label(self.words, call.slot) if call.slot else ""

    def _band(self, duration_s: float | None) -> str:
        return band_label(self.words, self.names[band_of(duration_s, self.edges)])


def places_of(inputs: ReportInputs, words: Translator) -> Places:
    """The places of the frame's calls and of every drawn one."""
    frame = {r.recording_id: r for r in inputs.frame}
    drawn = {p.recording_id for p in inputs.sample.picks}
    rows = frame | {r.recording_id: r for r in inputs.recordings if r.recording_id in drawn}
    try:
        plan = SamplingPlan.from_json(inputs.sample.plan)
    except ValidationError:  # a plan of an earlier version of ours
        plan = SamplingPlan()
    table = CallTable.of([frame[k] for k in sorted(frame)])
    edges = duration_edges(table, plan)
    return Places(
        words=words,
        edges=edges,
        names=band_names(edges, unknown=True),
        slots=_slots(rows, plan) | _slots(frame, plan),
        busy={
            s.name: busiest_hours(table, s.hours or BUSY_HOURS)
            for s in plan.slots
            if s.kind == "busiest"
        },
        durations={k: row.duration_s for k, row in rows.items()},
    )


def _slots(rows: Mapping[str, Recording], plan: SamplingPlan) -> dict[str, str]:
    """The time slot by recording_id, found in all of these calls."""
    table = CallTable.of([rows[k] for k in sorted(rows)])
    names, codes = time_slots(table, plan)
    return {k: names[code] for k, code in zip(sorted(rows), codes.tolist(), strict=True)}
