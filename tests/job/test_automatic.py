"""A criterion earns it, is made automatic, falls and is taken back: at the command line.

Periods of a day each, in which every call is drawn to be listened to.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from qc_pipeline.scoring.listened import is_listened, undecided
from qc_pipeline.scoring.scorecard import scorecard_from_json
from qc_pipeline.scoring.terms_of_scoring import USUAL_TERMS, terms_from_json
from qc_pipeline.workspace.scoring_terms import terms_for
from qc_pipeline.workspace.settings import load_settings
from tests.browsing import NEEDS_BROWSER
from tests.weeks import PEOPLE, SETTINGS, qc, qc_json, record_of, transcript

MODEL, OTHER_MODEL = "1" * 64, "2" * 64
QIAN, WANG = ("--as", "钱经理"), ("--as", "王质检")
RUBRIC = """\
rubric: mini
version: "1"
title: 小标准
language: zh
points: 100
pass_mark: 85
bands:
  - {from: 85, label: 合格}
  - {from: 0, label: 不合格}
sections:
  - id: etiquette
    title: 服务礼仪
    points: 100
    criteria:
      - id: brush-off
        title: 推诿
        points: 4
        match_here
      - id: greeting
        title: 开头规范用语
        points: 96
        confirm: machine
        expect: {said: {by: agent, any: [您好]}}
"""
FIRST = RUBRIC.replace("match_here", "forbid: {said: {by: agent, any: [不归我管, 找别人去]}}")
CHANGED = RUBRIC.replace("match_here", "forbid: {said: {by: agent, any: [不归我管]}}")
RUDE = (("agent", "您好请问有什么可以帮您"), ("customer", "我要查账单"), ("agent", "这个不归我管"))
OTHER = (*RUDE[:2], ("agent", "您找别人去"))
FINE = (*RUDE[:2], ("agent", "稍后给您回电"))
Calls = Mapping[str, tuple[tuple[str, str], ...]]


def make(folder: Path, weeks: Mapping[int, Calls], model: str = MODEL, owed: int = 1000) -> Path:
    """A workspace with the calls of some days of November, each day a period."""
    for name in ("recordings", "rubrics", "heard"):
        (folder / name).mkdir(parents=True)
    (folder / "rubrics" / "mini.yaml").write_text(FIRST, encoding="utf-8")
    review = f"[review]\ncalls_an_agent_a_month = {owed}\n"
    (folder / "qc.toml").write_text(SETTINGS + review + PEOPLE, encoding="utf-8")
    rows = ["recording_id,path,start_time,agent_id,agent_name,team,duration_s"]
    for november, calls in weeks.items():
        for number, (name, lines) in enumerate(calls.items()):
            body = transcript(name, lines, 0.98)
            body["asr"]["model_sha256"] = model
            text = json.dumps(body, ensure_ascii=False)
            (folder / "heard" / f"{name}.json").write_text(text, encoding="utf-8")
            rows.append(
                f"{name},{name}.wav,2026-11-{november:02}T10:{number:02}:00,a1,坐席1,一组,"
                f"{body['duration_s']}"
            )
    (folder / "calls.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    for number in weeks:
        qc(folder, "sample", "-p", day(number))
        score(folder, number)
    return folder


def day(number: int) -> str:
    return f"2026-11-{number:02}..2026-11-{number:02}"


def score(folder: Path, number: int) -> str:
    qc(folder, "transcribe", "-p", day(number), "--from", str(folder / "heard"))
    return qc(folder, "score", "-p", day(number)).err


def decide(folder: Path, number: int, verdicts: Mapping[str, str], **more: Any) -> None:
    """Somebody listened and decided on brush-off in calls, a minute each."""
    lines = [
        {
            "recording_id": name,
            "criterion": "brush-off",
            "verdict": verdict,
            "at": f"2026-11-20T{9 + n // 60:02}:{n % 60:02}:00+08:00",
            "reason": "听过",
            **more,
        }
        for n, (name, verdict) in enumerate(verdicts.items())
    ]
    body = {"format": "qc-decisions/1", "period": day(number), "decisions": lines}
    path = folder / "decisions.json"
    path.write_text(json.dumps(body, ensure_ascii=False), encoding="utf-8")
    qc(folder, "review", "--file", str(path), *WANG)


def rude(prefix: str, count: int) -> Calls:
    return {f"{prefix}{n:02}": RUDE for n in range(count)}


def verdicts(calls: Iterable[str], *wrong: str) -> dict[str, str]:
    return {name: "overturn" if name in wrong else "confirm" for name in calls}


def health(folder: Path) -> Any:
    (found,) = qc_json(folder, "rubric", "health", "mini", "brush-off")
    (criterion,) = found["criteria"]
    return criterion | {"proof": found["proof"]}


def line(folder: Path, recording: str) -> tuple[Any, Any]:
    """The card of a recording, and its line of brush-off."""
    card = scorecard_from_json(qc_json(folder, "show", recording))
    return card, next(c for c in card.criteria() if c.id == "brush-off")


def copy(week: Path, to: Path) -> Path:
    return Path(shutil.copytree(week, to / "week"))


MAKE = ("rubric", "automatic", "mini", "brush-off")


@pytest.fixture(scope="module")
def proved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Thirty findings were heard, three were wrong: proved, and recorded as automatic."""
    calls = rude("a", 30)
    folder = make(tmp_path_factory.mktemp("proved") / "week", {9: calls, 10: rude("b", 12)})
    decide(folder, 9, verdicts([*calls][:29], "a03", "a13", "a23"))
    refused = qc(folder, *MAKE, *QIAN, expect=2).err
    assert "26 of 29 first looks stood" in refused
    assert "1 more" in refused
    decide(folder, 9, {"a29": "confirm"})
    qc(folder, *MAKE, *WANG, expect=2)  # an inspector may not
    assert "可自动 from now on, 27 of 30" in qc(folder, *MAKE, *QIAN).out
    return folder


