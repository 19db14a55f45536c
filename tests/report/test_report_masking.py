"""What is hidden and what is not, in texts, in ids, and over turns."""

from __future__ import annotations

import pytest

from qc_pipeline.call import Speaker
from qc_pipeline.report import heard, masking
from tests.report.inputs import transcript, turn


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("我的电话是13800138000", "我的电话是138****8000"),
        ("号码一三八 零零一三 八零零零", "号码一三八 **** 八零零零"),
        ("幺三八零零幺三八零零零对吗", "幺三八****八零零零对吗"),
        ("138-0013-8000", "138-****-8000"),
        ("卡号6222021234567890123", "卡号***************0123"),
        ("身份证11010519491231002X", "身份证**************002X"),
        ("座机88886666", "座机******66"),
        ("写信给 a.b@example.com 就行", "写信给 *************** 就行"),
    ],
)
def test_numbers_are_hidden_and_the_length_is_kept(text: str, shown: str) -> None:
    assert len(shown) == len(text)
    assert masking.mask(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "工号8012为您服务",
        "一共是五十八块",
        "11月16日下午3点到5点",
        "24小时内给您答复",
        "王先生您好",
        "请拨打12345",
        "拨打一二三一五投诉",
        "5f3c9d120045c0ffee00112233",
    ],
)
def test_what_identifies_nobody_stays(text: str) -> None:
    assert masking.mask(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("我叫王小明", "我叫王**"),
        ("我叫欧阳娜娜的", "我叫欧阳**的"),
        ("户主是李强吗", "户主是李*吗"),
        ("张伟先生您好", "张*先生您好"),
        ("您好李女士", "您好李女士"),
    ],
)
def test_given_names_are_hidden_and_family_names_stay(text: str, shown: str) -> None:
    assert masking.mask(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("20261116-13800138000-8012.wav", "20261116-138****8000-8012.wav"),
        ("rec_2026111613800138000", "rec_*******************"),
        ("a1380013800012x", "a138****800012x"),
        ("021-55556666_a", "********6666_a"),
        ("20261116093012", "20261116093012"),
        ("REC-000123", "REC-000123"),
        ("110105194912310021.mp3", "******************.mp3"),
    ],
)
def test_ids_and_file_names_hide_only_what_can_be_a_persons_number(text: str, shown: str) -> None:
    assert masking.mask_identifier(text) == shown


def test_number_said_in_pieces_over_turns_is_hidden_in_all_of_them() -> None:
    spans = masking.turn_spans(
        [
            ("customer", "我电话是一三八"),
            ("agent", "嗯"),
            ("customer", "零零一三"),
            ("agent", "好的"),
            ("customer", "八零零零"),
        ]
    )
    hidden = [sum(b - a for a, b in turn) for turn in spans]
    assert hidden == [0, 0, 4, 0, 0]  # the middle four of eleven, as when said at once


def test_masked_words_are_silent_in_the_clip_from_first_to_last() -> None:
    said = transcript("r", [turn(Speaker.CUSTOMER, 10.0, "打13800138000吧", pace_s=0.5)])
    found = heard.masked(said, masking.NO_NAMES)
    assert found.texts == ("打138****8000吧",)
    # characters 4 … 7 are hidden: 10 + 4·0.5 = 12 s to 10 + 8·0.5 = 14 s, and a margin
    assert found.silenced == ((11.85, 14.15),)


def test_turn_without_word_times_is_silenced_whole() -> None:
    spoken = turn(Speaker.CUSTOMER, 3.0, "13800138000")
    bare = transcript(
        "r", [type(spoken)(speaker=spoken.speaker, start_s=3.0, end_s=5.0, text=spoken.text)]
    )
    assert heard.masked(bare, masking.NO_NAMES).silenced == ((3.0, 5.0),)


def test_agents_names_and_numbers_are_hidden_word_for_word() -> None:
    names = masking.names_of(["坐席1-1", "8012", "八零一二"])
    assert masking.mask("我是坐席1-1工号八零一二", names) == "我是*****工号****"
