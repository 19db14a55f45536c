"""The audit as it is read: who did what when, and whether an edit by hand shows."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from qc_pipeline.errors import UsageError
from qc_pipeline.store import contents
from qc_pipeline.store.audit_append import GENESIS, line_hash
from qc_pipeline.store.tables import audit
from qc_pipeline.store.transaction import Reads


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


def audit_lines(reads: Reads) -> tuple[AuditLine, ...]:
    """All lines, in order."""
    found = []
    with reads.reading() as connection:
        rows = connection.execute(sa.select(audit).order_by(audit.c.seq)).mappings().all()
        for row in rows:
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


def audit_breaks(reads: Reads) -> tuple[Break, ...]:
    """Every line at which the chain does not hold, in order."""
    found: list[Break] = []
    previous = GENESIS
    with reads.reading() as connection:
        rows = connection.execute(sa.select(audit).order_by(audit.c.seq)).all()
    for row in rows:
        if row.hash != line_hash(row.previous, row.at, row.who, row.action, row.what):
            found.append(Break(seq=int(row.seq), changed=True))
        elif row.previous != previous:
            found.append(Break(seq=int(row.seq), changed=False))
        previous = row.hash
    return tuple(found)


def audit_break(reads: Reads) -> int | None:
    """The first line at which the audit's chain does not hold; None where it is whole."""
    return next((b.seq for b in audit_breaks(reads)), None)
