"""The whole record copied to another database: every table in order, checked row by row."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from qc_pipeline.call import canonical_json
from qc_pipeline.errors import SurroundingsError, UsageError
from qc_pipeline.store import contents
from qc_pipeline.store.audit_trail import audit_breaks, audit_lines
from qc_pipeline.store.connection import database_errors, open_engine
from qc_pipeline.store.migrate import bring_up_to_date
from qc_pipeline.store.record import Record
from qc_pipeline.store.tables import metadata
from qc_pipeline.store.transaction import Reads

BATCH = 500
"""Rows that go over at once; 14 columns of 500 rows stay below PostgreSQL's 65,535 values."""

ACTION = "store.copy"


@dataclass(frozen=True, slots=True, kw_only=True)
class Copied:
    """How many rows of each table went over, and the last hash of the audit's chain there."""

    rows: Mapping[str, int]
    head: str | None


def shown_url(url: str) -> str:
    """A database address without its password. Raises UsageError for what is none."""
    try:
        return sa.engine.make_url(url).render_as_string(hide_password=True)
    except sa.exc.ArgumentError:
        raise UsageError(
            f"not a database address: {url!r}; allowed: sqlite:///FILE or postgresql://USER@HOST/NAME"
        ) from None


def copy_record(
    record: Record, source: str, target: str, *, step: Callable[[str, int], None]
) -> Copied:
    """Copy everything of an open record to an empty database; all of it or nothing.

    `step` is told each table and its rows. Raises UsageError where the target is the source or
    not empty, SurroundingsError where a table there is not what it is here or the copy's hashes
    do not verify.
    """
    here, there = shown_url(source), shown_url(target)
    if here == there:
        raise UsageError("that is the record's own database; name another one")
    with database_errors():
        engine = open_engine(target)
        try:
            bring_up_to_date(engine)
            with engine.begin() as copy:
                _refuse_filled(copy, there)
            # Before it, so that both know it: what lies outside names the same line in either.
            record.tell(ACTION, {"to": there})
            with record.snapshot() as here_now, engine.begin() as copy:
                original = here_now.connection
                rows = {t.name: _copy(t, original, copy, step) for t in metadata.sorted_tables}
                _verify(original, copy, record.joined(copy))
                _go_on_counting(copy)
                # The line in the copy says where it came from; the one here, where it went.
                record.joined(copy).note(ACTION, {"from": here, "rows": sum(rows.values())})
            with engine.connect() as copy:
                head = audit_lines(record.joined(copy))[-1].hash
        except (sa.exc.DataError, sa.exc.IntegrityError) as error:
            first = str(error.orig).strip().splitlines()[0]
            raise SurroundingsError(f"{there} does not take a row of the record: {first}") from None
        finally:
            engine.dispose()
    return Copied(rows=rows, head=head)


def _refuse_filled(copy: sa.Connection, there: str) -> None:
    for table in metadata.sorted_tables:
        if copy.execute(sa.select(sa.literal(1)).select_from(table).limit(1)).first() is not None:
            raise UsageError(
                f"{there} is not empty (table {table.name}): a record is only copied to an empty "
                "database, nothing was changed"
            )


def _copy(
    table: sa.Table,
    original: sa.Connection,
    copy: sa.Connection,
    step: Callable[[str, int], None],
) -> int:
    count = 0
    for batch in _batches(original, table):
        copy.execute(table.insert(), batch)
        count += len(batch)
    step(table.name, count)
    return count


def _batches(connection: sa.Connection, table: sa.Table) -> Iterator[list[dict[str, Any]]]:
    query = sa.select(table).order_by(*table.primary_key.columns)
    for part in connection.execute(query).mappings().partitions(BATCH):
        yield [dict(row) for row in part]


def _verify(original: sa.Connection, copy: sa.Connection, copied: Reads) -> None:
    wrong = [
        table.name
        for table in metadata.sorted_tables
        if _digest(original, table) != _digest(copy, table)
    ]
    if wrong:
        raise SurroundingsError(f"the copy differs in {', '.join(wrong)}; nothing was kept of it")
    faults = [*contents.changed(copy), *(str(b) for b in audit_breaks(copied))]
    if faults:
        raise SurroundingsError(
            f"the record does not verify ({faults[0]}); `qc doctor` and `qc audit` say more, "
            "nothing was kept of the copy"
        )


def _digest(connection: sa.Connection, table: sa.Table) -> str:
    """A hash over all rows, in an order that does not hang on how a database sorts text."""
    rows = sorted(
        canonical_json([_plain(v) for v in row.values()])
        for batch in _batches(connection, table)
        for row in batch
    )
    return hashlib.sha256("\n".join(rows).encode()).hexdigest()


def _plain(value: Any) -> Any:
    return bytes(value).hex() if isinstance(value, (bytes, memoryview)) else value


def _go_on_counting(copy: sa.Connection) -> None:
    """PostgreSQL counts `seq` by itself: the next row comes after those that brought their own."""
    if copy.dialect.name != "postgresql":
        return
    for table in metadata.sorted_tables:
        if "seq" in table.primary_key.columns:
            last = copy.execute(sa.select(sa.func.max(table.c.seq))).scalar_one()
            if last is not None:
                sequence = sa.func.pg_get_serial_sequence(table.name, "seq")
                copy.execute(sa.select(sa.func.setval(sequence, last)))
