"""The first stage: the period's sample, drawn once and kept, and what the record tells a draw."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import reduce
from typing import Any

from qc_pipeline.errors import InputError, Problem, QcError, UsageError
from qc_pipeline.job.check_draw import differs_today, plan_of, todays_rows
from qc_pipeline.job.draw_history import history_of
from qc_pipeline.job.progress import Progress
from qc_pipeline.job.recording_checks import tell_of_recordings
from qc_pipeline.message import Message
from qc_pipeline.period.invalid_calls import replace_found
from qc_pipeline.sampling.allocation import SETTINGS
from qc_pipeline.sampling.draw import draw, draw_and_plan
from qc_pipeline.sampling.frame import cannot_be_put_in, drawn_elsewhere, frame_of
from qc_pipeline.sampling.kept_frame import frame_sha256, frame_text
from qc_pipeline.sampling.period import Period
from qc_pipeline.sampling.plan import SamplingPlan
from qc_pipeline.sampling.prospect import Prospect, prospect
from qc_pipeline.sampling.sample import SEED_LONGEST, PlanRow, Sample
from qc_pipeline.store.calls import keep_calls
from qc_pipeline.store.publications import published
from qc_pipeline.store.record import Record
from qc_pipeline.store.samples import (
    KeptSample,
    drawn_periods,
    keep_sample,
    keep_settings,
    kept_sample,
    kept_samples,
)
from qc_pipeline.store.transaction import Reads
from qc_pipeline.workspace.open_workspace import Workspace
from qc_pipeline.workspace.settings import settings_json


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawRequest:
    """What the command line says of a draw beside the plan.

    `seed_reason` is why a person chose the `seed`. `include` are recordings put in by a person;
    `exclude_inspected` leaves calls of overlapping periods out even where the plan does not say so.
    """

    seed: str | None = None
    seed_reason: str = ""
    include: tuple[str, ...] = ()
    exclude_inspected: bool = False


def sample_stage(
    workspace: Workspace,
    record: Record,
    period: Period,
    *,
    progress: Progress,
    redraw: str | None = None,
    request: DrawRequest = DrawRequest(),
) -> KeptSample:
    """The period's sample: the one in the record, or a fresh draw.

    A drawn period keeps its sample though list, plan or seed have changed since, and says so;
    recordings that people found invalid since are followed by the next of the reserve. `redraw`
    (the reason) draws anew and keeps the former; calls put in by a person stay in unless they
    cannot be (found invalid, no longer in the list, left out), which is said. Raises InputError
    where the plan cannot be met, UsageError where a drawn period is to be changed without
    `redraw`, or is published.
    """
    kept = kept_sample(record, period.name)
    if redraw is not None and published(record, period.name) is not None:
        raise UsageError(f"{period.name} is published: it cannot be drawn anew")
    if kept is not None and redraw is None:
        _refuse_late_request(kept, request)
        _say_differences(workspace, record, kept, period, request=request, progress=progress)
        kept = replace_found(workspace, record, kept, say=progress.say)
        tell_of_recordings(workspace, kept, progress)
        return kept
    again = request
    if kept is not None:
        stays, leaves = _forced_before(workspace, record, kept, period, request)
        again = replace(request, include=(*request.include, *stays))
        if kept_in := sorted(set(stays) - set(request.include)):
            progress.say(Message.of("progress.kept-in", names=", ".join(kept_in)))
        for name, why in leaves.items():
            progress.say(Message.of("progress.left-out", recording=name, why=why))
    sample = new_sample(workspace, record, period, request=again)
    drawn = workspace.calls.find([p.recording_id for p in sample.picks])
    plan, frame = SamplingPlan.from_json(sample.plan), None
    if plan.rules > 1:
        frame = frame_text(todays_rows(workspace, sample, period), plan)
        sample = replace(sample, frame_table_sha256=frame_sha256(frame))
    with record.transaction() as tx:
        keep_calls(tx, (drawn[k] for k in sorted(drawn)))
        if kept is None or kept.drawn != sample:
            keep_sample(tx, sample, days=(period.start, period.end), frame=frame, reason=redraw)
        fresh = kept_sample(tx, period.name)
        if fresh is None:
            raise RuntimeError("the sample just kept is not there")
        keep_settings(tx, fresh.seq, settings_json(workspace.settings))
    fresh = replace_found(workspace, record, fresh, say=progress.say)
    tell_of_recordings(workspace, fresh, progress)
    return fresh


def inspected_elsewhere(record: Reads, period: Period) -> dict[str, Message]:
    """The calls that overlapping periods have drawn, with the reason to leave them out."""
    periods = drawn_periods(record)
    samples = kept_samples(record, [name for name, _, _ in periods])
    found = (samples[name].sample for name, _, _ in periods if name in samples)
    return drawn_elsewhere(found, period)


def draw_options(
    workspace: Workspace, record: Reads, period: Period, request: DrawRequest
) -> Mapping[str, Any]:
    """What a draw of the period is made from beside the calls: `draw`'s keyword arguments."""
    plan = plan_of(workspace, exclude_inspected=request.exclude_inspected)
    return {
        "plan": plan,
        "period": period,
        "exclude": inspected_elsewhere(record, period) if plan.exclude_inspected else {},
        "history": history_of(workspace, record, period),
    }


