"""A wording that counts from now on (以后都算): what it would change in past calls, and its writing
into the working rubric.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

from qc_pipeline.errors import UsageError
from qc_pipeline.job.rubric_effect import effect_of
from qc_pipeline.period.state import read_period
from qc_pipeline.scoring.compare_rubrics import Comparison, CriterionChange
from qc_pipeline.scoring.rubric.add_wording import AddError, with_wording
from qc_pipeline.scoring.rubric.files import read_rubric
from qc_pipeline.store.record import Record
from qc_pipeline.store.samples import drawn_periods, kept_sample
from qc_pipeline.system.files import write_text
from qc_pipeline.workspace.open_workspace import Workspace, find_rubric, open_workspace
from qc_pipeline.workspace.people import Actor
from qc_pipeline.workspace.settings import Settings

PERIODS = 2
"""So many of the last periods are judged with it before it is written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewWording:
    """A wording for a criterion of the rubric in `path`: the file's text `before` and `after`."""

    path: Path
    rubric: str
    criterion: str
    wording: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WordingEffect:
    """What it would change in a period: of its criterion, and the calls whose band changes."""

    period: str
    calls: int
    changes: CriterionChange | None
    other_bands: tuple[str, ...]
    other_criteria: tuple[CriterionChange, ...]


def proposed_wording(
    settings: Settings, rubric: str, criterion: str, wording: str, like: str | None = None
) -> NewWording:
    """A wording for a criterion of a rubric of qc.toml, after the entry that says `like`. Raises
    UsageError where it cannot be added, or the file is not the workspace's own.
    """
    path = _file_of(settings, rubric)
    before = path.read_bytes().decode("utf-8")
    try:
        after = with_wording(before, criterion, wording, like)
    except AddError as error:
        raise UsageError(f"{path}: {error}") from None
    return NewWording(
        path=path,
        rubric=rubric,
        criterion=criterion,
        wording=wording.strip(),
        before=before,
        after=after,
    )


def _file_of(settings: Settings, rubric: str) -> Path:
    table = settings.rubrics
    for name in dict.fromkeys((table.default, *table.business.values())):
        path = find_rubric(settings, name)
        if read_rubric(path).rubric != rubric:
            continue
        if not path.resolve().is_relative_to(settings.root.resolve()):
            raise UsageError(
                f"{rubric} is the shipped rubric; copy it into rubrics/ first (`qc init` does)"
            )
        return path
    raise UsageError(f"qc.toml names no rubric {rubric!r}")


def effects(record: Record, settings: Settings, new: NewWording) -> tuple[WordingEffect, ...]:
    """What a wording would change in the last drawn periods, by all their transcribed calls."""
    workspace = open_workspace(settings.root)
    with tempfile.TemporaryDirectory() as folder:
        changed = Path(folder) / new.path.name
        write_text(changed, new.after)
        names = [name for name, _, _ in drawn_periods(record)][-PERIODS:]
        found = [_effect(workspace, record, name, new, changed) for name in names]
    return tuple(one for one in found if one is not None)


def _effect(
    workspace: Workspace, record: Record, period: str, new: NewWording, changed: Path
) -> WordingEffect | None:
    kept = kept_sample(record, period)
    if kept is None:
        return None
    state = read_period(workspace, record, kept)
    ids = [
        p.recording_id
        for p in kept.sample.picks
        if p.recording_id in state.transcriptions
        and workspace.rubrics.choose(state.recordings[p.recording_id]).rubric == new.rubric
    ]
    if not ids:
        return None
    return _told(period, new, effect_of(workspace, state, ids, new.path, changed))


def _told(period: str, new: NewWording, result: Comparison) -> WordingEffect:
    own = next((c for c in result.criteria if c.id == new.criterion), None)
    return WordingEffect(
        period=period,
        calls=len(result.calls),
        changes=own,
        other_bands=tuple(c.recording_id for c in result.calls if c.changes_band),
        other_criteria=tuple(c for c in result.criteria if c.moves and c.id != new.criterion),
    )


def write_wording(record: Record, new: NewWording, actor: Actor) -> None:
    """Write it into the file, and that into the record. Raises UsageError where somebody changed
    the file meanwhile.
    """
    if new.path.read_bytes().decode("utf-8") != new.before:
        raise UsageError(f"{new.path} was changed meanwhile; nothing was written, try once more")
    with record.transaction() as tx:
        tx.note(
            "rubric.wording",
            {
                "rubric": new.rubric,
                "criterion": new.criterion,
                "wording": new.wording,
                "person": actor.name,
            },
        )
        write_text(new.path, new.after)
