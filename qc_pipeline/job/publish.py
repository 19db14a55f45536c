"""Publishing and making final: scores told, follow-ups opened by rule, the report as it stays."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from qc_pipeline.cases.appeals.requests import refuse_waiting
from qc_pipeline.cases.followups.open_by_trigger import ByRule, open_by_rule
from qc_pipeline.job.progress import Progress
from qc_pipeline.job.report import report_stage
from qc_pipeline.review.finalise import Finalised, finalise
from qc_pipeline.review.publish import Published, publish
from qc_pipeline.store.record import Record
from qc_pipeline.store.samples import KeptSample
from qc_pipeline.store.transaction import Transaction
from qc_pipeline.workspace.open_workspace import Workspace
from qc_pipeline.workspace.people import Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedPeriod:
    """`followed_up` is what rules opened with it, None where the period was published before."""

    published: Published
    followed_up: ByRule | None
    report: Path


def publish_stage(
    workspace: Workspace, record: Record, kept: KeptSample, actor: Actor, *, progress: Progress
) -> PublishedPeriod:
    """Publish a period and write its report; a second time changes nothing. Raises as `publish`."""
    opened: list[ByRule] = []

    def follow_up(tx: Transaction) -> None:
        calls = workspace.calls.recordings
        opened.append(open_by_rule(tx, workspace.settings, kept, actor, calls=calls))

    done = publish(record, workspace.settings, kept, actor, also=follow_up)
    report = report_stage(workspace, record, kept, progress=progress)
    followed_up = opened[0] if opened else None
    return PublishedPeriod(published=done, followed_up=followed_up, report=report)


@dataclass(frozen=True, slots=True, kw_only=True)
class FinalPeriod:
    """A period made final, and where its final report lies."""

    finalised: Finalised
    report: Path


def final_stage(
    workspace: Workspace, record: Record, kept: KeptSample, actor: Actor, *, progress: Progress
) -> FinalPeriod:
    """Make a published period final and write its final report in the place of the published one;
    a second time changes nothing. Raises as `finalise`, and
    while requests of agents wait for their lead.
    """
    refuse_waiting(record, workspace.settings, kept.sample.period)
    done = finalise(record, workspace.settings, kept, actor)
    report = report_stage(workspace, record, kept, progress=progress)
    return FinalPeriod(finalised=done, report=report)
