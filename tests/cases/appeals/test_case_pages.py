"""One page a case in the offline report: what it tells, to whom, and where it is led to from."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from python_calamine import CalamineWorkbook

from tests.cases.appeals.test_appeals import SUN, WU, ZHAO
from tests.fixtures import Clock
from tests.weeks import FINE, PERIOD, qc, qc_json, transcript

QIAN = ("--as", "qian")
SCHEMA = Path(__file__).parents[3] / "qc_pipeline/report/report.schema.json"


def words(page: Path) -> str:
    """A page's text: tags away, blanks made one."""
    text = re.sub(r"<(style|script)>.*?</\1>", " ", page.read_text("utf-8"), flags=re.S)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text))


def report(folder: Path, *more: str) -> Path:
    """The folder that `qc report` wrote."""
    return Path(qc(folder, "report", "-p", PERIOD, *more).out.splitlines()[-1]).parent


def body_of(folder: Path) -> Any:
    body = json.loads((folder / "report.json").read_text("utf-8"))
    jsonschema.validate(body, json.loads(SCHEMA.read_text("utf-8")))
    return body


@pytest.fixture
def objected(published_week: Path, clock: Clock) -> Path:
    """Thursday: 1 to r5, rejected after its day; 2 to r3 (asked on Monday at eleven, entered at
    noon, forwarded for the lead, answered partly), its second 4 waits; 3 to r2 went to QA
    by itself; r6 is asked for and waits for its lead.
    """
    folder = published_week
    clock.set("2026-11-16T12:00:00")
    qc(folder, "appeal", "request", "r3", "taboo", "--reason", "客户 13800138000 先说的",
       "--requested", "2026-11-16T11:00", *SUN)  # fmt: skip
    qc(folder, "appeal", "open", "r5", "promise", "--reason", "已回电", *WU)
    clock.set("2026-11-17T09:00:00")
    qc(folder, "appeal", "forward", "1", "--as", "zhou", "--for", "sun")
    qc(folder, "appeal", "request", "r2", "greeting", "--reason", "开头被截断", *SUN)
    clock.set("2026-11-17T10:00:00")
    qc(folder, "appeal", "take", "2", *ZHAO)
    clock.set("2026-11-17T15:30:00")
    qc(folder, "appeal", "decide", "2", "--partly", "--points", "12", "--reason", "语气平和",
       *ZHAO)  # fmt: skip
    clock.set("2026-11-18T16:00:00")
    qc(folder, "appeal", "request", "r6", "abuse", "--reason", "不是骂客户", *WU)
    clock.set("2026-11-19T08:00:00")
    qc(folder, "appeal", "list")
    qc(folder, "appeal", "open", "r3", "taboo", "--reason", "仍不同意", *SUN)
    qc(folder, "appeal", "decide", "1", "--rejected", "--reason", "没有回电记录", *ZHAO)
    return folder


def test_page_of_a_case_tells_all_of_it(objected: Path) -> None:
    folder = report(objected, "--objections")
    assert folder.name == f"{PERIOD}-objections"
    page = folder / "appeals" / "2.html"
    text = words(page)
    # 30 of 90 points were lost, then 12: 66.67, and 78 of 90 are 86.67.
    assert "66.67 → 86.67 不合格 → 合格" in text
    assert "服务禁语 −30 分 −12 分" in text
    for wanted in (
        "异议 2：服务禁语",
        "2026-11-11 10:00 一组 坐席2 a2 扣分 部分通过",
        "坐席提出时间 2026-11-16 11:00",
        "提交人 周副组长（代孙组长） 提交时间 2026-11-17 09:00",
        "异议理由 客户 138****8000 先说的",
        "结果 部分通过 答复人 赵复核 答复日期 2026-11-17 答复理由 语气平和",
        "已按期答复（期限：2026年11月19日（周四））。",
        "坐席 你听不懂吗",
        "录音编号 r3",
    ):
        assert wanted in text, wanted
    # What happened, in the order of time and in the centre's time.
    history = text[text.index("处理经过") :]
    steps = re.findall(
        r"(2026-11-\d\d \d\d:\d\d) (异议 \d) (\S+)", history[: history.index("录音编号")]
    )
    assert steps == [
        ("2026-11-16 11:00", "异议 2", "坐席提出"),
        ("2026-11-16 12:00", "异议 2", "登记申请"),
        ("2026-11-17 09:00", "异议 2", "组长转交"),
        ("2026-11-17 10:00", "异议 2", "受理"),
        ("2026-11-17 15:30", "异议 2", "部分通过"),
        ("2026-11-19 08:00", "异议 4", "提出异议"),
    ]
    source = page.read_text("utf-8")
    assert 'href="../appeals/4.html"' in source  # its second
    assert re.search(r'href="\.\./calls/[0-9a-f]{12}\.html#t=', source)
    assert 'href="../index.html#objections-part"' in source


