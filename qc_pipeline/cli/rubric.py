"""`qc rubric …`: tools for the people who write rubrics."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from qc_pipeline.cli import rubric_health, rubric_period, rubric_stress, rubric_wording
from qc_pipeline.cli.options import AsJson
from qc_pipeline.cli.progress import print_json
from qc_pipeline.cli.wrap import print_fitted
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
    from qc_pipeline.scoring.rubric.files import check_rubric

    readings = [(file, check_rubric(file)) for file in files]
    problems = list(dict.fromkeys(p for _, reading in readings for p in reading.problems))
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


@rubric_app.command()
def test(file: RubricFile, as_json: AsJson = False) -> None:
    """Run a rubric's tests and print what differed (exit status 3 where some differ)."""
    from qc_pipeline.scoring.rubric.files import read_rubric, read_tests
    from qc_pipeline.scoring.rubric_tests import run_tests

    rubric = read_rubric(file)
    outcomes = run_tests(rubric, read_tests(file, rubric))
    differing = [o for o in outcomes if not o.as_expected]
    if as_json:
        print_json(
            {
                "rubric": rubric.rubric,
                "tests": len(outcomes),
                "differing": [
                    {
                        "name": o.name,
                        "differences": [
                            {
                                "criterion": d.criterion,
                                "expected": d.expected,
                                "got": d.got,
                                "reason": d.reason,
                            }
                            for d in o.differences
                        ],
                    }
                    for o in differing
                ],
            }
        )
    else:
        for outcome in differing:
            print(f"{outcome.name}")
            for d in outcome.differences:
                reason = f" – {d.reason}" if d.reason else ""
                print(
                    f"  {d.criterion}: expected {_shown(d.expected)}, got {_shown(d.got)}{reason}"
                )
        print(
            f"{rubric.rubric}: {len(outcomes)} tests, "
            f"{len(outcomes) - len(differing)} as expected, {len(differing)} differ"
        )
        if not outcomes:
            print(f"write some under 'tests:' or in tests/{rubric.rubric}.yaml beside the file")
    if differing:
        raise typer.Exit(ExitCode.FINISHED_WITH_FAILURES)


def _shown(value: str | float | None) -> str:
    if value is None:
        return "none"
    return value if isinstance(value, str) else f"{value:g}"


@rubric_app.command()
def explain(
    file: RubricFile,
    html: Annotated[
        bool, typer.Option("--html", help="Print a page that agents can read in a browser.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Say what a rubric asks, in the words of the people who are judged by it."""
    from dataclasses import asdict

    from qc_pipeline.scoring.rubric.explain import explain as explained
    from qc_pipeline.scoring.rubric.explain import explain_text
    from qc_pipeline.scoring.rubric.files import read_rubric

    rubric = read_rubric(file)
    if as_json:
        print_json(asdict(explained(rubric)))
    elif html:
        from jinja2 import Environment, FileSystemLoader, StrictUndefined

        loader = FileSystemLoader(Path(__file__).parent)
        env = Environment(loader=loader, autoescape=True, undefined=StrictUndefined)
        print(env.get_template("rubric_page.html").render(page=explained(rubric)))
    else:
        for line in explain_text(rubric).splitlines():
            print_fitted(line)


@rubric_app.command()
def schema(
    tests: Annotated[
        bool, typer.Option("--tests", help="The schema of files with tests instead.")
    ] = False,
    of: Annotated[
        Path | None,
        typer.Option(
            "--of",
            metavar="FILE",
            help="With --tests: of this rubric, so that its criteria and bands are completed too.",
        ),
    ] = None,
) -> None:
    """Print the rubric language as JSON Schema, for editors that complete and check YAML."""
    from qc_pipeline.errors import UsageError
    from qc_pipeline.scoring.rubric.files import read_rubric
    from qc_pipeline.scoring.rubric.json_schema import rubric_schema, schema_of_tests

    if not tests:
        if of is not None:
            raise UsageError("--of goes with --tests")
        print_json(rubric_schema())
    elif of is None:
        print_json(schema_of_tests())
    else:
        rubric = read_rubric(of)
        print_json(
            schema_of_tests([c.id for c in rubric.criteria()], [b.label for b in rubric.bands])
        )


rubric_wording.register(rubric_app)
rubric_stress.register(rubric_app)
rubric_period.register(rubric_app)
rubric_health.register(rubric_app)
