"""`qc backup` and `qc restore`: the workspace in one archive, and back."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from qc_pipeline.cli import session
from qc_pipeline.cli.options import AsJson, Folder
from qc_pipeline.cli.progress import TerminalProgress, print_json
from qc_pipeline.cli.session import login, opened
from qc_pipeline.cli.wrap import print_fitted
from qc_pipeline.errors import ExitCode
from qc_pipeline.report.words.translate import Translator


def register(app: typer.Typer) -> None:
    app.command()(backup)
    app.command()(restore)


def backup(
    folder: Folder = Path(),
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", metavar="FILE", help="Default: backups/qc-TIME.zip."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Write record, settings, rubrics and published reports to one archive, and read it again."""
    from qc_pipeline.job.backup import FOLDER, back_up

    with opened(folder) as (settings, record):
        stamp = record.now.astimezone(settings.zone).strftime("%Y%m%d-%H%M%S")
        target = settings.root / FOLDER / f"qc-{stamp}.zip" if out is None else out.resolve()
        with TerminalProgress(settings.report.language) as progress:
            done = back_up(
                record,
                settings,
                target,
                step=lambda table, rows: progress.step(f"{table} {rows}"),
            )
        t = Translator(settings.report.language)
    if as_json:
        print_json(
            {
                "path": str(done.path),
                "files": done.files,
                "bytes": done.size,
                "rows": done.rows,
                "head": done.head,
                "faults": list(done.faults),
            }
        )
    else:
        for fault in done.faults:
            print_fitted(fault)
        if done.faults:
            print_fitted(t("backup.faults", n=len(done.faults)))
        print_fitted(
            t("backup.done", files=done.files, rows=done.rows, mb=f"{done.size / 1e6:.1f}")
        )
        print(done.path)
    if done.faults:
        raise typer.Exit(ExitCode.FINISHED_WITH_FAILURES)


def restore(
    archive: Annotated[Path, typer.Argument(metavar="FILE", help="An archive of `qc backup`.")],
    folder: Folder = Path(),
    as_json: AsJson = False,
) -> None:
    """Make a workspace of an archive in an empty folder (-C DIR), and verify it."""
    from qc_pipeline.job.backup import restore as restored
    from qc_pipeline.workspace.settings import load_settings

    with TerminalProgress("zh") as progress:
        done = restored(
            archive,
            folder.resolve(),
            now=lambda: session.clock(),
            who=login(),
            step=lambda table, rows: progress.step(f"{table} {rows}"),
        )
    if as_json:
        print_json(
            {
                "workspace": str(done.root),
                "files": done.files,
                "clean": not done.faults,
                "faults": list(done.faults),
            }
        )
    else:
        t = Translator(load_settings(done.root).report.language)
        for fault in done.faults:
            print_fitted(fault)
        key = "restore.faults" if done.faults else "restore.clean"
        print_fitted(t(key, files=done.files, n=len(done.faults)))
        print(done.root)
    if done.faults:
        raise typer.Exit(ExitCode.FINISHED_WITH_FAILURES)
