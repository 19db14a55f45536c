"""What is hidden and what is not, in texts, in ids, and over turns."""

from __future__ import annotations

from dataclasses import replace

import pytest

from qc_pipeline.asr.formats.own import read
from qc_pipeline.call import Speaker, Word
from qc_pipeline.text import masked_words
from qc_pipeline.text.masking import mask
from tests.report.made_talk import transcript, turn


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
        ("卡号 6222-2026-11-16-3344", "卡号 ****-****-**-**-3344"),
        ("写信给 a.b@example.com 就行", "写信给 *************** 就行"),
    ],
)
def test_numbers_are_hidden_and_the_length_is_kept(text: str, shown: str) -> None:
    assert len(shown) == len(text)
    assert mask.mask(text) == shown


@pytest.mark.parametrize(
    ("six", "seven", "shown"),
    [
        # Of a local number all but its last two digits are hidden; one spoken in English is
        # hidden whole.
        ("电话888866", "电话8888666", "电话*****66"),
        ("是八八八 八六六", "是八八八 八六六六", "是*** **六六"),
        ("888-866", "888-8666", "***-**66"),
        (
            "call five five five one two three",
            "call five five five one two three four",
            "call **** **** **** *** *** ***** ****",
        ),
    ],
)
def test_seven_digits_are_somebodys_number_and_six_are_not(
    six: str, seven: str, shown: str
) -> None:
    assert mask.mask(six) == six
    assert len(shown) == len(seven)
    assert mask.mask(seven) == shown


def test_seven_digits_over_two_turns_are_hidden_and_six_are_not() -> None:
    def hidden(second: str) -> list[int]:
        turns = [("customer", "电话八八八"), ("agent", "嗯"), ("customer", second)]
        return [sum(b - a for a, b in spans) for spans in mask.turn_spans(turns)]

    assert hidden("八六六") == [0, 0, 0]
    assert hidden("八六六六") == [3, 0, 2]


@pytest.mark.parametrize(
    "text",
    [
        "工号8012为您服务",
        "一共是五十八块",
        "11月16日下午3点到5点",
        "24小时内给您答复",
        "2026-11-16，最晚 2026-11-18 答复",
        "先生您好",
        "这位先生您好",
        "您贵姓",
        "姓名是什么",
        "我叫他过来",
        "老百姓常说",
        "请问您住在哪里",
        "一楼二号窗口办理",
        "三个工作日内给您寄到家里",
        "my account is not on it",
        "请拨打12345",
        "拨打一二三一五投诉",
        "5f3c9d120045c0ffee00112233",
    ],
)
def test_what_identifies_nobody_stays(text: str) -> None:
    assert mask.mask(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("我叫王小明", "我叫***"),
        ("我叫欧阳娜娜的", "我叫****的"),
        ("户主是李强吗", "户主是**吗"),
        ("他叫张伟", "他叫**"),
        ("我叫佟丽娅", "我叫***"),
        ("免贵姓王", "免贵姓*"),
        ("我姓欧阳", "我姓**"),
        ("张伟先生您好", "**先生您好"),
        ("您好李女士", "您好*女士"),
        ("向张先生道歉", "向*先生道歉"),
        ("王师傅的爱人", "*师傅的爱人"),
        ("my name is john smith", "my name is **** *****"),
        ("thank you Mr. Smith", "thank you Mr. *****"),
    ],
)
def test_names_after_what_introduces_them_and_before_titles_are_hidden(
    text: str, shown: str
) -> None:
    assert mask.mask(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("我住在海淀区中关村南大街5号", "我住在海淀区********"),
        ("地址是朝阳区幸福小区三号楼二单元五零二", "地址是朝阳区*************"),
        ("您家是中山路12号3单元502室吗", "您家是*************吗"),
        ("我住幸福花园", "我住****"),
        ("寄到上海市浦东新区张江路88弄6号", "寄到上海市浦东新区********"),
        ("I live at 12 Baker Street apt 4", "I live at ** ***** ****** *** *"),
    ],
)
def test_addresses_are_hidden_from_the_road_on(text: str, shown: str) -> None:
    assert mask.mask(text) == shown


def test_english_digit_words_and_spoken_mail_addresses_are_hidden() -> None:
    said = mask.mask("my number is one three eight double zero one three eight zero zero zero")
    assert "eight zero zero zero" not in said
    assert mask.mask("邮箱是abc艾特qq点com") == "邮箱是***********"
    assert mask.mask("mail john.doe at example dot com") == "mail ******** ** ******* *** ***"


def test_full_width_digits_are_hidden() -> None:
    assert mask.mask("电话１３８００１３８０００") == "电话１３８****８０００"


HASH = "ecc85be8f13800138000c620021220212345e" + "a" * 27
HIDDEN = "ecc85be8f138****8000c***************e"


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
        (f"plan {HASH}, frame {HASH}", f"plan {HASH}, frame {HASH}"),
        # Part of something longer, of digits alone, or cut short it is none.
        (HASH + "0", HIDDEN + "a" * 27 + "0"),
        ("x" + HASH, "x" + HIDDEN + "a" * 27),
        (HASH[:40], HIDDEN + "aaa"),
        ("13800138000" + "0" * 53, "138****8000" + "0" * 53),
    ],
)
def test_ids_and_file_names_hide_only_what_can_be_a_persons_number(text: str, shown: str) -> None:
    assert mask.mask_identifier(text) == shown


def test_number_said_in_pieces_over_turns_is_hidden_in_all_of_them() -> None:
    spans = mask.turn_spans(
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
    found = masked_words.masked(said, mask.NO_NAMES)
    assert found.texts == ("打138****8000吧",)
    # characters 4 … 7 are hidden: 10 + 4·0.5 = 12 s to 10 + 8·0.5 = 14 s, and a margin
    assert found.silenced == ((11.85, 14.15),)


def test_turn_without_word_times_is_silenced_whole() -> None:
    spoken = turn(Speaker.CUSTOMER, 3.0, "13800138000")
    bare = transcript(
        "r", [type(spoken)(speaker=spoken.speaker, start_s=3.0, end_s=5.0, text=spoken.text)]
    )
    assert masked_words.masked(bare, mask.NO_NAMES).silenced == ((3.0, 5.0),)


def test_agents_names_and_numbers_are_hidden_word_for_word() -> None:
    names = mask.names_of(["坐席1-1", "8012", "八零一二"])
    assert mask.mask("我是坐席1-1工号八零一二", names) == "我是*****工号****"


def test_masked_transcript_hides_words_too_and_is_still_read() -> None:
    spoken = turn(Speaker.CUSTOMER, 1.0, "我叫张伟电话13800138000")
    made = masked_words.masked_transcript(transcript("r", [spoken]))
    assert made.turns[0].text == "我叫**电话138****8000"
    assert "".join(w.text for w in made.turns[0].words) == "我叫**电话138****8000"
    assert [(w.start_s, w.end_s) for w in made.turns[0].words] == [
        (w.start_s, w.end_s) for w in spoken.words
    ]
    assert read(made.as_json(), "x.json", None, "r") == made


def test_word_that_is_not_in_its_turn_is_hidden_whole() -> None:
    spoken = replace(
        turn(Speaker.CUSTOMER, 1.0, "电话13800138000"),
        words=(Word(text="13800138000号", start_s=1.0, end_s=2.0),),
    )
    made = masked_words.masked_transcript(transcript("r", [spoken]))
    assert made.turns[0].words[0].text == "************"
