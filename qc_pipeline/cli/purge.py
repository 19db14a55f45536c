"""`qc purge`: take words and personal fields away that may no longer be kept."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from qc_pipeline.cli.card_text import plain
from qc_pipeline.cli.options import As, AsJson, Folder, For
from qc_pipeline.cli.progress import TerminalProgress, print_json
from qc_pipeline.cli.review import ReasonText
from qc_pipeline.cli.session import acting, opened, workspace_lock
from qc_pipeline.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from qc_pipeline.privacy.purge import PurgeResult

IDS_SHOWN = 10


def register(app: typer.Typer) -> None:
    app.command()(purge)


def purge(
    folder: Folder = Path(),
    before: Annotated[
        str | None,
        typer.Option(metavar="DATE", help="Calls before this day; default: [retention] years ago."),
    ] = None,
    customer: Annotated[
        str | None,
        typer.Option(metavar="ID", help="All calls of one customer, by number or customer id."),
    ] = None,
    reports: Annotated[
        bool,
        typer.Option("--reports", help="Write reports that hold purged words again."),
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would go, change nothing.")
    ] = False,
    reason: ReasonText = "",
    name: As = None,
    on_behalf: For = None,
    as_json: AsJson = False,
) -> None:
    """Take quotations, words and personal fields away for good; scores and hashes stay."""
    from qc_pipeline.privacy.purge import dry_run as would_purge
    from qc_pipeline.privacy.purge import purge_record, retention_day
    from qc_pipeline.workspace.deadlines import today_in

    if before is not None and customer is not None:
        raise UsageError("a purge is of calls before a day, or of one customer: not both")
    if customer is not None and not customer.strip():
        raise UsageError("--customer needs the customer's id or number")
    with (
        opened(folder) as (settings, record),
        workspace_lock(settings.root),
        TerminalProgress(settings.report.language) as progress,
    ):
        acting(settings, record, name, on_behalf, may=("manager",))
        today = today_in(settings, record.now)
        kept_from = retention_day(settings, today)
        day = None if customer is not None else _day(before) if before else kept_from
        if day is not None and day > kept_from:
            told = f"[retention] keeps calls from {kept_from} on; this takes later ones, too"
            print(f"note: {told}", file=sys.stderr)
        if dry_run:
            done = would_purge(record, settings, before=day, customer=customer)
        else:
            done = purge_record(
                record,
                settings,
                before=day,
                customer=customer,
                reason=reason,
                reports=reports,
                progress=progress,
            )
        progress.close()
    if as_json:
        print_json(_json(done, day, dry_run=dry_run))
    else:
        _print(done, day, dry_run=dry_run)
    if done.chosen.spared or done.unwiped:
        raise typer.Exit(ExitCode.FINISHED_WITH_FAILURES)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"--before takes a day such as 2021-11-26, not {text!r}") from None


def _json(done: PurgeResult, day: date | None, *, dry_run: bool) -> dict[str, Any]:
    return {
        "dry_run": dry_run,
        "before": None if day is None else day.isoformat(),
        "calls": list(done.chosen.recordings),
        "purged_before": list(done.chosen.before),
        "bodies": dict(sorted(done.chosen.bodies.items())),
        "shared": done.chosen.shared,
        "spared": list(done.chosen.spared),
        "still_hold": [
            {"kind": x.kind, "path": str(x.path), "files": list(x.files)} for x in done.left
        ],
        "unread_manifests": list(done.unread),
        "rewritten": [{"kind": x.kind, "path": str(x.path)} for x in done.rewritten],
        "recordings_left": done.recordings,
        "call_list_rows_left": done.rows,
        "wiped": None if dry_run else done.unwiped is None,
    }


def _print(done: PurgeResult, day: date | None, *, dry_run: bool) -> None:
    from qc_pipeline.text.masking.mask import mask_identifier

    chosen = done.chosen
    of = "of one customer" if day is None else f"before {day}"
    bodies = ", ".join(f"{n} {kind}" for kind, n in sorted(chosen.bodies.items()))
    verb = "would purge" if dry_run else "purged"
    known = f"; {len(chosen.before)} were purged before" if chosen.before else ""
    print(f"{verb} {len(chosen.recordings)} calls {of}{known}")
    if bodies:
        print(f"bodies: {bodies}")
    if chosen.shared:
        print(f"{chosen.shared} bodies stay: a call that is not purged has them, too")
    if chosen.spared:
        shown = ", ".join(plain(mask_identifier(r)) for r in chosen.spared[:IDS_SHOWN])
        print(f"spared {len(chosen.spared)}, an objection to them is undecided: {shown}")
    for item in done.rewritten:
        print(f"{'removed' if item.kind == 'review page' else 'written again'}: {item.path}")
    if done.left:
        print("these still hold words or sound of purged calls, or clips past their days:")
        for item in done.left:
            print(f"  {item.kind}: {item.path}")
        if any(x.kind in ("report", "clips", "review page") for x in done.left):
            print("  `--reports` writes the reports again and removes review pages")
    if done.recordings:
        print(f"{done.recordings} recordings of these calls lie where they were: qc deletes none")
    if done.rows:
        print(f"{done.rows} rows of the call list are of these calls: the list is yours to change")
    numbered = sum(mask_identifier(r) != r for r in chosen.recordings)
    if numbered:
        print(f"{numbered} recording ids look like numbers of people; ids stay, they name things")
    for told in done.unread:
        print(f"note: {told}: the pages were searched for calls instead", file=sys.stderr)
    if done.unwiped:
        print(f"{done.unwiped}; close it and run `qc purge` again", file=sys.stderr)
