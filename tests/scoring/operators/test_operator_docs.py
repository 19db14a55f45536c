"""Every operator has a page that names all its keys, with an example that reads and scores."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

import pytest

from qc_pipeline.scoring.operators.registry import OPERATORS, allowed_keys
from qc_pipeline.scoring.rubric.parse import parse_rubric
from tests.builders import card, said

FOLDER = Path(__file__).parents[3] / "docs" / "operators"
CALL = said(("agent", "您好"), ("customer", "我要查账单"), ("agent", "请稍等"))


@pytest.mark.parametrize("name", OPERATORS)
def test_the_page_of_an_operator_names_its_keys_and_its_example_scores(name):
    page = (FOLDER / f"{name}.md").read_text(encoding="utf-8")
    for key in allowed_keys(name):
        if (name, key) != ("call", "call"):
            assert f"`{key}" in page, f"{key} is not on the page of {name}"
    (example,) = re.findall(r"```yaml\n(.*?)```", page, re.S)
    text = (
        'rubric: page\nversion: "1"\ntitle: 页\nlanguage: zh\npoints: 100\npass_mark: 85\n'
        "bands: [{from: 0, label: 合格}]\nsections:\n  - id: s\n    title: 一\n    points: 100\n"
        "    criteria:\n      - id: c\n        title: 标题\n        points: 100\n"
    ) + textwrap.indent(example, " " * 8)
    rubric = parse_rubric(text, f"{name}.md")
    condition = next(rubric.criteria()).condition
    assert condition is not None and (condition.name == name or name in example)
    assert card(rubric, CALL).criteria()[0].reason


def test_the_list_of_operators_links_to_every_page_and_no_other():
    linked = re.findall(r"\]\((\w+)\.md\)", (FOLDER / "README.md").read_text(encoding="utf-8"))
    assert sorted(linked) == sorted(OPERATORS)
    assert sorted(p.stem for p in FOLDER.glob("*.md")) == sorted([*OPERATORS, "README"])
