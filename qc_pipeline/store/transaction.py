"""The unit of work: one connection that reads, checks, writes, notes the audit and takes the lock.

What reads the record takes `Reads`: the open record, which asks each question over a connection of
its own, a `Snapshot`, which asks all of them of the record as it stood when it began, or a
`Transaction`, which sees what it has written itself. What writes takes a `Transaction` and nothing
else, so that no act reads beside the transaction it writes in.
"""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from qc_pipeline.call import canonical_json
from qc_pipeline.store import audit_append, contents

DERIVED = frozenset({"contents", "scorecards", "findings", "audit"})
"""Tables whose rows have no hash in the audit line: a body stands under its own, a card's rows
follow from its body, and the chain of the audit is its own proof."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ActingPerson:
    """Who acts: the login, and what an audit line says beside it (person, on whose behalf, …)."""

    who: str
    named: Mapping[str, str] = field(default_factory=dict)

    @property
    def on_behalf_of(self) -> str | None:
        return self.named.get("for")


class Reads(ABC):
    """The record, as far as it can be read; `now` is the moment of an act."""

    @abstractmethod
    def reading(self) -> AbstractContextManager[sa.Connection]:
        """A connection to read over; what it gives must be fetched before it is left."""

    @property
    @abstractmethod
    def now(self) -> datetime: ...


class Snapshot(Reads):
    """The record as it stood when this began, whatever others have written since."""

    def __init__(self, connection: sa.Connection, clock: Callable[[], datetime]) -> None:
        self.connection = connection
        self._clock = clock

    @property
    def now(self) -> datetime:
        return self._clock()

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        yield self.connection


class Transaction(Snapshot):
    """Everything done in it stands, or nothing; see `Record.transaction`."""

    def __init__(
        self, connection: sa.Connection, clock: Callable[[], datetime], acting: ActingPerson
    ) -> None:
        super().__init__(connection, clock)
        self._acting = acting
        self._rows: dict[str, list[str]] = {}
        self._replaced: dict[str, list[str]] = {}
        self.has_noted = False

    @property
    def on_behalf_of(self) -> str | None:
        """On whose behalf this is done, where `Record.acts` said so."""
        return self._acting.on_behalf_of

    def alone(self) -> None:
        """Let nobody else decide until this transaction ends; reading goes on. SQLite's writing
        transactions are alone from their start.
        """
        if self.connection.dialect.name == "postgresql":
            self.connection.execute(sa.text("LOCK TABLE decisions IN EXCLUSIVE MODE"))

    def insert(self, table: sa.Table, **values: Any) -> Any:
        """Add a row; returns it as it stands, with the number it was given."""
        return self._kept(table, table.insert().values(**values))[0]

    def insert_once(self, table: sa.Table, **values: Any) -> None:
        """Add a row unless one with these values is there."""
        known = sa.select(table.c.seq).where(*(table.c[k] == v for k, v in values.items()))
        if self.connection.execute(known).first() is None:
            self.insert(table, **values)

    def insert_all(self, table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> None:
        """Add rows, in their order."""
        if rows:
            self._kept(table, table.insert(), rows)

    def update(
        self, table: sa.Table, *where: sa.ColumnElement[bool], **values: Any
    ) -> tuple[Any, ...]:
        """Change the rows that meet all conditions; returns them as they stand. The audit line of
        the act names them as they were, too.
        """
        if table.name not in DERIVED:
            former = self.connection.execute(sa.select(table).where(*where)).all()
            hashes = self._replaced.setdefault(table.name, [])
            hashes += sorted(row_hash(table, row) for row in former)
        return self._kept(table, table.update().where(*where).values(**values))

    def note(self, action: str, what: Mapping[str, Any], *, why: str = "") -> None:
        """An audit line of the act, with the hashes of the rows made or changed since the last.

        The chain can never be shortened, so a reason stands in it by its hash: the words lie in
        `contents`, where they can be purged.
        """
        body = {**self._acting.named, **what}
        if self._rows:
            body["hashes"] = {name: self._rows[name] for name in sorted(self._rows)}
            self._rows = {}
        replaced = {name: own for name, own in sorted(self._replaced.items()) if own}
        if replaced:
            body["replaced"] = replaced
            self._replaced = {}
        self.has_noted = True
        if why.strip():
            body["why"] = contents.put_text(self.connection, "reason", why)
        audit_append.append(
            self.connection, at=self.now, who=self._acting.who, action=action, what=body
        )

    def note_the_rest(self) -> None:
        """A line for rows that no line named yet, so that every row has one."""
        if self._rows or self._replaced:
            self.note("kept", {})

    def _kept(
        self,
        table: sa.Table,
        statement: sa.Insert | sa.Update,
        rows: Sequence[Mapping[str, Any]] | None = None,
    ) -> tuple[Any, ...]:
        given = self.connection.execute(statement.returning(*table.c), rows)
        kept = tuple(given.all())
        if table.name not in DERIVED:
            hashes = self._rows.setdefault(table.name, [])
            hashes += sorted(row_hash(table, row) for row in kept)
        return kept


def row_hash(table: sa.Table, row: Any) -> str:
    """Names a row as it stands: 128 bits of the sha256 over table, columns and values, in hex.

    The same on every database, and in a copy of the record, which keeps the numbers of rows.
    """
    values = {c.name: _plain(c, getattr(row, c.name)) for c in table.c}
    body = canonical_json({"table": table.name, "row": values})
    return hashlib.sha256(body.encode()).hexdigest()[:32]


def _plain(column: sa.Column[Any], value: Any) -> Any:
    """A value as it is read; a database may give back what was given it just now as it was given: 1
    for 1.0.
    """
    if value is not None and isinstance(column.type, sa.Float):
        return float(value)
    if value is not None and isinstance(column.type, sa.Boolean):
        return bool(value)
    if isinstance(value, (bytes, memoryview)):
        return hashlib.sha256(bytes(value)).hexdigest()
    return value
