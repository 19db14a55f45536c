"""Killed processes, full disks, folders that cannot be written, databases that are away."""

from __future__ import annotations

import os
import random
import resource
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from qc_pipeline.config import load_settings
from qc_pipeline.store.record import Record
from qc_pipeline.store.rulings import decisions_of
from tests.appeals.weeks import PERIOD, make_week, qc, qc_json
from tests.workspaces import command, environment, hashes

pytestmark = pytest.mark.slow

KILLS = 200
MOST_S = 240.0


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def any_week(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    url = None
    if request.param == "postgres":
        url = str(request.getfixturevalue("postgres_url"))
    return make_week(tmp_path / "week", url=url)


def in_child(work: Callable[[], None], out: int) -> int:
    """Run `work` in a process of its own, stdout and stderr into the descriptor `out`."""
    child = os.fork()
    if child:
        return child
    try:
        os.dup2(out, 1)
        os.dup2(out, 2)
        sys.stdout = os.fdopen(1, "w", buffering=1, encoding="utf-8")
        sys.stderr = os.fdopen(2, "w", buffering=1, encoding="utf-8")
        work()
    finally:
        os._exit(0)


def decide_from(folder: Path, first: int) -> None:
    """Decide and say so, one command after the other, until killed."""
    from qc_pipeline.cli.main import app

    for number in range(first, first + 10_000):
        words = [
            "review", "r4", ("taboo", "greeting", "tone")[number % 3],
            "--points", str(number % 10), "--reason", f"no. {number}", "--as", "wang",
            "-C", str(folder), "--json",
        ]  # fmt: skip
        try:
            app(words, standalone_mode=False)
        except SystemExit:
            return
        print(f"acknowledged {number}", flush=True)


def test_two_hundred_kills_lose_no_decision_and_double_none(any_week: Path, tmp_path: Path) -> None:
    """The process dies by SIGKILL at random moments; what it had acknowledged is in the record,
    once, and the same command given again is not a second decision.
    """
    moments = random.Random(200)
    # A command takes longer over a connection that is made anew each time.
    longest_s = 0.9 if "postgresql" in load_settings(any_week).store_url() else 0.4
    log = tmp_path / "log"
    following = 0
    begun = time.monotonic()
    kills = 0
    while kills < KILLS and time.monotonic() - begun < MOST_S:
        with log.open("w") as out:
            child = in_child(lambda start=following: decide_from(any_week, start), out.fileno())
            time.sleep(moments.uniform(0.01, longest_s))
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
        kills += 1
        told = log.read_text("utf-8")
        assert "Traceback" not in told, told
        done = [int(x.split()[1]) for x in told.splitlines() if x.startswith("acknowledged ")]
        # The one that was not acknowledged is given again.
        following = max(done, default=following - 1) + 1
    qc(any_week, "score", "-p", PERIOD)
    record = Record(load_settings(any_week).store_url(), now=lambda: datetime.now(UTC), who="check")
    reasons = [k.decision.reason for k in decisions_of(record.door, PERIOD)["r4"]]
    assert kills == KILLS, f"only {kills} kills in {MOST_S:.0f} s"
    assert following >= 10, "hardly a command lived long enough to be acknowledged"
    assert len(reasons) == len(set(reasons))
    assert reasons[:following] == [f"no. {n}" for n in range(following)]
    assert len(reasons) <= following + 1
    assert record.faults() == ()
    assert record.audit_break() is None
    record.close()
    assert qc_json(any_week, "score", "-p", PERIOD)["scored"] == 0


def test_publishing_killed_at_any_moment_is_finished_by_the_next(tmp_path: Path) -> None:
    whole = make_week(tmp_path / "whole")
    qc(whole, "review", "r6", "abuse", "--confirm", "--as", "wang")
    qc(whole, "review", "r5", "promise", "--confirm", "--as", "wang")
    moments = random.Random(7)
    kills = 0
    for number in range(8):
        folder = tmp_path / f"week{number}"
        shutil.copytree(whole, folder)
        done = False
        while not done and kills < 24:
            job = subprocess.Popen(
                command("publish", PERIOD, "--as", "qian"),
                cwd=folder,
                env=environment(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            try:
                done = job.wait(timeout=moments.uniform(0.8, 4.0)) == 0
            except subprocess.TimeoutExpired:
                job.kill()
                job.wait()
                kills += 1
        qc(folder, "publish", PERIOD, "--as", "qian")
        assert qc_json(folder, "show", "r4")["provisional"] is False
        actions = [line["action"] for line in qc_json(folder, "audit")["lines"]]
        assert actions.count("publication.published") == 1
        assert actions.count("publication.report") == 1
        assert actions.count("decision.publish") == 7
        assert "已发布" in (folder / "report" / PERIOD / "index.html").read_text("utf-8")
        assert qc_json(folder, "audit")["broken_at"] is None
        if kills >= 12:
            break
    assert kills > 0


def one_sentence(result: subprocess.CompletedProcess[str]) -> str:
    """What a command said that ended because of its surroundings."""
    assert result.returncode == 4, f"{result.returncode}\n{result.stdout}\n{result.stderr}"
    assert result.stdout == ""
    (line,) = result.stderr.strip().splitlines()
    return line


def confirm(folder: Path, **more: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command("review", "r4", "taboo", "--confirm", "--as", "wang"),
        cwd=folder,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        **more,  # type: ignore[call-overload]
    )


def test_a_full_disk_is_one_sentence_and_nothing_is_half_done(week: Path) -> None:
    before = qc_json(week, "show", "r4", "--history")

    def fill() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (8192, 8192))

    told = one_sentence(confirm(week, preexec_fn=fill))
    assert told.startswith("the database cannot be used: ")
    assert qc_json(week, "show", "r4", "--history") == before
    record = Record(load_settings(week).store_url(), now=lambda: datetime.now(UTC), who="check")
    assert record.faults() == ()
    record.close()
    assert confirm(week).returncode == 0


def test_a_folder_that_cannot_be_written_is_one_sentence(week: Path) -> None:
    prefix: list[str] = []
    if os.geteuid() == 0:
        # root may write anywhere unless that right is taken away.
        if shutil.which("setpriv") is None:
            pytest.skip("run as root, and setpriv is not there to give up root's rights")
        prefix = ["setpriv", "--bounding-set=-dac_override,-dac_read_search,-fowner"]
    before = hashes(week)
    modes = {p: p.stat().st_mode for p in (week, *week.glob("qc.sqlite*"))}
    try:
        for path in modes:
            path.chmod(0o555 if path.is_dir() else 0o444)
        result = subprocess.run(
            [*prefix, *command("review", "r4", "taboo", "--confirm", "--as", "wang")],
            cwd=week,
            env=environment(),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
    finally:
        for path, mode in modes.items():
            path.chmod(mode)
    assert one_sentence(result).startswith("the database cannot be used: ")
    assert hashes(week) == before


@pytest.mark.postgres
def test_a_database_that_is_away_is_one_sentence(week: Path) -> None:
    pytest.importorskip("psycopg")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: nobody answers there
        port = taken.getsockname()[1]
        settings = week / "qc.toml"
        text = settings.read_text("utf-8")
        settings.write_text(
            f'{text}\n[store]\nurl = "postgresql://qc@127.0.0.1:{port}/qc"\n', "utf-8"
        )
        begun = time.monotonic()
        told = one_sentence(confirm(week))
    assert told.startswith("the database cannot be used: ")
    assert time.monotonic() - begun < 60
