"""What can be made anew, kept so that it need not be: `.qc/cache.db` in the workspace.

Never part of the record and never backed up: it holds hashes and figures, no words. Losing it costs
time and nothing else; where it cannot be read or written, everything is simply made anew.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from qc_pipeline.store.in_parts import in_parts

VERSION = 1
"""Of the file's layout; a cache of another version begins anew."""
PLACE = Path(".qc") / "cache.db"
BUSY_S = 2.0


class Cache:
    """Values by kind and key; `Cache(None)` remembers for as long as it lives."""

    def __init__(self, root: Path | None) -> None:
        self._path = None if root is None else root / PLACE
        self._connection: sqlite3.Connection | None = None
        self._known: dict[tuple[str, str], Any] = {}

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def get(self, kind: str, keys: Iterable[str], of: type = object) -> Mapping[str, Any]:
        """The values of this type under these keys; those of which none is kept are left out."""
        wanted = sorted(set(keys))
        missing = [k for k in wanted if (kind, k) not in self._known]
        for part in in_parts(missing):
            self._read(kind, part)
        found = {k: self._known[kind, k] for k in wanted if (kind, k) in self._known}
        return {k: v for k, v in found.items() if isinstance(v, of)}

    def put(self, kind: str, values: Mapping[str, Any]) -> None:
        """Keep values (JSON) under their keys, in place of what was there."""
        new = {k: v for k, v in values.items() if self._known.get((kind, k)) != v}
        self._known |= {(kind, k): v for k, v in new.items()}
        connection = self._opened(make=True) if new else None
        if connection is None:
            return
        rows = [(kind, k, json.dumps(v)) for k, v in sorted(new.items())]
        with suppress(sqlite3.Error), connection:
            connection.executemany("INSERT OR REPLACE INTO kept VALUES (?, ?, ?)", rows)

    def _read(self, kind: str, keys: list[str]) -> None:
        connection = self._opened(make=False)
        if connection is None:
            return
        marks = ",".join("?" * len(keys))
        query = f"SELECT key, value FROM kept WHERE kind = ? AND key IN ({marks})"  # noqa: S608 # nosec B608
        with suppress(sqlite3.Error, ValueError):
            for key, value in connection.execute(query, (kind, *keys)):
                self._known[kind, key] = json.loads(value)

    def _opened(self, *, make: bool) -> sqlite3.Connection | None:
        """The connection, where the file is there or is to be made."""
        if self._connection is None and self._path is not None:
            try:
                if make or self._path.exists():  # which raises where the folder may not be read
                    self._connection = _open(self._path)
            except (OSError, sqlite3.Error):
                self._path = None
        return self._connection


def _open(path: Path) -> sqlite3.Connection:
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        return _ready(path)
    except sqlite3.DatabaseError:
        path.unlink(missing_ok=True)  # damaged: what it held can be made anew
        return _ready(path)


def _ready(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=BUSY_S, check_same_thread=False)
    try:
        connection.execute("PRAGMA synchronous = OFF")
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        with connection:
            if version != VERSION:
                connection.execute("DROP TABLE IF EXISTS kept")
                connection.execute(f"PRAGMA user_version = {VERSION}")
            connection.execute(
                "CREATE TABLE IF NOT EXISTS kept "
                "(kind TEXT, key TEXT, value TEXT, PRIMARY KEY (kind, key)) WITHOUT ROWID"
            )
    except BaseException:
        connection.close()
        raise
    return connection
