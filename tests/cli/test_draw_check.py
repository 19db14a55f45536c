"""A draw that can be checked a year later, a seed that is somebody's, and the plan that `init`
writes: as the command line has them.
"""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from qc_pipeline.cli.session import opened
from qc_pipeline.job.check_draw import drawn_from_frame
from qc_pipeline.sampling.draw import draw
from qc_pipeline.sampling.kept_frame import frame_from_json, frame_json, frame_rows
from qc_pipeline.sampling.plan import SamplingPlan
from qc_pipeline.sampling.sample import SEED_LONGEST
from qc_pipeline.sampling.verify import differences
from qc_pipeline.store import tables
from tests.cli.test_sample_command import workspace
from tests.sampling.calls_made import WEEK, population
from tests.weeks import PERIOD, qc, qc_json

RISK = """\
allocation = "risk"
[[sampling.risk]]
name = "low_satisfaction"
field = "satisfaction"
in = ["不满意"]
multiplier = 3
"""


def rows_of(folder: Path) -> list[dict[str, str]]:
    with (folder / "calls.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def write_rows(folder: Path, rows: list[dict[str, str]]) -> None:
    with (folder / "calls.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def checked(folder: Path, *, expect: int) -> dict[str, Any]:
    return dict(qc_json(folder, "sample", "-p", PERIOD, "--verify", expect=expect))


def test_row_that_is_gone_is_named_and_no_other(tmp_path: Path) -> None:
    folder = workspace(tmp_path / "w")
    drawn = {p["recording_id"] for p in qc_json(folder, "sample", "-p", PERIOD)["picks"]}
    assert checked(folder, expect=0)["identical"]
    rows = rows_of(folder)
    for gone in (min(drawn), min({r["recording_id"] for r in rows} - drawn)):
        write_rows(folder, [r for r in rows if r["recording_id"] != gone])
        found = checked(folder, expect=3)
        assert not found["identical"]
        assert found["repeats"]
        assert found["frame_kept"]
        (change,) = found["calls"]
        assert (change["recording_id"], change["what"]) == (gone, "gone")
        assert change["drawn"] == (gone in drawn)
        said = qc(folder, "sample", "-p", PERIOD, "--verify", expect=3).out
        assert "drawn as recorded: 6 calls" in said
        flag = "drawn" if gone in drawn else "not drawn"
        assert f"{gone} ({flag}) is no longer in the list" in said
    write_rows(folder, rows)
    assert checked(folder, expect=0)["identical"]


def test_marks_that_came_late_are_told_with_what_they_change(tmp_path: Path) -> None:
    folder = workspace(tmp_path / "w", RISK)
    rows = [r | {"satisfaction": "满意"} for r in rows_of(folder)]
    write_rows(folder, rows)
    drawn = {p["recording_id"] for p in qc_json(folder, "sample", "-p", PERIOD)["picks"]}
    late = {"r03", "r11", "r20"}
    write_rows(
        folder,
        [r | {"satisfaction": "不满意"} if r["recording_id"] in late else r for r in rows],
    )
    found = checked(folder, expect=3)
    assert found["repeats"]
    assert {c["recording_id"] for c in found["calls"]} == late
    for change in found["calls"]:
        assert change["columns"] == {"satisfaction": ["满意", "不满意"]}
        assert (change["then"], change["now"]) == ("×1", "×3")
        assert change["drawn"] == (change["recording_id"] in drawn)
    said = qc(folder, "sample", "-p", PERIOD, "--verify", expect=3).out
    assert "satisfaction 满意 → 不满意 (×1 → ×3)" in said


def test_change_without_a_difference_to_the_draw_is_counted_alone(tmp_path: Path) -> None:
    folder = workspace(tmp_path / "w")
    qc(folder, "sample", "-p", PERIOD)
    rows = rows_of(folder)
    rows[4]["duration_s"] = "31"  # all lengths are one band
    write_rows(folder, rows)
    found = checked(folder, expect=0)
    assert found["identical"]
    assert (found["calls"], found["alike"]) == ([], 1)
    said = qc(folder, "sample", "-p", PERIOD, "--verify").out
    assert "1 call changed in the list without a difference to its draw" in said
    # Columns that the plan does not read are nobody's business.
    write_rows(folder, [r | {"note": "x"} for r in rows])
    assert checked(folder, expect=0)["alike"] == 1
    rows[5]["duration_s"] = "31"
    write_rows(folder, rows)
    said = qc(folder, "sample", "-p", PERIOD, "--verify").out
    assert "2 calls changed in the list without a difference to their draw" in said


def test_call_that_the_list_still_has_is_told_with_what_keeps_it_out(tmp_path: Path) -> None:
    folder = workspace(tmp_path / "w")
    drawn = sorted(p["recording_id"] for p in qc_json(folder, "sample", "-p", PERIOD)["picks"])
    moved, silent, both, tested, gone = drawn[:5]
    day = {r["recording_id"]: r["start_time"] for r in rows_of(folder)}
    later = "2026-11-24T10:00:30"
    told_now = {
        moved: {"start_time": later},
        silent: {"answered": "false"},
        both: {"start_time": later, "agent_id": "a9"},
        tested: {"mystery": "true"},
    }
    rows = [
        {"answered": "true", "mystery": "false"} | r | told_now.get(r["recording_id"], {})
        for r in rows_of(folder)
        if r["recording_id"] != gone
    ]
    write_rows(folder, rows)
    found = checked(folder, expect=3)
    assert found["repeats"]
    agent = next(
        r["agent_id"] for r in rows_of(workspace(tmp_path / "v")) if r["recording_id"] == both
    )
    changes = {c["recording_id"]: c for c in found["calls"] if c["recording_id"] in drawn}
    assert {k: (c["what"], c["columns"]) for k, c in changes.items()} == {
        moved: ("out", {"start_time": [day[moved], later], "mystery": [None, False]}),
        silent: ("out", {"answered": [True, False], "mystery": [None, False]}),
        both: (
            "out",
            {
                "agent_id": [agent, "a9"],
                "start_time": [day[both], later],
                "mystery": [None, False],
            },
        ),
        tested: ("changed", {"mystery": [None, True]}),
        gone: ("gone", {}),
    }
    said = qc(folder, "sample", "-p", PERIOD, "--verify", expect=3).out
    can = "(drawn) is in the list, but can no longer be drawn:"
    assert f"{moved} {can} start_time {day[moved]} → {later}, mystery – → false" in said
    assert f"{silent} {can} mystery – → false, answered true → false" in said
    assert f"{tested} (drawn): mystery – → true (– → mystery)" in said
    assert f"{gone} (drawn) is no longer in the list" in said


def test_call_that_came_into_the_week_is_told_as_one_of_the_frame(tmp_path: Path) -> None:
    folder = workspace(tmp_path / "w")
    rows = rows_of(folder)
    other = rows[7]["recording_id"]
    away = [r | {"start_time": "2026-11-24T10:00:00"} if r is rows[7] else r for r in rows]
    write_rows(folder, away)
    qc(folder, "sample", "-p", PERIOD)
    write_rows(folder, rows)
    said = qc(folder, "sample", "-p", PERIOD, "--verify", expect=3).out
    assert f"{other} (not drawn) came into the frame after the draw" in said


def test_call_that_came_later_and_one_of_another_agent_are_told(tmp_path: Path) -> None:
    folder = workspace(tmp_path / "w")
    qc(folder, "sample", "-p", PERIOD)
    rows = rows_of(folder)
    rows[2]["agent_id"] = "a1"
    rows.append(rows[0] | {"recording_id": "r99", "path": "r99.wav"})
    write_rows(folder, rows)
    found = checked(folder, expect=3)
    assert [(c["recording_id"], c["what"]) for c in found["calls"]] == [
        ("r02", "changed"),
        ("r99", "new"),
    ]
    assert found["calls"][0]["columns"] == {"agent_id": ["a3", "a1"]}
    ran = qc(folder, "sample", "-p", PERIOD)
    assert "though call list changed since" in ran.err


def test_plan_is_told_by_its_keys(tmp_path: Path) -> None:
    folder = workspace(tmp_path / "w")
    qc(folder, "sample", "-p", PERIOD)
    settings = folder / "qc.toml"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(text.replace("budget_calls = 6", "budget_calls = 9"), encoding="utf-8")
    found = checked(folder, expect=3)
    assert found["repeats"]
    assert found["plan"] == {"budget_calls": [6, 9]}
    assert found["calls"] == []
    assert "plan, budget_calls: was 6, is 9" in found["differences"]


def test_draw_of_before_frames_were_kept_is_checked_against_the_list(tmp_path: Path) -> None:
    folder = workspace(tmp_path / "w", "rules = 1\n")
    sample = qc_json(folder, "sample", "-p", PERIOD)
    assert not {"rules", "seed_origin", "frame_table_sha256"} & (sample.keys() | sample["plan"])
    assert all("relisten_part" not in p for p in sample["picks"])
    settings = folder / "qc.toml"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(text.replace("rules = 1\n", ""), encoding="utf-8")
    found = checked(folder, expect=0)
    assert found["identical"]
    assert not found["frame_kept"]
    write_rows(folder, rows_of(folder)[1:])
    assert not checked(folder, expect=3)["identical"]


def test_kept_draw_by_a_slot_that_there_is_not_repeats_as_it_was() -> None:
    calls, _ = population(200, 5)
    risk = {"name": "noon", "field": "slot", "in": ["lunch"], "multiplier": 3}
    plan = SamplingPlan.model_validate(
        {"budget_calls": 40, "agent_min": 1, "allocation": "risk", "risk": [risk]}
    )
    sample = draw(calls, plan, period=WEEK, again=True)
    rows = frame_rows(calls, WEEK, exclude={}, include=())
    kept = frame_from_json(json.loads(json.dumps(frame_json(rows, plan))))
    assert differences(sample, drawn_from_frame(sample, kept, WEEK)) == ()


def test_record_that_was_changed_does_not_repeat(tmp_path: Path) -> None:
    import sqlite3

    folder = workspace(tmp_path / "w")
    sample = qc_json(folder, "sample", "-p", PERIOD)
    drawn = {p["recording_id"] for p in sample["picks"]}
    other = min({r["recording_id"] for r in rows_of(folder)} - drawn)
    with sqlite3.connect(folder / "qc.sqlite") as connection:
        kind = "sample"
        (body,) = connection.execute("SELECT body FROM contents WHERE kind = ?", (kind,)).fetchone()
        changed = json.loads(body)
        changed["picks"][0]["recording_id"] = other
        connection.execute(
            "UPDATE contents SET body = ? WHERE kind = ?",
            (json.dumps(changed, ensure_ascii=False), kind),
        )
    found = checked(folder, expect=3)
    assert not found["repeats"]
    assert "the record was changed" in found["differences"][0]


def test_chosen_seed_needs_a_reason_and_stands_with_it(tmp_path: Path) -> None:
    folder = workspace(tmp_path / "w")
    settings = folder / "qc.toml"
    text = settings.read_text(encoding="utf-8").replace('seed = "test"\n', "")
    settings.write_text(text, encoding="utf-8")
    for command in ("sample", "run"):
        told = qc(folder, command, "-p", PERIOD, "--seed", "mine", expect=2).err
        assert "--seed needs --reason TEXT" in told
    assert "is not drawn yet" in qc(folder, "sample", "-p", PERIOD, "--verify", expect=2).err
    sample = qc_json(folder, "sample", "-p", PERIOD, "--seed", "mine", "--reason", "抽签时当众摇出")
    assert (sample["seed"], sample["seed_origin"]) == ("mine", "given")
    assert sample["seed_reason"] == "抽签时当众摇出"
    audit = qc(folder, "audit").out
    assert "抽签时当众摇出" in audit
    qc(folder, "transcribe", "-p", PERIOD, "--from", str(folder / "heard"))
    ran = qc(folder, "run", "-p", PERIOD)
    page = Path(ran.out.splitlines()[-1]).read_text(encoding="utf-8")
    assert "人为指定：抽签时当众摇出" in page
    assert "每名坐席每月随机复听 4 通" in page


@pytest.mark.parametrize("command", [("sample",), ("run",), ("sample", "--dry-run")])
def test_seed_and_reason_that_the_record_cannot_hold_are_refused(
    tmp_path: Path, command: tuple[str, ...]
) -> None:
    folder = workspace(tmp_path / "w")
    refused = "{} holds bytes that are no UTF-8 text\n"
    why = ("--reason", "x")
    # A byte 0xff on the command line.
    told = qc(folder, *command, "-p", PERIOD, "--seed", "a\udcff", *why, expect=2).err
    assert told.endswith(refused.format("--seed"))
    told = qc(folder, *command, "-p", PERIOD, "--seed", "a", "--reason", "\udcff", expect=2).err
    assert told.endswith(refused.format("--reason"))
    long = "种" * 201
    told = qc(folder, *command, "-p", PERIOD, "--seed", long, *why, expect=2).err
    assert told.endswith("--seed takes at most 200 characters, not 201\n")
    assert "is not drawn yet" in qc(folder, "sample", "-p", PERIOD, "--verify", expect=2).err


def test_longest_seed_is_held_and_a_longer_one_of_the_plan_is_refused(tmp_path: Path) -> None:
    assert tables.samples.c.seed.type.length == SEED_LONGEST
    folder = workspace(tmp_path / "w")
    settings = folder / "qc.toml"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(text.replace('"test"', f'"{"s" * 201}"'), encoding="utf-8")
    told = qc(folder, "sample", "-p", PERIOD, expect=2).err
    assert "qc.toml: [sampling] seed is longer than the record holds; found 201 characters" in told
    assert "allowed: at most 200" in told
    kept = qc_json(folder, "sample", "-p", PERIOD, "--seed", "种" * 200, "--reason", "x")
    assert kept["seed"] == "种" * 200


def test_seed_of_plan_and_period_says_so(tmp_path: Path) -> None:
    folder = workspace(tmp_path / "w")
    assert qc_json(folder, "sample", "-p", PERIOD)["seed_origin"] == "settings"
    other = workspace(tmp_path / "v")
    settings = other / "qc.toml"
    text = settings.read_text(encoding="utf-8").replace('seed = "test"\n', "")
    settings.write_text(text, encoding="utf-8")
    sample = qc_json(other, "sample", "-p", PERIOD)
    assert (sample["seed_origin"], sample.get("seed_reason")) == ("derived", None)


def test_seed_that_is_tried_leaves_a_line_in_the_audit(tmp_path: Path) -> None:
    folder = workspace(tmp_path / "w")
    settings = folder / "qc.toml"
    text = settings.read_text(encoding="utf-8").replace('seed = "test"\n', "")
    settings.write_text(text, encoding="utf-8")
    said = qc(folder, "sample", "-p", PERIOD, "--dry-run").out
    assert said.endswith("dry run: nothing was kept\n")
    assert "sample.try" not in qc(folder, "audit").out
    said = qc(folder, "sample", "-p", PERIOD, "--dry-run", "--seed", "lucky").out
    assert "this seed was tried" in said
    lines = [x for x in qc(folder, "audit").out.splitlines() if "sample.try" in x]
    assert len(lines) == 1
    assert "lucky" in lines[0]
    assert "is not drawn yet" in qc(folder, "sample", "-p", PERIOD, "--verify", expect=2).err


def test_audit_shows_hashes_and_made_seeds_whole_and_masks_chosen_ones(tmp_path: Path) -> None:
    sha256 = "ecc85be8f13800138000c620021220212345e" + "a" * 27
    seed = "a13800138000bcde"
    folder = workspace(tmp_path / "w")
    qc(folder, "sample", "-p", PERIOD)
    with opened(folder) as (_, record), record.transaction() as tx:
        for origin in ("derived", "given"):
            what = {"period": PERIOD, "seed": seed, "seed_origin": origin, "sample": sha256}
            tx.note("sample.draw", what)
        tx.note("sample.try", {"period": PERIOD, "seed": seed, "plan_sha256": sha256})
    *_, made, given, tried = [x for x in qc(folder, "audit").out.splitlines() if "sample." in x]
    assert all(sha256 in line for line in (made, given, tried))
    assert f"seed={seed}" in made
    assert all("seed=a138****8000bcde" in line for line in (given, tried))


def test_dry_run_says_what_the_plan_gives(tmp_path: Path) -> None:
    folder = workspace(tmp_path / "w")
    body = qc_json(folder, "sample", "-p", PERIOD, "--dry-run")
    found = body["prospect"]
    kinds = {row["name"]: row for row in found["rows"]}
    assert kinds["complaint"]["frame"] == 6
    listened = [p for p in body["picks"] if p["relisten"]]
    assert (found["frame"], found["drawn"], found["listened"]) == (30, 6, len(listened))
    rows = {r["recording_id"]: float(r["duration_s"]) for r in rows_of(folder)}
    people = sum(1.5 * rows[p["recording_id"]] / 60 + 2 for p in listened) / 60
    assert found["people_hours"] == pytest.approx(people, abs=0.006)
    sound = sum(rows[p["recording_id"]] for p in body["picks"]) / 3600
    assert found["machine_hours"] == pytest.approx(sound / 4, abs=0.006)
    said = qc(folder, "sample", "-p", PERIOD, "--dry-run").out
    assert "30 calls in the frame, 6 for the machine" in said
    assert "taking a quarter of real time" in said


def test_month_owes_less_after_a_week_that_was_drawn(tmp_path: Path) -> None:
    folder = workspace(tmp_path / "w")
    settings = folder / "qc.toml"
    text = settings.read_text(encoding="utf-8").replace("budget_calls = 6\n", "")
    settings.write_text(text + "\n[review]\ncalls_an_agent_a_month = 6\n", encoding="utf-8")
    first = qc_json(folder, "sample", "-p", "2026-11-09..2026-11-11")
    assert first["history"]["heard"] == {}
    random = [p["agent_id"] for p in first["picks"] if p["relisten_part"] == "random"]
    second = qc_json(folder, "sample", "-p", "2026-11-12..2026-11-15")
    assert second["history"]["heard"] == {a: float(random.count(a)) for a in sorted(set(random))}


def test_init_writes_the_plan_for_the_list_that_lies_there(tmp_path: Path) -> None:
    source = workspace(tmp_path / "w")
    for folder, times in (("short", 1), ("long", 3000)):
        here = tmp_path / folder
        here.mkdir()
        rows = rows_of(source)
        for row in rows:
            row["duration_s"] = str(float(row["duration_s"]) * times)
        write_rows(here, rows)
        (here / "calls.csv").rename(here / "十一月.csv")
    short = qc_init(tmp_path / "short")
    assert "wrote" in short
    assert "for 十一月.csv" in short
    assert "30 calls in the frame, 30 for the machine" in short
    text = (tmp_path / "short" / "qc.toml").read_text(encoding="utf-8")
    assert 'calls = "十一月.csv"' in text
    assert "\n# machine_hours = 8 " in text
    long = qc_init(tmp_path / "long")
    assert "row" in long or "is not right" in long  # lengths over a day are no lengths
    for row_file in (tmp_path / "long").glob("*.csv"):
        row_file.unlink()
    (tmp_path / "long" / "qc.toml").unlink()
    rows = [
        r | {"recording_id": f"{r['recording_id']}-{n}", "path": f"{n}.wav", "duration_s": "3000"}
        for r in rows_of(source)
        for n in range(3)
    ]
    write_rows(tmp_path / "long", rows)
    long = qc_init(tmp_path / "long")
    text = (tmp_path / "long" / "qc.toml").read_text(encoding="utf-8")
    assert "\nmachine_hours = 8 " in text
    assert "90 calls in the frame" in long
    # Eight hours hear 32 hours of sound: 38 calls of 50 minutes, fewer two deviations of none.
    assert "38 for the machine" in long
    assert qc_json(tmp_path / "long", "sample", "--dry-run")["prospect"]["drawn"] == 38


def qc_init(folder: Path) -> str:
    from tests.in_process import invoke

    result = invoke("init", str(folder))
    assert result.code == 0, result.err
    return result.out


def test_proof_is_a_page_with_tables_and_a_script_that_draws_again(tmp_path: Path) -> None:
    folder = workspace(tmp_path / "w", "agent_min = 1\n")
    assert "not drawn yet" in qc(folder, "sample", "-p", PERIOD, "--proof", "x", expect=2).err
    qc(folder, "sample", "-p", PERIOD)
    target = tmp_path / "proof"
    said = qc(folder, "sample", "-p", PERIOD, "--proof", str(target)).out
    assert said.startswith("一致 identical: 6 calls drawn")
    assert said.splitlines()[-1] == str(target / "index.html")
    page = (target / "index.html").read_text(encoding="utf-8")
    assert "抽样证明 · 2026-W46" in page
    assert "本文件夹内的脚本核对结果：一致 identical: 6 calls drawn" in page
    with (target / "cells.csv").open(encoding="utf-8", newline="") as file:
        keys = {row["stratum"] for row in csv.DictReader(file)}
    label = '<th scope="row">全部时长 · 其他时段</th>'
    assert [f"{label}<td><code>{key}</code></td>" in page for key in keys] == [True]
    ran = subprocess.run(
        [sys.executable, "-I", str(target / "draw_again.py")],
        capture_output=True,
        encoding="utf-8",
        env={"PYTHONUTF8": "1"},
        check=True,
    )
    assert ran.stdout.strip() == said.splitlines()[0]
    text = "".join(f.read_text(encoding="utf-8") for f in target.iterdir())
    assert not any(r["recording_id"] in text for r in rows_of(folder))
    refused = qc(folder, "sample", "-p", PERIOD, "--proof", str(target), expect=2).err
    assert "holds other things" in refused
    # Today's list has no part in it.
    write_rows(folder, rows_of(folder)[5:])
    again = tmp_path / "again"
    assert (
        qc_json(folder, "sample", "-p", PERIOD, "--proof", str(again))["said"]
        == (said.splitlines()[0])
    )
    assert (again / "picks.csv").read_bytes() == (target / "picks.csv").read_bytes()


def test_draw_that_kept_no_frame_has_no_proof(tmp_path: Path) -> None:
    folder = workspace(tmp_path / "w", "rules = 1\n")
    qc(folder, "sample", "-p", PERIOD)
    told = qc(folder, "sample", "-p", PERIOD, "--proof", str(tmp_path / "p"), expect=2).err
    assert f"{PERIOD} was drawn by rules = 1, which keeps no frame: it can be checked" in told
    assert not (tmp_path / "p").exists()


def kept_body(folder: Path, kind: str) -> tuple[Any, Any]:
    import sqlite3

    connection = sqlite3.connect(folder / "qc.sqlite")
    (body,) = connection.execute("SELECT body FROM contents WHERE kind = ?", (kind,)).fetchone()
    return connection, json.loads(body)


def forge(folder: Path, kind: str, change: Any) -> None:
    """Change a body in the record with its hash, as somebody would who knows how it is kept."""
    import hashlib

    connection, body = kept_body(folder, kind)
    change(body)
    text = json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    with connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute(
            "UPDATE contents SET body = ?, sha256 = ? WHERE kind = ?", (text, sha256, kind)
        )
        connection.execute("UPDATE samples SET sample_sha256 = ?", (sha256,))
    connection.close()


def swap_parts(body: dict[str, Any]) -> None:
    for pick in body["picks"]:
        if pick["relisten_part"] == "random":
            pick["relisten_part"] = "targeted"
            return


def other_chance(body: dict[str, Any]) -> None:
    for pick in body["picks"]:
        pick["random_probability"] = 0.9


def other_origin(body: dict[str, Any]) -> None:
    body["seed_origin"] = "derived"
    body.pop("seed_reason", None)


@pytest.mark.parametrize("change", [swap_parts, other_chance, other_origin])
def test_what_decides_whose_score_a_call_makes_cannot_be_changed_unseen(
    change: Any, tmp_path: Path
) -> None:
    folder = workspace(tmp_path / "w")
    qc(folder, "sample", "-p", PERIOD, "--seed", "mine", "--reason", "摇号")
    assert checked(folder, expect=0)["identical"]
    forge(folder, "sample", change)
    found = checked(folder, expect=3)
    assert not found["repeats"]
    assert any("audit knows of no such draw" in text for text in found["differences"])
    assert len(found["differences"]) > 2  # and what it is


def test_frame_that_is_lost_is_said(tmp_path: Path) -> None:
    folder = workspace(tmp_path / "w")
    qc(folder, "sample", "-p", PERIOD)
    connection, _ = kept_body(folder, "frame")
    with connection:
        connection.execute("UPDATE contents SET body = substr(body, 1, 50) WHERE kind = 'frame'")
    connection.close()
    found = checked(folder, expect=3)
    assert "in the record as it was kept" in found["differences"][-1]


def test_frame_keeps_nothing_that_names_a_customer(tmp_path: Path) -> None:
    condition = (
        'allocation = "risk"\n[[sampling.risk]]\nname = "vip"\nfield = "customer_id"\n'
        'in = ["VIP7"]\nmultiplier = 3\n'
    )
    folder = workspace(tmp_path / "w", condition)
    rows = [r | {"customer_id": f"VIP{i}"} for i, r in enumerate(rows_of(folder))]
    write_rows(folder, rows)
    sample = qc_json(folder, "sample", "-p", PERIOD)
    assert sample["risk"] == [{"name": "vip", "multiplier": 3, "frame": 1}]
    connection, frame = kept_body(folder, "frame")
    connection.close()
    assert "VIP" not in json.dumps(frame, ensure_ascii=False)
    assert checked(folder, expect=0)["identical"]
    target = tmp_path / "proof"
    qc(folder, "sample", "-p", PERIOD, "--proof", str(target))
    assert "VIP7" not in (target / "plan.json").read_text(encoding="utf-8")
    rows[3]["customer_id"] = "VIP7"
    write_rows(folder, rows)
    found = checked(folder, expect=3)
    assert [(c["recording_id"], c["then"], c["now"]) for c in found["calls"]] == [
        ("r03", "×1", "×3")
    ]


def test_strata_by_name_are_not_laid_open(tmp_path: Path) -> None:
    folder = workspace(tmp_path / "w", 'by = ["agent_id"]\nstratum_min = 1\n')
    qc(folder, "sample", "-p", PERIOD)
    told = qc(folder, "sample", "-p", PERIOD, "--proof", str(tmp_path / "p"), expect=2).err
    assert "the plan cuts strata by agent_id" in told


def test_names_that_differ_by_a_blank_alone_are_proved(tmp_path: Path) -> None:
    folder = workspace(tmp_path / "w", 'by = ["business"]\n')
    text = (folder / "qc.toml").read_text("utf-8").replace("budget_calls = 6", "budget_calls = 21")
    (folder / "qc.toml").write_text(text, "utf-8")
    rows = rows_of(folder)
    for i, row in enumerate(rows):
        row["business"] = "退 款" if i % 3 else "退_款"
    write_rows(folder, rows)
    qc(folder, "sample", "-p", PERIOD)
    said = qc(folder, "sample", "-p", PERIOD, "--proof", str(tmp_path / "p")).out
    assert said.startswith("一致 identical: 21 calls")


def test_proof_needs_no_call_list_any_more(tmp_path: Path) -> None:
    folder = workspace(tmp_path / "w")
    qc(folder, "sample", "-p", PERIOD)
    (folder / "calls.csv").unlink()
    assert "一致" in qc(folder, "sample", "--proof", str(tmp_path / "p")).out


def test_seed_of_the_settings_that_is_tried_or_changed_is_known(tmp_path: Path) -> None:
    folder = workspace(tmp_path / "w")
    qc(folder, "sample", "-p", PERIOD, "--dry-run")
    assert "sample.try" in qc(folder, "audit").out
    qc(folder, "sample", "-p", PERIOD)
    text = (folder / "qc.toml").read_text("utf-8").replace('seed = "test"', 'seed = "other"')
    (folder / "qc.toml").write_text(text, "utf-8")
    assert checked(folder, expect=3)["plan"] == {"seed": ["test", "other"]}
