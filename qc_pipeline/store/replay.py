"""The record held against its own audit: every row that stands, every row that was made.

An audit line names the rows that its act made, by `row_hash`, and those that it took the place of
(`replaced`). So each row that stands was made by a line, and each row that a line made stands,
unless a later line replaced it. In a record of an older version a migration added a line,
`baseline`, with a digest of each table: what lies before it is proved as a whole. Bodies stand
under their own hash; cards' rows follow from their bodies.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from qc_pipeline.store import audit_append, tables
from qc_pipeline.store.audit_trail import audit_breaks
from qc_pipeline.store.integrity import record_faults
from qc_pipeline.store.transaction import DERIVED, Reads, row_hash

BASELINE = "baseline"
TOLERANCE = timedelta(minutes=5)
"""By so much a line may be dated before the one it follows: processes wait for each other, and
machines' clocks differ.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Something that does not hold: what, in which table, by which line of the audit."""

    what: str
    table: str | None = None
    line: int | None = None

    def __str__(self) -> str:
        return self.what


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """What came of it. `lines` and `rows` were held against each other; `baseline` is the line up
    to which rows are proved as a whole (`before` of them), None where there is none. `head` is the
    chain's last hash.
    """

    faults: tuple[Fault, ...]
    lines: int
    rows: int
    baseline: int | None
    before: int
    head: str | None


@dataclass(slots=True)
class _Made:
    """What the lines say of one table: rows made and replaced, each with the line that did."""

    made: Counter[str] = field(default_factory=Counter)
    by: dict[str, int] = field(default_factory=dict)
    replaced: Counter[str] = field(default_factory=Counter)


def replay(reads: Reads) -> Replay:
    """Hold the whole record against its audit."""
    faults = [Fault(what=text) for text in record_faults(reads)]
    faults += [
        Fault(what=f"the audit's chain is broken: {b}", table="audit", line=b.seq)
        for b in audit_breaks(reads)
    ]
    with reads.reading() as connection:
        lines = connection.execute(sa.select(tables.audit).order_by(tables.audit.c.seq)).all()
        faults += _out_of_order(lines, reads.now)
        made, baseline = _told(lines)
        acts = {line.seq: line for line in lines}
        count = before = 0
        for table in _proved_tables():
            rows = connection.execute(sa.select(table)).all()
            count += len(rows)
            told = made.get(table.name, _Made())
            found, earlier = _table_faults(table, rows, told, acts, baseline)
            faults += found
            before += earlier
        faults += _card_faults(connection)
    return Replay(
        faults=tuple(faults),
        lines=len(lines),
        rows=count,
        baseline=None if baseline is None else baseline.seq,
        before=before,
        head=lines[-1].hash if lines else None,
    )


def _proved_tables() -> tuple[sa.Table, ...]:
    return tuple(t for t in tables.metadata.sorted_tables if t.name not in DERIVED)


def _out_of_order(lines: Sequence[Any], now: datetime) -> Iterator[Fault]:
    latest: datetime | None = None
    for line in lines:
        at = datetime.fromisoformat(line.at)
        if latest is not None and at < latest - TOLERANCE:
            yield Fault(
                what=f"line {line.seq} ({line.action}) is dated {line.at}, before what it follows "
                f"({latest.isoformat()}): a clock was set back",
                table="audit",
                line=line.seq,
            )
        latest = at if latest is None else max(at, latest)
    if latest is not None and latest > now.astimezone(UTC) + TOLERANCE:
        yield Fault(
            what=f"the last line is dated {latest.isoformat()}, which is still to come",
            table="audit",
            line=lines[-1].seq,
        )


def _told(lines: Sequence[Any]) -> tuple[dict[str, _Made], Any]:
    """By table what the lines made and replaced since the last baseline, and its line."""
    found: dict[str, _Made] = {}
    baseline = None
    for line in lines:
        if line.action == BASELINE:
            baseline, found = line, {}
        try:
            what = json.loads(line.what)
        except ValueError:
            continue  # the chain tells of it
        for name, hashes in what.get("hashes", {}).items():
            own = found.setdefault(name, _Made())
            own.made.update(hashes)
            own.by |= dict.fromkeys(hashes, line.seq)
        for name, hashes in what.get("replaced", {}).items():
            found.setdefault(name, _Made()).replaced.update(hashes)
    return found, baseline


def _table_faults(
    table: sa.Table, rows: Sequence[Any], told: _Made, acts: Mapping[int, Any], baseline: Any
) -> tuple[list[Fault], int]:
    """What does not hold in a table, and how many of its rows are from before the baseline."""
    others, left = _unmentioned(table, rows, told)
    gone = sorted(left.elements())
    faults = [
        Fault(
            what=f"a row of {table.name} that line {told.by[one]} made "
            f"({_act(acts[told.by[one]])}) is gone or was changed by hand",
            table=table.name,
            line=told.by[one],
        )
        for one in gone
    ]
    if baseline is not None:
        # Where rows that lines made are gone, what stands in their place is not from before.
        if not gone:
            hashes = [row_hash(table, row) for row in others]
            faults += _before_baseline(table, hashes, told, baseline)
        return faults, max(0, len(others) - len(gone))
    faults += [
        Fault(what=f"{_name(table, row)} was changed or added by hand", table=table.name)
        for row in others
    ]
    return faults, 0


