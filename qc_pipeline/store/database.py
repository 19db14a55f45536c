"""The open database: connections for reading and writing, and the audit line of every change."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from qc_pipeline.store import audit, contents
from qc_pipeline.store.engine import READ_ONLY, database_errors, open_engine, wipe
from qc_pipeline.store.migrate import bring_up_to_date


class Door:
    """`now` gives the time of audit lines, `who` the person they name."""

    def __init__(self, url: str, *, now: Callable[[], datetime], who: str) -> None:
        self._now = now
        self._who = who
        self._acting: dict[str, str] = {}
        with database_errors():
            self._engine = open_engine(url)
        with database_errors(self._engine):
            bring_up_to_date(self._engine)

    def close(self) -> None:
        self._engine.dispose()

    @property
    def now(self) -> datetime:
        return self._now()

    @property
    def who(self) -> str:
        return self._who

    @property
    def on_behalf_of(self) -> str | None:
        """On whose behalf the acts of this open database are, where `acts` said so."""
        return self._acting.get("for")

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
        self._acting = {k: v for k, v in named.items() if v is not None}

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        with database_errors(self._engine), self._engine.connect() as connection:
            yield connection.execution_options(**{READ_ONLY: True})

    @contextmanager
    def snapshot(self) -> Iterator[sa.Connection]:
        """Reading the record as it stands now, whatever others write meanwhile."""
        options: dict[str, Any] = {READ_ONLY: True}
        if self._engine.dialect.name == "postgresql":
            options["isolation_level"] = "REPEATABLE READ"
        with database_errors(), self._engine.connect() as connection:
            yield connection.execution_options(**options)

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """One transaction: everything in it stands, or nothing."""
        with database_errors(self._engine), self._engine.begin() as connection:
            yield connection

    def wipe(self) -> str | None:
        """Write the database anew, so that nothing purged is left in free pages or logs.

        Returns why that is not wholly done, None where it is.
        """
        with database_errors():
            return wipe(self._engine)

    def alone(self, connection: sa.Connection) -> None:
        """Let nobody else decide until this transaction ends; reading goes on. SQLite's writing
        transactions are alone from their start.
        """
        if connection.dialect.name == "postgresql":
            connection.execute(sa.text("LOCK TABLE decisions IN EXCLUSIVE MODE"))

    def note(
        self, connection: sa.Connection, action: str, what: Mapping[str, Any], *, why: str = ""
    ) -> None:
        """An audit line in the transaction of the act itself.

        The chain can never be shortened, so a reason stands in it by its hash: the words lie in
        `contents`, where they can be purged.
        """
        body = {**self._acting, **what}
        if why.strip():
            body["why"] = contents.put_text(connection, "reason", why)
        audit.append(connection, at=self._now(), who=self._who, action=action, what=body)

    def tell(self, action: str, what: Mapping[str, Any], *, why: str = "") -> None:
        """An audit line of an act that writes nothing else: an export, a look at words."""
        with self.writing() as connection:
            self.note(connection, action, what, why=why)
