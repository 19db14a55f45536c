"""Two hearings of one recording held against each other, word by word. Pure.

Nobody knows what was said in a centre's own calls, so nobody can count a model's errors there. But
a model that understood hears the same when the sound is changed by what no listener would mind; one
that guesses guesses anew. A word that both hearings have is *consistent*.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from rapidfuzz.distance import Levenshtein

from qc_pipeline.call import Speaker, Transcript, Word
from qc_pipeline.scoring.evidence.coverage import words_of
from qc_pipeline.text.normalise import normalise

_TOKEN = re.compile(r"[a-z']+|[^\W_]")


@dataclass(frozen=True, slots=True, kw_only=True)
class HeardTwice:
    """A character (in English a word) of the first hearing, and whether the second has it, too.

    `confidence` is that of its word, in [0, 1].
    """

    text: str
    confidence: float
    consistent: bool


def compare(first: Transcript, second: Transcript) -> Mapping[Speaker, tuple[HeardTwice, ...]]:
    """What `first` has of each party, held against `second`, which heard the same recording.

    Words without a confidence are left out. Where the channels are those of the parties, each is
    held against the same channel, whoever was taken for the agent in the second. Where the words
    themselves divided one channel, perhaps otherwise in the second, all are held against all.
    """
    agent, customer = (first.speech.get(s) for s in Speaker)
    other = tuple(second.speech.get(s) for s in Speaker)
    if other not in ((agent, customer), (customer, agent)):
        return _as_one(first, second)
    swapped = other != (agent, customer)
    theirs = {Speaker.AGENT: Speaker.CUSTOMER, Speaker.CUSTOMER: Speaker.AGENT}
    return {
        speaker: compare_words(
            words_of(first.turns, speaker),
            words_of(second.turns, theirs[speaker] if swapped else speaker),
            first.language,
        )
        for speaker in Speaker
    }


def _as_one(first: Transcript, second: Transcript) -> Mapping[Speaker, tuple[HeardTwice, ...]]:
    said, again = (
        sorted(
            ((w, s) for s in Speaker for w in words_of(transcript.turns, s)),
            key=lambda pair: pair[0].start_s,
        )
        for transcript in (first, second)
    )
    found: dict[Speaker, list[HeardTwice]] = {s: [] for s in Speaker}
    compared = _compared([w for w, _ in said], [w for w, _ in again], first.language)
    for place, word in compared:
        found[said[place][1]].append(word)
    return {speaker: tuple(words) for speaker, words in found.items()}


def compare_words(
    first: Sequence[Word], second: Sequence[Word], language: str
) -> tuple[HeardTwice, ...]:
    """What the words `first` have in common with `second` in one best alignment."""
    return tuple(word for _, word in _compared(first, second, language))


def _compared(
    first: Sequence[Word], second: Sequence[Word], language: str
) -> Iterator[tuple[int, HeardTwice]]:
    """The characters of `first` that have a confidence, each with the place of its word."""
    one, two = tokens_of(first, language), tokens_of(second, language)
    kept = {
        place
        for block in Levenshtein.opcodes([t for t, _ in one], [t for t, _ in two])
        if block.tag == "equal"
        for place in range(block.src_start, block.src_end)
    }
    for place, (text, word) in enumerate(one):
        confidence = first[word].confidence
        if confidence is not None:
            yield word, HeardTwice(text=text, confidence=confidence, consistent=place in kept)


def tokens_of(words: Sequence[Word], language: str) -> list[tuple[str, int]]:
    """Characters (Latin letters by the word) in one form, numbers as digits, each with the place of
    the word it begins in.
    """
    texts: list[str] = []
    owners: list[int] = []
    for place, word in enumerate(words):
        # Words of Latin letters are put together without a gap where turns are.
        text = f" {word.text}" if word.text[:1].isascii() else word.text
        texts.append(text)
        owners += [place] * len(text)
    plain = normalise("".join(texts), language)
    return [
        (found[0], owners[plain.origin[found.start()]]) for found in _TOKEN.finditer(plain.text)
    ]


def alike(first: Sequence[HeardTwice], second: Sequence[HeardTwice]) -> float:
    """How much of what was heard in one place stands in another, too, as a share of the longer.

    Between different calls it is what chance gives (a fifth to a third in Chinese); a model that
    writes the same whatever it hears comes near 1.
    """
    longest = max(len(first), len(second))
    if not longest:
        return 0.0
    blocks = Levenshtein.opcodes([t.text for t in first], [t.text for t in second])
    same = sum(b.src_end - b.src_start for b in blocks if b.tag == "equal")
    return same / longest
