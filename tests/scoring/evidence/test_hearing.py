"""The hearing figure and its floor, by figures worked out by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from qc_pipeline.call import Doubt, DoubtReason, Speaker, Transcript, Unheard, UnheardReason
from qc_pipeline.scoring.evidence.hearing import HearingBounds, NotJudged, hearing_of, not_judged
from tests.builders import AGENT, CUSTOMER, transcript, turn

BOUNDS = HearingBounds()
NOTHING = UnheardReason.NO_WORDS


def heard(
    unheard: Sequence[tuple[float, float, UnheardReason]],
    *,
    speech_s: float = 20.0,
    confidence: float = 0.9,
    text: str = "您好" * 20,
) -> Transcript:
    """The agent has `speech_s` seconds of speech, the customer none."""
    said = turn("agent", 0.0, speech_s, text, words=[confidence] * len(text))
    made = transcript(said, speech={AGENT: [(0.0, speech_s)], CUSTOMER: []})
    marks = tuple(Unheard(start_s=a, end_s=b, reason=r) for a, b, r in unheard)
    return replace(made, unheard={AGENT: marks, CUSTOMER: ()})


def why(call: Transcript, bounds: HearingBounds = BOUNDS) -> dict[Speaker, NotJudged]:
    return dict(not_judged(hearing_of(call), bounds, call.language))


@pytest.mark.parametrize(
    ("speech_s", "unheard_s", "judged"),
    [
        (20.0, 3.0, True),  # 85 % heard
        (20.0, 3.2, False),  # 84 %, and more than 3 s
        (10.0, 2.9, True),  # 71 %, but not more than 3 s
        (10.0, 3.1, False),
        (60.0, 8.9, True),  # 85.2 %
    ],
)
def test_a_party_heard_too_little_is_not_judged(
    speech_s: float, unheard_s: float, judged: bool
) -> None:
    call = heard([(0.0, unheard_s, NOTHING)], speech_s=speech_s)
    assert why(call) == ({} if judged else {AGENT: NotJudged.UNHEARD})
    figure = hearing_of(call)[AGENT]  # type: ignore[index]
    assert figure.share == pytest.approx(1 - unheard_s / speech_s)


def test_what_a_model_does_not_understand_is_not_judged_whatever_it_covers() -> None:
    assert why(heard([], confidence=0.61)) == {}
    assert why(heard([], confidence=0.59)) == {AGENT: NotJudged.UNINTELLIGIBLE}
    measured = HearingBounds(least_confidence=0.5)
    assert why(heard([], confidence=0.59), measured) == {}


def doubt(reason: DoubtReason, end_s: float, certainty: float = 0.5) -> Doubt:
    return Doubt(speaker=AGENT, start_s=0.0, end_s=end_s, certainty=certainty, reason=reason)


@pytest.mark.parametrize(
    ("doubts", "reason"),
    [
        ([doubt(DoubtReason.SEPARATION, 20.0, 0.77)], NotJudged.SEPARATION),
        ([doubt(DoubtReason.ALIKE, 20.0, 0.6)], NotJudged.SEPARATION),
        # Trusted enough; alike in a part of the call only; another doubt.
        ([doubt(DoubtReason.SEPARATION, 20.0, 0.78)], None),
        ([doubt(DoubtReason.ALIKE, 9.0, 0.5)], None),
        ([doubt(DoubtReason.ROLE, 20.0, 0.5)], None),
    ],
)
def test_a_call_in_which_nobodys_words_count_is_not_judged(
    doubts: list[Doubt], reason: NotJudged | None
) -> None:
    hearing = hearing_of(heard([]))
    found = not_judged(hearing, BOUNDS, "zh", doubts, 20.0)
    assert dict(found) == ({} if reason is None else {AGENT: reason, CUSTOMER: reason})
    # Where it is not known what was heard, the words are judged as they always were.
    assert not_judged(None, BOUNDS, "zh", doubts, 20.0) == {}


def test_nobody_speaks_ten_characters_a_second() -> None:
    assert why(heard([], speech_s=10.0, text="好" * 90)) == {}
    assert why(heard([], speech_s=10.0, text="好" * 91)) == {AGENT: NotJudged.PACE}


def test_a_part_that_was_not_read_counts_as_unheard_speech() -> None:
    """20 s heard, 13 s of the recording wanting: 61 % of what may have been said."""
    call = heard([(20.0, 33.0, UnheardReason.NOT_READ)])
    figure = hearing_of(call)[AGENT]  # type: ignore[index]
    assert (figure.speech_s, figure.unheard_s, figure.dropped_s) == (33.0, 13.0, 0.0)
    assert why(call) == {AGENT: NotJudged.UNHEARD}


def test_a_pause_of_the_recorder_is_no_speech_that_went_unheard() -> None:
    call = heard([(5.0, 15.0, UnheardReason.NOT_READ)])
    assert why(call) == {AGENT: NotJudged.UNHEARD}
    assert why(replace(call, pauses=((5.0, 15.0),))) == {}


def test_dropped_text_is_told_apart_from_silence_of_the_recogniser() -> None:
    figure = hearing_of(heard([(0.0, 2.0, NOTHING), (4.0, 8.0, UnheardReason.LOOP)]))
    assert figure is not None
    assert figure[AGENT].dropped == pytest.approx(0.2)
    assert figure[AGENT].as_json() == {
        "confidence": 0.9,
        "dropped": 0.2,
        "heard": 0.7,
        "speech_s": 20.0,
        "unheard_s": 6.0,
    }


def test_what_was_not_heard_is_not_known_of_transcripts_that_do_not_say() -> None:
    assert hearing_of(replace(heard([]), unheard=None)) is None
    assert not_judged(None, BOUNDS, "zh") == {}


def test_the_share_is_a_setting() -> None:
    half = HearingBounds(least_heard=0.5)
    assert why(heard([(0.0, 10.0, NOTHING)]), half) == {}
    assert why(heard([(0.0, 10.1, NOTHING)]), half) == {AGENT: NotJudged.UNHEARD}
    assert why(heard([(0.0, 20.0, NOTHING)]), HearingBounds(least_heard=0.0)) == {}


@pytest.mark.parametrize(
    ("speech_s", "confidence", "judged"),
    # 20 times 0.6 is a hair under 12 in floating point; a card tells three decimals.
    [(20.0, 0.6, True), (5.0, 0.2, False), (4.9, 0.2, True)],
)
def test_uncertain_words_tell_from_five_seconds_on(
    speech_s: float, confidence: float, judged: bool
) -> None:
    call = heard([], speech_s=speech_s, confidence=confidence, text="好" * 20)
    assert why(call) == ({} if judged else {AGENT: NotJudged.UNINTELLIGIBLE})


@pytest.mark.parametrize(("words", "judged"), [(55, True), (56, False)])
def test_nobody_speaks_six_english_words_a_second(words: int, judged: bool) -> None:
    call = replace(heard([], speech_s=10.0, text="a" * words), language="en")
    assert why(call) == ({} if judged else {AGENT: NotJudged.PACE})


def test_words_without_confidences_are_taken_as_they_are() -> None:
    call = transcript(
        turn("agent", 0, 10, "您好" * 20), speech={AGENT: [(0, 10)], CUSTOMER: []}, unheard={}
    )
    assert why(call) == {}


def test_a_party_of_whom_much_is_unheard_is_told_so_before_all_else() -> None:
    assert why(heard([(0.0, 10.0, NOTHING)], confidence=0.2)) == {AGENT: NotJudged.UNHEARD}
