"""Patterns and likenesses attacked with what nobody would write: held against slow references."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from itertools import product

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from qc_pipeline.scoring.evidence.found_phrases import FoundPhrases
from qc_pipeline.scoring.evidence.outcome import Wanted
from qc_pipeline.scoring.evidence.phrase_lexicon import Lexicon
from qc_pipeline.text.normalise import normalise
from qc_pipeline.text.numerals import NUMBER_RUN
from qc_pipeline.text.phrase_alignment import differences
from qc_pipeline.text.phrases import Level, Phrase, PhraseHit, PhraseIndex

unhurried = settings(deadline=None, max_examples=150)
Span = tuple[int, int, int]

# Syllables that repeat, sound the same (他 她, 已 以), are usually confused (四 十, 经 今), deny,
# and the word that is one for the agent's good and two against.
SYLLABLES = "他她它已以经今四是不没您你好"
SIGNS = "，。、 ！…"
TURNS = st.text(alphabet=SYLLABLES + SIGNS, max_size=24)
PARTS = st.text(alphabet=SYLLABLES, min_size=1, max_size=5)
LEVELS: st.SearchStrategy[Level] = st.sampled_from(["near", "homophone", "exact"])


def overlap(a: Span, b: Span) -> bool:
    return a[0] == b[0] and a[1] < b[2] and b[1] < a[2]


def found_for(lexicon: Lexicon, wanted: Wanted, found: FoundPhrases) -> Sequence[PhraseHit]:
    return found.of(lexicon.number(wanted))


# -- a pattern without gaps is its wordings --------------------------------------------------


@unhurried
@given(
    st.lists(
        st.lists(st.one_of(PARTS, st.just("")), min_size=1, max_size=3), min_size=1, max_size=3
    ),
    PARTS,
    st.lists(TURNS, min_size=1, max_size=3),
    LEVELS,
)
def test_a_pattern_without_gaps_finds_what_its_wordings_find(
    pieces: list[list[str]], rest: str, turns: list[str], level: Level
) -> None:
    pattern = "".join(f"({'|'.join([*options, options[0]])})" for options in pieces) + rest
    wordings = {"".join(chosen) + rest for chosen in product(*pieces)}
    one = Lexicon([Wanted(pattern, level)], language="zh")
    several = Lexicon([Wanted(w, level) for w in wordings], language="zh")
    written_out = several.find(turns)
    every = [h for w in wordings for h in found_for(several, Wanted(w, level), written_out)]
    kept: list[PhraseHit] = []
    # Overlapping ones are one: the best tier, then the longest, then the earliest.
    for hit in sorted(every, key=lambda h: (h.tier, h.start - h.end, h.start)):
        if not any(overlap(hit[:3], k[:3]) for k in kept):
            kept.append(hit)
    got = found_for(one, Wanted(pattern, level), one.find(turns))
    assert [(*h[:3], h.tier) for h in got] == sorted((*h[:3], h.tier) for h in kept)


# -- gaps: a slow reference for the first tier -----------------------------------------------


def units_of(turn: str) -> tuple[list[str], list[int], list[bool]]:
    """Syllables, where each stands, and whether a clause ends before it; no digits, no 您."""
    units, places, parted = [], [], []
    ended = False
    for at, char in enumerate(turn):
        if char in SYLLABLES:
            units.append(char)
            places.append(at)
            parted.append(ended)
            ended = False
        elif char in "，。、！…":
            ended = True
    return units, places, parted


def spans(turn: str, parts: Sequence[str], gaps: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Every way in which the parts follow each other in a turn, each gap inside the clause."""
    units, places, parted = units_of(turn)
    text = "".join(units)

    def walk(number: int, at: int) -> Iterator[int]:
        if not text.startswith(parts[number], at):
            return
        behind = at + len(parts[number])
        if number == len(parts) - 1:
            yield behind
            return
        for far in range(gaps[number] + 1):
            first = behind + far
            if first >= len(units) or any(parted[behind : first + 1]):
                return
            yield from walk(number + 1, first)

    for at in range(len(units)):
        for behind in walk(0, at):
            yield places[at], places[behind - 1] + 1


