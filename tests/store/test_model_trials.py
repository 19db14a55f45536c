"""Trials of models: the newest of a model and language counts, all stay."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from qc_pipeline.asr.options import AsrOptions
from qc_pipeline.store.audit_trail import audit_break, audit_lines
from qc_pipeline.store.integrity import record_faults
from qc_pipeline.store.model_trials import keep_trial, trial_body, trials_of
from qc_pipeline.store.record import Record
from qc_pipeline.workspace.listening import listening_options, trial_in_force
from tests.asr.tiny_model import scripted_model

ONE, OTHER = "1" * 64, "2" * 64


@pytest.fixture
def record(database_url: str | None, tmp_path: Path) -> Iterator[Record]:
    url = database_url or f"sqlite:///{tmp_path / 'qc.sqlite'}"
    moments = (datetime(2026, 11, 30, tzinfo=UTC) + timedelta(hours=n) for n in range(100))
    opened = Record(url, now=lambda: next(moments), who="test")
    yield opened
    opened.close()


def keep(record: Record, model: str, bound: float, language: str = "zh") -> int:
    with record.transaction() as tx:
        return keep_trial(
            tx,
            model_sha256=model,
            language=language,
            period="2026-W47",
            person="王芳",
            fitness="fit",
            doubtful_below=bound,
            least_confidence=0.55,
            body={"calls": ["a", "b"], "bound": bound},
        )


def test_the_newest_of_a_model_and_language_is_in_force_and_all_stay(record: Record) -> None:
    assert trial_in_force(record, ONE, "zh") is None
    numbers = [
        keep(record, ONE, 0.8),
        keep(record, OTHER, 0.7),
        keep(record, ONE, 0.9, "en"),
        keep(record, ONE, 0.82),
    ]
    assert numbers == [1, 2, 3, 4]
    found = trial_in_force(record, ONE, "zh")
    assert found is not None
    assert (found.number, found.doubtful_below, found.least_confidence) == (4, 0.82, 0.55)
    assert (found.person, found.period, found.fitness) == ("王芳", "2026-W47", "fit")
    assert trial_body(record, found) == {"calls": ["a", "b"], "bound": 0.82}
    for model, language, number in ((ONE, "en", 3), (ONE, "auto", 4), (OTHER, "zh", 2)):
        there = trial_in_force(record, model, language)
        assert there is not None
        assert there.number == number
    assert trial_in_force(record, OTHER, "en") is None
    assert [t.number for t in trials_of(record, ONE)] == [4, 3, 1]
    assert [t.number for t in trials_of(record)] == [4, 3, 2, 1]


def test_it_is_in_the_audit_and_the_record_stays_whole(record: Record) -> None:
    keep(record, ONE, 0.8)
    (line,) = [line for line in audit_lines(record) if line.action == "model.try"]
    what = json.loads(line.what) if isinstance(line.what, str) else line.what
    assert what["model_sha256"] == ONE
    assert what["doubtful_below"] == 0.8
    assert len(what["hashes"]["model_trials"]) == 1
    assert audit_break(record) is None
    assert record_faults(record) == ()


def test_terms_are_put_right_by_the_bound_in_force_and_the_identity_says_so(
    record: Record, tmp_path: Path
) -> None:
    from qc_pipeline.asr.models import model_sha256

    folder = scripted_model(tmp_path / "m", "您好")
    terms = AsrOptions(model=str(folder), terms=("星源宽带",))
    assert listening_options(terms, tmp_path, record) == terms
    keep(record, model_sha256(folder), 0.78)
    found = listening_options(terms, tmp_path, record)
    assert found.doubtful_below == 0.78
    assert found.decoding()["doubtful_below"] == 0.78
    assert "doubtful_below" not in terms.decoding()
    # What somebody set stands, and without terms nothing heard depends on it.
    set_by_hand = terms.model_copy(update={"doubtful_below": 0.0})
    assert listening_options(set_by_hand, tmp_path, record) == set_by_hand
    assert set_by_hand.decoding()["doubtful_below"] == 0.0
    none = AsrOptions(model=str(folder))
    assert listening_options(none, tmp_path, record) == none
    # Hotwords are put right by their sound as terms are, so the bound names what was heard, too.
    hotwords = listening_options(
        AsrOptions(model=str(folder), hotwords=("星源宽带",)), tmp_path, record
    )
    assert hotwords.decoding()["doubtful_below"] == 0.78
