"""Rules of RUBRIC.md's "Verdicts and the total" in combination, each vector worked by hand."""

# ruff: noqa: E501  (rubrics stand as they are written)

from __future__ import annotations

from qc_pipeline.scoring.compile import compile_rubric
from qc_pipeline.scoring.rubric.parse import parse_rubric
from qc_pipeline.scoring.rubric_tests import made_transcript, run_tests
from qc_pipeline.scoring.score import score
from qc_pipeline.scoring.scorecard import Scorecard
from qc_pipeline.scoring.terms_of_scoring import ScoringTerms

HEAD = (
    "rubric: vectors\nversion: '1'\ntitle: 样\nlanguage: zh\npass_mark: 1\n"
    "bands: [{from: 60, label: 合格}, {from: 0, label: 不合格}]\n"
)


def card(text: str, said: list[str], call: str = "{}") -> Scorecard:
    turns = ", ".join(f"{{agent: {t}}}" for t in said)
    tests = f"tests:\n  - {{name: t, call: {call}, turns: [{turns}], expect: {{total: 0}}}}\n"
    (outcome,) = run_tests(parse_rubric(HEAD + text + tests, "r.yaml"))
    return outcome.card


def section(name: str, points: float, *criteria: str, more: str = "") -> str:
    body = "".join(f"      - {{{c}}}\n" for c in criteria)
    return f"  - id: {name}\n    title: {name}\n    points: {points}\n{more}    criteria:\n{body}"


def says(*words: str) -> str:
    return f"{{said: {{by: agent, any: [{', '.join(words)}], match: exact}}}}"


def verdicts(of: Scorecard) -> dict[str, str]:
    return {c.id: str(c.verdict) for c in of.criteria()}


def test_redistributed_points_a_failed_section_fatal_and_a_bonus() -> None:
    # a: asked does not apply and leaves the denominator: D = 40; two hits of 15 leave S = 10.
    # b: its fatal failed: D = 40, S = 0, although what else was asked there was done.
    # 100 × 10 / 80 = 12.5, and the bonus of 5 last.
    text = "points: 100\nnot_applicable: redistribute\nsections:\n" + section(
        "a", 60,
        f"id: jargon, title: x, points: 40, forbid: {says('专业术语')}, deduct: {{each: 15}}, confirm: machine",
        f"id: asked, title: x, points: 20, applies: {{call: {{contact: repeat}}}}, expect: {says('问过')}",
        f"id: warm, title: x, bonus: 5, expect: {says('祝您顺利')}",
    ) + section(
        "b", 40,
        f"id: closing, title: x, points: 40, expect: {says('再见了')}",
        f"id: insult, title: x, severity: fatal, scope: section, forbid: {says('真是笨蛋')}",
    )  # fmt: skip
    said = ["专业术语", "专业术语", "真是笨蛋", "祝您顺利", "再见了"]
    found = card(text, said, "{contact: first}")
    assert verdicts(found) == {
        "jargon": "fail", "asked": "not_applicable", "warm": "pass",
        "closing": "pass", "insult": "fail",
    }  # fmt: skip
    assert found.total == 17.5
    # Published without a person's word, the red line counts for nothing: 100 × (10 + 40) / 80 + 5.
    rubric = parse_rubric(HEAD + text, "r.yaml")
    test = parse_rubric(
        HEAD + text + "tests:\n  - {name: t, turns: ["
        + ", ".join(f"{{agent: {t}}}" for t in said) + "], expect: {total: 0}}\n", "r.yaml",
    ).tests[0]  # fmt: skip
    heard = made_transcript(test, "zh")
    public = score(
        compile_rubric(rubric),
        heard,
        {"contact": "first"},
        None,
        terms=ScoringTerms(published=True),
    )
    assert public.total == 67.5


def test_a_red_line_goes_before_too_little_judged_which_goes_before_a_bonus() -> None:
    # Of 100 points 50 rest on a field that is missing: below min_scorable (0.8) there is no total,
    # with the bonus or without; a failed red line is 0 all the same, and nothing is added.
    text = "points: 100\nsections:\n" + section(
        "a", 100,
        "id: ticket, title: x, points: 50, expect: {call: {ticket_error: 无}}",
        f"id: closing, title: x, points: 50, expect: {says('再见了')}",
        f"id: warm, title: x, bonus: 5, expect: {says('祝您顺利')}",
        f"id: insult, title: x, severity: fatal, forbid: {says('真是笨蛋')}",
    )  # fmt: skip
    none = card(text, ["再见了祝您顺利"])
    assert (none.total, none.band, none.fatal) == (None, None, ())
    zero = card(text, ["真是笨蛋祝您顺利"])
    assert (zero.total, zero.band, zero.fatal) == (0, "不合格", ("insult",))


