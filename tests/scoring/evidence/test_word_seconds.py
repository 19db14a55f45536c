"""Seconds of words and of those understood, and where none need be measured."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from qc_pipeline.call import Speaker
from qc_pipeline.scoring.evidence.gapped_places import gapped_by_call
from qc_pipeline.scoring.evidence.phrase_lexicon import Lexicon
from qc_pipeline.scoring.evidence.prepared_call import PreparedCall, Thresholds
from qc_pipeline.scoring.evidence.spoken_spans import WordSeconds
from tests.builders import transcript, turn

# In quarters of a second, so that sums are exact; words may overlap or begin together.
WORDS = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 8), st.booleans()), max_size=8)


@given(WORDS, st.integers(-2, 44), st.integers(0, 44))
@example([(4, 2, False), (4, 2, True), (0, 1, True)], 0, 4)
def test_words_that_start_in_a_span_are_summed(
    words: list[tuple[int, int, bool]], start: int, length: int
) -> None:
    spans = [(a / 4, (a + n) / 4, good) for a, n, good in words]
    seconds = WordSeconds(
        [a for a, _, _ in spans], [b for _, b, _ in spans], [good for _, _, good in spans]
    )
    first_s, last_s = start / 4, (start + length) / 4
    inside = [(b - a, good) for a, b, good in spans if first_s <= a <= last_s]
    assert seconds.between(first_s, last_s) == (
        sum(s for s, _ in inside),
        sum(s for s, good in inside if good),
    )


@pytest.mark.parametrize(
    ("confidences", "unheard", "understood"),
    [
        ([0.5, 1.0, None, 0.9], (), True),
        ([0.49, 1.0, None, 0.9], (), False),
        ([1.0] * 4, ((5.0, 7.0),), False),
    ],
)
def test_all_is_understood_where_every_word_was_and_no_speech_lacks_words(
    confidences: list[float | None], unheard: tuple[tuple[float, float], ...], understood: bool
) -> None:
    call = PreparedCall(
        transcript(
            turn("agent", 0, 2, "您好您好", words=confidences),
            turn("customer", 2, 3, "你好", confidence=0.2),
            unheard={Speaker.AGENT: unheard, Speaker.CUSTOMER: ()},
        ),
        {},
        None,
        Lexicon((), language="zh"),
        Thresholds(),
    )
    assert call.all_understood == {Speaker.AGENT: understood, Speaker.CUSTOMER: False}
    measured = call.understood((Speaker.AGENT,), 0, 10)
    assert measured is not None
    assert (measured.understood_s == measured.speech_s) is understood


def test_places_with_a_gap_are_sorted_out_by_call_and_phrase() -> None:

    # Turns 0 and 1 are of the first call, none of the second, 2 to 4 of the third.
    columns = np.array(
        [(7, 4, 0, 1, 2), (7, 1, 3, 0, 3), (5, 4, 9, 2, 3), (7, 2, 6, 1, 2), (7, 0, 8, 0, 2)]
    ).T
    one, two, three = gapped_by_call(*columns, first=np.array([0, 2, 2, 5]))
    assert list(one.of(7)) == [(1, 3, 0, 3), (0, 8, 0, 2)]
    assert list(one.of(5)) == []
    assert list(two.of(7)) == []
    assert list(three.of(5)) == [(2, 9, 2, 3)]
    assert list(three.of(7)) == [(2, 0, 1, 2), (0, 6, 1, 2)]