def new_sample(
    workspace: Workspace, record: Reads, period: Period, *, request: DrawRequest = DrawRequest()
) -> Sample:
    """Draw a period's sample without keeping it."""
    sample = draw(
        workspace.calls.recordings,
        seed=request.seed,
        include=request.include,
        **draw_options(workspace, record, period, request),
    )
    if len(sample.seed) > SEED_LONGEST:
        message, found = "[sampling] seed is longer than the record holds", len(sample.seed)
        problem = Problem(
            path=SETTINGS,
            message=message,
            found=f"{found} characters",
            allowed=f"at most {SEED_LONGEST}",
        )
        raise InputError([problem])
    return replace(sample, seed_reason=request.seed_reason if request.seed else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class TriedDraw:
    """A draw that is not kept: the sample, the plan's table, and what it would give."""

    sample: Sample
    rows: tuple[PlanRow, ...]
    prospect: Prospect


def try_draw(
    workspace: Workspace, record: Record, period: Period, request: DrawRequest
) -> TriedDraw:
    """What a draw of the period would give. A seed that is tried leaves a line in the audit: who
    chooses among draws by their seed chooses the calls.
    """
    request = with_forced_before(workspace, record, period, request)
    options = draw_options(workspace, record, period, request)
    calls = workspace.calls.recordings
    sample, rows = draw_and_plan(calls, seed=request.seed, include=request.include, **options)
    if sample.seed_origin != "derived":
        # Written in qc.toml or on the command line: a seed that is tried is known to have been.
        attempt = {"period": period.name, "seed": sample.seed, "plan_sha256": sample.plan_sha256}
        if request.seed_reason:
            attempt["reason"] = request.seed_reason
        with record.transaction() as tx:
            tx.note("sample.try", attempt)
    frame = frame_of(calls, period, options["exclude"]).calls
    found = prospect(frame, options["plan"], sample, options["history"])
    return TriedDraw(sample=sample, rows=rows, prospect=found)


def _refuse_late_request(kept: KeptSample, request: DrawRequest) -> None:
    drawn = {p.recording_id for p in kept.sample.picks}
    late = sorted(set(request.include) - drawn)
    if late:
        raise UsageError(
            f"{kept.sample.period} is drawn already, without {', '.join(late[:5])}"
            + (f" and {len(late) - 5} more" if len(late) > 5 else "")
            + " of --include; `--redraw --reason TEXT` draws it anew with them"
        )


def with_forced_before(
    workspace: Workspace, record: Reads, period: Period, request: DrawRequest
) -> DrawRequest:
    """The request of a new draw: with the calls that a person put into the one in force, if any."""
    kept = kept_sample(record, period.name)
    if kept is None:
        return request
    stays, _ = _forced_before(workspace, record, kept, period, request)
    return replace(request, include=(*request.include, *stays))


def _forced_before(
    workspace: Workspace, record: Reads, kept: KeptSample, period: Period, request: DrawRequest
) -> tuple[tuple[str, ...], dict[str, Message]]:
    """Of the calls that a person put in before: those that stay in, and why the others do not."""
    forced = sorted(p.recording_id for p in kept.drawn.picks if p.origin == "forced")
    if not forced:
        return (), {}
    held = {p.recording_id for p in kept.sample.picks}
    apart = plan_of(workspace, exclude_inspected=request.exclude_inspected).exclude_inspected
    exclude = inspected_elsewhere(record, period) if apart else {}
    why = cannot_be_put_in(workspace.calls.recordings, forced, exclude)
    why |= {name: Message.of("left-out.invalid") for name in forced if name not in held}
    # Those named again are judged with the rest of --include.
    leaves = {name: why[name] for name in sorted(why.keys() - set(request.include))}
    return tuple(name for name in forced if name not in why), leaves


def _say_differences(
    workspace: Workspace,
    record: Reads,
    kept: KeptSample,
    period: Period,
    *,
    request: DrawRequest,
    progress: Progress,
) -> None:
    try:
        list_differs, plan_differs = differs_today(workspace, record, kept, period)
    except QcError:
        progress.say(Message.of("progress.plan-unmet", period=period.name))
        return
    seed = request.seed or workspace.settings.sampling.seed
    changed = [
        name
        for name, differs in (
            ("changed.list", list_differs),
            ("changed.plan", plan_differs),
            ("changed.seed", seed is not None and kept.drawn.seed != seed),
        )
        if differs
    ]
    if changed:
        what = reduce(
            lambda first, second: Message.of("joined", first=first, second=second),
            map(Message.of, changed),
        )
        progress.say(Message.of("progress.changed-since", period=period.name, what=what))
