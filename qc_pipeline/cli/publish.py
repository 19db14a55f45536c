"""`qc publish`: a period's scores made final, its report kept as it is."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from qc_pipeline.cli.options import As, AsJson, Folder, For
from qc_pipeline.cli.progress import TerminalProgress, print_json
from qc_pipeline.cli.session import acting
from qc_pipeline.errors import UsageError


def register(app: typer.Typer) -> None:
    app.command()(publish)


def publish(
    period: Annotated[str, typer.Argument(metavar="PERIOD", help="The period, as in 2026-W47.")],
    folder: Folder = Path(),
    name: As = None,
    on_behalf: For = None,
    as_json: AsJson = False,
) -> None:
    """Publish a period: what nobody looked at costs nothing, later changes are corrections."""
    from qc_pipeline.cli.session import job
    from qc_pipeline.job.publish import publish_stage
    from qc_pipeline.store.samples import kept_sample
    from qc_pipeline.workspace.people import INSPECTORS

    with (
        job(folder, period) as (workspace, record, chosen),
        TerminalProgress(workspace.settings.report.language) as progress,
    ):
        actor = acting(workspace.settings, record, name, on_behalf, may=INSPECTORS)
        kept = kept_sample(record, chosen.name)
        if kept is None:
            raise UsageError(f"{chosen.name} is not drawn yet; `qc run` draws and scores it")
        made = publish_stage(workspace, record, kept, actor, progress=progress)
        progress.close()
    done, by_rule, path = made.published, made.followed_up, made.report
    public = done.publication
    if as_json:
        print_json(
            {
                "period": public.period,
                "published": done.fresh,
                "by": public.person,
                "day": public.day.isoformat(),
                "objections_until": public.objections_due.isoformat(),
                "closed_unseen": public.body["closed"],
                "followups_opened": list(by_rule.opened) if by_rule else [],
                "followups_suggested": list(by_rule.suggested) if by_rule else [],
                "report": str(path),
            }
        )
        return
    if done.fresh:
        print(f"{public.period} is published; {done.closed} open items closed, not deducted")
    else:
        print(f"{public.period} was published on {public.day} by {public.person}; it stays so")
    if by_rule is not None:
        opened, suggested = len(by_rule.opened), len(by_rule.suggested)
        print(f"follow-ups opened by rule {opened}, suggested {suggested}; `qc followup list`")
    print(f"objections until the end of {public.objections_due}")
    print(path)
