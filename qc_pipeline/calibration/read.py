"""Sheets read back: every row ends as an answer, as left empty, or as a problem with its row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from qc_pipeline.calibration.figures import ANSWERS
from qc_pipeline.calibration.texts import COLUMNS, column_labels, verdict_words
from qc_pipeline.errors import InputError, Problem, did_you_mean
from qc_pipeline.intake.table_file import read_grid
from qc_pipeline.report.words.catalog import LANGUAGES
from qc_pipeline.scoring.evidence.finding import Verdict
from qc_pipeline.store.calibrations import BlindSet, SheetAnswer

NEEDED = ("recording_id", "criterion", "verdict", "calibration", "inspector")


@cache
def marks() -> Mapping[str, Verdict]:
    """What an inspector may write, in any language, and what it means."""
    words = {
        word.lower(): verdict
        for language in LANGUAGES
        for verdict, word in verdict_words(language).items()
        if verdict in ANSWERS
    }
    return words | {str(v): v for v in ANSWERS}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadSheet:
    """What one inspector handed in for one calibration.

    `asked` = taken + `empty` + `bad`, where taken are the answers with a verdict; `bad` counts
    asked rows that could not be taken, `problems` tells every row that is wrong, those that belong
    to nothing included.
    """

    calibration: str
    inspector: str
    answers: tuple[SheetAnswer, ...]
    asked: int
    empty: int
    bad: int
    problems: tuple[Problem, ...]

    @property
    def taken(self) -> int:
        return sum(a.verdict is not None for a in self.answers)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    place: Problem
    cells: Mapping[str, str]


def read_sheets(
    files: Sequence[Path], sets: Mapping[str, BlindSet], worth: Mapping[tuple[str, str, str], float]
) -> tuple[tuple[ReadSheet, ...], tuple[Problem, ...]]:
    """The sheets in some files, and the rows that belong to no calibration or inspector.

    `worth` gives the points of a criterion by (calibration, recording, criterion). Raises
    InputError with what is wrong with the files themselves; a bad row is a problem of its sheet.
    """
    problems: list[Problem] = []
    rows: list[_Row] = []
    for file in files:
        try:
            rows += _rows(file)
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    groups: dict[tuple[str, str], list[_Row]] = {}
    strays: list[Problem] = []
    for row in rows:
        stray = _stray(row, sets)
        if stray is not None:
            strays.append(stray)
            continue
        groups.setdefault((row.cells["calibration"], row.cells["inspector"]), []).append(row)
    made = tuple(_sheet(sets[name], who, group, worth) for (name, who), group in groups.items())
    return made, tuple(strays)


def _rows(path: Path) -> list[_Row]:
    try:
        content = path.read_bytes()
    except (FileNotFoundError, IsADirectoryError):
        raise InputError([Problem(path=str(path), message="no such file")]) from None
    grid = read_grid(path, content, what="a calibration sheet")
    known = {
        label.lower(): column
        for language in LANGUAGES
        for column, label in column_labels(language).items()
    }
    header = [known.get(name.lower(), "") for name in grid.header]
    missing = [c for c in NEEDED if c not in header]
    if missing:
        labels = "、".join(column_labels("zh")[c] for c in missing)
        raise InputError(
            [
                Problem(
                    path=str(path),
                    line=1,
                    message=f"is no calibration sheet: the columns {labels} are missing",
                    found=", ".join(n for n in grid.header if n)[:120],
                    hint="fill in the sheet that `qc calibrate draw` wrote",
                )
            ]
        )
    columns = {c: grid.columns[header.index(c)] for c in COLUMNS if c in header}
    return [
        _Row(
            place=Problem(path=str(path), line=int(line), message=""),
            cells={c: str(cells[i]) for c, cells in columns.items()},
        )
        for i, line in enumerate(grid.rows)
    ]


def _problem(row: _Row, message: str, column: str, allowed: str | None = None) -> Problem:
    found = row.cells.get(column, "")
    return Problem(
        path=row.place.path,
        line=row.place.line,
        message=message,
        found=f'"{found[:60]}"',
        allowed=allowed,
    )


def _stray(row: _Row, sets: Mapping[str, BlindSet]) -> Problem | None:
    """What is wrong with a row that belongs to no calibration or to no inspector of it."""
    made = sets.get(row.cells["calibration"])
    if made is None:
        return _problem(
            row, "there is no such calibration", "calibration", ", ".join(sets) or "none is drawn"
        )
    if row.cells["inspector"] not in made.inspectors:
        return _problem(
            row, f"not an inspector of {made.name}", "inspector", ", ".join(made.inspectors)
        )
    return None


def _sheet(
    made: BlindSet,
    inspector: str,
    rows: Sequence[_Row],
    worth: Mapping[tuple[str, str, str], float],
) -> ReadSheet:
    asked = {(c.recording_id, id_) for c in made.calls for id_ in c.criteria}
    problems: list[Problem] = []
    taken: dict[tuple[str, str], tuple[_Row, SheetAnswer]] = {}
    bad: dict[tuple[str, str], SheetAnswer] = {}
    for row in rows:
        key = (row.cells["recording_id"], row.cells["criterion"])
        wrong = _not_asked(row, key, asked, made)
        if wrong is not None:
            problems.append(wrong)
            continue
        answer = _answer(row, key, worth.get((made.name, *key)))
        if isinstance(answer, Problem):
            problems.append(answer)
            bad[key] = _kept_bad(row, key, answer)
            continue
        former = taken.get(key)
        if former is not None and answer is not None and former[1] != answer:
            first = f"another verdict on it stands in row {former[0].place.line}"
            problems.append(_problem(row, f"{first} of {former[0].place.path}", "verdict"))
            bad[key] = _kept_bad(row, key, problems[-1])
        elif answer is not None:
            taken[key] = (row, answer)
    # Two rows that say different things of one item, or a good and a bad one: neither is taken.
    good = [a for key, (_, a) in sorted(taken.items()) if key not in bad]
    with_verdict = sum(a.verdict is not None for a in good)
    return ReadSheet(
        calibration=made.name,
        inspector=inspector,
        answers=(*good, *(bad[k] for k in sorted(bad))),
        asked=len(asked),
        empty=len(asked) - with_verdict - len(bad),
        bad=len(bad),
        problems=tuple(problems),
    )


def _not_asked(
    row: _Row, key: tuple[str, str], asked: set[tuple[str, str]], made: BlindSet
) -> Problem | None:
    if key in asked:
        return None
    recording_id, criterion = key
    mine = sorted(c for r, c in asked if r == recording_id)
    if not mine:
        return _problem(
            row,
            f"not a recording of {made.name}",
            "recording_id",
            did_you_mean(recording_id, [c.recording_id for c in made.calls]),
        )
    return _problem(
        row,
        f"the rubric of {recording_id} has no such criterion",
        "criterion",
        did_you_mean(criterion, mine) or ", ".join(mine),
    )


def _answer(row: _Row, key: tuple[str, str], worth: float | None) -> SheetAnswer | Problem | None:
    """The answer of a row; None of one that was left empty."""
    mark = row.cells["verdict"]
    points_text = row.cells.get("lost", "")
    note = row.cells.get("note", "")
    verdict = marks().get(mark.lower()) if mark else None
    if mark and verdict is None:
        allowed = "、".join(verdict_words("zh")[v] for v in ANSWERS)
        return _problem(row, "no such verdict", "verdict", allowed)
    if not mark and points_text:
        return _problem(row, "points without a verdict", "lost", "a verdict beside it, or nothing")
    if verdict is None:
        if not note:
            return None
        return SheetAnswer(recording_id=key[0], criterion=key[1], verdict=None, note=note)
    points = None
    if points_text:
        allowed = "0" if worth is None else f"0 to {worth:g}"
        try:
            points = float(points_text)
        except ValueError:
            return _problem(row, "the points lost are no number", "lost", allowed)
        if verdict is not Verdict.FAIL:
            if points != 0:
                return _problem(
                    row,
                    f"only {verdict_words('zh')[Verdict.FAIL]} costs points",
                    "lost",
                    "nothing or 0",
                )
            points = None
        elif not 0 <= points <= (worth or 0.0):
            return _problem(row, "cannot cost so much", "lost", allowed)
    return SheetAnswer(
        recording_id=key[0], criterion=key[1], verdict=verdict, points=points, note=note
    )


def _kept_bad(row: _Row, key: tuple[str, str], problem: Problem) -> SheetAnswer:
    """A bad row with what stood in it, so that nothing that somebody wrote is lost."""
    written = " | ".join(row.cells.get(c, "") for c in ("verdict", "lost"))
    return SheetAnswer(
        recording_id=key[0],
        criterion=key[1],
        verdict=None,
        note=row.cells.get("note", ""),
        written=written,
        problem=problem.message,
    )
