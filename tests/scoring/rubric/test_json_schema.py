"""The schemas in the form that a YAML language server completes, explains and marks well.

What stands here was learnt by running yaml-language-server on them: each test is the cheap form of
something that an editor then did or did not do.
"""

# ruff: noqa: E501  (messages stand as they are read)

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from qc_pipeline.call_fields import BY_NAME
from qc_pipeline.errors import InputError
from qc_pipeline.scoring.operators.registry import OPERATORS, build
from qc_pipeline.scoring.rubric.files import read_rubric
from qc_pipeline.scoring.rubric.json_schema import rubric_schema, schema_of_tests
from qc_pipeline.scoring.rubric.parse import parse_rubric, read_rubric_text, read_test_text
from qc_pipeline.scoring.rubric.schema_help import SNIPPETS
from tests.scoring.rubric.test_parse import MINI
from tests.scoring.rubric.test_tools import as_json

RUBRICS = Path(__file__).parents[3] / "rubrics"
SCHEMAS = {"rubric": rubric_schema(), "tests": schema_of_tests()}
OF_MINI = parse_rubric(MINI, "r.yaml")
# What only notes, rejects or compares says nothing of the place where it stands.
_ONLY_RULES = ("dependencies", "if", "then", "else", "oneOf", "anyOf", "not")


