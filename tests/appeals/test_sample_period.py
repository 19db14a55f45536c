"""The sample calls' week as its people work through it: review, publish, follow up, coach."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from tests.appeals import sheets
from tests.appeals.conftest import Clock
from tests.appeals.weeks import PERIOD, qc, qc_json
from tests.workspaces import ROOT, SAMPLES

PEOPLE = """
[people.wang]
name = "王质检"
roles = ["inspector"]
[people.qian]
name = "钱经理"
roles = ["manager"]
[people.yi]
name = "易组长"
roles = ["lead"]
team = "受理一组"
[people.er]
name = "尔组长"
roles = ["lead"]
team = "受理二组"
[people.san]
name = "单组长"
roles = ["lead"]
team = "受理三组"
"""
LEADS = {"受理一组": "yi", "受理二组": "er", "受理三组": "san"}
WANG = ("--as", "wang")


def tables(folder: Path, audience: str | None = None) -> tuple[dict[str, Any], Path]:
    words = ("report", "-p", PERIOD, "--no-audio")
    made = qc_json(folder, *words, *(("--audience", audience) if audience else ()))
    place = Path(made["report"]).parent
    found: dict[str, Any] = json.loads((place / "report.json").read_text("utf-8"))["tables"]
    return found, place


@pytest.mark.slow
def test_the_sample_week_from_review_to_closed_follow_ups(tmp_path: Path, clock: Clock) -> None:
    folder = tmp_path / "week"
    shutil.copytree(SAMPLES, folder, ignore=shutil.ignore_patterns("model", "truth"))
    shutil.copytree(ROOT / "rubrics", folder / "rubrics")
    text = (folder / "qc.toml").read_text("utf-8")
    # More calls than in the demonstration, so that discontent customers are among them.
    text = text.replace("budget_calls = 24", "budget_calls = 60")
    (folder / "qc.toml").write_text(f"{text}\n{PEOPLE}", "utf-8")
    qc(folder, "run", "-p", PERIOD, expect=None)

    # The inspector confirms what blocks publishing; red lines open follow-ups at once.
    items = qc_json(folder, "review", "-p", PERIOD)["items"]
    grave = [i for i in items if i["kind"] == "proposed" and i["severity"] in ("fatal", "major")]
    assert any(i["severity"] == "fatal" for i in grave)
    for item in grave:
        qc(folder, "review", item["recording_id"], item["criterion"], "--confirm", *WANG)
    red = {i["recording_id"] for i in grave if i["severity"] == "fatal"}
    opened = qc_json(folder, "followup", "list")["followups"]
    assert {f["recording_id"] for f in opened if "fatal" in f["rules"]} == red
    assert {f["due"] for f in opened if f["state"] == "waiting"} == {"2026-11-18"}

    done = qc_json(folder, "publish", PERIOD, "--as", "qian")
    assert done["followups_opened"] or done["followups_suggested"]
    everything = qc_json(folder, "followup", "list")["followups"]
    unhappy = [f for f in everything if "dissatisfied" in f["rules"]]
    assert unhappy
    waiting = [f for f in everything if f["state"] == "waiting"]
    for group in LEADS:
        assert sum(f["group"] == group for f in waiting) <= 5

    # Each lead answers on the sheet in the own report's workbook.
    clock.set("2026-11-18T16:00:00")
    for group, lead in LEADS.items():
        mine = [f["number"] for f in waiting if f["group"] == group]
        found, place = tables(folder, f"lead:{group}")
        assert {r["team"] for r in found["tracking"]["rows"]} <= {group}
        book = CalamineWorkbook.from_path(str(place / "report.xlsx"))
        rows = book.get_sheet_by_name("问题跟踪反馈表").to_python()
        assert sorted(int(r[0]) for r in rows[1:]) == sorted(mine)
        # The lead of the second group leaves one unanswered.
        left = mine[-1:] if lead == "er" else []
        for row in rows[1:]:
            if int(row[0]) not in left:
                row[7:11] = ["已回呼致歉并处理", "是", f"HH-{int(row[0]):03}", "2026-11-18"]
        sheet = sheets.write(tmp_path / f"{lead}.xlsx", rows)
        taken = qc_json(folder, "followup", "feedback", "--file", str(sheet), "--as", lead)
        assert (sorted(taken["kept"]), taken["unanswered"]) == (
            sorted(set(mine) - set(left)), left,
        )  # fmt: skip

    # QA checks and closes; the one that nobody answered is overdue and stands first.
    clock.set("2026-11-19T09:00:00")
    for item in qc_json(folder, "followup", "list", "--state", "to_check")["followups"]:
        qc(folder, "followup", "check", str(item["number"]), *WANG)
        qc(folder, "followup", "close", str(item["number"]), *WANG)
    found = qc_json(folder, "followup", "list")
    assert found["followups"][0]["state"] == "overdue"
    assert found["overdue"] == 1
    assert found["on_time"] == {
        "part": len(waiting) - 1,
        "whole": len(waiting),
        "share": pytest.approx((len(waiting) - 1) / len(waiting)),
    }

    # An agent is coached on what the call shows, by default where the evidence stands.
    item = next(i for i in grave if i["severity"] == "fatal")
    recording, criterion = item["recording_id"], item["criterion"]
    agent = next(f["handler"] for f in opened if f["recording_id"] == recording)
    words = ("--recording", recording, "--advice", "先致歉,再解释", *WANG)
    made = qc_json(folder, "coach", "add", agent, criterion, *words)
    sections = qc_json(folder, "show", recording)["sections"]
    starts = [
        e["start_s"]
        for s in sections
        for c in s["criteria"]
        if c["id"] == criterion
        for e in c["evidence"]
    ]
    assert made["start_s"] == min(starts)
    assert qc_json(folder, "audit")["broken_at"] is None
