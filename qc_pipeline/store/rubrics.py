"""Rubrics, kept whole under the hash of their file's bytes."""

from __future__ import annotations

import sqlalchemy as sa

from qc_pipeline.store import contents
from qc_pipeline.store.database import Door
from qc_pipeline.store.tables import rubrics


def add_rubric(
    connection: sa.Connection, door: Door, *, source: str, rubric_id: str, version: str
) -> str:
    """Keep a rubric whole; returns its hash, which is that of the file's bytes."""
    sha256 = contents.put_text(connection, "rubric", source)
    known = connection.execute(sa.select(rubrics.c.sha256).where(rubrics.c.sha256 == sha256))
    if known.first() is None:
        connection.execute(
            rubrics.insert().values(sha256=sha256, rubric_id=rubric_id, version=version)
        )
        what = {"rubric": rubric_id, "version": version, "sha256": sha256}
        door.note(connection, "rubric.keep", what)
    return sha256


def kept_rubrics(door: Door, prefix: str) -> tuple[tuple[str, str], ...]:
    """(hash, source) of kept rubrics whose hash starts so."""
    with door.reading() as connection:
        rows = connection.execute(
            sa.select(rubrics.c.sha256)
            .where(rubrics.c.sha256.startswith(prefix, autoescape=True))
            .order_by(rubrics.c.sha256)
        ).all()
        return tuple((r.sha256, contents.get_text(connection, r.sha256)) for r in rows)
