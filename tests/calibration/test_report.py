"""The figures of a calibration, worked out by hand, and what must not change by one."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.calibration.sheets import fill, rows_of, write_rows
from tests.calibration.test_sheets import NAME, draw, read
from tests.weeks import PERIOD, qc, qc_json
from tests.workspaces import hashes

pytestmark = pytest.mark.usefixtures("clock")

TRUTH = {
    ("r2", "greeting"): "不合格",
    ("r3", "taboo"): "不合格",
    ("r4", "taboo"): "不合格",
    ("r5", "promise"): "不合格",
    ("r6", "abuse"): "不合格",
}
"""What is wrong in the six calls of `weeks.CALLS`; the machine holds r4's taboo word."""


def truth(recording: str, criterion: str) -> str:
    return TRUTH.get((recording, criterion), "合格")


def hand_in(week: Path, people: dict[str, dict[tuple[str, str], str]]) -> None:
    folder = week / "calibration" / NAME
    for person, differs in people.items():
        fill(folder / f"{person}.csv", lambda r, c, d=differs: d.get((r, c), truth(r, c)))  # type: ignore[misc]
        read(week, folder / f"{person}.csv")


def test_two_who_agree_but_for_two_items(week: Path) -> None:
    draw(week, calls=6)
    # Of 30 items both say 不合格 of four, 合格 of 24; 王 misses r2's greeting (合格), and takes
    # 不合格 for r1's tone where 李 says 合格. κ: p_o = 28/30; each says 不合格 5 times:
    # p_e = (5·5 + 25·25) / 900 = 650/900; κ = (840 - 650) / (900 - 650) = 0.76.
    hand_in(
        week,
        {"王质检": {("r2", "greeting"): "合格", ("r1", "tone"): "不合格"}, "李质检": {}},
    )
    found = qc_json(week, "calibrate", "report")
    overall = found["overall"]
    assert (overall["units"], overall["pairs_of_answers"]) == (30, 30)
    assert overall["raw"]["value"] == pytest.approx(28 / 30, abs=1e-4)
    assert overall["kappa"]["value"] == pytest.approx(0.76, abs=1e-4)
    # α: n = 60 labels, 10 of 不合格; 1 - 59 · 4 / (2 · 10 · 50) = 0.764.
    assert overall["alpha"]["value"] == pytest.approx(0.764, abs=1e-4)
    assert overall["kappa"]["low"] < 0.76 < overall["kappa"]["high"]
    # The majority is that of both: r3 taboo, r4 taboo (held), r5 promise, r6 abuse; the machine
    # deducts three of them and nothing else there. Not compared: r2's greeting, which has no
    # majority, and six times tone, which is manual.
    machine = found["machine"]
    assert (machine["compared"], machine["machine_deducts"], machine["majority_deducts"]) == (
        23,
        3,
        4,
    )
    assert (machine["both_deduct"], machine["held_where_majority_deducts"]) == (3, 1)
    assert (machine["precision"], machine["recall"]) == (1.0, 0.75)
    # r4 alone differs in points: 0 by the machine, 30 by the people, over six calls.
    assert machine["points_difference"] == pytest.approx(-30 / 6, abs=1e-4)
    assert machine["points_apart"] == pytest.approx(30 / 6, abs=1e-4)
    assert [(c["recording_id"], len(c["disputed"])) for c in found["most_disputed"][:3]] == [
        ("r1", 1),
        ("r2", 1),
        ("r3", 0),
    ]
    assert found["most_disputed"][1]["disputed"][0]["verdicts"] == {
        "李质检": "fail",
        "王质检": "pass",
    }
    by_id = {c["id"]: c for c in found["criteria"]}
    # Both always say 合格 of nothing else than taboo and so on; of abuse r6 alone: κ is 1.
    assert by_id["abuse"]["kappa"]["value"] == 1.0
    # 李 says 合格 of every tone, 王 of five in six: κ is 0 there, no better than chance.
    assert by_id["tone"]["raw"]["value"] == pytest.approx(5 / 6, abs=1e-4)
    assert by_id["tone"]["kappa"]["value"] == 0.0


def test_criterion_on_which_everybody_says_the_same_has_no_kappa(week: Path) -> None:
    draw(week, calls=6)
    hand_in(week, {"王质检": {}, "李质检": {}})
    found = qc_json(week, "calibrate", "report")
    tone = next(c for c in found["criteria"] if c["id"] == "tone")
    assert tone["raw"]["value"] == 1.0
    assert (tone["kappa"], tone["alpha"]) == (None, None)
    text = qc(week, "calibrate", "report").out
    (line,) = (x for x in text.splitlines() if "(tone)" in x)
    assert "一致率 100 % (100–100)  κ n/a  α n/a" in line
    assert "没有不一致的评定。" in text


