"""Text that nobody said is dropped with its reason; what people do say stays."""

from __future__ import annotations

import pytest
from opencc import OpenCC

from qc_pipeline.asr.hallucinations import _phantoms, guard, invented
from qc_pipeline.call import Speaker, Turn


def turn(text: str, *, seconds: float = 10.0, confidence: float | None = 0.9) -> Turn:
    return Turn(
        speaker=Speaker.AGENT, start_s=1.0, end_s=1.0 + seconds, text=text, confidence=confidence
    )


def reason(
    text: str, *, language: str = "zh", hotwords: tuple[str, ...] = (), **kind
) -> str | None:
    found = invented(turn(text, **kind), language=language, hotwords=hotwords)
    return None if found is None else found.text


@pytest.mark.parametrize(
    "text",
    [
        "字幕由Amara.org社区提供",
        "字幕由 Amara.org 社區提供",
        "请不吝点赞 订阅 转发 打赏支持明镜与点点栏目",
        "好的请不吝点赞。",
        "謝謝觀看",
        "谢谢观看!",
    ],
)
def test_phantom_sentences_are_dropped(text: str) -> None:
    assert str(reason(text)).startswith("phantom sentence: ")


def test_every_line_of_the_list_is_dropped_however_it_is_written() -> None:
    to_traditional = OpenCC("s2t").convert
    assert len(_phantoms()) > 40
    inside = [plain for anywhere, plain, _ in _phantoms() if anywhere]
    for _, plain, written in _phantoms():
        language = "en" if written.isascii() else "zh"
        for text in (written, to_traditional(written), f" {written}！", f"{written}。"):
            assert str(reason(text, language=language)).startswith("phantom sentence: "), text
        among = reason(f"嗯嗯{written}好的呢", language="zh")
        assert str(among).startswith("phantom") is any(p in plain for p in inside), written


def test_english_phantoms_are_dropped() -> None:
    assert reason("Thanks for watching!", language="en") == "phantom sentence: thanks for watching"


@pytest.mark.parametrize(
    "text",
    [
        "谢谢您的来电",
        "感谢您的耐心等待,请问还有其他可以帮您",
        "再见",
        "我下期再见面的时候问一下",  # holds 下期再见, but says more
        "好的好的好的",
        "对对对对对",
        "您订阅的频道套餐已经到期了",
        "嗯",
    ],
)
def test_what_people_say_stays(text: str) -> None:
    assert reason(text) is None


def test_loops_are_dropped() -> None:
    assert reason("请您稍等请您稍等请您稍等请您稍等请您稍等请您稍等", seconds=20) == "loop"
    assert reason("啊" * 30, seconds=20) == "loop"


def test_repeating_a_request_four_times_is_no_loop() -> None:
    assert reason("找你们领导" * 4, seconds=8) is None


def test_text_faster_than_speech_is_dropped() -> None:
    # 40 characters in 2 s are 20 a second; nobody says more than 12.
    text = "我想问一下昨天下午在你们那边办的那个业务现在到哪一步了怎么到今天还没有人给我打电话"
    assert reason(text, seconds=2.0) == "faster than anyone can speak"
    assert reason(text, seconds=8.0) is None


@pytest.mark.parametrize(
    ("text", "language", "dropped"),
    [
        ("I would like to know where my order is", "zh", True),
        ("ご視聴ありがとうございました", "zh", True),
        ("시청해주셔서 감사합니다", "zh", True),
        ("OK", "zh", False),
        ("WiFi", "zh", False),
        ("我的 APP 打不开", "zh", False),
        ("where is my order", "en", False),
        ("我要投诉你们", "en", True),
    ],
)
def test_another_language_is_dropped(text: str, language: str, dropped: bool) -> None:
    got = reason(text, language=language)
    assert (got == "not the language of the call") is dropped


def test_the_prompt_coming_back_is_dropped() -> None:
    hotwords = ("云闪付", "大额存单", "理财通")
    assert reason("云闪付,大额存单,理财通", hotwords=hotwords) == "hotwords heard in noise"
    assert reason("大额存单理财通", hotwords=hotwords) == "hotwords heard in noise"
    assert reason("云闪付", hotwords=hotwords, confidence=0.3) == "hotwords heard in noise"
    assert reason("云闪付", hotwords=hotwords) is None
    assert reason("我想办大额存单", hotwords=hotwords) is None
    assert reason("云闪付,大额存单,理财通") is None


def test_guesses_are_dropped_and_doubtful_words_stay() -> None:
    assert reason("您好", confidence=0.05) == "guessed: very low confidence"
    assert reason("您好", confidence=0.3) is None
    assert reason("您好", confidence=None) is None


def test_every_drop_is_kept_with_its_place_and_reason() -> None:
    good, bad = turn("您好"), turn("谢谢观看")
    got = guard([good, bad], language="zh", hotwords=())
    assert got.turns == (good,)
    (dropped,) = got.dropped
    assert (dropped.speaker, dropped.start_s, dropped.end_s) == (Speaker.AGENT, 1.0, 11.0)
    assert (dropped.text, dropped.reason.text) == ("谢谢观看", "phantom sentence: 谢谢观看")
