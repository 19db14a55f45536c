"""The workbook, the data file's schema, the PDF, and the service figures."""

from __future__ import annotations

import json
import shutil
import tempfile
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import jsonschema
import pytest
from python_calamine import CalamineWorkbook

import qc_pipeline.report
from qc_pipeline.call import FieldValue, Recording
from qc_pipeline.errors import UsageError
from qc_pipeline.intake.tables import AssessmentMark, TrafficRow
from qc_pipeline.report import service_figures
from qc_pipeline.report.blocks import TableBlock
from qc_pipeline.report.inputs import ReportInputs
from qc_pipeline.report.pages.typical_wordings import typical
from qc_pipeline.report.sections import problem_calls
from qc_pipeline.report.targets import ServiceTargets
from qc_pipeline.report.view import build_view
from qc_pipeline.report.write import pdf
from qc_pipeline.report.write.render import write_report
from qc_pipeline.report.write.report_json import report_json
from qc_pipeline.report.write.workbook import write_workbook
from tests.report.inputs import Shape, listen_to, week

SCHEMA = Path(qc_pipeline.report.__file__).parent / "report.schema.json"


@pytest.fixture(scope="module")
def inputs() -> ReportInputs:
    return week(Shape(calls=30))


@pytest.mark.parametrize("audience", ["manager", "meeting", "lead:一组", "agent:8000"])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_data_file_keeps_its_schema(inputs: ReportInputs, audience: str, language: str) -> None:
    options = replace(inputs.options, audience=audience, language=language)
    body = json.loads(report_json(build_view(replace(inputs, options=options))))
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(body, schema)
    assert body["calls"]


def test_workbook_has_a_sheet_a_table_and_the_same_numbers(
    inputs: ReportInputs, tmp_path: Path
) -> None:
    view = build_view(inputs)
    write_workbook(view, tmp_path / "r.xlsx")
    book = CalamineWorkbook.from_path(tmp_path / "r.xlsx")
    tables = [b for s in view.sections for b in s.blocks if isinstance(b, TableBlock) and b.sheet]
    assert len(book.sheet_names) == len(tables) + 2  # 异议申请 and 签收单
    groups = book.get_sheet_by_name("各业务组成绩").to_python()
    shown = next(t for t in tables if t.id == "groups")
    assert groups[0] == [c.label for c in shown.columns]
    assert groups[1][3] == pytest.approx(shown.rows[0][3])
    assert len(groups) == len(shown.rows) + 2  # head and total


def test_workbook_leaves_no_words_in_the_systems_folder_where_a_purge_never_looks(
    inputs: ReportInputs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "not there"))
    write_workbook(build_view(inputs), tmp_path / "r.xlsx")
    assert [path.name for path in tmp_path.iterdir()] == ["r.xlsx"]


def test_texts_that_look_like_formulas_stay_texts(inputs: ReportInputs, tmp_path: Path) -> None:
    attack = '=HYPERLINK("http://evil.example","x")'
    rows = tuple(
        replace(r, fields={**r.fields, "agent_name": attack, "team": "+1", "business": "@SUM(1)"})
        for r in inputs.recordings
    )
    write_workbook(build_view(replace(inputs, recordings=rows)), tmp_path / "r.xlsx")
    import zipfile

    with zipfile.ZipFile(tmp_path / "r.xlsx") as book:
        sheets = [n for n in book.namelist() if n.startswith("xl/worksheets/sheet")]
        assert len(sheets) > 10
        for name in book.namelist():
            text = book.read(name).decode("utf-8", errors="replace")
            assert "<f>" not in text and "<hyperlink" not in text, name
        assert "HYPERLINK" in book.read("xl/sharedStrings.xml").decode()


def test_objection_sheet_has_a_line_a_deduction(inputs: ReportInputs, tmp_path: Path) -> None:
    view = build_view(inputs)
    write_workbook(view, tmp_path / "r.xlsx")
    sheet = CalamineWorkbook.from_path(tmp_path / "r.xlsx").get_sheet_by_name("异议申请")
    rows = sheet.to_python()
    deductions = [(c.key, r.id) for c in view.calls for r in c.results if r.verdict == "fail"]
    assert [(r[0], r[3]) for r in rows[1:]] == deductions


def test_every_sheet_of_calls_ends_with_the_masked_id_of_the_recording(
    inputs: ReportInputs, tmp_path: Path
) -> None:
    view = build_view(inputs)
    write_workbook(view, tmp_path / "r.xlsx")
    book = CalamineWorkbook.from_path(tmp_path / "r.xlsx")
    masked = {view.model.identifier(c) for c in view.model.calls}
    assert not masked & {c.recording_id for c in view.model.calls}
    seen = []
    for name in book.sheet_names:
        head, *rows = book.get_sheet_by_name(name).to_python()
        if rows and {"页面编号", "录音", "通话时间"} & {str(h) for h in head}:
            seen.append(name)
            at = head.index("录音编号")
            assert {r[at] for r in rows} <= {*masked, ""} and any(r[at] for r in rows), name
    assert len(seen) >= 5, seen


