"""How recordings of a sample stand: the last scorecard or failure kept of each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from qc_pipeline.call import Failure
from qc_pipeline.scoring.scorecard import PurgeMark, Scorecard, scorecard_from_json
from qc_pipeline.store import contents, tables


def last_outcome(
    connection: sa.Connection, sample_seq: int, recording_id: str
) -> Scorecard | Failure | None:
    """How one recording stands now."""
    table = tables.outcomes
    row = connection.execute(
        sa.select(table)
        .where(table.c.sample_seq == sample_seq, table.c.recording_id == recording_id)
        .order_by(table.c.seq.desc())
        .limit(1)
    ).first()
    return None if row is None else outcome_of(connection, row)


def standing_seqs(connection: sa.Connection, sample_seq: int) -> Mapping[str, int]:
    """The row by which each recording of a sample stands: another row means that somebody kept
    something since.
    """
    table = tables.outcomes
    rows = connection.execute(
        sa.select(table.c.recording_id, sa.func.max(table.c.seq))
        .where(table.c.sample_seq == sample_seq)
        .group_by(table.c.recording_id)
    ).all()
    return {recording_id: int(seq) for recording_id, seq in rows}


def outcome_of(connection: sa.Connection, row: Any) -> Scorecard | Failure:
    if row.scorecard_sha256 is None:
        return Failure(recording_id=row.recording_id, stage=row.stage, reason=row.reason)
    return kept_card(connection, row.scorecard_sha256)


def kept_card(connection: sa.Connection, sha256: str) -> Scorecard:
    """A card by its hash, or what a purge left of it. Raises KeyError for one not kept."""
    body, purged_at = contents.get_what_is_left(connection, sha256)
    purged = None if purged_at is None else PurgeMark(at=purged_at, sha256=sha256)
    return scorecard_from_json(body, purged=purged)


def keep_outcome(connection: sa.Connection, sample_seq: int, result: Scorecard | Failure) -> int:
    table = tables.outcomes
    values: dict[str, Any] = {
        "scorecard_sha256": None,
        "stage": None,
        "reason": None,
    }
    if isinstance(result, Scorecard):
        values["scorecard_sha256"] = keep_scorecard(connection, result)
    else:
        values |= {"stage": result.stage, "reason": result.reason}
    last = connection.execute(
        sa.select(table)
        .where(table.c.sample_seq == sample_seq, table.c.recording_id == result.recording_id)
        .order_by(table.c.seq.desc())
        .limit(1)
    ).first()
    if last is not None and all(getattr(last, k) == v for k, v in values.items()):
        return 0
    connection.execute(
        table.insert().values(sample_seq=sample_seq, recording_id=result.recording_id, **values)
    )
    return 1


def keep_scorecard(connection: sa.Connection, card: Scorecard) -> str:
    if card.purged is not None:
        return card.purged.sha256
    sha256 = contents.put_json(connection, "scorecard", card.as_json())
    table = tables.scorecards
    known = connection.execute(sa.select(table.c.sha256).where(table.c.sha256 == sha256)).first()
    if known is not None:
        return sha256
    connection.execute(
        table.insert().values(
            sha256=sha256,
            recording_id=card.recording_id,
            rubric_sha256=card.rubric_sha256,
            transcript_sha256=card.transcript_sha256,
            total=card.total,
            band=card.band,
            passed=card.passed,
            provisional=card.provisional,
            parent=card.parent,
        )
    )
    rows = [
        {
            "scorecard_sha256": sha256,
            "criterion": c.id,
            "verdict": str(c.verdict),
            "points": c.points,
            "lost": c.lost,
            "certainty": c.certainty,
        }
        for c in card.criteria()
    ]
    if rows:
        connection.execute(tables.findings.insert(), rows)
    return sha256
