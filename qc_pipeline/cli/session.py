"""One call of the command line: who acts, on which record, under which lock."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Collection, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from qc_pipeline.cli.progress import TerminalProgress
from qc_pipeline.errors import UsageError
from qc_pipeline.system.locks import FolderLocks

if TYPE_CHECKING:
    from qc_pipeline.sampling.period import Period
    from qc_pipeline.store.record import Record
    from qc_pipeline.store.samples import KeptSample
    from qc_pipeline.store.transaction import Reads
    from qc_pipeline.workspace.open_workspace import Workspace
    from qc_pipeline.workspace.people import Actor
    from qc_pipeline.workspace.settings import Settings


@contextmanager
def job(
    folder: Path, period: str | None, *, listens: bool = False
) -> Iterator[tuple[Workspace, Record, Period]]:
    """A workspace opened, checked and locked, its record open, and the period of the command.

    Everything people wrote is read and checked before anything is written; with `listens`, the
    recogniser's model must be there, too.
    """
    from qc_pipeline.job.transcribe import check_model, choose_period, with_lengths
    from qc_pipeline.workspace.open_workspace import open_workspace

    workspace = open_workspace(folder)
    if listens:
        check_model(workspace)
    chosen = choose_period(workspace, period)
    if not chosen.whole:
        told = "the call list holds no whole week; the last week that has calls is taken"
        print(f"{chosen.name}: {told}", file=sys.stderr)
    for warning in workspace.calls.warnings:
        print(warning, file=sys.stderr)
    with workspace_lock(workspace.root):
        with TerminalProgress(workspace.settings.report.language) as progress:
            workspace = with_lengths(workspace, chosen, progress=progress)
        record = open_record(workspace.settings)
        try:
            yield workspace, record, chosen
        finally:
            record.close()


def reason_to_redraw(
    *, redraw: bool, reason: str | None, seed: str | None = None, tries: bool = False
) -> str | None:
    """The reason of a redraw, None without --redraw.

    A redraw and a chosen seed need a reason, unless nothing is kept (`tries`). Raises UsageError
    where one of them lacks it, or it stands alone, and where the record cannot hold one of them.
    """
    from qc_pipeline.sampling.sample import SEED_LONGEST

    for option, text in (("--reason", reason), ("--seed", seed)):
        if text is not None and not _is_unicode(text):
            raise UsageError(f"{option} holds bytes that are no UTF-8 text")
    if seed is not None and len(seed) > SEED_LONGEST:
        told = f"takes at most {SEED_LONGEST} characters, not {len(seed)}"
        raise UsageError(f"--seed {told}")
    given = bool((reason or "").strip())
    if redraw and not given:
        raise UsageError("--redraw needs --reason TEXT: it stands in the report")
    if seed is not None and not seed.strip():
        raise UsageError("--seed takes any text that is not empty")
    if seed is not None and not given and not tries:
        raise UsageError(
            "--seed needs --reason TEXT: a chosen seed chooses the calls, and stands in the report "
            "with its reason; without --seed it follows from plan and period"
        )
    if reason is not None and not redraw and seed is None:
        raise UsageError("--reason goes with --redraw or --seed")
    return reason if redraw else None


def _is_unicode(text: str) -> bool:
    """Whether a text of the command line can be written: bytes that are no UTF-8 stand in it as
    lone surrogates.
    """
    return not any("\ud800" <= char <= "\udfff" for char in text)


def drawn_period(record: Reads, period: Period) -> KeptSample:
    """The period's sample. Raises UsageError where it is not drawn yet."""
    from qc_pipeline.store.samples import kept_sample

    kept = kept_sample(record, period.name)
    if kept is None:
        raise UsageError(f"{period.name} is not drawn yet; `qc sample` draws it")
    return kept


@contextmanager
def opened(folder: Path) -> Iterator[tuple[Settings, Record]]:
    """Settings and record: all that judging again needs."""
    from qc_pipeline.workspace.settings import load_settings

    settings = load_settings(folder)
    record = open_record(settings)
    try:
        yield settings, record
    finally:
        record.close()


def open_record(settings: Settings) -> Record:
    """The workspace's database, in the name of who runs the command."""
    from qc_pipeline.store.audit_head import HEAD_FILE
    from qc_pipeline.store.record import Record

    head = settings.root / HEAD_FILE
    return Record(settings.store_url(), now=lambda: clock(), who=login(), head=head)


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
    from qc_pipeline.workspace.people import find_actor

    actor = find_actor(settings, name, login(), may=may, on_behalf=on_behalf)
    record.acts(
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


def workspace_lock(root: Path) -> AbstractContextManager[None]:
    """One job at a time in a workspace; the lock goes with the process, however it ends.

    Raises LockedError (exit status 5) where another job holds it.
    """
    return FolderLocks(root).hold()
