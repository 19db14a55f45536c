"""Options and ways of printing that every subcommand shares."""

from __future__ import annotations

import getpass
import json
import sys
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from qc_pipeline.errors import LockedError, UsageError

if TYPE_CHECKING:
    from qc_pipeline.config import Settings
    from qc_pipeline.people import Actor
    from qc_pipeline.store.record import Record

Folder = Annotated[
    Path, typer.Option("-C", "--workspace", metavar="DIR", help="The workspace; default: here.")
]
PeriodOption = Annotated[
    str | None,
    typer.Option(
        "--period",
        "-p",
        metavar="PERIOD",
        help="2026-W47, 2026-11 or 2026-11-16..2026-11-22; default: the list's last whole week.",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
As = Annotated[
    str | None,
    typer.Option("--as", metavar="NAME", help="Who acts; default: whose login it is."),
]
For = Annotated[
    str | None,
    typer.Option(
        "--for", metavar="PERSON", help="On whose behalf, as deputy or clerk; both are kept."
    ),
]
Unmasked = Annotated[
    bool,
    typer.Option(
        "--unmasked", help="Show numbers, addresses and names, for a role of [people]; audited."
    ),
]

PLAIN_LINE_EVERY_S = 3.0


def print_json(value: Any) -> None:
    print(json.dumps(value, ensure_ascii=False, indent=2))


def say(text: str) -> None:
    """A remark beside the result."""
    print(text, file=sys.stderr)


def parse_day(text: str | None, option: str) -> date | None:
    """A calendar day from an option; raises UsageError for anything else."""
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{option} takes a day such as 2026-11-16, not {text!r}") from None


def open_record(settings: Settings) -> Record:
    """The workspace's database, in the name of who runs the command."""
    from qc_pipeline.store.record import Record

    return Record(settings.store_url(), now=lambda: clock(), who=login())


def acting(
    settings: Settings,
    record: Record,
    name: str | None,
    on_behalf: str | None,
    *,
    may: Collection[str],
) -> Actor:
    """Who acts (`--as`, else the login's owner) and on whose behalf (`--for`).

    Every audit line of `record` names both from here on. Raises UsageError without the role.
    """
    from qc_pipeline.people import find_actor

    actor = find_actor(settings, name, login(), may=may, on_behalf=on_behalf)
    record.door.acts(
        actor.name,
        on_behalf_of=actor.on_behalf_of,
        capacity=actor.capacity,
        login_of=actor.login_of,
    )
    if actor.login_of is not None:
        told = f"note: the login {login()!r} is {actor.login_of}'s; the record keeps both names"
        print(told, file=sys.stderr)
    return actor


def clock() -> datetime:
    """The moment of an act: the only place where the command line asks what time it is."""
    return datetime.now(UTC)


def login() -> str:
    """The login of the one acting."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"


@contextmanager
def workspace_lock(root: Path) -> Iterator[None]:
    """One job at a time in a workspace; the lock goes with the process, however it ends.

    Raises LockedError (exit status 5) where another job holds it.
    """
    import fcntl

    path = root / ".qc.lock"
    with path.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise LockedError(f"another run works in {root}; wait for it to end") from None
        yield


class TerminalProgress:
    """Progress on stderr: one line that is rewritten at a terminal, a plain line now and then
    elsewhere. What went wrong is always a line of its own.
    """

    def __init__(self) -> None:
        self._live = sys.stderr.isatty()
        self._name = ""
        self._total = 0
        self._count = 0
        self._last = 0.0

    def stage(self, name: str, total: int) -> None:
        self._end_line()
        self._name, self._total, self._count = name, total, 0
        self._last = time.monotonic()

    def step(self, text: str) -> None:
        self._count += 1
        if ": failed (" in text:
            self.say(text)
            return
        now = time.monotonic()
        if self._live:
            line = f"{self._name} {self._count}/{self._total}  {text}"
            sys.stderr.write("\r\x1b[K" + line[:100])
            sys.stderr.flush()
        elif now - self._last >= PLAIN_LINE_EVERY_S:
            self._last = now
            print(f"{self._name} {self._count}/{self._total}", file=sys.stderr, flush=True)

    def say(self, text: str) -> None:
        self._end_line()
        print(text, file=sys.stderr, flush=True)

    def close(self) -> None:
        self._end_line()

    def _end_line(self) -> None:
        if self._live and self._count:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
