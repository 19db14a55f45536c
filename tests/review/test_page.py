"""The review page as a reviewer uses it: opened from disk, in a real browser, without a network."""

from __future__ import annotations

import json
import time
import wave
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from qc_pipeline.scoring.listened import is_listened
from qc_pipeline.scoring.scorecard import scorecard_from_json
from tests.browsing import NEEDS_BROWSER, wait_until
from tests.weeks import PERIOD, qc, qc_json

pytestmark = [*NEEDS_BROWSER, pytest.mark.slow]


def record_sound(path: Path, seconds: float) -> None:
    """Two channels of 8 kHz: a tone that climbs, so that every second sounds different."""
    at = np.arange(int(8000 * seconds)) / 8000
    tone = (8000 * np.sin(2 * np.pi * (200 + 20 * at) * at)).astype("<i2")
    with wave.open(str(path), "wb") as out:
        out.setnchannels(2)
        out.setsampwidth(2)
        out.setframerate(8000)
        out.writeframes(np.column_stack([tone, tone]).tobytes())


@pytest.fixture
def page_of_week(week: Path) -> Path:
    for recording in ("r4", "r6"):
        record_sound(week / "recordings" / f"{recording}.wav", 20)
    return Path(qc_json(week, "review", "--page")["page"])


def opened(browser: Any, path: Path) -> tuple[Any, list[str]]:
    """The page, and what went wrong on it or wanted to leave the disk."""
    context = browser.new_context(accept_downloads=True)
    page = context.new_page()
    wrong: list[str] = []
    page.on("console", lambda m: wrong.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda e: wrong.append(str(e)))
    page.on(
        "request",
        lambda r: None if r.url.startswith(("file:", "blob:")) else wrong.append(r.url),
    )
    page.goto(path.as_uri())
    return page, wrong


def item(page: Any, recording: str, criterion: str) -> Any:
    return page.locator("article", has_text=f"{recording} ·").filter(has_text=f"· {criterion}")


def calls_of(page: Any) -> list[str]:
    return [t.split()[0] for t in page.locator("section.call h2.call-head").all_inner_texts()]


def progress(page: Any) -> str:
    return str(page.locator("#progress").inner_text())


def downloaded(page: Any, tmp_path: Path) -> Path:
    with page.expect_download() as download:
        page.click("#download")
    file = tmp_path / "decisions.json"
    download.value.save_as(file)
    return file


def decide_all(page: Any, call: Any) -> None:
    """Everything in a call: findings stand, items by hand are fulfilled."""
    for box in call.locator("article").all():
        if box.get_by_role("button", name="符合", exact=True).count():
            box.get_by_role("button", name="符合", exact=True).click()
        else:
            button = box.get_by_role("button", name="扣分属实")
            if button.get_attribute("aria-pressed") != "true":
                button.click()
            box.get_by_label("根因").select_option("attitude")


def test_whole_calls_are_listened_to_and_the_rest_stands_behind(
    browser: Any, week: Path, page_of_week: Path, tmp_path: Path
) -> None:
    queue = qc_json(week, "review")
    page, wrong = opened(browser, page_of_week)
    names = [c["recording_id"] for c in queue["calls"]]
    assert calls_of(page) == names
    rest = [i for i in queue["items"] if i["recording_id"] not in names]
    items = sum(len(c["items"]) for c in queue["calls"]) + len(rest)
    assert page.locator("article").count() == items
    assert f"已复听 0 / {len(names)} 通，已处理 0 / {items} 项" in progress(page)
    assert "J 下一条" in page.locator("header").inner_text()
    assert ("未复听，不扣分" in page.locator("main").inner_text()) is bool(rest)
    page.fill("#person", "王质检")

    call = page.locator("section.call").first
    assert "红线" in call.locator(".facts").first.inner_text()
    assert "▶ 辱骂客户" in call.locator(".evidence").inner_text()
    length = call.locator("audio").evaluate(
        "a => new Promise(done => { a.onloadedmetadata = () => done(a.duration); a.load(); })"
    )
    assert length == pytest.approx(20, abs=4)  # the whole call
    abuse = item(page, "r6", "abuse")
    abuse.get_by_role("button", name="扣分属实").click()
    assert "请选根因" in abuse.inner_text()
    decide_all(page, call)
    assert f"已复听 1 / {len(names)} 通" in progress(page)
    assert "✔ 已复听" in call.inner_text()
    file = downloaded(page, tmp_path)
    assert wrong == []
    qc(week, "review", "--file", str(file))
    assert qc_json(week, "show", "r6")["total"] == 0
    assert is_listened(scorecard_from_json(qc_json(week, "show", "r6")))
    assert "r6" not in [c["recording_id"] for c in qc_json(week, "review")["calls"]]
    kept = qc_json(week, "show", "r6", "--history")["decisions"]
    assert {d["person"] for d in kept} == {"王质检"}
    assert "attitude" in {d.get("root") for d in kept}
    assert "kept 0" in qc(week, "review", "--file", str(file)).out


