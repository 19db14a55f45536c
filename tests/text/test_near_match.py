"""The fast way to near phrases finds what comparing every part of every turn would find."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from qc_pipeline.text import sound_classes
from qc_pipeline.text.phonetic_index import pieces
from qc_pipeline.text.phrases import Phrase, PhraseIndex
from qc_pipeline.text.similar import best_part
from qc_pipeline.text.syllables import confused, sounds

# One reading each, all in classes of their own, no negations, no number words.
LETTERS = "我电快慢雨讲笔"


def test_the_letters_of_these_tests_are_told_apart() -> None:
    assert all(len(sounds(c).same) == 1 for c in LETTERS)
    assert len({confused(min(sounds(c).same)) for c in LETTERS}) == len(LETTERS)


def allowed(size: int) -> int:
    """RUBRIC, tier 4: one from five on, two from nine on; four: nearly."""
    return 2 if size >= 9 else 1 if size >= 4 else 0


@settings(deadline=None, max_examples=400)
@given(
    st.text(alphabet=LETTERS, min_size=2, max_size=12),
    st.text(alphabet=LETTERS, min_size=0, max_size=16),
)
@example("我电快慢雨", "我电快雨")
@example("我电快慢雨", "我电快讲慢雨")
@example("我电快慢雨讲我电快", "电快慢雨我讲我电快")
def test_near_finds_are_those_of_the_edit_distance(phrase: str, turn: str) -> None:
    findings = PhraseIndex.build([Phrase(text=phrase)]).find_all([turn])
    distance, _, _ = best_part(phrase, turn)
    found = findings.hits + findings.almost
    assert bool(found) == (distance <= allowed(len(phrase)))
    if found:
        assert min(h.distance for h in found) == distance


@settings(deadline=None, max_examples=300)
@given(
    st.text(alphabet=LETTERS, min_size=5, max_size=14),
    st.lists(
        st.tuples(st.integers(0, 20), st.sampled_from(["lost", "wrong", "extra"])), max_size=3
    ),
    st.text(alphabet=LETTERS, max_size=3),
)
@example("我电快慢雨讲笔我", [(7, "wrong"), (0, "lost")], "")
@example("我电快慢雨讲笔我电", [(8, "wrong"), (0, "lost")], "")
def test_a_phrase_misheard_in_some_places_is_found_as_the_edit_distance_says(
    phrase: str, changes: list[tuple[int, str]], around: str
) -> None:
    said = phrase
    for place, kind in changes:
        at = place % max(1, len(said))
        new = "" if kind == "lost" else "讲"
        said = said[:at] + new + said[at + (kind != "extra") :]
    turn = around + said + around
    findings = PhraseIndex.build([Phrase(text=phrase)]).find_all([turn])
    distance, _, _ = best_part(phrase, turn)
    assert bool(findings.hits) == (distance <= (2 if len(phrase) >= 9 else 1))
    if findings.hits:
        assert min(h.distance for h in findings.hits) == distance


@settings(deadline=None, max_examples=200)
@given(
    st.lists(st.text(alphabet=LETTERS, min_size=2, max_size=6), min_size=1, max_size=4),
    st.lists(st.text(alphabet=LETTERS, max_size=10), min_size=1, max_size=3),
)
def test_whole_phrases_are_found_wherever_they_stand(phrases: list[str], turns: list[str]) -> None:
    index = PhraseIndex.build([Phrase(text=p, level="homophone") for p in phrases])
    found = {(h.phrase, h.turn, h.start) for h in index.find(turns)}
    for number, phrase in enumerate(phrases):
        for turn, text in enumerate(turns):
            # Of occurrences that overlap themselves the first is kept.
            at, expected = text.find(phrase), []
            while at >= 0:
                expected.append((number, turn, at))
                at = text.find(phrase, at + len(phrase))
            assert {f for f in found if f[:2] == (number, turn)} == set(expected)


def test_pieces_cover_a_phrase_in_nearly_equal_lengths() -> None:
    assert pieces(5, 1) == [(0, 2), (2, 5)]
    assert pieces(10, 2) == [(0, 3), (3, 6), (6, 10)]
    assert pieces(3, 0) == [(0, 3)]


def test_more_classes_of_characters_than_there_is_room_for_find_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    text = "请等谢哈包请等" + "".join(map(chr, range(0x4E00, 0x5000))) + "谢哈"
    wanted = [Phrase(text=word, level="homophone") for word in ("请等", "等谢哈", "谢哈")]
    expected = PhraseIndex.build(wanted).find([text])
    assert [(h.start, h.phrase) for h in expected][:2] == [(0, 0), (1, 1)]
    monkeypatch.setattr(sound_classes, "_FIRST_CLASSES", 3)
    assert PhraseIndex.build(wanted).find([text]) == expected


def test_characters_with_several_readings_are_each_of_them_at_every_place() -> None:
    """都 is dou and du: a run of them may be read in any mixture."""
    index = PhraseIndex.build([Phrase(text="度逗度", level="homophone")])
    assert [h.tier for h in index.find(["都都都"])] == [2]
    assert index.find(["都都"]) == ()
