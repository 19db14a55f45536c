"""`qc model try`: what a model is worth on this centre's own calls."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from qc_pipeline.cli.options import As, AsJson, Folder, For, PeriodOption
from qc_pipeline.cli.progress import TerminalProgress, print_json
from qc_pipeline.cli.session import acting, job
from qc_pipeline.cli.wrap import terminal_width
from qc_pipeline.errors import ExitCode


def register(app: typer.Typer) -> None:
    app.command("try")(try_model)


def try_model(
    model: Annotated[str, typer.Argument(help="A model's name or folder.")],
    folder: Folder = Path(),
    period: PeriodOption = None,
    calls: Annotated[int, typer.Option(min=1, max=200, help="How many calls it is tried on.")] = 10,
    page: Annotated[
        Path | None,
        typer.Option("--page", metavar="FILE.html", help="Write the page as HTML, too."),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Measure and show; put no bounds in force.")
    ] = False,
    name: As = None,
    on_behalf: For = None,
    as_json: AsJson = False,
) -> None:
    """Try a model on some of the period's calls: what it hears, how sure, how fast, fit or not.

    Each call is heard twice, as it is and with faint noise. The bounds measured so are kept with
    the model's hash and in force from then on. Exit status 0 where the model is fit, else 3.
    """
    from qc_pipeline.asr.model_fitness import Fitness
    from qc_pipeline.asr.models import find_model
    from qc_pipeline.cli.model_trial_page import trial_lines, trial_page
    from qc_pipeline.job import model_trial
    from qc_pipeline.job.trial_figures import trial_json
    from qc_pipeline.report.words.translate import Translator
    from qc_pipeline.system.files import write_text
    from qc_pipeline.workspace.people import REVIEWERS

    find_model(model, folder)
    number: int | None = None
    with job(folder, period) as (workspace, record, chosen):
        language = workspace.settings.report.language
        person = None
        if not dry_run:
            person = acting(workspace.settings, record, name, on_behalf, may=REVIEWERS).name
        with TerminalProgress(language) as progress:
            trial = model_trial.try_model(
                workspace, record, chosen, model, calls=calls, progress=progress
            )
        if person is not None:
            number = model_trial.keep(record, trial, person)
        elif page is not None or not as_json:
            # Words of calls are looked at all the same.
            ids = [call.recording.recording_id for call in trial.calls]
            record.tell("look.trial", {"period": chosen.name, "recordings": ids})
    if page is not None:
        write_text(page, trial_page(trial, language))
    if as_json:
        print_json(trial_json(trial) | {"trial": number})
    else:
        for line in trial_lines(trial, language, width=terminal_width()):
            print(line)
        t = Translator(language)
        print()
        print(t("trial.dry") if number is None else t("trial.kept", number=number))
        if page is not None:
            print(page.resolve())
    if trial.fitness is not Fitness.FIT:
        raise typer.Exit(ExitCode.FINISHED_WITH_FAILURES)
