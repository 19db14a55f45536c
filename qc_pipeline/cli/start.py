"""Beginning: a new workspace, the demonstration, and a look at whether all is well."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from qc_pipeline.cli.card_text import print_plain
from qc_pipeline.cli.options import AsJson, Folder
from qc_pipeline.errors import ExitCode, SurroundingsError, UsageError

if TYPE_CHECKING:
    from qc_pipeline.message import Message
    from qc_pipeline.store.record import Record
    from qc_pipeline.store.samples import KeptSample
    from qc_pipeline.workspace.settings import Settings


def register(app: typer.Typer) -> None:
    for command in (init, demo, doctor):
        app.command()(command)


def init(
    folder: Annotated[Path, typer.Argument(metavar="[DIR]", help="Default: here.")] = Path(),
) -> None:
    """Write a workspace: qc.toml with comments, the rubrics, a folder for recordings."""
    from qc_pipeline.system.shipped import PACKAGE

    target = folder / "qc.toml"
    if target.exists():
        raise UsageError(f"{target} is there already; nothing was changed")
    (folder / "recordings").mkdir(parents=True, exist_ok=True)
    _copy_rubrics(folder)
    shutil.copyfile(PACKAGE / "cli" / "qc.toml.template", target)
    from qc_pipeline.cli.first_plan import plan_for_list

    told = plan_for_list(target)
    if told is None:
        print(f"wrote {target}; put the call list beside it and name it in [paths], then `qc run`")
        return
    print(f"wrote {target} for {told.list_name}")
    for line in told.lines:
        print_plain(line)


def demo(
    folder: Annotated[Path, typer.Argument(metavar="[DIR]")] = Path("qc-demo"),
    as_json: AsJson = False,
) -> None:
    """Unpack the sample calls into DIR and run their week; ends with the report's path."""
    from qc_pipeline.cli.run import run_job
    from qc_pipeline.system.shipped import shipped

    try:
        samples = shipped("samples")
    except FileNotFoundError as error:
        raise SurroundingsError(str(error)) from None
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder} is a file")
    if not (folder / "qc.toml").exists():
        if folder.is_dir() and any(folder.iterdir()):
            raise UsageError(f"{folder} holds other things; name an empty or a new folder")
        _unpack(samples, folder)
    run_job(folder, as_json=as_json, between=_decide_by_truth)


def _decide_by_truth(record: Record, settings: Settings, kept: KeptSample) -> Message | None:
    """What a listener would say who knows the truth of the sample calls; once."""
    from qc_pipeline.cli.demo_decisions import take_decisions_of_truth
    from qc_pipeline.message import Message
    from qc_pipeline.store.publications import published

    if published(record, kept.sample.period) is not None:
        return None
    heard = take_decisions_of_truth(record, settings, kept)
    return Message.of("progress.demo-decisions", calls=heard) if heard else None


def _copy_rubrics(folder: Path) -> None:
    """Copy the shipped rubrics and their tests; what is there already stays."""
    from qc_pipeline.system.shipped import shipped

    source = shipped("rubrics")
    for file in sorted(source.rglob("*.yaml")):
        copy = folder / "rubrics" / file.relative_to(source)
        if not copy.exists():
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, copy)


def _unpack(samples: Path, folder: Path) -> None:
    """Copy the sample workspace; qc.toml comes last, so that it marks a whole copy."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("recordings", "truth"):
        if (samples / name).is_dir():
            shutil.copytree(samples / name, folder / name, dirs_exist_ok=True)
    _copy_rubrics(folder)
    for name in ("calls.csv", "README.md", "qc.toml"):
        shutil.copyfile(samples / name, folder / name)


def doctor(folder: Folder = Path(), as_json: AsJson = False) -> None:
    """Look whether everything a job needs is there: workspace, model, disk, record."""
    from qc_pipeline.cli.doctor import checkup, print_checkup

    findings = checkup(folder)
    print_checkup(findings, as_json=as_json)
    if any(f.state == "bad" for f in findings):
        raise typer.Exit(ExitCode.SURROUNDINGS_FAILED)
