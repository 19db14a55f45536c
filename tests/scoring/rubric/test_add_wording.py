"""A wording in a rubric's list: in its place, everything else byte for byte."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qc_pipeline.scoring.rubric.add_wording import AddError, with_wording
from qc_pipeline.scoring.rubric.parse import parse_rubric
from qc_pipeline.text.phrase_patterns import PatternError, wordings

HEAD = """\
rubric: mini
version: "1"
title: 小标准
language: zh
points: 100
pass_mark: 85
bands:
  - {from: 85, label: 合格}
  - {from: 0, label: 不合格}
"""
RUBRIC = (
    HEAD
    + """\
phrases:
  offers:   # 结束前
    - "还有(什么|别的)…可以帮您"   # 最常用
    - 还需要什么帮助
  bye: [再见, 祝您生活愉快]

sections:
  - id: etiquette
    title: 服务礼仪
    points: 100
    criteria:
      - id: offer
        title: 询问其他需求
        points: 40
        expect: {said: {by: agent, any: [$offers, "其他问题吗" ]}}
      - id: closing
        title: 结束语
        points: 30
        expect:
          said:
            by: agent
            any: $bye
      - id: greeting
        title: 开头语
        points: 30
        expect:
          any:
            - said: {by: agent, any: [您好], unless: [您好烦]}
            - said:
                by: agent
                any:
                  - 早上好
                  - '下午好'
"""
)
SHIPPED = sorted((Path(__file__).parents[3] / "rubrics").glob("*.yaml"))


@pytest.mark.parametrize(
    ("criterion", "like", "wording", "before", "after"),
    [
        ("offer", "还有别的…可以帮您", "还要咨询别的吗", "   # 最常用\n",
         "   # 最常用\n    - 还要咨询别的吗\n"),
        ("offer", "还需要什么帮助", "还(要|想)问…吗", "什么帮助\n",
         '什么帮助\n    - "还(要|想)问…吗"\n'),
        ("offer", "其他问题吗", "别的事吗", '问题吗" ]', '问题吗", 别的事吗 ]'),
        ("closing", "再见", "拜拜", "[再见,", "[再见, 拜拜,"),
        ("closing", None, "拜拜", "生活愉快]", "生活愉快, 拜拜]"),
        ("greeting", "下午好", "晚上好", "'下午好'\n",
         "'下午好'\n                  - 晚上好\n"),
    ],
)  # fmt: skip
def test_it_stands_after_the_entry_that_it_is_like(
    criterion: str, like: str | None, wording: str, before: str, after: str
) -> None:
    changed = with_wording(RUBRIC, criterion, wording, like)
    assert RUBRIC.count(before) == 1
    assert changed == RUBRIC.replace(before, after)
    parse_rubric(changed, "mini.yaml")


def test_line_ends_and_a_missing_last_one_stay() -> None:
    dos = RUBRIC.replace("\n", "\r\n")
    changed = with_wording(dos, "offer", "还要别的", "还需要什么帮助")
    assert changed.replace("\r\n    - 还要别的", "", 1) == dos
    assert "\n" not in changed.replace("\r\n", "")
    bare = RUBRIC.rstrip("\n")
    changed = with_wording(bare, "greeting", "晚上好", "下午好")
    assert changed == bare + "\n                  - 晚上好"


@pytest.mark.parametrize(
    ("criterion", "like", "wording", "told"),
    [
        ("nothing", None, "再会", "no criterion 'nothing'"),
        ("closing", "好走", "再会", "no list of the criterion holds"),
        ("closing", "再见", "再见", "already"),
        ("closing", "再见", "  ", "has words"),
        ("closing", "再见", "(再|(又|还))会", "cannot be a wording"),
        ("greeting", None, "晚上好", "--like"),
        ("greeting", "您好烦", "您好吵", "no list"),
    ],
)
def test_what_cannot_be_added_is_refused(
    criterion: str, like: str | None, wording: str, told: str
) -> None:
    with pytest.raises(AddError, match=told):
        with_wording(RUBRIC, criterion, wording, like)


@given(
    st.text(alphabet="好的再见您请问还有吗…(|)，。:#'\"\\{}[]-&*!%@` ab1", min_size=1, max_size=12)
)
def test_any_wording_is_read_as_it_was_meant(wording: str) -> None:
    try:
        changed = with_wording(RUBRIC, "closing", wording, "再见")
        flat = with_wording(RUBRIC, "offer", wording, "还需要什么帮助")
    except AddError:
        return
    for text, criterion in ((changed, "closing"), (flat, "offer")):
        rubric = parse_rubric(text, "mini.yaml")
        own = next(c for c in rubric.criteria() if c.id == criterion)
        assert wording.strip() in getattr(own.condition, "wanted", ())


@pytest.mark.parametrize("path", SHIPPED, ids=lambda p: p.stem)
def test_every_entry_of_the_shipped_lists_can_be_added_to(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    rubric = parse_rubric(text, path.name)
    tried = 0
    for criterion in rubric.criteria():
        wanted = getattr(criterion.condition, "wanted", ())
        for phrase in wanted[:2]:
            try:
                way = wordings(phrase)[0].text
            except PatternError:
                continue
            new = "a wording of our own" if rubric.language == "en" else "絮絮叨叨地说上一句"
            changed = with_wording(text, criterion.id, new, way)
            assert len(changed) - len(text) in range(len(new) + 2, len(new) + 40)
            tried += 1
    assert tried > 5
