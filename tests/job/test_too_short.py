"""A week in which some calls are too short to be judged: their own line, what was done; by hand."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.fixtures import MadeOnce
from tests.weeks import FINE, PERIOD, RUBRIC, make_week, qc, qc_json

WANG = ("--as", "wang")
MORE = {
    # Long enough and fine; broken off with a red line; broken off.
    "r7": (*FINE[:2], ("agent", "请稍等"), ("customer", "好的谢谢"), FINE[2]),
    "r8": (("agent", "喂神经病"), ("customer", "你说什么")),
    "r9": (("agent", "您好"), ("customer", "喂")),
}
SHORT = ["r1", "r2", "r3", "r5", "r8", "r9"]
"""Under four turns; r4, r6 and r7 have four and five."""


@pytest.fixture(scope="module")
def short_once(made_once: MadeOnce) -> Path:
    def make(folder: Path) -> None:
        make_week(folder, more=MORE)
        rubric = f"{RUBRIC}scorable_from: {{turns: 4}}\n"
        (folder / "rubrics" / "mini.yaml").write_text(rubric, encoding="utf-8")
        qc(folder, "score", "-p", PERIOD)

    return made_once.folder("too-short", make)


@pytest.fixture
def short_week(short_once: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(short_once, tmp_path / "too-short"))


def reported(folder: Path) -> dict[str, Any]:
    qc(folder, "report", "-p", PERIOD, "--no-audio")
    return json.loads((folder / "report" / PERIOD / "report.json").read_text(encoding="utf-8"))


def test_the_call_has_no_total_and_loses_nothing_for_what_was_not_said(short_week: Path) -> None:
    card = qc_json(short_week, "show", "r9")
    assert (card["total"], card["band"], card["passed"]) == (None, None, None)
    # 您好 and 喂, each as long as 0.25 s a character: 0.5 and 0.25 s.
    assert card["too_short"] == {"talk_s": 0.75, "turns": 2}
    verdicts = {c["id"]: (c["verdict"], c["lost"]) for s in card["sections"] for c in s["criteria"]}
    assert verdicts == {
        "greeting": ("pass", 0), "taboo": ("pass", 0), "tone": ("unscorable", 0),
        "promise": ("unscorable", 0), "abuse": ("pass", 0),
    }  # fmt: skip
    shown = qc(short_week, "show", "r9").out.replace("\n", "")
    assert "通话过短：双方共说话 0.8 秒，2 轮。没来得及做的不扣分，不给总分" in shown
    assert "待人工评判" not in shown and "无法判断：通话过短" in shown
    assert "too_short" not in qc_json(short_week, "show", "r7")


def test_only_what_was_found_waits_for_a_person(short_week: Path) -> None:
    queue = qc_json(short_week, "review")
    mine = [i for i in queue["items"] if i["recording_id"] in SHORT]
    assert [(i["recording_id"], i["criterion"], i["kind"]) for i in mine] == [
        ("r8", "abuse", "proposed"),
        ("r3", "taboo", "proposed"),
    ]
    assert mine[0]["too_short"] == {"talk_s": 2.0, "turns": 2}
    others = [i for i in queue["items"] if i["recording_id"] not in SHORT]
    assert others and {i["too_short"] for i in others} == {None}
    assert "通话过短：双方共说话 2.0 秒" in qc(short_week, "review").out.replace("\n", "")


def test_every_sum_says_so(short_week: Path) -> None:
    told = qc(short_week, "report", "-p", PERIOD, "--no-audio")
    assert "sampled 9 = scored 3 + too short 6 + failed 0" in told.out
    as_json = qc_json(short_week, "report", "-p", PERIOD, "--no-audio")
    keys = ("sampled", "scored", "not_judged", "too_short", "no_total")
    assert [as_json[k] for k in keys] == [9, 3, 0, 6, 0]


def test_the_report_adds_up_and_leaves_them_out_of_the_figures(short_week: Path) -> None:
    body = reported(short_week)
    head = body["head"]
    kinds = ("scored", "not_judged", "too_short", "no_total", "failed")
    assert [head[k] for k in kinds] == [3, 0, 6, 0, 0]
    assert head["sampled"] == sum(head[k] for k in kinds)
    assert head["counted"] == 3
    rows = {r["what"]: r["calls"] for r in body["tables"]["reconciliation"]["rows"]}
    assert rows["通话过短"] == 6
    short = [c for c in body["calls"] if c["too_short"]]
    assert [(c["total"], c["counted"], c["unjudged"]) for c in short] == [(None, False, False)] * 6
    page = (short_week / "report" / PERIOD / "index.html").read_text(encoding="utf-8")
    assert "抽取 9 = 评分 3 + 通话过短 6 + 失败 0" in page
    assert "通话过短 6 通" in page and "其中 2 通提出了扣分或红线" in page
    call = (short_week / "report" / PERIOD / short[0]["page"]).read_text(encoding="utf-8")
    assert "通话过短：双方共说话" in call


def test_a_red_line_that_a_person_confirms_makes_it_nought(short_week: Path) -> None:
    qc(short_week, "review", "r8", "abuse", "--confirm", *WANG)
    card = qc_json(short_week, "show", "r8")
    assert (card["total"], card["fatal"], card["too_short"]["turns"]) == (0, ["abuse"], 2)
    head = reported(short_week)["head"]
    assert (head["scored"], head["too_short"], head["fatal_calls"]) == (4, 5, 2)


def test_published_they_stand_as_too_short_and_nothing_is_left_open(short_week: Path) -> None:
    for recording, criterion in (("r6", "abuse"), ("r8", "abuse")):
        qc(short_week, "review", recording, criterion, "--overturn", "--reason", "听过", *WANG)
    qc(short_week, "publish", PERIOD, "--as", "qian")
    assert qc_json(short_week, "show", "r8")["total"] is None
    assert (reported(short_week)["head"]["too_short"], qc_json(short_week, "review")["items"]) == (
        6,
        [],
    )
