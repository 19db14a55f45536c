"""Explaining, the schema for editors, and mishearing a rubric's tests."""

# ruff: noqa: E501  (rubrics and messages stand as they are written and read)

from __future__ import annotations

import json
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from qc_pipeline.call import Transcript
from qc_pipeline.scoring.compile import compile_rubric
from qc_pipeline.scoring.operators.registry import OPERATORS
from qc_pipeline.scoring.rubric.allowed_keys import slots
from qc_pipeline.scoring.rubric.explain import explain, explain_text
from qc_pipeline.scoring.rubric.files import read_rubric, read_tests
from qc_pipeline.scoring.rubric.json_schema import rubric_schema
from qc_pipeline.scoring.rubric.parse import parse_rubric, read_rubric_text
from qc_pipeline.scoring.rubric.schema_help import KEY_HELP, OPERATOR_HELP
from qc_pipeline.scoring.rubric.yaml_nodes import read_tree
from qc_pipeline.scoring.rubric_tests import made_transcript
from qc_pipeline.scoring.stress import misheard, stress
from tests.scoring.rubric.test_parse import MINI

FILES = sorted((Path(__file__).parents[3] / "rubrics").glob("*.yaml"))


def as_json(text: str) -> object:
    """A file as an editor's YAML server sees it."""
    root, problems = read_tree(text, "r.yaml")
    assert root is not None
    assert problems == ()

    def lists(value: object) -> object:
        if isinstance(value, dict):
            return {k: lists(v) for k, v in value.items()}
        return [lists(v) for v in value] if isinstance(value, tuple) else value

    return lists(root.plain())


@pytest.fixture(scope="module")
def validator() -> jsonschema.Draft7Validator:
    schema = rubric_schema()
    jsonschema.Draft7Validator.check_schema(schema)
    return jsonschema.Draft7Validator(schema)


@pytest.mark.parametrize("file", FILES, ids=lambda f: f.stem)
def test_the_schema_takes_the_shipped_rubrics(
    file: Path, validator: jsonschema.Draft7Validator
) -> None:
    errors = [e.message for e in validator.iter_errors(as_json(file.read_text(encoding="utf-8")))]
    assert errors == []


@pytest.mark.parametrize(
    ("old", "new", "at"),
    [
        ("language: zh", "language: zn", ["language"]),
        ("title: 小样", "titel: 小样", []),
        ("by: agent", "by: agnet", ["sections", 0, "criteria", 0, "expect", "said", "by"]),
        ("{said:", "{siad:", ["sections", 0, "criteria", 0, "expect"]),
        ("any: [", "all: [谢谢], any: [", ["sections", 0, "criteria", 0, "expect", "said"]),
        ("points: 10\n        expect", "points: 0\n        expect", ["sections", 0, "criteria", 0, "points"]),
    ],
)  # fmt: skip
def test_the_schema_refuses_what_the_reader_refuses(
    old: str, new: str, at: list[str | int], validator: jsonschema.Draft7Validator
) -> None:
    body = as_json(MINI.replace(old, new))
    assert at in [list(e.absolute_path) for e in validator.iter_errors(body)]


SAID = {"said": {"by": "agent", "any": ["您好"]}}


