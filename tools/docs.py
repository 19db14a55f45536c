"""Writes the generated pages of docs/: the command line's own help. `make docs`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from typer.main import get_command
from typer.testing import CliRunner

from qc_pipeline.cli.main import app

QC = get_command(app)
PAGE = Path(__file__).parents[1] / "docs" / "cli.md"
HEAD = """# The command line

Written by `make docs` from the program's own help. Results go to stdout, progress and errors to
stderr; `-C DIR` names the workspace, `--json` prints the result for programs.

Exit status: 0 done · 1 a bug · 2 bad input or usage, nothing was changed · 3 finished, with
failures or differences · 4 disk, database or machine failed, what was finished is kept · 5 another
run holds the workspace · 130 interrupted.
"""


def command_paths() -> tuple[tuple[str, ...], ...]:
    """Every command and group, as the words that call it."""

    def walk(command: object, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
        yield path
        for name, inner in sorted(getattr(command, "commands", {}).items()):
            yield from walk(inner, (*path, name))

    return tuple(walk(QC, ()))


def help_text(path: tuple[str, ...]) -> str:
    """What `qc PATH --help` prints, 100 columns wide."""
    with CliRunner().isolation(env={"COLUMNS": "100", "NO_COLOR": "1"}) as (_, _, both):
        try:
            QC.main([*path, "--help"], prog_name="qc")
        except SystemExit as end:
            status = end.code
        sys.stdout.flush()
        said = both.getvalue().decode()
    if status != 0:
        raise RuntimeError(f"qc {' '.join(path)} --help: {said}")
    return "\n".join(line.rstrip() for line in said.strip().splitlines())


def page() -> str:
    parts = [HEAD]
    for path in command_paths():
        title = " ".join(("qc", *path))
        parts.append(f"\n## `{title}`\n\n```text\n{help_text(path)}\n```\n")
    return "".join(parts)


if __name__ == "__main__":
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(page(), encoding="utf-8")