def test_waiting_late_and_second_ones_say_so(objected: Path) -> None:
    folder = report(objected, "--objections")
    second = words(folder / "appeals" / "4.html")
    assert "扣分 二次申诉 待处理" in second
    assert "答复期限：2026年11月23日（周一）。" in second
    assert "尚未答复。" in second
    assert "→" not in second.replace("打开录音页 →", "").replace("→ 打开", "")
    overdue = words(folder / "appeals" / "3.html")
    assert "组长逾期未转，自动转质检" in overdue
    assert "提交人 孙组长" in overdue
    rejected = words(folder / "appeals" / "1.html")
    assert "逾期答复（期限：2026年11月18日（周三））。" in rejected
    assert "驳回" in rejected


def test_section_and_call_page_lead_to_it_and_count_each_outcome(objected: Path) -> None:
    folder = report(objected, "--objections")
    index = (folder / "index.html").read_text("utf-8")
    assert [f'href="appeals/{n}.html"' in index for n in (1, 2, 3, 4)] == [True] * 4
    text = words(folder / "index.html")
    assert (
        "扣分异议：申诉通过 0 件，部分通过 1 件，驳回 1 件，已撤回 0 件，待处理 2 件。"
        "更正（不涉及分数）0 件，其中已更正 0 件。" in text
    )
    assert "组长尚未转交的申请 1 件" in text
    assert "坐席5 辱骂客户 2026-11-18 16:00 2026-11-19 不是骂客户" in text
    body = body_of(folder)
    counts = {"upheld": 0, "partly": 1, "rejected": 1, "withdrawn": 0, "open": 2,
              "corrections": 0, "corrections_upheld": 0, "requests": 1}  # fmt: skip
    assert body["objections"] == {"own": counts, "earlier": dict.fromkeys(counts, 0)}
    rows = body["tables"]["own-objections"]["rows"]
    # What waits for an answer first, in the order of its last day.
    assert [(r["case"], r["due"], r["kind"], r["totals"]) for r in rows] == [
        ("异议 3", "2026-11-23", "扣分、组长逾期未转，自动转质检", "77.78"),
        ("异议 4", "2026-11-23", "扣分、二次申诉", "86.67"),
        ("异议 1", "2026-11-18", "扣分", "55.56 → 55.56"),
        ("异议 2", "2026-11-19", "扣分", "66.67 → 86.67"),
    ]
    call = next(c for c in body["calls"] if c["recording"] == "r3")
    assert 'href="../appeals/2.html"' in (folder / call["page"]).read_text("utf-8")
    other = next(c for c in body["calls"] if c["recording"] == "r1")
    assert "appeals/" not in (folder / other["page"]).read_text("utf-8")


def test_published_report_tells_none_and_stays_whole(objected: Path) -> None:
    folder = report(objected)
    assert folder.name == PERIOD
    assert not (folder / "appeals").exists()
    assert body_of(folder)["objections"]["own"]["open"] == 0
    qc(objected, "verify")
    report(objected, "--objections")
    qc(objected, "verify")


def test_each_audience_has_the_pages_of_its_own_calls(objected: Path) -> None:
    def pages(*more: str) -> tuple[Path, list[str]]:
        folder = report(objected, *more)
        return folder, sorted(p.stem for p in folder.glob("appeals/*.html"))

    lead, found = pages("--audience", "lead:一组")
    assert found == ["2", "3", "4"]
    assert "辱骂客户 2026-11-18 16:00" not in words(lead / "index.html")  # 二组's request
    assert pages("--audience", "agent:a2")[1] == ["2", "4"]
    meeting, found = pages("--audience", "meeting")
    assert found == ["1", "2", "3", "4"]
    for number in found:
        text = words(meeting / "appeals" / f"{number}.html")
        for name in ("坐席1", "坐席2", "坐席4", "孙组长", "周副组长", "吴组长", "赵复核", "经办人"):
            assert name not in text, (number, name)


