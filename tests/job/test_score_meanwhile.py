"""A reviewer works while the job scores: what the reviewer did is in force afterwards."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from qc_pipeline.job import score
from tests.weeks import PERIOD, make_week, qc, qc_json, words_of
from tests.workspaces import in_child


@pytest.fixture
def open_week(week_of_either: Path) -> Path:
    return week_of_either


def score_around(folder: Path, meanwhile: Callable[[], object]) -> int:
    """`qc score` in a process of its own, held between reading the record and writing to it while
    `meanwhile` runs here; returns how often the job judged the calls.
    """
    has_read, say_read = os.pipe()
    may_write, let_write = os.pipe()
    judge = score._cards
    attempts = 0

    def judge_then_wait(*args: Any) -> Any:
        nonlocal attempts
        attempts += 1
        cards = judge(*args)
        os.write(say_read, b"r")
        if attempts == 1:
            os.read(may_write, 1)
        return cards

    def job() -> None:
        score._cards = judge_then_wait
        qc(folder, "score", "-p", PERIOD)

    log = os.open(folder / "job.log", os.O_CREAT | os.O_WRONLY)
    child = in_child(job, log)
    os.close(log)
    os.close(say_read)
    try:
        assert os.read(has_read, 1) == b"r", (folder / "job.log").read_text(encoding="utf-8")
        meanwhile()
    finally:
        os.write(let_write, b"w")
        os.waitpid(child, 0)
    later = os.read(has_read, 9)
    for end in (has_read, may_write, let_write):
        os.close(end)
    text = (folder / "job.log").read_text(encoding="utf-8")
    assert "Traceback" not in text, text
    return 1 + len(later)


def rename_agent(folder: Path, old: str, new: str) -> None:
    """Another input of the cards: the job has to score the agent's calls again."""
    path = folder / "calls.csv"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_words_corrected_while_the_job_scores_stay_in_force(open_week: Path) -> None:
    before = qc_json(open_week, "show", "r3")
    assert before["sections"][0]["lost"] == 30
    words = words_of(open_week, "r3", ("你听不懂吗", "您听不清吗"))
    rename_agent(open_week, "坐席2", "坐席二")

    attempts = score_around(
        open_week,
        lambda: qc(
            open_week, "rescore", "r3", "--words", str(words), "--as", "wang", "--reason", "听录音"
        ),
    )

    after = qc_json(open_week, "show", "r3")
    assert after["transcript_sha256"] != before["transcript_sha256"]
    assert after["sections"][0]["lost"] == 0
    assert after["inputs"]["call"] != before["inputs"]["call"], "the changed list counts, too"
    assert attempts == 2, "the job scored once more, from the corrected words"


@pytest.mark.postgres
def test_a_period_published_elsewhere_while_the_job_scores_keeps_its_cards(
    tmp_path: Path, postgres_url: str
) -> None:
    here = make_week(tmp_path / "week", url=postgres_url)
    elsewhere = tmp_path / "elsewhere"
    shutil.copytree(here, elsewhere)  # another machine's workspace on the same database
    rename_agent(here, "坐席2", "坐席二")
    before = qc_json(here, "show", "r3")

    def publish() -> None:
        qc(elsewhere, "review", "r6", "abuse", "--confirm", "--as", "wang")
        qc(elsewhere, "review", "r5", "promise", "--confirm", "--as", "li")
        qc(elsewhere, "publish", PERIOD, "--as", "qian")

    attempts = score_around(here, publish)

    assert qc_json(here, "show", "r3")["inputs"]["call"] == before["inputs"]["call"]
    assert attempts == 1, "the job found the period published and left it"


def test_a_job_that_nobody_disturbs_writes_once(open_week: Path) -> None:
    rename_agent(open_week, "坐席2", "坐席二")
    assert score_around(open_week, lambda: None) == 1
