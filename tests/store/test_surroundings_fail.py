"""Full disks, folders that cannot be written, databases that are away."""

from __future__ import annotations

import os
import resource
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from qc_pipeline.store.audit_trail import audit_break
from qc_pipeline.store.integrity import record_faults
from tests.weeks import PERIOD, qc, qc_json, record_of
from tests.workspaces import command, environment, hashes, qc_here

pytestmark = pytest.mark.slow


def one_sentence(result: subprocess.CompletedProcess[str]) -> str:
    """What a command said that ended because of its surroundings."""
    assert result.returncode == 4, f"{result.returncode}\n{result.stdout}\n{result.stderr}"
    assert result.stdout == ""
    (line,) = result.stderr.strip().splitlines()
    return line


CONFIRM = ("review", "r4", "taboo", "--confirm", "--as", "wang")


def run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return qc_here(folder, *words, expect=None)


def run_apart(
    folder: Path, *words: str, prefix: Sequence[str] = (), **more: Any
) -> subprocess.CompletedProcess[str]:
    """In a process of its own, which has other rights or bounds than ours."""
    return subprocess.run(
        [*prefix, *command(*words)],
        cwd=folder,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        **more,
    )


def is_whole(folder: Path) -> bool:
    with record_of(folder) as record:
        return record_faults(record) == () and audit_break(record) is None


class Disk:
    """A disk of a few megabytes. `fill` leaves so many kilobytes free, `empty` undoes it."""

    def __init__(self, mount: Path) -> None:
        self.mount = mount

    def fill(self, left_kb: int) -> None:
        self.empty()
        free = os.statvfs(self.mount)
        size = free.f_bavail * free.f_frsize - left_kb * 1024
        (self.mount / "ballast").write_bytes(bytes(max(0, size)))

    def empty(self) -> None:
        (self.mount / "ballast").unlink(missing_ok=True)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    mount = tmp_path / "disk"
    mount.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", mount], capture_output=True, check=False
    )
    if made.returncode != 0:
        pytest.skip(
            f"NO DISK TO FILL: mounting a tmpfs needs root ({made.stderr.decode().strip()})"
        )
    try:
        yield Disk(mount)
    finally:
        subprocess.run(["umount", "-l", mount], check=False)


def test_a_full_disk_is_one_sentence_for_every_command_and_nothing_is_half_done(
    scored_week: Path, disk: Disk
) -> None:
    week = disk.mount / "week"
    shutil.copytree(scored_week, week)
    qc(week, "report", "-p", PERIOD)
    history = qc_json(week, "show", "r4", "--history")
    acts = qc_json(week, "audit")["lines"]
    report = hashes(week / "report")
    for words in (
        CONFIRM,
        ("rescore", "r4", "--adopt", "--reason", "x", "--as", "wang"),
        ("rescore", "--criterion", "taboo", "-p", PERIOD, "--reason", "x", "--as", "wang"),
        ("publish", PERIOD, "--as", "qian"),
        ("appeal", "open", "r3", "taboo", "--reason", "x", "--as", "sun"),
        ("score", "-p", PERIOD),
        ("review", "--page"),
        ("run", "-p", PERIOD),
    ):
        disk.fill(0)
        told = one_sentence(run(week, *words))
        assert told.startswith("the database cannot be used: "), (words, told)
        assert "its disk has 0 KB free" in told
    # Room to look, none to write a report: the former one stays whole.
    disk.fill(64)
    told = run(week, "run", "-p", PERIOD)
    assert (told.returncode, told.stdout) == (4, "")
    assert told.stderr.splitlines()[-1] == "the system refused: No space left on device"
    assert hashes(week / "report") == report
    disk.empty()
    assert qc_json(week, "show", "r4", "--history") == history
    assert [x for x in qc_json(week, "audit")["lines"] if x["action"] != "look.card"] == acts
    assert is_whole(week)
    assert run(week, *CONFIRM).returncode == 0
    assert run(week, "run", "-p", PERIOD).returncode == 0


def test_a_publication_that_fills_the_disk_is_finished_by_the_next(
    scored_week: Path, disk: Disk
) -> None:
    week = disk.mount / "week"
    shutil.copytree(scored_week, week)
    qc(week, "review", "r6", "abuse", "--confirm", "--as", "wang")
    qc(week, "review", "r5", "promise", "--confirm", "--as", "wang")
    disk.fill(400)
    told = run(week, "publish", PERIOD, "--as", "qian")
    assert (told.returncode, told.stdout) == (4, "")
    assert told.stderr.splitlines()[-1].startswith(("the system refused: ", "the database cannot"))
    assert not (week / "report" / PERIOD).exists()
    disk.empty()
    assert is_whole(week)
    assert run(week, "publish", PERIOD, "--as", "qian").returncode == 0
    actions = [line["action"] for line in qc_json(week, "audit")["lines"]]
    assert [actions.count(f"publication.{kind}") for kind in ("published", "report")] == [1, 1]
    assert "已发布" in (week / "report" / PERIOD / "index.html").read_text("utf-8")


def test_a_file_that_may_not_grow_is_one_sentence_and_nothing_is_half_done(week: Path) -> None:
    before = qc_json(week, "show", "r4", "--history")

    def fill() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (8192, 8192))

    # Compiled files that it wrote would be cut off, too, and stay so for whoever comes next.
    clean = ["env", "PYTHONDONTWRITEBYTECODE=1"]
    told = one_sentence(run_apart(week, *CONFIRM, prefix=clean, preexec_fn=fill))
    assert told.startswith("the database cannot be used: ")
    assert qc_json(week, "show", "r4", "--history") == before
    assert is_whole(week)
    assert run(week, *CONFIRM).returncode == 0


def without_roots_rights() -> list[str]:
    """What a command is started with so that modes of files count: root may write anywhere."""
    if os.geteuid() != 0:
        return []
    if shutil.which("setpriv") is None:
        pytest.skip("run as root, and setpriv is not there to give up root's rights")
    return ["setpriv", "--bounding-set=-dac_override,-dac_read_search,-fowner"]


@pytest.mark.parametrize(
    "words",
    [
        CONFIRM,
        ("publish", PERIOD, "--as", "qian"),
        ("rescore", "r4"),
        ("run", "-p", PERIOD),
        ("appeal", "list"),
    ],
)
def test_a_folder_that_cannot_be_written_is_one_sentence(
    week: Path, words: tuple[str, ...]
) -> None:
    prefix = without_roots_rights()
    before = hashes(week)
    modes = {p: p.stat().st_mode for p in (week, *week.glob("qc.sqlite*"), *week.glob(".qc*"))}
    try:
        for path in modes:
            path.chmod(0o555 if path.is_dir() else 0o444)
        result = run_apart(week, *words, prefix=prefix)
    finally:
        for path, mode in modes.items():
            path.chmod(mode)
    told = one_sentence(result)
    assert told.startswith(("the database cannot be used: ", "the system refused: ")), told
    assert hashes(week) == before


@pytest.mark.postgres
@pytest.mark.parametrize(
    "words",
    [CONFIRM, ("publish", PERIOD, "--as", "qian"), ("run", "-p", PERIOD), ("appeal", "list")],
)
def test_a_database_that_is_away_is_one_sentence(week: Path, words: tuple[str, ...]) -> None:
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
        told = one_sentence(run(week, *words))
    assert told.startswith("the database cannot be used: ")
    assert time.monotonic() - begun < 60
