"""How recordings of a sample stand: the last scorecard or failure kept of each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa

from qc_pipeline.call import Failure
from qc_pipeline.scoring.scorecard import PurgeMark, Scorecard, scorecard_from_json
from qc_pipeline.store import contents, tables
from qc_pipeline.store.transaction import Reads, Transaction


def outcomes_of(reads: Reads, sample_seq: int) -> Mapping[str, Scorecard | Failure]:
    """How each recording of a sample stands: the last that was kept of it.

    Recordings that proved invalid and left the sample are not among them.
    """
    table, left = tables.outcomes, tables.replacements
    with reads.reading() as connection:
        gone = sa.select(left.c.recording_id).where(left.c.sample_seq == sample_seq)
        last = (
            sa.select(sa.func.max(table.c.seq))
            .where(table.c.sample_seq == sample_seq, table.c.recording_id.not_in(gone))
            .group_by(table.c.recording_id)
        )
        rows = connection.execute(
            sa.select(table).where(table.c.seq.in_(last)).order_by(table.c.recording_id)
        ).all()
        cards = kept_cards(
            connection, (r.scorecard_sha256 for r in rows if r.scorecard_sha256 is not None)
        )
        return {row.recording_id: _outcome(row, cards) for row in rows}


def last_outcome(reads: Reads, sample_seq: int, recording_id: str) -> Scorecard | Failure | None:
    """How one recording stands now."""
    with reads.reading() as connection:
        row = _last_row(connection, sample_seq, recording_id)
        if row is None:
            return None
        hashes = () if row.scorecard_sha256 is None else (row.scorecard_sha256,)
        return _outcome(row, kept_cards(connection, hashes))


def standing_seqs(reads: Reads, sample_seq: int) -> Mapping[str, int]:
    """The row by which each recording of a sample stands: another row means that somebody kept
    something since.
    """
    table = tables.outcomes
    with reads.reading() as connection:
        rows = connection.execute(
            sa.select(table.c.recording_id, sa.func.max(table.c.seq))
            .where(table.c.sample_seq == sample_seq)
            .group_by(table.c.recording_id)
        ).all()
    return {recording_id: int(seq) for recording_id, seq in rows}


def kept_card(connection: sa.Connection, sha256: str) -> Scorecard:
    """A card by its hash, or what a purge left of it. Raises KeyError for one not kept."""
    return kept_cards(connection, (sha256,))[sha256]


def kept_cards(connection: sa.Connection, hashes: Iterable[str]) -> Mapping[str, Scorecard]:
    """The same for many, in the order of `hashes`."""
    wanted = tuple(dict.fromkeys(hashes))
    left = contents.left_of(connection, wanted)
    return {sha256: _card(sha256, left[sha256]) for sha256 in wanted}


def keep_outcomes(tx: Transaction, sample_seq: int, results: Iterable[Scorecard | Failure]) -> int:
    """Keep how recordings ended; returns how many differ from what stood."""
    return sum(keep_outcome(tx, sample_seq, result) for result in results)


def keep_outcome(tx: Transaction, sample_seq: int, result: Scorecard | Failure) -> int:
    """Keep how one recording ended; returns 0 where it stands so already, else 1."""
    values: dict[str, Any] = {
        "scorecard_sha256": None,
        "stage": None,
        "reason": None,
    }
    if isinstance(result, Scorecard):
        values["scorecard_sha256"] = keep_scorecard(tx, result)
    else:
        values |= {"stage": result.stage, "reason": result.reason}
    last = _last_row(tx.connection, sample_seq, result.recording_id)
    if last is not None and all(getattr(last, k) == v for k, v in values.items()):
        return 0
    tx.insert(tables.outcomes, sample_seq=sample_seq, recording_id=result.recording_id, **values)
    return 1


def keep_scorecard(tx: Transaction, card: Scorecard) -> str:
    """Keep a card under its hash, which is returned, whether or not it is in force."""
    if card.purged is not None:
        return card.purged.sha256
    sha256 = contents.put_json(tx.connection, "scorecard", card.as_json())
    table = tables.scorecards
    known = sa.select(table.c.sha256).where(table.c.sha256 == sha256)
    if tx.connection.execute(known).first() is not None:
        return sha256
    tx.insert(
        table,
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
    tx.insert_all(tables.findings, rows)
    return sha256


def _last_row(connection: sa.Connection, sample_seq: int, recording_id: str) -> Any:
    table = tables.outcomes
    return connection.execute(
        sa.select(table)
        .where(table.c.sample_seq == sample_seq, table.c.recording_id == recording_id)
        .order_by(table.c.seq.desc())
        .limit(1)
    ).first()


def _outcome(row: Any, cards: Mapping[str, Scorecard]) -> Scorecard | Failure:
    if row.scorecard_sha256 is None:
        return Failure(recording_id=row.recording_id, stage=row.stage, reason=row.reason)
    return cards[row.scorecard_sha256]


def _card(sha256: str, left: contents.Left) -> Scorecard:
    purged = None if left.purged_at is None else PurgeMark(at=left.purged_at, sha256=sha256)
    return scorecard_from_json(left.body, purged=purged)
