"""Drawing blind sets and reading sheets back, on the command line."""

from __future__ import annotations

from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from tests.calibration.sheets import fill, rows_of, write_rows
from tests.fixtures import Clock
from tests.weeks import PERIOD, qc, qc_json

NAME = f"{PERIOD}-1"
pytestmark = pytest.mark.usefixtures("clock")


def draw(week: Path, *words: str, calls: int = 4) -> Path:
    qc(week, "calibrate", "draw", "--as", "qian", "--format", "csv", "--calls", str(calls), *words)
    return week / "calibration" / NAME


def read(week: Path, *files: Path, expect: int = 0) -> dict[str, object]:
    words = ["calibrate", "read", *map(str, files), "--as", "wang"]
    return qc_json(week, *words, expect=expect)  # type: ignore[no-any-return]


def test_sheet_hides_the_machine_and_names_calls_and_criteria(week: Path) -> None:
    folder = draw(week, calls=6)
    assert sorted(p.name for p in folder.iterdir()) == ["李质检.csv", "王质检.csv"]
    rows = rows_of(folder / "王质检.csv")
    assert len(rows) == 6 * 5
    assert {r["录音编号"] for r in rows} == {"r1", "r2", "r3", "r4", "r5", "r6"}
    assert {(r["评定"], r["扣分"], r["备注"]) for r in rows} == {("", "", "")}
    first = next(r for r in rows if r["录音编号"] == "r2")
    assert (first["通话时间"], first["时长"], first["录音文件"]) == (
        "2026-11-10 10:00",
        "0:16",
        "r2.wav",
    )
    assert [r["评分项编号"] for r in rows if r["录音编号"] == "r2"] == [
        "greeting",
        "taboo",
        "tone",
        "promise",
        "abuse",
    ]
    text = (folder / "王质检.csv").read_text(encoding="utf-8")
    for told in ("不合格", "fail", "held", "坐席", "你听不懂吗"):
        assert told not in text
    assert text == (folder / "李质检.csv").read_text(encoding="utf-8").replace("李质检", "王质检")


def test_the_same_seed_draws_the_same_calls_and_deductions_are_among_them(week: Path) -> None:
    made = [
        qc_json(week, "calibrate", "draw", "--as", "qian", "--calls", "4", "--seed", seed)
        for seed in ("a", "a", "b", "c", "d")
    ]
    assert [m["name"] for m in made] == [f"{PERIOD}-{n}" for n in range(1, 6)]
    assert made[0]["calls"] == made[1]["calls"]
    assert len({tuple(c["recording_id"] for c in m["calls"]) for m in made}) > 1
    for one in made:
        drawn = {c["recording_id"] for c in one["calls"]}
        assert len(drawn) == 4
        assert drawn & {"r3", "r4", "r5", "r6"}, "calls with something to deduct"


def test_workbook_has_dropdowns_limits_and_the_rubrics_words(week: Path) -> None:
    qc(week, "calibrate", "draw", "--as", "qian", "--calls", "2")
    path = week / "calibration" / NAME / "王质检.xlsx"
    book = CalamineWorkbook.from_path(path)
    assert book.sheet_names == ["评定", "评分标准", "填写说明"]
    assert book.get_sheet_by_index(0).to_python()[0][:3] == ["序号", "录音编号", "通话时间"]
    assert len(book.get_sheet_by_index(1).to_python()) == 1 + 5
    import zipfile

    with zipfile.ZipFile(path) as parts:
        sheet = parts.read("xl/worksheets/sheet1.xml").decode()
    assert "合格,不合格,不涉及,无法评判" in sheet
    assert 'sqref="J2:J11"' in sheet, "the column of verdicts of ten rows"


def test_a_call_that_an_inspector_decided_on_is_not_blind_for_them(week: Path) -> None:
    qc(week, "review", "r6", "abuse", "--confirm", "--as", "wang")
    rows = rows_of(draw(week, calls=6) / "李质检.csv")
    assert {r["录音编号"] for r in rows} == {"r1", "r2", "r3", "r4", "r5"}


def test_only_reviewers_and_managers_draw(week: Path) -> None:
    refused = qc(week, "calibrate", "draw", "--as", "wang", expect=2)
    assert "王质检 may not do this" in refused.err
    assert not (week / "calibration").exists()


def test_two_inspectors_at_least(week: Path) -> None:
    refused = qc(week, "calibrate", "draw", "--as", "qian", "-i", "wang", "-i", "王质检", expect=2)
    assert "two inspectors or more" in refused.err
    refused = qc(week, "calibrate", "draw", "--as", "qian", "-i", "wang", "-i", "lii", expect=2)
    assert "--inspector: nobody of [people] in qc.toml; found 'lii'" in refused.err


def test_partly_filled_sheet_counts_what_is_there(week: Path) -> None:
    folder = draw(week)
    sheet = fill(folder / "王质检.csv", lambda r, c: "合格" if c == "greeting" else "")
    found = read(week, sheet)
    assert found["problems"] == []
    assert found["sheets"] == [
        {
            "calibration": NAME,
            "inspector": "王质检",
            "asked": 20,
            "taken": 4,
            "empty": 16,
            "bad": 0,
            "new": True,
        }
    ]


