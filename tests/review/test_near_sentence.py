"""这句话算不算: a sentence that is nearly worded as asked, settled and taken into the list."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from qc_pipeline.review.near_sentence import proposed_text
from qc_pipeline.scoring.rubric.files import read_rubric
from tests.browsing import NEEDS_BROWSER
from tests.review.test_decide import WANG, verdict
from tests.weeks import PERIOD, RUBRIC, SETTINGS, make_week, qc, qc_json

OFFER = RUBRIC.replace(
    "      - id: tone\n        title: 语气\n        points: 10\n",
    """\
      - id: offer
        title: 询问其他需求
        points: 5
        expect: {said: {by: agent, any: [您还有什么其他问题需要帮助]}}   # 常用
      - id: tone
        title: 语气
        points: 5
""",
)
SAID = "您还有什么其他需要吗"
FINE = (("agent", "您好请问有什么可以帮您"), ("customer", "我要查账单"), ("agent", "稍后给您回电"))
NEAR = (*FINE, ("agent", SAID))


@pytest.fixture
def near(tmp_path: Path) -> Path:
    folder = make_week(tmp_path / "week", rubric=OFFER, more={"n1": NEAR, "n2": NEAR, "n3": NEAR})
    assert verdict(folder, "n1", "offer")[0] == "held"
    return folder


def rubric_file(folder: Path) -> Path:
    return folder / "rubrics" / "mini.yaml"


def test_for_this_call_alone_it_counts_and_the_list_stays(near: Path) -> None:
    before = rubric_file(near).read_bytes()
    told = qc(near, "review", "n1", "--listen", *WANG, stdin="b\nf\n\n\n").out
    assert f"这句话“{SAID}”算不算“您还有什么其他问题需要帮助”？" in told
    assert verdict(near, "n1", "offer") == ("pass", 0, "person")
    assert rubric_file(near).read_bytes() == before
    (first, *_) = qc_json(near, "show", "n1", "--history")["decisions"]
    assert (first["verdict"], first["cause"]) == ("overturn", "rule")
    assert first["reason"] == f"“{SAID}”算“您还有什么其他问题需要帮助”"


def test_it_does_not_count_and_costs_what_it_says(near: Path) -> None:
    qc(near, "review", "n1", "--listen", *WANG, stdin="n\n2\nf\n\n\n")
    assert verdict(near, "n1", "offer") == ("fail", 5, "person")


def test_from_now_on_it_counts_once_its_effect_was_seen(near: Path) -> None:
    before = rubric_file(near).read_text(encoding="utf-8")
    # Not written, as nobody said so: asked again, and left for later.
    told = qc(near, "review", "n1", "--listen", *WANG, stdin="a\n\nn\ns\nf\n\n\n").out
    assert "未写入" in told
    assert verdict(near, "n1", "offer")[0] == "held"
    wording = "您还有…其他需要"
    told = qc(near, "review", "n2", "--listen", *WANG, stdin=f"a\n{wording}\ny\nf\n\n\n").out
    assert f"{PERIOD}：9 通中，询问其他需求 未做到 5 → 5 通，存疑 4 → 1 通；等级变化 0 通" in told
    after = rubric_file(near).read_text(encoding="utf-8")
    assert after == before.replace("需要帮助]", f'需要帮助, "{wording}"]')
    assert verdict(near, "n2", "offer") == ("pass", 0, "person")
    assert "rubric.wording" in qc(near, "audit").out
    read_rubric(rubric_file(near))


def test_command_writes_a_wording_and_refuses_what_is_none(near: Path) -> None:
    before = rubric_file(near).read_bytes()
    command = ("rubric", "wording", "mini", "offer")
    found = qc_json(near, *command, "您还有…其他需要", *WANG)
    assert found["written"] is False
    assert rubric_file(near).read_bytes() == before
    ((own, *others),) = (one["criteria"] for one in found["effect"])
    assert (own["id"], own["held_a"], own["held_b"], others) == (
        "offer",
        4,
        1,
        [],
    )  # r4 was heard badly
    assert "已写入" in qc(near, *command, "您还有…其他需要", "--yes", *WANG).out
    assert (
        "stands in its list already" in qc(near, *command, "您还有…其他需要", *WANG, expect=2).err
    )
    assert (
        "names no rubric" in qc(near, "rubric", "wording", "x", "offer", "y", *WANG, expect=2).err
    )
    told = qc(near, *command, "(再|(又|还))会", "--like", "再见", *WANG, expect=2).err
    assert "cannot be a wording" in told


def test_shipped_rubric_is_not_written_into(tmp_path: Path) -> None:
    folder = make_week(tmp_path / "week")
    settings = SETTINGS.replace('"mini"', '"inbound-zh"')
    (folder / "qc.toml").write_text(settings, encoding="utf-8")
    told = qc(folder, "rubric", "wording", "inbound-zh", "closing", "拜拜", *WANG, expect=2).err
    assert "is the shipped rubric" in told


def test_proposed_wording_is_the_sentence_without_its_edges_and_names_nobody() -> None:
    assert proposed_text("嗯，您还有别的需要吗？") == "您还有别的需要吗"
    assert proposed_text("请拨打13800138000联系") == ""


@NEEDS_BROWSER[0]
@NEEDS_BROWSER[1]
@pytest.mark.slow
def test_page_asks_the_same_and_hands_out_the_command(browser: Any, near: Path) -> None:
    made = Path(qc_json(near, "review", "--page", "-p", PERIOD)["page"])
    page = browser.new_page(accept_downloads=True)
    page.goto(made.as_uri())
    items = page.locator("article").filter(has_text="算不算“您还有什么其他问题需要帮助”")
    assert items.count() == 3
    first, second = items.nth(0), items.nth(1)
    first.focus()
    first.press("a")
    assert first.get_by_role("button", name="以后都算").get_attribute("aria-pressed") == "true"
    assert first.get_by_role("button", name="只算这一通").get_attribute("aria-pressed") == "false"
    second.get_by_role("button", name="只算这一通").click()
    page.locator("#person").fill("王质检")
    with page.expect_download() as coming:
        page.locator("#download").click()
    coming.value.save_as(near / "decisions.json")
    lines = json.loads((near / "decisions.json").read_text(encoding="utf-8"))["decisions"]
    assert [(d["verdict"], d["cause"], d.get("always", False)) for d in lines] == [
        ("overturn", "rule", True),
        ("overturn", "rule", False),
    ]
    told = qc(near, "review", "--file", str(near / "decisions.json"), *WANG).out
    command = f"qc rubric wording mini offer '{SAID}' --like '您还有什么其他问题需要帮助'"
    assert told.count(command) == 1
    assert verdict(near, "n1", "offer") == ("pass", 0, "person")
