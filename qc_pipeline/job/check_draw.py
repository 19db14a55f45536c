"""Whether a kept draw is what its frame, plan and seed give, and what differs today."""

from __future__ import annotations

from dataclasses import replace

from qc_pipeline.call import content_sha256
from qc_pipeline.call_table import CallTable
from qc_pipeline.job.draw_history import history_of
from qc_pipeline.message import Message
from qc_pipeline.sampling.draw import draw
from qc_pipeline.sampling.frame import UNANSWERED
from qc_pipeline.sampling.history import History
from qc_pipeline.sampling.kept_frame import (
    frame_from_json,
    frame_json,
    frame_rows,
    frame_sha256,
    frame_text,
)
from qc_pipeline.sampling.period import Period
from qc_pipeline.sampling.plan import SamplingPlan
from qc_pipeline.sampling.sample import Sample
from qc_pipeline.sampling.verify import DrawCheck, check_against_list, check_repeated
from qc_pipeline.store.audit_trail import audit_lines
from qc_pipeline.store.samples import KeptSample, kept_frame
from qc_pipeline.store.transaction import Reads
from qc_pipeline.workspace.open_workspace import Workspace


def plan_of(workspace: Workspace, *, exclude_inspected: bool) -> SamplingPlan:
    """The plan of qc.toml with what the command line adds to it."""
    plan = workspace.settings.plan
    if exclude_inspected and not plan.exclude_inspected:
        return plan.model_copy(update={"exclude_inspected": True})
    return plan


def todays_plan(workspace: Workspace, kept: Sample) -> SamplingPlan:
    """Today's plan as far as it can be held against that of a kept sample: by the same rules."""
    asked = bool(kept.plan.get("exclude_inspected", False))
    plan = plan_of(workspace, exclude_inspected=asked)
    return plan.model_copy(update={"rules": SamplingPlan.from_json(kept.plan).rules})


def todays_rows(workspace: Workspace, sample: Sample, period: Period) -> CallTable:
    """The rows of today's list that a sample's draw is about."""
    return frame_rows(
        workspace.calls.recordings,
        period,
        exclude={e.recording_id: e.reason for e in sample.excluded if e.reason != UNANSWERED},
        include=[p.recording_id for p in sample.picks if p.origin == "forced"],
    )


def differs_today(
    workspace: Workspace, record: Reads, kept: KeptSample, period: Period
) -> tuple[bool, bool]:
    """Whether list and plan differ from what a draw was made from (list, plan)."""
    sample = kept.drawn
    if not sample.frame_table_sha256:
        check = checked_draw(workspace, record, kept, period)
        return check.list_differs, check.plan_differs
    own = SamplingPlan.from_json(sample.plan)
    text = frame_text(todays_rows(workspace, sample, period), own)
    differs = todays_plan(workspace, sample).sha256() != sample.plan_sha256
    if frame_sha256(text) == sample.frame_table_sha256:
        return False, differs
    check = checked_draw(workspace, record, kept, period, repeat=False)
    return check.list_differs, differs


def checked_draw(
    workspace: Workspace, record: Reads, kept: KeptSample, period: Period, *, repeat: bool = True
) -> DrawCheck:
    """Draw a period again from the frame that was kept with it (where `repeat`), and hold the frame
    against today's list. A draw of before frames were kept is drawn again from today's list.
    """
    sample = kept.drawn
    try:
        body = kept_frame(record, sample)
    except (KeyError, ValueError):
        lost = Message.of("check.frame-lost")
        return DrawCheck(faults=(lost,), plan={}, list_differs=False, from_frame=True)
    plan = todays_plan(workspace, sample)
    if body is None:
        return check_against_list(sample, _drawn_from_list(workspace, record, sample, plan, period))
    frame, plan_then = frame_from_json(body), SamplingPlan.from_json(sample.plan)
    again = drawn_from_frame(sample, frame, period) if repeat else None
    check = check_repeated(
        sample,
        again,
        frame=frame,
        today=frame_from_json(frame_json(todays_rows(workspace, sample, period), plan_then)),
        plan=plan,
        listed=CallTable.of(workspace.calls.recordings),
    )
    if not repeat or _is_in_audit(record, sample):
        return check
    return replace(check, faults=(Message.of("check.not-in-audit"), *check.faults))


def _is_in_audit(record: Reads, sample: Sample) -> bool:
    """Whether the audit has a line of the draw of just this sample."""
    own = content_sha256(sample.as_json())
    return any(
        line.action == "sample.draw" and line.what.get("sample") == own
        for line in audit_lines(record)
    )


def drawn_from_frame(sample: Sample, frame: CallTable, period: Period) -> Sample:
    """A kept draw made again from the frame that was kept with it, by its own plan and seed."""
    return draw(
        frame,
        SamplingPlan.from_json(sample.plan),
        period=period,
        seed=sample.seed,
        include=[p.recording_id for p in sample.picks if p.origin == "forced"],
        history=History.from_json(sample.history),
        again=True,
    )


def _drawn_from_list(
    workspace: Workspace, record: Reads, former: Sample, plan: SamplingPlan, period: Period
) -> Sample:
    """A kept draw made again from today's call list with its own seed.

    What the record told it then – calls inspected elsewhere, earlier scores – and the calls that
    a person put in are taken from the kept sample: periods drawn and decisions taken since do not
    make another draw of it.
    """
    forced = [p.recording_id for p in former.picks if p.origin == "forced"]
    told = former.history
    return draw(
        workspace.calls.recordings,
        plan,
        period=period,
        seed=former.seed,
        include=tuple(workspace.calls.find(forced)),
        exclude={e.recording_id: e.reason for e in former.excluded if e.reason != UNANSWERED},
        history=History.from_json(told) if told else history_of(workspace, record, period),
        again=True,
    )
