"""Which criteria decide by themselves, and which are stopped: rows are added, the newest of a
criterion counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from qc_pipeline.store import contents
from qc_pipeline.store.tables import automatic
from qc_pipeline.store.transaction import Reads, Transaction

KIND = "automatic"
ON, OFF, FELL, STOPPED = "on", "off", "fell", "stopped"
"""Somebody made it automatic; somebody took it back; it fell below what it had proved; so much of
what it found did not stand that it finds nothing any more, only asks (停用)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptAutomatic:
    """What was recorded of a criterion: as it was then (`identity`), with a model (by the hash of
    its files) and an engine. `state`: on, off, fell or stopped; `body` holds the figures or
    the reason.
    """

    seq: int
    rubric: str
    criterion: str
    identity: str
    model_sha256: str
    engine: str
    state: str
    person: str
    on_behalf_of: str | None
    at: str
    body: Mapping[str, Any]


def keep_automatic(
    tx: Transaction,
    *,
    rubric: str,
    criterion: str,
    identity: str,
    model_sha256: str,
    engine: str,
    state: str,
    person: str,
    body: Mapping[str, Any],
) -> None:
    """Keep that a criterion decides by itself from now on, or no more."""
    tx.insert(
        automatic,
        rubric=rubric,
        criterion=criterion,
        identity=identity,
        model_sha256=model_sha256,
        engine=engine,
        state=state,
        person=person,
        on_behalf_of=tx.on_behalf_of,
        at=tx.now.isoformat(timespec="seconds"),
        body_sha256=contents.put_json(tx.connection, KIND, body),
    )
    what = {
        "rubric": rubric,
        "criterion": criterion,
        "identity": identity,
        "model_sha256": model_sha256,
        "engine": engine,
        "person": person,
    }
    tx.note(f"automatic.{state}", what, why=str(body.get("reason", "")))


def states_with(reads: Reads, model_sha256: str, engine: str) -> Mapping[str, str]:
    """The state of every criterion of which something was recorded with a model and an engine, by
    its identity.
    """
    columns = (automatic.c.identity, automatic.c.state)
    query = (
        sa.select(*columns)
        .where(automatic.c.model_sha256 == model_sha256, automatic.c.engine == engine)
        .order_by(automatic.c.seq)
    )
    with reads.reading() as connection:
        return {row.identity: row.state for row in connection.execute(query)}


def automatic_rows(reads: Reads) -> tuple[KeptAutomatic, ...]:
    """Everything that was recorded of it, in order."""
    with reads.reading() as connection:
        rows = connection.execute(sa.select(automatic).order_by(automatic.c.seq)).all()
        bodies = contents.left_of(connection, (row.body_sha256 for row in rows))
    return tuple(
        KeptAutomatic(
            seq=row.seq,
            rubric=row.rubric,
            criterion=row.criterion,
            identity=row.identity,
            model_sha256=row.model_sha256,
            engine=row.engine,
            state=row.state,
            person=row.person,
            on_behalf_of=row.on_behalf_of,
            at=row.at,
            body=bodies[row.body_sha256].body,
        )
        for row in rows
    )


def rows_in_force(reads: Reads) -> tuple[KeptAutomatic, ...]:
    """Of each criterion, model and engine the newest row, where it makes a difference: it is
    automatic, or stopped.
    """
    last = {(r.identity, r.model_sha256, r.engine): r for r in automatic_rows(reads)}
    return tuple(r for r in last.values() if r.state in (ON, STOPPED))


def standing_automatic(reads: Reads) -> tuple[KeptAutomatic, ...]:
    """Of the rows in force those by which a criterion decides by itself."""
    return tuple(r for r in rows_in_force(reads) if r.state == ON)
