"""The traffic table and the table of marks: read, refused with every mistake, fed to the report."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
import xlsxwriter

from qc_pipeline.errors import InputError
from qc_pipeline.intake.assessment_marks import read_marks
from qc_pipeline.intake.tables import LISTENING, AssessmentMark, TrafficRow
from qc_pipeline.intake.traffic import read_traffic

HEAD = "日期,组,呼入量,接起量,20秒内接起,排队,话后\n"


def write(folder: Path, text: str, name: str = "traffic.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def said(error: pytest.ExceptionInfo[InputError]) -> list[str]:
    return [str(p).removeprefix(str(Path(p.path).parent) + "/") for p in error.value.problems]


def test_traffic_rows_are_read_as_people_write_them(tmp_path: Path) -> None:
    text = (
        "日期,业务组,呼入量,接起量,20秒内接起量,平均排队时长(秒),话后时长\n"
        '2026/11/16,一组,"1,200",1100,900,12.5,44000\n'
        "2026年11月17日,一组,100,90,,10,3600\n"
    )
    first, second = read_traffic(write(tmp_path, text), service_level_s=20)
    assert first == TrafficRow(
        day=date(2026, 11, 16),
        team="一组",
        offered=1200,
        answered=1100,
        answered_in_time=900,
        queue_s=13750.0,  # 1100 calls of 12.5 s
        after_call_s=44000.0,
    )
    assert (second.answered_in_time, second.queue_s) == (None, 900.0)


def test_every_mistake_of_a_traffic_table_is_told_at_once(tmp_path: Path) -> None:
    text = HEAD + (
        "2026-11-16,一组,100,120,60,500,4000\n"
        "2026-11-16,一组,100,90,95,500,4000\n"
        "2026-11-16,合计,200,180,150,500,4000\n"
        "2026-11-16,,200,180,150,500,4000\n"
        "2026-11-17,一组,100.5,90,60,500,4000\n"
    )
    with pytest.raises(InputError) as error:
        read_traffic(write(tmp_path, text), service_level_s=20)
    assert said(error) == [
        "traffic.csv:2: more answered than offered; found 120/100",
        "traffic.csv:3: 2026-11-16 一组 stands already in line 2",
        "traffic.csv:3: more answered in time than answered; found 95/90",
        "traffic.csv:4: a row of sums counts every call twice: leave it out",
        "traffic.csv:5: a row without a group beside rows of groups of the same day",
        "traffic.csv:6: 呼入量 is a number of calls; found 100.5",
    ]


def test_cells_that_are_no_days_and_no_numbers_are_told(tmp_path: Path) -> None:
    text = HEAD + "昨天,一组,100,90,60,500,4000\n2026-11-16,一组,很多,,60,500,4000\n"
    with pytest.raises(InputError) as error:
        read_traffic(write(tmp_path, text), service_level_s=20)
    lines = said(error)
    assert len(lines) == 3
    assert lines[0].startswith("traffic.csv:2: 日期 is not right; found '昨天'")
    assert lines[1].startswith("traffic.csv:3: 呼入量 is not right; found '很多'")
    assert lines[2] == "traffic.csv:3: 接起量 is empty"


def test_a_level_of_other_seconds_and_means_called_sums_are_refused(tmp_path: Path) -> None:
    other = "日期,组,呼入量,接起量,15秒内接起\n2026-11-16,一组,100,90,60\n"
    with pytest.raises(InputError, match=r"service_level_s = 15"):
        read_traffic(write(tmp_path, other), service_level_s=20)
    means = "日期,组,呼入量,接起量,排队\n2026-11-16,一组,100,90,12\n"
    with pytest.raises(InputError, match="call the column 平均排队"):
        read_traffic(write(tmp_path, means), service_level_s=20)


def test_a_missing_traffic_column_and_file_are_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no column '接起量'"):
        read_traffic(write(tmp_path, "日期,呼入量\n2026-11-16,1\n"), service_level_s=20)
    with pytest.raises(InputError, match=r"no such file.*\[paths\] traffic"):
        read_traffic(tmp_path / "none.csv", service_level_s=20)


def test_marks_are_read_wide_with_a_row_of_weights(tmp_path: Path) -> None:
    text = "工号,姓名,录音成绩,组长评分,考试\n权重,,60%,0.3,0.1\n8001,甲,,92,88%\n8002,乙,,,75\n"
    found = read_marks(write(tmp_path, text, "marks.csv"), listening=LISTENING)
    assert found == (
        AssessmentMark(agent_id="8001", source="录音成绩", weight=0.6),
        AssessmentMark(agent_id="8001", source="组长评分", weight=0.3, value=92.0),
        AssessmentMark(agent_id="8001", source="考试", weight=0.1, value=88.0),
        AssessmentMark(agent_id="8002", source="录音成绩", weight=0.6),
        AssessmentMark(agent_id="8002", source="组长评分", weight=0.3),
        AssessmentMark(agent_id="8002", source="考试", weight=0.1, value=75.0),
    )


def test_marks_are_read_long_from_a_workbook(tmp_path: Path) -> None:
    path = tmp_path / "marks.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        rows = [
            ("工号", "项目", "权重", "得分", "周期"),
            (8001, "监听成绩", 0.7, "", "2026-W46"),
            (8001, "组长评分", 0.3, 90, "2026-W46"),
        ]
        for y, row in enumerate(rows):
            sheet.write_row(y, 0, row)
    first, second = read_marks(path, listening=LISTENING)
    assert (first.source, first.weight, first.value) == ("监听成绩", 0.7, None)
    assert (second.agent_id, second.value, second.period) == ("8001", 90.0, "2026-W46")


def test_every_mistake_of_a_table_of_marks_is_told_at_once(tmp_path: Path) -> None:
    text = (
        "工号,项目,权重,得分\n"
        "8001,组长评分,0.3,101\n"
        "8001,考试,无,80\n"
        "8002,组长评分,0.3,90\n"
        "8003,组长评分,0.4,90\n"
        "8002,组长评分,0.3,91\n"
        "8002,录音成绩,0.7,91\n"
    )
    with pytest.raises(InputError) as error:
        read_marks(write(tmp_path, text, "marks.csv"), listening=LISTENING)
    lines = said(error)
    assert [line.split(" ")[0] for line in lines] == [f"marks.csv:{n}:" for n in (2, 3, 5, 6, 7)]
    assert "a mark from 0 to 100" in lines[0] and "the weight of 考试" in lines[1]
    assert "has the weight 0.3 in another row" in lines[2] and "twice" in lines[3]
    assert "taken from the report" in lines[4]


def test_wide_marks_without_weights_say_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="one row is called 权重"):
        read_marks(write(tmp_path, "工号,考试\n8001,80\n", "marks.csv"), listening=LISTENING)
