"""An answered objection locks its criterion; one second objection, decided by a manager, is the
last word.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.cases.appeals.test_appeals import SUN, ZHAO, raise_one
from tests.fixtures import Clock
from tests.weeks import PERIOD, qc, qc_json, words_of

WANG, QIAN = ("--as", "wang"), ("--as", "qian")


def answer(folder: Path, number: int, outcome: str, who: Any = ZHAO, **more: str) -> Any:
    words = [f"--{k}={v}" for k, v in more.items()]
    return qc_json(
        folder, "appeal", "decide", f"{number}", f"--{outcome}", "--reason", "听过", *words, *who
    )


@pytest.fixture
def rejected(published_week: Path) -> Path:
    raise_one(published_week)
    answer(published_week, 1, "rejected")
    return published_week


def test_answer_stands_and_is_not_given_twice(rejected: Path) -> None:
    assert qc_json(rejected, "show", "r3")["total"] == 66.67
    words = ("appeal", "decide", "1", "--upheld", "--reason", "x", *ZHAO)
    assert "objection 1 is rejected since 2026-11-16" in qc(rejected, *words, expect=2).err


@pytest.mark.parametrize(
    "words",
    [
        ("taboo", "--overturn", "--reason", "x"),
        ("taboo", "--points", "5", "--reason", "x"),
        ("taboo", "--invalid", "--because", "recogniser"),
        ("--invalid", "--because", "silent"),
    ],
)
def test_review_refuses_what_was_answered(rejected: Path, words: tuple[str, ...]) -> None:
    told = qc(rejected, "review", "r3", *words, *WANG, expect=2).err
    assert (
        "r3: taboo was decided by objection 1 (rejected) on 2026-11-16 by 赵复核: that stands"
    ) in told
    assert qc_json(rejected, "show", "r3")["total"] == 66.67
    # Any other criterion of the call is open to a decision as before.
    qc(rejected, "review", "r3", "tone", "--overturn", "--reason", "x", *WANG)


def test_no_other_rubric_and_no_corrected_rule_reaches_it(rejected: Path) -> None:
    rubric = rejected / "rubrics" / "mini.yaml"
    milder = rejected / "milder.yaml"
    milder.write_text(rubric.read_text("utf-8").replace("你听不懂吗, ", ""), "utf-8")
    adopt = ("rescore", "r3", "--rubric", str(milder), "--adopt", "--reason", "x", *WANG)
    assert "not judged by another rubric: taboo was decided" in qc(rejected, *adopt, expect=2).err
    look = ("rescore", "r3", "--rubric", str(milder))
    told = qc(rejected, *look, expect=2).err
    assert "r3 is not judged otherwise: taboo was decided by objection 1" in told
    other = rejected / "other.yaml"
    other.write_text(rubric.read_text("utf-8").replace("[您好]", "[您好, 喂]"), "utf-8")
    assert "no criterion differs" in qc(rejected, "rescore", "r3", "--rubric", str(other)).out
    back = ("rescore", "r3", "--adopt", "--reason", "x", *WANG)
    assert "taboo was decided" in qc(rejected, *back, expect=2).err
    rule = ("rescore", "--criterion", "taboo", "-p", PERIOD, "--rubric", str(milder),
            "--reason", "x", *WANG)  # fmt: skip
    assert "r3: an objection decided it; left as it is" in qc(rejected, *rule).out
    assert qc_json(rejected, "show", "r3")["total"] == 66.67


def test_corrected_words_leave_it_and_say_what_the_rule_would_give(rejected: Path) -> None:
    words = rejected / "words.txt"
    words.write_text(
        words_of(rejected, "r3").read_text("utf-8").replace("你听不懂吗", "您听得懂吗"), "utf-8"
    )
    correct = ("rescore", "r3", "--words", str(words), "--reason", "听错", *WANG)
    told = qc(rejected, *correct, expect=2).err
    assert "the corrected words concern nothing else: taboo was decided by objection 1" in told
    # Words that concern something besides change that, and the answer holds.
    text = words_of(rejected, "r3").read_text("utf-8").replace("你听不懂吗", "您听得懂吗")
    words.write_text(text.replace("您好请问有什么可以帮您", "您好请问有什么能帮您"), "utf-8")
    told = qc(rejected, *correct).out
    assert "taboo (服务禁语): what was decided holds (fail -30)" in told
    assert "by the corrected words the rule gives pass" in told
    assert {c["id"]: c["lost"] for s in qc_json(rejected, "show", "r3")["sections"]
            for c in s["criteria"] if c["lost"]} == {"taboo": 30}  # fmt: skip


def test_decision_of_an_inspector_holds_over_corrected_words_as_well(published_week: Path) -> None:
    qc(published_week, "review", "r3", "taboo", "--points", "10", "--reason", "轻", *WANG)
    words = published_week / "words.txt"
    words.write_text(
        words_of(published_week, "r3").read_text("utf-8").replace("你听不懂吗", "您听得懂吗"),
        "utf-8",
    )
    correct = ("rescore", "r3", "--words", str(words), "--reason", "听错", *WANG)
    told = qc_json(published_week, *correct)
    assert told["holding"] == {"taboo": "pass"}
    assert qc_json(published_week, "show", "r3")["total"] == 88.89
    qc(published_week, "review", "r3", "taboo", "--overturn", "--reason", "按改正的文字", *WANG)
    assert qc_json(published_week, "show", "r3")["total"] == 100


def test_one_second_objection_within_two_working_days_of_the_answer(
    rejected: Path, clock: Clock
) -> None:
    clock.set("2026-11-18T18:00:00")
    second = raise_one(rejected)
    assert (second["number"], second["instance"]) == (2, 2)
    words = ("appeal", "open", "r3", "taboo", "--reason", "x", *SUN)
    assert "objection 2 to r3 taboo is not decided yet" in qc(rejected, *words, expect=2).err
    # Neither who decided the first nor anybody but a manager.
    decide = ("appeal", "decide", "2", "--partly", "--points", "5", "--reason", "x")
    told = qc(rejected, *decide, *ZHAO, expect=2).err
    assert "is a second one (二次申诉): a manager decides it, who did not decide the first" in told
    assert "manager decides it" in qc(rejected, "appeal", "take", "2", *ZHAO, expect=2).err
    done = answer(rejected, 2, "partly", QIAN, points="5")
    assert done["total_after"] == 94.44
    assert done["events"][-1]["final"] is True
    told = qc(rejected, *words, expect=2).err
    assert (
        "objection 2 to r3 taboo was decided (partly) on 2026-11-18 by 钱经理: that is final"
        in told
    )
    assert "二次" in qc(rejected, "appeal", "list").out


def test_manager_who_gave_the_first_answer_does_not_give_the_second(published_week: Path) -> None:
    raise_one(published_week)
    answer(published_week, 1, "rejected", QIAN)
    raise_one(published_week)
    told = qc(published_week, "appeal", "decide", "2", "--upheld", "--reason", "x", *QIAN,
              expect=2).err  # fmt: skip
    assert "钱经理 decided objection 1 to the same: somebody else decides the second" in told


def test_after_two_working_days_the_first_answer_is_the_last(rejected: Path, clock: Clock) -> None:
    clock.set("2026-11-19T00:00:00")
    words = ("appeal", "open", "r3", "taboo", "--reason", "x", *SUN)
    assert "closed with the end of 2026-11-18" in qc(rejected, *words, expect=2).err


def test_what_an_upheld_answer_took_away_stays_away(published_week: Path) -> None:
    raise_one(published_week)
    answer(published_week, 1, "upheld")
    confirm = ("review", "r3", "taboo", "--points", "30", "--reason", "x", "--notice", "x", *WANG)
    assert "taboo was decided by objection 1 (upheld)" in qc(published_week, *confirm, expect=2).err
    words = ("appeal", "open", "r3", "taboo", "--reason", "x", *SUN)
    assert "nothing to object to" in qc(published_week, *words, expect=2).err
