"""Turns corrected, split and joined in an editor's text: what comes out, and what is refused."""

from __future__ import annotations

import pytest

from qc_pipeline.call import Measures, Speaker, Transcript, Turn
from qc_pipeline.errors import InputError
from qc_pipeline.review.transcript_editor import Corrected, as_text, from_text
from tests import builders
from tests.builders import AGENT, CUSTOMER


def turn(speaker: Speaker, start_s: float, text: str) -> Turn:
    """A character every half second, heard with confidence 0.8."""
    heard = [0.8] * len(text)
    return builders.turn(
        speaker, start_s, start_s + 0.5 * len(text), text, confidence=0.8, words=heard
    )


CALL = Transcript(
    recording_id="r1",
    language="zh",
    duration_s=20.0,
    asr=builders.ASR,
    turns=(
        turn(AGENT, 1.0, "您好你听不懂吗"),
        turn(CUSTOMER, 6.0, "我要"),
        turn(AGENT, 9.0, "查账单"),
    ),
    speech={AGENT: ((1.0, 4.5), (9.0, 10.5)), CUSTOMER: ((6.0, 7.0),)},
)
LEVELS = tuple({"level_db": level} for level in (-20.0, -26.0, -21.0))
MEASURES = Measures(version="1", turns=LEVELS)


def corrected(*changes: tuple[str, str], call: Transcript = CALL) -> Corrected:
    text = as_text(call)
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return from_text(text, call, MEASURES, name="words.txt")


def said(made: Corrected) -> list[tuple[str, float, float, str]]:
    return [(str(t.speaker), t.start_s, t.end_s, t.text) for t in made.transcript.turns]


def refused(*changes: tuple[str, str]) -> str:
    with pytest.raises(InputError) as caught:
        corrected(*changes)
    return str(caught.value)


def test_the_colon_and_the_plus_of_a_chinese_keyboard_will_do() -> None:
    typed = corrected(("agent: 您好你听不懂吗", "坐席\uff1a您好\n[\uff0b] 客户\uff1a你听不懂吗"))
    plain = corrected(("agent: 您好你听不懂吗", "agent: 您好\n[+] customer: 你听不懂吗"))
    assert said(typed) == said(plain)


def test_a_turn_cut_between_its_words_keeps_them_and_their_times() -> None:
    made = corrected(("agent: 您好你听不懂吗", "agent: 您好\n[+] customer: 你听不懂吗"))
    # Two characters of half a second from 1.0 s: the cut lies at 2.0 s.
    assert said(made)[:2] == [("agent", 1.0, 2.0, "您好"), ("customer", 2.0, 4.5, "你听不懂吗")]
    first, second = made.transcript.turns[:2]
    assert first.words + second.words == CALL.turns[0].words
    assert (first.confidence, second.confidence) == (0.8, 0.8)
    assert made.transcript.speech[AGENT] == ((1.0, 2.0), (9.0, 10.5))
    assert made.transcript.speech[CUSTOMER] == ((2.0, 4.5), (6.0, 7.0))
    # What was said by another was not measured as theirs.
    assert made.measures.turns == (LEVELS[0], {}, LEVELS[1], LEVELS[2])
    assert made.edits == (
        {
            "turn": 0,
            "start_s": 1.0,
            "split": [
                {"speaker": "agent", "start_s": 1.0, "end_s": 2.0, "text": "您好"},
                {"speaker": "customer", "start_s": 2.0, "end_s": 4.5, "text": "你听不懂吗"},
            ],
        },
    )


def test_pieces_with_other_words_share_the_time_by_their_length_and_are_certain() -> None:
    made = corrected(("agent: 您好你听不懂吗", "agent: 您好请问\n【+】 客户:听不懂"))
    # 3.5 s for seven characters, half a second each.
    assert said(made)[:2] == [("agent", 1.0, 3.0, "您好请问"), ("customer", 3.0, 4.5, "听不懂")]
    piece = made.transcript.turns[1]
    assert [(w.text, w.start_s, w.confidence) for w in piece.words] == [
        ("听", 3.0, 1.0), ("不", 3.5, 1.0), ("懂", 4.0, 1.0),
    ]  # fmt: skip
    assert made.edits[0]["text"] == {"from": "您好你听不懂吗", "to": "您好请问听不懂"}


def test_the_moment_of_the_cut_can_be_given() -> None:
    made = corrected(("agent: 您好你听不懂吗", "agent: 您好\n[+2.40] customer: 你听不懂吗"))
    assert said(made)[:2] == [("agent", 1.0, 2.4, "您好"), ("customer", 2.4, 4.5, "你听不懂吗")]
    # The word that began before the cut is clipped to its piece.
    assert made.transcript.turns[1].words[0].start_s == 2.4


