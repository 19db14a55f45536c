"""From draft to published, and what may happen afterwards."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.fixtures import Clock
from tests.weeks import PERIOD, qc, qc_json
from tests.workspaces import hashes

QIAN = ("--as", "qian")
WANG = ("--as", "wang")


def report(folder: Path) -> dict[str, str]:
    found = hashes(folder / "report" / PERIOD)
    del found["corrections.html"]
    found.pop("seal.json", None)
    return found


def corrections(folder: Path) -> str:
    return (folder / "report" / PERIOD / "corrections.html").read_text(encoding="utf-8")


def test_a_fatal_or_major_proposal_that_nobody_decided_stops_publishing(week: Path) -> None:
    refused = qc(week, "publish", PERIOD, *QIAN, expect=2).err
    assert "r5: promise (承诺回电) is major, proposed and undecided" in refused
    assert "r6: abuse (辱骂客户) is fatal, proposed and undecided" in refused
    assert "r4" not in refused  # held only: closed without a deduction
    assert qc_json(week, "review")["open"] == 9
    qc(week, "review", "r6", "abuse", "--confirm", *WANG)
    assert "r6" not in qc(week, "publish", PERIOD, *QIAN, expect=2).err


def test_what_nobody_looked_at_costs_nothing_and_is_closed(published_week: Path) -> None:
    card = qc_json(published_week, "show", "r4")
    (taboo,) = (c for s in card["sections"] for c in s["criteria"] if c["id"] == "taboo")
    assert (taboo["verdict"], taboo["lost"], taboo["stake"]) == ("held", 0, 0)
    assert "未复听，不扣分" in taboo["reason"]
    assert (card["total"], card["provisional"]) == (100, False)
    # What needed nobody stands: the greeting of r2 and the taboo word of r3.
    totals = {r: qc_json(published_week, "show", r)["total"] for r in ("r2", "r3", "r5", "r6")}
    assert totals == {"r2": 77.78, "r3": 66.67, "r5": 55.56, "r6": 0}
    assert qc_json(published_week, "review")["open"] == 0


def test_drafts_say_so_and_published_reports_do_not(week: Path, published_week: Path) -> None:
    page = Path(qc(week, "report", "-p", PERIOD).out.splitlines()[-1]).read_text("utf-8")
    assert "草稿" in page
    qc(week, "review", "r4", "taboo", "--confirm", *WANG)
    page = Path(qc(week, "report", "-p", PERIOD).out.splitlines()[-1]).read_text("utf-8")
    assert "复核中" in page
    page = (published_week / "report" / PERIOD / "index.html").read_text("utf-8")
    assert "已发布" in page
    assert "草稿" not in page
    assert "由 钱经理 发布,报告此后保持原样" in page


def test_publishing_again_changes_nothing(published_week: Path) -> None:
    before, lines = report(published_week), qc_json(published_week, "audit")["lines"]
    told = qc(published_week, "publish", PERIOD, *QIAN)
    assert "was published on 2026-11-16 by 钱经理; it stays so" in told.out
    assert report(published_week) == before
    assert qc_json(published_week, "audit")["lines"] == lines


def test_the_job_leaves_a_published_period_alone(published_week: Path) -> None:
    before = report(published_week)
    rubric = published_week / "rubrics" / "mini.yaml"
    rubric.write_text(rubric.read_text("utf-8").replace("您好", "早上好"), "utf-8")
    told = qc(published_week, "run", "-p", PERIOD).err
    assert "2026-W46 is published: its scores stand" in told
    assert qc_json(published_week, "show", "r1")["total"] == 100
    assert report(published_week) == before
    refused = qc(published_week, "sample", "-p", PERIOD, "--redraw", "--reason", "x", expect=2)
    assert "is published: it cannot be drawn anew" in refused.err


def test_a_report_lost_after_publication_comes_back_as_it_was(published_week: Path) -> None:
    import shutil

    before = report(published_week)
    qc(published_week, "review", "r3", "taboo", "--overturn", "--because", "rule", *WANG)
    shutil.rmtree(published_week / "report")
    qc(published_week, "report", "-p", PERIOD)
    assert report(published_week) == before


def test_a_deduction_made_later_needs_a_notice_with_its_own_window(
    published_week: Path, clock: Clock
) -> None:
    before = report(published_week)
    clock.set("2026-11-20T15:00:00")
    words = ("review", "r4", "taboo", "--confirm", *WANG)
    refused = qc(published_week, *words, expect=2).err
    assert "needs a correction notice, --notice TEXT" in refused
    assert qc_json(published_week, "show", "r4")["total"] == 100
    qc(published_week, *words, "--notice", "复听后补扣 <b>")
    assert qc_json(published_week, "show", "r4")["total"] == 66.67
    page = corrections(published_week)
    # Friday the 20th: Monday and Tuesday are the two working days.
    assert "更正通知（2026-11-20），可在 2026-11-24 当日结束前提出异议：" in page
    assert "复听后补扣 &lt;b&gt;" in page
    assert "100.00 → 66.67" in page
    assert report(published_week) == before


def test_a_correction_in_the_agents_favour_needs_no_notice(published_week: Path) -> None:
    assert "发布后没有更正" in corrections(published_week)
    qc(published_week, "review", "r3", "taboo", "--overturn", "--because", "rule", *WANG)
    page = corrections(published_week)
    assert "66.67 → 100.00" in page
    assert "更正通知" not in page


def test_calls_not_scored_yet_stop_publishing(week: Path) -> None:
    rows = (week / "calls.csv").read_text("utf-8")
    (week / "calls.csv").write_text(
        rows + "r7,r7.wav,2026-11-15T10:00:00,a9,坐席,一组,30\n", "utf-8"
    )
    qc(week, "sample", "-p", PERIOD, "--redraw", "--reason", "名单更正")
    refused = qc(week, "publish", PERIOD, *QIAN, expect=2).err
    assert "drawn calls have neither score nor failure yet" in refused


def test_the_next_report_tells_objections_with_both_scores(
    published_week: Path, clock: Clock
) -> None:
    from tests.weeks import FINE, transcript

    folder = published_week
    clock.set("2026-11-18T10:00:00")
    qc(folder, "appeal", "open", "r3", "taboo", "--reason", "语境不同", "--as", "sun")
    qc(folder, "appeal", "decide", "1", "--upheld", "--reason", "客户在复述", "--as", "zhao")
    rows = (folder / "calls.csv").read_text("utf-8")
    rows += "n1,n1.wav,2026-11-17T10:00:00,a0,坐席0,一组,30\n"
    (folder / "calls.csv").write_text(rows, "utf-8")
    heard = folder / "heard" / "n1.json"
    heard.write_text(json.dumps(transcript("n1", FINE, 0.98), ensure_ascii=False), "utf-8")
    qc(folder, "sample", "-p", "2026-W47")
    qc(folder, "transcribe", "-p", "2026-W47", "--from", str(heard))
    qc(folder, "score", "-p", "2026-W47")
    page = Path(qc(folder, "report", "-p", "2026-W47").out.splitlines()[-1]).read_text("utf-8")
    assert "上期异议处理情况" in page
    for wanted in ("2026-W46", "语境不同", "客户在复述", "成立", "66.67 → 100"):
        assert wanted in page, wanted
    former = (folder / "report" / PERIOD / "index.html").read_text("utf-8")
    assert "语境不同" not in former


def test_a_published_report_leads_to_its_corrections_and_tells_what_rules_alone_gave(
    published_week: Path, clock: Clock
) -> None:
    folder = published_week / "report" / PERIOD
    index = (folder / "index.html").read_text("utf-8")
    assert '<a href="corrections.html">发布后的更正说明</a>' in index
    assert "发布后没有更正" in corrections(published_week)
    # Rules alone proposed the promise of r5 and the abuse of r6, which people confirmed: the same.
    # The held word of r4 was closed unseen; it cost nothing before, either.
    pages = [p.read_text("utf-8") for p in (folder / "calls").glob("*.html")]
    assert not any("规则初评" in page for page in pages)


def test_a_call_page_tells_what_the_rules_alone_gave(week: Path) -> None:
    qc(week, "review", "r4", "taboo", "--confirm", *WANG)
    qc(week, "review", "r4", "tone", "--points", "10", "--reason", "生硬", *WANG)
    qc(week, "report", "-p", PERIOD)
    pages = [p.read_text("utf-8") for p in (week / "report" / PERIOD / "calls").glob("*.html")]
    (told,) = (page for page in pages if "规则初评" in page)
    # 90 of 90, then 20 of the 60 of the first section and 40 of 40.
    assert "100 → 60" in told or "100.00 → 60.00" in told


@pytest.mark.parametrize(
    ("published", "last", "late"),
    [
        # Saturday 9 May 2026 and Sunday 28 September 2025 are worked.
        ("2026-05-07T10:00:00", "2026-05-09", "2026-05-10T00:00:00"),
        ("2025-09-26T18:00:00", "2025-09-29", "2025-09-30T00:00:00"),
        # National Day 2025, Spring Festival 2026.
        ("2025-09-30T10:00:00", "2025-10-10", "2025-10-11T00:00:00"),
        ("2026-02-13T10:00:00", "2026-02-24", "2026-02-25T00:00:00"),
    ],
)
def test_the_window_of_a_publication_runs_by_the_chinese_calendar(
    week: Path, clock: Clock, published: str, last: str, late: str
) -> None:
    qc(week, "review", "r6", "abuse", "--confirm", *WANG)
    qc(week, "review", "r5", "promise", "--confirm", *WANG)
    clock.set(published)
    assert qc_json(week, "publish", PERIOD, *QIAN)["objections_until"] == last
    words = ("appeal", "open", "r3", "taboo", "--reason", "语境", "--as", "sun")
    clock.set(late)
    assert f"closed with the end of {last}" in qc(week, *words, expect=2).err
    clock.set(f"{last}T23:59:59")
    assert qc(week, *words).code == 0
