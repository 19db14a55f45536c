"""`qc verify`: whether anything of the record was changed by hand (exit status 3 where it was)."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from qc_pipeline.cli.options import AsJson, Folder
from qc_pipeline.cli.progress import print_json
from qc_pipeline.cli.wrap import print_fitted
from qc_pipeline.errors import ExitCode
from qc_pipeline.report.words.translate import Translator


def register(app: typer.Typer) -> None:
    app.command()(verify)


def verify(
    folder: Folder = Path(),
    head: Annotated[
        str | None,
        typer.Option("--head", metavar="HASH", help="A head noted down before: must be there."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Hold record, audit and published files against each other; 3 where something was changed."""
    from qc_pipeline.cli.session import opened
    from qc_pipeline.job.verify import verify as verified
    from qc_pipeline.store.audit_trail import audit_lines

    with opened(folder) as (settings, record):
        found = verified(record, settings)
        faults = [str(f) for f in found.faults]
        t = Translator(settings.report.language)
        lost = head is not None and not any(
            line.hash.startswith(head.lower()) for line in audit_lines(record)
        )
        if lost:
            faults.append(f"no line of the audit has the hash {head}")
        if as_json:
            print_json(
                {
                    "clean": not faults,
                    "faults": [
                        {"what": f.what, "table": f.table, "line": f.line} for f in found.faults
                    ]
                    + ([{"what": faults[-1], "table": "audit", "line": None}] if lost else []),
                    "lines": found.lines,
                    "rows": found.rows,
                    "files": found.files,
                    "baseline": found.baseline,
                    "rows_before_baseline": found.before,
                    "head": found.head,
                }
            )
        else:
            for fault in faults:
                print_fitted(fault)
            key = "verify.faults" if faults else "verify.clean"
            counts = {"lines": found.lines, "rows": found.rows, "files": found.files}
            print_fitted(t(key, n=len(faults), head=found.head or "–", **counts))
            if found.baseline is not None:
                print_fitted(t("verify.baseline", line=found.baseline, rows=found.before))
    if faults:
        raise typer.Exit(ExitCode.FINISHED_WITH_FAILURES)
