"""The record keeps what it is given, once, and shows an edit by hand."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from qc_pipeline.call import (
    AsrIdentity,
    Failure,
    Measures,
    Recording,
    Speaker,
    Transcript,
    Turn,
    Word,
    measures_from_json,
    transcript_from_json,
)
from qc_pipeline.errors import SurroundingsError, UsageError
from qc_pipeline.message import read_message
from qc_pipeline.sampling.sample import Exclusion, Pick, Sample, StratumRow
from qc_pipeline.scoring.evidence.finding import Evidence, EvidenceKind, Verdict
from qc_pipeline.scoring.scorecard import CriterionResult, Scorecard, SectionResult
from qc_pipeline.store.audit_trail import audit_break, audit_lines
from qc_pipeline.store.calls import keep_calls, kept_call
from qc_pipeline.store.card_sources import models_of
from qc_pipeline.store.integrity import record_faults
from qc_pipeline.store.outcomes import keep_outcomes, outcomes_of
from qc_pipeline.store.record import Record
from qc_pipeline.store.rubrics import keep_rubric, kept_rubric
from qc_pipeline.store.samples import keep_sample, kept_sample
from qc_pipeline.store.transcriptions import (
    Transcription,
    envelopes_of,
    keep_transcription,
    kept_bodies,
    transcription_rows,
)

NOON = datetime(2026, 11, 16, 12, 0, tzinfo=UTC)
DAYS = (date(2026, 11, 9), date(2026, 11, 15))


@pytest.fixture(
    params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)],
)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'qc.sqlite'}"
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture
def record(url: str) -> Record:
    return Record(url, now=lambda: NOON, who="wang")


def sample(seed: str = "s1") -> Sample:
    return Sample(
        period="2026-W46",
        seed=seed,
        plan={"budget_calls": 2},
        plan_sha256="a" * 64,
        frame_sha256="b" * 64,
        frame_size=5,
        picks=(
            Pick(recording_id="r1", stratum="<30|rest", probability=0.4, agent_id="a1"),
            Pick(recording_id="r2", stratum="<30|rest", origin="mystery"),
        ),
        strata=(
            StratumRow(
                stratum="<30|rest",
                duration_band="<30",
                slot="rest",
                frame=5,
                allocated=2.0,
                drawn=1,
                merged_from=("<30|night",),
            ),
        ),
        excluded=(Exclusion(recording_id="r9", reason=read_message("not answered")),),
        reserve=("r3",),
        notes=(read_message("merged"),),
    )


def heard(recording_id: str = "r1") -> Transcription:
    word = Word(text="您", start_s=0.5, end_s=0.7, confidence=0.9)
    turn = Turn(
        speaker=Speaker.AGENT, start_s=0.5, end_s=0.7, text="您", confidence=0.9, words=(word,)
    )
    transcript = Transcript(
        recording_id=recording_id,
        language="zh",
        duration_s=20.0,
        asr=AsrIdentity(backend="faster-whisper", model="sample", model_sha256="c" * 64),
        turns=(turn,),
        speech={Speaker.AGENT: ((0.5, 0.7),), Speaker.CUSTOMER: ()},
        channels={Speaker.AGENT: "ok", Speaker.CUSTOMER: "dead"},
    )
    measures = Measures(version="1", speakers={Speaker.AGENT: {"level_db": -20.0}}, turns=({},))
    return Transcription(
        identity_sha256="d" * 64,
        audio_sha256="e" * 64,
        hearing_sha256="f" * 64,
        transcript=transcript,
        measures=measures,
        envelope=b"\x00\x7f",
    )


def card(rubric_sha256: str, total: float = 95.0) -> Scorecard:
    evidence = Evidence(
        kind=EvidenceKind.SAID,
        start_s=1.0,
        end_s=2.0,
        speaker=Speaker.AGENT,
        turn=0,
        quote="爱办不办",
        phrase="爱办不办",
        tier=1,
    )
    criterion = CriterionResult(
        id="taboo",
        title="服务禁语",
        verdict=Verdict.FAIL,
        points=10.0,
        lost=5.0,
        certainty=0.93,
        reason="说了禁语",
        hits=1,
        evidence=(evidence,),
    )
    section = SectionResult(id="s", title="服务礼仪", points=100.0, lost=5.0, criteria=(criterion,))
    return Scorecard(
        recording_id="r1",
        rubric_id="mini",
        rubric_version="1",
        rubric_sha256=rubric_sha256,
        transcript_sha256="a" * 64,
        points=100.0,
        total=total,
        band="优秀",
        passed=True,
        scorable_share=1.0,
        provisional=False,
        fatal=(),
        sections=(section,),
        inputs={"call": "x"},
    )


def test_sample_comes_back_as_it_was_drawn(record: Record) -> None:
    with record.transaction() as tx:
        keep_sample(tx, sample(), days=DAYS)
    kept = kept_sample(record, "2026-W46")
    assert kept is not None
    assert kept.sample == sample()
    assert (kept.start_day, kept.end_day) == DAYS
    assert (kept.number, kept.reason) == (1, None)


def test_redrawn_sample_is_in_force_and_numbered(record: Record) -> None:
    with record.transaction() as tx:
        keep_sample(tx, sample("s1"), days=DAYS)
    with record.transaction() as tx:
        keep_sample(tx, sample("s2"), days=DAYS, reason="名单更正")
    kept = kept_sample(record, "2026-W46")
    assert kept is not None
    assert (kept.sample.seed, kept.number, kept.reason) == ("s2", 2, "名单更正")


def test_unknown_period_has_no_sample(record: Record) -> None:
    assert kept_sample(record, "2026-W01") is None


def whole(record: Record, recording: str) -> list[Transcription]:
    """The transcriptions of a recording put together from their rows and bodies, in order."""
    rows = transcription_rows(record, [recording]).get(recording, ())
    bodies = kept_bodies(
        record, [h for row in rows for h in (row.transcript_sha256, row.measures_sha256)]
    )
    envelopes = envelopes_of(record, [row.identity_sha256 for row in rows])
    return [
        Transcription(
            identity_sha256=row.identity_sha256,
            audio_sha256=row.audio_sha256,
            hearing_sha256=row.hearing_sha256,
            transcript=transcript_from_json(bodies[row.transcript_sha256]),
            measures=measures_from_json(bodies[row.measures_sha256]),
            envelope=envelopes.get(row.identity_sha256),
            has_audio=row.has_audio,
        )
        for row in rows
    ]


def test_transcription_comes_back_with_measures_and_envelope(record: Record) -> None:
    with record.transaction() as tx:
        keep_transcription(tx, "r1", heard())
    assert whole(record, "r1") == [heard()]
    assert whole(record, "r2") == []
    (row,) = transcription_rows(record, ["r1"])["r1"]
    assert (row.identity_sha256, row.hearing_sha256) == ("d" * 64, "f" * 64)


def test_a_transcription_brings_the_hashes_that_the_store_has_of_it(record: Record) -> None:
    with record.transaction() as tx:
        keep_transcription(tx, "r1", heard())
    (row,) = transcription_rows(record, ["r1"])["r1"]
    assert row.transcript_sha256 == heard().transcript.sha256()
    assert row.measures_sha256 == heard().measures.sha256()


def test_same_audio_of_a_second_recording_is_kept_once(record: Record) -> None:
    with record.transaction() as tx:
        keep_transcription(tx, "r1", heard())
    with record.transaction() as tx:
        keep_transcription(tx, "r2", heard())
    assert whole(record, "r2") == [heard()]
    rows = transcription_rows(record, ["r1", "r2"])
    assert [row.own for row in rows["r1"]] == [True]
    assert [row.own for row in rows["r2"]] == [False]


def test_models_of_transcripts_are_named_once_each(record: Record) -> None:
    other = replace(
        heard("r2"),
        identity_sha256="1" * 64,
        hearing_sha256="2" * 64,
        transcript=replace(
            heard("r2").transcript, asr=AsrIdentity(backend="x", model="y", model_sha256="3" * 64)
        ),
    )
    imported = replace(
        heard("r3"),
        identity_sha256="4" * 64,
        hearing_sha256="5" * 64,
        transcript=replace(heard("r3").transcript, asr=AsrIdentity(backend="z", model="z")),
    )
    for one in (heard(), other, imported):
        with record.transaction() as tx:
            keep_transcription(tx, one.transcript.recording_id, one)
    kept = [h.transcript.sha256() for h in (heard(), other, imported)]
    assert models_of(record, {"w": kept}) == {"w": ("3" * 64, "c" * 64)}
    assert models_of(record, {"w": [kept[0], "9" * 64], "v": [kept[2]]}) == {
        "w": ("c" * 64,),
        "v": (),
    }


def test_scorecard_comes_back_and_is_not_kept_twice(record: Record) -> None:
    with record.transaction() as tx:
        keep_sample(tx, sample(), days=DAYS)
    kept = kept_sample(record, "2026-W46")
    assert kept is not None
    with record.transaction() as tx:
        rubric = keep_rubric(tx, source="rubric: mini\n", rubric_id="mini", version="1")
    assert kept_rubric(record, rubric) == "rubric: mini\n"
    with record.transaction() as tx:
        assert keep_outcomes(tx, kept.seq, [card(rubric)]) == 1
    with record.transaction() as tx:
        assert keep_outcomes(tx, kept.seq, [card(rubric)]) == 0
    assert outcomes_of(record, kept.seq) == {"r1": card(rubric)}


def test_failure_tried_again_and_scored_is_no_failure(record: Record) -> None:
    with record.transaction() as tx:
        keep_sample(tx, sample(), days=DAYS)
    kept = kept_sample(record, "2026-W46")
    assert kept is not None
    failure = Failure(recording_id="r1", stage="audio", reason=read_message("the file is empty"))
    with record.transaction() as tx:
        assert keep_outcomes(tx, kept.seq, [failure]) == 1
    with record.transaction() as tx:
        assert keep_outcomes(tx, kept.seq, [failure]) == 0
    assert outcomes_of(record, kept.seq) == {"r1": failure}
    with record.transaction() as tx:
        rubric = keep_rubric(tx, source="rubric: mini\n", rubric_id="mini", version="1")
    with record.transaction() as tx:
        keep_outcomes(tx, kept.seq, [card(rubric)])
    assert outcomes_of(record, kept.seq) == {"r1": card(rubric)}


def test_call_row_comes_back_as_last_read(record: Record) -> None:
    first = Recording(
        recording_id="r1", path="a/1.ogg", start_time=NOON, agent_id="a1", fields={"queue_s": 3.5}
    )
    second = replace(first, fields={"queue_s": 4, "mystery": True})
    with record.transaction() as tx:
        keep_calls(tx, [first])
    with record.transaction() as tx:
        keep_calls(tx, [second])
    assert kept_call(record, "r1") == second
    assert kept_call(record, "r2") is None


def test_audit_line_changed_by_hand_is_found(record: Record, url: str) -> None:
    for n in range(3):
        with record.transaction() as tx:
            keep_sample(tx, sample(f"s{n}"), days=DAYS)
    assert audit_break(record) is None
    assert [line.who for line in audit_lines(record)] == ["wang"] * 3
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE audit SET who = 'li' WHERE seq = 2"))
    assert audit_break(record) == 2


def test_body_changed_by_hand_is_found(record: Record, url: str) -> None:
    with record.transaction() as tx:
        keep_rubric(tx, source="rubric: mini\n", rubric_id="mini", version="1")
    assert record_faults(record) == ()
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE contents SET body = 'rubric: maxi' "))
    (fault,) = record_faults(record)
    assert "a rubric was changed by hand" in fault


def test_newer_database_is_refused_in_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "qc.sqlite"
    Record(f"sqlite:///{path}", now=lambda: NOON, who="wang").close()
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    with pytest.raises(UsageError, match=r"newer version \(revision 9999"):
        Record(f"sqlite:///{path}", now=lambda: NOON, who="wang")


def test_file_that_is_no_database_is_said(tmp_path: Path) -> None:
    path = tmp_path / "qc.sqlite"
    path.write_bytes(b"hello, I am a letter" * 100)
    with pytest.raises(SurroundingsError, match="damaged or not one"):
        Record(f"sqlite:///{path}", now=lambda: NOON, who="wang")


def test_database_in_a_missing_folder_is_said(tmp_path: Path) -> None:
    with pytest.raises(SurroundingsError, match="folder of the database is not there"):
        Record(f"sqlite:///{tmp_path}/none/qc.sqlite", now=lambda: NOON, who="wang")


def test_url_that_is_none_is_said() -> None:
    with pytest.raises(UsageError, match=r"not a database address: 'qc\.sqlite'"):
        Record("qc.sqlite", now=lambda: NOON, who="wang")
