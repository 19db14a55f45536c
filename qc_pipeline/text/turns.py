"""Turns of a call as one text for the phrase index, with the way back to their characters."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from itertools import accumulate

from qc_pipeline.text.characters import COMPACT, origin_of_compact
from qc_pipeline.text.english import words_of
from qc_pipeline.text.normal import (
    SIGNS,
    digits_spelled_out,
    numbers_as_digits,
    opened,
    spoken,
    with_numbers,
)
from qc_pipeline.text.numerals import COMPLEX, DIGIT_WORDS
from qc_pipeline.text.syllables import SEPARATOR, SYMBOLS

# 您 and 你 are one here; phrases that tell them apart are compared once more.
POLITE = str.maketrans("您", "你")
UNKNOWN_WORD = "\uffff"
# Behind the last turn, and by Python's negative indices before the first: nothing matches there.
PADDING = SEPARATOR * 4
_NO_LINE_FEED = str.maketrans("\n", " ")


class TurnText:
    """The turns of a call, each a line of three texts.

    `normal` is the normal form (您 as 你), `symbols` one symbol a syllable (a word in English),
    `chars` what each symbol was made from. `symbols` and `chars` have the same lengths, and both
    end in `PADDING`.
    """

    __slots__ = (
        "_maps",
        "_origin",
        "_plain_starts",
        "_raw",
        "_raw_starts",
        "chars",
        "normal",
        "normal_starts",
        "symbol_starts",
        "symbols",
        "turns",
    )

    def __init__(self, turns: Sequence[str], raw: str) -> None:
        self.turns = turns
        self.normal = self.symbols = self.chars = ""
        self.normal_starts: list[int] = []
        self.symbol_starts: list[int] = []
        # The way back: of the compact form of all turns for most of them, and maps of their own
        # for turns with other characters (numbers rewritten, English).
        self._raw = raw
        self._raw_starts: list[int] = []
        self._plain_starts: list[int] = []
        self._origin: list[int] | None = None
        self._maps: dict[int, tuple[_Map, _Map] | None] = {}

    def normal_span(self, start: int, end: int) -> tuple[int, int, int]:
        """(turn, original offsets in it) of characters of `normal`."""
        turn = bisect_right(self.normal_starts, start) - 1
        base = self.normal_starts[turn]
        if turn in self._maps:
            return _span(self._own_maps(turn)[0], turn, start - base, end - base)
        return self._plain_span(turn, start - base, end - base)

    def symbol_span(self, start: int, end: int) -> tuple[int, int, int]:
        """(turn, original offsets in it) of characters of `symbols`."""
        turn = bisect_right(self.symbol_starts, start) - 1
        base = self.symbol_starts[turn]
        if turn in self._maps:
            return _span(self._own_maps(turn)[1], turn, start - base, end - base)
        return self._plain_span(turn, start - base, end - base)

    def symbol_at(self, turn: int, at: int) -> int:
        """Where character `at` of `normal` stands in `symbols`; -1 where they differ."""
        if self.normal_starts is self.symbol_starts:
            return at
        if turn in self._maps:
            return -1
        return at - self.normal_starts[turn] + self.symbol_starts[turn]

    def _plain_span(self, turn: int, start: int, end: int) -> tuple[int, int, int]:
        origin = self._origin
        if origin is None:
            origin = self._origin = origin_of_compact(self._raw, SEPARATOR)
            self._raw_starts = _starts(self.turns)
        at, base = self._plain_starts[turn], self._raw_starts[turn]
        return turn, origin[at + start] - base, origin[at + end - 1] - base + 1

    def _own_maps(self, turn: int) -> tuple[_Map, _Map]:
        maps = self._maps[turn]
        if maps is None:
            plain = opened(self.turns[turn])
            normal, said = with_numbers(plain), spoken(plain)
            maps = self._maps[turn] = ((normal.origin, normal.ends), (said.origin, said.ends))
        return maps


# Origins and ends of the characters of a line.
_Map = tuple[Sequence[int], Sequence[int]]


def _span(where: _Map, turn: int, start: int, end: int) -> tuple[int, int, int]:
    origin, ends = where
    return turn, origin[start], ends[end - 1]


class _Folded(dict[int, int]):
    """For `str.translate`: number words to digits, 您 to 你, all else as it is."""

    def __missing__(self, code: int) -> int:
        self[code] = code
        return code


_FOLD = _Folded({ord(c): ord(to) for c, to in (*DIGIT_WORDS.items(), ("您", "你"))})


def chinese_turns(turns: Sequence[str]) -> TurnText:
    raw = SEPARATOR.join(turns)
    if raw.count(SEPARATOR) >= len(turns) > 0:
        raw = SEPARATOR.join(t.translate(_NO_LINE_FEED) for t in turns)
    out = TurnText(turns, raw)
    plain = raw.translate(COMPACT)
    lines = plain.split(SEPARATOR)
    out._plain_starts = out.normal_starts = out.symbol_starts = starts = _starts(lines)
    if COMPLEX.search(plain) is None:
        out.normal, out.chars = plain.translate(_FOLD), plain + PADDING
    else:
        said = list(lines)
        for i in sorted({bisect_right(starts, m.start()) - 1 for m in COMPLEX.finditer(plain)}):
            line = lines[i]
            out._maps[i] = None
            if SIGNS.search(turns[i]) is not None:
                line = opened(turns[i]).text
            lines[i] = numbers_as_digits(line)
            said[i] = digits_spelled_out(line)
        out.normal = SEPARATOR.join(lines).translate(_FOLD)
        out.chars = SEPARATOR.join(said) + PADDING
        out.normal_starts, out.symbol_starts = _starts(lines), _starts(said)
    out.symbols = out.chars.translate(SYMBOLS)
    return out


def english_turns(turns: Sequence[str], vocabulary: Mapping[str, str]) -> TurnText:
    """As `chinese_turns`, a word a symbol; words the index does not know share one symbol."""
    out = TurnText(turns, "")
    lines = []
    for i, turn in enumerate(turns):
        words = words_of(turn)
        lines.append("".join(vocabulary.get(w, UNKNOWN_WORD) for w, _, _ in words))
        where = ([start for _, start, _ in words], [end for _, _, end in words])
        out._maps[i] = (where, where)
    out.normal = SEPARATOR.join(lines)
    out.symbols = out.chars = out.normal + PADDING
    out.normal_starts = out.symbol_starts = _starts(lines)
    return out


def _starts(lines: Sequence[str]) -> list[int]:
    return list(accumulate((len(line) + 1 for line in lines), initial=0))[: len(lines)]
