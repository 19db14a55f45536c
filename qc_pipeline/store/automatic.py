"""Which criteria decide by themselves: rows are added, the newest of a criterion counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from qc_pipeline.store import contents
from qc_pipeline.store.tables import automatic
from qc_pipeline.store.transaction import Reads, Transaction

KIND = "automatic"
ON, OFF, FELL = "on", "off", "fell"
"""Somebody made it automatic; somebody took it back; it fell below what it had proved."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptAutomatic:
    """What was recorded of a criterion: as it was then (`identity`), with a model (by the hash of
    its files) and an engine. `state`: on, off or fell; `body` holds the figures or the reason.
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


def automatic_with(reads: Reads, model_sha256: str, engine: str) -> frozenset[str]:
    """The identities of the criteria that decide by themselves with a model and an engine."""
    columns = (automatic.c.identity, automatic.c.state)
    query = (
        sa.select(*columns)
        .where(automatic.c.model_sha256 == model_sha256, automatic.c.engine == engine)
        .order_by(automatic.c.seq)
    )
    with reads.reading() as connection:
        last = {row.identity: row.state for row in connection.execute(query)}
    return frozenset(identity for identity, state in last.items() if state == ON)


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


def standing_automatic(reads: Reads) -> tuple[KeptAutomatic, ...]:
    """The rows in force: of each criterion, model and engine the newest, where it is on."""
    last = {(r.identity, r.model_sha256, r.engine): r for r in automatic_rows(reads)}
    return tuple(r for r in last.values() if r.state == ON)
