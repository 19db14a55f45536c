"""How recordings of a sample stand: the last scorecard or failure kept of each."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from qc_pipeline.call import Failure
from qc_pipeline.message import read_message
from qc_pipeline.scoring.scorecard import PurgeMark, Scorecard, scorecard_from_json
from qc_pipeline.store import contents, tables
from qc_pipeline.store.transaction import Reads, Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeRow:
    """How a recording stands: the row that says so, its card by hash with the total, or its
    failure.
    """

    seq: int
    card_sha256: str | None
    failure: Failure | None
    total: float | None


def outcome_rows(reads: Reads, sample_seq: int) -> Mapping[str, OutcomeRow]:
    """How each recording of a sample stands, without its card: the last that was kept of it.

    Recordings that proved invalid and left the sample are not among them.
    """
    return outcome_rows_of(reads, (sample_seq,)).get(sample_seq, {})


def outcome_rows_of(
    reads: Reads, sample_seqs: Collection[int]
) -> Mapping[int, Mapping[str, OutcomeRow]]:
    """The same of many samples, by sample; those without any are left out."""
    table, left, cards = tables.outcomes, tables.replacements, tables.scorecards
    seqs = sorted(sample_seqs)
    gone = sa.exists().where(
        left.c.sample_seq == table.c.sample_seq, left.c.recording_id == table.c.recording_id
    )
    last = (
        sa.select(sa.func.max(table.c.seq))
        .where(table.c.sample_seq.in_(seqs), ~gone)
        .group_by(table.c.sample_seq, table.c.recording_id)
    )
    query = (
        sa.select(table, cards.c.total)
        .join(cards, cards.c.sha256 == table.c.scorecard_sha256, isouter=True)
        .where(table.c.seq.in_(last))
        .order_by(table.c.recording_id)
    )
    found: dict[int, dict[str, OutcomeRow]] = {}
    with reads.reading() as connection:
        for row in connection.execute(query):
            found.setdefault(row.sample_seq, {})[row.recording_id] = OutcomeRow(
                seq=row.seq,
                card_sha256=row.scorecard_sha256,
                failure=_failure(row),
                total=row.total,
            )
    return found


def outcomes_of(reads: Reads, sample_seq: int) -> Mapping[str, Scorecard | Failure]:
    """The same with the cards."""
    return with_cards(reads, outcome_rows(reads, sample_seq))


def with_cards(reads: Reads, rows: Mapping[str, OutcomeRow]) -> Mapping[str, Scorecard | Failure]:
    """The cards and failures that rows name."""
    hashes = [r.card_sha256 for r in rows.values() if r.card_sha256 is not None]
    with reads.reading() as connection:
        cards = kept_cards(connection, hashes)
    found: dict[str, Scorecard | Failure] = {}
    for recording_id, row in rows.items():
        if row.failure is not None:
            found[recording_id] = row.failure
        elif row.card_sha256 is not None:
            found[recording_id] = cards[row.card_sha256]
    return found


def last_outcome(reads: Reads, sample_seq: int, recording_id: str) -> Scorecard | Failure | None:
    """How one recording stands now."""
    with reads.reading() as connection:
        row = _last_row(connection, sample_seq, recording_id)
        if row is None:
            return None
        return _failure(row) or kept_card(connection, row.scorecard_sha256)


def kept_card(connection: sa.Connection, sha256: str) -> Scorecard:
    """A card by its hash, or what a purge left of it. Raises KeyError for one not kept."""
    return kept_cards(connection, (sha256,))[sha256]


def kept_cards(connection: sa.Connection, hashes: Iterable[str]) -> Mapping[str, Scorecard]:
    """The same for many, in the order of `hashes`."""
    wanted = tuple(dict.fromkeys(hashes))
    left = contents.left_of(connection, wanted)
    return {sha256: _card(sha256, left[sha256]) for sha256 in wanted}


def kept_where_any(connection: sa.Connection, hashes: Iterable[str]) -> Mapping[str, Scorecard]:
    """The same, without those of which nothing is left."""
    left = contents.left_where_any(connection, hashes)
    return {sha256: _card(sha256, left[sha256]) for sha256 in sorted(left)}


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
        values |= {"stage": result.stage, "reason": result.reason.text}
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


def _failure(row: Any) -> Failure | None:
    if row.scorecard_sha256 is not None:
        return None
    return Failure(recording_id=row.recording_id, stage=row.stage, reason=read_message(row.reason))


def _card(sha256: str, left: contents.Left) -> Scorecard:
    purged = None if left.purged_at is None else PurgeMark(at=left.purged_at, sha256=sha256)
    return scorecard_from_json(left.body, purged=purged)
