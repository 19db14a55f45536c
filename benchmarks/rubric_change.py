"""How long one changed criterion takes to show its effect: `make bench-rubric-change`.

A workspace of stored calls: the words of the sample calls, one character in twenty misheard, each
as sure as a real Whisper is of it, all scored by `inbound-zh`. Then one criterion of that rubric is
changed – its list of words gets one more – and `qc rubric diff` tells what the change moves, in a
process of its own as people start it.

    python -m benchmarks.rubric_change [--calls N] [--write]
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.heard import misheard_words

ROOT = Path(__file__).parents[1]
TRUTH, RUBRIC = ROOT / "samples" / "truth", ROOT / "rubrics" / "inbound-zh.yaml"
PERIOD, ERRORS, SEED = "2026-W46", 0.05, 20261130
LIMIT_S = 20.0
"""Wanted of 10,000 calls on two cores."""
CHANGED = ("  taboo:\n", "  taboo:\n    - 那你自己看着办\n")
SETTINGS = """\
[paths]
calls = "calls.csv"
recordings = "recordings"

[asr]
backend = "imported"

[sampling]
budget_calls = {calls}
agent_min = 0
duration_s = []
slots = []
seed = "bench"

[rubrics]
default = "inbound-zh"
"""


def words_of(turns: Sequence[Mapping[str, Any]], rng: random.Random) -> list[dict[str, Any]]:
    """The turns of a truth as a recogniser writes them, a word a character."""
    out = []
    for turn in turns:
        heard: list[tuple[str, float]] = []
        for char, confidence in misheard_words(turn["text"], ERRORS, rng):
            if not char.isalnum() and heard:
                heard[-1] = (heard[-1][0] + char, heard[-1][1])
            else:
                heard.append((char, confidence))
        step = (turn["end_s"] - turn["start_s"]) / max(1, len(heard))
        words = [
            {
                "text": text,
                "start_s": round(turn["start_s"] + i * step, 2),
                "end_s": round(turn["start_s"] + (i + 1) * step, 2),
                "confidence": confidence,
            }
            for i, (text, confidence) in enumerate(heard)
        ]
        if words:
            mean = sum(c for _, c in heard) / len(heard)
            text = "".join(text for text, _ in heard)
            out.append({**turn, "text": text, "confidence": round(mean, 3), "words": words})
    return out


def make_workspace(folder: Path, calls: int) -> None:
    """A workspace whose period has so many scored calls."""
    for name in ("recordings", "rubrics", "heard"):
        (folder / name).mkdir(parents=True)
    (folder / "qc.toml").write_text(SETTINGS.format(calls=calls), encoding="utf-8")
    (folder / "rubrics" / RUBRIC.name).write_bytes(RUBRIC.read_bytes())
    truths = [json.loads(p.read_text(encoding="utf-8")) for p in sorted(TRUTH.glob("*.json"))]
    with (ROOT / "samples" / "calls.csv").open(encoding="utf-8-sig", newline="") as file:
        listed = list(csv.DictReader(file))
    rng = random.Random(SEED)
    rows = ["recording_id,path,start_time,agent_id,agent_name,team,business,hangup_by,duration_s"]
    business = [next(iter(v for k, v in row.items() if k in ("business", "业务类型")), "")
                for row in listed]  # fmt: skip
    for number in range(calls):
        truth, name = truths[number % len(truths)], f"r{number:05}"
        body = {
            "format": "qc-transcript/1",
            "recording_id": name,
            "language": "zh",
            "duration_s": truth["duration_s"],
            "asr": {"backend": "written", "model": "with known errors"},
            "speech": {
                s: [[t["start_s"], t["end_s"]] for t in truth["turns"] if t["speaker"] == s]
                for s in ("agent", "customer")
            },
            "unheard": {"agent": [], "customer": []},
            "turns": words_of(truth["turns"], rng),
        }
        text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
        (folder / "heard" / f"{name}.json").write_text(text, encoding="utf-8")
        agent, second = number % 200, number % 86_400
        clock = f"{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}"
        at = f"2026-11-{9 + number % 7:02}T{clock}"
        kind = business[number % len(business)]
        rows.append(
            f"{name},{name}.wav,{at},a{agent},坐席{agent},{agent % 10}组,{kind},agent,"
            f"{truth['duration_s']}"
        )
    (folder / "calls.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    qc(folder, "sample", "-p", PERIOD)
    qc(folder, "transcribe", "-p", PERIOD, "--from", str(folder / "heard"))
    qc(folder, "score", "-p", PERIOD)


def qc(folder: Path, *words: str) -> tuple[str, float, float]:
    """What a command says; seconds it took, processor seconds of it and its own processes."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "qc_pipeline", *words, "-C", str(folder)],
        check=True,
        capture_output=True,
        text=True,
    )
    taken_s = time.perf_counter() - started
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return done.stdout, taken_s, cpu_s


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--calls", type=int, default=10_000)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--folder", type=Path, help="a workspace made before, or to be kept")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder = given.folder or Path(place) / "centre"
        if not (folder / "qc.toml").exists():
            started = time.perf_counter()
            make_workspace(folder, given.calls)
            print(f"made in {time.perf_counter() - started:.0f} s", file=sys.stderr)
        former = folder / "rubrics" / RUBRIC.name
        text = former.read_text(encoding="utf-8")
        changed = text.replace(*CHANGED)
        if changed == text:
            raise SystemExit("the list that is changed is not there any more")
        after = folder / "changed.yaml"
        after.write_text(changed, encoding="utf-8")
        said, taken_s, cpu_s = qc(folder, "rubric", "diff", str(former), str(after), "-p", PERIOD)
    lines = [
        f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores",
        f"{given.calls:,} stored calls, one criterion changed: {taken_s:.1f} s, processor "
        f"{cpu_s:.1f} s (wanted {LIMIT_S:.0f} s on two cores)",
        said.splitlines()[0],
    ]
    report = "\n".join(lines) + "\n"
    print(report, end="")
    if given.write:
        (Path(__file__).parent / "rubric_change.txt").write_text(report, encoding="utf-8")


if __name__ == "__main__":
    main()
