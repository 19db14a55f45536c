"""Call rows as they were read from the list, each version of a row once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

import sqlalchemy as sa

from qc_pipeline.call import Recording, content_sha256
from qc_pipeline.store import contents
from qc_pipeline.store.from_json import recording_from_json
from qc_pipeline.store.in_parts import in_parts
from qc_pipeline.store.purging import purged_calls
from qc_pipeline.store.tables import calls
from qc_pipeline.store.transaction import Reads, Transaction


def keep_calls(tx: Transaction, recordings: Iterable[Recording]) -> None:
    """Keep call rows as read; a row that has not changed is kept once, a purged one never."""
    purged = purged_calls(tx)
    wanted = [r for r in recordings if r.recording_id not in purged]
    known = _kept_hashes(tx, [r.recording_id for r in wanted])
    for recording in wanted:
        if (recording.recording_id, content_sha256(recording.as_json())) in known:
            continue
        sha256 = contents.put_json(tx.connection, "call", recording.as_json())
        tx.insert(
            calls,
            recording_id=recording.recording_id,
            call_sha256=sha256,
            start_time=recording.start_time.isoformat(),
            agent_id=recording.agent_id,
            team=recording.text("team"),
            business=recording.text("business"),
        )


def kept_call(reads: Reads, recording_id: str) -> Recording | None:
    """The call row as last read, or what a purge left of it."""
    return kept_calls(reads, (recording_id,)).get(recording_id)


def kept_calls(reads: Reads, recording_ids: Collection[str]) -> Mapping[str, Recording]:
    """The same of many, by id; those of which no row is kept are left out."""
    last: dict[str, str] = {}
    with reads.reading() as connection:
        for part in in_parts(recording_ids):
            rows = connection.execute(
                sa.select(calls.c.recording_id, calls.c.call_sha256)
                .where(calls.c.recording_id.in_(part))
                .order_by(calls.c.seq)
            )
            last |= {row.recording_id: row.call_sha256 for row in rows}
        bodies = contents.left_of(connection, last.values())
    return {k: recording_from_json(bodies[last[k]].body) for k in sorted(last)}


def _kept_hashes(reads: Reads, recording_ids: Collection[str]) -> frozenset[tuple[str, str]]:
    found: set[tuple[str, str]] = set()
    with reads.reading() as connection:
        for part in in_parts(recording_ids):
            rows = connection.execute(
                sa.select(calls.c.recording_id, calls.c.call_sha256).where(
                    calls.c.recording_id.in_(part)
                )
            )
            found |= {(row.recording_id, row.call_sha256) for row in rows}
    return frozenset(found)
