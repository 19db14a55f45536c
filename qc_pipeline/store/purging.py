"""Purging: the words and personal fields of some recordings go, tombstones stay under the hashes.

One transaction; then the file is written anew, so that nothing is left in free pages.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from qc_pipeline.call import canonical_json, content_sha256
from qc_pipeline.call_fields import PERSONAL
from qc_pipeline.errors import UsageError
from qc_pipeline.message import Message
from qc_pipeline.store import tables
from qc_pipeline.store.appeals import DECIDED, WITHDRAWN, appeals_of
from qc_pipeline.store.tombstones import KEPT_KINDS, LEFT
from qc_pipeline.store.transaction import Reads, Transaction

RETENTION, CUSTOMER = "retention", "customer"
ACTION = "purge"


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """What a purge takes. `recordings` are those whose words are still there, sorted; `spared`
    those that an undecided objection needs; `bodies` counts by kind what goes, `shared` those that
    stay because a recording that is not purged has them, too. `paths` are the recordings' files.
    """

    recordings: tuple[str, ...]
    spared: tuple[str, ...]
    bodies: Mapping[str, int]
    shared: int
    paths: Mapping[str, str]
    before: tuple[str, ...] = ()


def purged_calls(reads: Reads) -> Mapping[str, str]:
    """The recordings that were purged, each with the day of it."""
    with reads.reading() as connection:
        table = tables.purged
        rows = connection.execute(sa.select(table.c.recording_id, table.c.day)).all()
        return {r.recording_id: r.day for r in rows}


def is_purged(reads: Reads, recording_id: str) -> bool:
    """Whether a recording's words were purged."""
    table = tables.purged
    found = sa.select(table.c.seq).where(table.c.recording_id == recording_id)
    with reads.reading() as connection:
        return connection.execute(found).first() is not None


def choose(reads: Reads, *, before: date | None, customer: str | None, zone: ZoneInfo) -> Chosen:
    """What would be purged now: calls of before a day, or of one customer."""
    return _chosen(reads, before=before, customer=customer, zone=zone)[0]


def purge(
    tx: Transaction,
    *,
    before: date | None,
    customer: str | None,
    zone: ZoneInfo,
    reason: str = "",
) -> Chosen:
    """Take the words and personal fields away, all or none, and leave a line in the audit.

    The line does not name the customer: it would outlive them.
    """
    tx.alone()
    chosen, bodies = _chosen(tx, before=before, customer=customer, zone=zone)
    if not chosen.recordings:
        return chosen
    at = tx.now.isoformat()
    day = tx.now.astimezone(zone).date()
    left = {sha256: _leave(tx.connection, sha256, at) for sha256 in bodies}
    _clear_rows(tx, chosen.recordings, day)
    tx.insert_all(
        tables.purged,
        [
            {
                "recording_id": r,
                "at": at,
                "day": day.isoformat(),
                "cause": RETENTION if customer is None else CUSTOMER,
            }
            for r in chosen.recordings
        ],
    )
    what: dict[str, Any] = {
        "calls": len(chosen.recordings),
        "bodies": dict(sorted(chosen.bodies.items())),
        "at": at,
        "tombstones": _digest((k, v) for k, v in left.items() if v is not None),
    }
    what |= {"before": before.isoformat()} if before is not None else {"customer": True}
    tx.note(ACTION, what, why=reason)
    return chosen


def tombstone_faults(connection: sa.Connection) -> list[str]:
    """Purges whose tombstones are no longer what they left, a sentence each."""
    found = []
    lines = connection.execute(
        sa.select(tables.audit.c.what).where(tables.audit.c.action == ACTION)
    ).scalars()
    for line in lines.all():
        what = json.loads(line)
        rows = connection.execute(
            sa.select(tables.contents.c.sha256, tables.contents.c.remains).where(
                tables.contents.c.purged_at == what["at"]
            )
        ).all()
        if _digest((r.sha256, r.remains or "") for r in rows) != what["tombstones"]:
            found.append(f"what the purge of {what['at'][:10]} left was changed by hand")
    return found


def _digest(left: Iterable[tuple[str, str]]) -> str:
    return content_sha256(sorted([k, v] for k, v in left))


def _chosen(
    reads: Reads, *, before: date | None, customer: str | None, zone: ZoneInfo
) -> tuple[Chosen, tuple[str, ...]]:
    """What a purge takes, and the hashes of the bodies that go."""
    if (before is None) is (customer is None):
        raise UsageError("a purge is of calls before a day, or of one customer")
    with reads.reading() as connection:
        rows = connection.execute(
            sa.select(
                tables.calls.c.recording_id, tables.calls.c.start_time, tables.contents.c.body
            )
            .join(tables.contents, tables.contents.c.sha256 == tables.calls.c.call_sha256)
            .order_by(tables.calls.c.seq)
        ).all()
    done = purged_calls(reads)
    wanted: set[str] = set()
    paths: dict[str, str] = {}
    for row in rows:
        body = None if row.body is None else json.loads(row.body)
        if body is not None and body.get("path"):
            paths[row.recording_id] = body["path"]
        if before is not None:
            hit = datetime.fromisoformat(row.start_time).astimezone(zone).date() < before
        else:
            hit = body is not None and customer in {str(body.get(f)) for f in PERSONAL}
        if hit:
            wanted.add(row.recording_id)
    former = wanted & done.keys()
    wanted -= done.keys()
    spared = wanted & {
        o.recording_id for o in appeals_of(reads) if o.state not in (*DECIDED, WITHDRAWN)
    }
    wanted -= spared
    with reads.reading() as connection:
        hashes, shared = _bodies(connection, wanted)
    return (
        Chosen(
            recordings=tuple(sorted(wanted)),
            spared=tuple(sorted(spared)),
            bodies=Counter(hashes.values()),
            shared=shared,
            paths={k: paths[k] for k in sorted(wanted) if k in paths},
            before=tuple(sorted(former)),
        ),
        tuple(sorted(hashes)),
    )