def test_three_inspectors_with_gaps_have_alpha_and_kappas_of_pairs(week: Path) -> None:
    draw(week, "-i", "wang", "-i", "li", "-i", "赵复核", calls=6)
    hand_in(
        week,
        {
            "王质检": {("r3", "taboo"): "合格"},
            "李质检": {("r1", "tone"): ""},
            "赵复核": {("r3", "taboo"): "不合格"},
        },
    )
    found = qc_json(week, "calibrate", "report")
    assert found["answers"] == {"李质检": 29, "王质检": 30, "赵复核": 30}
    assert found["overall"]["kappa"] is None
    assert [p["inspectors"] for p in found["pairs"]] == [
        ["李质检", "王质检"],
        ["李质检", "赵复核"],
        ["王质检", "赵复核"],
    ]
    # 29 items of three answers and one of two: 88 pairs, two of which differ.
    assert found["overall"]["pairs_of_answers"] == 88
    assert found["overall"]["raw"]["value"] == pytest.approx(86 / 88, abs=1e-4)
    # n = 89 labels, 14 of 不合格; each differing pair counts 1/2 in both directions: 2 · 2 · 1/2.
    assert found["overall"]["alpha"]["value"] == pytest.approx(1 - 88 * 2 / (2 * 14 * 75), abs=1e-4)
    # Two of three deduct r3's taboo word: that is the majority.
    assert found["machine"]["majority_deducts"] == 5


def test_points_of_a_partial_deduction_are_compared(week: Path) -> None:
    folder = draw(week, calls=6)
    hand_in(week, {"李质检": {}})
    fill(folder / "王质检.csv", truth)
    rows = rows_of(folder / "王质检.csv")
    for row in rows:
        if (row["录音编号"], row["评分项编号"]) == ("r2", "greeting"):
            row["扣分"] = "10"
    read(week, write_rows(folder / "王质检.csv", rows))
    found = qc_json(week, "calibrate", "report")
    # r2: the machine takes 20, the people 10 and 20, 15 in the middle; r4: 0 and 30.
    assert found["machine"]["points_difference"] == pytest.approx((5 - 30) / 6, abs=1e-4)
    assert found["machine"]["points_apart"] == pytest.approx((5 + 30) / 6, abs=1e-4)
    r2 = next(c for c in found["most_disputed"] if c["recording_id"] == "r2")
    assert (r2["points"], r2["points_machine"]) == ({"李质检": 20, "王质检": 10}, 20)


def test_calibration_never_touches_scores_or_reports(week: Path) -> None:
    before = hashes(Path(qc(week, "report", "-p", PERIOD).out.splitlines()[-1]).parent)
    cards = {r: qc_json(week, "show", r) for r in ("r1", "r2", "r3", "r4", "r5", "r6")}
    draw(week, calls=6)
    hand_in(week, {"王质检": dict.fromkeys(TRUTH, "合格"), "李质检": {}})
    qc(week, "score", "-p", PERIOD)
    after = hashes(Path(qc(week, "report", "-p", PERIOD).out.splitlines()[-1]).parent)
    assert after == before
    assert {r: qc_json(week, "show", r) for r in cards} == cards


def test_page_for_the_meeting_tells_figures_and_masks_notes(week: Path) -> None:
    folder = draw(week, calls=6)
    hand_in(week, {"王质检": {}})
    fill(
        folder / "李质检.csv",
        lambda r, c: "合格",
        more={"备注": "客户留了 13800138000 <script>alert(1)</script>"},
    )
    read(week, folder / "李质检.csv")
    page = week / "out" / "校准.html"
    told = qc(week, "calibrate", "report", "--page", str(page)).out
    assert told.splitlines()[-1] == str(page)
    html = page.read_text(encoding="utf-8")
    assert "13800138000" not in html
    assert "138****8000" in html
    assert "<script" not in html
    for part in ("质检员校准结果", "系统与多数意见", "分歧最大的通话", "r6:5 项中 1 项不一致"):
        assert part in html


def test_report_of_an_unknown_calibration_names_those_there_are(week: Path) -> None:
    draw(week)
    told = qc(week, "calibrate", "report", "2026-W46-7", expect=2).err
    assert told.strip() == f"there is no calibration '2026-W46-7'; allowed: {NAME}"


def test_seed_makes_the_intervals_repeatable(week: Path) -> None:
    draw(week, calls=6)
    differs = {("r2", "greeting"): "合格", ("r1", "tone"): "不合格", ("r4", "taboo"): "不涉及"}
    hand_in(week, {"王质检": differs | {("r4", "tone"): "不合格"}, "李质检": {}})
    one = qc_json(week, "calibrate", "report", "--seed", "a")
    assert one == qc_json(week, "calibrate", "report", "--seed", "a")
    others = [qc_json(week, "calibrate", "report", "--seed", s)["overall"] for s in "bcdef"]
    assert {o["alpha"]["value"] for o in others} == {one["overall"]["alpha"]["value"]}
    assert any(o != one["overall"] for o in others)