@pytest.mark.parametrize(
    ("changed", "right"),
    [
        ({}, True),
        ({"forbid": SAID}, False),
        ({"expect": {"said": {"by": "agent"}}}, False),
        ({"expect": {"said": {**SAID["said"], "within": {"first_turns": 1}}}}, True),
        (
            {"expect": {"said": {**SAID["said"], "within": {"first_turns": 1, "last_turns": 1}}}},
            False,
        ),
        ({"expect": {"speech_rate": {"by": "agent"}}}, False),
        ({"expect": {"speech_rate": {"by": "agent", "below": 300}}}, True),
        ({"expect": {"reads_back": {"by": "agent", "field": "x", "heard_from": "customer"}}}, False),
        ({"expect": {"call": {}}}, False),
        ({"expect": {"call": {"x": {}}}}, False),
        ({"expect": {"whenever": SAID, "then": SAID, "within": {"turns": 1, "seconds": 3}}}, False),
        ({"deduct": {"each": 2}}, True),
        ({"deduct": {"each": 2, "steps": {"2": 1}}}, False),
        ({"scope": "section"}, False),
        ({"severity": "fatal"}, False),
        ({"severity": "fatal", "scope": "section", "points": None}, True),
        ({"points": None}, False),
        ({"points": None, "bonus": 2}, True),
        ({"bonus": 2}, False),
        ({"points": None, "bonus": 2, "severity": "major"}, False),
    ],
)  # fmt: skip
def test_the_schema_knows_which_keys_go_together(
    changed: dict[str, Any], right: bool, validator: jsonschema.Draft7Validator
) -> None:
    """As the reader has it: `qc rubric check` refuses the same."""
    criterion = {"id": "a", "title": "a", "points": 10, "expect": SAID} | changed
    criterion = {k: v for k, v in criterion.items() if v is not None}
    part = {"id": "s", "title": "s", "points": 10, "criteria": [criterion]}
    if changed.get("points", 10) is None:
        part["criteria"].insert(0, {"id": "b", "title": "b", "points": 10, "forbid": SAID})
    body = {
        "rubric": "x", "version": "1", "title": "x", "language": "zh", "points": 10,
        "pass_mark": 5, "bands": [{"from": 0, "label": "x"}], "sections": [part],
    }  # fmt: skip
    assert validator.is_valid(body) is right
    assert (read_rubric_text(json.dumps(body, ensure_ascii=False), "x").rubric is not None) is right


def test_every_operator_and_every_key_of_one_has_a_text_for_hover() -> None:
    assert set(OPERATOR_HELP) == set(OPERATORS)
    lacking = {k for o in OPERATORS.values() for k in slots(o)} - set(KEY_HELP) - set(OPERATORS)
    assert lacking == set()


def test_the_explanation_says_what_is_asked_what_it_costs_and_why() -> None:
    text = explain_text(
        parse_rubric(
            MINI.replace(
                "        points: 10\n",
                "        points: 10\n        why: 第一印象\n        say: 您好请讲\n        ref: 规范 2.1\n"
                "        deduct: 4\n        severity: major\n",
            ),
            "r.yaml",
        )
    )
    for part in (
        "小样", "mini，版本 1，满分 10 分，8 分合格", "== 礼仪 (10 分) ==", "问候 [greeting] 10 分，重点",
        "要求：坐席说“您好”", "扣分：4 分", "应当说：您好请讲", "为什么：第一印象", "依据：规范 2.1",
        "说明：扣分要由人确认后才计入公布的成绩",
    ):  # fmt: skip
        assert part in text


def test_it_says_which_calls_are_too_short() -> None:
    text = explain_text(parse_rubric(MINI + "scorable_from: {talk_s: 20, turns: 4}\n", "r.yaml"))
    assert "双方说话合计不足 20 秒或不到 4 轮的电话算通话过短：没做的不扣分，也不给总分" in text
    assert "过短" not in explain_text(parse_rubric(MINI, "r.yaml"))


@pytest.mark.parametrize("file", FILES, ids=lambda f: f.stem)
def test_the_shipped_rubrics_can_be_explained(file: Path) -> None:
    rubric = read_rubric(file)
    page = explain(rubric)
    shown = [c.id for s in page.sections for c in s.criteria]
    assert shown == [c.id for c in rubric.criteria()]
    assert all(line.text for s in page.sections for c in s.criteria for line in c.lines)


TESTED = MINI.replace("[您好]", "[很高兴为您服务]") + (
    "tests:\n  - name: a\n    turns:\n      - agent: 您好，很高兴为您服务，请问有什么可以帮您\n"
    "      - customer: 我想问一下怎么办理宽带\n    expect: {greeting: pass}\n"
)


