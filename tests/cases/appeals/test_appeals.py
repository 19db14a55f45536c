"""Objections as a team lead raises them and a reviewer decides them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.fixtures import Clock
from tests.weeks import PERIOD, qc, qc_json, words_of

SUN = ("--as", "sun")  # leads 一组: r1, r2, r3
WU = ("--as", "wu")  # leads 二组, and is a reviewer
ZHAO = ("--as", "zhao")


def raise_one(folder: Path, recording: str = "r3", criterion: str = "taboo", who: Any = SUN) -> Any:
    return qc_json(folder, "appeal", "open", recording, criterion, "--reason", "语境不同", *who)


def test_an_upheld_objection_changes_the_score_and_keeps_both(
    published_week: Path, clock: Clock
) -> None:
    made = raise_one(published_week)
    assert (made["state"], made["total_before"], made["due"]) == ("open", 66.67, "2026-11-18")
    clock.set("2026-11-17T10:00:00")
    assert qc_json(published_week, "appeal", "take", "1", *ZHAO)["state"] == "taken"
    clock.set("2026-11-18T17:00:00")
    done = qc_json(
        published_week, "appeal", "decide", "1", "--upheld", "--reason", "客户在复述", *ZHAO
    )
    assert (done["state"], done["total_before"], done["total_after"]) == ("upheld", 66.67, 100)
    assert qc_json(published_week, "show", "r3")["total"] == 100
    history = qc_json(published_week, "show", "r3", "--history")
    assert [d["source"] for d in history["decisions"]] == ["publish", "objection"]
    assert history["decisions"][-1]["objection"] == 1
    page = (published_week / "report" / PERIOD / "corrections.html").read_text("utf-8")
    assert "66.67 → 100.00" in page
    assert "客户在复述" in page
    text = qc(published_week, "appeal", "list").out
    assert "[申诉通过]  66.67 → 100.00" in text
    # One objection to the four deductions published: r2, r3, r5, r6.
    assert "objected 25% (1 of 4), upheld 100% (1 of 1), answered in time 100% (1 of 1)" in text


def test_a_rule_found_wrong_leads_to_the_correction_of_all_calls(published_week: Path) -> None:
    raise_one(published_week)
    decide = ("appeal", "decide", "1", "--upheld", "--because", "rule", "--reason", "过严", *ZHAO)
    told = qc(published_week, *decide).out
    assert "`qc rescore --criterion taboo --period 2026-W46` corrects every call" in told
    # The answer to the objection is the reason, unless another is given.
    rule = ("rescore", "--criterion", "greeting", "-p", PERIOD, *ZHAO)
    assert "give a reason" in qc(published_week, *rule, expect=2).err
    rubric = published_week / "rubrics" / "mini.yaml"
    rubric.write_text(rubric.read_text("utf-8").replace("你听不懂吗, ", ""), "utf-8")
    qc(published_week, "rescore", "--criterion", "taboo", "-p", PERIOD, *ZHAO)


def test_a_partly_upheld_objection_sets_the_points(published_week: Path) -> None:
    raise_one(published_week)
    decide = ("appeal", "decide", "1", "--reason", "语气重,非禁语", *ZHAO)
    assert (
        "more than 0 and less than the 30" in qc(published_week, *decide, "--partly", expect=2).err
    )
    assert (
        "less than the 30"
        in qc(published_week, *decide, "--partly", "--points", "30", expect=2).err
    )
    done = qc_json(published_week, *decide, "--partly", "--points", "10")
    assert done["total_after"] == 88.89  # 80 of 90


@pytest.mark.parametrize(
    ("moment", "taken"),
    [("2026-11-18T23:59:59", True), ("2026-11-19T00:00:00", False)],
)
def test_the_window_ends_with_the_second_working_day(
    published_week: Path, clock: Clock, moment: str, taken: bool
) -> None:
    clock.set(moment)
    words = ("appeal", "open", "r3", "taboo", "--reason", "x", *SUN)
    result = qc(published_week, *words, expect=0 if taken else 2)
    if not taken:
        assert "closed with the end of 2026-11-18; late objections are not accepted" in result.err


def test_the_window_is_extended_once_with_a_reason(published_week: Path, clock: Clock) -> None:
    clock.set("2026-11-18T09:00:00")
    words = ("appeal", "extend", PERIOD, *ZHAO)
    assert "give a reason" in qc(published_week, *words, expect=2).err
    done = qc_json(published_week, *words, "--reason", "系统停机")
    assert done["objections_until"] == "2026-11-20"
    assert "once is all" in qc(published_week, *words, "--reason", "x", expect=2).err
    clock.set("2026-11-20T22:00:00")
    assert raise_one(published_week)["number"] == 1


def test_a_correction_notice_opens_its_own_window_for_what_it_costs(
    published_week: Path, clock: Clock
) -> None:
    clock.set("2026-11-26T09:00:00")
    late = ("appeal", "open", "r3", "taboo", "--reason", "x", *SUN)
    assert "closed with the end of 2026-11-18" in qc(published_week, *late, expect=2).err
    qc(published_week, "review", "r4", "taboo", "--confirm", "--notice", "补扣", "--as", "wang")
    clock.set("2026-11-30T09:00:00")  # Monday; Friday and Monday are the working days
    assert raise_one(published_week, "r4", "taboo", WU)["number"] == 1
    assert "closed with the end of 2026-11-18" in qc(published_week, *late, expect=2).err


def test_numbers_in_reasons_are_masked_where_objections_are_listed(published_week: Path) -> None:
    words = ("appeal", "open", "r3", "taboo", "--reason", "客户电话13812345678", *SUN)
    assert qc_json(published_week, *words)["reason"] == "客户电话138****5678"
    assert "138****5678" in qc(published_week, "appeal", "list").out
    assert (
        "allowed are open, taken"
        in qc(published_week, "appeal", "list", "--state", "opened", expect=2).err
    )


def test_drafts_take_no_objections(week: Path) -> None:
    refused = qc(week, "appeal", "open", "r3", "taboo", "--reason", "x", *SUN, expect=2)
    assert "2026-W46 is a draft" in refused.err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("open", "r4", "taboo", "--reason", "x", *SUN), "cost r4 nothing"),
        (("open", "r5", "promise", "--reason", "x", *SUN), "孙组长 does not lead 二组 of r5"),
        (("open", "r3", "taboo", "--reason", "x", "--as", "wang"), "it is for the roles lead"),
        (("open", "r3", "taboo", *SUN), "give a reason: --reason TEXT"),
        (("open", "r3", "tabo", "--reason", "x", *SUN), 'did you mean "taboo"?'),
        (("take", "9", *ZHAO), "there is no objection 9"),
        (("decide", "9", "--reason", "x", *ZHAO), "say one of --upheld, --partly, --rejected"),
    ],
)
def test_an_objection_that_cannot_be_is_refused(
    published_week: Path, words: tuple[str, ...], message: str
) -> None:
    assert message in qc(published_week, "appeal", *words, expect=2).err
    assert qc_json(published_week, "appeal", "list")["objections"] == []


def test_a_deputy_raises_objections_for_the_lead(published_week: Path) -> None:
    assert raise_one(published_week, who=("--as", "周副组长"))["by"] == "周副组长"


def test_who_judged_or_leads_or_raised_does_not_decide(published_week: Path) -> None:
    raise_one(published_week, "r5", "promise", WU)
    upheld = ("appeal", "decide", "1", "--upheld", "--reason", "x")
    assert "吴组长 raised the objection" in qc(published_week, *upheld, *WU, expect=2).err
    assert "李质检 may not do this" in qc(published_week, *upheld, "--as", "li", expect=2).err
    settings = published_week / "qc.toml"
    text = settings.read_text("utf-8")
    # Li, who confirmed r5, becomes a reviewer; that does not make them independent.
    text = text.replace(
        'name = "李质检"\nroles = ["inspector"]', 'name = "李质检"\nroles = ["reviewer"]'
    )
    settings.write_text(text, "utf-8")
    assert "李质检 judged r5" in qc(published_week, *upheld, "--as", "li", expect=2).err
    assert qc_json(published_week, *upheld, *ZHAO)["state"] == "upheld"
    # Wu leads the team of r6 and is a reviewer, but not for their own team.
    text = text.replace(
        'name = "钱经理"\nroles = ["manager"]', 'name = "钱经理"\nroles = ["lead"]\nteam = "二组"'
    )
    settings.write_text(text, "utf-8")
    raise_one(published_week, "r6", "abuse", ("--as", "qian"))
    refused = qc(
        published_week, "appeal", "decide", "2", "--upheld", "--reason", "x", *WU, expect=2
    )
    assert "吴组长 leads 二组" in refused.err


def test_words_corrected_on_the_way_stand_in_both_scores(
    published_week: Path, clock: Clock
) -> None:
    clock.set("2026-11-17T09:00:00")
    raise_one(published_week, "r2", "greeting")
    file = words_of(published_week, "r2", ("喂请讲一下", "您好请讲"))
    words = ("rescore", "r2", "--words", str(file), "--reason", "再听", *ZHAO)
    qc(published_week, *words)
    done = qc_json(published_week, "appeal", "decide", "1", "--upheld", "--reason", "听写", *ZHAO)
    assert (done["total_before"], done["total_after"]) == (77.78, 100)
    # Words that cost points do not count while an objection is open, with a notice or without.
    raise_one(published_week, "r3", "taboo")
    file = words_of(published_week, "r3", ("您好请问", "喂请问"))
    words = ("rescore", "r3", "--words", str(file), "--reason", "再听", "--notice", "补扣", *ZHAO)
    refused = qc(published_week, *words, expect=2).err
    assert "objection 2 to r3 taboo is open, and greeting would cost more" in refused
    assert "(66.67 → 44.44); nothing was changed" in refused  # 40 of 90
    done = qc_json(published_week, "appeal", "decide", "2", "--rejected", "--reason", "属实", *ZHAO)
    assert (done["total_before"], done["total_after"]) == (66.67, 66.67)


def test_a_withdrawn_objection_leaves_the_way_open(published_week: Path) -> None:
    raise_one(published_week)
    refused = qc(published_week, "appeal", "withdraw", "1", *WU, expect=2)
    assert "was raised by 孙组长, not by you" in refused.err
    assert qc_json(published_week, "appeal", "withdraw", "1", *SUN)["state"] == "withdrawn"
    assert raise_one(published_week)["number"] == 2
    rates = qc_json(published_week, "appeal", "list")["rates"]
    assert rates["upheld"] == {"part": 0, "whole": 0, "share": None}


def test_rates_by_criterion_by_inspector_and_in_time(published_week: Path, clock: Clock) -> None:
    raise_one(published_week)
    raise_one(published_week, "r2", "greeting")
    raise_one(published_week, "r5", "promise", WU)
    qc(published_week, "appeal", "decide", "1", "--upheld", "--reason", "x", *ZHAO)
    clock.set("2026-11-19T09:00:00")  # a day late
    qc(published_week, "appeal", "decide", "3", "--rejected", "--reason", "x", *ZHAO)
    rates = qc_json(published_week, "appeal", "list")["rates"]
    assert rates["objected"] == {"part": 3, "whole": 4, "share": 0.75}
    # Two answered, one of them in time; the one to r2 is overdue.
    assert rates["in_time"] == {"part": 1, "whole": 3, "share": 1 / 3}
    assert rates["upheld"] == {"part": 1, "whole": 2, "share": 0.5}
    assert rates["by_criterion"]["taboo"]["share"] == 1
    assert rates["by_criterion"]["greeting"]["share"] is None
    # Li had confirmed r5; the taboo word of r3 was the machine's alone.
    assert rates["by_inspector"]["李质检"] == {"part": 0, "whole": 1, "share": 0}
    assert rates["by_inspector"]["machine"] == {"part": 1, "whole": 1, "share": 1}


def with_a_covered_deduction(week: Path) -> None:
    """The week published, with 10 points of r3 for the same words as the 30 of taboo."""
    rubric = week / "rubrics" / "mini.yaml"
    rude = (
        "      - {id: rude, title: 反问, points: 10, confirm: machine, "
        "forbid: {said: {by: agent, any: [你听不懂吗]}}}\n  - id: process"
    )
    rubric.write_text(rubric.read_text("utf-8").replace("  - id: process", rude), "utf-8")
    qc(week, "score", "-p", PERIOD)
    qc(week, "review", "r6", "abuse", "--confirm", "--as", "wang")
    qc(week, "review", "r5", "promise", "--confirm", "--as", "li")
    qc(week, "publish", PERIOD, "--as", "qian")


def test_a_covered_deduction_stays_covered_after_an_objection(week: Path, clock: Clock) -> None:
    with_a_covered_deduction(week)
    # The same words cost once: 30 of the 60 that count of the first section.
    assert qc_json(week, "show", "r3")["total"] == 70
    clock.set("2026-11-17T09:00:00")
    raise_one(week)
    done = qc_json(week, "appeal", "decide", "1", "--upheld", "--reason", "客户在复述", *ZHAO)
    assert (done["total_before"], done["total_after"]) == (70, 100)
    told = qc(week, "show", "r3").out
    assert "-0  反问 (rude)  [同一事实，已随另一项撤销（taboo）]" in told
    page = (week / "report" / PERIOD / "corrections.html").read_text("utf-8")
    assert "更正通知" not in page  # nothing costs more, so there is nothing to announce
    clock.set("2026-11-19T09:00:00")
    qc(week, "appeal", "open", "r3", "rude", "--reason", "再议", *SUN, expect=2)
    # The final report says so on the call's page.
    clock.set("2026-11-24T09:00:00")
    qc(week, "publish", PERIOD, "--final", "--yes", "--as", "qian")
    pages = [p.read_text("utf-8") for p in (week / "report" / PERIOD / "calls").glob("*.html")]
    (told,) = [p for p in pages if "同一事实" in p]
    assert "随同撤销" in told and "与“服务禁语”同一事实，已随其撤销" in told


def test_who_corrected_the_words_before_the_objection_does_not_decide_it(
    published_week: Path, clock: Clock
) -> None:
    settings = published_week / "qc.toml"
    text = settings.read_text("utf-8").replace(
        'name = "李质检"\nroles = ["inspector"]', 'name = "李质检"\nroles = ["reviewer"]'
    )
    settings.write_text(text, "utf-8")
    file = words_of(published_week, "r3", ("你听不懂吗", "你听不懂吗吗"))
    words = ("rescore", "r3", "--words", str(file), "--reason", "听写")
    qc(published_week, *words, "--as", "li")
    clock.set("2026-11-17T09:00:00")
    raise_one(published_week)
    upheld = ("appeal", "decide", "1", "--upheld", "--reason", "x")
    assert "李质检 judged r3" in qc(published_week, *upheld, "--as", "li", expect=2).err
    # Who listens again because of the objection may correct the words, and decide.
    words_of(published_week, "r3", ("吗吗", "吗"))
    qc(published_week, *words, *ZHAO)
    assert qc_json(published_week, *upheld, *ZHAO)["state"] == "upheld"
