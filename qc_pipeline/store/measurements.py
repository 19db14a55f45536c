"""Measures taken again by later definitions: the newest stands, the former stay in the record.

The first ones are in the row of the transcription, or of the correction, that they came with.
"""

from __future__ import annotations

import sqlalchemy as sa

from qc_pipeline.call import Measures, measures_from_json
from qc_pipeline.store import contents
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


def measured_again(
    reads: Reads, recording_id: str, *, audio_sha256: str, words_sha256: str
) -> tuple[str, Measures] | None:
    """The last of them with their hash; None where the first ones still stand."""
    with reads.reading() as connection:
        row = connection.execute(
            sa.select(measurements.c.measures_sha256)
            .where(
                measurements.c.recording_id == recording_id,
                measurements.c.audio_sha256 == audio_sha256,
                measurements.c.transcript_sha256 == words_sha256,
            )
            .order_by(measurements.c.seq.desc())
            .limit(1)
        ).first()
        if row is None:
            return None
        body = contents.get_json(connection, row.measures_sha256)
        return str(row.measures_sha256), measures_from_json(body)
