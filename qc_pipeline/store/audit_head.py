"""The hash of the audit's last line, in a file outside the database: lines that are taken away at
the end, a chain that is written anew, and another database in the old one's place show by it.
"""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from qc_pipeline.store.tables import audit
from qc_pipeline.system.files import write_text

if TYPE_CHECKING:
    from qc_pipeline.store.transaction import Reads

HEAD_FILE = "audit.head"
FORMAT = "qc-audit-head/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditHead:
    """A line of the audit by its number and hash."""

    seq: int
    hash: str

    def as_json(self) -> dict[str, Any]:
        return {"seq": self.seq, "hash": self.hash}


class HeadFile:
    """The file of a workspace. What it names and the database does not have is never overwritten:
    it is the proof.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> AuditHead | None:
        """What it names; None where there is no such file. Raises ValueError for another text."""
        try:
            text = self._path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return None
        body = json.loads(text)
        return AuditHead(seq=int(body["seq"]), hash=str(body["hash"]))

    def keep(self, reads: Reads) -> None:
        """Name the last line, where the one named so far is in the chain. A workspace that cannot
        be written to keeps the former.
        """
        try:
            former = self.read()
        except (ValueError, KeyError, TypeError):
            return
        last = last_line(reads)
        if last is None or (former is not None and not has_line(reads, former)):
            return
        if former is None or last.seq > former.seq:
            with suppress(OSError):
                write_text(self._path, json.dumps({"format": FORMAT, **last.as_json()}) + "\n")


def last_line(reads: Reads) -> AuditHead | None:
    """The audit's last line; None where there is none."""
    query = sa.select(audit.c.seq, audit.c.hash).order_by(audit.c.seq.desc()).limit(1)
    with reads.reading() as connection:
        row = connection.execute(query).first()
    return None if row is None else AuditHead(seq=row.seq, hash=row.hash)


def has_line(reads: Reads, head: AuditHead) -> bool:
    """Whether the audit has a line of this number and hash."""
    query = sa.select(audit.c.hash).where(audit.c.seq == head.seq)
    with reads.reading() as connection:
        return connection.execute(query).scalar_one_or_none() == head.hash
