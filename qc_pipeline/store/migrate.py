"""Bringing a database to this version's tables, and refusing one that is newer."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from qc_pipeline.errors import UsageError

if TYPE_CHECKING:
    from alembic.config import Config

HEAD = "0005"
KNOWN = ("0001", "0002", "0003", "0004", "0005")
MIGRATIONS = Path(__file__).parent / "migrations"


def bring_up_to_date(engine: sa.Engine) -> None:
    """Create or migrate the tables.

    An older SQLite file is copied to `<file>.before-<revision>` first. Raises UsageError for a
    database written by a newer version.
    """
    with engine.connect() as connection:
        revision = _revision(connection)
    if revision == HEAD:
        return
    if revision is not None and revision not in KNOWN:
        raise UsageError(
            f"the database is of a newer version (revision {revision}, this program knows up to "
            f"{HEAD}): install the newer qc-pipeline, or name another [store] url"
        )
    if revision is not None and engine.dialect.name == "sqlite" and engine.url.database:
        _copy(Path(engine.url.database), revision)
    from alembic import command

    with engine.begin() as connection:
        command.upgrade(_config(connection), "head")


def _revision(connection: sa.Connection) -> str | None:
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    row = connection.execute(sa.text("SELECT version_num FROM alembic_version")).first()
    return None if row is None else str(row[0])


def _copy(file: Path, revision: str) -> None:
    """A whole copy, what is still in the write-ahead log included."""
    target = file.with_name(f"{file.name}.before-{HEAD}-{revision}")
    with closing(sqlite3.connect(file)) as old, closing(sqlite3.connect(target)) as copy:
        old.backup(copy)


def _config(connection: sa.Connection) -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config
