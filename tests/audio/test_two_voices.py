"""Phrases given to two voices: by sound, by turn-taking, by what is said."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from qc_pipeline.audio.two_voices import (
    CHANGE_AT_PAUSE,
    CHANGE_INSIDE,
    Division,
    Hints,
    change_costs,
    divide,
    voice_levels_db,
    voice_spans,
)
from tests.audio.phrases_by_hand import phrases

TURNS = [0, 0, 1, 1, 0, 1, 0, 0, 0, 1]


def regions(count: int, length_s: float = 1.2, pause_s: float = 0.5) -> list[tuple[float, float]]:
    return [(n * (length_s + pause_s), n * (length_s + pause_s) + length_s) for n in range(count)]


def same_parties(division: Division, voices: list[int]) -> bool:
    labels = division.labels.tolist()
    return labels in (voices, [1 - v for v in voices])


def test_two_levels_and_two_pitches_are_two_voices() -> None:
    division = divide(phrases(regions(10), TURNS))
    assert same_parties(division, TURNS)
    assert division.agreement == 1.0
    assert division.agent is None


def test_nothing_about_it_is_random() -> None:
    call = phrases(regions(10), TURNS)
    assert divide(call).labels.tolist() == divide(call).labels.tolist()


def test_one_phrase_is_one_voice() -> None:
    division = divide(phrases(regions(1), [1]))
    assert (division.labels.tolist(), division.agreement) == ([0], 1.0)


def test_words_say_whose_the_phrases_are() -> None:
    """The low voice says what agents say: it is the agent, though it does not speak first."""
    call = phrases(regions(10), TURNS)
    odds = np.where(np.array(TURNS) == 1, 1.5, -1.0)
    division = divide(call, Hints(odds=odds, change_costs=change_costs(call), first=0.6))
    assert same_parties(division, TURNS)
    assert division.agent == division.labels[2]


def test_voices_that_are_one_and_the_same_do_not_agree() -> None:
    """Ten phrases of one voice: any way to divide them is about as likely as any other."""
    call = phrases(regions(10), [0] * 10)
    noise = np.random.default_rng(8).normal(0, 1, call.features.shape) * 0.05
    assert divide(replace(call, features=call.features + noise)).agreement < 0.78


def test_a_change_costs_less_at_a_pause() -> None:
    """0.5 s is a pause; 0.1 s is none."""
    call = phrases([(0.0, 1.0), (1.5, 2.5), (2.6, 3.6)], [0, 1, 1])
    assert change_costs(call).tolist() == [CHANGE_INSIDE, CHANGE_AT_PAUSE, CHANGE_INSIDE]


def test_spans_and_levels_of_each_voice() -> None:
    call = phrases([(0.0, 1.0), (1.5, 2.5), (3.0, 5.0)], [0, 1, 1])
    labels = np.array([0, 1, 1])
    assert voice_spans(call, labels) == (((0.0, 1.0),), ((1.5, 2.5), (3.0, 5.0)))
    assert voice_levels_db(call, labels) == (pytest.approx(-20), pytest.approx(-29))
    assert voice_levels_db(call, np.zeros(3, dtype=np.int64)) is None
