"""corrections.html: never an empty table, reasons and handlers in every line, no red line that
nobody confirmed."""

from __future__ import annotations

import re
from pathlib import Path

from tests.fixtures import Clock
from tests.weeks import PERIOD, RUBRIC, make_week, qc, words_of

WANG, QIAN, SUN, ZHAO = (("--as", name) for name in ("wang", "qian", "sun", "zhao"))
REASON = ("--reason", "听录音核对")


def page(folder: Path) -> str:
    return (folder / "report" / PERIOD / "corrections.html").read_text("utf-8")


def lines(folder: Path) -> list[list[str]]:
    """The cells of every line of its tables."""
    found = re.findall(r"<tr>(<td>.*?)</tr>", page(folder), re.S)
    return [re.findall(r"<td[^>]*>(.*?)</td>", row, re.S) for row in found]


def sentences(folder: Path) -> list[str]:
    text = page(folder)
    return re.findall(r"<p>(.*?)</p>", text[text.index("<section>") :])


def other_rubric(folder: Path, *changes: tuple[str, str]) -> str:
    text = RUBRIC.replace('version: "1"', 'version: "2"')
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path = folder / "other.yaml"
    path.write_text(text, "utf-8")
    return str(path)


def test_other_bands_alone_are_told_in_sentences(published_week: Path, clock: Clock) -> None:
    clock.set("2026-11-17T09:00:00")
    other = other_rubric(published_week, ("{from: 85, label: 合格}", "{from: 60, label: 合格}"))
    qc(published_week, "rescore", "r3", "--rubric", other, "--adopt", *REASON, *WANG)
    assert "<table>" not in page(published_week)
    assert "总分 66.67</h2>" in page(published_week)
    assert sentences(published_week) == [
        "各质检项的结论和扣分不变。等级 不合格 → 合格。",
        "换用评分标准（mini 2）：听录音核对（经办人：王质检）。",
    ]


def test_words_and_decisions_that_change_nothing_are_told_in_sentences(
    published_week: Path, clock: Clock
) -> None:
    clock.set("2026-11-17T09:00:00")
    words = words_of(published_week, "r3", ("稍后给您回电", "稍后就给您回电"))
    qc(published_week, "rescore", "r3", "--words", str(words), *REASON, *WANG)
    qc(published_week, "review", "r3", "taboo", "--confirm", "--as", "li")
    assert "<table>" not in page(published_week)
    assert sentences(published_week) == [
        "各质检项的结论和扣分不变。",
        "更正文字：听录音核对（经办人：王质检）。",
        "“服务禁语”：扣分属实（经办人：李质检）。",
    ]


def test_every_line_has_a_reason_and_who_handled_it(published_week: Path, clock: Clock) -> None:
    folder = published_week
    qc(folder, "appeal", "open", "r3", "taboo", "--reason", "语境不同", *SUN)
    qc(folder, "appeal", "decide", "1", "--upheld", "--reason", "客户在复述", *ZHAO)
    qc(folder, "review", "r2", "greeting", "--overturn", "--because", "rule", *WANG)
    qc(folder, "review", "r5", "promise", "--overturn", "--because", "system", "--reason",
       "客户 13800138000 已接到", *WANG)  # fmt: skip
    clock.set("2026-11-17T09:00:00")
    words = words_of(folder, "r6", ("您好请问", "喂请问"))
    qc(folder, "rescore", "r6", "--words", str(words), "--notice", "听错", *REASON, *WANG)
    assert lines(folder) == [
        ["开头规范用语", "20", "0", "规则不适用", "王质检"],
        ["服务禁语", "30", "0", "申诉 1：客户在复述", "赵复核"],
        ["承诺回电", "40", "0", "客户 138****8000 已接到", "王质检"],
        ["开头规范用语", "0", "20", "更正文字：听录音核对", "王质检"],
    ]
    assert all(cell for row in lines(folder) for cell in row)