def test_automatic_deduction_is_nobodys_to_decide_and_costs_what_it_did(
    proved: Path, tmp_path: Path
) -> None:
    folder = copy(proved, tmp_path)
    before, _ = line(folder, "b00")
    assert [c.id for c in undecided(before)] == ["brush-off"]
    score(folder, 10)
    card, criterion = line(folder, "b00")
    assert (criterion.verdict, criterion.automatic, criterion.decided_by) == ("fail", True, "rule")
    assert list(undecided(card)) == []
    assert card.total == before.total
    (identity,) = card.terms["automatic"]
    assert identity.startswith("mini/brush-off@")
    # It is listened once somebody has said that they heard the call, and the finding stood.
    assert not is_listened(card)
    assert health(folder)["looks"]["decided"] == 30
    decide(folder, 10, {"b00": "confirm"}, criterion="greeting")
    assert is_listened(line(folder, "b00")[0])
    looks = health(folder)["looks"]
    assert (looks["stood"], looks["decided"]) == (28, 31)


def test_who_listens_sees_it_filled_in_and_changes_it_only_where_it_is_wrong(
    proved: Path, tmp_path: Path
) -> None:
    folder = copy(proved, tmp_path)
    score(folder, 10)
    calls = qc_json(folder, "review", "-p", day(10))["calls"]
    asked = {(tuple(c["items"]), tuple(c["filled_in"])) for c in calls}
    assert asked == {((), ("brush-off",))}
    # The first as it is, the second was wrong.
    answers = "\n".join(["", "", "o", "1", "没有推诿", "", "q"]) + "\n"
    told = qc(folder, "review", "-p", day(10), "--listen", *WANG, stdin=answers).out
    assert "可自动，已扣分，有误才改" in told
    assert "▶ 推诿 -4" in told
    first, second = (c["recording_id"] for c in calls[:2])
    for recording, lost in ((first, 4), (second, 0)):
        card, criterion = line(folder, recording)
        assert is_listened(card)
        assert criterion.lost == lost
    looks = health(folder)["looks"]
    assert (looks["stood"], looks["decided"]) == (28, 32)


