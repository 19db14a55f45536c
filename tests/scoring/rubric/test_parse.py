"""What a person can get wrong in a rubric, and what they are told."""

# ruff: noqa: E501  (a message stands whole, so that it can be read as the user reads it)

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from qc_pipeline.errors import InputError
from qc_pipeline.scoring.rubric.files import check_rubric, read_rubric, read_tests
from qc_pipeline.scoring.rubric.parse import parse_rubric, read_rubric_text

HEAD = """\
rubric: mini
version: "1"
title: 小样
language: zh
points: 10
pass_mark: 8
bands:
  - {from: 8, label: 合格}
  - {from: 0, label: 不合格}
"""
ONE = """\
sections:
  - id: a
    title: 礼仪
    points: 10
    criteria:
      - id: greeting
        title: 问候
        points: 10
        expect: {said: {by: agent, any: [您好]}}
"""
MINI = HEAD + ONE


def told(text: str) -> list[str]:
    return [str(p) for p in read_rubric_text(text, "r.yaml").problems]


def criterion(body: str, head: str = HEAD) -> str:
    """A rubric of one section whose first criterion has `body` (keys indented by 8)."""
    return f"{head}{ONE}      - id: second\n        title: 第二\n{body}"


def test_a_right_rubric_is_typed_and_named_by_the_hash_of_its_bytes() -> None:
    rubric = parse_rubric(MINI, "r.yaml")
    assert rubric.rubric == "mini"
    assert [c.id for c in rubric.criteria()] == ["greeting"]
    assert rubric.sha256 == hashlib.sha256(MINI.encode()).hexdigest()
    assert rubric.source == MINI
    assert rubric.review_below.said == 0.6
    assert rubric.review_below.not_said == 0.8


def test_the_band_of_a_total_is_the_highest_it_reaches() -> None:
    rubric = parse_rubric(MINI, "r.yaml")
    assert rubric.band(8) == "合格"
    assert rubric.band(7.99) == "不合格"


def test_one_number_for_review_below_stands_for_both() -> None:
    rubric = parse_rubric(MINI + "review_below: 0.5\n", "r.yaml")
    assert (rubric.review_below.said, rubric.review_below.not_said) == (0.5, 0.5)


@pytest.mark.parametrize(
    ("floor", "told_as"),
    [
        ("{talk_s: 20, turns: 4}", ""),
        ("{talk_s: 0.5}", ""),
        ("{turns: 1}", ""),
        ("{}", "needs seconds of talk, turns or both; allowed: talk_s turns"),
        ("{talk_s: 0}", "'talk_s' is out of range; found 0; allowed: more than 0"),
        ("{turns: 0}", "'turns' is out of range; found 0; allowed: at least 1"),
        ("{turns: 2.5}", "'turns' takes a whole number; found 2.5"),
        ("{seconds: 20}", "unknown key 'seconds'; allowed: talk_s turns"),
        ("20", "'scorable_from' takes a mapping"),
    ],
)
def test_the_least_talk_of_a_call_that_is_judged(floor: str, told_as: str) -> None:
    text = f"{MINI}scorable_from: {floor}\n"
    problems = told(text)
    if told_as:
        assert told_as in problems[0]
        assert problems[0].startswith("r.yaml:19:")
        return
    assert problems == []
    found = parse_rubric(text, "r.yaml").scorable_from
    assert found is not None and {found.talk_s, found.turns} & {20, 0.5, 1}


def test_without_it_no_call_is_too_short() -> None:
    assert parse_rubric(MINI, "r.yaml").scorable_from is None


