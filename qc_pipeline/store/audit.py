"""The audit: who did what when, chained by hashes so that an edit by hand shows."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from qc_pipeline.call import canonical_json
from qc_pipeline.store.tables import audit

GENESIS = "0" * 64


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditLine:
    """One act. `previous` is the hash of the line before, `hash` covers everything else here."""

    seq: int
    at: str
    who: str
    action: str
    what: Mapping[str, Any]
    previous: str
    hash: str


def append(
    connection: sa.Connection, *, at: datetime, who: str, action: str, what: Mapping[str, Any]
) -> None:
    """Add a line in the transaction of the act itself: both stand, or neither."""
    if connection.dialect.name == "postgresql":
        connection.execute(sa.text("LOCK TABLE audit IN EXCLUSIVE MODE"))
    last = connection.execute(
        sa.select(audit.c.hash).order_by(audit.c.seq.desc()).limit(1)
    ).scalar_one_or_none()
    previous = last or GENESIS
    body = canonical_json(what)
    stamp = at.isoformat()
    connection.execute(
        audit.insert().values(
            at=stamp,
            who=who,
            action=action,
            what=body,
            previous=previous,
            hash=_hash(previous, stamp, who, action, body),
        )
    )


def lines(connection: sa.Connection) -> tuple[AuditLine, ...]:
    return tuple(
        AuditLine(**{**row, "what": json.loads(row["what"])})
        for row in connection.execute(sa.select(audit).order_by(audit.c.seq)).mappings()
    )


def first_break(connection: sa.Connection) -> int | None:
    """The `seq` of the first line that does not follow from the one before, None if all do."""
    previous = GENESIS
    for row in connection.execute(sa.select(audit).order_by(audit.c.seq)):
        expected = _hash(previous, row.at, row.who, row.action, row.what)
        if row.previous != previous or row.hash != expected:
            return int(row.seq)
        previous = row.hash
    return None


def _hash(previous: str, at: str, who: str, action: str, what: str) -> str:
    parts = canonical_json([previous, at, who, action, what])
    return hashlib.sha256(parts.encode()).hexdigest()
