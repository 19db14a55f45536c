"""Turns of a call as one text for the phrase index, with the way back to their characters."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from itertools import accumulate

from qc_pipeline.text.characters import COMPACT
from qc_pipeline.text.english import words_of
from qc_pipeline.text.normal import Normalised, opened, spoken, with_numbers
from qc_pipeline.text.numerals import COMPLEX, DIGIT_WORDS
from qc_pipeline.text.syllables import SEPARATOR, SYMBOLS

# 您 and 你 are one here; phrases that tell them apart are compared once more.
POLITE = str.maketrans("您", "你")
_FOLD = str.maketrans({**DIGIT_WORDS, "您": "你"})
_NO_LINE_FEED = str.maketrans("\n", " ")


class TurnText:
    """The turns of a call, each a line of three texts.

    `normal` is the normal form (您 as 你), `symbols` one symbol a syllable (a word in English),
    `chars` what each symbol was made from. Lines of `symbols` and `chars` have the same lengths.
    """

    def __init__(self, turns: Sequence[str]) -> None:
        self.turns = turns
        self.normal = self.symbols = self.chars = ""
        self.normal_starts: list[int] = []
        self.symbol_starts: list[int] = []
        self._maps: dict[int, tuple[Normalised, Normalised]] = {}

    def turn_of_normal(self, at: int) -> int:
        return bisect_right(self.normal_starts, at) - 1

    def turn_of_symbol(self, at: int) -> int:
        return bisect_right(self.symbol_starts, at) - 1

    def normal_span(self, turn: int, start: int, end: int) -> tuple[int, int]:
        """Original offsets in the turn of characters of `normal`."""
        base = self.normal_starts[turn]
        return self._map(turn)[0].span(start - base, end - base)

    def symbol_span(self, turn: int, start: int, end: int) -> tuple[int, int]:
        """Original offsets in the turn of characters of `symbols`."""
        base = self.symbol_starts[turn]
        return self._map(turn)[1].span(start - base, end - base)

    def _map(self, turn: int) -> tuple[Normalised, Normalised]:
        found = self._maps.get(turn)
        if found is None:
            plain = opened(self.turns[turn])
            found = self._maps[turn] = (plain, plain)
        return found


def chinese_turns(turns: Sequence[str]) -> TurnText:
    out = TurnText(turns)
    raw = SEPARATOR.join(turns)
    if raw.count(SEPARATOR) >= len(turns) > 0:
        raw = SEPARATOR.join(t.translate(_NO_LINE_FEED) for t in turns)
    plain = raw.translate(COMPACT)
    lines = plain.split(SEPARATOR)
    out.normal_starts = out.symbol_starts = _starts(lines)
    if COMPLEX.search(plain) is None:
        out.normal, out.chars = plain.translate(_FOLD), plain
        out.symbols = plain.translate(SYMBOLS)
        return out
    normal: list[str] = []
    chars: list[str] = []
    for i, line in enumerate(lines):
        if COMPLEX.search(line) is None:
            normal.append(line.translate(_FOLD))
            chars.append(line)
            continue
        as_written = opened(turns[i])
        maps = out._maps[i] = (with_numbers(as_written), spoken(as_written))
        normal.append(maps[0].text.translate(POLITE))
        chars.append(maps[1].text)
    out.normal, out.chars = SEPARATOR.join(normal), SEPARATOR.join(chars)
    out.normal_starts, out.symbol_starts = _starts(normal), _starts(chars)
    out.symbols = out.chars.translate(SYMBOLS)
    return out


def english_turns(turns: Sequence[str], vocabulary: Mapping[str, str]) -> TurnText:
    """As `chinese_turns`, a word a symbol; words the index does not know share one symbol."""
    out = TurnText(turns)
    lines = []
    for i, turn in enumerate(turns):
        words = words_of(turn)
        lines.append("".join(vocabulary.get(w, UNKNOWN_WORD) for w, _, _ in words))
        where = Normalised(
            text=lines[-1],
            origin=tuple(start for _, start, _ in words),
            ends=tuple(end for _, _, end in words),
        )
        out._maps[i] = (where, where)
    out.normal = out.symbols = out.chars = SEPARATOR.join(lines)
    out.normal_starts = out.symbol_starts = _starts(lines)
    return out


UNKNOWN_WORD = "\uffff"


def _starts(lines: Sequence[str]) -> list[int]:
    return list(accumulate((len(line) + 1 for line in lines), initial=0))[: len(lines)]
