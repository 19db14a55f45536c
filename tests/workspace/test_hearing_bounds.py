"""The bounds that a call is judged by: of the settings, of the model, of the call's language."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from qc_pipeline.scoring.evidence.hearing import HearingBounds
from qc_pipeline.store.model_trials import keep_trial
from qc_pipeline.store.record import Record
from qc_pipeline.workspace.hearing_bounds import bounds_for
from qc_pipeline.workspace.settings import Settings, load_settings

ONE, OTHER = "1" * 64, "2" * 64
QC_TOML = '[paths]\ncalls = "calls.csv"\nrecordings = "rec"\n[asr]\nleast_heard = 0.8\n'
USUAL = HearingBounds(least_heard=0.8, least_confidence=0.6)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "qc.toml").write_text(QC_TOML, encoding="utf-8")
    return load_settings(tmp_path)


@pytest.fixture
def record(tmp_path: Path) -> Iterator[Record]:
    now = datetime(2026, 11, 30, tzinfo=UTC)
    opened = Record(f"sqlite:///{tmp_path / 'qc.sqlite'}", now=lambda: now, who="test")
    for language, least in (("zh", 0.5), ("en", 0.45), ("zh", 0.55)):
        with opened.transaction() as tx:
            keep_trial(
                tx,
                model_sha256=ONE,
                language=language,
                period="2026-W47",
                person="王芳",
                fitness="fit",
                doubtful_below=0.8,
                least_confidence=least,
                body={},
            )
    yield opened
    opened.close()


@pytest.mark.parametrize(
    ("model", "language", "least"),
    [
        (ONE, "zh", 0.55),
        (ONE, "zh-CN", 0.55),
        (ONE, "en", 0.45),
        (ONE, "ja", 0.6),
        (OTHER, "zh", 0.6),
        (None, "zh", 0.6),
    ],
)
def test_the_newest_trial_of_model_and_language_counts(
    settings: Settings, record: Record, model: str | None, language: str, least: float
) -> None:
    found = bounds_for(settings, record, model).of(language)
    assert found == HearingBounds(least_heard=0.8, least_confidence=least)


def test_without_a_record_or_a_trial_the_usual_bounds_hold(
    settings: Settings, record: Record
) -> None:
    assert bounds_for(settings, None, ONE).of("zh") == USUAL
    # Nothing is told twice: cards that were made before there were trials stand.
    assert bounds_for(settings, record, OTHER).as_json() == USUAL.as_json()
    assert bounds_for(settings, record, ONE).as_json() == {
        **USUAL.as_json(),
        "measured": {"zh": 0.55, "en": 0.45},
    }