def test_health_says_how_many_calls_and_looks_were_blind(proved: Path, tmp_path: Path) -> None:
    folder = copy(proved, tmp_path)
    told = qc(folder, "rubric", "health").out
    assert "judged blind (盲评): 0 of 30; where what was found is before one's eyes" in told
    score(folder, 10)
    names = [c["recording_id"] for c in qc_json(folder, "review", "-p", day(10))["calls"]]
    # The first as the machine has it, which is automatic and not shown; of the second it was wrong.
    answers = "\n".join(["1", "b", "", "0:10-0:12", "1", "", "", "q"]) + "\n"
    told = qc(folder, "review", "-p", day(10), "--listen", "--blind", "1", *WANG, stdin=answers).out
    assert "可自动" not in told
    assert "推诿：您判符合，机检判不符合" in told
    assert is_listened(line(folder, names[1])[0])
    body = health(folder)
    assert body["proof"]["blind_calls"] == 2
    looks = body["looks"]
    assert (looks["decided"], looks["stood"], looks["blind"], looks["blind_stood"]) == (
        32,
        28,
        2,
        1,
    )
    assert "of the looks 2 were blind, 1 of these stood" in qc(folder, "rubric", "health").out


@NEEDS_BROWSER[0]
@NEEDS_BROWSER[1]
@pytest.mark.slow
def test_page_has_it_filled_in_and_asks_for_nothing(
    browser: Any, proved: Path, tmp_path: Path
) -> None:
    folder = copy(proved, tmp_path)
    score(folder, 10)
    names = [c["recording_id"] for c in qc_json(folder, "review", "-p", day(10))["calls"]]
    page = browser.new_page(accept_downloads=True)
    made = qc_json(folder, "review", "-p", day(10), "--page")["page"]
    page.goto(Path(made).as_uri())
    assert page.locator("article").count() == len(names) == 12
    assert "可自动，已扣分，有误才改" in page.locator("article").first.inner_text()
    page.locator("section.call").nth(0).get_by_role("button", name="整通已听，无补充").click()
    wrong = page.locator("section.call").nth(1)
    wrong.get_by_role("button", name="误判").click()
    wrong.locator("article input.reason").fill("没有推诿")
    wrong.get_by_role("button", name="整通已听，无补充").click()
    page.locator("#person").fill("王质检")
    with page.expect_download() as coming:
        page.locator("#download").click()
    file = tmp_path / "decisions.json"
    coming.value.save_as(file)
    qc(folder, "review", "--file", str(file))
    for recording, lost in ((names[0], 4), (names[1], 0)):
        card, criterion = line(folder, recording)
        assert is_listened(card)
        assert criterion.lost == lost


def test_health_and_coverage_tell_the_same_of_it(proved: Path) -> None:
    body = health(proved)
    assert (body["standing"], body["failed"], body["right"], body["wrong"]) == (
        "automatic",
        42,
        27,
        3,
    )
    assert body["automatic"]["person"] == "钱经理"
    assert body["wordings"] == [{"phrase": "不归我管", "stood": 27, "fell": 3}]
    assert body["never_heard"] == ["找别人去"]
    assert body["proof"]["model_sha256"] == MODEL
    for told in (qc(proved, "rubric", "health"), qc(proved, "rubric", "coverage", "-p", day(9))):
        assert "可自动, in force: brush-off" in told.out
        assert "never heard (1 of 2): 找别人去" in told.out
    assert "人工确认项" in qc(proved, "rubric", "health", "mini", "greeting").out


def test_what_is_a_persons_is_refused_and_so_is_a_name_that_is_not_there(proved: Path) -> None:
    told = qc(proved, "rubric", "automatic", "mini", "greeting", *QIAN, expect=2).err
    assert "人工确认项" in told
    assert (
        "did you mean" in qc(proved, "rubric", "automatic", "mini", "greetin", *QIAN, expect=2).err
    )
    assert "allowed: mini" in qc(proved, "rubric", "health", "maxi", expect=2).err


def test_below_85_percent_it_goes_back_and_scoring_says_so(proved: Path, tmp_path: Path) -> None:
    folder = copy(proved, tmp_path)
    score(folder, 10)
    # 27 of 30, then two that did not stand: 27 of 32 are 84.4 %.
    decide(folder, 10, {"b00": "overturn", "b01": "overturn"})
    assert "推诿 (mini brush-off) is automatic no more (待验证)" in score(folder, 10)
    card, criterion = line(folder, "b02")
    assert (criterion.automatic, "automatic" in card.terms) == (False, False)
    assert [c.id for c in undecided(card)] == ["brush-off"]
    body = health(folder)
    assert (body["standing"], body["automatic"], body["looks"]["relapses"]) == ("unproven", None, 1)
    told = qc(folder, *MAKE, *QIAN, expect=2).err
    assert "after 1 relapses; 27 of 30 are asked for, 30 more" in told
    assert "automatic no more" not in score(folder, 10)  # told once
    assert "automatic.fell" in qc(folder, "audit").out


