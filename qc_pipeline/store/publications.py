"""What was made public of a period, when, and until when it can be objected to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from qc_pipeline.store import contents
from qc_pipeline.store.database import Door
from qc_pipeline.store.tables import publications


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """`kind`: published (body: the cards by hash), report (body: its files by hash), notice (a
    correction to one call's disadvantage, body: what and why) or extension (of the window).
    """

    seq: int
    period: str
    sample_seq: int
    kind: str
    recording_id: str | None
    person: str
    at: str
    day: date
    objections_due: date
    body: Mapping[str, Any]
    on_behalf_of: str | None = None


def add_publication(
    connection: sa.Connection,
    door: Door,
    *,
    period: str,
    sample_seq: int,
    kind: str,
    person: str,
    day: date,
    objections_due: date,
    body: Mapping[str, Any],
    recording_id: str | None = None,
) -> None:
    connection.execute(
        publications.insert().values(
            period=period,
            sample_seq=sample_seq,
            kind=kind,
            recording_id=recording_id,
            person=person,
            on_behalf_of=door.on_behalf_of,
            at=door.now.isoformat(),
            day=day.isoformat(),
            objections_due=objections_due.isoformat(),
            body_sha256=contents.put_json(connection, "publication", body),
        )
    )
    what: dict[str, Any] = {
        "period": period,
        "person": person,
        "objections_due": objections_due.isoformat(),
    }
    if recording_id is not None:
        what["recording"] = recording_id
    why = body.get("reason") or body.get("text") or ""
    door.note(connection, f"publication.{kind}", what, why=str(why))


def publications_of(door: Door, period: str | None = None) -> tuple[Publication, ...]:
    """Everything made public of a period, or of all, in order."""
    with door.reading() as connection:
        return read_publications(connection, period)


def read_publications(
    connection: sa.Connection, period: str | None = None
) -> tuple[Publication, ...]:
    query = sa.select(publications).order_by(publications.c.seq)
    if period is not None:
        query = query.where(publications.c.period == period)
    return tuple(
        Publication(
            seq=row.seq,
            period=row.period,
            sample_seq=row.sample_seq,
            kind=row.kind,
            recording_id=row.recording_id,
            person=row.person,
            at=row.at,
            day=date.fromisoformat(row.day),
            objections_due=date.fromisoformat(row.objections_due),
            body=contents.get_what_is_left(connection, row.body_sha256)[0],
            on_behalf_of=row.on_behalf_of,
        )
        for row in connection.execute(query).all()
    )


def published(door: Door, period: str) -> Publication | None:
    """The publication of a period, None while it is a draft."""
    with door.reading() as connection:
        return published_in(connection, period)


def published_in(connection: sa.Connection, period: str) -> Publication | None:
    found = [p for p in read_publications(connection, period) if p.kind == "published"]
    return found[0] if found else None
