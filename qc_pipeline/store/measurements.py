"""Measures taken again by later definitions: the newest stands, the former stay in the record.

The first ones are in the row of the transcription, or of the correction, that they came with.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import sqlalchemy as sa

from qc_pipeline.call import Measures
from qc_pipeline.store import contents
from qc_pipeline.store.in_parts import in_parts
from qc_pipeline.store.tables import measurements
from qc_pipeline.store.transaction import Reads, Transaction


def keep_measured(
    tx: Transaction, recording_id: str, *, audio_sha256: str, words_sha256: str, measures: Measures
) -> None:
    """Keep newer measures of a recording's audio and of the words kept under a hash."""
    tx.insert(
        measurements,
        recording_id=recording_id,
        audio_sha256=audio_sha256,
        transcript_sha256=words_sha256,
        measures_sha256=contents.put_json(tx.connection, "measures", measures.as_json()),
        version=measures.version,
    )


def last_measures(
    reads: Reads, recording_ids: Collection[str]
) -> Mapping[tuple[str, str, str], str]:
    """The hashes of the last measures taken again, by recording, audio and words (both by hash);
    where the first ones still stand there is none.
    """
    found: dict[tuple[str, str, str], str] = {}
    with reads.reading() as connection:
        for part in in_parts(recording_ids):
            rows = connection.execute(
                sa.select(measurements)
                .where(measurements.c.recording_id.in_(part))
                .order_by(measurements.c.seq)
            )
            for row in rows:
                key = (row.recording_id, row.audio_sha256, row.transcript_sha256)
                found[key] = row.measures_sha256
    return found