def test_what_looks_refuted_is_stopped_and_only_asks_from_then_on(tmp_path: Path) -> None:
    folder = make(tmp_path / "week", {9: rude("a", 10), 10: rude("b", 2)})
    decide(folder, 9, verdicts([f"a{n:02}" for n in range(9)], "a01", "a04", "a08"))
    assert "停用" not in score(folder, 10)
    before, criterion = line(folder, "b00")
    assert (criterion.verdict, criterion.lost) == ("fail", 4)
    decide(folder, 9, {"a09": "overturn"})
    assert "推诿 (mini brush-off) is stopped (停用)" in score(folder, 10)
    card, criterion = line(folder, "b00")
    assert (criterion.verdict, criterion.lost, criterion.stake) == ("held", 0, 4)
    assert criterion.reason.startswith("停用，先改规则：")
    assert (card.total, before.total) == (100, 96)
    (identity,) = card.terms["stopped"]
    assert terms_from_json(card.terms).stopped == {identity}
    assert [c.id for c in undecided(card)] == ["brush-off"]  # a person decides it as before
    decide(folder, 10, {"b00": "confirm"})
    assert line(folder, "b00")[0].total == 96
    assert "停用" not in score(folder, 10)  # told once
    assert health(folder)["standing"] == "stopped"
    assert "automatic.stopped" in qc(folder, "audit").out
    # Another list that finds the same on the same evidence is refuted with it.
    changed = FIRST.replace("不归我管, 找别人去", "这个不归我管")
    (folder / "rubrics" / "mini.yaml").write_text(changed, encoding="utf-8")
    score(folder, 10)
    assert line(folder, "b01")[1].verdict == "held"


def test_somebody_takes_it_back_with_a_reason(proved: Path, tmp_path: Path) -> None:
    folder = copy(proved, tmp_path)
    qc(folder, *MAKE, "--off", *QIAN, expect=2)
    qc(folder, *MAKE, "--off", "--reason", "新规", *WANG, expect=2)
    qc(folder, *MAKE, "--off", "--reason", "新规", *QIAN)
    score(folder, 10)
    assert not line(folder, "b00")[1].automatic
    assert health(folder)["standing"] == "automatic"  # earned still
    assert (
        "nothing to take back"
        in qc(folder, *MAKE, "--off", "--reason", "再来", *QIAN, expect=2).err
    )
    qc(folder, *MAKE, *QIAN)
    score(folder, 10)
    assert line(folder, "b00")[1].automatic


def test_published_card_keeps_what_was_automatic_then(proved: Path, tmp_path: Path) -> None:
    folder = copy(proved, tmp_path)
    score(folder, 10)
    qc(folder, "publish", day(10), *QIAN)
    qc(folder, *MAKE, "--off", "--reason", "新规", *QIAN)
    before, _ = line(folder, "b05")
    qc(folder, "review", "b05", "greeting", "--not-applicable", "--reason", "转接来的", *WANG)
    card, criterion = line(folder, "b05")
    assert card.parent == before.sha256()
    assert (criterion.automatic, criterion.decided_by) == (True, "rule")
    assert card.terms["automatic"] == before.terms["automatic"] != []


def test_changed_list_carries_what_it_still_finds_and_asks_for_ten_new_ones(
    proved: Path, tmp_path: Path
) -> None:
    folder = copy(proved, tmp_path)
    path = folder / "rubrics" / "mini.yaml"
    path.write_text(CHANGED, encoding="utf-8")
    assert "automatic no more" not in score(folder, 10)
    assert not line(folder, "b00")[1].automatic  # another list has to earn it
    body = health(folder)
    assert (body["standing"], body["looks"]) == (
        "unproven",
        {
            "decided": 20,  # the last twenty of thirty
            "stood": 18,
            "wanted": 10,
            "failed": False,
            "relapses": 0,
            "of_former_lists": 30,
            "no_more_found": 0,
            "blind": 0,
            "blind_stood": 0,
        },
    )
    decide(folder, 10, verdicts(f"b{n:02}" for n in range(10)))
    assert "28 of 30" in qc(folder, *MAKE, *QIAN).out
    # A list that finds none of it any more carries nothing.
    path.write_text(FIRST.replace("不归我管, 找别人去", "随便你"), encoding="utf-8")
    looks = health(folder)["looks"]
    assert (looks["decided"], looks["of_former_lists"], looks["no_more_found"]) == (0, 0, 40)