def test_bad_rows_are_told_together_with_their_rows_and_the_others_are_taken(week: Path) -> None:
    folder = draw(week)
    rows = rows_of(fill(folder / "王质检.csv", lambda r, c: "合格"))
    rows[0]["评定"] = "合个"
    rows[1] |= {"评定": "不合格", "扣分": "31"}
    rows[2] |= {"评定": "合格", "扣分": "5"}
    rows[3] |= {"评定": "", "扣分": "5"}
    rows[4] |= {"评定": "不合格", "扣分": "五分"}
    rows[5]["评分项编号"] = "greting"
    rows[6]["录音编号"] = "r99"
    rows[7]["评定人"] = "孙组长"
    rows[8]["校准编号"] = "2026-W40-1"
    rows.append({**rows[9], "评定": "不合格"})
    sheet = write_rows(folder / "王质检.csv", rows)
    words = ["calibrate", "read", str(sheet), "--as", "wang"]
    told = qc(week, *words, expect=3)
    lines = told.err.splitlines()
    assert [line.removeprefix(f"{sheet}:").split(";")[0] for line in lines] == [
        "2: no such verdict",
        "3: cannot cost so much",
        "4: only 不合格 costs points",
        "5: points without a verdict",
        "6: the points lost are no number",
        f"7: the rubric of {rows[5]['录音编号']} has no such criterion",
        f"8: not a recording of {NAME}",
        f"9: not an inspector of {NAME}",
        "10: there is no such calibration",
        f"22: another verdict on it stands in row 11 of {sheet}",
    ]
    assert 'found "31"; allowed: 0 to 30' in lines[1]
    assert 'found "greting"; allowed: did you mean "greeting"?' in lines[5]
    # Of 20 asked, rows 2–6 and 11/22 are bad; 7–10 belong to nothing, so their items are empty.
    assert f"{NAME} 王质检: 20 asked = 10 taken + 4 left empty + 6 bad" in told.out


def test_bad_file_changes_nothing(week: Path) -> None:
    folder = draw(week)
    good = fill(folder / "王质检.csv", lambda r, c: "合格")
    other = week / "calls.csv"
    refused = qc(week, "calibrate", "read", str(good), str(other), "--as", "wang", expect=2)
    assert f"{other}:1: is no calibration sheet: the columns 录音编号、评分项编号、" in refused.err
    missing = qc(week, "calibrate", "read", str(week / "no.csv"), "--as", "wang", expect=2)
    assert missing.err.strip() == f"{week / 'no.csv'}: no such file"
    assert "not handed in yet: 李质检, 王质检" in qc(week, "calibrate", "report", expect=2).err


def test_the_same_sheet_again_is_known_and_a_changed_one_replaces_it(
    week: Path, clock: Clock
) -> None:
    folder = draw(week)
    sheet = fill(folder / "王质检.csv", lambda r, c: "合格")
    assert read(week, sheet)["sheets"][0]["new"] is True  # type: ignore[index]
    assert read(week, sheet)["sheets"][0]["new"] is False  # type: ignore[index]
    clock.set("2026-11-17T10:00:00")
    fill(sheet, lambda r, c: "不合格")
    assert read(week, sheet)["sheets"][0]["new"] is True  # type: ignore[index]
    taken = [x for x in qc_json(week, "audit")["lines"] if x["action"] == "calibration.read"]
    assert [x["what"].get("replaces") for x in taken] == [None, "2026-11-16T09:00:00+08:00"]
    assert "李质检" in qc(week, "calibrate", "report", expect=2).err, "one sheet is no calibration"


def test_sheet_saved_by_a_chinese_spreadsheet_and_put_together_is_read(week: Path) -> None:
    folder = draw(week)
    both = rows_of(fill(folder / "王质检.csv", lambda r, c: "合格"))
    both += rows_of(fill(folder / "李质检.csv", lambda r, c: "不涉及"))
    both.reverse()
    found = read(week, write_rows(week / "全部.csv", both, encoding="gb18030"))
    assert [(s["inspector"], s["taken"]) for s in found["sheets"]] == [  # type: ignore[attr-defined]
        ("李质检", 20),
        ("王质检", 20),
    ]


def test_filled_workbook_is_read(week: Path) -> None:
    import xlsxwriter

    qc(week, "calibrate", "draw", "--as", "qian", "--calls", "2")
    path = week / "calibration" / NAME / "王质检.xlsx"
    cells = CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()
    book = xlsxwriter.Workbook(week / "filled.xlsx")
    sheet = book.add_worksheet()
    for y, row in enumerate(cells):
        for x, value in enumerate(row):
            if y and cells[0][x] == "评定":
                value = "不合格"
            if y and cells[0][x] == "扣分" and row[8] >= 10:
                value = 2.5
            sheet.write(y, x, value)
    book.close()
    found = read(week, week / "filled.xlsx")
    assert found["problems"] == []
    assert found["sheets"][0]["taken"] == 10  # type: ignore[index]
