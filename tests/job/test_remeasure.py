"""Newer definitions of measures: taken again from kept words and the audio, nothing heard again."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from qc_pipeline.audio import measures
from qc_pipeline.job import share
from qc_pipeline.scoring.scorecard import Scorecard
from qc_pipeline.store.calls import kept_call
from qc_pipeline.store.card_sources import made_from
from qc_pipeline.store.outcomes import outcomes_of
from qc_pipeline.store.record import Record
from qc_pipeline.store.samples import KeptSample, drawn_periods, kept_sample
from qc_pipeline.workspace.settings import load_settings
from tests.weeks import qc, qc_json

NOW = measures.MEASURES_VERSION
LATER = "later"


@pytest.fixture(scope="module")
def heard(sample_week: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four sample calls, heard by the sample model and scored."""
    return Path(shutil.copytree(sample_week, tmp_path_factory.mktemp("heard") / "week"))


def opened(folder: Path) -> tuple[Record, KeptSample]:
    url = load_settings(folder).store_url()
    record = Record(url, now=lambda: datetime.now(UTC), who="test")
    ((period, _, _),) = drawn_periods(record)
    kept = kept_sample(record, period)
    assert kept is not None
    return record, kept


def test_measures_are_taken_again_and_nothing_is_heard_again(
    heard: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record, kept = opened(heard)
    before = outcomes_of(record, kept.seq)
    again, *_, gone = sorted(before)
    calls = {k: kept_call(record, k) for k in before}
    path = heard / "recordings" / str(calls[gone].path)
    path.rename(path.with_suffix(".archived"))

    def refuse(*_: object) -> None:
        raise AssertionError("the recogniser was loaded")

    monkeypatch.setattr(share, "load_recogniser", refuse)
    monkeypatch.setattr(measures, "MEASURES_VERSION", LATER)
    told = qc(heard, "transcribe")
    assert told.out == "transcribed 0, known before 4, measured anew 3, failed 0\n"
    assert (
        "measures by former definitions stay for 1 of 4 calls: the recording is not there"
        in told.err
    )
    # What could be measured is by the new definitions now, and is not measured a third time.
    assert qc_json(heard, "transcribe") == {
        "transcribed": 0,
        "before": 4,
        "failed": 0,
        "measured_anew": 0,
    }
    qc(heard, "score")
    after = outcomes_of(record, kept.seq)
    new, old = after[again], before[again]
    assert isinstance(new, Scorecard) and isinstance(old, Scorecard)
    then, now = old.measures, new.measures
    assert (then["version"], now["version"]) == (NOW, LATER)
    assert after[gone] == before[gone]
    # The same audio by definitions that only have another name: the same figures. Words and
    # regions are kept to 0.01 s.
    for part in ("agent", "customer", "call"):
        assert then[part] and now[part] == pytest.approx(then[part], rel=0.02, abs=0.1)
    assert new.transcript_sha256 == old.transcript_sha256
    # The former card can still be judged from what it was made from.
    assert made_from(record, old).measures.version == NOW
    record.close()


def test_another_recording_under_the_same_name_is_not_measured_for_old_words(
    heard: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A transcript belongs to its audio: with other audio there, it is listened to."""
    record, kept = opened(heard)
    first, *_ = sorted(outcomes_of(record, kept.seq))
    call = kept_call(record, first)
    record.close()
    assert call is not None
    path = heard / "recordings" / str(call.path)
    kept_bytes = path.read_bytes()
    other = next(p for p in path.parent.iterdir() if p != path)
    path.write_bytes(other.read_bytes())
    monkeypatch.setattr(measures, "MEASURES_VERSION", "later still")
    told = qc(heard, "transcribe")
    path.write_bytes(kept_bytes)
    assert told.out.startswith("transcribed 1, known before 3")
