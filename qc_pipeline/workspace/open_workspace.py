"""A workspace opened: settings, call list and rubrics, every mistake of all of them at once."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from qc_pipeline.call import Recording
from qc_pipeline.errors import InputError, Problem
from qc_pipeline.intake.assessment_marks import read_marks
from qc_pipeline.intake.call_list import CallList, read_call_list
from qc_pipeline.intake.tables import LISTENING, AssessmentMark, TrafficRow
from qc_pipeline.intake.traffic import read_traffic
from qc_pipeline.scoring.rubric.files import read_rubric
from qc_pipeline.scoring.rubric.model import Rubric
from qc_pipeline.store.cache import Cache
from qc_pipeline.system.shipped import shipped
from qc_pipeline.workspace.settings import Settings, read_settings


@dataclass(frozen=True, slots=True, kw_only=True)
class RubricShelf:
    """The rubrics of a workspace: the versions of each named one, earliest in force first."""

    default: str
    business: Mapping[str, str]
    versions: Mapping[str, tuple[Rubric, ...]]

    def choose(self, recording: Recording) -> Rubric:
        """The rubric of the call's business, in the version in force on the call's own date.

        A call older than every version is judged by the earliest.
        """
        name = self.business.get(recording.text("business") or "", self.default)
        day = recording.start_time.date()
        in_force = [
            r for r in self.versions[name] if r.effective_from is None or r.effective_from <= day
        ]
        return in_force[-1] if in_force else self.versions[name][0]

    def of_id(self, rubric: str) -> tuple[Rubric, ...]:
        """The versions of the rubric with this id, earliest in force first; none of another."""
        for versions in self.versions.values():
            if versions[0].rubric == rubric:
                return versions
        return ()

    def ids(self) -> tuple[str, ...]:
        """The ids of all rubrics, sorted."""
        return tuple(sorted({versions[0].rubric for versions in self.versions.values()}))


@dataclass(frozen=True, slots=True, kw_only=True)
class Workspace:
    root: Path
    settings: Settings
    calls: CallList
    rubrics: RubricShelf
    traffic: tuple[TrafficRow, ...] = ()
    marks: tuple[AssessmentMark, ...] = ()
    cache: Cache = field(default_factory=lambda: Cache(None), compare=False)


def open_workspace(root: Path) -> Workspace:
    """Read everything a job needs from what people wrote.

    Raises InputError with the problems of qc.toml, the call list, the rubrics and the tables that
    stand beside them together.
    """
    settings, problems = read_settings(root)
    if settings is None:
        raise InputError(problems)
    calls: CallList | None = None
    try:
        calls = read_call_list(
            settings.calls_path,
            zone=settings.zone,
            columns=settings.calls.columns,
            values=settings.calls.values,
            bad_rows=settings.calls.bad_rows,
            recordings_root=settings.recordings_root,
        )
    except InputError as error:
        problems = [*problems, *error.problems]
    shelf: RubricShelf | None = None
    try:
        shelf = read_shelf(settings)
    except InputError as error:
        problems = [*problems, *error.problems]
    traffic: tuple[TrafficRow, ...] = ()
    marks: tuple[AssessmentMark, ...] = ()
    try:
        traffic = read_traffic_of(settings)
    except InputError as error:
        problems = [*problems, *error.problems]
    try:
        marks = read_marks_of(settings)
    except InputError as error:
        problems = [*problems, *error.problems]
    if calls is None or shelf is None or any(p.severity == "error" for p in problems):
        raise InputError(problems)
    return Workspace(
        root=settings.root,
        settings=settings,
        calls=calls,
        rubrics=shelf,
        traffic=traffic,
        marks=marks,
        cache=Cache(settings.root),
    )


def read_traffic_of(settings: Settings) -> tuple[TrafficRow, ...]:
    """The daily traffic table that qc.toml names, if any. Raises InputError."""
    name = settings.paths.traffic
    if name is None:
        return ()
    return read_traffic(settings.resolve(name), service_level_s=settings.targets.service_level_s)


def read_marks_of(settings: Settings) -> tuple[AssessmentMark, ...]:
    """The table of marks that qc.toml names, if any. Raises InputError."""
    name = settings.paths.marks
    return () if name is None else read_marks(settings.resolve(name), listening=LISTENING)


def read_shelf(settings: Settings) -> RubricShelf:
    """Read the rubrics that qc.toml names. Raises InputError with the problems of all."""
    problems: list[Problem] = []
    versions: dict[str, tuple[Rubric, ...]] = {}
    table = settings.rubrics
    for name in sorted({table.default, *table.business.values()}):
        try:
            versions[name] = _versions(find_rubric(settings, name))
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    return RubricShelf(default=table.default, business=table.business, versions=versions)


def find_rubric(settings: Settings, name: str) -> Path:
    """The file of a rubric named in qc.toml: a path in the workspace or a shipped rubric's id."""
    here = settings.resolve(name)
    if here.is_file():
        return here
    plain = Path(name).stem == Path(name).name
    candidates = [settings.resolve("rubrics") / f"{name}.yaml"] if plain else []
    if plain:
        with suppress(FileNotFoundError):
            candidates.append(shipped("rubrics") / f"{name}.yaml")
    for path in candidates:
        if path.is_file():
            return path
    raise InputError(
        [
            Problem(
                path="qc.toml",
                message=f"[rubrics] names a rubric that is not there: {name!r}",
                allowed="a file in the workspace, or the id of a rubric in rubrics/",
            )
        ]
    )


def _versions(path: Path) -> tuple[Rubric, ...]:
    """The named rubric and the other versions of the same id that lie beside it."""
    named = read_rubric(path)
    found = [named]
    for other in sorted(path.parent.glob("*.yaml")):
        if other != path and f"rubric: {named.rubric}\n" in other.read_text(encoding="utf-8"):
            rubric = read_rubric(other)
            if rubric.rubric == named.rubric:
                found.append(rubric)
    return tuple(sorted(found, key=lambda r: (r.effective_from is not None, str(r.effective_from))))
