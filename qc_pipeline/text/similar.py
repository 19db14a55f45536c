"""How alike two wordings sound, and the clauses of a turn.

Everything here works on the usual reading of each character (one symbol a syllable, tones and the
usual confusions folded), on words in English.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import sqrt

from rapidfuzz.distance import Levenshtein

from qc_pipeline.text.english import words_of
from qc_pipeline.text.normalise import Normalised, opened, spoken
from qc_pipeline.text.syllables import confused, readings, usual_symbol
from qc_pipeline.text.turn_codes import Codes, CodeTable, codes_of, text_of

# Full stops and commas end a clause; a point or comma inside a number does not. A recogniser that
# writes no punctuation gives one clause a turn.
_CLAUSE_END = re.compile(r"[,。!?;:、\uff0c\uff01\uff1f\uff1b\uff1a…\n]+|\.(?!\d)|(?<!\d)\.|——+")
# Without punctuation a clause longer than this is compared in windows (see `windows`).
LONG_CLAUSE = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """Characters `start` to `end` of a turn."""

    text: str
    start: int
    end: int


class _Folded(dict[int, str]):
    """For `str.translate`: code point → one symbol for the class of its usual reading."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        found = readings(char)
        symbol = usual_symbol(confused(found[0])) if found else char
        # 您 and 你 sound different and mean one thing.
        self[code] = self[ord("你")] if char == "您" else symbol
        return self[code]


_FOLDED = _Folded()


_ALIKE = CodeTable(lambda char: ord(_FOLDED[ord(char)]) if char not in "\0\n" else ord("\n"))


def alike(text: str) -> str:
    """A text of the same length, in which characters that sound alike (as in `sound`) are the
    same; everything else, signs and digits too, stays.
    """
    return text_of(alike_codes(codes_of(text)))


def alike_codes(codes: Codes) -> Codes:
    """As `alike`, of code points."""
    return _ALIKE.of(codes)


@lru_cache(maxsize=8192)
def sound(text: str, language: str = "zh") -> tuple[str, ...]:
    """The units that are compared: a symbol a syllable, or words."""
    return sound_with_origin(text, language)[0]


def sound_with_origin(text: str, language: str = "zh") -> tuple[tuple[str, ...], Normalised]:
    """As `sound`, with the original place of each unit (`Normalised.span(i, j)`)."""
    if language == "en":
        words = words_of(text)
        where = Normalised(
            text=" " * len(words),
            origin=tuple(start for _, start, _ in words),
            ends=tuple(end for _, _, end in words),
        )
        return tuple(word for word, _, _ in words), where
    plain = spoken(opened(text))
    return tuple(plain.text.translate(_FOLDED)), plain


def clauses(text: str) -> tuple[Clause, ...]:
    """The clauses of a turn, in order; without punctuation the turn is one."""
    out = []
    at = 0
    for mark in _CLAUSE_END.finditer(text):
        out.append((at, mark.start()))
        at = mark.end()
    out.append((at, len(text)))
    return tuple(Clause(text=text[a:b], start=a, end=b) for a, b in out if text[a:b].strip())


def similarity(one: str, other: str, language: str = "zh") -> float:
    """1 minus the edit distance by syllable over the longer length; two empty texts are alike."""
    return sound_similarity(sound(one, language), sound(other, language))


def sound_similarity(one: Sequence[str], other: Sequence[str]) -> float:
    return float(Levenshtein.normalized_similarity(one, other))


def part_similarity(line: str, text: str, language: str = "zh") -> tuple[float, int, int]:
    """How well `line` was said somewhere in `text`: (similarity, start, end) of the best place.

    Similarity is 1 - d / n: n the syllables of `line`, d the fewest edits that turn it into a part
    of `text` (Sellers 1980); never below 0. Among equals the earliest, then the longest part.
    """
    wanted = sound(line, language)
    heard, where = sound_with_origin(text, language)
    distance, start, end = best_part(wanted, heard)
    if not wanted or start >= end:
        return 0.0, 0, 0
    first, last = where.span(start, end)
    return max(0.0, 1 - distance / len(wanted)), first, last


def best_part(wanted: Sequence[str], heard: Sequence[str]) -> tuple[int, int, int]:
    """(edits, start, end) of the part of `heard` nearest to `wanted` (Sellers' algorithm)."""
    rows = len(wanted)
    column = list(range(rows + 1))
    starts = [0] * (rows + 1)
    best = (rows, 0, 0)
    for j, unit in enumerate(heard):
        diagonal, diagonal_start = column[0], starts[0]
        column[0], starts[0] = 0, j + 1
        diagonal_start = j
        for i in range(1, rows + 1):
            up, up_start = column[i - 1], starts[i - 1]
            left, left_start = column[i], starts[i]
            cost = diagonal + (wanted[i - 1] != unit)
            value, start = cost, diagonal_start
            if (up + 1, up_start) < (value, start):
                value, start = up + 1, up_start
            if (left + 1, left_start) < (value, start):
                value, start = left + 1, left_start
            diagonal, diagonal_start = left, left_start
            column[i], starts[i] = value, start
        nearer = column[rows] < best[0]
        if nearer or (column[rows] == best[0] < rows and starts[rows] == best[1]):
            best = (column[rows], starts[rows], j + 1)
    return best


@lru_cache(maxsize=8192)
def _grams(units: tuple[str, ...]) -> tuple[Counter[tuple[str, ...]], float]:
    grams: Counter[tuple[str, ...]] = Counter((u,) for u in units)
    grams.update(itertools.pairwise(units))
    return grams, sqrt(sum(n * n for n in grams.values()))


def cosine(one: str, other: str, language: str = "zh") -> float:
    """Cosine of the counts of syllable 1- and 2-grams, in [0, 1]; 0 where a text is empty."""
    return sound_cosine(sound(one, language), sound(other, language))


def sound_cosine(one: tuple[str, ...], other: tuple[str, ...]) -> float:
    a, length_a = _grams(one)
    b, length_b = _grams(other)
    if not a or not b:
        return 0.0
    if len(b) < len(a):
        a, b = b, a
    dot = sum(n * b[gram] for gram, n in a.items() if gram in b)
    return min(1.0, dot / (length_a * length_b))