def test_another_model_starts_anew(proved: Path, tmp_path: Path) -> None:
    folder = copy(proved, tmp_path)
    with record_of(folder) as record:
        assert terms_for(load_settings(folder), record, MODEL).usual.automatic
        assert not terms_for(load_settings(folder), record, OTHER_MODEL).usual.automatic
    other = make(tmp_path / "other", {9: rude("a", 2)}, OTHER_MODEL)
    decide(other, 9, verdicts(rude("a", 2)))
    assert health(other)["proof"]["model_sha256"] == OTHER_MODEL
    for name in ("b00", "b01"):
        heard = folder / "heard" / f"{name}.json"
        heard.write_text(heard.read_text("utf-8").replace(MODEL, OTHER_MODEL), encoding="utf-8")
    score(folder, 10)
    decide(folder, 10, {"b00": "confirm"})
    found = health(folder)
    assert found["proof"]["model_sha256"] == OTHER_MODEL
    assert found["proof"]["by_another_model_or_engine"] == 30
    assert found["looks"]["decided"] == 1


def test_misses_are_told_beside_the_passes_that_were_listened_to(tmp_path: Path) -> None:
    folder = make(tmp_path / "week", {9: {"r0": RUDE, "f0": FINE, "f1": FINE, "f2": FINE}})
    decide(folder, 9, {"r0": "confirm"})
    decide(folder, 9, {"f0": "deduct"}, points=2.0, place_s=[1.0, 2.0])
    decide(folder, 9, {"f1": "confirm"}, criterion="greeting")
    body = health(folder)
    # f2 was not listened to.
    assert (body["missed"], body["passes_listened_to"], body["faults_known"]) == (1, 1, 2)
    assert "missed 1 of 2 faults known (漏检率 50%)" in qc(folder, "rubric", "health").out


def test_only_a_first_look_in_review_counts(tmp_path: Path) -> None:
    folder = make(tmp_path / "week", {9: rude("a", 3)})
    decide(folder, 9, {"a00": "overturn"})
    decide(folder, 9, {"a00": "confirm"})  # thought better of
    decide(folder, 9, {"a01": "invalid"})  # cannot be heard: neither
    looks = health(folder)["looks"]
    assert (looks["stood"], looks["decided"]) == (0, 1)


def test_looks_count_in_the_order_of_listening_and_not_of_the_calls(tmp_path: Path) -> None:
    folder = make(tmp_path / "week", {9: rude("a", 20), 10: rude("b", 24)})
    decide(folder, 10, verdicts(rude("b", 24), "b03", "b13", "b23"))
    decide(folder, 9, verdicts(list(rude("a", 20))[10:16]))
    assert health(folder)["standing"] == "automatic"
    # Of the calls of the day before, heard only now, one was wrong: the first thirty stay.
    decide(folder, 9, {"a00": "overturn"})
    body = health(folder)
    assert (body["standing"], body["looks"]["stood"], body["looks"]["decided"]) == (
        "automatic",
        27,
        31,
    )


def test_calls_that_were_not_drawn_at_random_prove_nothing(tmp_path: Path) -> None:
    folder = make(tmp_path / "week", {9: rude("a", 6)}, owed=90)
    picks = qc_json(folder, "sample", "-p", day(9))["picks"]
    random = sum(p["relisten_part"] == "random" for p in picks)
    assert 0 < random < 6
    decide(folder, 9, verdicts(rude("a", 6)))
    body = health(folder)
    assert (body["proof"]["listened_calls"], body["looks"]["decided"]) == (random, random)


def test_terms_without_automatic_are_as_they_were() -> None:
    assert "automatic" not in USUAL_TERMS.as_json()
    some = replace(USUAL_TERMS, automatic=frozenset({"b@2", "a@1"}))
    assert some.as_json()["automatic"] == ["a@1", "b@2"]
    assert terms_from_json(some.as_json()) == some
    assert terms_from_json(USUAL_TERMS.as_json()) == USUAL_TERMS
