"""Bringing a database to this version's tables, and refusing one that is newer."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from qc_pipeline.errors import SurroundingsError, UsageError
from qc_pipeline.store.connection import database_errors, open_engine

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATIONS = Path(__file__).parent / "migrations"
KNOWN = tuple(sorted(p.name[:4] for p in (MIGRATIONS / "versions").glob("[0-9]*.py")))
HEAD = KNOWN[-1]
BASELINE_SINCE = "0013"
"""The revision that proves every row: an older record is given a baseline on its way there."""
ONE_AT_A_TIME = 7_262_011
"""The key of PostgreSQL's advisory lock: of two that open an old database one migrates it."""


def _this_moment() -> datetime:
    return datetime.now(UTC)


def bring_up_to_date(engine: sa.Engine, *, now: Callable[[], datetime] = _this_moment) -> None:
    """Create or migrate the tables; `now` dates the line of the audit that tells of it.

    An older SQLite file is copied to `<file>.before-<new revision>-<its revision>` first. Raises
    UsageError for a database written by a newer version, SurroundingsError where it cannot be
    copied; then it is as it was.
    """
    with engine.connect() as connection:
        revision = _revision(connection)
    if revision == HEAD:
        return
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(sa.text(f"SELECT pg_advisory_xact_lock({ONE_AT_A_TIME})"))
        revision = _revision(connection)
        if revision == HEAD:
            return
        if revision is not None and revision not in KNOWN:
            raise UsageError(
                f"the database is of a newer version (revision {revision}, this program knows up "
                f"to {HEAD}): install the newer qc-pipeline, or name another [store] url"
            )
        if revision is not None and engine.dialect.name == "sqlite" and engine.url.database:
            _copy(Path(engine.url.database), revision)
        from alembic import command

        command.upgrade(_config(connection), "head")
        if revision is not None and revision < BASELINE_SINCE:
            from qc_pipeline.store.replay import add_baseline

            add_baseline(connection, now())


def kept_revision(url: str) -> str | None:
    """The revision of a database as it lies there, untouched; None where there is none yet.

    Raises SurroundingsError where it cannot be looked at.
    """
    with database_errors():
        engine = open_engine(url)
        file = engine.url.database if engine.dialect.name == "sqlite" else None
        if file and not Path(file).exists():
            return None
        try:
            with engine.connect() as connection:
                return _revision(connection)
        finally:
            engine.dispose()


def _revision(connection: sa.Connection) -> str | None:
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    row = connection.execute(sa.text("SELECT version_num FROM alembic_version")).first()
    return None if row is None else str(row[0])


def _copy(file: Path, revision: str) -> None:
    """A whole copy, what is still in the write-ahead log included; whole or not there."""
    target = file.with_name(f"{file.name}.before-{HEAD}-{revision}")
    part = target.with_name(target.name + ".part")
    try:
        part.unlink(missing_ok=True)
        with closing(sqlite3.connect(file)) as old, closing(sqlite3.connect(part)) as copy:
            old.backup(copy)
        part.replace(target)
    except (sqlite3.Error, OSError) as error:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise SurroundingsError(
            f"the database is of an older version and cannot be copied before it is brought up "
            f"to date: {error}"
        ) from error


def _config(connection: sa.Connection) -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config
