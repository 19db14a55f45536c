"""Bodies under their hash: written once, read back, purged but never changed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from qc_pipeline.call import canonical_json
from qc_pipeline.errors import PurgedError
from qc_pipeline.store.in_parts import in_parts
from qc_pipeline.store.tables import contents

NEVER_AGAIN = ("call", "transcript", "edits", "scorecard")
"""Kinds that belong to one recording alone: once purged they do not come back. The same reason or
note, in the same words, may be written again about another.
"""


def put_text(connection: sa.Connection, kind: str, body: str) -> str:
    """Keep `body` under the sha256 of its UTF-8 bytes, which is returned."""
    sha256 = hashlib.sha256(body.encode()).hexdigest()
    known = connection.execute(
        sa.select(contents.c.purged_at, contents.c.body.is_(None).label("gone")).where(
            contents.c.sha256 == sha256
        )
    ).first()
    if known is None:
        connection.execute(contents.insert().values(sha256=sha256, kind=kind, body=body))
    elif known.gone and kind not in NEVER_AGAIN:
        connection.execute(contents.update().where(contents.c.sha256 == sha256).values(body=body))
    return sha256


def put_json(connection: sa.Connection, kind: str, value: Any) -> str:
    return put_text(connection, kind, canonical_json(value))


def get_text(connection: sa.Connection, sha256: str) -> str:
    """The body under a hash. Raises PurgedError where it was purged, KeyError where none is."""
    row = connection.execute(
        sa.select(contents.c.body, contents.c.purged_at).where(contents.c.sha256 == sha256)
    ).first()
    if row is None:
        raise KeyError(sha256)
    if row.body is None:
        raise _purged(row)
    return str(row.body)


def words_in(connection: sa.Connection, hashes: Iterable[str | None]) -> Mapping[str, str]:
    """Texts that people wrote, under many hashes; of a purged one, that it was, in brackets.

    Raises KeyError for a hash under which none was kept.
    """
    found: dict[str, str] = {}
    for sha256, row in _rows(connection, (h for h in hashes if h is not None)).items():
        if row is None:
            raise KeyError(sha256)
        found[sha256] = f"({_purged(row)})" if row.body is None else row.body
    return found


def get_json(connection: sa.Connection, sha256: str) -> Any:
    return json.loads(get_text(connection, sha256))


def get_what_is_left(connection: sa.Connection, sha256: str) -> tuple[Any, str | None]:
    """A JSON body and None, or what a purge left of it and when that was.

    Raises PurgedError where nothing was left, KeyError where there never was any.
    """
    left = left_of(connection, (sha256,))[sha256]
    return left.body, left.purged_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """A JSON body, or what a purge left of it and when that was."""

    body: Any
    purged_at: str | None


def left_of(connection: sa.Connection, hashes: Iterable[str]) -> Mapping[str, Left]:
    """JSON bodies under many hashes, as `get_what_is_left`, in one query for every 500 of them.

    Raises PurgedError where nothing was left of one, KeyError where there never was any.
    """
    rows = _rows(connection, hashes)
    return {sha256: _left(sha256, row) for sha256, row in rows.items()}


def left_where_any(connection: sa.Connection, hashes: Iterable[str]) -> Mapping[str, Left]:
    """The same, without those of which nothing is there."""
    rows = _rows(connection, hashes)
    return {
        sha256: _left(sha256, row)
        for sha256, row in rows.items()
        if row is not None and (row.body is not None or row.remains is not None)
    }


def bodies_of(connection: sa.Connection, hashes: Iterable[str]) -> Mapping[str, str]:
    """The bodies under many hashes, as `get_text`, without those that were purged or never kept."""
    rows = _rows(connection, hashes)
    return {k: row.body for k, row in rows.items() if row is not None and row.body is not None}


def _rows(connection: sa.Connection, hashes: Iterable[str]) -> Mapping[str, Any]:
    wanted = sorted(set(hashes))
    found: dict[str, Any] = dict.fromkeys(wanted)
    for part in in_parts(wanted):
        rows = connection.execute(sa.select(contents).where(contents.c.sha256.in_(part)))
        found |= {row.sha256: row for row in rows}
    return found


def _left(sha256: str, row: Any) -> Left:
    if row is None:
        raise KeyError(sha256)
    if row.body is not None:
        return Left(body=json.loads(row.body), purged_at=None)
    if row.remains is not None:
        return Left(body=json.loads(row.remains), purged_at=str(row.purged_at))
    raise _purged(row)


def _purged(row: Any) -> PurgedError:
    return PurgedError(f"the words were purged on {row.purged_at[:10]}; scores and hashes remain")


def changed(connection: sa.Connection) -> list[str]:
    """Bodies that no longer have the hash they are kept under, a sentence each."""
    rows = connection.execute(
        sa.select(contents.c.sha256, contents.c.kind, contents.c.body)
        .where(contents.c.body.is_not(None))
        .order_by(contents.c.sha256)
    )
    return [
        f"a {row.kind} was changed by hand (kept under {row.sha256[:12]})"
        for row in rows
        if hashlib.sha256(row.body.encode()).hexdigest() != row.sha256
    ]