def places(schema: Any, at: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every schema of a key that an editor completes."""
    if not isinstance(schema, dict):
        return
    for key, value in schema.get("properties", {}).items():
        if isinstance(value, dict) and not value.get("doNotSuggest"):
            yield f"{at}/{key}", value
    for key, value in schema.items():
        if key not in _ONLY_RULES and isinstance(value, dict):
            parts = value.items() if key in ("properties", "$defs") else [(key, value)]
            for name, part in parts:
                yield from places(part, f"{at}/{name}")


@pytest.fixture(params=SCHEMAS)
def schema(request: pytest.FixtureRequest) -> dict[str, Any]:
    return SCHEMAS[request.param]


def test_every_key_has_a_text_for_hover_and_a_type_so_that_it_is_put_in_with_its_colon(
    schema: dict[str, Any],
) -> None:
    found = list(places(schema))
    assert len(found) > 40
    assert [at for at, value in found if not value.get("description")] == []
    assert [at for at, value in found if not {"type", "enum", "const"} & set(value)] == []


def test_nothing_stands_there_that_stops_completion_or_fills_in_what_nobody_asked_for(
    schema: dict[str, Any],
) -> None:
    text = json.dumps(schema)
    for word in ("maxProperties", "default", "prefixItems", "x-qc"):
        assert f'"{word}":' not in text, word


def test_every_reference_leads_somewhere_and_has_nothing_beside_it(schema: dict[str, Any]) -> None:
    """Draft 7 passes over what stands beside a reference."""
    text = json.dumps(schema)
    assert set(re.findall(r'"#/\$defs/([^"]+)"', text)) <= set(schema["$defs"])
    assert re.findall(r'\{"\$ref": "[^"]+",|, "\$ref": "[^"]+"\}', text) == []


@pytest.mark.parametrize("name", SNIPPETS)
def test_what_an_editor_puts_in_for_an_operator_is_a_condition(name: str) -> None:
    def filled(value: Any) -> Any:
        if isinstance(value, list):
            return tuple(map(filled, value))
        text = re.sub(r"\$\{\d+:([^}]*)\}", r"\1", value)
        if text in ("$1", "$2") and name == "before":
            return {"silence": {"longer_than": 3}}
        text = re.sub(r"^\$\d$", "您好", text)
        text = ("您好",) if (name, text) == ("follows_script", "您好") else text
        number = isinstance(text, str) and re.fullmatch(r"\d+(\.\d+)?", text)
        return float(text) if number and "." in text else int(text) if number else text

    body = {key: filled(value) for key, value in SNIPPETS[name].items()}
    assert build({name: body}, {"language": "zh", "build": build}).name == name


@pytest.mark.parametrize(
    ("floor", "right"),
    [
        ({"talk_s": 20, "turns": 4}, True),
        ({"turns": 1}, True),
        ({}, False),
        ({"talk_s": 0}, False),
        ({"turns": 0}, False),
        ({"seconds": 20}, False),
    ],
)
def test_the_least_talk_of_a_call_is_seconds_turns_or_both(floor: Any, right: bool) -> None:
    one = {"$ref": "#/$defs/ScorableFrom", "$defs": SCHEMAS["rubric"]["$defs"]}
    assert jsonschema.Draft7Validator(one).is_valid(floor) is right


def test_operators_that_stand_alone_in_a_mapping_have_something_to_begin_with() -> None:
    assert {name for name, o in OPERATORS.items() if not o.whole} == set(SNIPPETS)


def test_the_fields_of_the_call_list_are_offered(schema: dict[str, Any]) -> None:
    fields = next(v["properties"] for at, v in places(schema) if at.endswith("/call"))
    assert set(fields) == set(BY_NAME)


CONDITION = jsonschema.Draft7Validator(
    {"$ref": "#/$defs/condition", "$defs": SCHEMAS["rubric"]["$defs"]}
)
SAID = {"said": {"by": "agent", "any": ["您好"]}}


@pytest.mark.parametrize(
    ("condition", "right"),
    [
        (SAID, True),
        ("$name", True),
        ("name", False),
        ({}, False),
        ([], False),
        ({"siad": {}}, False),
        ({**SAID, "not": SAID}, False),
        ({**SAID, "within": {"turns": 3}}, False),
        ({"whenever": SAID}, False),
        ({"whenever": SAID, "then": SAID}, False),
        ({"whenever": SAID, "then": SAID, "within": {"turns": 3}}, True),
        ({"whenever": SAID, "then": "$name", "within": {"first_turns": 3}}, False),
        ({"then": SAID, "within": {"turns": 3}}, False),
        ({"sequence": [SAID, SAID], "within": {"seconds": 3}}, True),
        ({"sequence": [SAID, SAID], "within": {"turns": 3}}, False),
        ({"sequence": [SAID]}, False),
        ({"all": [SAID, {"call": {"contact": "first", "own": 3}}]}, True),
        ({"call": {"contact": "frist"}}, False),
        ({"call": {"contact": {"in": ["first", "repeat"]}}}, True),
    ],
)
def test_a_condition_is_one_operator_with_what_goes_with_it(condition: Any, right: bool) -> None:
    assert CONDITION.is_valid(condition) is right
    text = MINI.replace(
        "        expect: {said: {by: agent, any: [您好]}}\n",
        f"        expect: {json.dumps(condition, ensure_ascii=False)}\n",
    )
    assert text != MINI
    named = text.replace(
        "sections:\n", "conditions: {name: {silence: {longer_than: 3}}}\nsections:\n"
    )
    assert (read_rubric_text(named, "r.yaml").rubric is not None) is right


def refused(schema: dict[str, Any], text: str) -> bool:
    return not jsonschema.Draft7Validator(schema).is_valid(as_json(text))


@pytest.mark.parametrize("file", sorted((RUBRICS / "tests").glob("*.yaml")), ids=lambda f: f.stem)
def test_the_schema_of_tests_takes_the_shipped_ones(file: Path) -> None:
    rubric = read_rubric(RUBRICS / file.name)
    ids, bands = [c.id for c in rubric.criteria()], [b.label for b in rubric.bands]
    for schema in (SCHEMAS["tests"], schema_of_tests(ids, bands)):
        jsonschema.Draft7Validator.check_schema(schema)
        assert not refused(schema, file.read_text(encoding="utf-8"))


TEST = """- name: 推诿客户
  call: {business: 咨询, contact: first}
  turns:
    - customer: 我的快递坏了。
    - agent: [3.0, 4.2, 这个不归我们管]
    - agent: {text: 不知道, confidence: 0.4}
  measures: {agent: {pitch_range_st: 3}}
  expect: {greeting: fail, total: 94, band: 合格}
"""


@pytest.mark.parametrize(
    ("old", "new", "told", "of_any"),
    [
        ("name:", "nmae:", '1:3: unknown key \'nmae\'; allowed: name call turns measures expect – did you mean "name"?', True),
        ("customer:", "custmer:", '4:7: a turn has one speaker and what was said; found custmer; allowed: agent customer – did you mean "customer"?', True),
        ("[3.0, 4.2, ", "[3.0, ", "5:7: a turn with times is [start, end, text]; found 2 entries", True),
        ("text: 不", "txt: 不", '6:15: unknown key \'txt\'; allowed: text at confidence – did you mean "text"?', True),
        ("0.4", "4", "6:38: 'confidence' is out of range; found 4; allowed: at most 1", True),
        ("greeting: fail", "greeting: failed", '8:22: no such verdict; found failed; allowed: pass | fail | not_applicable | unscorable | held – did you mean "fail"?', True),
        ("total: 94", "total: x", "8:35: the total is a number, or null for none; found x", True),
        ("{agent: {p", "{agnet: {p", "7:14: unknown key 'agnet'", True),
        ("我的快递坏了。", "12315", "4:7: what was said is a text; found 12315 – quote it", True),
        ("contact: first", "contact: frist", "2:33: no call list holds this under 'contact'; found frist", True),
        ("{greeting: fail, total: 94, band: 合格}", "{}", "8:11: the test expects nothing", True),
        ("greeting: fail", "greting: fail", '8:12: no such criterion; found greting – did you mean "greeting"?', False),
        ("合格", "很好", "8:45: no such band; found 很好; allowed: ", False),
    ],
)  # fmt: skip
def test_the_schema_of_tests_refuses_what_the_reader_refuses(
    old: str, new: str, told: str, of_any: bool
) -> None:
    """The last ones only where the schema was made for this rubric."""
    own = schema_of_tests([c.id for c in OF_MINI.criteria()], [b.label for b in OF_MINI.bands])
    text = TEST.replace(old, new)
    for whole in (text, "tests:\n" + re.sub("^", "  ", text, flags=re.M)):
        assert refused(own, whole)
        assert refused(SCHEMAS["tests"], whole) is of_any
    with pytest.raises(InputError, match=re.escape(f"t.yaml:{told}")):
        read_test_text(text, "t.yaml", OF_MINI)
    assert not refused(own, TEST)
