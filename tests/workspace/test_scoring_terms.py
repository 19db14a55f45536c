"""The terms that a call is judged under: of the settings, of the model, of the call's language."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from qc_pipeline.scoring.evidence.hearing import HearingBounds
from qc_pipeline.scoring.terms_of_scoring import ScoringTerms, terms_from_json
from qc_pipeline.store.model_trials import keep_trial
from qc_pipeline.store.record import Record
from qc_pipeline.workspace.scoring_terms import terms_for
from qc_pipeline.workspace.settings import Settings, load_settings

ONE, OTHER = "1" * 64, "2" * 64
QC_TOML = """\
[paths]
calls = "calls.csv"
recordings = "rec"
[calls]
own_numbers = ["400-800 1234", "10086"]
[asr]
least_heard = 0.8
"""
USUAL = ScoringTerms(
    bounds=HearingBounds(least_heard=0.8, least_confidence=0.6),
    doubtful_below=0.85,
    own_numbers=frozenset({"4008001234", "10086"}),
)


def settings_of(folder: Path, more: str = "") -> Settings:
    (folder / "qc.toml").write_text(QC_TOML + more, encoding="utf-8")
    return load_settings(folder)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_of(tmp_path)


@pytest.fixture
def record(tmp_path: Path) -> Iterator[Record]:
    now = datetime(2026, 11, 30, tzinfo=UTC)
    opened = Record(f"sqlite:///{tmp_path / 'qc.sqlite'}", now=lambda: now, who="test")
    for language, least, doubtful in (("zh", 0.5, 0.9), ("en", 0.45, 0.7), ("zh", 0.55, 0.8)):
        with opened.transaction() as tx:
            keep_trial(
                tx,
                model_sha256=ONE,
                language=language,
                period="2026-W47",
                person="王芳",
                fitness="fit",
                doubtful_below=doubtful,
                least_confidence=least,
                body={},
            )
    yield opened
    opened.close()


@pytest.mark.parametrize(
    ("model", "language", "least", "doubtful"),
    [
        (ONE, "zh", 0.55, 0.8),
        (ONE, "zh-CN", 0.55, 0.8),
        (ONE, "en", 0.45, 0.7),
        (ONE, "ja", 0.6, 0.85),
        (OTHER, "zh", 0.6, 0.85),
        (None, "zh", 0.6, 0.85),
    ],
)
def test_the_newest_trial_of_model_and_language_counts(
    settings: Settings,
    record: Record,
    model: str | None,
    language: str,
    least: float,
    doubtful: float,
) -> None:
    found = terms_for(settings, record, model).of(language)
    assert found.bounds == HearingBounds(least_heard=0.8, least_confidence=least)
    assert found.doubtful_below == doubtful


def test_a_bound_that_somebody_set_stands_above_the_measured_one(
    tmp_path: Path, record: Record
) -> None:
    found = terms_for(settings_of(tmp_path, "doubtful_below = 0.5\n"), record, ONE).of("zh")
    assert found.doubtful_below == 0.5
    assert found.bounds.least_confidence == 0.55


def test_without_a_record_or_a_trial_the_usual_terms_hold(
    settings: Settings, record: Record
) -> None:
    assert terms_for(settings, None, ONE).of("zh") == USUAL
    # Nothing is told twice: cards that were made before there were trials stand.
    assert terms_for(settings, record, OTHER).as_json() == USUAL.as_json()
    assert terms_for(settings, record, ONE).as_json() == {
        **USUAL.as_json(),
        "measured": {
            "least_confidence": {"zh": 0.55, "en": 0.45},
            "doubtful_below": {"zh": 0.8, "en": 0.7},
        },
    }


def test_every_setting_that_scoring_reads_stands_in_the_terms(tmp_path: Path) -> None:
    settings = settings_of(tmp_path, "assumed_confidence = 0.9\ndoubtful_below = 0.7\n")
    found = terms_for(settings, None, None, published=True).of("zh")
    assert found.as_json() == {
        "assumed_confidence": 0.9,
        "doubtful_below": 0.7,
        "least_confidence": 0.6,
        "least_heard": 0.8,
        "own_numbers": ["10086", "4008001234"],
        "published": True,
    }
    assert terms_from_json(found.as_json()) == found