def test_mishearing_changes_about_the_share_asked_for_and_keeps_the_times() -> None:
    clean = made_transcript(parse_rubric(TESTED, "r.yaml").tests[0], "zh")
    heard = [misheard(clean, 0.2, random.Random(i)) for i in range(200)]
    before = "".join(t.text for t in clean.turns if t.speaker == "agent")
    before = "".join(c for c in before if c.isalnum())
    same = [
        sum(a == b.text for a, b in zip(before, t.turns[0].words, strict=False))
        for t in heard
        if len(t.turns[0].words) == len(before)
    ]
    # Where nothing was lost or put in, 0.2 · 0.8 of the characters changed: 16 % ± the draw.
    assert 0.76 < sum(same) / (len(same) * len(before)) < 0.92
    for transcript in heard:
        for turn, was in zip(transcript.turns, clean.turns, strict=True):
            assert (turn.start_s, turn.end_s) == (was.start_s, was.end_s)
            assert turn.text == "".join(w.text for w in turn.words)
            assert all(
                a.start_s <= b.start_s for a, b in zip(turn.words, turn.words[1:], strict=False)
            )


def test_no_errors_flip_nothing_and_the_same_seed_gives_the_same() -> None:
    ready = compile_rubric(parse_rubric(TESTED, "r.yaml"))
    tests = ready.rubric.tests
    assert stress(ready, tests, levels=(0.0,))[0].flips == ()
    assert stress(ready, tests, seed=3) == stress(ready, tests, seed=3)
    (row,) = stress(ready, tests, levels=(0.95,), repeats=20)
    # Nearly every character wrong: of seven syllables too few are left for any tier.
    assert row.judged == 20
    assert row.share(0.95) is not None
    assert row.share(0.95) > 0.5  # type: ignore[operator]


def test_shares_are_of_what_was_judged_and_not_of_every_test(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Of three tests the second criterion applies in one; every word is heard wrongly there."""
    text = MINI.replace("points: 10\n        expect", "points: 6\n        expect") + (
        "      - id: goodbye\n        title: 道别\n        points: 4\n"
        "        applies: {call: {contact: first}}\n"
        "        expect: {said: {by: agent, any: [祝您生活愉快]}}\n"
        "      - id: heard\n        title: 听感\n        points: 1\n        manual: true\n"
        "tests:\n"
        "  - {name: one, call: {contact: first}, turns: [{agent: 您好祝您生活愉快}], expect: {total: 10}}\n"
        "  - {name: two, call: {contact: repeat}, turns: [{agent: 您好}], expect: {total: 10}}\n"
        "  - {name: three, call: {contact: repeat}, turns: [{agent: 喂}], expect: {total: 4}}\n"
    )
    rubric = parse_rubric(text, "r.yaml")

    def deaf(transcript: Transcript, level: float, rng: random.Random) -> Transcript:
        turns = (
            replace(t, text="嗯", words=(replace(t.words[0], text="嗯"),)) for t in transcript.turns
        )
        return replace(transcript, turns=tuple(turns))

    monkeypatch.setattr("qc_pipeline.scoring.stress.misheard", deaf)
    greeting, goodbye, heard = stress(
        compile_rubric(rubric), rubric.tests, repeats=2, levels=(0.1,)
    )
    # greeting: passed in two of three tests, and fails in all when nothing is heard.
    assert (greeting.judged, greeting.share(0.1), greeting.wrongly_deducted(0.1)) == (6, 4 / 6, 4)
    assert [(f.before, f.after, f.count, f.example) for f in greeting.flips] == [
        ("pass", "fail", 4, "one")
    ]
    assert (goodbye.judged, goodbye.share(0.1), goodbye.wrongly_deducted(0.1)) == (2, 1.0, 2)
    assert (heard.judged, heard.share(0.1), heard.flips) == (0, None, ())
    assert "“祝您生活愉快”" in goodbye.flips[0].reason


@pytest.mark.parametrize("file", FILES, ids=lambda f: f.stem)
def test_few_criteria_flip_to_a_deduction_at_five_per_cent(file: Path) -> None:
    rubric = read_rubric(file)
    rows = stress(compile_rubric(rubric), read_tests(file, rubric), levels=(0.05,), repeats=2)
    judged = sum(r.judged for r in rows)
    assert sum(r.wrongly_deducted(0.05) for r in rows) / judged < 0.01
