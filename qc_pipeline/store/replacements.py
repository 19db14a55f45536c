"""Invalid recordings of a sample, as they were found, and what took their place."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from qc_pipeline.sampling.replace_invalid import BrokenQuota, Replacement
from qc_pipeline.sampling.sample import Sample
from qc_pipeline.store import contents, tables
from qc_pipeline.store.transaction import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptReplacement:
    """`decision` is the person's decision that found it invalid, None where the job did; `broken`
    are the plan's quotas that it broke; `apart` says that the call was a test call or put in by a
    person: these are never replaced.
    """

    replacement: Replacement
    decision: int | None
    text: str = ""
    broken: tuple[BrokenQuota, ...] = ()
    apart: bool = False


def replacements_in(
    connection: sa.Connection, sample_seqs: Collection[int]
) -> Mapping[int, tuple[KeptReplacement, ...]]:
    """Samples' replacements in the order in which they were made, by sample; `text` is the reason
    that a person wrote, empty where it was purged.
    """
    table, decisions = tables.replacements, tables.decisions
    rows = connection.execute(
        sa.select(table, decisions.c.decision_sha256)
        .join(decisions, decisions.c.seq == table.c.decision_seq, isouter=True)
        .where(table.c.sample_seq.in_(sorted(sample_seqs)))
        .order_by(table.c.seq)
    ).all()
    wanted = [row.decision_sha256 for row in rows if row.decision_sha256 is not None]
    left = contents.left_where_any(connection, wanted) if wanted else {}
    found: dict[int, list[KeptReplacement]] = {}
    for row in rows:
        decision = left.get(row.decision_sha256 or "")
        made = KeptReplacement(
            replacement=Replacement(
                invalid=row.recording_id,
                reason=row.reason,
                by=row.replaced_by,
                inspector=row.inspector,
            ),
            decision=row.decision_seq,
            text="" if decision is None else str(decision.body["reason"]),
        )
        found.setdefault(row.sample_seq, []).append(made)
    return {k: tuple(v) for k, v in found.items()}


def keep_replacements(
    tx: Transaction,
    *,
    sample_seq: int,
    sample: Sample,
    replacements: Sequence[Replacement],
    decisions: Mapping[str, int],
) -> None:
    """Keep what was replaced in `sample`, which has the new picks; all of them or none.

    `decisions` names the decision (its `seq`) that found a recording invalid.
    """
    picks = {p.recording_id: p for p in sample.picks}
    for one in replacements:
        tx.insert(
            tables.replacements,
            sample_seq=sample_seq,
            recording_id=one.invalid,
            reason=one.reason,
            replaced_by=one.by,
            inspector=one.inspector,
            decision_seq=decisions.get(one.invalid),
            at=tx.now.isoformat(timespec="seconds"),
        )
        if one.by is not None:
            pick = picks[one.by]
            tx.insert(
                tables.picks,
                sample_seq=sample_seq,
                recording_id=pick.recording_id,
                stratum=pick.stratum,
                origin=pick.origin,
                probability=pick.probability,
                relisten=pick.relisten,
                inspector=pick.inspector,
            )
        what = {
            "period": sample.period,
            "recording": one.invalid,
            "reason": one.reason,
            "by": one.by,
        }
        tx.note("sample.replace", what)
