"""Red lines and complaint risks are told the day they are found, without a word of the calls."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from tests.weeks import PERIOD, make_week, qc, qc_json


def rows(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text("utf-8-sig"))))


def test_run_writes_what_cannot_wait_and_says_so(tmp_path: Path) -> None:
    week = make_week(tmp_path / "week")
    settings = week / "qc.toml"
    text = settings.read_text("utf-8")
    settings.write_text(text + '\n[targets]\nfollow_up_criteria = ["promise"]\n', "utf-8")
    ran = qc(week, "run", "-p", PERIOD, expect=None)
    assert "told in alerts/, they are listened to first" in ran.err
    path = week / "alerts" / f"{PERIOD}.csv"
    assert path.read_bytes().startswith("\ufeff".encode())
    found = rows(path)
    told = [(r["alert"], r["recording_id"], r["criterion"]) for r in found]
    assert ("red_line", "r6", "abuse") in told
    assert ("complaint", "r5", "promise") in told
    assert [t[0] for t in told] == sorted((t[0] for t in told), reverse=True)
    assert all(r["agent_id"] and r["start_time"] for r in found)
    assert "神经病" not in path.read_text("utf-8")
    again = qc_json(week, "run", "-p", PERIOD)
    assert Path(again["alerts"]) == path
    assert rows(path) == found


def test_what_was_decided_is_no_alert_any_more(tmp_path: Path) -> None:
    week = make_week(tmp_path / "week")
    qc(week, "run", "-p", PERIOD, expect=None)
    path = week / "alerts" / f"{PERIOD}.csv"
    for row in rows(path):
        qc(week, "review", row["recording_id"], row["criterion"], "--overturn",
           "--because", "recogniser", "--as", "wang")  # fmt: skip
    rubric = week / "rubrics" / "mini.yaml"
    text = rubric.read_text("utf-8").replace('version: "1"', 'version: "2"')
    rubric.write_text(text, "utf-8")
    ran = qc(week, "run", "-p", PERIOD, expect=None)
    assert "alerts/" not in ran.err
    assert rows(path) == []
