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
from qc_pipeline.errors import UsageError
from qc_pipeline.store import contents
from qc_pipeline.store.tables import audit

GENESIS = "0" * 64


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditLine:
    """One act. `previous` is the hash of the line before, `hash` covers everything else but `why`:
    the reason whose hash stands in `what`, None where there is none, or a sentence where its words
    were purged.
    """

    seq: int
    at: str
    who: str
    action: str
    what: Mapping[str, Any]
    previous: str
    hash: str
    why: str | None = None

    @property
    def people(self) -> tuple[str, ...]:
        """Every name of the one acting: login, name, and on whose behalf."""
        named = (self.who, self.what.get("person"), self.what.get("for"))
        return tuple(str(n) for n in named if n)


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
    found = []
    for row in connection.execute(sa.select(audit).order_by(audit.c.seq)).mappings():
        what = json.loads(row["what"])
        why = _words(connection, what.get("why"))
        found.append(AuditLine(**{**row, "what": what, "why": why}))
    return tuple(found)


def _words(connection: sa.Connection, sha256: str | None) -> str | None:
    if sha256 is None:
        return None
    try:
        return contents.get_text(connection, sha256)
    except UsageError as error:
        return f"({error})"
    except KeyError:
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Break:
    """A line at which the chain does not hold. `changed`: the line itself no longer has its hash;
    else it does not follow from the line before, so that lines are missing there or were replaced.
    """

    seq: int
    changed: bool

    def __str__(self) -> str:
        if self.changed:
            return f"line {self.seq} was changed by hand"
        return f"line {self.seq} does not follow from the line before: lines are missing there"


def breaks(connection: sa.Connection) -> tuple[Break, ...]:
    """Every line at which the chain does not hold, in order."""
    found: list[Break] = []
    previous = GENESIS
    for row in connection.execute(sa.select(audit).order_by(audit.c.seq)):
        if row.hash != _hash(row.previous, row.at, row.who, row.action, row.what):
            found.append(Break(seq=int(row.seq), changed=True))
        elif row.previous != previous:
            found.append(Break(seq=int(row.seq), changed=False))
        previous = row.hash
    return tuple(found)


def _hash(previous: str, at: str, who: str, action: str, what: str) -> str:
    parts = canonical_json([previous, at, who, action, what])
    return hashlib.sha256(parts.encode()).hexdigest()
