"""The plan that `qc init` writes: for the call list that lies there, and what it will give."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from qc_pipeline.cli.prospect_text import prospect_lines
from qc_pipeline.cli.wrap import terminal_width
from qc_pipeline.errors import InputError, QcError

LIST_NAME = "calls.csv"
SUFFIXES = (".csv", ".xlsx", ".parquet")
MACHINE_HOURS = 8.0


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstPlan:
    """The list that a plan was written for, and lines that say what it gives, or why it cannot be
    told yet.
    """

    list_name: str
    lines: tuple[str, ...]


def plan_for_list(settings_file: Path) -> FirstPlan | None:
    """Fit a freshly written qc.toml to the call list beside it; None where there is none.

    The list is calls.csv, else the only table in the folder. Where its machine time is within what
    the plan allows, that bound is no part of the plan.
    """
    folder = settings_file.parent
    name = _list_in(folder)
    if name is None:
        return None
    text = settings_file.read_text(encoding="utf-8")
    if name != LIST_NAME:
        text = text.replace(f'calls = "{LIST_NAME}"            #', f"calls = {_quoted(name)}  #", 1)
        settings_file.write_text(text, encoding="utf-8")
    try:
        return FirstPlan(list_name=name, lines=tuple(_fitted(settings_file, text)))
    except InputError as error:
        first = str(error.problems[0])
        more = len(error.problems) - 1
        told = f" (and {more} more)" if more else ""
        why = f"what it gives cannot be told yet: {first}{told}"
        return FirstPlan(list_name=name, lines=(why, "`qc doctor` says all of it"))
    except QcError as error:
        return FirstPlan(list_name=name, lines=(f"what it gives cannot be told yet: {error}",))


def _list_in(folder: Path) -> str | None:
    if (folder / LIST_NAME).is_file():
        return LIST_NAME
    found = [p.name for p in folder.iterdir() if p.suffix.lower() in SUFFIXES and p.is_file()]
    return found[0] if len(found) == 1 else None


def _quoted(name: str) -> str:
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _fitted(settings_file: Path, text: str) -> Iterator[str]:
    """Lines of what the plan gives; where all can be heard the bound is written as a comment."""
    from qc_pipeline.sampling.draw import draw
    from qc_pipeline.sampling.frame import frame_of
    from qc_pipeline.sampling.history import History
    from qc_pipeline.sampling.period import default_period
    from qc_pipeline.sampling.prospect import prospect
    from qc_pipeline.workspace.open_workspace import open_workspace

    workspace = open_workspace(settings_file.parent)
    yield from map(str, workspace.calls.warnings)
    calls = workspace.calls.recordings
    period = default_period(calls.days())
    plan, history = workspace.settings.plan, History()
    frame = frame_of(calls, period, {}).calls
    everything = plan.model_copy(update={"machine_hours": None})
    whole = prospect(frame, everything, draw(calls, everything, period=period), history)
    if whole.machine_hours is None or whole.machine_hours <= MACHINE_HOURS:
        line = f"machine_hours = {MACHINE_HOURS:g} "
        settings_file.write_text(text.replace(line, f"# {line}", 1), encoding="utf-8")
        found = whole
    else:
        found = prospect(frame, plan, draw(calls, plan, period=period), history)
    yield f"{period.name}:"
    yield from prospect_lines(found, workspace.settings.report.language, width=terminal_width())
