"""Calibrations: the blind sets drawn, and the sheets handed in. Rows are added, none is changed.

A sheet handed in again replaces the former one of its inspector, which is kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from qc_pipeline.call import content_sha256
from qc_pipeline.errors import UsageError
from qc_pipeline.scoring.decisions import InspectorVerdict
from qc_pipeline.scoring.evidence.finding import Verdict
from qc_pipeline.store import contents
from qc_pipeline.store.tables import calibration_answers, calibration_sheets, calibrations
from qc_pipeline.store.transaction import Reads, Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class BlindCall:
    """A call of a blind set: the machine's card by hash, and what is asked about it."""

    recording_id: str
    card: str
    criteria: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BlindSet:
    """A calibration as drawn. `calls` stand in the order of hearing."""

    name: str
    period: str
    seed: str
    inspectors: tuple[str, ...]
    calls: tuple[BlindCall, ...]
    person: str = ""
    at: str = ""

    def as_json(self) -> dict[str, Any]:
        return {
            "format": "qc-calibration/1",
            "name": self.name,
            "period": self.period,
            "seed": self.seed,
            "inspectors": list(self.inspectors),
            "calls": [
                {"recording_id": c.recording_id, "card": c.card, "criteria": list(c.criteria)}
                for c in self.calls
            ],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetAnswer:
    """One row of a sheet. Without a verdict it is a row that could not be taken: `written` holds
    what stood in it, `problem` what is wrong with it.
    """

    recording_id: str
    criterion: str
    verdict: Verdict | None
    points: float | None = None
    note: str = ""
    written: str = ""
    problem: str = ""

    def as_json(self) -> dict[str, Any]:
        return {
            "recording_id": self.recording_id,
            "criterion": self.criterion,
            "verdict": None if self.verdict is None else str(self.verdict),
            "points": self.points,
            "words": self.words,
        }

    @property
    def words(self) -> dict[str, str]:
        named = {"note": self.note, "written": self.written, "problem": self.problem}
        return {k: v for k, v in named.items() if v}


def next_name(reads: Reads, period: str) -> str:
    """2026-W46-1, -2, …: the name of a period's next calibration."""
    with reads.reading() as connection:
        known = connection.execute(
            sa.select(sa.func.count()).where(calibrations.c.period == period)
        ).scalar_one()
    return f"{period}-{int(known) + 1}"


def add_set(tx: Transaction, made: BlindSet, *, sample_seq: int) -> None:
    tx.insert(
        calibrations,
        name=made.name,
        period=made.period,
        sample_seq=sample_seq,
        person=made.person,
        at=tx.now.isoformat(timespec="seconds"),
        body_sha256=contents.put_json(tx.connection, "calibration", made.as_json()),
    )
    what = {
        "calibration": made.name,
        "period": made.period,
        "person": made.person,
        "calls": len(made.calls),
        "inspectors": ", ".join(made.inspectors),
    }
    tx.note("calibration.draw", what)


def blind_sets(reads: Reads) -> tuple[BlindSet, ...]:
    """All calibrations, oldest first."""
    with reads.reading() as connection:
        rows = connection.execute(sa.select(calibrations).order_by(calibrations.c.seq)).all()
        return tuple(_set(contents.get_json(connection, r.body_sha256), r) for r in rows)


def find_set(reads: Reads, name: str | None) -> BlindSet:
    """The calibration named, else the last. Raises UsageError where there is none."""
    found = blind_sets(reads)
    if not found:
        raise UsageError("there is no calibration yet; `qc calibrate draw` draws one")
    if name is None:
        return found[-1]
    for one in found:
        if one.name == name:
            return one
    allowed = ", ".join(s.name for s in found)
    raise UsageError(f"there is no calibration {name!r}; allowed: {allowed}")


def keep_sheet(
    tx: Transaction, name: str, inspector: str, answers: Sequence[SheetAnswer], *, person: str
) -> bool:
    """Keep what an inspector handed in; False where it is what stands already."""
    ordered = sorted(answers, key=lambda a: (a.recording_id, a.criterion, a.problem, a.written))
    sha256 = content_sha256([a.as_json() for a in ordered])
    calibration = tx.connection.execute(
        sa.select(calibrations.c.seq).where(calibrations.c.name == name)
    ).scalar_one()
    last = _last_sheet(tx.connection, calibration, inspector)
    if last is not None and last.answers_sha256 == sha256:
        return False
    seq = tx.insert(
        calibration_sheets,
        calibration_seq=calibration,
        inspector=inspector,
        person=person,
        at=tx.now.isoformat(timespec="seconds"),
        answers_sha256=sha256,
    ).seq
    for a in ordered:
        words = a.words
        tx.insert(
            calibration_answers,
            sheet_seq=seq,
            recording_id=a.recording_id,
            criterion=a.criterion,
            verdict=None if a.verdict is None else str(a.verdict),
            points=a.points,
            words_sha256=contents.put_json(tx.connection, "answer", words) if words else None,
        )
    taken = sum(a.verdict is not None for a in ordered)
    what = {
        "calibration": name,
        "inspector": inspector,
        "person": person,
        "answers": taken,
        "bad_rows": sum(bool(a.problem) for a in ordered),
        "replaces": None if last is None else last.at,
    }
    tx.note("calibration.read", {k: v for k, v in what.items() if v is not None})
    return True


def answers_of(reads: Reads, made: BlindSet) -> tuple[InspectorVerdict, ...]:
    """What stands of each inspector: the answers of the last sheet handed in."""
    found: list[InspectorVerdict] = []
    with reads.reading() as connection:
        calibration = connection.execute(
            sa.select(calibrations.c.seq).where(calibrations.c.name == made.name)
        ).scalar_one()
        for inspector in made.inspectors:
            sheet = _last_sheet(connection, calibration, inspector)
            if sheet is None:
                continue
            rows = connection.execute(
                sa.select(calibration_answers)
                .where(
                    calibration_answers.c.sheet_seq == sheet.seq,
                    calibration_answers.c.verdict.is_not(None),
                )
                .order_by(calibration_answers.c.seq)
            ).all()
            found += [
                InspectorVerdict(
                    recording_id=r.recording_id,
                    criterion=r.criterion,
                    inspector=inspector,
                    verdict=Verdict(r.verdict),
                    points=r.points,
                    note=_note(connection, r.words_sha256),
                )
                for r in rows
            ]
    return tuple(found)


def sheets_of(reads: Reads, made: BlindSet) -> dict[str, int]:
    """How many sheets each inspector has handed in."""
    with reads.reading() as connection:
        rows = connection.execute(
            sa.select(calibration_sheets.c.inspector, sa.func.count())
            .join(calibrations, calibrations.c.seq == calibration_sheets.c.calibration_seq)
            .where(calibrations.c.name == made.name)
            .group_by(calibration_sheets.c.inspector)
        ).all()
    counted = {r[0]: int(r[1]) for r in rows}
    return {k: counted.get(k, 0) for k in made.inspectors}


def _last_sheet(connection: sa.Connection, calibration: int, inspector: str) -> Any:
    return connection.execute(
        sa.select(calibration_sheets)
        .where(
            calibration_sheets.c.calibration_seq == calibration,
            calibration_sheets.c.inspector == inspector,
        )
        .order_by(calibration_sheets.c.seq.desc())
        .limit(1)
    ).first()


def _note(connection: sa.Connection, sha256: str | None) -> str:
    if sha256 is None:
        return ""
    try:
        return str(contents.get_json(connection, sha256).get("note", ""))
    except UsageError:
        return ""


def _set(body: dict[str, Any], row: Any) -> BlindSet:
    return BlindSet(
        name=body["name"],
        period=body["period"],
        seed=body["seed"],
        inspectors=tuple(body["inspectors"]),
        calls=tuple(
            BlindCall(recording_id=c["recording_id"], card=c["card"], criteria=tuple(c["criteria"]))
            for c in body["calls"]
        ),
        person=row.person,
        at=row.at,
    )
