"""Words that a person writes where nothing was heard: what comes of it, and of what stays unheard.

The agent speaks from 1.0 to 9.0 s; 您好 was understood in the first two seconds, 再见 in the last
two, nothing between 4.0 and 6.5 s, nor of the customer from 10.0 to 13.0 s.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from qc_pipeline.call import Measures, Speaker, Transcript, Turn, Unheard, UnheardReason, Word
from qc_pipeline.errors import InputError
from qc_pipeline.review.transcript_editor import Corrected, as_text, from_text
from tests import builders
from tests.builders import AGENT, CUSTOMER


def word(text: str, start_s: float) -> Word:
    return Word(text=text, start_s=start_s, end_s=start_s + 1.0, confidence=0.8)


def gap(start_s: float, end_s: float, why: UnheardReason = UnheardReason.NO_WORDS) -> Unheard:
    return Unheard(start_s=start_s, end_s=end_s, reason=why)


CALL = Transcript(
    recording_id="r1",
    language="zh",
    duration_s=20.0,
    asr=builders.ASR,
    turns=(
        Turn(
            speaker=AGENT,
            start_s=1.0,
            end_s=9.0,
            text="您好，再见。",
            confidence=0.8,
            words=(word("您", 1.0), word("好，", 2.0), word("再", 7.0), word("见。", 8.0)),
        ),
        builders.turn(CUSTOMER, 14.0, 15.0, "好的", confidence=0.8, words=[0.8, 0.8]),
    ),
    speech={AGENT: ((1.0, 9.0),), CUSTOMER: ((10.0, 13.0), (14.0, 15.0))},
    unheard={AGENT: (gap(4.0, 6.5),), CUSTOMER: (gap(10.0, 13.0, UnheardReason.LOOP),)},
)
MEASURES = Measures(version="1", turns=({"level_db": -20.0}, {"level_db": -26.0}))
AGENTS = "# [?4.00-6.50 no-words] agent: "
CUSTOMERS = "# [?10.00-13.00 loop] customer: "


def corrected(*changes: tuple[str, str], call: Transcript = CALL) -> Corrected:
    text = as_text(call)
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return from_text(text, call, MEASURES, name="words.txt")


def said(made: Corrected) -> list[tuple[str, float, float, str]]:
    return [(str(t.speaker), t.start_s, t.end_s, t.text) for t in made.transcript.turns]


def left(made: Corrected, speaker: Speaker) -> list[tuple[float, float]]:
    assert made.transcript.unheard is not None
    return [(u.start_s, u.end_s) for u in made.transcript.unheard[speaker]]


def test_stretches_stand_as_comments_at_their_places_and_left_alone_they_change_nothing() -> None:
    body = [line for line in as_text(CALL).splitlines() if "[?" in line or line.startswith("[")]
    assert body[-4:] == [
        "[1.00-9.00] agent: 您好，再见。",
        AGENTS,
        CUSTOMERS,
        "[14.00-15.00] customer: 好的",
    ]
    made = corrected()
    assert (made.transcript, made.measures, made.edits) == (CALL, MEASURES, ())
    # A text of before there were stretches, and one that somebody uncommented and left empty.
    bare = "\n".join(line for line in as_text(CALL).splitlines() if not line.startswith("#"))
    assert from_text(bare, CALL, MEASURES, name="w").edits == ()
    assert corrected((CUSTOMERS, CUSTOMERS.removeprefix("# "))).edits == ()


@pytest.mark.parametrize(
    "line",
    [
        "# [?10.00-13.00 loop] customer: 我要投诉你",
        "[?10.00-13.00 loop] customer: 我要投诉你",
        "【?10.00-13.00】 客户:我要投诉你",
    ],
)
def test_words_written_there_become_a_turn_and_the_stretch_is_heard(line: str) -> None:
    made = corrected((CUSTOMERS, line))
    assert said(made) == [
        ("agent", 1.0, 9.0, "您好，再见。"),
        ("customer", 10.0, 13.0, "我要投诉你"),
        ("customer", 14.0, 15.0, "好的"),
    ]
    turn = made.transcript.turns[1]
    # Three seconds for five characters: 0.6 s each, and certain.
    assert [(w.text, w.start_s, w.end_s, w.confidence) for w in turn.words[:2]] == [
        ("我", 10.0, 10.6, 1.0),
        ("要", 10.6, 11.2, 1.0),
    ]
    assert turn.confidence == 1.0
    assert (left(made, AGENT), left(made, CUSTOMER)) == ([(4.0, 6.5)], [])
    assert made.transcript.speech == CALL.speech
    assert made.measures.turns == (MEASURES.turns[0], {}, MEASURES.turns[1])
    assert made.edits == (
        {
            "added": [
                {"speaker": "customer", "start_s": 10.0, "end_s": 13.0, "text": "我要投诉你"}
            ],
            "start_s": 10.0,
        },
    )
    assert as_text(made.transcript).count("[?4.00") == 1
    assert "[?10.00" not in as_text(made.transcript)


def test_words_in_the_middle_of_a_turn_stand_between_its_own() -> None:
    made = corrected((AGENTS, AGENTS + "请稍等"))
    assert said(made)[:3] == [
        ("agent", 1.0, 4.0, "您好，"),
        ("agent", 4.0, 6.5, "请稍等"),
        ("agent", 6.5, 9.0, "再见。"),
    ]
    assert made.transcript.turns[0].words == CALL.turns[0].words[:2]
    assert made.transcript.turns[2].words == CALL.turns[0].words[2:]
    assert [t.confidence for t in made.transcript.turns[:3]] == [0.8, 1.0, 0.8]
    assert left(made, AGENT) == []
    assert len(made.edits) == 1


def test_what_the_other_party_said_there_is_theirs_with_its_speech() -> None:
    made = corrected((AGENTS, "# [?4.00-6.50 no-words] 客户: 喂喂"))
    assert said(made)[:2] == [
        ("agent", 1.0, 9.0, "您好，再见。"),
        ("customer", 4.0, 6.5, "喂喂"),
    ]
    assert made.transcript.speech[AGENT] == ((1.0, 4.0), (6.5, 9.0))
    assert made.transcript.speech[CUSTOMER] == ((4.0, 6.5), (10.0, 13.0), (14.0, 15.0))
    assert left(made, AGENT) == []


def test_a_stretch_is_divided_between_both_and_a_part_not_read_becomes_speech() -> None:
    call = replace(
        CALL,
        unheard={AGENT: (), CUSTOMER: (gap(16.0, 19.0, UnheardReason.NOT_READ),)},
    )
    made = corrected(
        (
            "# [?16.00-19.00 not-read] customer: ",
            "[?16.00-19.00 not-read] customer: 我走了\n[+18.00] agent: 再见",
        ),
        call=call,
    )
    assert said(made)[-2:] == [("customer", 16.0, 18.0, "我走了"), ("agent", 18.0, 19.0, "再见")]
    assert made.transcript.speech[CUSTOMER][-1] == (16.0, 18.0)
    assert made.transcript.speech[AGENT][-1] == (18.0, 19.0)
    assert left(made, CUSTOMER) == []


def test_corrected_words_over_a_stretch_leave_what_lies_beside_them_unheard() -> None:
    """The customer's turn of 14 to 15 s is corrected, and a stretch goes on to 15.8 or 17 s."""
    for end_s, still in ((15.8, []), (17.0, [(15.0, 17.0)])):
        call = replace(CALL, unheard={AGENT: (gap(14.0, 15.0),), CUSTOMER: (gap(14.2, end_s),)})
        made = corrected(("customer: 好的", "customer: 好的吧"), call=call)
        assert left(made, CUSTOMER) == still
        # What the other party said meanwhile was not heard by that.
        assert left(made, AGENT) == [(14.0, 15.0)]


