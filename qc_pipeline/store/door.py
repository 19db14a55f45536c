"""The open database: connections for reading and writing, and the audit line of every change."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from qc_pipeline.store import audit
from qc_pipeline.store.engine import READ_ONLY, database_errors, open_engine
from qc_pipeline.store.migrate import bring_up_to_date


class Door:
    """`now` gives the time of audit lines, `who` the person they name."""

    def __init__(self, url: str, *, now: Callable[[], datetime], who: str) -> None:
        self._now = now
        self._who = who
        with database_errors():
            self._engine = open_engine(url)
            bring_up_to_date(self._engine)

    def close(self) -> None:
        self._engine.dispose()

    @property
    def now(self) -> datetime:
        return self._now()

    @property
    def who(self) -> str:
        return self._who

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        with database_errors(), self._engine.connect() as connection:
            yield connection.execution_options(**{READ_ONLY: True})

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """One transaction: everything in it stands, or nothing."""
        with database_errors(), self._engine.begin() as connection:
            yield connection

    def alone(self, connection: sa.Connection) -> None:
        """Let nobody else decide until this transaction ends; reading goes on. SQLite's writing
        transactions are alone from their start.
        """
        if connection.dialect.name == "postgresql":
            connection.execute(sa.text("LOCK TABLE decisions IN EXCLUSIVE MODE"))

    def note(self, connection: sa.Connection, action: str, what: Mapping[str, Any]) -> None:
        """An audit line in the transaction of the act itself."""
        audit.append(connection, at=self._now(), who=self._who, action=action, what=what)
