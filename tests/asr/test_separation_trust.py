"""When the separation of a mono call is not trusted, and why."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from qc_pipeline.asr.separation_trust import answered_of, fit_of, trust_in
from qc_pipeline.audio.mono_separation import SeparatedVoices
from qc_pipeline.audio.second_speaker import SecondVoice
from qc_pipeline.audio.speakers import Voices
from qc_pipeline.audio.two_voices import Division, Hints
from qc_pipeline.call import DoubtReason, Span
from tests.asr.test_mouths import mono


def voices(first: list[Span], second: list[Span], agreement: float = 1.0) -> Voices:
    return mono(SeparatedVoices(voices=(tuple(first), tuple(second)), agreement=agreement))


def even(agreement: float = 1.0) -> Voices:
    return voices([(0.0, 4.0), (6.0, 10.0)], [(4.5, 5.5), (10.5, 20.0)], agreement)


def division(*labels: int, agent: int | None = 0) -> Division:
    return Division(labels=np.array(labels), agent=agent, agreement=1.0)


def hints(*odds: float) -> Hints:
    return Hints(odds=np.array(odds), change_costs=np.zeros(len(odds)), first=0.0)


def test_a_call_that_nothing_speaks_against_is_trusted() -> None:
    trust = trust_in(even(), fit=0.9, answered=1.0)
    assert (trust.value, trust.reasons, trust.enough) == (1.0, (), True)


def test_divisions_that_do_not_agree_are_not_trusted() -> None:
    trust = trust_in(even(agreement=0.61), fit=None, answered=None)
    assert trust.value == 0.61
    assert [reason for reason, _ in trust.reasons] == [DoubtReason.ALIKE]
    assert not trust.enough


def test_a_party_with_next_to_no_talk_was_hardly_found() -> None:
    """0.4 of 20.4 s: 2 %, two fifths of the way from a half to the bound of 0.78."""
    trust = trust_in(voices([(0.0, 10.0), (11.0, 21.0)], [(10.3, 10.7)]), None, None)
    assert trust.value == pytest.approx(0.5 + 0.28 * (0.4 / 20.4) / 0.05, abs=0.001)
    assert [told.code for _, told in trust.reasons] == ["trust.one-party"]
    # In ten seconds of talk one party may have said nothing but 喂.
    assert trust_in(voices([(0.0, 9.0)], [(9.5, 9.7)]), None, None).enough


def test_one_mouth_that_opens_the_call_and_complains_is_not_trusted() -> None:
    """The agent's voice says 3.0 of the agent's and 2.5 of the customer's, the other nothing:
    0.5 + 0.5 · 0.5 / 5.5 = 0.545.
    """
    fit = fit_of(hints(2.0, 1.0, -2.5, 0.0), division(0, 0, 0, 1))
    assert fit == pytest.approx(0.545, abs=0.001)
    trust = trust_in(even(), fit=fit, answered=None)
    assert trust.value == 0.545
    assert [told.code for _, told in trust.reasons] == ["trust.contradicted"]


def test_words_that_fit_their_mouths_contradict_nothing() -> None:
    assert fit_of(hints(2.0, 1.0, -2.5, 0.0), division(0, 0, 1, 1)) == 1.0


def test_few_words_say_nothing() -> None:
    assert fit_of(hints(1.5, -1.0), division(0, 0)) is None


def test_questions_are_answered_by_the_other_voice() -> None:
    """After phrase 0 the voice changes; after 2 and 4 it goes on, for 4 and for 2 times 2 s."""
    labels = division(0, 1, 0, 0, 0, 0, 0)
    assert answered_of([0, 2, 4], labels, np.full(7, 2.0)) == pytest.approx(1 / 3)


def test_one_question_whose_answer_was_missed_is_nothing() -> None:
    """After 2 the voice goes on; after 4 only for a second, and the answer comes late."""
    labels = division(0, 1, 0, 0, 0, 0, 1)
    assert answered_of([0, 2, 4], labels, np.full(7, 1.0)) is None


def test_two_people_in_each_voice_are_no_two_parties() -> None:
    second = SecondVoice(spans=((0.0, 2.0),), share=0.4, from_s=0.0)
    call = even()
    first, other = (replace(voice, second=second) for voice in call.pair)
    trust = trust_in(replace(call, pair=(first, other)), None, None)
    assert (trust.value, [told.code for _, told in trust.reasons]) == (0.5, ["trust.two-in-each"])
    assert trust_in(replace(call, pair=(call.pair[0], other)), None, None).enough


def test_the_lowest_of_several_reasons_counts_and_all_are_told() -> None:
    trust = trust_in(even(agreement=0.7), fit=0.6, answered=0.5)
    assert trust.value == 0.5
    assert len(trust.reasons) == 3
