"""The open record: the database of what the weekly job knows and keeps.

What is read and written stands in the modules beside this one, a capability each; this one gives
the connection. Nothing is written twice: writing what is already there changes nothing, so a second
run over the same things leaves the file as it was.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from qc_pipeline.store.audit_head import HeadFile
from qc_pipeline.store.connection import READ_ONLY, database_errors, open_engine, wipe
from qc_pipeline.store.migrate import bring_up_to_date
from qc_pipeline.store.transaction import ActingPerson, Reads, Snapshot, Transaction


class Record(Reads):
    """An open database. `now` gives the time of audit lines, `who` the login they name; `head` is
    the file outside the database that keeps the hash of the audit's last line.
    """

    def __init__(
        self, url: str, *, now: Callable[[], datetime], who: str, head: Path | None = None
    ) -> None:
        self._now = now
        self._head = None if head is None else HeadFile(head)
        self._acting = ActingPerson(who=who)
        with database_errors():
            self._engine = open_engine(url)
        with database_errors(self._engine):
            bring_up_to_date(self._engine, now=now)

    def close(self) -> None:
        self._engine.dispose()

    @property
    def now(self) -> datetime:
        return self._now()

    def acts(
        self,
        person: str,
        *,
        on_behalf_of: str | None = None,
        capacity: str | None = None,
        login_of: str | None = None,
    ) -> None:
        """Say who acts from now on: every audit line names them beside the login."""
        named = {"person": person, "for": on_behalf_of, "as": capacity, "login_of": login_of}
        known = {k: v for k, v in named.items() if v is not None}
        self._acting = ActingPerson(who=self._acting.who, named=known)

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        with database_errors(self._engine), self._engine.connect() as connection:
            yield connection.execution_options(**{READ_ONLY: True})

    @contextmanager
    def snapshot(self) -> Iterator[Snapshot]:
        """Reading the record as it stands now, whatever others write meanwhile."""
        options: dict[str, Any] = {READ_ONLY: True}
        if self._engine.dialect.name == "postgresql":
            options["isolation_level"] = "REPEATABLE READ"
        with database_errors(self._engine), self._engine.connect() as connection:
            yield Snapshot(connection.execution_options(**options), self._now)

    @contextmanager
    def transaction(self, *, alone: bool = False) -> Iterator[Transaction]:
        """One unit of work: everything in it stands, or nothing; `alone` as `Transaction.alone`."""
        with database_errors(self._engine), self._engine.begin() as connection:
            tx = self.joined(connection)
            if alone:
                tx.alone()
            yield tx
            tx.note_the_rest()
        if tx.has_noted:
            self._keep_head()

    def _keep_head(self) -> None:
        if self._head is not None:
            self._head.keep(self)

    def joined(self, connection: sa.Connection) -> Transaction:
        """The unit of work over a connection that somebody else begins and ends."""
        return Transaction(connection, self._now, self._acting)

    def tell(self, action: str, what: Mapping[str, Any], *, why: str = "") -> None:
        """An audit line of an act that writes nothing else: an export, a look at words."""
        with self.transaction() as tx:
            tx.note(action, what, why=why)

    def wipe(self) -> str | None:
        """Write the database anew, so that nothing purged is left in free pages or logs.

        Returns why that is not wholly done, None where it is.
        """
        with database_errors():
            return wipe(self._engine)
