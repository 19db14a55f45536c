"""A phrase is found although a recogniser wrote other characters, and not where it was not said."""

from itertools import product

import pytest

from qc_pipeline.text.phrases import (
    Level,
    Phrase,
    PhraseIndex,
    merged,
    never_matches,
)


def found(
    phrase: str,
    turn: str,
    level: Level = "near",
    language: str = "zh",
    polite: bool = True,
    confusions: tuple[str, ...] = (),
    exact_only: tuple[str, ...] = (),
) -> list[tuple[str, int]]:
    """(words, tier) of every find, those that are nearly one (tier 5) last."""
    index = PhraseIndex.build(
        [Phrase(text=phrase, level=level, polite_you=polite)], language, confusions, exact_only
    )
    findings = index.find_all([turn])
    return [(turn[h.start : h.end], h.tier) for h in findings.hits + findings.almost]


@pytest.mark.parametrize(
    ("phrase", "turn", "words", "tier"),
    [
        ("请稍等", "好的,请 稍等!", "请 稍等", 1),
        ("请稍等", "請稍等一下", "請稍等", 1),
        ("24小时内", "我们二十四小时内答复", "二十四小时内", 1),
        ("二十四小时内", "我们24小时内答复", "24小时内", 1),
        ("您好", "你好", "你好", 1),
        ("请稍等", "请烧灯", "请烧灯", 2),
        ("银行卡", "银航卡", "银航卡", 2),  # 行 is read hang too
        ("音乐", "音月", "音月", 2),  # 乐 is read yue too
        ("二十四小时内", "24小食内", "24小食内", 2),
        ("24小时内", "二十四小食内", "二十四小食内", 2),
        ("经理", "尽力", "尽力", 3),
        ("找领导", "早宁岛", "早宁岛", 3),
        ("帮您升级", "帮您身级", "帮您身级", 3),
        ("感谢您的来电", "感谢您的电", "感谢您的电", 4),
        ("感谢您的来电", "感谢您的来嗯电", "感谢您的来嗯电", 4),
        ("感谢您的来电", "感谢我的来电", "感谢我的来电", 4),
        ("帮您升级", "帮您登记", "帮您登记", 5),
        ("帮您升级", "帮您级", "帮您级", 5),
        ("帮您升级", "帮您再升级", "帮您再升级", 5),
    ],
)
def test_phrase_is_found_in_its_tier(phrase: str, turn: str, words: str, tier: int) -> None:
    assert found(phrase, turn) == [(words, tier)]


@pytest.mark.parametrize(
    ("phrase", "turn"),
    [
        ("升级", "登记"),  # two syllables: sheng is no deng
        ("请稍等", "请等"),  # three: nothing may be missing
        ("请稍等", "请你等"),
        ("帮您升级", "帮我登记"),  # four: two are wrong
        ("感谢您的来电", "谢谢我的来电"),  # six: two are wrong
        ("很高兴为您服务", "很高兴认识您"),
        ("12315", "12345"),
        ("傻子", "沙发"),
    ],
)
def test_other_words_are_not_found(phrase: str, turn: str) -> None:
    assert found(phrase, turn) == []


@pytest.mark.parametrize(
    ("phrase", "turn", "tier"),
    [
        ("请问有什么可以帮您", "请问又什么可以邦您", 2),
        ("请问有什么可以帮您", "请问什么可以您", 4),
        ("请问有什么可以帮您", "请我有什么可一以帮您", 4),
        ("请问有什么可以帮您", "你问我什么不用帮您", None),
    ],
)
def test_two_syllables_may_differ_from_nine_on(phrase: str, turn: str, tier: int | None) -> None:
    assert [t for _, t in found(phrase, turn)] == ([] if tier is None else [tier])


@pytest.mark.parametrize("word", "不没别未无非")
@pytest.mark.parametrize(
    ("phrase", "turn"),
    [
        ("可以给您退款", "可以{}给您退款"),  # one more
        ("我可以给您退款", "{}可以给您退款"),  # instead of the first
        ("可以{}给您退款", "可以给您退款"),  # missing
        ("可以{}给您退款", "可以再给您退款"),  # another instead
        ("可以再给您退款", "可以{}给您退款"),
        ("给您退款吗可以", "给您退款吗可{}"),  # instead of the last
        ("请问现在可以给您退款吗", "请问现在{}可以给您退吗"),
    ],
)
def test_a_sentence_turned_round_is_not_near(word: str, phrase: str, turn: str) -> None:
    assert found(phrase.format(word), turn.format(word)) == []


def test_a_negation_that_is_said_as_asked_is_found() -> None:
    assert found("这个不能给您退款", "这个不能跟您退款") == [("这个不能跟您退款", 4)]


