"""`qc rubric stress`: which criteria flip when a rubric's tests are misheard."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from qc_pipeline.cli.options import AsJson
from qc_pipeline.cli.progress import print_json
from qc_pipeline.cli.tables import TerminalRow, figures, table_lines, texts
from qc_pipeline.cli.wrap import fitted, terminal_width

if TYPE_CHECKING:
    from qc_pipeline.scoring.stress import CriterionStress, Flip

# What a change from one verdict to another says about a rule, and what helps.
_ADVICE = {
    ("pass", "fail"): "what was said was no longer found (or something else was): put in more "
    "wordings and longer ones, or let `expect` be met in more than one way",
    ("not_applicable", "fail"): "other words were taken for the trigger: make its phrases longer, "
    "or write `match: homophone` or `match: exact`",
    (
        "pass",
        "not_applicable",
    ): "the trigger or `applies` was not found: put in more wordings of it",
    ("fail", "pass"): "other words were taken for what was missing: make its phrases longer",
    ("pass", "held"): "held for a person, costs nothing: work for the reviewer, no harm",
}


def register(app: typer.Typer) -> None:
    app.command()(stress)


def stress(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A rubric file.")],
    repeats: Annotated[int, typer.Option(min=1, max=100, help="Errors per test and level.")] = 5,
    seed: Annotated[int, typer.Option(help="The same seed gives the same errors.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Mishear a rubric's tests at 5, 10 and 20 % errors and show which criteria flip."""
    from qc_pipeline.errors import UsageError
    from qc_pipeline.scoring.compile import compile_rubric
    from qc_pipeline.scoring.rubric.files import read_rubric, read_tests
    from qc_pipeline.scoring.stress import LEVELS
    from qc_pipeline.scoring.stress import stress as stressed

    rubric = read_rubric(file)
    tests = read_tests(file, rubric)
    if not tests:
        raise UsageError(f"{file} has no tests to mishear; write some under 'tests:'")
    rows = stressed(compile_rubric(rubric), tests, seed=seed, repeats=repeats)
    if as_json:
        print_json([asdict(row) for row in rows])
        return
    print(f"{rubric.rubric}: {len(tests)} tests, misheard {repeats} times at each level")
    for line in stress_lines(rows, LEVELS, terminal_width()):
        print(line)


def stress_lines(
    rows: Sequence[CriterionStress], levels: Sequence[float], width: int | None = None
) -> Iterator[str]:
    """Criteria that flip and how, what helps, and which are steady.

    With a width (columns of a terminal) the table is drawn, and lines are broken to fit it.
    """
    cells = list(_cells(rows, levels))
    if width is not None:
        heads = (*texts("criterion"), *figures("judged", *(f"{level:.0%}" for level in levels)))
        drawn = [
            TerminalRow(cells=(name, *counts), below=(example,) if example else ())
            for name, *counts, example in cells
        ]
        yield from table_lines(heads, drawn, width)
    else:
        longest = max([9, *(len(name) for name, *_ in cells)]) + 1
        yield "criterion".ljust(longest) + "judged" + "".join(f"{lv:>7.0%}" for lv in levels)
        for name, judged, *counts, example in cells:
            shown = "".join(f"{count:>7}" for count in counts)
            yield f"{name.ljust(longest)}{judged:>6}{shown}" + (f"  {example}" if example else "")
    for line in _told(rows):
        yield from fitted(line, width)


def _cells(rows: Sequence[CriterionStress], levels: Sequence[float]) -> Iterator[tuple[str, ...]]:
    """Of each criterion that flips: its name, judged tests, the share that flips at each level,
    no example; after it each change with how often it came at each level and an example.
    """

    def order(row: CriterionStress) -> tuple[int, ...]:
        return tuple(-row.wrongly_deducted(level) for level in levels)

    flipping = sorted((r for r in rows if r.flips), key=lambda r: (*order(r), -len(r.flips), r.id))
    for row in flipping:
        shares = (row.share(level) for level in levels)
        yield (row.id, f"{row.judged}", *("n/a" if s is None else f"{s:.1%}" for s in shares), "")
        changes = dict.fromkeys((f.before, f.after) for f in row.flips)
        for before, after in sorted(changes, key=lambda c: (c[1] != "fail", c)):
            flips = [f for f in row.flips if (f.before, f.after) == (before, after)]
            counts = (f"{_count(flips, level)}" for level in levels)
            yield (f"  {_change(flips[0])}", "", *counts, f"“{flips[0].example}”")


def _told(rows: Sequence[CriterionStress]) -> Iterator[str]:
    yield from _advice(rows)
    judged = [row for row in rows if row.judged or row.flips]
    steady = [row.id for row in judged if not row.flips]
    yield f"steady: {', '.join(steady) or 'none'}"
    silent = [row.id for row in rows if not row.judged and not row.flips]
    if silent:
        yield f"judged in no test: {', '.join(silent)}"


def _change(flip: Flip) -> str:
    return f"{flip.before} → {flip.after}"


def _count(flips: Sequence[Flip], level: float) -> int:
    return sum(f.count for f in flips if f.level == level)


def _advice(rows: Sequence[CriterionStress]) -> Iterator[str]:
    seen = {(f.before, f.after) for row in rows for f in row.flips}
    for (before, after), text in _ADVICE.items():
        if (before, after) in seen:
            yield f"{before} → {after}: {text}"
