"""Bodies under their hash: written once, read back, purged but never changed."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import sqlalchemy as sa

from qc_pipeline.call import canonical_json
from qc_pipeline.errors import UsageError
from qc_pipeline.store.tables import contents


def put_text(connection: sa.Connection, kind: str, body: str) -> str:
    """Keep `body` under the sha256 of its UTF-8 bytes, which is returned."""
    sha256 = hashlib.sha256(body.encode()).hexdigest()
    known = connection.execute(
        sa.select(contents.c.sha256).where(contents.c.sha256 == sha256)
    ).first()
    if known is None:
        connection.execute(contents.insert().values(sha256=sha256, kind=kind, body=body))
    return sha256


def put_json(connection: sa.Connection, kind: str, value: Any) -> str:
    return put_text(connection, kind, canonical_json(value))


def get_text(connection: sa.Connection, sha256: str) -> str:
    """The body under a hash. Raises UsageError where it was purged, KeyError where none is."""
    row = connection.execute(
        sa.select(contents.c.body, contents.c.purged_at).where(contents.c.sha256 == sha256)
    ).first()
    if row is None:
        raise KeyError(sha256)
    if row.body is None:
        raise UsageError(f"the words were purged on {row.purged_at}; scores and hashes remain")
    return str(row.body)


def words_of(connection: sa.Connection, sha256: str) -> str:
    """A text somebody wrote, as get_text; of a purged one, that it was."""
    try:
        return get_text(connection, sha256)
    except UsageError as error:
        return f"({error})"


def get_json(connection: sa.Connection, sha256: str) -> Any:
    return json.loads(get_text(connection, sha256))


def changed(connection: sa.Connection) -> list[str]:
    """Bodies that no longer have the hash they are kept under, a sentence each."""
    rows = connection.execute(
        sa.select(contents.c.sha256, contents.c.kind, contents.c.body)
        .where(contents.c.body.is_not(None))
        .order_by(contents.c.sha256)
    )
    return [
        f"a {row.kind} was changed by hand (kept under {row.sha256[:12]})"
        for row in rows
        if hashlib.sha256(row.body.encode()).hexdigest() != row.sha256
    ]
