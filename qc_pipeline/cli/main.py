"""The `qc` command: what every subcommand shares – errors, exit statuses, the list of them."""

from __future__ import annotations

import os
import sys
from typing import Any

import typer
from typer.core import TyperGroup

from qc_pipeline import __version__
from qc_pipeline.cli import audit, backup, publish, purge, rescore, review, run, show, start, verify
from qc_pipeline.cli.appeal import appeal_app
from qc_pipeline.cli.calibrate import calibrate_app
from qc_pipeline.cli.coach import coach_app
from qc_pipeline.cli.followup import followup_app
from qc_pipeline.cli.model import model_app
from qc_pipeline.cli.rubric import rubric_app
from qc_pipeline.cli.store import store_app
from qc_pipeline.errors import ExitCode, QcError
from qc_pipeline.system.garbage import collect_rarely


class Group(TyperGroup):
    """Turns our own errors into lines on stderr and an exit status; bugs keep their traceback."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except QcError as error:
            print(error, file=sys.stderr)
            raise typer.Exit(error.exit_code) from None
        except KeyboardInterrupt:
            print("interrupted; what was finished is kept", file=sys.stderr)
            raise typer.Exit(ExitCode.INTERRUPTED) from None
        except BrokenPipeError:
            # The reader of our output went away (`qc … | head`): nobody is left to tell.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(ExitCode.OK) from None
        except OSError as error:
            place = f": {error.filename}" if error.filename else ""
            print(f"the system refused: {error.strerror or error}{place}", file=sys.stderr)
            raise typer.Exit(ExitCode.SURROUNDINGS_FAILED) from None


app = typer.Typer(
    name="qc",
    cls=Group,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Weekly quality inspection of call recordings: sample, transcribe, score, report.",
)


def _version(wanted: bool) -> None:
    if wanted:
        print(f"qc-pipeline {__version__}")
        raise typer.Exit


@app.callback()
def _main(
    version: bool = typer.Option(
        False, "--version", callback=_version, is_eager=True, help="Print the version and exit."
    ),
) -> None:
    pass


start.register(app)
run.register(app)
show.register(app)
audit.register(app)
verify.register(app)
backup.register(app)
review.register(app)
publish.register(app)
purge.register(app)
rescore.register(app)
app.add_typer(rubric_app, name="rubric")
app.add_typer(model_app, name="model")
app.add_typer(appeal_app, name="appeal")
app.add_typer(calibrate_app, name="calibrate")
app.add_typer(store_app, name="store")
app.add_typer(followup_app, name="followup")
app.add_typer(coach_app, name="coach")


def main() -> None:
    """Entry point of the `qc` script."""
    collect_rarely()
    app()
