"""A finished week, run again: nothing is read that need not be, and nothing is written."""

from __future__ import annotations

import csv
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from tests.weeks import qc, qc_json
from tests.workspaces import environment, hashes

MOST, ONE_FOR = 60, 100
"""SQL statements a command may ask, and one more for so many calls."""


@pytest.fixture(scope="module")
def finished(sample_week: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small workspace of real recordings, run once."""
    return Path(shutil.copytree(sample_week, tmp_path_factory.mktemp("finished") / "week"))


@pytest.fixture
def statements() -> Iterator[list[str]]:
    """Every SQL statement asked of any database of the record."""
    asked: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        asked.append(statement)

    sa.event.listen(sa.Engine, "before_cursor_execute", note)
    yield asked
    sa.event.remove(sa.Engine, "before_cursor_execute", note)


@pytest.mark.parametrize("stage", ["run", "transcribe", "score", "report"])
def test_a_second_time_asks_few_questions_whatever_the_number_of_calls(
    stage: str, finished: Path, statements: list[str]
) -> None:
    qc(finished, stage)
    assert 0 < len(statements) <= MOST + 4 // ONE_FOR


def test_the_number_of_questions_does_not_grow_with_past_periods(
    scored_week: Path, tmp_path: Path, statements: list[str]
) -> None:
    week = tmp_path / "week"
    shutil.copytree(scored_week, week)
    counts = []
    for day in (9, 10, 11, 12):
        period = f"2026-11-{day:02}..2026-11-{day:02}"
        qc(week, "run", "-p", period, expect=None)
        del statements[:]
        qc(week, "run", "-p", period, expect=None)
        counts.append(len(statements))
    # A period before it brings its sample, cards and publication; more of them bring no more.
    assert counts[1] <= MOST and counts[2] == counts[1] and counts[3] == counts[1]


@pytest.mark.slow
def test_no_recording_is_opened_not_even_by_a_library(finished: Path) -> None:
    before = hashes(finished / "report")
    script = (
        "import os, sys\n"
        "os.environ.update(HF_HUB_OFFLINE='1')\n"
        "from qc_pipeline.cli.main import main\n"
        "sys.argv = ['qc', 'run']\n"
        "main()\n"
    )
    log = finished.parent / "opened.log"
    strace = shutil.which("strace")
    if strace is None:
        pytest.skip("NO STRACE: files opened by libraries NOT checked (apt-get install strace)")
    result = subprocess.run(
        [strace, "-f", "-e", "trace=open,openat,openat2", "-o", log, sys.executable, "-c", script],
        cwd=finished,
        env=environment() | {"PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stderr
    opened = [line for line in log.read_text().splitlines() if "/recordings/" in line]
    assert opened == []
    assert hashes(finished / "report") == before


def test_without_the_cache_everything_is_found_again(finished: Path, tmp_path: Path) -> None:
    folder = tmp_path / "week"
    shutil.copytree(finished, folder)
    shutil.rmtree(folder / ".qc")
    before = hashes(folder / "report")
    assert "transcribed 0, known before 4" in qc(folder, "run").err
    assert hashes(folder / "report") == before


def test_a_replaced_recording_is_heard_anew_whatever_the_cache_says(
    finished: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "week"
    shutil.copytree(finished, folder)
    assert qc(folder, "transcribe").out == "transcribed 0, known before 4, failed 0\n"
    with (folder / "calls.csv").open(encoding="utf-8", newline="") as file:
        places = {row["recording_id"]: row["path"] for row in csv.DictReader(file)}
    picks = [p["recording_id"] for p in qc_json(folder, "sample")["picks"]]
    left_out = min(places.keys() - set(picks))
    shutil.copyfile(
        folder / "recordings" / places[left_out], folder / "recordings" / places[picks[0]]
    )
    assert qc(folder, "transcribe").out == "transcribed 1, known before 3, failed 0\n"
