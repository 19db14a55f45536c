"""A scored week, made once and copied for each test."""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from qc_pipeline.cli import session
from tests.weeks import PERIOD, make_week, qc


@pytest.fixture(scope="session")
def scored_week(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_week(tmp_path_factory.mktemp("scored") / "week")


@pytest.fixture
def week(scored_week: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "week"
    shutil.copytree(scored_week, folder)
    return folder


class Clock:
    """The time that commands see, in Shanghai."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 16, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai"))

    def set(self, text: str) -> None:
        self.now = datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Monday after the period, nine o'clock, until a test says otherwise."""
    made = Clock()
    monkeypatch.setattr(session, "clock", lambda: made.now)
    return made


@pytest.fixture(scope="session")
def published_once(scored_week: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("published") / "week"
    shutil.copytree(scored_week, folder)
    former = session.clock
    session.clock = lambda: Clock().now
    try:
        qc(folder, "review", "r6", "abuse", "--confirm", "--as", "wang")
        qc(folder, "review", "r5", "promise", "--confirm", "--as", "li")
        qc(folder, "publish", PERIOD, "--as", "qian")
    finally:
        session.clock = former
    return folder


@pytest.fixture
def published_week(published_once: Path, tmp_path: Path, clock: Clock) -> Path:
    """A week published on Monday, 16 November 2026, at nine."""
    folder = tmp_path / "published"
    shutil.copytree(published_once, folder)
    return folder
