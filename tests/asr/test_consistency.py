"""Two hearings held against each other."""

from __future__ import annotations

import pytest

from qc_pipeline.asr.consistency import HeardTwice, alike, compare, compare_words, tokens_of
from qc_pipeline.call import AsrIdentity, Speaker, Transcript, Turn, Word


def said(text: str, *confidences: float) -> list[Word]:
    given = confidences or (0.9,) * len(text)
    return [
        Word(text=c, start_s=float(n), end_s=n + 1.0, confidence=sure)
        for n, (c, sure) in enumerate(zip(text, given, strict=True))
    ]


def shown(words: tuple[HeardTwice, ...]) -> str:
    """Consistent words as they are, others in brackets."""
    return "".join(w.text if w.consistent else f"({w.text})" for w in words)


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("我要查话费", "我要查话费", "我要查话费"),
        ("我要查话费", "我要插话费", "我要(查)话费"),
        ("我要查话费", "我要话费", "我要(查)话费"),
        # A word more in the second is no word of the first.
        ("我要话费", "我要查话费", "我要话费"),
        ("您好", "", "(您)(好)"),
        ("", "您好", ""),
    ],
)
def test_a_word_stands_where_both_have_it(first: str, second: str, expected: str) -> None:
    assert shown(compare_words(said(first), said(second), "zh")) == expected


def test_numbers_and_punctuation_are_one_however_they_are_written() -> None:
    first = [
        Word(text=t, start_s=0, end_s=1, confidence=0.5) for t in ("一", "百", "块", "，", "好")
    ]
    second = [Word(text=t, start_s=0, end_s=1, confidence=0.5) for t in ("100", "块", "好。")]
    assert shown(compare_words(first, second, "zh")) == "100块好"


def test_each_character_has_the_confidence_of_its_word() -> None:
    words = [
        Word(text="宽带", start_s=0, end_s=1, confidence=0.7),
        Word(text=" hello", start_s=1, end_s=2, confidence=0.4),
        Word(text="坏", start_s=2, end_s=3, confidence=0.2),
    ]
    assert tokens_of(words, "zh") == [("宽", 0), ("带", 0), ("hello", 1), ("坏", 2)]
    found = compare_words(words, [], "zh")
    assert [(w.text, w.confidence) for w in found] == [
        ("宽", 0.7),
        ("带", 0.7),
        ("hello", 0.4),
        ("坏", 0.2),
    ]


def test_english_goes_by_the_word() -> None:
    first = [Word(text=t, start_s=0, end_s=1, confidence=0.5) for t in ("Thank", "you,", "Sam.")]
    second = [Word(text=t, start_s=0, end_s=1, confidence=0.5) for t in ("thank", "you", "Pam")]
    found = compare_words(first, second, "en")
    assert [(w.text, w.consistent) for w in found] == [
        ("thank", True),
        ("you", True),
        ("sam", False),
    ]


def test_words_without_a_confidence_tell_nothing() -> None:
    words = [Word(text="好", start_s=0, end_s=1)]
    assert compare_words(words, words, "zh") == ()


def heard(agent: str, customer: str, *, swapped: bool = False) -> Transcript:
    """Two voices; `swapped`: the agent's is taken for the customer's."""
    parties = [Speaker.AGENT, Speaker.CUSTOMER]
    if swapped:
        parties.reverse()
    turns = [
        Turn(speaker=s, start_s=0, end_s=9, text=text, words=tuple(said(text)))
        for s, text in zip(parties, (agent, customer), strict=True)
    ]
    return Transcript(
        recording_id="r",
        language="zh",
        duration_s=20,
        asr=AsrIdentity(backend="test", model="test"),
        turns=tuple(turns),
        speech=dict(zip(parties, (((0.0, 9.0),), ((10.0, 19.0),)), strict=True)),
    )


def test_the_same_voice_is_compared_though_roles_were_decided_otherwise() -> None:
    first = heard("您好请讲", "我要投诉")
    for swapped in (False, True):
        found = compare(first, heard("您好请讲", "我要投宿", swapped=swapped))
        assert shown(found[Speaker.AGENT]) == "您好请讲"
        assert shown(found[Speaker.CUSTOMER]) == "我要投(诉)"


def test_where_the_words_divide_a_channel_all_are_held_against_all() -> None:
    """The second hearing gave the customer the agent's last words: they stand all the same."""

    def divided(until: int) -> Transcript:
        words = said("您好请讲我要投诉")
        parts = ((Speaker.AGENT, words[:until]), (Speaker.CUSTOMER, words[until:]))
        return Transcript(
            recording_id="r",
            language="zh",
            duration_s=9,
            asr=AsrIdentity(backend="test", model="test"),
            turns=tuple(
                Turn(
                    speaker=s,
                    start_s=part[0].start_s,
                    end_s=part[-1].end_s,
                    text="".join(w.text for w in part),
                    words=tuple(part),
                )
                for s, part in parts
            ),
            speech={s: ((part[0].start_s, part[-1].end_s),) for s, part in parts},
        )

    found = compare(divided(4), divided(2))
    assert shown(found[Speaker.AGENT]) == "您好请讲"
    assert shown(found[Speaker.CUSTOMER]) == "我要投诉"


def test_what_different_calls_have_in_common() -> None:
    one = compare_words(said("我要查话费"), [], "zh")
    assert alike(one, one) == 1.0
    # 我 and 要 of six.
    assert alike(one, compare_words(said("我们只要退款"), [], "zh")) == pytest.approx(2 / 6)
    assert alike((), ()) == 0.0
