"""What a user, a recording or the surroundings did wrong, said so that somebody can act on it.

A mistake in something a person wrote is never raised alone: problems are collected and raised
together as one `InputError`. A bug is not wrapped; it keeps its traceback (exit status 1).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from enum import IntEnum

from qc_pipeline.message import Message


class ExitCode(IntEnum):
    """Exit statuses of `qc`."""

    OK = 0
    BUG = 1
    BAD_INPUT = 2
    FINISHED_WITH_FAILURES = 3
    SURROUNDINGS_FAILED = 4
    LOCKED = 5
    INTERRUPTED = 130


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One mistake in one place of something a person wrote.

    `line` and `column` count from 1; for a table, `line` is the row number a spreadsheet shows
    (the header is row 1). `severity` is "error" or "warning"; warnings alone stop nothing.
    `meaning` says the same as `message` where a report tells it in the reader's language.
    """

    path: str
    message: str
    line: int | None = None
    column: int | None = None
    found: str | None = None
    allowed: str | None = None
    hint: str | None = None
    severity: str = "error"
    meaning: Message | None = None

    def sort_key(self) -> tuple[str, int, int, str]:
        return (self.path, self.line or 0, self.column or 0, self.message)

    def __str__(self) -> str:
        place = self.path
        if self.line is not None:
            place += f":{self.line}"
            if self.column is not None:
                place += f":{self.column}"
        text = f"{place}: {'warning: ' if self.severity == 'warning' else ''}{self.message}"
        if self.found is not None:
            text += f"; found {self.found}"
        if self.allowed is not None:
            text += f"; allowed: {self.allowed}"
        if self.hint is not None:
            text += f" – {self.hint}"
        return " ".join(text.split("\n"))


class QcError(Exception):
    """Base of every error that is somebody's or something's fault but not ours."""

    exit_code: ExitCode = ExitCode.BAD_INPUT


class InputError(QcError):
    """Bad input or usage; nothing was changed. Carries every problem found, sorted by place."""

    exit_code = ExitCode.BAD_INPUT

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = tuple(sorted(problems, key=Problem.sort_key))
        super().__init__("\n".join(str(p) for p in self.problems))


class UsageError(QcError):
    """A command was called in a way that cannot work; one sentence with what to do."""

    exit_code = ExitCode.BAD_INPUT


class PurgedError(UsageError):
    """What is asked for was purged; its sentence says when, and what is left."""


class RecordingError(QcError):
    """One recording cannot be used; the job lists it and goes on.

    `stage` is one of "find", "audio", "asr", "scoring"; `reason` is one of the kept messages.
    """

    exit_code = ExitCode.FINISHED_WITH_FAILURES

    def __init__(self, stage: str, reason: Message) -> None:
        self.stage = stage
        self.reason = reason
        super().__init__(f"{stage}: {reason.text}")


class SurroundingsError(QcError):
    """Disk, database or machine failed; what was finished is kept."""

    exit_code = ExitCode.SURROUNDINGS_FAILED


class LockedError(QcError):
    """Another run works in this workspace."""

    exit_code = ExitCode.LOCKED


def collect(*attempts: Iterable[Problem]) -> None:
    """Raise one `InputError` with the errors of all attempts, if there is any."""
    problems = [p for attempt in attempts for p in attempt]
    if any(p.severity == "error" for p in problems):
        raise InputError(problems)


def did_you_mean(found: str, allowed: Iterable[str]) -> str | None:
    """A hint such as `did you mean "budget_calls"?`, or None where nothing is near."""
    near = get_close_matches(found, list(allowed), n=1, cutoff=0.6)
    if not near:
        return None
    foreign = [c for c in found if not c.isascii()] if near[0].isascii() else []
    alike = f" ({', '.join(map(_named, foreign[:2]))} stands in it)" if foreign else ""
    return f'did you mean "{near[0]}"?{alike}'


def _named(char: str) -> str:
    """A character that may look like another one, by its name: Cyrillic а is no Latin a."""
    return unicodedata.name(char, f"U+{ord(char):04X}").lower()
