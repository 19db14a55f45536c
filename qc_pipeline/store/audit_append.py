"""The audit's chain: a line of who did what when, with the hash of the line before."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from qc_pipeline.call import canonical_json
from qc_pipeline.store.tables import audit

GENESIS = "0" * 64


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
            hash=line_hash(previous, stamp, who, action, body),
        )
    )


def line_hash(previous: str, at: str, who: str, action: str, what: str) -> str:
    """The hash of a line: over the hash of the line before and all that it says."""
    parts = canonical_json([previous, at, who, action, what])
    return hashlib.sha256(parts.encode()).hexdigest()
