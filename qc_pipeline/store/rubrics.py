"""Rubrics, kept whole under the hash of their file's bytes."""

from __future__ import annotations

import sqlalchemy as sa

from qc_pipeline.store import contents
from qc_pipeline.store.tables import rubrics
from qc_pipeline.store.transaction import Reads, Transaction


def keep_rubric(tx: Transaction, *, source: str, rubric_id: str, version: str) -> str:
    """Keep a rubric whole; returns its hash, which is that of the file's bytes."""
    sha256 = contents.put_text(tx.connection, "rubric", source)
    known = tx.connection.execute(sa.select(rubrics.c.sha256).where(rubrics.c.sha256 == sha256))
    if known.first() is None:
        tx.insert(rubrics, sha256=sha256, rubric_id=rubric_id, version=version)
        what = {"rubric": rubric_id, "version": version, "sha256": sha256}
        tx.note("rubric.keep", what)
    return sha256


def kept_rubrics(reads: Reads, prefix: str) -> tuple[tuple[str, str], ...]:
    """(hash, source) of kept rubrics whose hash starts so."""
    with reads.reading() as connection:
        rows = connection.execute(
            sa.select(rubrics.c.sha256)
            .where(rubrics.c.sha256.startswith(prefix, autoescape=True))
            .order_by(rubrics.c.sha256)
        ).all()
        return tuple((r.sha256, contents.get_text(connection, r.sha256)) for r in rows)


def kept_rubric(reads: Reads, sha256: str) -> str:
    """The source of a kept rubric. Raises KeyError for an unknown hash."""
    with reads.reading() as connection:
        return contents.get_text(connection, sha256)
