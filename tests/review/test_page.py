"""The review page as a reviewer uses it: opened from disk, in a real browser, without a network."""

from __future__ import annotations

import json
import wave
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.browsing import NEEDS_BROWSER
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


def test_decisions_made_on_the_page_are_taken_in(
    browser: Any, week: Path, page_of_week: Path, tmp_path: Path
) -> None:
    page, wrong = opened(browser, page_of_week)
    assert page.locator("article").count() == 9
    assert page.locator("article h2").first.inner_text() == "-100 辱骂客户"
    assert "已处理 0 / 9" in page.locator("#progress").inner_text()
    assert "J 下一条" in page.locator("header").inner_text()
    page.fill("#person", "王质检")

    abuse = item(page, "r6", "abuse")
    assert "神经病" in abuse.locator(".evidence").inner_text()
    # From 5 s before the word (8.25 s) to 5 s after: 3.25 to 14 s, and what MP3 adds at its ends.
    length = abuse.locator("audio").evaluate(
        "a => new Promise(done => { a.onloadedmetadata = () => done(a.duration); a.load(); })"
    )
    assert length == pytest.approx(10.75, abs=0.25)
    abuse.get_by_role("button", name="确认").click()

    taboo = item(page, "r4", "taboo")
    taboo.get_by_role("button", name="不成立").click()
    assert "请选原因分类或填写理由" in taboo.inner_text()
    assert "已处理 1 / 9" in page.locator("#progress").inner_text()
    taboo.locator("select").select_option("recogniser")

    tone = item(page, "r1", "tone")
    tone.get_by_role("button", name="改扣分").click()
    tone.locator("input.points").fill("99")
    assert "请填 0 到 10 的扣分" in tone.inner_text()
    tone.locator("input.points").fill("4")
    tone.locator("input.reason").fill("语气生硬 <b>")
    tone.locator("input.reason").press("Tab")
    assert "已处理 3 / 9" in page.locator("#progress").inner_text()

    with page.expect_download() as download:
        page.click("#download")
    file = tmp_path / "decisions.json"
    download.value.save_as(file)
    assert wrong == []

    assert "kept 3" in qc(week, "review", "--file", str(file)).out
    assert qc_json(week, "show", "r6")["total"] == 0
    assert qc_json(week, "show", "r4")["total"] == 100
    assert qc_json(week, "show", "r1")["total"] == 96
    (kept,) = qc_json(week, "show", "r1", "--history")["decisions"]
    assert (kept["person"], kept["reason"], kept["points"]) == ("王质检", "语气生硬 <b>", 4)
    assert "kept 0, known already 3" in qc(week, "review", "--file", str(file)).out


def test_an_invalid_recording_takes_all_its_items_out(
    browser: Any, week: Path, page_of_week: Path, tmp_path: Path
) -> None:
    page, wrong = opened(browser, page_of_week)
    tone, taboo = item(page, "r4", "tone"), item(page, "r4", "taboo")
    tone.get_by_role("button", name="确认").click()
    taboo.get_by_role("button", name="录音无效").click()
    assert "已处理 1 / 9" in page.locator("#progress").inner_text()  # no reason yet
    taboo.locator("select").select_option("system")
    assert "已处理 2 / 9" in page.locator("#progress").inner_text()
    assert "整条录音已判为无效" in tone.inner_text()
    with page.expect_download() as download:
        page.click("#download")
    file = tmp_path / "decisions.json"
    download.value.save_as(file)
    assert wrong == []
    (line,) = json.loads(file.read_text("utf-8"))["decisions"]
    assert (line["recording_id"], line["criterion"], line["verdict"]) == ("r4", None, "invalid")
    qc(week, "review", "--file", str(file), "--as", "wang")
    assert qc_json(week, "show", "r4")["total"] is None


def test_the_page_is_worked_by_keys_and_remembers_after_closing(
    browser: Any, page_of_week: Path
) -> None:
    page, wrong = opened(browser, page_of_week)
    page.locator("article").first.focus()
    page.keyboard.press("c")
    page.keyboard.press("j")
    page.keyboard.press("c")
    assert "已处理 2 / 9" in page.locator("#progress").inner_text()
    page.keyboard.press("c")  # again: taken back
    assert "已处理 1 / 9" in page.locator("#progress").inner_text()
    page.reload()
    assert "已处理 1 / 9" in page.locator("#progress").inner_text()
    assert wrong == []


def test_hostile_words_of_a_call_stay_words(browser: Any, week: Path, tmp_path: Path) -> None:
    hostile = "</script><img src=x onerror=document.title='taken'>神经病"
    body = json.loads((week / "heard" / "r6.json").read_text("utf-8"))
    body["turns"][2]["text"] = hostile
    (week / "heard" / "r6.json").write_text(json.dumps(body, ensure_ascii=False), "utf-8")
    qc(week, "transcribe", "-p", PERIOD, "--from", str(week / "heard" / "r6.json"))
    qc(week, "score", "-p", PERIOD)
    page, wrong = opened(browser, Path(qc_json(week, "review", "--page")["page"]))
    assert page.title() == f"人工复核 {PERIOD}"
    assert "<img src=x" in item(page, "r6", "abuse").inner_text()
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
    lines = item(page, "r6", "abuse").locator(".turns li")
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
