"""Which speech has words: by stretches worked out by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qc_pipeline.call import Dropped, Speaker, Unheard, UnheardReason, Word
from qc_pipeline.message import Message, read_message
from qc_pipeline.scoring.evidence.coverage import (
    covered_by_words,
    uncovered,
    unheard_of,
    unheard_stretches,
    words_of,
)
from qc_pipeline.scoring.evidence.timing import length_s, subtract, union
from tests.builders import AGENT, CUSTOMER, transcript, turn


def word(start_s: float, end_s: float, text: str = "好") -> Word:
    return Word(text=text, start_s=start_s, end_s=end_s, confidence=0.9)


def test_a_gap_between_words_of_half_a_second_belongs_to_them() -> None:
    assert covered_by_words([word(0.0, 0.4), word(0.9, 1.2)]) == [(0.0, 1.2)]
    assert covered_by_words([word(0.0, 0.4), word(0.91, 1.2)]) == [(0.0, 0.4), (0.91, 1.2)]


@pytest.mark.parametrize(
    ("end_s", "told"),
    [(2.0, []), (2.01, [(1.0, 2.01)]), (5.0, [(1.0, 5.0)])],
)
def test_speech_without_words_is_told_from_a_second_on(
    end_s: float, told: list[tuple[float, float]]
) -> None:
    assert uncovered([(0.0, end_s)], [word(0.0, 1.0)]) == told


def test_short_stretches_that_follow_each_other_without_a_word_are_one() -> None:
    """肯定没问题，包在我身上: two regions of 0.9 s, neither of which would be told alone."""
    speech = [(0.0, 1.0), (5.0, 5.9), (6.2, 7.1)]
    assert uncovered(speech, [word(0.0, 1.0)]) == [(5.0, 5.9), (6.2, 7.1)]
    # A word between them parts them, and so does a pause of more than a second.
    assert uncovered(speech, [word(0.0, 1.0), word(5.9, 6.2)]) == []
    assert uncovered([(5.0, 5.9), (7.0, 7.9)], []) == []


def test_a_last_word_stretched_over_what_was_left_out_does_not_cover_it() -> None:
    """A character lasts a second at most, whatever the recogniser says."""
    assert uncovered([(0.0, 4.0)], [word(0.0, 0.5), word(0.5, 4.0)]) == [(1.5, 4.0)]
    # A number read out as one word of eleven digits may last longer.
    assert uncovered([(0.0, 4.0)], [word(0.0, 4.0, "13800138000")]) == []


def test_a_turn_without_word_times_is_said_evenly() -> None:
    said = turn("agent", 0.0, 4.0, "您好请问")
    assert uncovered([(0.0, 4.0)], words_of([said], AGENT)) == []
    assert words_of([said], CUSTOMER) == []
    assert words_of([turn("agent", 0.0, 4.0, " ")], Speaker.AGENT) == []


spans = st.lists(
    st.tuples(st.floats(0, 60), st.floats(0.05, 8)).map(lambda p: (p[0], p[0] + p[1])), max_size=12
)


@given(speech=spans, words=spans)
@settings(deadline=None)
def test_what_is_told_is_speech_and_has_no_words(
    speech: list[tuple[float, float]], words: list[tuple[float, float]]
) -> None:
    made = [word(a, b) for a, b in words]
    told = uncovered(speech, made)
    assert length_s(subtract(told, union(speech))) == pytest.approx(0)
    covered = covered_by_words(made)
    assert length_s(told) == pytest.approx(length_s(subtract(told, covered)))
    # Nothing over a second is left out: what remains of any region is told.
    rest = subtract(union(speech), covered)
    assert all(span in told for span in rest if span[1] - span[0] > 1.0)


def unheard(start_s: float, end_s: float, why: UnheardReason = UnheardReason.NO_WORDS) -> Unheard:
    return Unheard(start_s=start_s, end_s=end_s, reason=why)


def out(start_s: float, end_s: float, reason: Message) -> Dropped:
    return Dropped(speaker=AGENT, start_s=start_s, end_s=end_s, text="的的的", reason=reason)


def test_what_was_taken_out_of_most_of_a_stretch_is_its_reason() -> None:
    loop, guess = Message.of("dropped.loop"), Message.of("dropped.guessed")
    assert unheard_of([(2.0, 6.0)], [], []) == (unheard(2.0, 6.0),)
    # 2 to 3 s against 3 to 5 s.
    both = [out(1.0, 3.0, loop), out(3.0, 5.0, guess)]
    assert unheard_of([(2.0, 6.0)], [], both) == (unheard(2.0, 6.0, UnheardReason.GUESSED),)
    # Beside it, or for a reason of somebody else's.
    other = [out(0.0, 2.0, loop), out(2.0, 6.0, read_message("removed by their filter"))]
    assert unheard_of([(2.0, 6.0)], [], other) == (unheard(2.0, 6.0),)


def test_the_edge_of_a_word_is_no_part_of_a_stretch() -> None:
    """A word's end lies 0.02 s before its region's; 0.9 s later nobody understood three seconds."""
    speech = [(0.0, 1.0), (1.9, 4.9)]
    assert unheard_of(speech, [word(0.0, 0.98)], []) == (unheard(1.9, 4.9),)


def test_parts_of_one_reason_with_a_short_pause_and_no_word_between_are_one_stretch() -> None:
    first, second = unheard(2.0, 3.0), unheard(3.8, 5.0)
    said = turn(AGENT, 0.0, 1.0, "您好", words=[0.9, 0.9])
    between = turn(AGENT, 3.1, 3.7, "嗯", words=[0.9])
    theirs = replace(between, speaker=CUSTOMER)

    def stretches(*parts: Unheard, turns: tuple[object, ...] = ()) -> list[tuple[Unheard, ...]]:
        made = transcript(said, *turns)  # type: ignore[arg-type]
        return unheard_stretches(replace(made, unheard={AGENT: parts}), AGENT)

    assert stretches(first, second) == [(first, second)]
    assert stretches(first, second, turns=(theirs,)) == [(first, second)]
    assert stretches(first, second, turns=(between,)) == [(first,), (second,)]
    late = unheard(4.01, 5.0)
    assert stretches(first, late) == [(first,), (late,)]
    loop = replace(second, reason=UnheardReason.LOOP)
    assert stretches(first, loop) == [(first,), (loop,)]
    assert unheard_stretches(transcript(said), AGENT) == []
