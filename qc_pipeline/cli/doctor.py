"""`qc doctor`: is everything a job needs here, and is the record whole?"""

from __future__ import annotations

import shutil
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from qc_pipeline import __version__
from qc_pipeline.cli.progress import print_json, told
from qc_pipeline.cli.session import open_record
from qc_pipeline.cli.tables import TerminalRow, ids, table_lines, texts
from qc_pipeline.cli.wrap import terminal_width
from qc_pipeline.errors import InputError, QcError
from qc_pipeline.system.workers import usable_cores

if TYPE_CHECKING:
    from qc_pipeline.store.model_trials import KeptTrial
    from qc_pipeline.store.record import Record
    from qc_pipeline.workspace.settings import Settings

MIN_FREE_MB = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """`state` is "good", "warning" or "bad"; `advice` says what to do."""

    subject: str
    state: str
    text: str
    advice: str = ""


def checkup(folder: Path) -> tuple[Finding, ...]:
    """Look at program, disk, workspace, model and record; nothing is changed."""
    found = [
        Finding(
            subject="program",
            state="good",
            text=f"qc-pipeline {__version__}, Python {sys.version.split()[0]}, "
            f"{usable_cores()} cores",
        ),
        _disk(folder),
    ]
    if not (folder / "qc.toml").exists():
        text = f"{folder} is not a workspace"
        advice = "`qc init` writes one, `qc demo` shows one"
        return (*found, Finding(subject="workspace", state="warning", text=text, advice=advice))
    return (*found, *_workspace(folder))


def _disk(folder: Path) -> Finding:
    free_mb = shutil.disk_usage(folder if folder.exists() else Path()).free // 2**20
    if free_mb < MIN_FREE_MB:
        return Finding(
            subject="disk",
            state="bad",
            text=f"{free_mb} MB free",
            advice=f"a job wants {MIN_FREE_MB} MB for record and report",
        )
    return Finding(subject="disk", state="good", text=f"{free_mb} MB free")


def _workspace(folder: Path) -> list[Finding]:
    from qc_pipeline.workspace.open_workspace import open_workspace
    from qc_pipeline.workspace.settings import load_settings

    found: list[Finding] = []
    try:
        workspace = open_workspace(folder)
        text = f"{len(workspace.calls.recordings)} calls, rubrics and qc.toml without mistakes"
        found.append(Finding(subject="workspace", state="good", text=text))
        found += [
            Finding(subject="call list", state="warning", text=str(w))
            for w in workspace.calls.warnings
        ]
    except InputError as error:
        found += [Finding(subject="workspace", state="bad", text=str(p)) for p in error.problems]
    try:
        settings = load_settings(folder)
    except InputError:
        return found
    found.append(_model(settings))
    return [*found, *_record(settings)]


def _record(settings: Settings) -> list[Finding]:
    """Whether the database is whole. One of an older version, or none, is left as it is."""
    from qc_pipeline.job.verify import verify
    from qc_pipeline.store.migrate import HEAD, KNOWN, kept_revision

    def found(state: str, text: str, advice: str = "") -> Finding:
        return Finding(subject="record", state=state, text=text, advice=advice)

    try:
        revision = kept_revision(settings.store_url())
        if revision is None:
            return [found("good", "none yet; the first command that keeps something makes it")]
        if revision != HEAD and revision in KNOWN:
            text = f"of an older version ({revision}, this program's is {HEAD}): not looked into"
            advice = "the next command copies an SQLite file and brings it up to date"
            return [found("warning", text, advice)]
        record = open_record(settings)
        faults = tuple(str(f) for f in verify(record, settings).faults)
        bounds = _bounds(settings, record)
        record.close()
    except QcError as error:
        return [found("bad", str(error))]
    if faults:
        return [*bounds, *(found("bad", fault) for fault in faults)]
    return [*bounds, found("good", "whole, audit chain unbroken")]


def _bounds(settings: Settings, record: Record) -> list[Finding]:
    """Which bounds of confidence hold for the model that is set, and since when."""
    from qc_pipeline.asr.measured_bounds import MeasuredBounds
    from qc_pipeline.asr.models import find_model, model_sha256
    from qc_pipeline.workspace.listening import trial_in_force

    options = settings.asr
    if options.backend == "imported":
        return []
    try:
        folder = find_model(options.model, settings.root).folder
    except QcError:
        return []  # told where the model is looked at
    trial = trial_in_force(record, model_sha256(folder), options.language)
    if trial is None:
        usual = MeasuredBounds()
        told = bounds_text(usual.doubtful_below, usual.least_confidence)
        text = f"{told}: the usual ones, nothing was measured for this model"
        advice = f"`qc model try {options.model}` measures them on your own calls"
        return [Finding(subject="bounds", state="good", text=text, advice=advice)]
    text = trial_text(trial)
    if options.doubtful_below is not None:
        text += f"; `[asr] doubtful_below` {options.doubtful_below:g} stands above it"
    unfit = trial.fitness == "unfit"
    advice = "take another model: `qc model list`" if unfit else ""
    state = "warning" if unfit else "good"
    return [Finding(subject="bounds", state=state, text=text, advice=advice)]


def bounds_text(doubtful_below: float, least_confidence: float) -> str:
    """The two bounds of confidence in a phrase."""
    return (
        f"words are doubtful below {doubtful_below:.2f}, a party is not understood below "
        f"{least_confidence:.2f}"
    )


def trial_text(trial: KeptTrial) -> str:
    """The bounds that a trial put in force, since when, and what it said of the model."""
    told = bounds_text(trial.doubtful_below, trial.least_confidence)
    fitness = trial.fitness.replace("_", " ")
    return (
        f"{told}, in {trial.language} since {trial.at[:10]} (trial {trial.number} by "
        f"{trial.person}, on {trial.period}: {fitness})"
    )


def _model(settings: Settings) -> Finding:
    if settings.asr.backend == "imported":
        text = "none: transcripts made elsewhere are taken in"
        return Finding(subject="model", state="good", text=text)
    from qc_pipeline.asr.load import load_recogniser

    try:
        recogniser = load_recogniser(settings.asr, settings.root)
    except QcError as error:
        return Finding(subject="model", state="bad", text=str(error))
    state = "warning" if recogniser.is_sample else "good"
    return Finding(subject="model", state=state, text=told(recogniser.describe()))


def print_checkup(findings: tuple[Finding, ...], *, as_json: bool) -> None:
    if as_json:
        print_json([asdict(f) for f in findings])
        return
    width = terminal_width()
    if width is not None:
        rows = [
            TerminalRow(cells=(f.state, f.subject, f.text), below=(f.advice,) if f.advice else ())
            for f in findings
        ]
        for line in table_lines((*ids("state", "subject"), *texts("finding")), rows, width):
            print(line)
        return
    for f in findings:
        advice = f" – {f.advice}" if f.advice else ""
        print(f"{f.state:<8} {f.subject}: {f.text}{advice}")
