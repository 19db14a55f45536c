"""The figures of a report, worked out again from the rows of the database, without the report."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from tests.weeks import PERIOD, TEAMS, qc


@pytest.fixture
def rows(week: Path) -> tuple[dict[str, sqlite3.Row], dict[str, list[sqlite3.Row]]]:
    """The last card of each recording, and the findings of these cards."""
    connection = sqlite3.connect(week / "qc.sqlite")
    connection.row_factory = sqlite3.Row
    cards = {
        r["recording_id"]: r
        for r in connection.execute(
            "select c.* from outcomes o join scorecards c on c.sha256 = o.scorecard_sha256 "
            "where o.seq in (select max(seq) from outcomes group by recording_id)"
        )
    }
    found: dict[str, list[sqlite3.Row]] = defaultdict(list)
    for card in cards.values():
        for finding in connection.execute(
            "select * from findings where scorecard_sha256 = ?", (card["sha256"],)
        ):
            found[finding["criterion"]].append(finding)
    connection.close()
    return cards, found


def body(week: Path) -> Any:
    qc(week, "report", "-p", PERIOD)
    return json.loads((week / "report" / PERIOD / "report.json").read_text("utf-8"))


def test_means_counts_and_deductions_are_those_of_the_store(
    week: Path, rows: tuple[dict[str, sqlite3.Row], dict[str, list[sqlite3.Row]]]
) -> None:
    cards, findings = rows
    report = body(week)
    totals = {k: c["total"] for k, c in cards.items() if c["total"] is not None}
    assert len(cards) == 6 and report["head"]["scored"] == 6
    machine_mean = report["head"]["machine_mean"]
    assert machine_mean == pytest.approx(sum(totals.values()) / len(totals), abs=1e-6)
    assert (report["head"]["mean"], report["head"]["passed"]) == (None, 0)
    for row in report["tables"]["groups"]["rows"]:
        own = [v for k, v in totals.items() if TEAMS[k] == row["team"]]
        assert row["mean"] == pytest.approx(sum(own) / len(own), abs=1e-6)
        assert row["lowest"] == pytest.approx(min(own), abs=1e-6)
    titles = {
        "greeting": "开头规范用语",
        "taboo": "服务禁语",
        "promise": "承诺回电",
        "abuse": "辱骂客户",
    }
    shown = {r["title"]: r for r in report["tables"]["deductions"]["rows"]}
    for criterion, title in titles.items():
        verdicts = [f["verdict"] for f in findings[criterion]]
        if "fail" not in verdicts:
            assert title not in shown
            continue
        assert shown[title]["calls"] == verdicts.count("fail")
        assert shown[title]["judged"] == verdicts.count("fail") + verdicts.count("pass")
        assert shown[title]["lost"] == pytest.approx(sum(f["lost"] for f in findings[criterion]))


def test_the_page_shows_the_mean_of_the_store(
    week: Path, rows: tuple[dict[str, sqlite3.Row], dict[str, list[sqlite3.Row]]]
) -> None:
    cards, _ = rows
    body(week)
    page = (week / "report" / PERIOD / "index.html").read_text("utf-8")
    totals = [c["total"] for c in cards.values() if c["total"] is not None]
    heading = re.search(r"三、11月9日-11月15日共监控录音(\d+)通。.*?平均成绩为([\d.]+)分。", page)
    assert heading is None
    heading = re.search(r"三、11月9日-11月15日共监控录音(\d+)通。.*?：尚无复听成绩。", page)
    assert heading is not None and int(heading[1]) == len(cards)
    told = re.search(r"机检参考：(\d+) 通机器评分的录音平均 ([\d.]+) 分", page)
    assert told is not None and int(told[1]) == len(totals)
    assert float(told[2]) == pytest.approx(sum(totals) / len(totals), abs=0.005)


def test_what_people_listened_to_is_the_mean_of_the_page(week: Path, tmp_path: Path) -> None:
    """r1 has nothing but its tone for a person: two points off, 98. In r3 a taboo word is left."""
    own = Path(shutil.copytree(week, tmp_path / "own"))
    qc(own, "review", "r1", "tone", "--points", "2", "--reason", "听过", "--as", "wang")
    qc(own, "review", "r3", "tone", "--points", "0", "--reason", "听过", "--as", "wang")
    report = body(own)
    head = report["head"]
    assert (head["listened"], head["mean"], head["passed"], head["pass_share"]) == (1, 98, 1, 1)
    assert head["health"]["listened_calls"] == 1
    # r6 holds a red line that nobody has decided.
    assert head["health"]["sentence"] == "✘ 暂不通报：1条红线待确认。"
    qc(own, "review", "r6", "abuse", "--confirm", "--as", "wang")
    qc(own, "review", "r3", "taboo", "--confirm", "--as", "wang")
    head = body(own)["head"]
    # r3 loses its taboo word, 30 of 100.
    assert (head["listened"], head["mean"], head["pass_share"]) == (2, 84, 0.5)
    assert head["health"]["sentence"].startswith("△ 仅供参考：复听2通（少于20通）")
    page = (own / "report" / PERIOD / "index.html").read_text("utf-8")
    assert "共监控录音6通。本周期全体人员的监听平均成绩为84.00分。" in page


def test_a_former_period_stands_in_the_trend_with_the_figure_of_its_own_report(
    week: Path, tmp_path: Path
) -> None:
    """Three of four calls, those of 一组 twice as likely: chances of 6/7, and 3/7 of r4's."""
    own = Path(shutil.copytree(week, tmp_path / "own"))
    for kept in own.glob("qc.sqlite*"):
        kept.unlink()
    plan = own / "qc.toml"
    text = plan.read_text("utf-8").replace('seed = "test"', 'seed = "s1"\nallocation = "risk"')
    text += '[[sampling.risk]]\nname = "one"\nfield = "team"\nin = ["一组"]\nmultiplier = 2\n'
    heads = []
    for calls, period in ((3, "2026-11-09..2026-11-12"), (2, "2026-11-13..2026-11-14")):
        plan.write_text(
            text.replace("budget_calls = 99", f"budget_calls = {calls}"), encoding="utf-8"
        )
        qc(own, "sample", "-p", period)
        qc(own, "transcribe", "-p", period, "--from", str(own / "heard"))
        qc(own, "score", "-p", period)
        qc(own, "report", "-p", period)
        name = period.replace("..", "_")
        heads.append(json.loads((own / "report" / name / "report.json").read_text("utf-8")))
    former, now = heads
    weights = sorted(c["weight"] for c in former["calls"] if c["counted"])
    assert weights == pytest.approx([7 / 6, 7 / 6, 7 / 3], abs=1e-6)
    mean, plain = former["head"]["machine_mean"], former["head"]["machine_plain_mean"]
    assert abs(mean - plain) > 1
    assert now["tables"]["weeks"]["rows"][0]["mean"] == pytest.approx(mean, abs=1e-6)
