"""`qc` in this process: the command line's own entry, without the seconds that a start takes."""

from __future__ import annotations

import sys
from collections.abc import Mapping

from typer.main import get_command
from typer.testing import CliRunner

from qc_pipeline.cli.main import app

COMMAND = get_command(app)
"""The tree of all commands, made once: making it costs as much as most commands do."""


class Result:
    """How a command ended: `code`, `out`, `err`."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err


def invoke(*words: str, stdin: str | None = None, env: Mapping[str, str] | None = None) -> Result:
    """`qc WORDS`. What is no end of a program but an error of ours is raised."""
    with CliRunner().isolation(input=stdin, env=env) as (out, err, _):
        try:
            COMMAND.main(list(words), prog_name="qc")
        except SystemExit as end:
            code = end.code
        sys.stdout.flush()
        sys.stderr.flush()
        assert isinstance(code, int)
        return Result(code, out.getvalue().decode(), err.getvalue().decode())
