"""How fast a sample is drawn, and how good its estimates are.

    python -m benchmarks.sampling [--part speed|simulation|shares|phases] [--rows 1000000]
                                  [--agents 2000] [--calls 50000] [--draws 200] [--budget 1000]
                                  [--share-draws 2000]

Speed: writes a call list of that many rows, reads it, stratifies, allocates with agents'
quotas and draws, each in a fresh process, so that the memory shown is its own; beside it the same
number of calls a stratum is drawn with pandas `groupby.sample`, which knows neither quotas nor
probabilities nor a seed that is stable over row orders. CPU seconds stand beside those of the
clock, for a machine that others use as well.

Simulation: for each allocation, with agents' quotas and without, so many draws of a population
whose scores are known; bias of the weighted mean and of the plain one, and how often the 95 %
intervals hold the truth.

Shares: pass rates of 0.90 to 0.995, for small frames and large ones, all allocations, quotas and
high sampling shares: how often the intervals hold the truth, and how wide they are beside the
textbook's of as many calls.

Phases: listened score and corrected machine reference of machine sample and listened sample, for a
machine that errs, all allocations and several sizes of centre: bias, coverage and width.
"""

from __future__ import annotations

import argparse
import random
import resource
import subprocess
import sys
import tempfile
import time
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Shanghai")


def write_list(path: Path, rows: int, agents: int) -> None:
    """A call list of one week with a fixed seed."""
    rng = random.Random(1)
    monday = datetime(2026, 11, 16, 8)
    with path.open("w", encoding="utf-8") as out:
        out.write("recording_id,path,start_time,agent_id,duration_s,team,business,customer_id\n")
        for i in range(rows):
            agent = rng.randrange(agents)
            start = monday + timedelta(days=rng.randrange(7), seconds=rng.randrange(14 * 3600))
            out.write(
                f"R{i:07d},2026/11/R{i:07d}.wav,{start.isoformat()},{agent},"
                f"{rng.lognormvariate(4.8, 0.9):.1f},T{agent % 40},"
                f"{rng.choice(('咨询', '投诉', '报修'))},K{rng.randrange(rows)}\n"
            )


def _memory_gb() -> float:
    """Largest resident memory of this process so far, in GB (Linux counts in KiB)."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9


def measure_ours(path: Path, calls: int) -> None:
    started = time.perf_counter()
    import pandas  # noqa: F401  (part of starting up, not of the work)
    import scipy.special  # noqa: F401

    from qc_pipeline.intake.call_list import read_call_list
    from qc_pipeline.sampling.draw import draw
    from qc_pipeline.sampling.period import parse_period
    from qc_pipeline.sampling.plan import SamplingPlan

    imported, begun = time.perf_counter(), time.process_time()
    listed = read_call_list(path, zone=ZONE, recordings_root=path.parent / "recordings")
    read = time.perf_counter()
    plan = SamplingPlan(budget_calls=calls, agent_min=2, agent_max=40, agent_short="all")
    sample = draw(listed.recordings, plan, period=parse_period("2026-W47"))
    done, used = time.perf_counter(), time.process_time()
    print(
        f"qc       rows {sample.frame_size:>8}  drawn {len(sample.picks):>6}"
        f"  strata {len(sample.strata)}"
        f"  start-up {imported - started:5.2f} s  read {read - imported:6.2f} s"
        f"  stratify, allocate, draw {done - read:6.2f} s  all {done - started:6.2f} s"
        f"  CPU {begun:4.2f} + {used - begun:5.2f} s  memory {_memory_gb():.2f} GB"
    )


def measure_pandas(path: Path, calls: int) -> None:
    started = time.perf_counter()
    import pandas as pd

    imported = time.perf_counter()
    table = pd.read_csv(path, parse_dates=["start_time"])
    read = time.perf_counter()
    table["band"] = pd.cut(table["duration_s"], [0, 30, 120, 300, 600, float("inf")], right=False)
    table["hour"] = table["start_time"].dt.hour
    share = calls / len(table)
    drawn = table.groupby(["band", "hour"], observed=True).sample(frac=share, random_state=1)
    done = time.perf_counter()
    print(
        f"pandas   rows {len(table):>8}  drawn {len(drawn):>6}  (no quotas, no checks)"
        f"  start-up {imported - started:5.2f} s  read {read - imported:6.2f} s"
        f"  group and draw {done - read:6.2f} s  all {done - started:6.2f} s"
        f"  CPU {time.process_time():5.2f} s  memory {_memory_gb():.2f} GB"
    )


def speed(rows: int, agents: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for size in sorted({min(rows, 10_000), rows}):
            path = Path(folder) / f"{size}.csv"
            write_list(path, size, min(agents, max(1, size // 100)))
            calls = max(100, size // 100 if size > 100_000 else size // 10)
            for way in ("ours", "pandas"):
                subprocess.run(
                    [
                        sys.executable,
                        "-m",
                        "benchmarks.sampling",
                        "--measure",
                        way,
                        path,
                        str(calls),
                    ],
                    check=True,
                )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--agents", type=int, default=2_000)
    parser.add_argument("--part", choices=["speed", "simulation", "shares", "phases"])
    parser.add_argument("--calls", type=int, default=50_000)
    parser.add_argument("--draws", type=int, default=200)
    parser.add_argument("--budget", type=int, default=1_000)
    parser.add_argument("--share-draws", type=int, default=2_000)
    parser.add_argument("--measure", nargs=3, metavar=("WAY", "PATH", "CALLS"))
    asked = parser.parse_args()
    if asked.measure:
        way, path, calls = asked.measure
        (measure_ours if way == "ours" else measure_pandas)(Path(path), int(calls))
        return
    if asked.part in ("speed", None):
        speed(asked.rows, asked.agents)
    if asked.part in ("simulation", None):
        from tests.sampling.simulation import print_simulation

        print_simulation(calls=asked.calls, agents=100, draws=asked.draws, budget=asked.budget)
    if asked.part in ("shares", None):
        from tests.sampling.share_simulation import print_shares

        print_shares(asked.share_draws)
    if asked.part in ("phases", None):
        from tests.sampling.two_phase_simulation import print_two_phases

        print_two_phases(draws=asked.share_draws // 2)


if __name__ == "__main__":
    main()