def test_levels_stop_at_their_tier() -> None:
    turn = "感谢你的来点 敢谢您的来店 感谢我的来电 感谢您的来电"
    tiers = {
        level: sorted(t for _, t in found("感谢您的来电", turn, level))
        for level in ("exact", "homophone", "near")
    }
    assert tiers == {"exact": [1], "homophone": [1, 2, 2], "near": [1, 2, 2, 4]}


@pytest.mark.parametrize(
    ("phrase", "turn"),
    [("12315", "一二三幺五"), ("12315", "打1 2 3 1 5。"), ("120", "一百二十"), ("一百二", "120")],
)
def test_numbers_are_found_in_any_form(phrase: str, turn: str) -> None:
    assert [tier for _, tier in found(phrase, turn)] == [1]


@pytest.mark.parametrize(
    ("phrase", "turn"),
    [("12315", "123156"), ("12315", "零12315"), ("123", "124"), ("四", "是"), ("好", "号")],
)
def test_numbers_and_single_characters_are_exact_and_whole(phrase: str, turn: str) -> None:
    assert found(phrase, turn) == []


def test_a_number_ends_at_a_comma() -> None:
    assert found("12315", "拨打12315,5天内") == [("12315", 1)]


def test_a_single_character_is_found() -> None:
    assert found("滚", "你给我滚") == [("滚", 1)]


def test_exact_only_keeps_a_phrase_from_the_other_tiers() -> None:
    assert found("傻子", "沙子", exact_only=("傻子",)) == []
    assert found("傻子", "傻子", exact_only=("傻 子",)) == [("傻子", 1)]


def test_you_and_polite_you_differ_unless_they_are_made_one() -> None:
    assert found("你听不懂吗", "您听不懂吗", polite=True) == [("您听不懂吗", 1)]
    assert found("您好", "你好", polite=False) == []
    assert found("你听不懂吗", "您听不懂吗", polite=False) == [("您听不懂吗", 4)]
    assert found("你好", "你好", polite=False) == [("你好", 1)]


def test_f_and_h_are_confused_only_where_the_rubric_says_so() -> None:
    assert found("服务费", "服务会") == []
    assert found("服务费", "服务会", confusions=("f-h",)) == [("服务会", 3)]


def test_letters_match_whatever_their_width_and_case() -> None:
    assert found("下载APP", "下载ａｐｐ吧") == [("下载ａｐｐ", 1)]


def test_a_phrase_does_not_run_over_the_end_of_a_turn() -> None:
    index = PhraseIndex.build([Phrase(text="请稍等"), Phrase(text="感谢您的来电")])
    assert index.find(["请", "稍等", "感谢您", "的来电"]) == ()


def test_turns_with_line_feeds_and_empty_turns_keep_their_numbers() -> None:
    index = PhraseIndex.build([Phrase(text="请稍等")])
    hits = index.find(["a\n\nb", "", "请\n稍等", "\n", "请稍等"])
    assert [(h.turn, h.start, h.end) for h in hits] == [(2, 0, 4), (4, 0, 3)]


def test_hits_stand_in_order_of_turn_and_place() -> None:
    index = PhraseIndex.build([Phrase(text="稍等"), Phrase(text="请稍等"), Phrase(text="您好")])
    hits = index.find(["请稍等,您好", "稍等"])
    assert [(h.turn, h.start, h.end, h.phrase) for h in hits] == [
        (0, 0, 3, 1),
        (0, 1, 3, 0),
        (0, 4, 6, 2),
        (1, 0, 2, 0),
    ]


def test_overlapping_occurrences_are_one_best_tier_then_longest_then_earliest() -> None:
    index = PhraseIndex.build(
        [Phrase(text="请您稍等"), Phrase(text="稍等一下"), Phrase(text="下啊好")]
    )
    hits = merged(index.find(["请您稍等一下啊好", "请您烧等一下"]))
    # 请您稍等 comes before 稍等一下, which is as long.
    assert [(h.turn, h.phrase, h.tier) for h in hits] == [(0, 0, 1), (0, 2, 1), (1, 0, 2)]


def test_the_same_phrase_found_near_and_whole_is_found_once() -> None:
    assert found("好的好的好的", "好的好的好的好的") == [("好的好的好的", 1)]


def test_a_phrase_of_digits_and_words_is_heard_as_amount_or_digit_by_digit() -> None:
    assert found("拨打12315投诉", "拨打一二三一五头素") == [("拨打一二三一五头素", 2)]
    assert found("等待30分钟", "等带三十分钟") == [("等带三十分钟", 2)]


