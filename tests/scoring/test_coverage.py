"""What a period says about a rubric, and two rubrics over the same calls; worked out by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from qc_pipeline.cli.rubric_coverage import coverage_lines
from qc_pipeline.cli.rubric_period import print_comparison
from qc_pipeline.scoring.compare_rubrics import compare
from qc_pipeline.scoring.compile import CompiledRubric, compile_rubric
from qc_pipeline.scoring.coverage import AppealCounts, CriterionCoverage, coverage
from qc_pipeline.scoring.decisions import Decision, DecisionVerdict
from qc_pipeline.scoring.rubric.model import RubricTest, TestTurn
from qc_pipeline.scoring.rubric.parse import parse_rubric
from qc_pipeline.scoring.rubric_tests import made_transcript, score_test
from qc_pipeline.scoring.scorecard import Scorecard
from tests.scoring.rubric.test_parse import MINI

TWO = MINI.replace("points: 10\n        expect", "points: 6\n        expect") + (
    "      - id: goodbye\n        title: 道别\n        points: 4\n"
    "        expect: {said: {by: agent, any: [再见, 祝您愉快]}}\n"
    "      - id: tried\n        title: 试行\n        points: 1\n        status: trial\n"
    "        expect: {said: {by: agent, any: [再见]}}\n"
    "tests:\n"
    "  - {name: both, turns: [{agent: 您好}, {agent: 再见}], expect: {total: 10}}\n"
    "  - {name: none, turns: [{agent: 喂}], expect: {total: 0}}\n"
    "  - {name: hello, turns: [{agent: 您好}], expect: {total: 6}}\n"
)


@pytest.fixture(scope="module")
def ready() -> CompiledRubric:
    return compile_rubric(parse_rubric(TWO, "r.yaml"))


def cards(ready: CompiledRubric, names: list[str]) -> list[Scorecard]:
    tests = {t.name: t for t in parse_rubric(TWO, "r.yaml").tests}
    return [score_test(ready, tests[n]) for n in names]


def rows(
    ready: CompiledRubric,
    names: list[str],
    decisions: dict[str, list[Decision]] | None = None,
    objections: dict[str, AppealCounts] | None = None,
) -> dict[str, CriterionCoverage]:
    tests = {t.name: t for t in ready.rubric.tests}
    heard = [made_transcript(tests[n], "zh") for n in names]
    found = coverage(ready, cards(ready, names), heard, decisions or {}, objections or {})
    return {r.id: r for r in found}


def decision(verdict: DecisionVerdict, criterion: str) -> Decision:
    return Decision(
        criterion=criterion, verdict=verdict, person="a", at="2026-11-20T10:00:00+08:00"
    )


def test_verdicts_and_unheard_phrases_are_counted(ready: CompiledRubric) -> None:
    found = rows(ready, ["both", "none", "hello"])
    greeting, goodbye = found["greeting"], found["goodbye"]
    assert (greeting.passed, greeting.failed, greeting.judged) == (2, 1, 3)
    assert greeting.fail_share == pytest.approx(1 / 3)
    assert (goodbye.passed, goodbye.failed) == (1, 2)
    assert goodbye.never_heard == ("祝您愉快",)
    assert goodbye.phrases == 2
    # Three calls say too little to call anything never or always.
    assert not goodbye.always_fires
    assert not greeting.never_fires


def test_twenty_calls_without_a_fault_never_fire_and_with_one_each_always(
    ready: CompiledRubric,
) -> None:
    found = rows(ready, ["hello"] * 20)
    assert found["greeting"].never_fires
    assert found["goodbye"].always_fires


THREE = MINI.replace("points: 10\n        expect", "points: 4\n        expect") + "".join(
    f"      - id: {i}\n        title: {w}\n        points: 3\n"
    f"        expect: {{said: {{by: agent, any: [{w}]}}}}\n"
    for i, w in (("thanks", "谢谢您"), ("goodbye", "再见"))
)


def test_steps_left_over_go_to_the_largest_fractions_so_that_the_sum_stays() -> None:
    # Of 60 calls greeting fails in 6, thanks in 6, goodbye in 24: shares 0.1, 0.1, 0.4, mean 0.2,
    # factors 1, 1, 1.5 (2.5, bounded). Raw 4, 3, 4.5 = 11.5, times 10 / 11.5: 3.478, 2.609, 3.913,
    # in half points 6.96, 5.22, 7.83: 6, 5, 7 and two steps left, for .96 and .83: 3.5, 2.5, 4.
    rubric = compile_rubric(parse_rubric(THREE, "r.yaml"))
    said = ["您好谢谢您再见"] * 24 + ["谢谢您再见"] * 6 + ["您好再见"] * 6 + ["您好谢谢您"] * 24
    calls = [
        RubricTest(name="c", turns=(TestTurn(speaker="agent", text=text),), expect={"total": 1})
        for text in said
    ]
    made = [score_test(rubric, c) for c in calls]
    heard = [made_transcript(c, "zh") for c in calls]
    found = {r.id: r for r in coverage(rubric, made, heard, {}, {})}
    assert [found[i].failed for i in ("greeting", "thanks", "goodbye")] == [6, 6, 24]
    points = {i: r.suggested_points or r.points for i, r in found.items()}
    assert points == {"greeting": 3.5, "thanks": 2.5, "goodbye": 4.0}


def test_at_a_terminal_the_table_is_drawn_and_what_follows_fits(ready: CompiledRubric) -> None:
    # 9 + 6 + 4 + 6 + 9 + 7 + 5 columns and six gaps of two: 58.
    lines = list(coverage_lines(list(rows(ready, ["hello"] * 20).values()), 60))
    assert lines[:8] == [
        "criterion  failed  held  judged  not appl.  unscor.  fails",
        "─────────  ──────  ────  ──────  ─────────  ───────  ─────",
        "greeting        0     0      20          0        0     0%",
        "goodbye        20     0      20          0        0   100%",
        "    never heard (2 of 2): 再见, 祝您愉快",
        "tried          20     0      20          0        0   100%",
        "    never heard (1 of 1): 再见",
        "",
    ]
    assert lines[8:10] == [
        "never fires (everybody does well, or it cannot be heard:",
        "  listen to two or three calls): greeting",
    ]


def test_what_is_printed_ends_with_what_is_to_be_done(ready: CompiledRubric) -> None:
    lines = list(coverage_lines(list(rows(ready, ["hello"] * 20).values())))
    assert lines == [
        "criterion      failed      held    judged not appl.   unscor.   fails",
        "greeting            0         0        20         0         0      0%",
        "goodbye            20         0        20         0         0    100%",
        "  never heard (2 of 2): 再见, 祝您愉快",
        "tried              20         0        20         0         0    100%",
        "  never heard (1 of 1): 再见",
        "",
        "never fires (everybody does well, or it cannot be heard: listen to two or three calls): "
        "greeting",
        "always fires (nobody does it, or the rule is wrong: listen before it costs points): "
        "goodbye, tried",
        "on trial, findings listened to of 50: tried 0",
        "other points are told from 50 judged calls on; here at most 20",
    ]


def test_weights_follow_the_faults_and_keep_their_sum(ready: CompiledRubric) -> None:
    # greeting fails in 0 of 60, goodbye in 60 of 60: the mean share is 0.5, so their factors are
    # 0.5 (0.5 + 0) and 1.5 (0.5 + 2, bounded): 3 and 6 raw, times 10 / 9: 3.33 → 3.5, 6.67 → 6.5.
    found = rows(ready, ["hello"] * 60)
    assert found["greeting"].suggested_points == 3.5
    assert found["goodbye"].suggested_points == 6.5
    assert found["tried"].suggested_points is None
    assert rows(ready, ["hello"] * 49)["greeting"].suggested_points is None


def test_what_people_heard_makes_a_trial_ready_or_sends_a_scored_one_back(
    ready: CompiledRubric,
) -> None:
    # Every card of one recording id takes the same decision: 20 calls, all found, all wrong.
    wrong = {
        "hello": [
            decision(DecisionVerdict.OVERTURN, "goodbye"),
            decision(DecisionVerdict.CONFIRM, "tried"),
        ]
    }
    found = rows(ready, ["hello"] * 20, wrong)
    assert (found["goodbye"].right, found["goodbye"].wrong) == (0, 20)
    assert found["goodbye"].precision == 0
    assert found["goodbye"].should_go_back
    assert found["tried"].right == 20
    assert not found["tried"].ready_to_be_scored
    assert rows(ready, ["hello"] * 50, wrong)["tried"].ready_to_be_scored
    assert rows(ready, ["hello"])["goodbye"].precision is None


@pytest.mark.parametrize(
    ("answered", "upheld", "back"), [(20, 3, False), (20, 4, True), (9, 9, False)]
)
def test_over_fifteen_per_cent_upheld_objections_send_it_back(
    ready: CompiledRubric, answered: int, upheld: int, back: bool
) -> None:
    objections = {"goodbye": AppealCounts(answered=answered, upheld=upheld)}
    assert rows(ready, ["hello"], objections=objections)["goodbye"].should_go_back is back


def test_two_rubrics_over_the_same_calls_name_what_changes(ready: CompiledRubric) -> None:
    other = compile_rubric(
        parse_rubric(
            TWO.replace("any: [再见, 祝您愉快]", "any: [再见, 您好]")
            .replace("id: tried", "id: new")
            .replace("from: 8", "from: 10"),
            "b.yaml",
        )
    )
    names = ["both", "none", "hello"]
    result = compare(cards(ready, names), cards(other, names))
    # totals 10, 0, 6 with a; 10, 0, 10 with b
    assert (result.mean_a, result.mean_b) == (pytest.approx(16 / 3), pytest.approx(20 / 3))
    assert [c.recording_id for c in result.calls if c.changes_band] == ["hello"]
    moving = {c.id: c for c in result.criteria if c.moves}
    assert set(moving) == {"goodbye", "tried", "new"}
    goodbye = moving["goodbye"]
    assert (goodbye.failed_a, goodbye.failed_b, goodbye.flipped) == (2, 1, 1)
    assert (goodbye.lost_a, goodbye.lost_b) == (8, 4)
    assert moving["tried"].failed_b is None
    assert moving["new"].failed_a is None


def test_calls_that_pass_no_longer_are_told_though_their_band_stays(
    ready: CompiledRubric, capsys: pytest.CaptureFixture[str]
) -> None:
    # 10, 0 and 6 points; passed from 8 before, from 5 with the other: "hello" passes now.
    other = compile_rubric(parse_rubric(TWO.replace("pass_mark: 8", "pass_mark: 5"), "b.yaml"))
    names = ["both", "none", "hello"]
    result = compare(cards(ready, names), cards(other, names))
    print_comparison("2026-W46", result, Path("a.yaml"), Path("b.yaml"))
    assert capsys.readouterr().out.splitlines() == [
        "2026-W46: 3 calls, 0 change band",
        "mean: 5.33 with a.yaml, 5.33 with b.yaml",
        "passed: 0 no longer pass, 1 pass now",
        "  hello: 6.00 不合格 (fail) → 6.00 不合格 (pass)",
        "criteria that move: none",
    ]
