"""What was made public of a period, when, and until when it can be objected to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from qc_pipeline.errors import UsageError
from qc_pipeline.store import contents
from qc_pipeline.store.tables import publications
from qc_pipeline.store.transaction import Reads, Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """`kind`: published (公示; body: the cards by hash), final (定稿; body: the cards by hash, the
    version and what was corrected since), report (body: its files by hash), notice (a correction to
    one call's disadvantage, body: what and why) or extension (of the window).
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
    tx: Transaction,
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
    tx.insert(
        publications,
        period=period,
        sample_seq=sample_seq,
        kind=kind,
        recording_id=recording_id,
        person=person,
        on_behalf_of=tx.on_behalf_of,
        at=tx.now.isoformat(),
        day=day.isoformat(),
        objections_due=objections_due.isoformat(),
        body_sha256=contents.put_json(tx.connection, "publication", body),
    )
    what: dict[str, Any] = {
        "period": period,
        "person": person,
        "objections_due": objections_due.isoformat(),
    }
    if recording_id is not None:
        what["recording"] = recording_id
    if kind == "final":
        what["version"] = body["version"]
    why = body.get("reason") or body.get("text") or ""
    tx.note(f"publication.{kind}", what, why=str(why))


def publications_of(reads: Reads, period: str | None = None) -> tuple[Publication, ...]:
    """Everything made public of a period, or of all, in order."""
    query = sa.select(publications).order_by(publications.c.seq)
    if period is not None:
        query = query.where(publications.c.period == period)
    with reads.reading() as connection:
        return _publications(connection, query)


def published(reads: Reads, period: str) -> Publication | None:
    """The publication of a period (公示), None while it is a draft."""
    return _last(reads, period, ("published",))


def finalised(reads: Reads, period: str) -> Publication | None:
    """What made a period final (定稿), None before."""
    return _last(reads, period, ("final",))


def standing_publication(reads: Reads, period: str) -> Publication | None:
    """What names the cards that a period is told by: its 定稿, else its 公示; None in a draft."""
    return _last(reads, period, ("published", "final"))


def refuse_final(reads: Reads, period: str) -> None:
    """Raises UsageError where a period is final: nothing of it changes any more."""
    final = finalised(reads, period)
    if final is not None:
        raise UsageError(
            f"{period} is final (定稿) since {final.day} by {final.person}: nothing of its scores "
            "can be changed any more"
        )


def _last(reads: Reads, period: str, kinds: Sequence[str]) -> Publication | None:
    """A period is published once and made final once, in this order."""
    query = (
        sa.select(publications)
        .where(publications.c.period == period, publications.c.kind.in_(kinds))
        .order_by(publications.c.seq.desc())
        .limit(1)
    )
    with reads.reading() as connection:
        return next(iter(_publications(connection, query)), None)


def _publications(connection: sa.Connection, query: sa.Select[Any]) -> tuple[Publication, ...]:
    rows = connection.execute(query).all()
    bodies = contents.left_of(connection, (row.body_sha256 for row in rows))
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
            body=bodies[row.body_sha256].body,
            on_behalf_of=row.on_behalf_of,
        )
        for row in rows
    )