def _bodies(
    connection: sa.Connection, recordings: Collection[str]
) -> tuple[Mapping[str, str], int]:
    """The bodies of these recordings alone, by hash with their kind; and how many they share."""
    if not recordings:
        return {}, 0
    owners = _owners(connection)
    kinds = {
        r.sha256: r.kind
        for r in connection.execute(
            sa.select(tables.contents.c.sha256, tables.contents.c.kind).where(
                tables.contents.c.body.is_not(None)
            )
        )
    }
    touched = {
        k: who
        for k, who in owners.items()
        if who & set(recordings) and kinds.get(k, "rubric") not in KEPT_KINDS
    }
    alone = {k: kinds[k] for k, who in touched.items() if who <= set(recordings)}
    return alone, len(touched) - len(alone)


def _owners(connection: sa.Connection) -> Mapping[str, set[str | None]]:
    """For every body whose it is: recordings by id, None where it belongs to no single one.

    Read from the tables themselves, so that a table added later is purged, too: a row belongs to
    its `recording_id`, else to that of the row it hangs on.
    """
    owners: dict[str, set[str | None]] = {}
    for table in tables.metadata.sorted_tables:
        columns = [
            c for c in table.c if any(f.column is tables.contents.c.sha256 for f in c.foreign_keys)
        ]
        if not columns:
            continue
        query = sa.select(*columns, *_owner(table))
        for row in connection.execute(_joined(query, table)):
            *hashes, owner = row
            for sha256 in hashes:
                if sha256 is not None:
                    owners.setdefault(sha256, set()).add(owner)
    for sha256, owner in _reasons(connection):
        owners.setdefault(sha256, set()).add(owner)
    return owners


def _parent(table: sa.Table) -> tuple[sa.Column[Any], sa.Table] | None:
    """The column and table that a row hangs on, where that has recordings."""
    if table is tables.transcriptions:
        return tables.transcriptions.c.identity_sha256, tables.heard
    for column in table.c:
        for key in column.foreign_keys:
            if "recording_id" in key.column.table.c and key.column.name == "seq":
                return column, key.column.table
    return None


def _owner(table: sa.Table) -> tuple[sa.ColumnElement[Any]]:
    if "recording_id" in table.c:
        return (table.c.recording_id,)
    parent = _parent(table)
    return (sa.null() if parent is None else parent[1].c.recording_id,)


def _joined(query: sa.Select[Any], table: sa.Table) -> sa.Select[Any]:
    parent = _parent(table)
    if "recording_id" in table.c or parent is None:
        return query
    column, other = parent
    key = other.c.identity_sha256 if other is tables.heard else other.c.seq
    return query.select_from(table.outerjoin(other, key == column))


def _reasons(connection: sa.Connection) -> Iterable[tuple[str, str | None]]:
    """The reasons that audit lines name by hash, with the recording that a line is about."""
    objected = {
        r.seq: r.recording_id
        for r in connection.execute(
            sa.select(tables.objections.c.seq, tables.objections.c.recording_id)
        )
    }
    for line in connection.execute(sa.select(tables.audit.c.what)).scalars():
        what = json.loads(line)
        if "why" in what:
            yield what["why"], what.get("recording") or objected.get(what.get("objection"))


def _leave(connection: sa.Connection, sha256: str, at: str) -> str | None:
    """Take a body away; returns what is left of it ("" for nothing), None for a later purge of a
    body that had been purged and written again.
    """
    table = tables.contents
    row = connection.execute(sa.select(table).where(table.c.sha256 == sha256)).one()
    if row.purged_at is not None:
        connection.execute(table.update().where(table.c.sha256 == sha256).values(body=None))
        return None
    reduce = LEFT.get(row.kind)
    remains = None if reduce is None else canonical_json(reduce(json.loads(row.body)))
    connection.execute(
        table.update()
        .where(table.c.sha256 == sha256)
        .values(body=None, remains=remains, purged_at=at)
    )
    return remains or ""


def _clear_rows(tx: Transaction, recordings: Collection[str], day: date) -> None:
    """Words and voices that stand in rows: why a recording failed, how loud it was."""
    own = list(recordings)
    outcomes, heard, transcriptions = tables.outcomes, tables.heard, tables.transcriptions
    for start in range(0, len(own), 500):
        part = own[start : start + 500]
        tx.update(
            outcomes,
            outcomes.c.recording_id.in_(part),
            outcomes.c.reason.is_not(None),
            reason=Message.of("job.purged-since", day=day.isoformat()).text,
        )
        mine = sa.select(heard.c.identity_sha256).where(heard.c.recording_id.in_(part))
        others = sa.select(heard.c.identity_sha256).where(heard.c.recording_id.not_in(own))
        tx.update(
            transcriptions,
            transcriptions.c.identity_sha256.in_(mine),
            transcriptions.c.identity_sha256.not_in(others),
            envelope=None,
        )
