"""A call judged again: corrected words, another rubric, a rule that was wrong."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from tests.fixtures import Clock
from tests.weeks import PERIOD, RUBRIC, qc, qc_json, words_of

WANG = ("--as", "wang", "--reason", "听录音核对")


def test_corrected_words_give_a_new_card_by_the_rubric_in_force_then(week: Path) -> None:
    (week / "rubrics" / "mini.yaml").write_text(RUBRIC.replace("您好", "早安"), "utf-8")
    file = words_of(week, "r2", ("喂请讲一下", "您好请讲一下"))
    done = qc_json(week, "rescore", "r2", "--words", str(file), *WANG)
    (difference,) = done["differences"]
    assert difference["criterion"] == "greeting"
    assert difference["before"] == {"verdict": "fail", "lost": 20}
    assert difference["after"] == {"verdict": "pass", "lost": 0}
    assert (done["total_before"], done["total_after"]) == (77.78, 100)
    history = qc_json(week, "show", "r2", "--history")
    first, second = history["cards"]
    assert second["parent"] == first["sha256"]
    assert second["inputs"]["rubric"] == first["inputs"]["rubric"]
    assert second["inputs"]["transcript"] != first["inputs"]["transcript"]
    (kept,) = history["corrections"]
    assert (kept["person"], kept["reason"], kept["parent"]) == (
        "王质检",
        "听录音核对",
        first["inputs"]["transcript"],
    )
    assert kept["edits"] == [
        {"turn": 0, "start_s": 1.0, "text": {"from": "喂请讲一下", "to": "您好请讲一下"}}
    ]


def test_scoring_again_keeps_corrected_words(week: Path) -> None:
    file = words_of(week, "r2", ("喂请讲一下", "您好请讲一下"))
    qc(week, "rescore", "r2", "--words", str(file), *WANG)
    card = qc_json(week, "show", "r2")
    assert qc_json(week, "score", "-p", PERIOD)["scored"] == 0
    assert qc_json(week, "show", "r2") == card


def test_a_second_correction_is_made_of_the_first(week: Path) -> None:
    qc(week, "rescore", "r2", "--words", str(words_of(week, "r2", ("喂请", "您好请"))), *WANG)
    qc(week, "rescore", "r2", "--words", str(words_of(week, "r2", ("稍后给您回电", "再见"))), *WANG)
    assert qc_json(week, "show", "r2")["total"] == 55.56  # the promise is gone: 50 of 90
    first, second = qc_json(week, "show", "r2", "--history")["corrections"]
    assert second["parent"] == first["transcript"]
    assert qc_json(week, "score", "-p", PERIOD)["scored"] == 0


def test_a_changed_speaker_takes_the_words_with_it(week: Path) -> None:
    file = words_of(week, "r3", ("agent: 你听不懂吗", "客户:你听不懂吗"))
    done = qc_json(week, "rescore", "r3", "--words", str(file), *WANG)
    assert [d["criterion"] for d in done["differences"]] == ["taboo"]
    assert done["total_after"] == 100


def test_decisions_stay_over_corrected_words(week: Path) -> None:
    qc(week, "review", "r6", "abuse", "--confirm", "--as", "wang")
    file = words_of(week, "r6", ("您好请问", "喂请问"))
    done = qc_json(week, "rescore", "r6", "--words", str(file), *WANG)
    assert [d["criterion"] for d in done["differences"]] == ["greeting"]
    assert qc_json(week, "show", "r6")["fatal"] == ["abuse"]


def test_every_wrong_line_is_told_and_nothing_is_kept(week: Path) -> None:
    file = words_of(week, "r2", ("agent: 喂", "经理: 喂"), ("[4.25-5.50]", "[4.00-5.50]"))
    before = qc_json(week, "audit")["lines"]
    text = qc(week, "rescore", "r2", "--words", str(file), *WANG, expect=2).err
    assert "words.txt:6: not a speaker; found '经理'; allowed: agent, customer" in text
    assert "words.txt:7: not a turn of this call" in text
    assert "allowed: [4.25-5.50] customer" in text
    file.write_text(file.read_text("utf-8").splitlines()[5] + "\n", "utf-8")
    text = qc(week, "rescore", "r2", "--words", str(file), *WANG, expect=2).err
    assert "lines are missing; found 1 turns; allowed: 3" in text
    assert qc_json(week, "audit")["lines"] == before


def editor(folder: Path, body: str, monkeypatch: pytest.MonkeyPatch) -> None:
    script = folder / "my editor"
    script.write_text(f"#!/bin/sh\n{body}\n", encoding="utf-8")
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", f"'{script}'")


def test_words_are_corrected_in_the_users_editor(
    week: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    editor(week, 'sed -i "s/喂请讲/您好请讲/" "$1"', monkeypatch)
    assert "r2: total 77.78 → 100.00" in qc(week, "rescore", "r2", "--edit", *WANG).out
    editor(week, "true", monkeypatch)
    assert "no criterion differs" in qc(week, "rescore", "r2", "--edit", *WANG).out
    editor(week, "exit 3", monkeypatch)
    told = qc(week, "rescore", "r2", "--edit", *WANG, expect=2).err
    assert "the editor ended with status 3: nothing was changed" in told
    assert len(qc_json(week, "show", "r2", "--history")["corrections"]) == 1


def test_what_was_typed_is_not_lost_when_it_cannot_be_taken_in(
    week: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    editor(week, 'sed -i "s/agent: 喂/boss: 您好/" "$1"', monkeypatch)
    told = qc(week, "rescore", "r2", "--edit", *WANG, expect=2).err
    kept = Path(told.split("your text is kept in ")[1].split(";")[0])
    kept.write_text(kept.read_text("utf-8").replace("boss", "agent"), "utf-8")
    done = qc(week, "rescore", "r2", "--words", str(kept), *WANG)
    kept.unlink()
    assert "77.78 → 100.00" in done.out


def other_rubric(folder: Path, old: str = "[您好]", new: str = "[喂]") -> Path:
    path = folder / "other.yaml"
    path.write_text(RUBRIC.replace(old, new).replace('version: "1"', 'version: "2"'), "utf-8")
    return path


def test_another_rubric_is_kept_as_a_what_if_that_counts_nowhere(week: Path) -> None:
    before = qc_json(week, "show", "r2")
    words = ("rescore", "r2", "--rubric", str(other_rubric(week)))
    done = qc_json(week, *words)
    assert [d["criterion"] for d in done["differences"]] == ["greeting"]
    assert (done["total_after"], done["kept"]) == (100, "what_if")
    assert qc_json(week, "show", "r2") == before
    history = qc_json(week, "show", "r2", "--history")
    assert [c["total"] for c in history["cards"]] == [77.78]
    (kept,) = history["rescorings"]
    assert (kept["kind"], kept["card_before"]) == ("what_if", done["card_before"])
    assert (kept["total_before"], kept["total_after"]) == (77.78, 100)
    # The card itself can be looked at, by its hash.
    card = qc_json(week, "show", "r2", "--card", done["card_after"][:12])
    assert (card["total"], card["rubric"]["version"]) == (100, "2")
    assert "no cards of r2" in qc(week, "show", "r2", "--card", "ffff", expect=2).err
    text = qc(week, "show", "r2", "--history").out
    assert "77.78 → 100.00  what if, counts nowhere: rubric " in text
    # Asked again it is the same card, kept once; neither queue nor report nor scoring know it.
    assert "counts nowhere; the score stays 77.78" in qc(week, *words).out
    assert len(qc_json(week, "show", "r2", "--history")["rescorings"]) == 1
    assert qc_json(week, "score", "-p", PERIOD)["scored"] == 0
    actions = [x["action"] for x in qc_json(week, "audit")["lines"]]
    assert actions.count("scorecard.what_if") == 1


def test_another_rubrics_arithmetic_is_told_line_by_line(week: Path) -> None:
    text = RUBRIC
    for old, new in (
        ('version: "1"', 'version: "2"'),
        ("points: 100", "points: 90"),
        ("pass_mark: 85", "pass_mark: 60\nnot_applicable: redistribute\nmin_scorable: 0.5"),
        ("{from: 85, label: 合格}", "{from: 60, label: 合格}"),
        ("    points: 60\n", "    points: 50\n"),
        ("        points: 30\n", "        points: 20\n        deduct: {each: 15}\n"),
        ("        severity: fatal\n", "        severity: fatal\n        scope: section\n"),
        ("sections:\n", "scorable_from: {turns: 2}\nsections:\n"),
    ):
        assert old in text
        text = text.replace(old, new, 1)
    other = week / "other.yaml"
    other.write_text(text, "utf-8")
    words = ("rescore", "r3", "--rubric", str(other))
    done = qc_json(week, *words)
    assert done["arithmetic"] == [
        {"what": "points", "before": 100, "after": 90},
        {"what": "pass_mark", "before": 85, "after": 60},
        {
            "what": "bands",
            "before": [{"from": 85, "label": "合格"}, {"from": 0, "label": "不合格"}],
            "after": [{"from": 60, "label": "合格"}, {"from": 0, "label": "不合格"}],
        },
        {"what": "not_applicable", "before": "award", "after": "redistribute"},
        {"what": "min_scorable", "before": 0.8, "after": 0.5},
        {"what": "scorable_from", "before": None, "after": {"turns": 2}},
        {"what": "section.etiquette.points", "before": 60, "after": 50},
        {"what": "criterion.taboo.points", "before": 30, "after": 20},
        {"what": "criterion.taboo.deduct", "before": None, "after": {"each": 15}},
        {"what": "criterion.abuse.fatal_scope", "before": "rubric", "after": "section"},
    ]
    # Judged were 20 + 30 + 40, of which 30 were lost: 60 of 90 of 100 points. Now it is 15 of
    # 20 + 20 + 40: 65 of 80 of 90 points.
    assert (done["total_before"], done["total_after"]) == (66.67, 73.13)
    out = qc(week, *words).out.splitlines()
    assert out[0] == "mini 2 counts otherwise than mini 1:"
    assert "  pass_mark: 85 → 60" in out
    assert "  bands: 合格 from 85, 不合格 from 0 → 合格 from 60, 不合格 from 0" in out
    assert "  not_applicable: award → redistribute" in out
    assert "  scorable_from: none → turns 2" in out
    assert "  section.etiquette.points (服务礼仪): 60 → 50" in out
    assert "  criterion.taboo.deduct (服务禁语): none → each 15" in out
    places = [next(i for i, line in enumerate(out) if line.startswith(start)) for start in
              ("  criterion.abuse.fatal_scope", "taboo (服务禁语): fail -30")]  # fmt: skip
    assert places == sorted(places)
    # It is told where the rubric is put in force, and of the way back, too.
    adopted = qc_json(week, *words, "--adopt", *WANG)
    assert adopted["arithmetic"] == done["arithmetic"]
    sha256 = qc_json(week, "show", "r3", "--history")["cards"][0]["inputs"]["rubric"]
    back = qc_json(week, "rescore", "r3", "--rubric", sha256[:12])
    assert [(d["what"], d["before"], d["after"]) for d in back["arithmetic"]][1] == (
        "pass_mark", 60, 85,
    )  # fmt: skip


def test_rubric_that_counts_the_same_tells_no_arithmetic(week: Path) -> None:
    words = ("rescore", "r2", "--rubric", str(other_rubric(week)))
    assert qc_json(week, *words)["arithmetic"] == []
    assert "counts otherwise" not in qc(week, *words).out
    assert qc_json(week, "rescore", "r2")["arithmetic"] == []


def test_the_same_rubric_makes_no_other_card(week: Path) -> None:
    sha256 = qc_json(week, "show", "r2")["rubric"]["sha256"]
    for words in ((), ("--rubric", sha256[:12])):
        done = qc_json(week, "rescore", "r2", *words)
        assert (done["differences"], done["kept"]) == ([], None)
    assert qc_json(week, "show", "r2", "--history")["rescorings"] == []
    refused = qc(week, "rescore", "r2", "--rubric", "none.yaml", expect=2).err
    assert "neither a rubric file nor the hash" in refused


def test_an_adopted_rubric_stands_and_scoring_again_keeps_it(week: Path) -> None:
    words = ("rescore", "r2", "--rubric", str(other_rubric(week)), "--adopt")
    assert "give a reason" in qc(week, *words, "--as", "wang", expect=2).err
    assert (
        "孙组长 may not do this" in qc(week, *words, "--reason", "x", "--as", "sun", expect=2).err
    )
    done = qc_json(week, *words, *WANG)
    assert (done["total_before"], done["total_after"], done["kept"]) == (77.78, 100, "adopted")
    card = qc_json(week, "show", "r2")
    assert card["rubric"]["version"] == "2"
    assert qc_json(week, "score", "-p", PERIOD)["scored"] == 0
    assert qc_json(week, "show", "r2") == card
    first, second = qc_json(week, "show", "r2", "--history")["cards"]
    assert second["parent"] == first["sha256"]
    # Given again it is no second one; the way back is the same act.
    assert qc_json(week, *words, *WANG)["kept"] is None
    # A decision made afterwards is judged by the adopted rubric.
    qc(week, "review", "r2", "tone", "--points", "10", "--reason", "生硬", "--as", "wang")
    assert qc_json(week, "show", "r2")["rubric"]["version"] == "2"
    sha256 = first["inputs"]["rubric"]
    back = qc_json(week, "rescore", "r2", "--rubric", sha256[:12], "--adopt", *WANG)
    assert back["kept"] == "adopted"
    assert qc_json(week, "show", "r2")["rubric"]["version"] == "1"


def test_a_published_call_is_judged_by_the_rubric_of_its_published_card(
    published_week: Path, clock: Clock
) -> None:
    clock.set("2026-11-17T09:00:00")
    harder = other_rubric(published_week, "[您好]", "[早安]")
    words = ("rescore", "r1", "--rubric", str(harder), "--adopt", *WANG)
    refused = qc(published_week, *words, expect=2).err
    assert "needs a correction notice" in refused
    assert qc_json(published_week, "show", "r1", "--history")["rescorings"] == []
    softer = other_rubric(published_week)
    qc(published_week, "rescore", "r2", "--rubric", str(softer), "--adopt", *WANG)
    page = (published_week / "report" / PERIOD / "corrections.html").read_text("utf-8")
    assert "77.78 → 100.00" in page
    assert "听录音核对" in page
    # Without a rubric named, it is the one in force when the report was published.
    done = qc_json(published_week, "rescore", "r2")
    assert (done["total_before"], done["total_after"], done["kept"]) == (100, 77.78, "what_if")


def test_corrected_words_can_be_judged_by_another_rubric(week: Path) -> None:
    file = words_of(week, "r2", ("喂请讲一下", "早安请讲"))
    other = other_rubric(week, "[您好]", "[早安]")
    done = qc_json(week, "rescore", "r2", "--words", str(file), "--rubric", str(other), *WANG)
    assert (done["total_after"], done["kept"]) == (100, "corrected")
    assert qc_json(week, "show", "r2")["rubric"]["version"] == "2"
    assert qc_json(week, "score", "-p", PERIOD)["scored"] == 0
    assert qc_json(week, "show", "r2")["total"] == 100


def test_a_turn_of_two_voices_is_split(week: Path) -> None:
    file = words_of(week, "r3", ("agent: 你听不懂吗", "agent: 你\n[+] 客户: 听不懂吗"))
    done = qc_json(week, "rescore", "r3", "--words", str(file), *WANG)
    assert [d["criterion"] for d in done["differences"]] == ["taboo"]
    assert done["total_after"] == 100
    (kept,) = qc_json(week, "show", "r3", "--history")["corrections"]
    assert [p["speaker"] for p in kept["edits"][0]["split"]] == ["agent", "customer"]
    # The corrected transcript is the one that an editor shows next.
    assert words_of(week, "r3").read_text("utf-8").count("customer: 听不懂吗") == 1
    assert qc_json(week, "score", "-p", PERIOD)["scored"] == 0


def test_words_corrected_after_publication_that_cost_more_need_a_notice(
    published_week: Path, clock: Clock
) -> None:
    file = words_of(published_week, "r1", ("您好请问", "你听不懂吗"))
    words = ("rescore", "r1", "--words", str(file), *WANG)
    assert "needs a correction notice" in qc(published_week, *words, expect=2).err
    assert qc_json(published_week, "show", "r1", "--history")["corrections"] == []
    qc(published_week, *words, "--notice", "听写有误")
    assert qc_json(published_week, "show", "r1")["total"] == 44.44  # 40 of 90
    assert "听写有误" in (published_week / "report" / PERIOD / "corrections.html").read_text(
        "utf-8"
    )


def test_a_rule_that_would_cost_more_leaves_calls_as_they_are(week: Path) -> None:
    rubric = week / "rubrics" / "mini.yaml"
    rubric.write_text(RUBRIC.replace("[您好]", "[早安]"), "utf-8")
    done = qc_json(week, "rescore", "--criterion", "greeting", "-p", PERIOD, *WANG)
    assert done["changed"] == []
    assert done["same"] == ["r2"]
    # In r4, badly heard, the rule would only hold the finding.
    assert done["worse"] == ["r1", "r3", "r5", "r6"]
    unknown = qc(week, "rescore", "--criterion", "x", "-p", PERIOD, *WANG, expect=2)
    assert "no call of 2026-W46 was judged by a criterion 'x'" in unknown.err
