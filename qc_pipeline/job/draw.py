"""The first stage: the period's sample, drawn once and kept, and what the record tells a draw."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Any

from qc_pipeline.errors import QcError, UsageError
from qc_pipeline.job.progress import Progress
from qc_pipeline.job.recording_checks import tell_of_recordings
from qc_pipeline.message import Message
from qc_pipeline.period.invalid_calls import replace_found
from qc_pipeline.sampling.draw import draw
from qc_pipeline.sampling.frame import UNANSWERED, drawn_elsewhere
from qc_pipeline.sampling.history import EarlierScore, History
from qc_pipeline.sampling.period import Period
from qc_pipeline.sampling.plan import SamplingPlan
from qc_pipeline.sampling.sample import Sample
from qc_pipeline.store.calls import keep_calls
from qc_pipeline.store.outcomes import outcome_rows_of
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

HISTORY_PERIODS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawRequest:
    """What the command line says of a draw beside the plan.

    `include` are recordings put in by a person; `exclude_inspected` leaves calls of overlapping
    periods out even where the plan does not say so.
    """

    seed: str | None = None
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
    (the reason) draws anew and keeps the former. Raises InputError where the plan cannot be met,
    UsageError where a drawn period is to be changed without `redraw`, or is published.
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
    sample = new_sample(workspace, record, period, request=request)
    if kept is not None:
        _say_left_out(kept, sample, progress)
    drawn = workspace.calls.find([p.recording_id for p in sample.picks])
    with record.transaction() as tx:
        keep_calls(tx, (drawn[k] for k in sorted(drawn)))
        if kept is None or kept.drawn != sample:
            keep_sample(tx, sample, days=(period.start, period.end), reason=redraw)
        fresh = kept_sample(tx, period.name)
        if fresh is None:
            raise RuntimeError("the sample just kept is not there")
        keep_settings(tx, fresh.seq, settings_json(workspace.settings))
    fresh = replace_found(workspace, record, fresh, say=progress.say)
    tell_of_recordings(workspace, fresh, progress)
    return fresh


def history_of(record: Reads, period: Period) -> History:
    """What the periods before this one tell a draw.

    An agent's mean is that of the re-listened calls of the last period, as personal scores are.
    """
    scores: list[EarlierScore] = []
    means: dict[str, list[float]] = {}
    earlier = [name for name, _, end in drawn_periods(record) if end < period.start]
    samples = kept_samples(record, earlier[-HISTORY_PERIODS:]) if earlier else {}
    standing = outcome_rows_of(record, [kept.seq for kept in samples.values()]) if samples else {}
    for name in earlier[-HISTORY_PERIODS:]:
        if name not in samples:
            continue
        kept = samples[name]
        outcomes = standing.get(kept.seq, {})
        cells = {row.stratum: row.merged_from for row in kept.sample.strata}
        for pick in kept.sample.picks:
            card = outcomes.get(pick.recording_id)
            if pick.origin != "drawn" or card is None or card.total is None:
                continue
            scores.append(
                EarlierScore(
                    stratum=pick.stratum, total=card.total, cells=cells.get(pick.stratum, ())
                )
            )
            if name == earlier[-1] and pick.agent_id and pick.relisten:
                means.setdefault(pick.agent_id, []).append(card.total)
    return History(
        scores=tuple(scores), agent_means={a: sum(v) / len(v) for a, v in sorted(means.items())}
    )


def inspected_elsewhere(record: Reads, period: Period) -> dict[str, Message]:
    """The calls that overlapping periods have drawn, with the reason to leave them out."""
    periods = drawn_periods(record)
    samples = kept_samples(record, [name for name, _, _ in periods])
    found = (samples[name].sample for name, _, _ in periods if name in samples)
    return drawn_elsewhere(found, period)


def plan_of(workspace: Workspace, request: DrawRequest) -> SamplingPlan:
    """The plan of qc.toml with what the command line adds to it."""
    plan = workspace.settings.sampling
    if request.exclude_inspected and not plan.exclude_inspected:
        return plan.model_copy(update={"exclude_inspected": True})
    return plan


def draw_options(
    workspace: Workspace, record: Reads, period: Period, request: DrawRequest
) -> Mapping[str, Any]:
    """What a draw of the period is made from beside the calls: `draw`'s keyword arguments."""
    plan = plan_of(workspace, request)
    return {
        "plan": plan,
        "period": period,
        "exclude": inspected_elsewhere(record, period) if plan.exclude_inspected else {},
        "history": history_of(record, period),
    }


def new_sample(
    workspace: Workspace, record: Reads, period: Period, *, request: DrawRequest = DrawRequest()
) -> Sample:
    """Draw a period's sample without keeping it."""
    return draw(
        workspace.calls.recordings,
        seed=request.seed,
        include=request.include,
        **draw_options(workspace, record, period, request),
    )


def drawn_again(workspace: Workspace, record: Reads, kept: KeptSample, period: Period) -> Sample:
    """A kept draw made again from today's call list and plan with its own seed.

    What the record told it then – calls inspected elsewhere, earlier scores – and the calls that
    a person put in are taken from the kept sample: periods drawn and decisions taken since do not
    make another draw of it.
    """
    former = kept.drawn
    request = DrawRequest(exclude_inspected=bool(former.plan.get("exclude_inspected", False)))
    forced = [p.recording_id for p in former.picks if p.origin == "forced"]
    return draw(
        workspace.calls.recordings,
        plan_of(workspace, request),
        period=period,
        seed=former.seed,
        include=tuple(workspace.calls.find(forced)),
        exclude={e.recording_id: e.reason for e in former.excluded if e.reason != UNANSWERED},
        history=History.from_json(former.history) if former.history else history_of(record, period),
    )


def _refuse_late_request(kept: KeptSample, request: DrawRequest) -> None:
    drawn = {p.recording_id for p in kept.sample.picks}
    late = sorted(set(request.include) - drawn)
    if late:
        raise UsageError(
            f"{kept.sample.period} is drawn already, without {', '.join(late[:5])}"
            + (f" and {len(late) - 5} more" if len(late) > 5 else "")
            + " of --include; `--redraw --reason TEXT` draws it anew with them"
        )


def _say_left_out(kept: KeptSample, sample: Sample, progress: Progress) -> None:
    now = {p.recording_id for p in sample.picks}
    gone = sorted(
        p.recording_id
        for p in kept.drawn.picks
        if p.origin == "forced" and p.recording_id not in now
    )
    if gone:
        progress.say(Message.of("progress.left-out", names=", ".join(gone)))


def _say_differences(
    workspace: Workspace,
    record: Reads,
    kept: KeptSample,
    period: Period,
    *,
    request: DrawRequest,
    progress: Progress,
) -> None:
    former = kept.drawn
    try:
        now = drawn_again(workspace, record, kept, period)
    except QcError:
        progress.say(Message.of("progress.plan-unmet", period=period.name))
        return
    seed = request.seed or workspace.settings.sampling.seed
    changed = [
        name
        for name, differs in (
            ("changed.list", former.frame_sha256 != now.frame_sha256),
            ("changed.plan", former.plan_sha256 != now.plan_sha256),
            ("changed.seed", seed is not None and former.seed != seed),
        )
        if differs
    ]
    if changed:
        what = reduce(
            lambda first, second: Message.of("joined", first=first, second=second),
            map(Message.of, changed),
        )
        progress.say(Message.of("progress.changed-since", period=period.name, what=what))