def test_a_turn_joined_to_the_line_above_takes_its_speaker() -> None:
    made = corrected(("[9.00-10.50] agent: 查账单", "[9.00-10.50] ^: 查账单"))
    assert said(made) == [
        ("agent", 1.0, 4.5, "您好你听不懂吗"), ("customer", 6.0, 10.5, "我要查账单"),
    ]  # fmt: skip
    joined = made.transcript.turns[1]
    assert "".join(w.text for w in joined.words) == "我要查账单"
    assert joined.confidence == 0.8
    assert made.transcript.speech == {AGENT: ((1.0, 4.5),), CUSTOMER: ((6.0, 7.0), (9.0, 10.5))}
    # The longer part (1.5 s of 2.5) was measured as the agent's: unknown now.
    assert made.measures.turns == (LEVELS[0], {})
    assert made.edits == (
        {
            "turn": 2, "start_s": 9.0, "joined": True,
            "speaker": {"from": "agent", "to": "customer"},
        },
    )  # fmt: skip


def test_words_move_from_one_turn_to_the_next_by_splitting_and_joining() -> None:
    made = corrected(
        ("agent: 您好你听不懂吗", "agent: 您好\n[+] customer: 你听不懂吗"),
        ("customer: 我要", "^: 我要"),
    )
    assert said(made) == [
        ("agent", 1.0, 2.0, "您好"),
        ("customer", 2.0, 7.0, "你听不懂吗我要"),
        ("agent", 9.0, 10.5, "查账单"),
    ]
    assert made.transcript.turns[1].end_s == 7.0
    assert [e["turn"] for e in made.edits] == [0, 1]
    assert as_text(made.transcript).count("\n[") == 3


def test_english_pieces_are_joined_with_a_space() -> None:
    from dataclasses import replace

    call = replace(
        CALL,
        language="en",
        turns=(
            Turn(speaker=AGENT, start_s=1.0, end_s=2.0, text="good morning"),
            Turn(speaker=AGENT, start_s=3.0, end_s=4.0, text="how can I help"),
        ),
    )
    made = corrected(("[3.00-4.00] agent", "[3.00-4.00] ^"), call=call)
    assert [t.text for t in made.transcript.turns] == ["good morning how can I help"]


def test_a_text_left_as_it_was_changes_nothing() -> None:
    made = corrected()
    assert (made.transcript, made.measures, made.edits) == (CALL, MEASURES, ())


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        (
            (("[1.00-4.50] agent", "[1.00-4.50] ^"),),
            "words.txt:6: no turn stands above to be joined",
        ),
        (
            (("[1.00-4.50]", "[+] agent: 喂\n[1.00-4.50]"),),
            "words.txt:6: no turn stands above to be split",
        ),
        (
            (("customer: 我要", "customer: 我\n[+] boss: 要"),),
            "words.txt:8: not a speaker; found 'boss'; allowed: agent, customer",
        ),
        (
            (("agent: 您好你听不懂吗", "agent: 您好\n[+] customer:"),),
            "words.txt:7: a piece of a split turn has no words",
        ),
        (
            (("agent: 您好你听不懂吗", "agent: 您好\n[+4.50] customer: 你听不懂吗"),),
            "words.txt:7: the pieces of a split turn must follow each other inside it; found 4.50; "
            "allowed: more than 1.00, less than 4.50",
        ),
        (
            (("agent: 您好你听不懂吗", "agent: 您\n[+3.00] agent: 好\n[+2.00] agent: 你"),),
            "words.txt:8: the pieces of a split turn must follow each other inside it; found 2.00; "
            "allowed: more than 3.00, less than 4.50",
        ),
        (
            (("agent: 查账单", "agent: 查账单\n[10.50-11.00] agent: 好"),),
            "words.txt:9: a line too many: no turn is left for it; a line that splits begins "
            "with [+]",
        ),
    ],
)
def test_what_cannot_be_is_refused_with_its_line(
    changes: tuple[tuple[str, str], ...], told: str
) -> None:
    assert told in refused(*changes)


def test_all_wrong_lines_are_told_together() -> None:
    text = refused(
        ("[1.00-4.50] agent", "[1.00-4.50] ^"),
        ("customer: 我要", "经理: 我要"),
    )
    assert "words.txt:7: not a speaker; found '经理'" in text
