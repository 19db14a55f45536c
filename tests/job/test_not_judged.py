"""A week in which some calls were not heard well enough: queue, figures, decisions; by hand."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from tests.fixtures import MadeOnce
from tests.weeks import FINE, PERIOD, make_week, qc, qc_json, words_of

WANG = ("--as", "wang")
MORE = {f"r{n}": FINE for n in (7, 8, 9)}
UNHEARD = ("r1", "r7", "r8")
"""All of 一组, which has six of the nine calls: r1, r2, r3, r7, r8 and r9."""


def unhear(folder: Path, *recordings: str) -> None:
    """The agent goes on for 12.3 s after the last word, and nobody knows what was said."""
    for recording in recordings:
        path = folder / "heard" / f"{recording}.json"
        body = json.loads(path.read_text(encoding="utf-8"))
        start_s = body["duration_s"]
        span = [start_s, round(start_s + 12.3, 2)]
        body["duration_s"] = round(start_s + 14, 2)
        body["speech"]["agent"].append(span)
        body["unheard"] = {"agent": [[*span, "no-words"]], "customer": []}
        path.write_text(json.dumps(body, ensure_ascii=False), encoding="utf-8")
    qc(folder, "transcribe", "-p", PERIOD, "--from", str(folder / "heard"))
    qc(folder, "score", "-p", PERIOD)


@pytest.fixture(scope="module")
def unheard_once(made_once: MadeOnce) -> Path:
    def make(folder: Path) -> None:
        make_week(folder, more=MORE)
        unhear(folder, *UNHEARD)

    return made_once.folder("unheard", make)


@pytest.fixture
def unheard_week(unheard_once: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(unheard_once, tmp_path / "unheard"))


def reported(folder: Path) -> dict[str, Any]:
    qc(folder, "report", "-p", PERIOD, "--no-audio")
    return json.loads((folder / "report" / PERIOD / "report.json").read_text(encoding="utf-8"))


def decide_all_of(folder: Path, recording: str) -> None:
    """r1, r7 or r8: nothing wrong in what was not heard, two points off for the tone."""
    for criterion in ("taboo", "abuse"):
        qc(folder, "review", recording, criterion, "--overturn", "--reason", "听过", *WANG)
    qc(folder, "review", recording, "tone", "--points", "2", "--reason", "听过", *WANG)


def test_the_call_has_no_total_and_says_why(unheard_week: Path) -> None:
    card = qc_json(unheard_week, "show", "r1")
    assert (card["total"], card["band"], card["passed"]) == (None, None, None)
    assert card["not_judged"] == [{"speaker": "agent", "reason": "unheard"}]
    # 11 and 6 characters of a quarter of a second each, and 12.3 s: 4.25 of 16.55 s.
    assert card["hearing"]["agent"]["heard"] == round(4.25 / 16.55, 4)
    verdicts = {c["id"]: c["verdict"] for s in card["sections"] for c in s["criteria"]}
    assert verdicts == {
        "greeting": "pass", "promise": "pass", "taboo": "unscorable", "abuse": "unscorable",
        "tone": "unscorable",
    }  # fmt: skip
    shown = qc(unheard_week, "show", "r1").out
    assert "未评：坐席 12.3 秒没听清（听清 25%）。没有总分，需人工听" in shown.replace("\n", "")
    assert qc_json(unheard_week, "show", "r9")["total"] == 100


def test_it_waits_after_the_red_lines_and_before_the_rest(unheard_week: Path) -> None:
    queue = qc_json(unheard_week, "review")
    order = [(i["recording_id"], i["criterion"], i["kind"]) for i in queue["items"]]
    mine = [("taboo", "unheard"), ("tone", "manual"), ("abuse", "unheard")]
    assert order[0] == ("r6", "abuse", "proposed")
    assert order[1:10] == [(r, c, k) for r in UNHEARD for c, k in mine]
    assert order[10] == ("r5", "promise", "proposed")
    item = queue["items"][1]
    assert item["not_judged"] == [
        {"speaker": "agent", "reason": "unheard", "unheard_s": 12.3, "heard": 0.2568}
    ]
    # The whole call is heard for it: it lasts as the list says.
    assert (item["start_s"], item["end_s"], item["stake"]) == (0, 17.5, 30)
    assert queue["items"][0]["not_judged"] == []
    assert "未评：坐席 12.3 秒没听清" in qc(unheard_week, "review").out


def test_every_sum_says_so(unheard_week: Path) -> None:
    ran = qc(unheard_week, "score", "-p", PERIOD)
    assert "3 calls are not judged (未评)" in ran.out and "qc review" in ran.out
    assert qc_json(unheard_week, "score", "-p", PERIOD)["not_judged"] == 3
    told = qc(unheard_week, "report", "-p", PERIOD, "--no-audio")
    assert "sampled 9 = scored 6 + not judged 3 + failed 0" in told.out
    as_json = qc_json(unheard_week, "report", "-p", PERIOD, "--no-audio")
    assert [as_json[k] for k in ("sampled", "scored", "not_judged", "no_total")] == [9, 6, 3, 0]


def test_the_report_adds_up_and_leaves_them_out_of_the_figures(unheard_week: Path) -> None:
    body = reported(unheard_week)
    head = body["head"]
    kinds = ("scored", "not_judged", "too_short", "no_total", "failed")
    assert head["sampled"] == sum(head[k] for k in kinds)
    assert (head["scored"], head["not_judged"], head["counted"]) == (6, 3, 6)
    rows = {r["what"]: r["calls"] for r in body["tables"]["reconciliation"]["rows"]}
    assert rows["未评"] == 3
    counted = [c["total"] for c in body["calls"] if c["counted"]]
    assert len(counted) == 6 and None not in counted
    # A third of the calls is not judged: that says too little of a week to be told as a number.
    assert (head["mean"], head["machine_mean"]) == (None, None)
    assert "not_judged" in head["health"]["withheld"] and head["health"]["not_judged"] == 3
    assert "未评3通，占33.3%（超过25%）" in head["health"]["sentence"]
    unjudged = [c for c in body["calls"] if c["unjudged"]]
    assert [(c["total"], c["counted"]) for c in unjudged] == [(None, False)] * 3
    page = (unheard_week / "report" / PERIOD / "index.html").read_text(encoding="utf-8")
    assert "抽取 9 = 评分 6 + 未评 3 + 失败 0" in page
    call = (unheard_week / "report" / PERIOD / unjudged[0]["page"]).read_text(encoding="utf-8")
    assert "未评：坐席 12.3 秒没听清（听清 25%）。没有总分，需人工听" in call


def test_its_share_is_told_by_group_and_agent_with_an_alarm(unheard_week: Path) -> None:
    tables = reported(unheard_week)["tables"]
    teams = {r["team"]: r for r in tables["not-judged-teams"]["rows"]}
    # 3 of 6 calls of 一组, 3 of 9 in all: 1.5 times, no alarm. No agent has three.
    assert (teams["一组"]["calls"], teams["一组"]["not_judged"], teams["一组"]["share"]) == (
        6,
        3,
        0.5,
    )
    assert teams["二组"]["not_judged"] == 0
    assert tables["not-judged-teams"]["total"]["share"] == pytest.approx(1 / 3, abs=1e-6)
    assert not any(r["alarm"] for r in tables["not-judged-teams"]["rows"])
    assert len(tables["not-judged-agents"]["rows"]) == 3
    book = CalamineWorkbook.from_path(unheard_week / "report" / PERIOD / "report.xlsx")
    assert {"各组未评", "坐席未评"} <= set(book.sheet_names)


def test_people_make_it_a_judged_call(unheard_week: Path) -> None:
    decide_all_of(unheard_week, "r1")
    card = qc_json(unheard_week, "show", "r1")
    # 20 of greeting, 30 of taboo, 10 of tone, 40 of promise: two points off.
    assert (card["total"], card["band"], card["provisional"]) == (98, "合格", False)
    assert card["not_judged"] == [{"speaker": "agent", "reason": "unheard"}]
    assert "曾为未评" in qc(unheard_week, "show", "r1").out
    # Scoring the week again keeps what people decided.
    assert qc_json(unheard_week, "score", "-p", PERIOD) == {
        "scored": 0, "before": 9, "failed": 0, "not_judged": 2,
    }  # fmt: skip
    head = reported(unheard_week)["head"]
    assert (head["scored"], head["not_judged"], head["counted"]) == (7, 2, 7)
    assert not [i for i in qc_json(unheard_week, "review")["items"] if i["recording_id"] == "r1"]


def test_it_stays_in_the_sample_unless_a_person_finds_it_invalid(unheard_week: Path) -> None:
    assert qc_json(unheard_week, "run", "-p", PERIOD)["replaced"] == []
    qc(unheard_week, "review", "r1", "--invalid", "--because", "silent", *WANG)
    ran = qc_json(unheard_week, "run", "-p", PERIOD)
    assert [r["recording_id"] for r in ran["replaced"]] == ["r1"]
    assert (ran["sampled"], ran["not_judged"]) == (8, 2)


def test_publishing_closes_it_without_a_total(unheard_week: Path) -> None:
    qc(unheard_week, "review", "r6", "abuse", "--confirm", *WANG)
    qc(unheard_week, "review", "r5", "promise", "--confirm", *WANG)
    qc(unheard_week, "publish", PERIOD, "--as", "qian")
    card = qc_json(unheard_week, "show", "r1")
    assert (card["total"], card["provisional"]) == (None, False)
    head = reported(unheard_week)["head"]
    assert (head["scored"], head["not_judged"]) == (6, 3)
    assert (
        "未评：坐席 12.3 秒没听清（听清 25%）。发布前没有人听" in qc(unheard_week, "show", "r1").out
    )
    page = (unheard_week / "report" / PERIOD / "index.html").read_text(encoding="utf-8")
    assert "发布前也没有人听" in page and "待人工听" not in page


def test_another_bound_scores_the_week_anew(unheard_week: Path) -> None:
    settings = unheard_week / "qc.toml"
    text = settings.read_text(encoding="utf-8")
    bound = 'backend = "imported"\nleast_heard = 0.2'
    settings.write_text(text.replace('backend = "imported"', bound), encoding="utf-8")
    told = qc_json(unheard_week, "score", "-p", PERIOD)
    # The bound stands on every card: all nine are new, and three are judged otherwise.
    assert (told["scored"], told["not_judged"]) == (9, 0)
    assert qc_json(unheard_week, "score", "-p", PERIOD)["scored"] == 0
    # It is a call like others, and has no total like others: what was not said in it is not known.
    assert qc_json(unheard_week, "show", "r1")["total"] is None
    assert qc_json(unheard_week, "show", "r1").get("not_judged") is None


def test_a_file_is_scored_by_the_bounds_of_the_workspace_it_lies_in(unheard_week: Path) -> None:
    words = ("score", "--rubric", str(unheard_week / "rubrics" / "mini.yaml"), "--transcript")
    file = str(unheard_week / "heard" / "r1.json")
    assert qc_json(unheard_week, *words, file)["not_judged"]
    with (unheard_week / "qc.toml").open("a", encoding="utf-8") as settings:
        settings.write("\n[asr.speakers]\n")
    text = (unheard_week / "qc.toml").read_text(encoding="utf-8")
    lenient = text.replace("[asr]\n", "[asr]\nleast_heard = 0.2\n", 1)
    (unheard_week / "qc.toml").write_text(lenient, encoding="utf-8")
    assert qc_json(unheard_week, *words, file).get("not_judged") is None


def test_corrections_objections_and_other_rubrics_keep_the_bounds(unheard_week: Path) -> None:
    """Every way through which a card is judged again says the same of what was heard."""
    again = qc_json(unheard_week, "rescore", "r1", "-p", PERIOD)
    assert (again["total_before"], again["total_after"]) == (None, None)
    diff = (str(unheard_week / "rubrics" / "mini.yaml"),) * 2
    compared = qc_json(unheard_week, "rubric", "diff", *diff, "-p", PERIOD)
    totals = {c["recording_id"]: c["total_a"] for c in compared["calls"]}
    assert [totals[r] for r in UNHEARD] == [None] * 3


def test_words_that_a_person_fills_in_are_heard(unheard_week: Path) -> None:
    """The other way out: somebody writes down what was said, and the machine judges it."""
    place = "# [?17.50-29.80 no-words] agent: "
    words = words_of(unheard_week, "r1", (place, place + "你听不懂吗账单明天寄到您家"))
    qc(unheard_week, "rescore", "r1", "--words", str(words), "--reason", "听清了", "--as", "zhao")
    card = qc_json(unheard_week, "show", "r1")
    # 30 of the 90 points that a machine judges: 100 * 60 / 90.
    assert ("not_judged" in card, card["total"]) == (False, 66.67)
    assert qc_json(unheard_week, "score", "-p", PERIOD)["not_judged"] == 2