def test_an_emptied_turn_was_listened_to_and_a_turn_given_to_the_other_takes_its_gaps_along() -> (
    None
):
    assert left(corrected(("agent: 您好，再见。", "agent:")), AGENT) == []
    made = corrected(("[1.00-9.00] agent", "[1.00-9.00] customer"))
    assert left(made, AGENT) == []
    assert left(made, CUSTOMER) == [(4.0, 6.5), (10.0, 13.0)]


def test_what_was_unheard_is_not_known_afterwards_where_it_was_not_before() -> None:
    made = corrected(("customer: 好的", "customer: 好"), call=replace(CALL, unheard=None))
    assert made.transcript.unheard is None
    assert "[?" not in as_text(replace(CALL, unheard=None))


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("[?10.00-13.50 loop] customer: 我", "no such stretch was left unheard"),
        ("[?10.00-13.00 loop] 经理: 我", "not a speaker"),
        ("[?10.00-13.00 loop] ^: 我", "not a speaker"),
        (f"{CUSTOMERS}我\n{CUSTOMERS}要", "written twice"),
        ("[?10.00-13.00 loop] customer: 我\n[+13.00] agent: 好", "must follow each other"),
    ],
)
def test_what_cannot_be_is_refused(line: str, why: str) -> None:
    with pytest.raises(InputError, match=why):
        corrected((CUSTOMERS, line))


def test_english_words_share_the_stretch_by_words() -> None:
    made = corrected((CUSTOMERS, CUSTOMERS + "please hold on"), call=replace(CALL, language="en"))
    assert [(w.text, w.start_s) for w in made.transcript.turns[1].words] == [
        ("please", 10.0),
        ("hold", 11.0),
        ("on", 12.0),
    ]


def test_parts_with_a_short_pause_between_are_one_stretch_to_fill() -> None:
    """Two regions of the customer, 0.4 s apart: one line, one turn, no more speech than that."""
    call = replace(
        CALL,
        speech={AGENT: ((1.0, 9.0),), CUSTOMER: ((10.0, 11.2), (11.6, 13.0), (14.0, 15.0))},
        unheard={AGENT: (), CUSTOMER: (gap(10.0, 11.2), gap(11.6, 13.0))},
    )
    line = "# [?10.00-13.00 no-words] customer: "
    assert as_text(call).count("[?1") == 1
    made = corrected((line, line + "我要投诉你"), call=call)
    assert said(made)[1] == ("customer", 10.0, 13.0, "我要投诉你")
    assert left(made, CUSTOMER) == []
    assert made.transcript.speech == call.speech
