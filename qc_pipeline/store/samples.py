"""The draws of a period as recorded."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import sqlalchemy as sa

from qc_pipeline.sampling.replace_invalid import broken_quotas, with_replacements
from qc_pipeline.sampling.sample import Sample
from qc_pipeline.store import contents, tables
from qc_pipeline.store.from_json import sample_from_json
from qc_pipeline.store.replacements import KeptReplacement, replacements_in
from qc_pipeline.store.transaction import Reads, Transaction

FRAME = "frame"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptSample:
    """A period's draw as recorded. `number` counts the period's draws from 1, `reason` is why it
    was drawn anew.

    `sample` is what is inspected: the draw (`drawn`) with `replacements` in place of the
    recordings that proved invalid.
    """

    seq: int
    sample: Sample
    drawn: Sample
    replacements: tuple[KeptReplacement, ...]
    start_day: date
    end_day: date
    number: int
    reason: str | None


def kept_sample(reads: Reads, period: str) -> KeptSample | None:
    """The draw in force of a period: the latest one."""
    return kept_samples(reads, (period,)).get(period)


def kept_samples(reads: Reads, periods: Collection[str]) -> Mapping[str, KeptSample]:
    """The draws in force of periods, by name; those not drawn are left out."""
    table = tables.samples
    query = sa.select(table).where(table.c.period.in_(sorted(periods))).order_by(table.c.seq)
    with reads.reading() as connection:
        draws: dict[str, list[Any]] = {}
        for row in connection.execute(query):
            draws.setdefault(row.period, []).append(row)
        last = {period: rows[-1] for period, rows in draws.items()}
        bodies = contents.left_of(connection, (row.sample_sha256 for row in last.values()))
        replaced = replacements_in(connection, [row.seq for row in last.values()])
    found: dict[str, KeptSample] = {}
    for period, row in sorted(last.items()):
        drawn = sample_from_json(bodies[row.sample_sha256].body)
        made = replaced.get(row.seq, ())
        chosen = [r.replacement for r in made]
        broken = broken_quotas(drawn, chosen) if made else ()
        apart = {p.recording_id for p in drawn.picks if p.origin != "drawn"}
        found[period] = KeptSample(
            seq=row.seq,
            sample=with_replacements(drawn, chosen),
            drawn=drawn,
            replacements=tuple(
                replace(r, broken=b, apart=r.replacement.invalid in apart)
                for r, b in zip(made, broken, strict=True)
            ),
            start_day=date.fromisoformat(row.start_day),
            end_day=date.fromisoformat(row.end_day),
            number=len(draws[period]),
            reason=row.reason,
        )
    return found


def drawn_periods(reads: Reads) -> tuple[tuple[str, date, date], ...]:
    """The drawn periods with their first and last day, oldest first."""
    columns = (
        tables.samples.c.period,
        tables.samples.c.start_day,
        tables.samples.c.end_day,
    )
    with reads.reading() as connection:
        rows = connection.execute(sa.select(*columns).distinct().order_by(columns[1])).all()
    return tuple(
        (r.period, date.fromisoformat(r.start_day), date.fromisoformat(r.end_day)) for r in rows
    )


def keep_sample(
    tx: Transaction,
    sample: Sample,
    *,
    days: tuple[date, date],
    frame: str | None = None,
    reason: str | None = None,
) -> None:
    """Keep a draw of a period's calls, whose first and last day are `days`, with the frame that it
    names (`sampling.kept_frame`)."""
    if frame is not None and contents.put_text(tx.connection, FRAME, frame) != (
        sample.frame_table_sha256
    ):
        raise ValueError("the frame is not the one that the sample names")
    sha256 = contents.put_json(tx.connection, "sample", sample.as_json())
    row = tx.insert(
        tables.samples,
        period=sample.period,
        start_day=days[0].isoformat(),
        end_day=days[1].isoformat(),
        seed=sample.seed,
        plan_sha256=sample.plan_sha256,
        frame_sha256=sample.frame_sha256,
        sample_sha256=sha256,
        reason=reason,
    )
    tx.insert_all(
        tables.picks,
        [
            {
                "sample_seq": row.seq,
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
    if sample.seed_origin:
        what |= {"seed_origin": sample.seed_origin}
    if sample.seed_reason:
        what |= {"seed_reason": sample.seed_reason}
    tx.note("sample.draw", what | ({"reason": reason} if reason else {}))


def kept_frame(reads: Reads, sample: Sample) -> Mapping[str, Any] | None:
    """The frame that was kept with a draw, None where none was."""
    if not sample.frame_table_sha256:
        return None
    with reads.reading() as connection:
        body: Mapping[str, Any] = contents.get_json(connection, sample.frame_table_sha256)
    return body


def keep_settings(tx: Transaction, sample_seq: int, settings: Mapping[str, Any]) -> None:
    """Keep the settings that a sample was worked on with; the same ones once."""
    sha256 = contents.put_json(tx.connection, "settings", settings)
    tx.insert_once(tables.settings, sample_seq=sample_seq, settings_sha256=sha256)
