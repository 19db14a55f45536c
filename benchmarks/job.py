"""How long the user waits: `qc --help`, and the demonstration from nothing to report.

Run: make bench-job. The demonstration runs in an empty folder with the environment built; the
second run, which finds everything done, stands beside the first.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from qc_pipeline.system.workers import usable_cores

HELP_RUNS = 9
HELP_LIMIT_S = 0.3
DEMO_LIMIT_S = 120.0


def seconds(*words: str, folder: Path) -> float:
    begun = time.monotonic()
    subprocess.run(
        [str(Path(sys.executable).with_name("qc")), *words],
        cwd=folder,
        check=True,
        capture_output=True,
        env={**os.environ, "HF_HUB_OFFLINE": "1"},
    )
    return time.monotonic() - begun


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        seconds("--help", folder=folder)
        runs = [seconds("--help", folder=folder) for _ in range(HELP_RUNS)]
        python = statistics.median(_bare_python() for _ in range(HELP_RUNS))
        print(f"cores {usable_cores()}")
        print(f"{'what':<34}{'seconds':>9}{'wanted':>10}")
        median = statistics.median(runs)
        print(f"{'qc --help (median of 9)':<34}{median:>9.2f}{HELP_LIMIT_S:>10.2f}")
        print(f"{'  of it: python -c pass':<34}{python:>9.2f}")
        first = seconds("demo", "demo", folder=folder)
        print(f"{'qc demo, from nothing':<34}{first:>9.1f}{DEMO_LIMIT_S:>10.1f}")
        again = seconds("run", "-C", "demo", folder=folder)
        print(f"{'qc run again, nothing to do':<34}{again:>9.1f}")


def _bare_python() -> float:
    begun = time.monotonic()
    subprocess.run([sys.executable, "-c", "pass"], check=True)
    return time.monotonic() - begun


if __name__ == "__main__":
    main()
