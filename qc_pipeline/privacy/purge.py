"""`qc purge`: the record emptied of what may no longer be kept, and the files made from it."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from qc_pipeline.call_fields import PERSONAL
from qc_pipeline.errors import InputError
from qc_pipeline.job.progress import Progress
from qc_pipeline.job.report import rewrite_report
from qc_pipeline.privacy.leftovers import CLIPS, REPORT, REVIEW, UNMASKED, Leftover, leftovers
from qc_pipeline.report.write.manifest import manifest_path
from qc_pipeline.review.corrections_page import write_corrections
from qc_pipeline.review.published_report import report_folder
from qc_pipeline.store.purging import Chosen, choose, purge, purged_calls
from qc_pipeline.store.record import Record
from qc_pipeline.store.samples import drawn_periods, kept_sample
from qc_pipeline.store.transaction import Reads
from qc_pipeline.workspace.deadlines import today_in
from qc_pipeline.workspace.open_workspace import Workspace, open_workspace
from qc_pipeline.workspace.settings import Settings

DAYS_A_YEAR = 365.2425


@dataclass(frozen=True, slots=True, kw_only=True)
class PurgeResult:
    """What a purge did or, as a dry run, would do.

    `unwiped` says why the file could not be rewritten wholly. `recordings` counts the files of
    these calls that lie in the recordings' folder, `rows` the rows of the call list, None where
    it cannot be read: neither is touched. `rewritten` are reports written again or pages removed,
    `unread` says which manifests could not be used.
    """

    chosen: Chosen
    left: tuple[Leftover, ...]
    unread: tuple[str, ...] = ()
    rewritten: tuple[Leftover, ...] = ()
    unwiped: str | None = None
    recordings: int = 0
    rows: int | None = None


def retention_day(settings: Settings, today: date) -> date:
    """The first day that is still kept: `[retention] years` ago."""
    return today - timedelta(days=round(settings.retention.years * DAYS_A_YEAR))


def dry_run(
    record: Reads, settings: Settings, *, before: date | None, customer: str | None
) -> PurgeResult:
    """What a purge would take; nothing is changed."""
    chosen = choose(record, before=before, customer=customer, zone=settings.zone)
    recordings, rows = _untouched(settings, chosen, before, customer)
    found = leftovers(record, settings, today=today_in(settings, record.now))
    return PurgeResult(
        chosen=chosen,
        left=found.found,
        unread=found.unread,
        recordings=recordings,
        rows=rows,
    )


def purge_record(
    record: Record,
    settings: Settings,
    *,
    before: date | None,
    customer: str | None,
    reason: str,
    reports: bool,
    progress: Progress,
) -> PurgeResult:
    """Purge, wipe the database's file, and with `reports` write the reports again.

    The file is wiped even where nothing is left to purge: a purge killed before it had done so
    is finished by the next one.
    """
    with record.transaction() as tx:
        chosen = purge(tx, before=before, customer=customer, zone=settings.zone, reason=reason)
    progress.stage("wipe the database", 1)
    unwiped = record.wipe()
    for period in _periods(record):
        write_corrections(record, settings, period)
    today = today_in(settings, record.now)
    found = leftovers(record, settings, today=today)
    unread = found.unread
    done = _rewrite(record, settings, found.found, progress=progress) if reports else ()
    if done:
        found = leftovers(record, settings, today=today)
    recordings, rows = _untouched(settings, chosen, before, customer)
    return PurgeResult(
        chosen=chosen,
        left=found.found,
        unread=unread,
        rewritten=done,
        unwiped=unwiped,
        recordings=recordings,
        rows=rows,
    )


def _periods(record: Reads) -> tuple[str, ...]:
    """The periods that have a purged call in their sample."""
    gone = purged_calls(record).keys()
    found = []
    for name, _, _ in drawn_periods(record):
        kept = kept_sample(record, name)
        if kept is not None and any(p.recording_id in gone for p in kept.sample.picks):
            found.append(name)
    return tuple(found)


def _rewrite(
    record: Record, settings: Settings, found: Sequence[Leftover], *, progress: Progress
) -> tuple[Leftover, ...]:
    """Write reports again, without clips where those are past their days; remove review pages.

    Raises InputError where the workspace's own files cannot be read.
    """
    reports = [x for x in found if x.kind in (REPORT, CLIPS) and x.period is not None]
    silent = {x.path for x in found if x.kind == CLIPS}
    workspace = open_workspace(settings.root) if reports else None
    done: dict[Path, Leftover] = {}
    for item in reports:
        if (
            workspace is not None
            and item.path not in done
            and _again(record, workspace, item, audio=item.path not in silent, progress=progress)
        ):
            done[item.path] = item
    for item in found:
        if item.kind == REVIEW:
            shutil.rmtree(item.path)
            manifest_path(item.path).unlink(missing_ok=True)
            done[item.path] = item
    return tuple(done.values())


def _again(
    record: Record, workspace: Workspace, item: Leftover, *, audio: bool, progress: Progress
) -> bool:
    kept = kept_sample(record, item.period or "")
    if kept is None:
        return False
    settings = workspace.settings
    is_main = item.path == report_folder(settings, kept.sample.period)
    rewrite_report(
        workspace,
        record,
        kept,
        item.path,
        audience=None if is_main else item.audience,
        unmasked=item.path.name.endswith(UNMASKED),
        audio=audio and any(item.path.glob("clips/*")),
        progress=progress,
    )
    return True


def _untouched(
    settings: Settings, chosen: Chosen, before: date | None, customer: str | None
) -> tuple[int, int | None]:
    """Recordings and call-list rows of these calls: they are the user's own, and stay."""
    paths = set(chosen.paths.values())
    rows: int | None = None
    try:
        calls = open_workspace(settings.root).calls.recordings
    except InputError:
        calls = None
    if calls is not None:
        if before is not None:
            hits = [r for r in calls if r.start_time.astimezone(settings.zone).date() < before]
        else:
            hits = [r for r in calls if customer in {r.text(f) for f in PERSONAL}]
        rows = len(hits)
        paths |= {r.path for r in hits if r.path is not None}
    return sum((settings.recordings_root / p).is_file() for p in paths), rows
