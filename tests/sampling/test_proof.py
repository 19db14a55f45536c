"""A draw laid open: the script draws it again from the tables, and notices what was changed."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from qc_pipeline.call import Recording
from qc_pipeline.errors import UsageError
from qc_pipeline.sampling import draw_again
from qc_pipeline.sampling.cells import frame_salt
from qc_pipeline.sampling.draw import draw
from qc_pipeline.sampling.history import History
from qc_pipeline.sampling.kept_frame import frame_from_json, frame_rows, frame_sha256, frame_text
from qc_pipeline.sampling.plan import Listening, Relisten, SamplingPlan
from qc_pipeline.sampling.proof import Proof, proof_of
from qc_pipeline.sampling.sample import Sample
from tests.sampling.calls_made import WEEK, call, population

CALLS, _ = population(900, 15)
MONTH = Listening(calls_an_agent_a_month=4)
PLANS: dict[str, dict[str, Any]] = {
    "all": {"listening": MONTH},
    "hours": {"machine_hours": 2.0, "listening": Listening(hours=3, calls_an_agent_a_month=4)},
    "proportional": {"budget_calls": 90, "listening": MONTH},
    "share": {"budget_share": 0.2},
    "equal": {"budget_calls": 120, "allocation": "equal", "listening": MONTH},
    "neyman": {"budget_calls": 90, "allocation": "neyman", "neyman_by": "rough_score"},
    "fixed": {"allocation": "fixed", "fixed": 5, "relisten": Relisten(agent_min=3)},
    "risk": {"budget_calls": 90, "allocation": "risk", "listening": Listening(hours=6)},
    "quotas": {"budget_calls": 120, "agent_min": 6, "agent_max": 10, "agent_short": "all"},
    "columns": {"budget_minutes": 300.0, "by": ("business",), "inspectors": ("a", "b")},
}


def kept(plan: SamplingPlan, calls: list[Recording], **options: Any) -> tuple[Sample, Any]:
    """A sample with its frame as it is kept."""
    sample = draw(calls, plan, period=WEEK, **options)
    include = [p.recording_id for p in sample.picks if p.origin == "forced"]
    text = frame_text(frame_rows(calls, WEEK, exclude={}, include=include), plan)
    sample = replace(sample, frame_table_sha256=frame_sha256(text))
    return sample, frame_from_json(json.loads(text))


def written(proof: Proof, folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in proof.files.items():
        (folder / name).write_text(text, encoding="utf-8", newline="")
    return folder


@pytest.fixture(scope="module")
def proved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    sample, frame = kept(SamplingPlan(**PLANS["proportional"]), CALLS)
    return written(proof_of(sample, frame, WEEK), tmp_path_factory.mktemp("proof"))


@pytest.mark.parametrize("name", PLANS)
def test_script_draws_the_same_calls(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    extra = [
        call("test", agent="A001", mystery=True),
        call("forced", day=20, agent="A002"),
        call("nobody", agent=None),
    ]
    calls = [*CALLS, *extra]
    history = History(agent_means={"A003": 60.0}, heard={"A004": 4.0})
    sample, frame = kept(SamplingPlan(**PLANS[name]), calls, include=("forced",), history=history)
    folder = written(proof_of(sample, frame, WEEK), tmp_path)
    assert draw_again.main(folder) == 0
    drawn = [p for p in sample.picks if p.origin == "drawn"]
    random = sum(p.relisten_part == "random" for p in drawn)
    told = capsys.readouterr().out
    assert told.startswith(f"一致 identical: {len(drawn)} calls drawn, {random} listened to")


def test_script_runs_alone(proved: Path, tmp_path: Path) -> None:
    source = Path(draw_again.__file__).read_text(encoding="utf-8")
    script = tmp_path / "draw_again.py"
    script.write_text(source, encoding="utf-8")
    ran = subprocess.run(
        [sys.executable, "-I", "-S", str(script), str(proved)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={"PYTHONIOENCODING": "utf-8"},
        check=False,
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.startswith("一致 identical: 90 calls drawn")


def test_proof_names_nobody_and_no_recording(proved: Path) -> None:
    text = "".join(f.read_text(encoding="utf-8") for f in proved.iterdir())
    assert not any(r.recording_id in text for r in CALLS)
    assert not any(str(r.agent_id) in text for r in CALLS)
    # Nor do orders tell: agents' names go up and down along the cells, calls stand by their keys.
    salt = frame_salt(sorted(r.recording_id for r in CALLS))
    assert salt not in text
    named = {
        "A" + hashlib.sha256(f"{salt}\nagent\n{a}".encode()).hexdigest()[:10]: str(a)
        for a in {r.agent_id for r in CALLS}
    }
    cells = rows(proved / "cells.csv")
    largest, _ = Counter(c["stratum"] for c in cells).most_common(1)[0]
    order = [named[c["agent"]] for c in cells if c["stratum"] == largest]
    assert len(order) > 8
    assert order not in (sorted(order), sorted(order, reverse=True))
    keys = [row["key"] for row in rows(proved / "frame.csv")]
    assert keys == sorted(keys)


def rows(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"))))


def change(path: Path, edit: Callable[[list[dict[str, str]]], None]) -> None:
    """Change a table and its hash in plan.json, as a forger would."""
    body = rows(path)
    edit(body)
    out = io.StringIO()
    writer = csv.DictWriter(out, fieldnames=list(body[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(body)
    path.write_text(out.getvalue(), encoding="utf-8", newline="")
    plan = json.loads((path.parent / "plan.json").read_text(encoding="utf-8"))
    plan["files"][path.name] = hashlib.sha256(path.read_bytes()).hexdigest()
    (path.parent / "plan.json").write_text(json.dumps(plan), encoding="utf-8")


def swap_pick(body: list[dict[str, str]]) -> None:
    body[0]["call"] = "C0123456789ab"


def other_part(body: list[dict[str, str]]) -> None:
    row = next(r for r in body if r["relisten_part"] == "random")
    row["relisten_part"] = ""


def other_chance(body: list[dict[str, str]]) -> None:
    body[0]["probability"] = "0.5"


def other_start(body: list[dict[str, str]]) -> None:
    row = next(r for r in body if 0 < int(r["drawn"]) < int(r["calls"]))
    row["start"] = f"{int(row['start'], 16) ^ (1 << 63):016x}"


def turned(body: list[dict[str, str]]) -> None:
    """Every move of the first step the other way round."""
    moves = body[0]["moves"].split(" ")
    body[0]["moves"] = " ".join(("-" if m[0] == "+" else "+") + m[1:] for m in moves)


def one_call_less(body: list[dict[str, str]]) -> None:
    del body[0]


def more_expected(body: list[dict[str, str]]) -> None:
    body[0]["expected"] = repr(float(body[0]["expected"]) + 1)


@pytest.mark.parametrize(
    ("name", "edit"),
    [
        ("picks.csv", swap_pick),
        ("picks.csv", other_part),
        ("picks.csv", other_chance),
        ("picks.csv", one_call_less),
        ("cells.csv", other_start),
        ("cells.csv", more_expected),
        ("rounding.csv", turned),
        ("rounding.csv", one_call_less),
        ("listen_random.csv", turned),
        ("frame.csv", one_call_less),
    ],
)
def test_script_notices_what_was_changed(
    name: str,
    edit: Callable[[list[dict[str, str]]], None],
    proved: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for file in proved.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    change(tmp_path / name, edit)
    assert draw_again.main(tmp_path) == 1
    assert capsys.readouterr().out.startswith("不一致 differs: ")


def test_file_that_was_changed_without_its_hash_is_named(
    proved: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for file in proved.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    picks = tmp_path / "picks.csv"
    picks.write_text(picks.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    assert draw_again.main(tmp_path) == 1
    assert "picks.csv was changed" in capsys.readouterr().out


def test_other_seed_is_noticed(
    proved: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for file in proved.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    plan = json.loads((tmp_path / "plan.json").read_text(encoding="utf-8"))
    plan["seed"] = "another"
    (tmp_path / "plan.json").write_text(json.dumps(plan), encoding="utf-8")
    assert draw_again.main(tmp_path) == 1


def test_draw_of_before_frames_were_kept_cannot_be_proved() -> None:
    sample = draw(CALLS, SamplingPlan(budget_calls=90, rules=1), period=WEEK)
    with pytest.raises(UsageError, match="before frames were kept"):
        proof_of(sample, frame_rows(CALLS, WEEK, exclude={}, include=()), WEEK)
