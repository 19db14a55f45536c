"""What earlier periods tell a draw: only what was listened to, and the whole month of it."""

from __future__ import annotations

from pathlib import Path

from tests.cli.test_sample_command import workspace
from tests.weeks import qc, qc_json

NEXT = "2026-11-16..2026-11-17"


def listen_to_all(folder: Path, period: str) -> None:
    calls = qc_json(folder, "review", "-p", period)["calls"]
    answers = [a for c in calls for a in (*("f" if k in ("manual", "unheard", "unscorable") else
               "c\n1\n" for k in c["kinds"]), "")]  # fmt: skip
    qc(folder, "review", "-p", period, "--listen", "--as", "wang", stdin="\n".join(answers) + "\n")


def test_last_mean_is_of_listened_calls_alone(tmp_path: Path) -> None:
    folder = workspace(tmp_path / "w")
    rows = (folder / "calls.csv").read_text("utf-8").splitlines()
    rows += [f"n{i},n{i}.wav,2026-11-{16 + i % 2}T10:00:00,a{i % 3 + 1},组,咨询,30"
             for i in range(9)]  # fmt: skip
    (folder / "calls.csv").write_text("\n".join(rows) + "\n", "utf-8")
    first = "2026-11-09..2026-11-15"
    qc(folder, "sample", "-p", first)
    qc(folder, "transcribe", "-p", first, "--from", str(folder / "heard"))
    qc(folder, "run", "-p", first, expect=None)
    # Machine-judged calls there are; nobody listened to one.
    told = qc_json(folder, "sample", "-p", NEXT, "--dry-run")["history"]
    assert told["agent_means"] == {}
    listen_to_all(folder, first)
    told = qc_json(folder, "sample", "-p", NEXT, "--dry-run")["history"]
    picks = {p["recording_id"]: p for p in qc_json(folder, "sample", "-p", first)["picks"]}
    agents = {p["agent_id"] for p in picks.values() if p["relisten_part"] == "random"}
    assert set(told["agent_means"]) == agents


def test_month_counts_all_its_periods(tmp_path: Path) -> None:
    folder = workspace(tmp_path / "w")
    text = (folder / "qc.toml").read_text("utf-8").replace("budget_calls = 6\n", "")
    (folder / "qc.toml").write_text(text, "utf-8")
    rows = ["recording_id,path,start_time,agent_id,team,business,duration_s"]
    for day in range(1, 21):
        rows += [f"d{day}-{i},d{day}-{i}.wav,2026-11-{day:02}T1{i}:00:00,a1,组,咨询,30"
                 for i in range(3)]  # fmt: skip
    (folder / "calls.csv").write_text("\n".join(rows) + "\n", "utf-8")
    random = 0
    for day in range(1, 19):
        period = f"2026-11-{day:02}..2026-11-{day:02}"
        sample = qc_json(folder, "sample", "-p", period)
        assert sample["history"]["heard"] == ({"a1": float(random)} if random else {})
        random += sum(p["relisten_part"] == "random" for p in sample["picks"])
    assert random <= 5  # four a month, and a part of the even pace where they are full
