"""Measures taken again: the last stands, of that recording, that audio and those words alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from qc_pipeline.store.integrity import record_faults
from qc_pipeline.store.measurements import keep_measured, last_measures
from qc_pipeline.store.record import Record
from qc_pipeline.store.transcriptions import keep_transcription, kept_bodies, transcription_rows
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
    key = ("r1", *where.values())
    assert last_measures(record, ["r1"]) == {}
    for version in ("2", "3", "2"):
        newer = replace(first.measures, version=version)
        with record.transaction() as tx:
            keep_measured(tx, "r1", measures=newer, **where)
        assert last_measures(record, ["r1"]) == {key: newer.sha256()}
        assert kept_bodies(record, [newer.sha256()]) == {newer.sha256(): newer.as_json()}
    assert last_measures(record, ["r2"]) == {}
    with record.transaction() as tx:
        other = replace(first.measures, version="other")
        keep_measured(tx, "r1", measures=other, **where | {"audio_sha256": "0" * 64})
    assert last_measures(record, ["r1", "r2"]) == {
        key: newer.sha256(),
        ("r1", "0" * 64, where["words_sha256"]): other.sha256(),
    }
    # The row of the transcription keeps those it came with.
    (row,) = transcription_rows(record, ["r1"])["r1"]
    assert row.measures_sha256 == first.measures.sha256()
    assert record_faults(record) == ()