@unhurried
@given(
    st.lists(PARTS, min_size=2, max_size=3),
    st.lists(st.integers(1, 5), min_size=2, max_size=2),
    st.lists(TURNS, min_size=1, max_size=3),
)
@example(["好好", "他"], [2, 1], ["好好好您您他"])
@example(["他她", "她他"], [1, 1], ["他她她他", "他她，她他", "他她。她他"])
def test_a_gap_finds_what_a_slow_reference_finds(
    parts: list[str], gaps: list[int], turns: list[str]
) -> None:
    gaps = gaps[: len(parts) - 1]
    pattern = parts[0] + "".join(f"…{g}…{p}" for g, p in zip(gaps, parts[1:], strict=True))
    wanted = Wanted(pattern, "exact")
    lexicon = Lexicon([wanted], language="zh")
    got = [h[:3] for h in found_for(lexicon, wanted, lexicon.find(turns))]
    every = {(i, *span) for i, turn in enumerate(turns) for span in spans(turn, parts, gaps)}
    assert set(got) <= every
    # None of them is lost: each is there or overlaps one that is.
    assert all(any(overlap(one, g) for g in got) for one in every)
    assert not any(overlap(a, b) for i, a in enumerate(got) for b in got[:i])


# -- what differs fits the tier --------------------------------------------------------------

_NUMBERS = ["二十四小时", "24小时", "三个", "12315", "百分之五", "5%", "3.5", "四小时", "十"]
SAID = st.lists(
    st.one_of(TURNS, st.sampled_from(_NUMBERS), st.text(alphabet="泥妮拟尼石时信新心", max_size=3)),
    max_size=4,
).map("".join)


def cuts_a_number(turn: str, hit: PhraseHit) -> bool:
    """Whether a hit begins or ends within a run of numbers, which is read as one."""
    runs = [m.span() for m in NUMBER_RUN.finditer(turn)]
    return any(a < edge < b for a, b in runs for edge in (hit.start, hit.end))


@unhurried
@given(
    st.lists(st.one_of(PARTS, st.sampled_from(_NUMBERS)), min_size=1, max_size=3).map("".join),
    st.lists(SAID, min_size=1, max_size=3),
    st.booleans(),
)
@example("您好", ["泥好"], True)
@example("您好他经以", ["泥好他经以"], True)
@example("百分之五", ["四百分之五"], False)
def test_what_differs_fits_the_tier(phrase: str, turns: list[str], polite: bool) -> None:
    index = PhraseIndex.build([Phrase(text=phrase, polite_you=polite)])
    findings = index.find_all(turns)
    for hit in findings.hits + findings.almost:
        heard = turns[hit.turn][hit.start : hit.end]
        longer = len(normalise(heard).text) > len(normalise(phrase).text)
        if (NUMBER_RUN.search(heard) and longer) or cuts_a_number(turns[hit.turn], hit):
            # What stands at a part of a run of numbers is told with all of the run.
            continue
        found = differences(phrase, heard, "zh", (), polite_you=polite)
        kinds = [d.kind for d in found]
        if hit.tier >= 4:
            assert "near" in kinds, (heard, found)
            assert kinds.count("near") <= hit.distance, (heard, found)
        elif hit.tier == 3:
            assert "class" in kinds and "near" not in kinds, (heard, found)
        elif hit.tier == 2:
            assert set(kinds) == {"same"}, (heard, found)
        else:
            assert kinds == [], (heard, found)
        assert all(0 <= d.start < d.end <= len(heard) for d in found)


# -- English ---------------------------------------------------------------------------------

