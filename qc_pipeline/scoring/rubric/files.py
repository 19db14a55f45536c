"""Rubrics on disk: the one file of this room that reads it."""

from __future__ import annotations

from pathlib import Path

from qc_pipeline.errors import InputError, Problem
from qc_pipeline.scoring.rubric.model import Rubric, RubricTest
from qc_pipeline.scoring.rubric.parse import Reading, parse_rubric, read_rubric_text, read_test_text

__all__ = ["check_rubric", "parse_rubric", "read_rubric", "read_rubrics", "read_tests"]


def read_rubric(path: Path) -> Rubric:
    """The rubric in a file; `rubric.sha256` is that of the file's bytes.

    Raises InputError with every problem as `path:line:column: …`.
    """
    return parse_rubric(_text(path), str(path))


def read_rubrics(*paths: Path) -> tuple[Rubric, ...]:
    """As `read_rubric`, of several files; the problems of all of them are told together."""
    rubrics: list[Rubric] = []
    problems: list[Problem] = []
    for path in paths:
        try:
            rubrics.append(read_rubric(path))
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    return tuple(rubrics)


def check_rubric(path: Path) -> Reading:
    """The rubric in a file, if it is one, with all errors and warnings.

    Tests in files beside it are checked too. A file that cannot be read is a problem like others.
    """
    try:
        reading = read_rubric_text(_text(path), str(path))
    except InputError as error:
        return Reading(None, error.problems)
    if reading.rubric is None:
        return reading
    problems = list(reading.problems)
    for other in files_of_tests(path, reading.rubric.rubric):
        try:
            read_test_text(_text(other), str(other), reading.rubric)
        except InputError as error:
            problems += error.problems
    failed = any(p.severity == "error" for p in problems)
    return Reading(None if failed else reading.rubric, tuple(problems))


def read_tests(path: Path, rubric: Rubric) -> tuple[RubricTest, ...]:
    """The rubric's own tests and those in `tests/<rubric id>*.yaml` beside its file, in order.

    Raises InputError with every problem of all these files.
    """
    tests = list(rubric.tests)
    problems: list[Problem] = []
    for other in files_of_tests(path, rubric.rubric):
        try:
            tests += read_test_text(_text(other), str(other), rubric)
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    return tuple(tests)


def files_of_tests(path: Path, rubric_id: str) -> tuple[Path, ...]:
    """Files with tests of a rubric, sorted by name.

    `tests/inbound-zh.yaml` begins with "inbound", too: where a rubric of the longer name lies
    beside this one, it is that one's.
    """
    others = {
        p.stem for p in path.parent.glob(f"{rubric_id}?*.yaml") if p.resolve() != path.resolve()
    }
    found = sorted((path.parent / "tests").glob(f"{rubric_id}*.yaml"))
    return tuple(f for f in found if not any(f.stem.startswith(name) for name in others))


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8")
    except FileNotFoundError:
        raise InputError([Problem(path=str(path), message="there is no such file")]) from None
    except IsADirectoryError:
        raise InputError([Problem(path=str(path), message="a folder, not a file")]) from None
    except PermissionError:
        raise InputError([Problem(path=str(path), message="the file may not be read")]) from None
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        message = "the file is not UTF-8"
        hint = "save it as UTF-8 (an editor may have saved it as GBK)"
        problem = Problem(path=str(path), line=line, message=message, hint=hint)
        raise InputError([problem]) from None