def test_corrected_rule_says_so(published_week: Path) -> None:
    rubric = published_week / "rubrics" / "mini.yaml"
    rubric.write_text(rubric.read_text("utf-8").replace("你听不懂吗, ", ""), "utf-8")
    qc(published_week, "rescore", "--criterion", "taboo", "-p", PERIOD, "--reason", "过严", *ZHAO)
    assert lines(published_week) == [["服务禁语", "30", "0", "更正规则：过严", "赵复核"]]


COVERING = (
    RUBRIC.replace(
        "      - id: tone\n",
        "      - id: rude\n"
        "        title: 态度生硬\n"
        "        points: 10\n"
        "        confirm: machine\n"
        "        forbid: {said: {by: agent, any: [你听不懂吗]}}\n"
        "      - id: tone\n",
    )
    .replace("    points: 60\n", "    points: 70\n")
    .replace("points: 100", "points: 110")
)


def test_what_follows_from_another_decision_names_it(tmp_path: Path, clock: Clock) -> None:
    folder = make_week(tmp_path / "week", rubric=COVERING)
    for recording, criterion in (("r6", "abuse"), ("r5", "promise")):
        qc(folder, "review", recording, criterion, "--overturn", "--reason", "x", *WANG)
    qc(folder, "review", "r3", "rude", "--confirm", "--root", "attitude", *WANG)
    clock.set("2026-11-16T09:00:00")
    qc(folder, "publish", PERIOD, *QIAN)
    qc(folder, "review", "r3", "taboo", "--overturn", "--reason", "客户在复述", "--notice",
       "改计另一项", *WANG)  # fmt: skip
    # One fact costs once: 30 of 服务禁语 while it stood, then 10 of 态度生硬, which was confirmed.
    assert lines(folder) == [
        ["服务禁语", "30", "0", "客户在复述", "王质检"],
        ["态度生硬", "0", "10",
         "不再与“服务禁语”合并计扣。随“服务禁语”变动（客户在复述）", "王质检"],
    ]  # fmt: skip


def test_red_line_that_nobody_confirmed_is_not_named(published_week: Path, clock: Clock) -> None:
    clock.set("2026-11-17T09:00:00")
    words = words_of(published_week, "r1", ("稍后给您回电", "神经病稍后给您回电"))
    qc(published_week, "rescore", "r1", "--words", str(words), "--notice", "更正文字", *REASON,
       *WANG)  # fmt: skip
    assert "辱骂客户" not in page(published_week)
    assert lines(published_week) == [["待复核项", "0", "待复核", "更正文字：听录音核对", "王质检"]]
    assert "总分 100.00 → 待复核" in page(published_week)
    # Once a person confirmed it, it is named with what it costs; taken back, it is named no more.
    qc(published_week, "review", "r1", "abuse", "--confirm", "--root", "attitude", "--notice",
       "复听确认", *WANG)  # fmt: skip
    assert [row[0] for row in lines(published_week)] == ["辱骂客户"]
    assert "总分 100.00 → 0.00" in page(published_week)
    qc(published_week, "review", "r1", "abuse", "--overturn", "--reason", "客户说的", *WANG)
    assert "辱骂客户" not in page(published_week)


def test_chinese_page_has_full_width_punctuation(published_week: Path, clock: Clock) -> None:
    clock.set("2026-11-17T09:00:00")
    words = ("review", "r4", "taboo", "--confirm", *WANG)
    qc(published_week, *words, "--notice", "复听后补扣")
    text = re.sub(r"<style>.*?</style>|<[^>]+>", " ", page(published_week), flags=re.S)
    assert re.findall(r"[一-鿿][,;:!?()]|[,;:!?()][一-鿿]", text) == []


def test_english_page_has_no_chinese_of_its_own(published_week: Path) -> None:
    path = published_week / "qc.toml"
    path.write_text(path.read_text("utf-8") + '\n[report]\nlanguage = "en"\n', "utf-8")
    qc(published_week, "review", "r3", "taboo", "--overturn", "--because", "rule", *WANG)
    (row,) = lines(published_week)
    assert row[3] == "rule does not fit"
