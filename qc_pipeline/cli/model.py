"""`qc model list | fetch | check | try`: the recogniser's models on this machine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from qc_pipeline.cli import model_trial
from qc_pipeline.cli.options import AsJson, Folder
from qc_pipeline.cli.progress import print_json, told
from qc_pipeline.cli.tables import TerminalRow, figures, ids, table_lines, texts
from qc_pipeline.cli.wrap import terminal_width
from qc_pipeline.errors import QcError

if TYPE_CHECKING:
    from qc_pipeline.asr.models import ModelRow
    from qc_pipeline.store.model_trials import KeptTrial

model_app = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="Models of the recogniser on this machine."
)


@model_app.command("list")
def list_models(folder: Folder = Path(), as_json: AsJson = False) -> None:
    """Models that are known by name, where those on this machine stand, and what was measured.

    What `qc model try` measured is that of the workspace.
    """
    from qc_pipeline.asr.models import SAMPLE_NOTE, models_here
    from qc_pipeline.cli.doctor import trial_text

    rows = models_here()
    tried = _tried(folder, rows)
    if as_json:
        print_json([_row_json(row, tried.get(row.name, ())) for row in rows])
        return
    width = terminal_width()
    cells = []
    for row in rows:
        place = str(row.folder) if row.folder else "not on this machine"
        note = told(SAMPLE_NOTE) if row.name == "sample" else ""
        bounds = tuple(trial_text(trial) for trial in tried.get(row.name, ()))
        if width is None:
            print(f"{row.name:<12} {row.size_mb:>5} MB  {place}" + (f" ({note})" if note else ""))
            for text in bounds:
                print(f"  {text}")
        else:
            below = (note, *bounds) if note else bounds
            cells.append(TerminalRow(cells=(row.name, f"{row.size_mb}", place), below=below))
    if width is not None:
        heads = (*ids("model"), *figures("MB"), *texts("folder"))
        for line in table_lines(heads, cells, width):
            print(line)


def _tried(folder: Path, rows: Sequence[ModelRow]) -> Mapping[str, Sequence[KeptTrial]]:
    """The trials in force of models on this machine, by name, a language each; none outside of a
    workspace, or where its settings or its record cannot be read by this version.
    """
    from qc_pipeline.asr.models import model_sha256
    from qc_pipeline.cli.session import open_record
    from qc_pipeline.store.migrate import HEAD, kept_revision
    from qc_pipeline.store.model_trials import trials_of
    from qc_pipeline.workspace.settings import SETTINGS_FILE, load_settings

    if not (folder / SETTINGS_FILE).is_file():
        return {}
    newest: dict[tuple[str, str], KeptTrial] = {}
    try:
        settings = load_settings(folder)
        if kept_revision(settings.store_url()) != HEAD:
            return {}
        record = open_record(settings)
        try:
            for trial in trials_of(record):
                newest.setdefault((trial.model_sha256, trial.language), trial)
        finally:
            record.close()
    except QcError:
        return {}  # `qc doctor` says what is wrong; the list does not depend on it
    if not newest:
        return {}
    hashes = {row.name: model_sha256(row.folder) for row in rows if row.folder is not None}
    return {
        name: [t for (tried, _), t in sorted(newest.items()) if tried == sha256]
        for name, sha256 in hashes.items()
    }


@model_app.command()
def fetch(
    name: Annotated[str, typer.Argument(help="A name of `qc model list`, or OWNER/REPOSITORY.")],
    source: Annotated[
        str, typer.Option("--from", metavar="hub|URL", help="The hub, or a mirror's address.")
    ] = "hub",
    to: Annotated[
        Path | None, typer.Option("--to", metavar="DIR", help="The folder to put it into.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Fetch a model once; the weekly job never does. Goes on where it broke off."""
    from qc_pipeline.asr.fetch import fetch_model

    folder = fetch_model(name, source=source, to=to)
    if as_json:
        print_json({"name": name, "folder": str(folder.resolve())})
        return
    print(folder.resolve())


@model_app.command()
def check(
    model: Annotated[str, typer.Argument(help="A model's name or folder.")],
    folder: Folder = Path(),
    as_json: AsJson = False,
) -> None:
    """Check a model's files, load it, and decode one second."""
    from qc_pipeline.asr.model_check import check_model
    from qc_pipeline.asr.models import SAMPLE_NOTE

    found = check_model(model, folder)
    if as_json:
        print_json(found.as_json())
        return
    print(f"{found.place.name}: {found.place.folder}")
    for name, size in found.files:
        print(f"  {name:<26}{size:>14,} bytes")
    print(f"  sha256 {found.sha256}")
    print(f"  languages: {'many' if found.multilingual else 'English only'}")
    print(f"  runs on {found.machine}; loaded in {found.load_s:.2f} s")
    print(f"  one second of sound decoded in {found.decode_s:.2f} s")
    if found.place.is_sample:
        print(f"  {told(SAMPLE_NOTE)}")


model_trial.register(model_app)


def _row_json(row: ModelRow, trials: Sequence[KeptTrial]) -> dict[str, Any]:
    return {
        "name": row.name,
        "size_mb": row.size_mb,
        "folder": str(row.folder) if row.folder else None,
        "trials": [
            {
                "trial": t.number,
                "language": t.language,
                "at": t.at,
                "fitness": t.fitness,
                "doubtful_below": t.doubtful_below,
                "least_confidence": t.least_confidence,
            }
            for t in trials
        ],
    }
