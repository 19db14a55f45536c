"""Turns made ready once: whose words a phrase is looked for in, and the units that are verified."""

from __future__ import annotations

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from qc_pipeline.text.gapped_wordings import unit_text
from qc_pipeline.text.grouped import Grouped
from qc_pipeline.text.normalise import opened, spoken
from qc_pipeline.text.phrases import Phrase, PhraseHit, PhraseIndex
from qc_pipeline.text.turn_codes import chinese_turns
from tests.text.test_text_properties import LANGUAGES, TEXTS

unhurried = settings(deadline=None, max_examples=150)
# Syllables that sound alike, a "not", and numbers: these turns have lines of their own.
SAID = st.text(alphabet="他她它已以经今四是不没您你好，12%十", max_size=16)
SPEAKERS = st.sampled_from(["agent", "customer", "machine"])
CALLS = st.lists(st.lists(st.tuples(SAID, SPEAKERS), max_size=4), min_size=1, max_size=3)
PHRASES = st.lists(
    st.builds(
        Phrase,
        text=st.text(alphabet="他她它已以经今四是不没您你好1十", min_size=1, max_size=9),
        level=st.sampled_from(["near", "homophone", "exact"]),
        polite_you=st.booleans(),
        every=st.booleans(),
        by=st.sampled_from([None, "agent", "customer"]),
    ),
    min_size=1,
    max_size=6,
)


def test_groups_that_are_added_are_numbered_on() -> None:
    grown = Grouped([(5, 6), ()])
    grown.add([np.array([1]), np.array([], dtype=np.intp)])
    which, numbers = grown.of(np.array([2, 3, 0, 2]))
    assert len(grown) == 4
    assert which.tolist() == [0, 2, 2, 3]
    assert numbers.tolist() == [1, 5, 6, 1]


@unhurried
@given(PHRASES, CALLS)
@example([Phrase(text="好他好", by="customer")], [[("好他好", "agent"), ("好她好", "customer")]])
@example([Phrase(text="他好"), Phrase(text="他好", by="agent")], [[("他好", "machine")]])
def test_in_the_words_of_another_a_phrase_is_left_out_and_nothing_else(
    phrases: list[Phrase], calls: list[list[tuple[str, str]]]
) -> None:
    index = PhraseIndex.build(phrases)
    texts = [[text for text, _ in call] for call in calls]
    speakers = [[who for _, who in call] for call in calls]

    def asked(hit: PhraseHit, said_by: list[str]) -> bool:
        return phrases[hit.phrase].by in (None, said_by[hit.turn])

    everything = index.find_rows(texts)
    wanted = [
        [h for h in rows if asked(h, said_by)]
        for rows, said_by in zip(everything, speakers, strict=True)
    ]
    assert [one.rows for one in index.search(texts, speakers)] == wanted
    # Asked again, with all of its tables made.
    assert [one.rows for one in index.search(texts, speakers)] == wanted
    assert index.find_rows(texts) == everything


@unhurried
@given(st.lists(TEXTS, min_size=1, max_size=4))
@example(["您好\0，12.5%的", "好", "5"])
@example(["", "\n", "，"])
def test_a_line_is_what_is_spoken_in_its_turn(turns: list[str]) -> None:
    text = chinese_turns(turns)
    for number, turn in enumerate(turns):
        plain = spoken(opened(turn))
        line = text.line(number)
        assert (line.text, tuple(line.starts), tuple(line.ends)) == (
            plain.text,
            plain.origin,
            plain.ends,
        )


@unhurried
@given(st.lists(st.lists(TEXTS, max_size=3), min_size=1, max_size=3), LANGUAGES)
@example([["您好，请稍等", "5G，好"], [], ["3.5%。"]], "zh")
def test_units_of_a_searched_turn_are_those_of_its_text(
    calls: list[list[str]], language: str
) -> None:
    index = PhraseIndex.build([Phrase(text="好")], language)
    for searched, turns in zip(index.search(calls), calls, strict=True):
        for number, turn in enumerate(turns):
            got, wanted = searched.units(number), unit_text(turn, language)
            assert list(map(list, got)) == list(map(list, wanted))
