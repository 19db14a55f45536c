"""Small workspaces cut from the sample calls, and `qc` run on them as a user would."""

from __future__ import annotations

import contextlib
import csv
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.in_process import invoke

ROOT = Path(__file__).parents[1]
SAMPLES = ROOT / "samples"

SETTINGS = """\
[paths]
calls = "calls.csv"
recordings = "recordings"

[asr]
model = "sample"

[sampling]
budget_calls = {budget}
agent_min = 0
duration_s = [60]
slots = []
seed = "{seed}"

[rubrics]
default = "inbound-zh"

[runner]
kind = "{runner}"
"""


def sample_rows() -> list[dict[str, str]]:
    with (SAMPLES / "calls.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def make_workspace(
    folder: Path,
    *,
    calls: int = 6,
    budget: int = 4,
    seed: str = "test",
    runner: str = "inline",
    longest_s: float = 45.0,
) -> list[dict[str, str]]:
    """A workspace of the first `calls` short two-channel sample calls; returns their rows."""
    rows = [
        r
        for r in sample_rows()
        if r["path"] and float(r["duration_s"]) <= longest_s and r["agent_channel"] != "mono"
    ][:calls]
    assert len(rows) == calls, "the sample calls are fewer than this test wants"
    write_list(folder / "calls.csv", rows)
    for row in rows:
        target = folder / "recordings" / row["path"]
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(SAMPLES / "recordings" / row["path"], target)
    text = SETTINGS.format(budget=budget, seed=seed, runner=runner)
    (folder / "qc.toml").write_text(text, encoding="utf-8")
    return rows


def write_list(path: Path, rows: Sequence[Mapping[str, str]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def qc(
    folder: Path, *words: str, expect: int | None = 0, stdin: str | None = None
) -> subprocess.CompletedProcess[str]:
    """Run `qc WORDS` in `folder`; fails the test on another exit status than `expect`."""
    result = subprocess.run(
        command(*words),
        cwd=folder,
        env=environment(),
        capture_output=True,
        text=True,
        input=stdin,
        timeout=300,
    )
    if expect is not None:
        assert result.returncode == expect, f"{words}\n{result.stdout}\n{result.stderr}"
    return result


def qc_here(folder: Path, *words: str, expect: int | None = 0) -> subprocess.CompletedProcess[str]:
    """As `qc`, in this process: for what a command says and writes, not for how a start goes."""
    with contextlib.chdir(folder):
        ended = invoke(*words, env={"NO_COLOR": "1"})
    if expect is not None:
        assert ended.code == expect, f"{words}\n{ended.out}\n{ended.err}"
    return subprocess.CompletedProcess(words, ended.code, ended.out, ended.err)


def qc_json(folder: Path, *words: str, expect: int = 0) -> Any:
    return json.loads(qc_here(folder, *words, "--json", expect=expect).stdout)


def command(*words: str) -> list[str]:
    return [sys.executable, "-m", "qc_pipeline", *words]


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


def take_interrupts() -> None:
    """For a child (`preexec_fn`): a job started in the background ignores Ctrl-C from its birth."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def environment() -> dict[str, str]:
    own = {"HF_HUB_OFFLINE": "1", "NO_COLOR": "1", "PYTHONUTF8": "1"}
    # Compiled files are written, as at a user's: without them every start compiles all libraries.
    return {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"} | own


def hashes(folder: Path) -> dict[str, str]:
    """sha256 of every file below a folder, by its path inside."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def outputs(folder: Path) -> dict[str, str]:
    """What must be the same bytes for the same week: the report and the exports."""
    qc_here(folder, "export", "--to", "all", "--out", "out")
    found = hashes(folder / "report") | {f"out/{k}": v for k, v in hashes(folder / "out").items()}
    shutil.rmtree(folder / "out")
    return found