def test_points_reasons_and_causes_are_asked_for(
    browser: Any, week: Path, page_of_week: Path, tmp_path: Path
) -> None:
    page, wrong = opened(browser, page_of_week)
    tone = item(page, "r6", "tone")
    tone.get_by_role("button", name="不符合").click()
    assert tone.locator("input.points").input_value() == "10"
    tone.locator("input.points").fill("99")
    assert "请填 0 到 10 的扣分" in tone.inner_text()
    tone.locator("input.points").fill("4")
    assert "请选根因" in tone.inner_text()
    tone.get_by_label("根因").select_option("skill")
    tone.locator("input.reason").fill("语气生硬 <b>")
    tone.locator("input.reason").press("Tab")
    abuse = item(page, "r6", "abuse")
    abuse.get_by_role("button", name="误判").click()
    assert "请选原因分类或填写理由" in abuse.inner_text()
    abuse.get_by_label("原因分类").select_option("recogniser")
    page.fill("#person", "wang")
    file = downloaded(page, tmp_path)
    assert wrong == []
    assert "kept 2" in qc(week, "review", "--file", str(file)).out
    kept = {d["criterion"]: d for d in qc_json(week, "show", "r6", "--history")["decisions"]}
    assert (kept["tone"]["reason"], kept["tone"]["points"]) == ("语气生硬 <b>", 4)
    assert (kept["tone"]["root"], kept["abuse"]["cause"]) == ("skill", "recogniser")


def test_deduction_is_added_where_it_is_heard(
    browser: Any, week: Path, page_of_week: Path, tmp_path: Path
) -> None:
    page, wrong = opened(browser, page_of_week)
    call = page.locator("section.call").first
    call.get_by_text("补扣一项").click()
    box = call.locator("details.adding")
    box.get_by_role("button", name="补扣", exact=True).click()
    assert "请选一项" in box.inner_text()
    box.get_by_label("补扣哪一项").select_option("taboo")
    assert box.get_by_label("扣分").input_value() == "30"
    box.get_by_label("扣分").fill("10")
    box.get_by_label("位置").fill("0:03-0:04.5")
    box.get_by_label("根因").select_option("attitude")
    box.locator("input.reason").fill("嘲讽")
    box.get_by_role("button", name="补扣", exact=True).click()
    assert "-10 服务禁语" in box.inner_text()
    file = downloaded(page, tmp_path)
    assert wrong == []
    qc(week, "review", "--file", str(file), "--as", "wang")
    found = {c.id: c for c in scorecard_from_json(qc_json(week, "show", "r6")).criteria()}["taboo"]
    assert (found.verdict, found.lost, found.evidence[0].start_s) == ("fail", 10, 3.0)


def test_an_invalid_recording_takes_the_whole_call_out(
    browser: Any, week: Path, page_of_week: Path, tmp_path: Path
) -> None:
    page, wrong = opened(browser, page_of_week)
    call = page.locator("section.call").first
    item(page, "r6", "tone").get_by_role("button", name="符合", exact=True).click()
    call.get_by_label("整通录音无效…").select_option("wrong_number")
    assert "整条录音已判为无效" in item(page, "r6", "tone").inner_text()
    assert "已复听 1 /" in progress(page)
    file = downloaded(page, tmp_path)
    assert wrong == []
    (line,) = json.loads(file.read_text("utf-8"))["decisions"]
    assert (line["recording_id"], line["criterion"], line["verdict"]) == ("r6", None, "invalid")
    qc(week, "review", "--file", str(file), "--as", "wang")
    assert qc_json(week, "show", "r6")["total"] is None


def test_the_page_is_worked_by_keys_and_remembers_after_closing(
    browser: Any, page_of_week: Path
) -> None:
    page, wrong = opened(browser, page_of_week)
    count = "document.querySelectorAll('button[aria-pressed=true]').length"
    speeds = page.evaluate(count)
    page.locator("article").first.focus()
    page.keyboard.press("f")
    page.keyboard.press("j")
    assert page.evaluate(count) == speeds + 1
    page.keyboard.press("k")
    page.keyboard.press("f")  # again: taken back
    assert page.evaluate(count) == speeds
    page.keyboard.press("f")
    page.keyboard.press("3")
    page.reload()
    assert page.evaluate(count) == speeds + 1
    assert (
        page.locator("section.call")
        .first.get_by_role("button", name="2×")
        .get_attribute("aria-pressed")
        == "true"
    )
    assert wrong == []


