"""Whatever stands in a transcript or a rubric: offsets point into the text and nothing raises."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qc_pipeline.text.normalise import Normalised, normalise, regex_form
from qc_pipeline.text.numbers import digit_runs, find_disclosed, find_number
from qc_pipeline.text.phrases import Phrase, PhraseIndex, merged
from qc_pipeline.text.similar import clauses, cosine, part_similarity, similarity
from qc_pipeline.text.syllables import readings
from qc_pipeline.text.time_limits import find_time_limits, parse_limit

WORDS = """
请稍等 您好 你 不 没 一百二十 二十四小时 三
个 工作日 内 12315 138 0013 幺 〇 % . , 。 壹佰 千万 十 ㎏
½ ① Ⅳ ß I'm can't twenty four double oh X 信 其 長 著 周五 11月20号 半 点 100%
3.5
"""
# Words of calls, numbers, signs, and anything Unicode has (lone surrogates included).
PIECES = st.one_of(
    st.sampled_from([*WORDS.split(), " ", "\n", "\t"]),
    st.text(max_size=4),
    st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF),
    st.characters(min_codepoint=0xD800, max_codepoint=0xDFFF),
)
TEXTS = st.lists(PIECES, max_size=12).map("".join)
# The first example loads the tables.
unhurried = settings(deadline=None, max_examples=60)
LANGUAGES = st.sampled_from(["zh", "en"])


def inside(form: Normalised, text: str) -> bool:
    return (
        len(form.text) == len(form.origin) == len(form.ends)
        and all(
            0 <= a < b <= len(text) or a == b for a, b in zip(form.origin, form.ends, strict=True)
        )
        and list(form.origin) == sorted(form.origin)
        and list(form.ends) == sorted(form.ends)
    )


@unhurried
@given(TEXTS, LANGUAGES)
def test_normal_forms_point_into_the_original(text: str, language: str) -> None:
    assert inside(normalise(text, language), text)
    assert inside(regex_form(text, language), text)


@unhurried
@given(TEXTS, LANGUAGES)
def test_normalising_twice_changes_nothing_but_numbers(text: str, language: str) -> None:
    once = normalise(text, language).text
    if not any(c.isdigit() or c in "十百千万亿点" for c in once):
        assert normalise(once, language).text == once


@unhurried
@given(
    st.lists(TEXTS, max_size=5),
    st.lists(TEXTS, max_size=5),
    LANGUAGES,
    st.sampled_from(["near", "homophone", "exact"]),
    st.booleans(),
)
def test_hits_lie_in_their_turn(
    phrases: list[str], turns: list[str], language: str, level: str, polite: bool
) -> None:
    wanted = [Phrase(text=p, level=level, polite_you=polite) for p in phrases]  # type: ignore[arg-type]
    index = PhraseIndex.build(wanted, language)
    findings = index.find_all(turns)
    for hit in findings.hits + findings.almost:
        assert 0 <= hit.turn < len(turns)
        assert 0 <= hit.start < hit.end <= len(turns[hit.turn])
        assert 1 <= hit.tier <= 5
        assert (hit.tier > 3) == (hit.distance > 0)
    assert all(h.tier <= index.last_tier(h.phrase) for h in findings.hits)
    assert list(findings.hits) == sorted(findings.hits)
    assert set(merged(findings.hits)) <= set(findings.hits)


@unhurried
@given(TEXTS, TEXTS, TEXTS, LANGUAGES)
def test_a_phrase_that_was_said_is_found_in_the_first_tier(
    before: str, phrase: str, after: str, language: str
) -> None:
    """Between full stops, so that no number runs into the phrase's own and no word either."""
    index = PhraseIndex.build([Phrase(text=phrase, polite_you=True)], language)
    if not normalise(phrase, language).text:
        return
    turn = f"{before}。啊。{phrase}。啊。{after}"
    if language == "en":
        turn = f"{before}. uh. {phrase} . uh. {after}"
    assert 1 in [h.tier for h in index.find([turn])]


@unhurried
@given(TEXTS, st.integers(min_value=0, max_value=30), LANGUAGES)
def test_turns_are_searched_one_by_one(text: str, cut: int, language: str) -> None:
    phrases = [Phrase(text=t) for t in ("请稍等", "二十四小时内", "12315", "您好你好", "four")]
    index = PhraseIndex.build(phrases, language)
    turns = [text[:cut], text[cut:]]
    together = index.find_all(turns)
    apart = [index.find_all([t]) for t in turns]
    assert [h[1:] for h in together.hits] == [h[1:] for f in apart for h in f.hits]
    assert [h[1:] for h in together.almost] == [h[1:] for f in apart for h in f.almost]


@unhurried
@given(st.lists(TEXTS, max_size=3), TEXTS, LANGUAGES)
def test_numbers_point_into_their_turns(texts: list[str], number: str, language: str) -> None:
    for run in digit_runs(texts, language):
        for digit in run.digits:
            assert 0 <= digit.start < digit.end <= len(texts[digit.turn])
            assert digit.value in "0123456789X"
    find_number(number, texts, language)
    find_number(number, texts, language, last=4)
    find_disclosed(texts, language=language)


@unhurried
@given(TEXTS, LANGUAGES)
def test_time_limits_point_into_the_text(text: str, language: str) -> None:
    end = 0
    for limit in find_time_limits(text, language):
        assert end <= limit.start < limit.end <= len(text)
        assert limit.text == text[limit.start : limit.end]
        end = limit.end
    parse_limit(text)


@unhurried
@given(TEXTS, TEXTS, LANGUAGES)
def test_similarities_lie_between_nothing_and_the_same(one: str, other: str, language: str) -> None:
    assert 0 <= similarity(one, other, language) <= 1
    assert similarity(one, other, language) == similarity(other, one, language)
    assert 0 <= cosine(one, other, language) <= 1
    value, start, end = part_similarity(one, other, language)
    assert 0 <= value <= 1
    assert 0 <= start <= end <= len(other)
    assert similarity(one, one, language) == 1
    for clause in clauses(one):
        assert one[clause.start : clause.end] == clause.text


@unhurried
@given(st.characters())
def test_readings_are_syllables_without_tone(char: str) -> None:
    assert all(r.isascii() and r.islower() for r in readings(char))


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize(
    "text", ["1" * 20_000, "好的" * 10_000, "一" * 20_000, "十" * 20_000, "no " * 7000]
)
def test_a_recogniser_that_runs_wild_takes_no_long_time(text: str, language: str) -> None:
    phrases = [Phrase(text=t) for t in ("好的", "好的好的好的", "12315", "no no no no no", "一一")]
    index = PhraseIndex.build(phrases, language)
    started = time.process_time()
    index.find_all([text])
    find_time_limits(text, language)
    digit_runs(text, language)
    regex_form(text, language)
    clauses(text)
    # A straight line takes some tenths of a second; a square would take minutes.
    assert time.process_time() - started < 5
