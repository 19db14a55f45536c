"""Follow-ups opened by rule: after a decision, and for a whole period."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from qc_pipeline.cli.progress import print_json, say
from qc_pipeline.cli.session import acting
from qc_pipeline.errors import UsageError

if TYPE_CHECKING:
    from qc_pipeline.store.decisions import Decided
    from qc_pipeline.store.record import Record
    from qc_pipeline.store.samples import KeptSample
    from qc_pipeline.workspace.people import Actor
    from qc_pipeline.workspace.settings import Settings


def follow_up(
    settings: Settings,
    record: Record,
    kept: KeptSample,
    actor: Actor,
    decided: Sequence[Decided],
) -> None:
    """Open follow-ups of what was confirmed just now; the other rules wait for publication."""
    from qc_pipeline.cases.followups.open_by_trigger import open_by_rule
    from qc_pipeline.cases.followups.triggers import COMPLAINT, FATAL

    touched = {d.recording_id for d in decided if d.kept}
    if not touched:
        return
    with record.transaction() as tx:
        made = open_by_rule(tx, settings, kept, actor, rules=(FATAL, COMPLAINT), recordings=touched)
    for number in made.opened:
        say(f"follow-up {number} is opened by rule; `qc followup list` shows it")
    for number in made.suggested:
        say(f"follow-up {number} is suggested by rule: the group has enough this week")


def open_period(
    folder: Path, period: str | None, name: str | None, on_behalf: str | None, *, as_json: bool
) -> None:
    """Open what the rules find in a period's calls, and in promises of the weeks before."""
    from qc_pipeline.cases.followups.open_by_trigger import open_by_rule
    from qc_pipeline.cli.session import job
    from qc_pipeline.store.samples import kept_sample
    from qc_pipeline.workspace.people import INSPECTORS

    with job(folder, period) as (workspace, record, chosen):
        settings = workspace.settings
        actor = acting(settings, record, name, on_behalf, may=INSPECTORS)
        kept = kept_sample(record, chosen.name)
        if kept is None:
            raise UsageError(f"{chosen.name} is not drawn yet; `qc run` draws and scores it")
        with record.transaction() as tx:
            made = open_by_rule(tx, settings, kept, actor, calls=workspace.calls.recordings)
    if as_json:
        print_json({"opened": list(made.opened), "suggested": list(made.suggested)})
    else:
        print(f"opened {len(made.opened)}, suggested {len(made.suggested)}; `qc followup list`")
