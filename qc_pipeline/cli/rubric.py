"""`qc rubric …`: tools for the people who write rubrics."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from qc_pipeline.cli.shared import AsJson, print_json
from qc_pipeline.errors import ExitCode

rubric_app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Write rubrics: check, test, explain, try against misheard words.",
)

RubricFile = Annotated[Path, typer.Argument(metavar="FILE", help="A rubric file.")]


@rubric_app.command()
def check(
    files: Annotated[list[Path], typer.Argument(metavar="FILE…", help="Rubric files.")],
    as_json: AsJson = False,
) -> None:
    """Find every mistake in rubric files, each at its line and column (exit status 2)."""
    from qc_pipeline.scoring.rubric_file import check_rubric

    readings = [(file, check_rubric(file)) for file in files]
    problems = [p for _, reading in readings for p in reading.problems]
    failed = any(p.severity == "error" for p in problems)
    if as_json:
        print_json(
            [
                {
                    "path": p.path,
                    "line": p.line,
                    "column": p.column,
                    "severity": p.severity,
                    "message": p.message,
                    "found": p.found,
                    "allowed": p.allowed,
                    "hint": p.hint,
                }
                for p in problems
            ]
        )
    else:
        for problem in problems:
            print(problem, file=sys.stderr)
        for file, reading in readings:
            if reading.rubric is not None:
                count = sum(1 for _ in reading.rubric.criteria())
                print(f"{file}: {reading.rubric.rubric}, {count} criteria, no mistakes")
    if failed:
        raise typer.Exit(ExitCode.BAD_INPUT)
