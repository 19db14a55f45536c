"""A scored week, made once and copied for each test."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.appeals.weeks import make_week


@pytest.fixture(scope="session")
def scored_week(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_week(tmp_path_factory.mktemp("scored") / "week")


@pytest.fixture
def week(scored_week: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "week"
    shutil.copytree(scored_week, folder)
    return folder