def _unmentioned(
    table: sa.Table, rows: Sequence[Any], told: _Made
) -> tuple[list[Any], Counter[str]]:
    """The rows that no line made, and the hashes of rows that a line made and that do not stand."""
    left = told.made - told.replaced
    others = []
    for row in rows:
        name = row_hash(table, row)
        if left[name] > 0:
            left[name] -= 1
        else:
            others.append(row)
    return others, +left


def _before_baseline(
    table: sa.Table, unmentioned: Sequence[str], told: _Made, baseline: Any
) -> Iterator[Fault]:
    """Rows from before lines named any must be those of the baseline."""
    kept = json.loads(baseline.what)["tables"].get(table.name, {"rows": 0, "digest": digest(())})
    replaced = tuple((told.replaced - told.made).elements())
    if digest((*unmentioned, *replaced)) != kept["digest"]:
        yield Fault(
            what=f"{table.name}: of its {kept['rows']} rows from before line {baseline.seq} "
            "(baseline) some were changed, added or taken away by hand",
            table=table.name,
            line=baseline.seq,
        )


def digest(hashes: Sequence[str]) -> str:
    """Names rows, whatever their order."""
    return hashlib.sha256("\n".join(sorted(hashes)).encode()).hexdigest()


def add_baseline(connection: sa.Connection, at: datetime) -> None:
    """Add the line that names all rows so far, by table; none to a database without any."""
    body: dict[str, Any] = {}
    for table in _proved_tables():
        hashes = [row_hash(table, row) for row in connection.execute(sa.select(table))]
        if hashes:
            body[table.name] = {"rows": len(hashes), "digest": digest(hashes)}
    if body:
        audit_append.append(connection, at=at, who="qc", action=BASELINE, what={"tables": body})


def _act(line: Any) -> str:
    """An act in a few words: when, what, about what."""
    try:
        what = json.loads(line.what)
    except ValueError:
        what = {}
    about = [str(what[k]) for k in ("period", "recording", "criterion", "person") if what.get(k)]
    return " ".join([line.at[:16], line.action, *about])


def _name(table: sa.Table, row: Any) -> str:
    """A row by its key and by what people know it by."""
    keys = [f"{c.name} {getattr(row, c.name)}" for c in table.primary_key.columns]
    known = [
        str(getattr(row, name))
        for name in ("period", "recording_id", "criterion", "state", "kind", "person")
        if name in table.c and getattr(row, name) is not None
    ]
    told = f" ({' '.join(known)})" if known else ""
    return f"a row of {table.name}, {', '.join(keys)}{told},"


def _card_faults(connection: sa.Connection) -> Iterator[Fault]:
    """Rows of cards and findings that do not follow from the cards' bodies."""
    cards, findings, contents = tables.scorecards, tables.findings, tables.contents
    lines: dict[str, list[tuple[Any, ...]]] = {}
    for row in connection.execute(sa.select(findings)):
        own = (row.criterion, row.verdict, row.points, row.lost, row.certainty)
        lines.setdefault(row.scorecard_sha256, []).append(own)
    query = sa.select(cards, contents.c.body, contents.c.remains).outerjoin(
        contents, contents.c.sha256 == cards.c.sha256
    )
    for row in connection.execute(query):
        text = row.body or row.remains
        if text is None:
            yield Fault(
                what=f"the card {row.sha256[:12]} of {row.recording_id} has no body",
                table="scorecards",
            )
            continue
        body = json.loads(text)
        if _card_row(row) != _card_of(body):
            yield Fault(
                what=f"the row of card {row.sha256[:12]} of {row.recording_id} says other than "
                "the card: it was changed by hand",
                table="scorecards",
            )
        wanted = [
            (c["id"], c["verdict"], c["points"], c["lost"], c["certainty"])
            for section in body["sections"]
            for c in section["criteria"]
        ]
        if not _same_lines(wanted, lines.pop(row.sha256, [])):
            yield Fault(
                what=f"the findings of card {row.sha256[:12]} of {row.recording_id} are not the "
                "card's: some were changed, added or taken away by hand",
                table="findings",
            )
    for sha256 in sorted(lines):
        yield Fault(what=f"findings of a card that is not there ({sha256[:12]})", table="findings")


def _same_lines(wanted: Sequence[tuple[Any, ...]], found: Sequence[tuple[Any, ...]]) -> bool:
    """Whether findings are a card's; certainties are kept rounded on the card's body."""

    def plain(line: tuple[Any, ...]) -> tuple[Any, ...]:
        name, verdict, points, lost, certainty = line
        return name, verdict, float(points), float(lost), round(float(certainty), 3)

    return sorted(map(plain, wanted)) == sorted(map(plain, found))


def _card_row(row: Any) -> tuple[Any, ...]:
    return (
        row.recording_id,
        row.rubric_sha256,
        row.transcript_sha256,
        row.total,
        row.band,
        row.passed,
        row.provisional,
        row.parent,
    )


def _card_of(body: Mapping[str, Any]) -> tuple[Any, ...]:
    return (
        body["recording_id"],
        body["rubric"]["sha256"],
        body["transcript_sha256"],
        body["total"],
        body["band"],
        body["passed"],
        body["provisional"],
        body["parent"],
    )