STEMS = ["help", "helps", "helped", "helping", "refund", "refunds", "refunded", "not", "no",
         "never", "nothing", "can't", "you", "4", "four", "noted", "nots"]  # fmt: skip
NEVER = {"not", "no", "never", "nothing"}
ENGLISH = st.lists(st.sampled_from(STEMS), min_size=1, max_size=4).map(" ".join)


@unhurried
@given(ENGLISH, st.lists(ENGLISH, min_size=1, max_size=3), LEVELS)
def test_english_stems_are_of_tier_two_and_a_not_is_itself(
    phrase: str, turns: list[str], level: Level
) -> None:
    index = PhraseIndex.build([Phrase(text=phrase, level=level)], "en")
    for hit in index.find(turns):
        heard = turns[hit.turn][hit.start : hit.end]
        found = differences(phrase, heard, "en", (), polite_you=False)
        assert level != "exact" or hit.tier == 1
        assert hit.tier != 3
        if hit.tier == 1:
            assert found == ()
        elif hit.tier == 2:
            assert {d.kind for d in found} == {"same"}
            # A form of another word stands for it; a "not" only ever for itself.
            assert not NEVER & {heard[d.start : d.end] for d in found}


@unhurried
@given(st.lists(ENGLISH, min_size=1, max_size=4), st.lists(ENGLISH, max_size=4), ENGLISH)
def test_what_was_heard_before_changes_nothing(
    turns: list[str], before: list[str], phrase: str
) -> None:
    fresh = PhraseIndex.build([Phrase(text=phrase)], "en")
    used = PhraseIndex.build([Phrase(text=phrase)], "en")
    used.find_all(before)
    assert used.find_all(turns) == fresh.find_all(turns)


# -- whatever stands there --------------------------------------------------------------------

ODD = st.lists(
    st.one_of(
        st.text(max_size=5),
        st.characters(min_codepoint=0xD800, max_codepoint=0xDFFF),
        st.sampled_from(
            ["\0", "👩‍👩‍👧", "שלום", "مرحبا", "您好", "…", "24小时", "not", "\u202e", "\n"]
        ),
    ),
    max_size=8,
).map("".join)
PATTERNS = ("您(好|)…小时", "not…2…help", "(您|你)好", "24…小时", "שלום…您好")


@unhurried
@given(st.lists(ODD, min_size=1, max_size=4), st.sampled_from(["zh", "en"]))
def test_nothing_raises_and_places_lie_in_their_turn(turns: list[str], language: str) -> None:
    lexicon = Lexicon([Wanted(p, "near") for p in PATTERNS], language=language)
    found = lexicon.find(turns)
    for number in found.numbers():
        for hit in found.of(number):
            assert 0 <= hit.start < hit.end <= len(turns[hit.turn])
            for part in found.parts(hit):
                assert hit.start <= part.start < part.end <= hit.end
                heard = turns[hit.turn][part.start : part.end]
                for one in differences(part.text, heard, language, (), polite_you=False):
                    assert 0 <= one.start < one.end <= len(heard)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize(
    ("text", "pattern"),
    [
        ("好" * 20_000, "好…8…好"),
        ("好的" * 10_000, "好的…8…好的…8…好的…8…吗"),
        ("好的，" * 10_000, "(好|的)…好…的"),
        ("不" * 20_000, "不不不不不不不不不"),
        ("help " * 4000, "help…8…help…8…not"),
        ("12315" * 4000, "12315…8…投诉"),
        ("他" * 20_000, "它它它它它…8…它它它它它"),
    ],
)
def test_a_recogniser_that_runs_wild_takes_no_long_time(
    text: str, pattern: str, language: str
) -> None:
    lexicon = Lexicon([Wanted(pattern, "near")], language=language)
    lexicon.find(["好的help"])
    started = time.process_time()
    list(lexicon.find([text]).numbers())
    taken_s = time.process_time() - started
    # A straight line takes a second or two; a square would take minutes.
    assert taken_s < 10
