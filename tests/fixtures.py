"""Weeks scored, published, heard or full of private words: made once a session, then copied."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from qc_pipeline.cli import session
from tests import workspaces
from tests.privacy.weeks import make_private_week
from tests.weeks import PERIOD, make_week, qc, qc_json


class MadeOnce:
    """Folders made by the first process of the test run that asks for one, for all of them."""

    def __init__(self, place: Path) -> None:
        self.place = place

    def folder(self, name: str, make: Callable[[Path], object]) -> Path:
        """The folder of that name, which `make` fills where nobody has; copy it, don't change it.

        A process that dies in the making leaves no folder of that name to the others.
        """
        made = self.place / name / "week"
        self.place.mkdir(exist_ok=True)
        with (self.place / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not made.parent.exists():
                with_others = self.place / f"{name}.{os.getpid()}"
                make(with_others / "week")
                with_others.rename(made.parent)
        return made


@pytest.fixture(scope="session")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> MadeOnce:
    base = tmp_path_factory.getbasetemp()
    # A process of pytest-xdist has a folder of its own in that of the test run.
    return MadeOnce((base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "once")


@pytest.fixture(scope="session")
def scored_week(made_once: MadeOnce) -> Path:
    """The six calls of `tests.weeks`, scored on Monday after the period, at eight."""

    def make(folder: Path) -> None:
        with at("2026-11-16T08:00:00"):
            make_week(folder)

    return made_once.folder("scored", make)


@pytest.fixture(scope="session")
def private_week(made_once: MadeOnce) -> Path:
    """The eight calls of `tests.privacy.weeks`, scored."""

    def make(folder: Path) -> None:
        with at("2026-11-16T08:00:00"):
            make_private_week(folder)

    return made_once.folder("private", make)


@pytest.fixture(scope="session")
def sample_week(made_once: MadeOnce) -> Path:
    """Six sample calls, of which four are drawn, heard, scored and reported by `qc run`."""

    def make(folder: Path) -> None:
        workspaces.make_workspace(folder)
        workspaces.qc_here(folder, "run")

    return made_once.folder("sample", make)


@pytest.fixture
def week(scored_week: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(scored_week, tmp_path / "week"))


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest) -> str | None:
    """Of `[store]`: None for the workspace's own file, then a PostgreSQL database."""
    return None if request.param == "sqlite" else str(request.getfixturevalue("postgres_url"))


@pytest.fixture
def week_of_either(database_url: str | None, scored_week: Path, tmp_path: Path) -> Path:
    """A scored week, not published, on each database."""
    folder = tmp_path / "week"
    if database_url is None:
        return Path(shutil.copytree(scored_week, folder))
    return make_week(folder, url=database_url)


class Clock:
    """The time that commands see, in Shanghai."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 16, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai"))

    def set(self, text: str) -> None:
        self.now = datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Asia/Shanghai"))


@contextmanager
def at(text: str) -> Iterator[None]:
    """Commands see this time, in Shanghai."""
    moment = Clock()
    moment.set(text)
    former = session.clock
    session.clock = lambda: moment.now
    try:
        yield
    finally:
        session.clock = former


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Monday after the period, nine o'clock, until a test says otherwise."""
    made = Clock()
    monkeypatch.setattr(session, "clock", lambda: made.now)
    return made


@pytest.fixture(scope="session")
def published_once(made_once: MadeOnce, scored_week: Path) -> Path:
    def make(folder: Path) -> None:
        shutil.copytree(scored_week, folder)
        with at("2026-11-16T09:00:00"):
            qc(folder, "review", "r6", "abuse", "--confirm", "--as", "wang")
            qc(folder, "review", "r5", "promise", "--confirm", "--as", "li")
            qc(folder, "publish", PERIOD, "--as", "qian")

    return made_once.folder("published", make)


@pytest.fixture
def published_week(published_once: Path, tmp_path: Path, clock: Clock) -> Path:
    """A week published on Monday, 16 November 2026, at nine."""
    return Path(shutil.copytree(published_once, tmp_path / "published"))


@pytest.fixture
def answered_week(published_week: Path) -> Path:
    """A published week with a rejected objection and a decision since; its record is clean."""
    raised = ("appeal", "open", "r3", "taboo", "--reason", "误判", "--as", "sun")
    qc(published_week, *raised)
    decided = ("appeal", "decide", "1", "--rejected", "--reason", "属实", "--as", "zhao")
    qc(published_week, *decided)
    overturn = ("review", "r2", "tone", "--overturn", "--reason", "听后符合", "--as", "wang")
    qc(published_week, *overturn)
    body = qc_json(published_week, "verify")
    assert body["clean"] is True
    assert min(body["lines"], body["rows"], body["files"]) > 10
    assert body["baseline"] is None
    return published_week
