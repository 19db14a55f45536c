"""One evening of listening, 26 calls: at the terminal, and on one load of the page by keyboard."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from qc_pipeline.scoring.listened import is_listened
from qc_pipeline.scoring.scorecard import scorecard_from_json
from tests.browsing import NEEDS_BROWSER
from tests.review.test_decide import WANG
from tests.weeks import CALLS, PERIOD, make_week, qc, qc_json

BY_HAND = ("manual", "unheard", "unscorable")
MORE = {f"m{n:02}": CALLS[f"r{n % 5 + 1}"] for n in range(20)}


@pytest.fixture
def evening(tmp_path: Path) -> Path:
    folder = make_week(tmp_path / "week", more=MORE)
    assert len(waiting(folder)) == 26
    return folder


def waiting(folder: Path) -> list[Any]:
    calls: list[Any] = qc_json(folder, "review")["calls"]
    return calls


def assert_all_listened(folder: Path, calls: list[Any]) -> None:
    assert waiting(folder) == []
    for call in calls:
        card = scorecard_from_json(qc_json(folder, "show", call["recording_id"]))
        assert is_listened(card)
        assert {c.decided_by for c in card.criteria() if c.id in call["items"]} == {"person"}


def test_at_the_terminal(evening: Path) -> None:
    calls = waiting(evening)
    answers: list[str] = []
    for call in calls:
        for kind in call["kinds"]:
            answers += ["f"] if kind in BY_HAND else ["c", "3", ""]
        answers.append("")
    text = "\n".join(answers)
    told = qc(evening, "review", "--listen", *WANG, stdin=text + "\n").out
    assert told.count(" 已复听") == 26
    assert "约 26 通（共 26 通待听）" in told
    assert "kept" not in told
    assert "before you" not in told
    assert_all_listened(evening, calls)


@NEEDS_BROWSER[0]
@NEEDS_BROWSER[1]
@pytest.mark.slow
def test_by_keyboard_on_one_load_of_the_page(browser: Any, evening: Path) -> None:
    calls = waiting(evening)
    made = Path(qc_json(evening, "review", "--page", *WANG)["page"])
    page = browser.new_page(accept_downloads=True)
    loads: list[str] = []
    page.on("load", lambda _: loads.append("load"))
    page.on("framenavigated", lambda frame: loads.append(frame.url))
    page.goto(made.as_uri())
    page.locator("article").first.focus()
    kinds = [kind for call in calls for kind in call["kinds"]]
    for number, kind in enumerate(kinds):
        if number:
            page.keyboard.press("j")
        page.keyboard.press("f" if kind in BY_HAND else "c")
        if kind not in BY_HAND:
            choose_root(page)
    assert "已复听 26 / 26 通" in page.locator("#progress").inner_text()
    with page.expect_download() as coming:
        tab_to(page, lambda: focused(page)["id"] == "download", back=True)
        page.keyboard.press("Enter")
    assert loads == [made.as_uri(), "load"]
    path = evening / "decisions.json"
    coming.value.save_as(path)
    assert json.loads(path.read_text(encoding="utf-8"))["period"] == PERIOD
    qc(evening, "review", "--file", str(path), *WANG)
    assert_all_listened(evening, calls)


def focused(page: Any) -> dict[str, str]:
    found: dict[str, str] = page.evaluate(
        "() => ({id: document.activeElement.id, label: document.activeElement.ariaLabel || '',"
        " key: document.activeElement.dataset.key || ''})"
    )
    return found


def tab_to(page: Any, is_there: Any, *, back: bool = False) -> None:
    for _ in range(2000):
        if is_there():
            return
        page.keyboard.press("Shift+Tab" if back else "Tab")
    raise AssertionError("nothing there by keyboard")


def choose_root(page: Any) -> None:
    """What lies behind, by keyboard, and back to the item."""
    key = focused(page)["key"]
    tab_to(page, lambda: focused(page)["label"] == "根因")
    page.keyboard.press("ArrowDown")
    tab_to(page, lambda: focused(page)["key"] == key, back=True)