def test_a_percentage_is_found_as_it_is_spoken() -> None:
    assert found("百分之百", "我100%保证") == [("100%", 1)]
    assert found("5%", "百分之五的手续费") == [("百分之五", 1)]


def test_a_phrase_of_signs_alone_never_matches() -> None:
    assert never_matches("!?…")
    assert never_matches(" ", "en")
    assert not never_matches("请")
    index = PhraseIndex.build([Phrase(text="…"), Phrase(text="请讲")])
    assert [h.phrase for h in index.find(["…请讲!"])] == [1]
    assert index.units == (0, 2)


def test_an_index_of_no_phrases_finds_nothing() -> None:
    assert PhraseIndex.build([]).find(["请稍等"]) == ()
    assert PhraseIndex.build([], "en").find(["please hold"]) == ()
    assert PhraseIndex.build([Phrase(text="请稍等")]).find([]) == ()


def test_units_are_syllables_or_words() -> None:
    zh = PhraseIndex.build([Phrase(text="请稍等"), Phrase(text="24小时内"), Phrase(text="APP")])
    assert zh.units == (3, 6, 3)
    assert PhraseIndex.build([Phrase(text="I'm happy to help")], "en").units == (5,)


def test_last_tier_says_what_may_find_a_phrase() -> None:
    index = PhraseIndex.build(
        [Phrase(text="12315"), Phrase(text="请稍等", level="homophone"), Phrase(text="请稍等")]
    )
    assert [index.last_tier(i) for i in range(3)] == [1, 3, 4]


@pytest.mark.parametrize(
    ("phrase", "turn", "words", "tier"),
    [
        ("how may I help you", "Hello, how may I help you?", "how may I help you", 1),
        ("I'm sorry", "oh I am sorry", "I am sorry", 1),
        ("within 24 hours", "within twenty-four hours", "within twenty-four hours", 1),
        ("how may I help you", "how can I help you", "how can I help you", 4),
        ("how may I help you", "how may help you", "how may help you", 4),
        ("thank you for calling", "thank you for falling", "thank you for falling", 5),
    ],
)
def test_english_is_found_by_words(phrase: str, turn: str, words: str, tier: int) -> None:
    assert found(phrase, turn, language="en") == [(words, tier)]


@pytest.mark.parametrize(
    ("phrase", "turn"),
    [
        ("hold", "please behold"),
        ("please hold", "please old"),
        ("I can give you a refund", "I can not give you a refund"),
        ("I can give you a refund", "I can't give you a refund"),
        ("there is nothing I can do", "there is something I can do"),
        ("thank you", "thank me"),
    ],
)
def test_other_english_words_are_not_found(phrase: str, turn: str) -> None:
    assert found(phrase, turn, language="en") == []


def test_all_phrases_come_from_one_pass_as_from_one_each() -> None:
    texts = ["请稍等", "感谢您的来电", "帮您升级", "投诉", "12315", "请问有什么可以帮您"]
    turns = ["请烧灯,感谢的来电", "帮您登记 投宿", "打12315吧", "请问有啥可以帮您", "感谢您的来电"]
    together = PhraseIndex.build([Phrase(text=t) for t in texts]).find_all(turns)
    alone = [
        (i, h.turn, h.start, h.end, h.tier)
        for i, t in enumerate(texts)
        for f in [PhraseIndex.build([Phrase(text=t)]).find_all(turns)]
        for h in f.hits + f.almost
    ]
    assert sorted(
        (h.phrase, h.turn, h.start, h.end, h.tier) for h in together.hits + together.almost
    ) == sorted(alone)
    assert len(alone) == 7


def test_every_heteronym_pair_is_found_whatever_the_neighbours() -> None:
    """Characters with several readings in a row: each combination must be kept apart."""
    readings = {"行": "航形", "长": "掌常", "重": "虫众", "乐": "月勒"}
    index = PhraseIndex.build([Phrase(text="行长重乐")])
    for heard in product(*readings.values()):
        turn = "".join(heard)
        assert [h.tier for h in index.find([turn])] == [2], turn


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("四小时内", True),
        ("大概4小时内吧", True),
        ("二十四小时内", False),
        ("24小时内", False),
        ("一百零四小时内", False),
        ("十思小时内", False),
    ],
)
def test_a_number_of_something_is_no_piece_of_a_longer_number(text: str, found: bool) -> None:
    index = PhraseIndex.build([Phrase(text="四小时内")])
    assert bool(index.find([text])) is found


def test_a_word_that_begins_like_a_number_is_none() -> None:
    index = PhraseIndex.build([Phrase(text="一定给您回复")])
    assert [h.tier for h in index.find(["周二一定给您回复"])] == [1]
