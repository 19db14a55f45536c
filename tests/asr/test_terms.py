"""The centre's terms in the words that were heard: by sound, and only where there was doubt."""

from __future__ import annotations

from dataclasses import replace

import pytest

from qc_pipeline.asr.helps import Change
from qc_pipeline.asr.terms import put_right
from tests.builders import turn


def texts(heard: str, confidences: list[float], *terms: str) -> tuple[str, tuple[Change, ...]]:
    said = turn("agent", 0.0, 4.0, heard, words=confidences)
    (made,), changes = put_right([said], terms)
    assert "".join(w.text for w in made.words) == made.text
    assert [w.confidence for w in made.words] == confidences
    return made.text, changes


def test_characters_of_the_same_sound_become_the_term() -> None:
    """xīn is another syllable than xīng, of its class (in/ing); the rest sounds the same."""
    text, changes = texts("新圆宽待客服", [0.5, 0.4, 0.9, 0.6, 0.9, 0.9], "星源宽带")
    assert text == "星源宽带客服"
    assert changes == (Change(before="新圆宽待", after="星源宽带"),)


@pytest.mark.parametrize(
    ("heard", "confidences", "term"),
    [
        ("去营业听办", [0.9, 0.9, 0.9, 0.9, 0.9], "营业厅"),  # heard with certainty
        ("去营业天办", [0.5] * 5, "宽带"),  # nothing like it
        ("新号", [0.3, 0.3], "星号"),  # two syllables, and one is another
        ("深思远", [0.3] * 3, "星源宽带"),  # shorter than the term
        ("申四元", [0.3] * 3, "星思源"),  # two syllables differ
        ("营业厅", [0.3] * 3, "营业厅"),  # stands already
    ],
)
def test_what_is_certain_or_sounds_otherwise_stays(
    heard: str, confidences: list[float], term: str
) -> None:
    assert texts(heard, confidences, term) == (heard, ())


def test_only_the_characters_that_change_need_be_doubtful() -> None:
    assert texts("去营业听办", [0.9, 0.95, 0.95, 0.84, 0.9], "营业厅")[0] == "去营业厅办"
    assert texts("去营业听办", [0.9, 0.95, 0.95, 0.85, 0.9], "营业厅")[0] == "去营业听办"


def test_a_longer_term_goes_before_a_shorter_one_in_it() -> None:
    text, changes = texts("合对一下", [0.5] * 4, "核对", "核对一下")
    assert (text, changes) == ("核对一下", (Change(before="合对一下", after="核对一下"),))


def test_every_place_is_put_right_and_marks_stay() -> None:
    said = turn("agent", 0.0, 4.0, "定单号，定单号。")
    words = turn("agent", 0.0, 3.0, "定单号定单号", words=[0.5] * 6).words
    marked = [w.text + m for w, m in zip(words, ("", "", "，", "", "", "。"), strict=True)]
    said = replace(
        said, words=tuple(replace(w, text=t) for w, t in zip(words, marked, strict=True))
    )
    (made,), changes = put_right([said], ("订单号",))
    assert made.text == "订单号，订单号。"
    assert len(changes) == 2


def test_words_without_confidence_are_not_known_to_be_doubtful() -> None:
    said = turn("agent", 0.0, 3.0, "营业听", words=[None, None, None])
    assert put_right([said], ("营业厅",)) == ((said,), ())