def row(**fields: FieldValue) -> Recording:
    return Recording(
        recording_id="r",
        path=None,
        start_time=datetime(2026, 11, 16, 9, tzinfo=ZoneInfo("Asia/Shanghai")),
        agent_id="1",
        fields=fields,
    )


def figures(inputs: ReportInputs, rows: list[Recording], *traffic: TrafficRow) -> dict[str, object]:
    asked = replace(inputs, targets=ServiceTargets(service_level_s=20))
    return {f.key: f.value for f in service_figures.figures(asked, rows, traffic)}


def test_service_figures_by_hand(inputs: ReportInputs) -> None:
    found = figures(
        inputs,
        [
            row(answered=True, satisfaction="满意", resolved=True, queue_s=10, duration_s=60.0),
            row(answered=True, satisfaction="不满意", resolved="否", queue_s=30, duration_s=120.0),
            row(answered=True, satisfaction="未评价", acw_s=40),
            row(answered=False, queue_s=50),
        ],
    )
    assert found["answer_rate"] == 0.75
    assert found["service_level"] == 0.25  # one of four within 20 s
    assert found["satisfaction"] == 0.5
    assert found["resolution"] == 0.5
    assert found["queue"] == 20
    assert found["handling"] == 90
    assert found["after_call"] == 40


def test_without_unanswered_rows_the_answer_rate_is_not_known(inputs: ReportInputs) -> None:
    found = figures(inputs, [row(answered=True), row()])
    assert found["answer_rate"] is None
    assert found["resolution"] is None


def test_traffic_table_goes_before_the_list(inputs: ReportInputs) -> None:
    day = TrafficRow(
        day=date(2026, 11, 16), team="一组", offered=200, answered=190, answered_in_time=150
    )
    found = figures(inputs, [row(answered=False)], day)
    assert (found["answer_rate"], found["service_level"]) == (0.95, 0.75)


def test_composed_assessment_is_the_weighted_sum_and_none_where_a_part_is_missing() -> None:
    base = listen_to(week(Shape(calls=90, teams=1, agents=2)))
    marks = (
        AssessmentMark(agent_id="8000", source="组长评分", weight=0.3, value=90.0),
        AssessmentMark(agent_id="8000", source="listening", weight=0.7),
        AssessmentMark(agent_id="8001", source="组长评分", weight=0.3, value=None),
        AssessmentMark(agent_id="8001", source="listening", weight=0.7),
    )
    view = build_view(replace(base, marks=marks))
    tables = {b.id: b for s in view.sections for b in s.blocks if isinstance(b, TableBlock)}
    means = {r[0]: r[4] for r in tables["agents"].rows}
    first, second = tables["composed"].rows
    mean = means[first[0]]
    assert isinstance(mean, float)
    assert first[-1] == pytest.approx(0.3 * 90 + 0.7 * mean)
    assert second[-1] is None


def test_typical_wording_is_the_one_nearest_to_its_kind() -> None:
    texts = ["我们尽快给您处理", "尽快给您处理的", "我们会尽快给您处理", "主管不在", "主管现在不在"]
    found = typical(texts)
    assert (found[0].index, found[0].size) == (0, 3)
    assert found[1].size == 2


def test_few_quotations_are_not_grouped() -> None:
    assert [k.index for k in typical(["", "甲", "乙"])] == [1]
    assert typical(["", " "]) == ()


def test_pdf_without_a_browser_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UsageError, match="--pdf needs Chromium"):
        pdf.print_pdf(tmp_path)


@pytest.mark.browser
@pytest.mark.skipif(shutil.which("chromium") is None, reason="NO BROWSER: Chromium missing")
def test_pdf_is_printed(inputs: ReportInputs, tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("<h1>报告</h1>", encoding="utf-8")
    assert pdf.print_pdf(tmp_path).read_bytes()[:5] == b"%PDF-"


def test_page_holds_the_first_rows_and_the_workbook_all(
    inputs: ReportInputs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(problem_calls, "MOST_LISTED", 7)
    view = build_view(inputs)
    write_report(view, tmp_path / "r")
    page = (tmp_path / "r" / "index.html").read_text(encoding="utf-8")
    calls = page[page.index('id="calls"') :]
    assert calls[: calls.index("</tbody>")].count("<tr") == 1 + 7
    assert "此处列出成绩最低的 7 通" in page
    book = CalamineWorkbook.from_path(tmp_path / "r" / "report.xlsx")
    assert len(book.get_sheet_by_name("全部录音").to_python()) == 1 + len(view.calls) == 30