def test_missing_parts_a_full_section_what_does_not_apply_and_a_trial() -> None:
    # a: 2 of 3 parts missing cost 12, closing 10: 22 of at most 20, so S = 0 of D = 20. What is on
    # trial fails, costs nothing and is no part of D. b: does not apply, under award nothing is
    # lost: S = D = 80. 100 × 80 / 100.
    parts = ", ".join(says(w) for w in ("带身份证", "带户口本", "带照片"))
    text = "points: 100\nsections:\n" + section(
        "a", 20,
        f"id: told, title: x, points: 15, expect: {{all: [{parts}]}}, deduct: {{each_missing: 6}}",
        f"id: closing, title: x, points: 10, expect: {says('再见了')}",
        f"id: tried, title: x, points: 9, status: trial, expect: {says('谢谢您')}",
    ) + section(
        "b", 80,
        f"id: name, title: x, points: 80, expect: {says('先生您好')}",
        more="    applies: {call: {contact: repeat}}\n",
    )  # fmt: skip
    found = card(text, ["带身份证"], "{contact: first}")
    assert [(c.id, str(c.verdict), c.lost) for c in found.criteria()] == [
        ("told", "fail", 12), ("closing", "fail", 10), ("tried", "fail", 0),
        ("name", "not_applicable", 0),
    ]  # fmt: skip
    assert found.total == 80
    # Redistributed the other section alone counts, and all of it is lost.
    assert (
        card("not_applicable: redistribute\n" + text, ["带身份证"], "{contact: first}").total == 0
    )


def test_steps_and_one_fact_tied_across_sections() -> None:
    # Three hits: the step of two costs 5, that of four is not reached. The other section deducts 30
    # for the same words: alone 100 - 5 - 30, tied by a name only the larger: 100 - 30.
    def text(tie: str) -> str:
        return "points: 100\nsections:\n" + section(
            "a", 50,
            f"id: often, title: x, points: 50, forbid: {says('少啰嗦')}, "
            f"deduct: {{steps: {{2: 5, 4: 12}}}}{tie}",
        ) + section(
            "b", 50, f"id: rude, title: x, points: 50, forbid: {says('少啰嗦')}, deduct: 30{tie}"
        )  # fmt: skip

    said = ["少啰嗦", "好的", "少啰嗦", "好的", "少啰嗦"]
    assert card(text(""), said).total == 65
    tied = card(text(", same_fact: rude"), said)
    assert tied.total == 70
    assert {c.id: (c.lost, c.covered_by) for c in tied.criteria()} == {
        "often": (0, "rude"), "rude": (30, None),
    }  # fmt: skip
    # One hit is below the first step: it passes there, and only the other section deducts.
    once = card(text(", same_fact: rude"), ["少啰嗦"])
    assert verdicts(once) == {"often": "pass", "rude": "fail"}
    assert once.total == 70


def test_what_cannot_be_judged_leaves_the_sum_until_too_little_is_left() -> None:
    # b rests on a field that the call list lacks: 30 of 90 points are unscorable. 60 of 90 judged
    # is two thirds: enough for 0.66, not for 0.67. 7.77 are lost of 60: 90 × 52.23 / 60 = 78.345,
    # half up 78.35. The bonus of 2 joins before that rounding: 80.345 → 80.35.
    def text(least: float, bonus: float) -> str:
        return f"points: 90\nmin_scorable: {least}\nnot_applicable: redistribute\nsections:\n" + section(
            "a", 60,
            f"id: hello, title: x, points: 37, expect: {says('您好')}",
            f"id: closing, title: x, points: 23, expect: {says('再见了')}, deduct: 7.77",
            f"id: warm, title: x, bonus: {bonus}, expect: {says('祝您顺利')}",
        ) + section(
            "b", 30,
            f"id: name, title: x, points: 30, expect: {says('先生您好')}",
            more="    applies: {call: {contact: repeat}}\n",
        )  # fmt: skip

    assert card(text(0.66, 2), ["您好"]).total == 78.35
    assert card(text(0.66, 2), ["您好祝您顺利"]).total == 80.35
    assert card(text(0.66, 20), ["您好祝您顺利"]).total == 90
    assert card(text(0.67, 2), ["您好"]).total is None
    # With the field there b does not apply: 60 of 60 are judged, and nothing stands in the way.
    assert card(text(0.67, 2), ["您好"], "{contact: first}").total == 78.35
