"""One run at a time in a folder, whoever they are and however the first one ends."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from qc_pipeline.errors import ExitCode, LockedError
from qc_pipeline.system.locks import FolderLocks

HOLDER = """
import sys, time
from pathlib import Path
from qc_pipeline.system.locks import FolderLocks
with FolderLocks(Path(sys.argv[1])).hold():
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_second_run_is_refused_at_once_and_let_in_after_the_first(tmp_path: Path) -> None:
    locks = FolderLocks(tmp_path)
    with locks.hold():
        with (
            pytest.raises(LockedError, match=f"another run works in {tmp_path}; wait") as refused,
            FolderLocks(tmp_path).hold(),
        ):
            raise AssertionError("two held it")
        assert refused.value.exit_code == ExitCode.LOCKED
    with locks.hold():
        pass


def test_named_locks_do_not_hinder_each_other(tmp_path: Path) -> None:
    locks = FolderLocks(tmp_path)
    with locks.hold(), locks.hold("2026-W46"), locks.hold("2026-W47"), pytest.raises(LockedError):
        locks.hold("2026-W46").__enter__()


def test_a_killed_run_leaves_no_lock(tmp_path: Path) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(p for p in sys.path if p)},
    )
    try:
        assert holder.stdout is not None and holder.stdout.readline() == "held\n"
        with pytest.raises(LockedError), FolderLocks(tmp_path).hold():
            raise AssertionError("two held it")
    finally:
        holder.send_signal(signal.SIGKILL)
        holder.wait()
    with FolderLocks(tmp_path).hold():
        pass


def test_a_run_of_a_former_version_is_kept_apart_too(tmp_path: Path) -> None:
    with (tmp_path / ".qc.lock").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        with pytest.raises(LockedError), FolderLocks(tmp_path).hold():
            raise AssertionError("two held it")
