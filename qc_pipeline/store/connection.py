"""The connection: SQLite with WAL and immediate transactions, PostgreSQL by URL."""

from __future__ import annotations

import functools
import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from qc_pipeline.errors import SurroundingsError, UsageError

BUSY_TIMEOUT_MS = 30_000
READ_ONLY = "qc_read_only"


def open_engine(url: str) -> sa.Engine:
    """An engine for `url`; the folder of an SQLite file must exist.

    Raises UsageError for a URL that is not one, or whose driver is not installed.
    """
    try:
        parsed = sa.engine.make_url(url)
        if parsed.drivername in ("postgresql", "postgres"):
            parsed = parsed.set(drivername="postgresql+psycopg")
        engine = sa.create_engine(parsed)
    except sa.exc.ArgumentError:
        raise UsageError(
            f"[store] url is not a database address: {url!r}; "
            "allowed: sqlite:///FILE or postgresql://USER@HOST/NAME"
        ) from None
    except ModuleNotFoundError as error:
        raise UsageError(
            f"[store] url needs the Python package {error.name!r}: "
            "pip install 'qc-pipeline[postgres]'"
        ) from None
    if engine.dialect.name == "sqlite":
        engine.dialect, compiled = _sqlite_dialect()
        engine.update_execution_options(compiled_cache=compiled)
        _prepare_sqlite(engine)
    return engine


@functools.cache
def _sqlite_dialect() -> tuple[sa.Dialect, dict[Any, Any]]:
    """One dialect for all SQLite files, and what it made of each statement.

    Writing a statement out takes longer than SQLite takes to answer it, and an engine forgets with
    its file. Statements are kept by the dialect they are for, and it is the same for every file.
    """
    engine = sa.create_engine("sqlite://")
    engine.connect().close()  # the first connection tells a dialect what the library can do
    return engine.dialect, {}


def _prepare_sqlite(engine: sa.Engine) -> None:
    database = engine.url.database
    if database and database != ":memory:" and not Path(database).parent.is_dir():
        raise SurroundingsError(f"the folder of the database is not there: {Path(database).parent}")

    @sa.event.listens_for(engine, "connect")
    def _connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
        _with_log(cursor)
        cursor.execute("PRAGMA synchronous = FULL")
        cursor.execute("PRAGMA foreign_keys = ON")
        # What a purge frees is overwritten at once, not only when the page is used again.
        cursor.execute("PRAGMA secure_delete = ON")
        cursor.close()

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        reading = connection.get_execution_options().get(READ_ONLY, False)
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


def _with_log(cursor: Any) -> None:
    """Turn to a write-ahead log. SQLite waits for nobody there: of several that open a file that
    has none yet, all but one try again, as long as they wait anywhere else.
    """
    until = time.monotonic() + BUSY_TIMEOUT_MS / 1000
    while True:
        try:
            cursor.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > until:
                raise
            time.sleep(0.01)
        else:
            return


def wipe(engine: sa.Engine) -> str | None:
    """Rewrite what the database lies in; returns what could not be wiped, None where all was.

    SQLite: the whole file, then the write-ahead log is emptied. PostgreSQL: the tables that lose
    words; its own write-ahead log and backups are for its administrator.
    """
    engine.dispose()
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            for name in WIPED:
                connection.execute(sa.text(f"VACUUM (FULL) {name}"))
        return None
    raw = engine.raw_connection()
    try:
        cursor = raw.cursor()
        cursor.execute("VACUUM")
        busy, _, _ = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        cursor.close()
    finally:
        raw.close()
    engine.dispose()
    if busy:
        return "another program has the database open, so its log could not be emptied"
    return None


WIPED = ("contents", "outcomes", "transcriptions")
"""Tables that a purge takes something from."""


LITTLE_KB = 1024
"""With less than this free, what the database complains of is told with it."""


@contextmanager
def database_errors(engine: sa.Engine | None = None) -> Iterator[None]:
    """Turn what the database or its disk does to us into one sentence (exit status 4)."""
    try:
        yield
    except (sa.exc.OperationalError, sa.exc.InterfaceError) as error:
        first = str(error.orig).strip().splitlines()[0] if error.orig else str(error)
        full = _full_disk(engine)
        raise SurroundingsError(f"the database cannot be used: {first}{full}") from error
    except sa.exc.DatabaseError as error:
        if isinstance(error, (sa.exc.IntegrityError, sa.exc.ProgrammingError, sa.exc.DataError)):
            raise
        first = str(error.orig).strip().splitlines()[0] if error.orig else str(error)
        raise SurroundingsError(f"the database is damaged or not one: {first}") from error


def _full_disk(engine: sa.Engine | None) -> str:
    """That the disk of an SQLite file has next to nothing left; SQLite itself says many things."""
    if engine is None or engine.dialect.name != "sqlite" or not engine.url.database:
        return ""
    try:
        free_kb = shutil.disk_usage(Path(engine.url.database).parent).free // 1024
    except OSError:
        return ""
    return f"; its disk has {free_kb} KB free" if free_kb < LITTLE_KB else ""