def test_yes_and_010_stay_what_was_written() -> None:
    text = MINI.replace("[您好]", "[yes, 010, on, 您好]").replace("language: zh", "language: en")
    found = read_rubric_text(text.replace(", 您好", ""), "r.yaml")
    assert found.rubric is not None
    said = found.rubric.sections[0].criteria[0].expect
    assert said is not None
    assert [p.text for p in said.phrases()] == ["yes", "010", "on"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("[您好]", "[您好, 12315]"), 'r.yaml:18:46: this entry takes a text; found 12315 – quote it: "12315"'),
        (('version: "1"', "version: 2026.10"), "r.yaml:2:10: 'version' takes a text; found 2026.10 – quote it: \"2026.10\""),
        (("language: zh", "language: zn"), "r.yaml:4:11: 'language' takes one of a few words; found zn; allowed: zh | en"),
        (("by: agent", "by: agnet"), 'r.yaml:18:29: \'by\' takes one of a few words; found agnet; allowed: agent | customer | any – did you mean "agent"?'),
        (("{by: agent, ", "{"), "r.yaml:18:24: the key 'by' is missing"),
        (("any: [您好]", "any: 您好"), "r.yaml:18:41: 'any' takes a list, such as [a, b]; found 您好 – write [您好]"),
        (("any: [您好]", "any: []"), "r.yaml:18:41: the list is empty"),
        (("any: [您好]", "any: [您好, ' ']"), "r.yaml:18:46: a phrase is empty; found ' '"),
        (("[您好]", "[您好, '……']"), "r.yaml:18:46: this phrase can never be found; found ……"),
        (("[您好]", "[您好|你好]"), "r.yaml:18:42: this phrase can never be found; found 您好|你好 – '|' parts alternatives in brackets, (a|b), and wordings in scripts"),
        (("[您好]", "[您好], unless: [好]"), "this phrase can never be found: 'unless' cancels it by '好'; found 您好"),
        (("any: [您好]", "any: $greting"), "r.yaml:18:41: no such name among the phrases; found $greting"),
        (("{said:", "{siad:"), 'r.yaml:18:18: no such operator; found siad; allowed: said matches'),
        (("any: [您好]}}", "any: [您好]}, within: {first_turns: 2}}"), "unknown key 'within'; allowed: said only_held – 'within' belongs inside 'said'"),
        (("any: [您好]}}", "any: [您好], within: {first_turn: 2}}}"), 'unknown key \'first_turn\'; allowed: first_seconds last_seconds first_turns last_turns between percent – did you mean "first_turns"?'),
        (("any: [您好]}}", "any: [您好], within: {first_turns: 2.5}}}"), "'first_turns' takes a whole number; found 2.5"),
        (("any: [您好]}}", "any: [您好], within: {first_turns: 0}}}"), "'first_turns' is out of range; found 0; allowed: at least 1"),
        (("said: {by: agent, any: [您好]}", 'matches: {by: agent, regex: "a(?=b)"}'), "the regular expression does not compile"),
        (("id: greeting", "id: Greeting"), "r.yaml:15:13: 'id' is no id; found Greeting; allowed: small letters"),
        (("id: greeting", "id: total"), "r.yaml:15:13: 'total' is taken"),
        (("title: 问候", "titel: 问候"), 'r.yaml:16:9: unknown key \'titel\''),
        (("points: 10\n        expect", "points: 10\n        points: 9\n        expect"), "r.yaml:18:9: the key 'points' is there twice – the first one is in line 17"),
        (("points: 10\npass", "points: 11\npass"), "r.yaml:5:9: the sections' points do not add up to the rubric's; found 10 in the sections; allowed: 11"),
        (("points: 10\n        expect", "points: 9\n        expect"), "r.yaml:13:13: the section's criteria have fewer points than the section; found 9 in its criteria; allowed: at least 10"),
        (("points: 10\n        expect", "points: ten\n        expect"), "r.yaml:17:17: 'points' takes a number; found ten"),
        (("points: 10\n        expect", 'points: "10"\n        expect'), "r.yaml:17:17: 'points' takes a number; found \"10\" – without the quotes"),
        (("points: 10\n        expect", "points: 10\n        deduct: 11\n        expect"), "r.yaml:18:17: more is deducted than the criterion has; found 11; allowed: at most 10"),
        (("points: 10\n        expect", "points: 10\n        deduct: {each: 1, steps: {1: 2}}\n        expect"), "'deduct' takes a number or exactly one way of counting; found each, steps"),
        (("points: 10\n        expect", "points: 10\n        deduct: {each_missing: 2}\n        expect"), "'each_missing' counts the members of 'expect: {all: […]}'"),
        (("points: 10\n        expect", "points: 10\n        deduct: {steps: {first: 2}}\n        expect"), "the key 'first' takes a whole number; found first"),
        (("points: 10\n        expect", "points: 10\n        deduct: {steps: {2: 1, 4: x}}\n        expect"), "'4' takes a number; found x"),
        (("points: 10\n        expect", "points: 10\n        deduct: {steps: {0: 1}}\n        expect"), "the key '0' is out of range; found 0; allowed: at least 1"),
        (("points: 10\n        expect", "points: 10\n        bonus: 1\n        expect"), "r.yaml:18:16: a criterion has either points or a bonus; found both"),
        (("points: 10\n        expect", "bonus: 10\n        deduct: 1\n        expect"), "r.yaml:18:17: a bonus does not go with 'deduct'"),
        (("points: 10\n        expect", "severity: fatal\n        points: 10\n        expect"), "r.yaml:18:17: a fatal criterion has no 'points'"),
        (("points: 10\n        expect", "points: 10\n        scope: section\n        expect"), "only a fatal criterion has a scope"),
        (("points: 10\n        expect", "points: 10\n        manual: true\n        expect"), "a criterion takes exactly one of expect, forbid, manual; found expect, manual"),
        (("points: 10\n        expect", "points: 10\n        manual: yes\n        expect"), "'manual' takes one of a few words; found yes; allowed: true"),
        (("from: 8", "from: 0"), "r.yaml:8:3: the bands do not fall: the highest stands first; found 0, 0"),
        (("from: 0", "from: 1"), "r.yaml:8:3: the last band starts at 0; found 1"),
        (("from: 8", "from: 11"), "r.yaml:8:3: no call reaches the highest band; found 11; allowed: at most 10"),
        (("pass_mark: 8", "pass_mark: 12"), "r.yaml:6:12: no call could pass; found 12"),
        (("language: zh", "language: zh\neffective_from: 2026-02-30"), "r.yaml:5:17: no such day; found 2026-02-30 – write a day as 2026-11-01"),
        (("points: 10\n        expect", "points: 10\n        effective: {from: 2026-03-01, until: 2026-02-01}\n        expect"), "the last day lies before the first"),
        (("language: zh", "language: zh\nannounced: 2026-11-01\neffective_from: 2026-11-03"), "r.yaml:5:12: warning: less than 7 days before it takes effect; found 2 days"),
        (("language: zh", "language: zh\nphrases: {greeting: [您好]}"), "r.yaml:5:11: warning: nothing uses $greeting"),
        (("language: zh", "language: zh\nphrases: {a: [$b], b: [$a]}"), "leads back to itself"),
        (("language: zh", "language: zh\nconditions: {a: {not: $a}}"), "leads back to itself"),
        (("language: zh", "language: zh\nphrases: {$a: [您好]}"), "r.yaml:5:11: this cannot be a name; found $a"),
        (("[您好]", "&x [您好]"), "r.yaml:18:41: anchors (&) are not used in rubrics"),
        (("said: {by: agent, any: [您好]}", "call: {contct: first}"), 'r.yaml:18:25: warning: \'contct\' is no field the product knows; only your own column fits it – did you mean "contact"?'),
        (("said: {by: agent, any: [您好]}", "call: {contact: 首次}"), "r.yaml:18:34: no call list holds this under 'contact'; found 首次; allowed: first | repeat – it is kept as \"first\""),
        (("said: {by: agent, any: [您好]}", "call: {contact: {in: [first, frist]}}"), "no call list holds this under 'contact'; found frist"),
        (("said: {by: agent, any: [您好]}", "call: {resolved: 有}"), "no call list holds this under 'resolved'; found 有; allowed: true | false"),
        (("said: {by: agent, any: [您好]}", "call: {duration_s: long}"), "no call list holds this under 'duration_s'; found long; allowed: a number of seconds"),
        (("said: {by: agent, any: [您好]}", "names_time_limit: {by: agent, at_most: soon}"), "soon"),
        (("any: [您好]}}\n", "any: [您好], match: homophon}}\n"), 'did you mean "homophone"?'),
        (("language: zh", "language: zh\nexact_only: [您早]"), "r.yaml:5:14: warning: nothing looks for this phrase; found 您早"),
        (("[您好]", "[您好"), "not YAML: did not find expected ',' or ']'"),
        (("title: 小样", "title：小样"), "not YAML"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_place(change: tuple[str, str], message: str) -> None:
    old, new = change
    text = MINI.replace(old, new)
    assert text != MINI, "the change must change something"
    assert any(message in line for line in told(text)), told(text)


def test_all_mistakes_are_told_at_once_in_the_order_of_the_file() -> None:
    text = (
        MINI.replace("language: zh", "language: zn")
        .replace("by: agent", "by: agnet")
        .replace("points: 10\npass", "points: 11\npass")
    )
    with pytest.raises(InputError) as caught:
        parse_rubric(text, "r.yaml")
    assert [p.line for p in caught.value.problems] == [4, 5, 18]


def test_a_mistake_hides_nothing_that_does_not_follow_from_it() -> None:
    text = criterion(
        """\
        points: 3
        deduct: 5
        applies: {all: [{call: {contact: first}}, {call: {contact: repeat}}]}
        forbid: {said: {by: agnet, any: [滚]}}
""",
        HEAD.replace("from: 0", "from: 1") + "phrases: {odd: [12315, …]}\n",
    )
    found = told(text)
    assert [line.split(": ")[1] for line in found] == [
        "the last band starts at 0; found 1",
        "this entry takes a text; found 12315 – quote it",
        "this phrase can never be found; found … – punctuation is dropped before any match, and "
        "nothing is left",
        "more is deducted than the criterion has; found 5; allowed",
        "this criterion never applies; found no value of the call field 'contact' fits",
        "'by' takes one of a few words; found agnet; allowed",
    ]


def test_an_id_that_is_there_twice_names_the_first() -> None:
    text = criterion("        points: 1\n        manual: true\n").replace(
        "id: second", "id: greeting"
    )
    assert told(text) == [
        "r.yaml:19:13: the id of another criterion; found greeting – the first one is in line 15"
    ]


@pytest.mark.parametrize(
    ("applies", "found"),
    [
        ("{all: [{call: {contact: first}}, {call: {contact: repeat}}]}", "it is to be first, repeat"),
        ("{all: [{call: {duration_s: {above: 60}}}, {call: {duration_s: {below: 30}}}]}", "above 60 and below 30"),
        ("{all: [{call: {n: 5}}, {call: {n: {above: 9}}}]}", "it is to be 5 within the bounds"),
        ("{all: [{call: {n: {missing: true}}}, {call: {n: 5}}]}", "it is to be missing and to have a value"),
        ("{all: [{call: {n: 5}}, {not: {call: {n: 5}}}]}", "'call' is asked for and denied"),
        ("{any: [{all: [{call: {n: 5}}, {call: {n: 6}}]}]}", "it is to be 5, 6"),
    ],
)  # fmt: skip
def test_a_criterion_that_never_applies_is_an_error(applies: str, found: str) -> None:
    text = criterion(f"        points: 1\n        manual: true\n        applies: {applies}\n")
    lines = told(text)
    assert len(lines) == 1
    assert lines[0].startswith("r.yaml:23:18: this criterion never applies; found ")
    assert found in lines[0]


def test_section_and_criterion_together_may_contradict() -> None:
    text = criterion("        points: 1\n        manual: true\n        applies: {call: {n: 1}}\n")
    text = text.replace("title: 礼仪", "title: 礼仪\n    applies: {call: {n: 2}}")
    assert any("this criterion never applies" in line for line in told(text))


@pytest.mark.parametrize(
    "applies",
    [
        "{any: [{call: {n: 5}}, {call: {n: 6}}]}",
        "{all: [{call: {n: {in: [5, 6]}}}, {call: {n: {above: 5}}}]}",
        "{all: [{call: {n: 5}}, {call: {n: '5'}}]}",
        "{all: [{call: {n: 5}}, {not: {call: {n: 6}}}]}",
        "{all: [{call: {n: {in: [5, 6]}}}, {not: {call: {n: 5, m: 1}}}]}",
    ],
)
def test_a_criterion_that_can_apply_is_none(applies: str) -> None:
    assert (
        told(criterion(f"        points: 1\n        manual: true\n        applies: {applies}\n"))
        == []
    )


def test_names_are_put_in_where_they_stand() -> None:
    head = HEAD + (
        "phrases:\n  hello: [您好]\n  more: [$hello, 你好]\n"
        "scripts:\n  close:\n    - 感谢来电|谢谢来电\n    - 再见\n"
        "conditions:\n  long: {call: {duration_s: {above: 60}}}\n"
    )
    text = head + ONE.replace("any: [您好]", "any: [$more, 早上好]").replace(
        "expect:", "applies: $long\n        expect:"
    )
    text += (
        "      - id: closing\n        title: 结束\n        points: 1\n"
        "        expect: {follows_script: {by: agent, script: $close}}\n"
    )
    reading = read_rubric_text(text, "r.yaml")
    assert reading.problems == ()
    assert reading.rubric is not None
    greeting, closing = reading.rubric.criteria()
    assert greeting.expect is not None
    assert [p.text for p in greeting.expect.phrases()] == ["您好", "你好", "早上好"]
    assert greeting.applies is reading.rubric.conditions["long"]
    assert closing.expect is not None
    assert closing.expect.script == (("感谢来电", "谢谢来电"), ("再见",))  # type: ignore[attr-defined]


def doubled(kind: str, first: str, again: str, count: int, *, backwards: bool = False) -> str:
    """Names of which each uses the former twice."""
    lines = [f"  n0: {first}\n"]
    lines += [f"  n{i}: {again.format(f'$n{i - 1}')}\n" for i in range(1, count)]
    return f"{HEAD}{kind}:\n{''.join(reversed(lines) if backwards else lines)}{ONE}"


@pytest.mark.parametrize("backwards", [False, True])
def test_names_within_names_cannot_grow_without_end(backwards: bool) -> None:
    both = doubled("conditions", "{call: {n: 1}}", "{{any: [{0}, {0}]}}", 60, backwards=backwards)
    assert any("too large" in line or "names lead through" in line for line in told(both))
    lists = doubled("phrases", "[您好]", "[{0}, {0}]", 60, backwards=backwards)
    assert any("too long" in line or "names lead through" in line for line in told(lists))
    chain = doubled("conditions", "{call: {n: 1}}", "{{not: {0}}}", 3000, backwards=backwards)
    assert any("too large" in line or "names lead through" in line for line in told(chain))


def test_a_condition_of_forty_levels_is_read_and_one_more_is_refused() -> None:
    nested = "{not: " * 15 + "{call: {n: 1}}" + "}" * 15
    body = f"        points: 1\n        manual: true\n        applies: {nested}\n"
    assert told(criterion(body)) == []
    head = HEAD + "conditions:\n  a: " + nested + "\n  b: " + nested.replace("{call: {n: 1}}", "$a")
    head += "\n  c: " + nested.replace("{call: {n: 1}}", "$b") + "\n"
    assert any("46 deep; allowed: 5000 conditions, 40 deep" in line for line in told(head + ONE))


def test_many_alternatives_are_looked_through_in_no_time() -> None:
    either = "{any: [{call: {n: 1}}, {call: {n: 2}}]}"
    applies = "{all: [" + ", ".join([either] * 300) + "]}"
    body = f"        points: 1\n        manual: true\n        applies: {applies}\n"
    assert told(criterion(body)) == []


def test_a_name_of_the_wrong_kind_says_what_it_names() -> None:
    head = HEAD + "phrases:\n  hello: [您好]\n"
    lines = told(head + ONE.replace("expect:", "applies: $hello\n        expect:"))
    assert any(
        "found $hello" in line and "$hello names one of the phrases" in line for line in lines
    )


def test_mistakes_in_a_named_condition_are_told_once_where_it_stands() -> None:
    head = HEAD + "conditions:\n  long: {call: {duration_s: {abov: 60}}}\n"
    body = ONE.replace("expect:", "applies: $long\n        expect:")
    body += "      - id: b\n        title: b\n        points: 1\n        manual: true\n        applies: $long\n"
    lines = told(head + body)
    assert len(lines) == 1
    assert lines[0].startswith("r.yaml:11:30: unknown key 'abov'")


def test_a_mistake_in_a_test_block_is_told() -> None:
    tests = (
        "tests:\n  - name: a\n    turns:\n      - agnt: 您好\n    expect: {greeting: pass}\n"
        "  - name: b\n    turns:\n      - agent: 您好\n    expect: {greting: pass, total: high}\n"
        "  - name: c\n    turns:\n      - agent: 您好\n    expect: {greeting: passed, band: 良}\n"
    )
    assert told(MINI + tests) == [
        'r.yaml:22:9: a turn has one speaker and what was said; found agnt; allowed: agent customer – did you mean "agent"?',
        'r.yaml:27:14: no such criterion; found greting – did you mean "greeting"?',
        "r.yaml:27:36: the total is a number, or null for none; found high",
        'r.yaml:31:24: no such verdict; found passed; allowed: pass | fail | not_applicable | unscorable | held – did you mean "pass"?',
        "r.yaml:31:38: no such band; found 良; allowed: 合格 | 不合格",
    ]  # fmt: skip


def test_words_of_ones_own_columns_and_known_values_are_taken() -> None:
    for call in (
        "{our_column: 首次}",
        "{contact: {in: [first, repeat]}}",
        "{resolved: true}",
        "{duration_s: {above: 3}}",
        "{hold_s: 3.5}",
    ):
        body = f"        points: 1\n        manual: true\n        applies: {{call: {call}}}\n"
        assert told(criterion(body)) == []


def test_homophones_are_no_way_to_match_english() -> None:
    text = MINI.replace("language: zh", "language: en").replace(
        "[您好]", "[hello], match: homophone"
    )
    assert any("'match: homophone' is for Chinese" in line for line in told(text))


def test_files_that_cannot_be_read_say_why(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is no such file"):
        read_rubric(tmp_path / "none.yaml")
    with pytest.raises(InputError, match="a folder, not a file"):
        read_rubric(tmp_path)
    gbk = tmp_path / "gbk.yaml"
    gbk.write_bytes("rubric: a\ntitle: 质检\n".encode("gbk"))
    with pytest.raises(InputError, match=r"gbk\.yaml:2: the file is not UTF-8 – save it as UTF-8"):
        read_rubric(gbk)


def test_tests_beside_the_file_are_read_and_checked(tmp_path: Path) -> None:
    file = tmp_path / "mini.yaml"
    file.write_text(MINI, encoding="utf-8")
    folder = tmp_path / "tests"
    folder.mkdir()
    beside = folder / "mini-more.yaml"
    beside.write_text(
        "tests:\n  - name: a\n    turns: [{agent: 您好}]\n    expect: {greeting: pass}\n",
        encoding="utf-8",
    )
    assert [t.name for t in read_tests(file, read_rubric(file))] == ["a"]
    beside.write_text(
        "- name: a\n  turns: [{agent: 您好}]\n  expect: {greting: pass}\n", encoding="utf-8"
    )
    reading = check_rubric(file)
    assert reading.rubric is None
    assert [str(p) for p in reading.problems] == [
        f'{beside}:3:12: no such criterion; found greting – did you mean "greeting"?'
    ]


def test_a_fact_that_ties_nothing_is_told_with_the_nearest_name() -> None:
    def tied(name: str) -> str:
        return f"        points: 2\n        expect: {{said: {{by: agent, any: [再见]}}}}\n        same_fact: {name}\n"

    one = criterion(tied("apology")).replace("id: second", "id: third")
    text = one + f"      - id: second\n        title: 第二\n{tied('appology')}"
    assert [t for t in told(text) if "same_fact" in t or "ties nothing" in t] == [
        f'r.yaml:{line}:20: warning: no other criterion has this name, so it ties nothing; found {a} – did you mean "{b}"?'
        for line, a, b in ((23, "apology", "appology"), (28, "appology", "apology"))
    ]
    assert not any("ties nothing" in t for t in told(text.replace("appology", "apology")))
    assert not any("ties nothing" in t for t in told(criterion(tied("none"))))


def test_letters_that_only_look_alike_and_a_full_width_colon_are_named() -> None:
    (found,) = told(MINI.replace("by: agent", "by: \u0430gent"))
    assert found.endswith('did you mean "agent"? (cyrillic small letter a stands in it)')
    (found,) = told(MINI.replace("pass_mark: 8", "pass_mark：8"))
    assert found.endswith("':' and ',' of YAML are the half-width ones, followed by a space")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (
            "        applies: {all: [{call: {contact: {matches: '^f'}}}, {call: {contact: repeat}}]}\n",
            "this criterion never applies; found no value of the call field 'contact' fits: it is to be repeat, to match /^f/",
        ),
        (
            "        applies: {all: [{call: {contact: {matches: '^r'}}}, {call: {contact: repeat}}]}\n",
            None,
        ),
        ("        forbid: {similar: {by: agent, to: ['，，', 您好吗]}}\n", "this phrase can never be found; found ，， – "),
        ("        forbid: {talk_share: {by: agent, above: 80}}\n", "'above' is out of range; found 80; allowed: at most 1"),
    ],
)  # fmt: skip
def test_what_can_never_be_is_told(body: str, message: str | None) -> None:
    body = "        points: 2\n" + body
    if "forbid" not in body:
        body += "        expect: {said: {by: agent, any: [再见]}}\n"
    found = told(criterion(body))
    assert [message in f for f in found] == [True] if message else found == []
