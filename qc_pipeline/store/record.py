"""The record: what the weekly job knows and keeps. The one door to the database.

Every writing method is one transaction. Nothing is written twice: writing what is already there
changes nothing, so a second run over the same things leaves the file as it was.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from qc_pipeline.call import (
    Failure,
    Recording,
)
from qc_pipeline.sampling.replace_invalid import with_replacements
from qc_pipeline.sampling.sample import Sample
from qc_pipeline.scoring.scorecard import Scorecard
from qc_pipeline.store import audit, contents, tables
from qc_pipeline.store.database import Door
from qc_pipeline.store.from_json import recording_from_json, sample_from_json
from qc_pipeline.store.outcomes import keep_outcome, outcome_of, standing_seqs
from qc_pipeline.store.purging import purged_in, tombstone_faults
from qc_pipeline.store.replacements import read_replacements
from qc_pipeline.store.rubrics import add_rubric
from qc_pipeline.store.samples import KeptSample
from qc_pipeline.store.transcriptions import Transcription, transcription_of


class Record:
    """An open database. `now` gives the time of audit lines, `who` the person they name."""

    def __init__(self, url: str, *, now: Callable[[], datetime], who: str) -> None:
        self.door = Door(url, now=now, who=who)

    def close(self) -> None:
        self.door.close()

    # Samples

    def kept_sample(self, period: str) -> KeptSample | None:
        """The draw in force of a period: the latest one."""
        with self.door.reading() as connection:
            rows = connection.execute(
                sa.select(tables.samples)
                .where(tables.samples.c.period == period)
                .order_by(tables.samples.c.seq)
            ).all()
            if not rows:
                return None
            row = rows[-1]
            drawn = sample_from_json(contents.get_json(connection, row.sample_sha256))
            made = read_replacements(connection, row.seq)
            return KeptSample(
                seq=row.seq,
                sample=with_replacements(drawn, [r.replacement for r in made]),
                drawn=drawn,
                replacements=made,
                start_day=date.fromisoformat(row.start_day),
                end_day=date.fromisoformat(row.end_day),
                number=len(rows),
                reason=row.reason,
            )

    def periods(self) -> tuple[tuple[str, date, date], ...]:
        """The drawn periods with their first and last day, oldest first."""
        columns = (
            tables.samples.c.period,
            tables.samples.c.start_day,
            tables.samples.c.end_day,
        )
        with self.door.reading() as connection:
            rows = connection.execute(sa.select(*columns).distinct().order_by(columns[1])).all()
        return tuple(
            (r.period, date.fromisoformat(r.start_day), date.fromisoformat(r.end_day)) for r in rows
        )

    def keep_sample(
        self, sample: Sample, *, days: tuple[date, date], reason: str | None = None
    ) -> None:
        with self.door.writing() as connection:
            sha256 = contents.put_json(connection, "sample", asdict(sample))
            seq = connection.execute(
                tables.samples.insert()
                .values(
                    period=sample.period,
                    start_day=days[0].isoformat(),
                    end_day=days[1].isoformat(),
                    seed=sample.seed,
                    plan_sha256=sample.plan_sha256,
                    frame_sha256=sample.frame_sha256,
                    sample_sha256=sha256,
                    reason=reason,
                )
                .returning(tables.samples.c.seq)
            ).scalar_one()
            if sample.picks:
                connection.execute(
                    tables.picks.insert(),
                    [
                        {
                            "sample_seq": seq,
                            "recording_id": p.recording_id,
                            "stratum": p.stratum,
                            "origin": p.origin,
                            "probability": p.probability,
                            "relisten": p.relisten,
                            "inspector": p.inspector,
                        }
                        for p in sample.picks
                    ],
                )
            what = {"period": sample.period, "seed": sample.seed, "sample": sha256}
            self.door.note(connection, "sample.draw", what | ({"reason": reason} if reason else {}))

    # Calls

    def keep_calls(self, recordings: Iterable[Recording]) -> None:
        """Keep call rows as read; a row that has not changed is kept once, a purged one never."""
        with self.door.writing() as connection:
            purged = purged_in(connection)
            for recording in recordings:
                if recording.recording_id in purged:
                    continue
                sha256 = contents.put_json(connection, "call", recording.as_json())
                seen = connection.execute(
                    sa.select(tables.calls.c.seq).where(
                        tables.calls.c.recording_id == recording.recording_id,
                        tables.calls.c.call_sha256 == sha256,
                    )
                ).first()
                if seen is None:
                    connection.execute(
                        tables.calls.insert().values(
                            recording_id=recording.recording_id,
                            call_sha256=sha256,
                            start_time=recording.start_time.isoformat(),
                            agent_id=recording.agent_id,
                            team=recording.text("team"),
                            business=recording.text("business"),
                        )
                    )

    def kept_call(self, recording_id: str) -> Recording | None:
        """The call row as last read, or what a purge left of it."""
        with self.door.reading() as connection:
            row = connection.execute(
                sa.select(tables.calls.c.call_sha256)
                .where(tables.calls.c.recording_id == recording_id)
                .order_by(tables.calls.c.seq.desc())
                .limit(1)
            ).first()
            if row is None:
                return None
            return recording_from_json(contents.get_what_is_left(connection, row.call_sha256)[0])

    def purged(self) -> Mapping[str, str]:
        """The recordings whose words and personal fields were purged, each with the day of it."""
        with self.door.reading() as connection:
            return purged_in(connection)

    def is_purged(self, recording_id: str) -> bool:
        table = tables.purged
        with self.door.reading() as connection:
            row = connection.execute(
                sa.select(table.c.seq).where(table.c.recording_id == recording_id)
            ).first()
        return row is not None

    # Transcriptions

    def knows(self, recording_id: str, identity_sha256: str) -> bool:
        """Whether this recording already has this transcription."""
        table = tables.heard
        with self.door.reading() as connection:
            found = connection.execute(
                sa.select(table.c.seq).where(
                    table.c.recording_id == recording_id,
                    table.c.identity_sha256 == identity_sha256,
                )
            ).first()
        return found is not None

    def heard(self, identity_sha256: str) -> Transcription | None:
        """The transcription of an identity, whichever recording it was made for."""
        table = tables.transcriptions
        with self.door.reading() as connection:
            row = connection.execute(
                sa.select(table).where(table.c.identity_sha256 == identity_sha256)
            ).first()
            return None if row is None else transcription_of(connection, row)

    def latest_heard(self, recording_id: str, hearing_sha256: str) -> Transcription | None:
        """The last transcription kept of a recording that was made in this way."""
        table = tables.transcriptions
        with self.door.reading() as connection:
            row = connection.execute(
                sa.select(table)
                .join(tables.heard, tables.heard.c.identity_sha256 == table.c.identity_sha256)
                .where(
                    tables.heard.c.recording_id == recording_id,
                    table.c.hearing_sha256 == hearing_sha256,
                )
                .order_by(tables.heard.c.seq.desc())
                .limit(1)
            ).first()
            return None if row is None else transcription_of(connection, row)

    def keep_heard(self, recording_id: str, heard: Transcription) -> None:
        """Keep a transcription, and that this recording has it."""
        with self.door.writing() as connection:
            table = tables.transcriptions
            known = connection.execute(
                sa.select(table.c.identity_sha256).where(
                    table.c.identity_sha256 == heard.identity_sha256
                )
            ).first()
            if known is None:
                connection.execute(
                    table.insert().values(
                        identity_sha256=heard.identity_sha256,
                        audio_sha256=heard.audio_sha256,
                        hearing_sha256=heard.hearing_sha256,
                        transcript_sha256=contents.put_json(
                            connection, "transcript", heard.transcript.as_json()
                        ),
                        measures_sha256=contents.put_json(
                            connection, "measures", heard.measures.as_json()
                        ),
                        envelope=heard.envelope,
                    )
                )
            _insert_once(
                connection,
                tables.heard,
                recording_id=recording_id,
                identity_sha256=heard.identity_sha256,
            )

    # Rubrics, settings

    def keep_rubric(self, *, source: str, rubric_id: str, version: str) -> str:
        """Keep a rubric whole; returns its hash, which is that of the file's bytes."""
        with self.door.writing() as connection:
            return add_rubric(
                connection, self.door, source=source, rubric_id=rubric_id, version=version
            )

    def kept_rubric(self, sha256: str) -> str:
        """The source of a kept rubric. Raises KeyError for an unknown hash."""
        with self.door.reading() as connection:
            return contents.get_text(connection, sha256)

    def keep_settings(self, sample_seq: int, settings: Mapping[str, Any]) -> None:
        with self.door.writing() as connection:
            sha256 = contents.put_json(connection, "settings", settings)
            _insert_once(connection, tables.settings, sample_seq=sample_seq, settings_sha256=sha256)

    # Outcomes

    def outcomes(self, sample_seq: int) -> Mapping[str, Scorecard | Failure]:
        """How each recording of a sample stands: the last that was kept of it.

        Recordings that proved invalid and left the sample are not among them.
        """
        table, left = tables.outcomes, tables.replacements
        found: dict[str, Scorecard | Failure] = {}
        with self.door.reading() as connection:
            gone = sa.select(left.c.recording_id).where(left.c.sample_seq == sample_seq)
            last = (
                sa.select(sa.func.max(table.c.seq))
                .where(table.c.sample_seq == sample_seq, table.c.recording_id.not_in(gone))
                .group_by(table.c.recording_id)
            )
            rows = connection.execute(
                sa.select(table).where(table.c.seq.in_(last)).order_by(table.c.recording_id)
            ).all()
            for row in rows:
                found[row.recording_id] = outcome_of(connection, row)
        return found

    def standing_seqs(self, sample_seq: int) -> Mapping[str, int]:
        """The row by which each recording of a sample stands now."""
        with self.door.reading() as connection:
            return standing_seqs(connection, sample_seq)

    def keep_outcomes(self, sample_seq: int, results: Iterable[Scorecard | Failure]) -> int:
        """Keep how recordings ended, together; returns how many differ from what stood."""
        changed = 0
        with self.door.writing() as connection:
            for result in results:
                changed += keep_outcome(connection, sample_seq, result)
        return changed

    def faults(self) -> tuple[str, ...]:
        """What is wrong with the database itself, a sentence each; empty when it is whole."""
        found: list[str] = []
        with self.door.reading() as connection:
            if connection.dialect.name == "sqlite":
                found += [
                    f"the file is damaged: {row[0]}"
                    for row in connection.exec_driver_sql("PRAGMA integrity_check")
                    if row[0] != "ok"
                ]
                found += [
                    f"table {row[0]} points to something that is not there"
                    for row in connection.exec_driver_sql("PRAGMA foreign_key_check")
                ]
            found += contents.changed(connection)
            found += tombstone_faults(connection)
        return tuple(found)

    def audit_lines(self) -> tuple[audit.AuditLine, ...]:
        with self.door.reading() as connection:
            return audit.lines(connection)

    def audit_break(self) -> int | None:
        """The first line at which the audit's chain does not hold; None where it is whole."""
        return next((b.seq for b in self.audit_breaks()), None)

    def audit_breaks(self) -> tuple[audit.Break, ...]:
        with self.door.reading() as connection:
            return audit.breaks(connection)


def _insert_once(connection: sa.Connection, table: sa.Table, **values: Any) -> None:
    conditions = [table.c[k] == v for k, v in values.items()]
    if connection.execute(sa.select(table.c.seq).where(*conditions)).first() is None:
        connection.execute(table.insert().values(**values))