def test_correction_has_its_kind_and_no_points(tmp_path: Path, clock: Clock) -> None:
    from tests.weeks import RUBRIC, make_week

    trial = "        title: 服务禁语\n        status: trial\n"
    folder = make_week(tmp_path / "week", rubric=RUBRIC.replace("        title: 服务禁语\n", trial))
    for recording, criterion in (("r6", "abuse"), ("r5", "promise")):
        qc(folder, "review", recording, criterion, "--overturn", "--reason", "x", "--as", "wang")
    clock.set("2026-11-16T09:00:00")
    qc(folder, "publish", PERIOD, *QIAN)
    qc(folder, "appeal", "open", "r3", "taboo", "--reason", "没有说", *SUN)
    qc(folder, "appeal", "decide", "1", "--upheld", "--reason", "确实没有", *ZHAO)
    made = report(folder, "--objections")
    text = words(made / "appeals" / "1.html")
    assert "更正（不涉及分数） 已更正" in text
    assert "更正，不涉及分数。" in text
    assert "服务禁语 不符合 符合" in text
    own = body_of(made)["objections"]["own"]
    assert (own["corrections"], own["corrections_upheld"], own["upheld"]) == (1, 1, 0)


def test_next_and_final_reports_have_the_pages(objected: Path, clock: Clock) -> None:
    folder = objected
    rows = (folder / "calls.csv").read_text("utf-8")
    rows += "n1,n1.wav,2026-11-17T10:00:00,a0,坐席0,一组,30\n"
    (folder / "calls.csv").write_text(rows, "utf-8")
    heard = folder / "heard" / "n1.json"
    heard.write_text(json.dumps(transcript("n1", FINE, 0.98), ensure_ascii=False), "utf-8")
    week = ("-p", "2026-W47")
    qc(folder, "sample", *week)
    qc(folder, "transcribe", *week, "--from", str(heard))
    qc(folder, "score", *week)
    later = Path(qc(folder, "report", *week).out.splitlines()[-1]).parent
    text = words(later / "appeals" / "2.html")
    assert "坐席 你听不懂吗" in text and "66.67 → 86.67" in text
    assert f"录音在 {PERIOD} 的报告中。" in text
    assert "calls/" not in (later / "appeals" / "2.html").read_text("utf-8")
    assert "组长尚未转交的申请 1 件" in words(later / "index.html")
    body = body_of(later)
    assert body["objections"]["earlier"]["partly"] == 1
    assert body["objections"]["earlier"]["requests"] == 1
    # Made final, the report of the calls' own week has them, too.
    clock.set("2026-11-20T09:00:00")
    qc(folder, "appeal", "list")
    for number in ("3", "4", "5"):
        qc(folder, "appeal", "decide", number, "--upheld", "--reason", "成立", *QIAN)
    clock.set("2026-11-24T09:00:00")
    qc(folder, "publish", PERIOD, "--final", "--yes", *QIAN)
    final = report(folder)
    assert sorted(p.stem for p in final.glob("appeals/*.html")) == ["1", "2", "3", "4", "5"]
    assert "86.67 → 100" in words(final / "appeals" / "4.html")
    qc(folder, "verify")


def test_purged_words_leave_the_pages(objected: Path) -> None:
    made = report(objected, "--objections")
    page = made / "appeals" / "1.html"
    assert "好的再见" in words(page)
    done = qc_json(objected, "purge", "--before", "2026-11-14", "--reports", *QIAN, expect=3)
    assert "r5" in done["calls"] and done["still_hold"] == []
    assert "好的再见" not in words(page)
    assert "已回电" not in words(page)


def test_every_sheet_of_calls_has_the_recordings_id(objected: Path) -> None:
    made = report(objected, "--objections")
    book = CalamineWorkbook.from_path(made / "report.xlsx")
    ids = {"r1", "r2", "r3", "r4", "r5", "r6"}
    seen = 0
    for name in book.sheet_names:
        head, *rows = book.get_sheet_by_name(name).to_python()
        of_calls = {"页面编号", "录音", "通话时间", "录音编号"} & {str(h).strip() for h in head}
        if not of_calls or not rows:
            continue
        seen += 1
        assert "录音编号" in head, (name, head)
        at = head.index("录音编号")
        found = {str(row[at]).split()[0] for row in rows if row[at]}
        assert found and found <= ids, (name, found)
    assert seen > 5
