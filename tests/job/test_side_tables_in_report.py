"""A week with a traffic table and marks in its workspace: they stand in the report."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from qc_pipeline.job.report import report_inputs
from qc_pipeline.store.record import Record
from qc_pipeline.store.samples import kept_sample
from qc_pipeline.workspace.open_workspace import open_workspace
from tests.weeks import PERIOD, qc

TRAFFIC = (
    "日期,组,呼入量,接起量,20秒内接起,排队,话后\n"
    "2026-11-02,一组,100,80,60,1000,4000\n"
    "2026-11-10,一组,200,190,150,1900,7600\n"
    "2026-11-10,二组,100,90,45,1800,3600\n"
    "2026-11-16,一组,100,10,10,100,400\n"
)
MARKS = "工号,录音成绩,组长评分\n权重,0.7,0.3\na1,,90\na2,,80\n"


@pytest.fixture(scope="module")
def week(scored_week: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(shutil.copytree(scored_week, tmp_path_factory.mktemp("side") / "week"))


def with_tables(folder: Path) -> None:
    (folder / "traffic.csv").write_text(TRAFFIC, encoding="utf-8")
    (folder / "marks.csv").write_text(MARKS, encoding="utf-8")
    settings = folder / "qc.toml"
    text = settings.read_text(encoding="utf-8")
    text = text.replace("[paths]\n", '[paths]\ntraffic = "traffic.csv"\nmarks = "marks.csv"\n')
    settings.write_text(text, encoding="utf-8")


def tables(folder: Path) -> Any:
    qc(folder, "report", "-p", PERIOD)
    return json.loads((folder / "report" / PERIOD / "report.json").read_text("utf-8"))["tables"]


def test_traffic_and_marks_stand_in_the_report(week: Path, tmp_path: Path) -> None:
    folder = tmp_path / "week"
    shutil.copytree(week, folder)
    assert "traffic" not in tables(folder)
    with_tables(folder)
    found = tables(folder)
    service = {r["figure"]: r for r in found["service"]["rows"]}
    # The week: 280 of 300; the month up to its end: 360 of 400, and the target is the month's.
    assert (service["接通率"]["value"], service["接通率"]["target"]) == ("93.3%", "–")
    month = service["接通率（本月截至11月15日）"]
    assert (month["value"], month["target"], month["met"]) == ("90.0%", "≥ 90%", "达标")
    assert service["服务水平（20 秒内接起）"]["value"] == "65.0%"  # 195 of 300
    assert service["平均排队时间"]["value"] == "13.2 秒"  # 3700 s of 280 calls
    assert service["平均话后处理"]["value"] == "40.0 秒"  # 11200 s of 280 calls
    (day,) = found["traffic"]["rows"]
    assert (day["offered"], day["answered"], day["queue"]) == (300, 280, pytest.approx(3700 / 280))
    teams = {r["team"]: r for r in found["service-teams"]["rows"]}
    assert teams["一组"]["answer_rate"] == 0.95 and teams["二组"]["answer_rate"] == 0.9
    composed = {r["agent"]: r for r in found["composed"]["rows"]}
    # One call each: no personal mean, so the listening part and the sum stay open.
    assert composed["坐席1 a1"]["sum"] is None
    assert "90" in str(composed["坐席1 a1"].values())


def test_a_broken_traffic_table_stops_the_job_before_it_begins(week: Path, tmp_path: Path) -> None:
    folder = tmp_path / "week"
    shutil.copytree(week, folder)
    with_tables(folder)
    (folder / "traffic.csv").write_text("日期,呼入量\n2026-11-10,1\n", encoding="utf-8")
    found = qc(folder, "run", "-p", PERIOD, expect=2)
    assert "traffic.csv:1: no column '接起量'" in found.err


def test_clips_are_to_be_deleted_by_a_day(week: Path, tmp_path: Path) -> None:
    folder = tmp_path / "week"
    shutil.copytree(week, folder)
    settings = folder / "qc.toml"
    text = settings.read_text(encoding="utf-8") + "\n[retention]\nclips_days = 30\n"
    settings.write_text(text, encoding="utf-8")
    workspace = open_workspace(folder)
    record = Record(
        workspace.settings.store_url(), now=lambda: datetime(2026, 11, 16, tzinfo=UTC), who="test"
    )
    kept = kept_sample(record, PERIOD)
    assert kept is not None
    inputs = report_inputs(workspace, record, kept)
    record.close()
    # Thirty days after Sunday, 15 November.
    assert inputs.options.delete_clips_after == date(2026, 12, 15)