def test_sound_plays_from_the_place_at_the_speed_and_skips_silence(
    browser: Any, page_of_week: Path
) -> None:
    page, wrong = opened(browser, page_of_week)
    call = page.locator("section.call").first
    call.get_by_role("button", name="2×").click()
    item(page, "r6", "abuse").get_by_role("button", name="▶ 从").click()
    wait_until(page, "document.querySelector('section.call audio').currentTime > 5")
    assert call.locator("audio").evaluate("a => a.playbackRate") == 2
    quiet = page.evaluate("JSON.parse(document.getElementById('data').textContent).calls[0].quiet")
    start, end = quiet[-1]
    call.locator("audio").evaluate(f"a => {{ a.currentTime = {start}; a.play(); }}")
    # The quiet stretch is skipped, not played: three seconds, not its length.
    reached = f"document.querySelector('section.call audio').currentTime >= {min(end, 19) - 0.5}"
    before = time.monotonic()
    wait_until(page, reached)
    assert time.monotonic() - before < 3
    assert wrong == []


def test_call_in_which_nothing_waits_is_listened_by_a_click(
    browser: Any, week: Path, tmp_path: Path
) -> None:
    rubric = week / "rubrics" / "mini.yaml"
    by_rule = "expect: {said: {by: agent, any: [您好]}}"
    text = rubric.read_text("utf-8").replace("manual: true", by_rule).replace('"1"', '"2"', 1)
    rubric.write_text(text, "utf-8")
    qc(week, "score", "-p", PERIOD)
    clean = [c["recording_id"] for c in qc_json(week, "review")["calls"] if not c["items"]]
    page, wrong = opened(browser, Path(qc_json(week, "review", "--page")["page"]))
    buttons = page.get_by_role("button", name="整通已听，无补充")
    assert buttons.count() == len(clean) > 0
    for button in buttons.all():
        button.click()
    assert f"已复听 {len(clean)} /" in progress(page)
    file = downloaded(page, tmp_path)
    qc(week, "review", "--file", str(file), "--as", "wang")
    for name in clean:
        assert is_listened(scorecard_from_json(qc_json(week, "show", name)))
    assert wrong == []


def test_page_of_a_person_takes_the_calls(browser: Any, week: Path) -> None:
    made = qc_json(week, "review", "--page", "--minutes", "3", "--as", "wang")
    assert len(made["calls"]) == 1
    page, wrong = opened(browser, Path(made["page"]))
    assert page.locator("#person").input_value() == "王质检"
    assert calls_of(page) == made["calls"]
    other = qc_json(week, "review", "--page", "--minutes", "3", "--as", "qian")
    assert not set(other["calls"]) & set(made["calls"])
    assert wrong == []


def test_hostile_words_of_a_call_stay_words(browser: Any, week: Path, tmp_path: Path) -> None:
    hostile = "</script><img src=x onerror=document.title='taken'>神经病"
    body = json.loads((week / "heard" / "r6.json").read_text("utf-8"))
    body["turns"][2]["text"] = hostile
    (week / "heard" / "r6.json").write_text(json.dumps(body, ensure_ascii=False), "utf-8")
    qc(week, "transcribe", "-p", PERIOD, "--from", str(week / "heard" / "r6.json"))
    qc(week, "score", "-p", PERIOD)
    page, wrong = opened(browser, Path(qc_json(week, "review", "--page")["page"]))
    assert page.title() == f"人工复听 {PERIOD}"
    assert "<img src=x" in page.locator("section.call").first.inner_text()
    assert wrong == []


def test_where_nothing_was_heard_stands_between_the_turns(browser: Any, week: Path) -> None:
    """The customer's second half of a sentence, after her turn and before the agent's next."""
    body = json.loads((week / "heard" / "r6.json").read_text("utf-8"))
    start_s, end_s = body["turns"][1]["end_s"], body["turns"][2]["start_s"]
    middle_s = round((start_s + end_s) / 2, 2)
    body["unheard"] = {"agent": [], "customer": [[middle_s, middle_s + 2, "loop"]]}
    (week / "heard" / "r6.json").write_text(json.dumps(body, ensure_ascii=False), "utf-8")
    qc(week, "transcribe", "-p", PERIOD, "--from", str(week / "heard" / "r6.json"))
    qc(week, "score", "-p", PERIOD)
    page, wrong = opened(browser, Path(qc_json(week, "review", "--page")["page"]))
    lines = page.locator("section.call").first.locator(".turns li")
    said = lines.all_inner_texts()
    place = next(n for n, text in enumerate(said) if "没听清" in text)
    assert said[place].endswith("客户 （没听清：识别器重复循环，已删去，2.0 秒）")
    assert "快点" in said[place - 1] and "神经病" in said[place + 1]
    assert lines.nth(place).get_attribute("class") == "unheard"
    assert wrong == []


def test_a_folder_with_other_files_is_not_replaced(week: Path, tmp_path: Path) -> None:
    other = tmp_path / "mine"
    other.mkdir()
    (other / "letter.txt").write_text("mine", "utf-8")
    refused = qc(week, "review", "--page", "--out", str(other), expect=2).err
    assert "holds other files" in refused
    assert (other / "letter.txt").read_text("utf-8") == "mine"
