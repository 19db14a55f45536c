"""Measures taken again: the last stands, of that recording, that audio and those words alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from qc_pipeline.store.integrity import record_faults
from qc_pipeline.store.measurements import keep_measured, measured_again
from qc_pipeline.store.record import Record
from qc_pipeline.store.transcriptions import keep_transcription, kept_transcription
from tests.store.test_record import heard


@pytest.fixture
def record(tmp_path: Path) -> Iterator[Record]:
    now = datetime(2026, 11, 20, tzinfo=UTC)
    opened = Record(f"sqlite:///{tmp_path / 'qc.sqlite'}", now=lambda: now, who="test")
    yield opened
    opened.close()


def test_the_last_of_several_stands(record: Record) -> None:
    first = heard()
    with record.transaction() as tx:
        keep_transcription(tx, "r1", first)
    where = {"audio_sha256": first.audio_sha256, "words_sha256": first.transcript.sha256()}
    assert measured_again(record, "r1", **where) is None
    for version in ("2", "3", "2"):
        newer = replace(first.measures, version=version)
        with record.transaction() as tx:
            keep_measured(tx, "r1", measures=newer, **where)
        assert measured_again(record, "r1", **where) == (newer.sha256(), newer)
    assert measured_again(record, "r2", **where) is None
    assert measured_again(record, "r1", **where | {"audio_sha256": "0" * 64}) is None
    assert measured_again(record, "r1", **where | {"words_sha256": "0" * 64}) is None
    # The row of the transcription keeps those it came with.
    assert kept_transcription(record, first.identity_sha256) == first
    assert record_faults(record) == ()
