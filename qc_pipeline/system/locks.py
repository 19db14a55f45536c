"""Locks that keep two runs apart, behind an interface that a database can serve, too."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Protocol

from qc_pipeline.errors import LockedError


class Locks(Protocol):
    """Named locks, each held by one at a time.

    `FolderLocks` keep the runs of one workspace apart. Several machines that work on one record
    need locks that the database holds (PostgreSQL: advisory locks, by period).
    """

    def hold(self, name: str) -> AbstractContextManager[None]:
        """Hold a lock; it goes with the process, however that ends.

        Raises LockedError (exit status 5) at once where another holds it.
        """


class FolderLocks:
    """Locks of a folder, as the system's locks on files in it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @contextmanager
    def hold(self, name: str = "") -> Iterator[None]:
        """Hold the folder's own lock ("") or a named one; see `Locks.hold`."""
        from filelock import FileLock, Timeout

        file = f".qc.{name}.lock" if name else ".qc.lock"
        lock = FileLock(self._folder / file)
        try:
            lock.acquire(blocking=False)
        except Timeout:
            raise LockedError(f"another run works in {self._folder}; wait for it to end") from None
        try:
            yield
        finally:
            lock.release()
