"""Turns of a call as one text for the phrase index, with the way back to their characters."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from itertools import accumulate

from qc_pipeline.text.characters import COMPACT, origin_of_compact
from qc_pipeline.text.english import words_of
from qc_pipeline.text.normal import (
    SIGNS,
    Normalised,
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
_FOLD = str.maketrans({**DIGIT_WORDS, "您": "你"})
_NO_LINE_FEED = str.maketrans("\n", " ")


class TurnText:
    """The turns of a call, each a line of three texts.

    `normal` is the normal form (您 as 你), `symbols` one symbol a syllable (a word in English),
    `chars` what each symbol was made from. `symbols` and `chars` have the same lengths, and both
    end in `PADDING`.
    """

    __slots__ = (
        "_normal_maps",
        "_rewritten",
        "_symbol_maps",
        "chars",
        "normal",
        "normal_starts",
        "symbol_starts",
        "symbols",
        "turns",
    )

    def __init__(self, turns: Sequence[str]) -> None:
        self.turns = turns
        self.normal = self.symbols = self.chars = ""
        self.normal_starts: list[int] = []
        self.symbol_starts: list[int] = []
        # Turns whose numbers were rewritten. Maps are worked out for the turns that are asked for.
        self._rewritten: set[int] = set()
        self._normal_maps: dict[int, _Map | None] = {}
        self._symbol_maps: dict[int, _Map | None] = {}

    def normal_span(self, start: int, end: int) -> tuple[int, int, int]:
        """(turn, original offsets in it) of characters of `normal`."""
        turn = bisect_right(self.normal_starts, start) - 1
        base = self.normal_starts[turn]
        if turn not in self._normal_maps:
            self._normal_maps[turn] = (
                _as_made(with_numbers(opened(self.turns[turn])))
                if turn in self._rewritten
                else self._as_dropped(turn, self.normal_starts, len(self.normal))
            )
        return _span(self._normal_maps[turn], turn, start - base, end - base)

    def symbol_span(self, start: int, end: int) -> tuple[int, int, int]:
        """(turn, original offsets in it) of characters of `symbols`."""
        turn = bisect_right(self.symbol_starts, start) - 1
        base = self.symbol_starts[turn]
        if turn not in self._symbol_maps:
            self._symbol_maps[turn] = (
                _as_made(spoken(opened(self.turns[turn])))
                if turn in self._rewritten
                else self._as_dropped(turn, self.symbol_starts, len(self.chars) - len(PADDING))
            )
        return _span(self._symbol_maps[turn], turn, start - base, end - base)

    def _as_dropped(self, turn: int, starts: Sequence[int], length: int) -> _Map | None:
        """The map of a turn from which characters were only dropped, if any were."""
        text = self.turns[turn]
        following = starts[turn + 1] - 1 if turn + 1 < len(starts) else length
        if following - starts[turn] == len(text) and COMPACT.longer.isdisjoint(text):
            return None
        return origin_of_compact(text), None


# Origins and ends of the characters of a line; no ends where each comes from one character, and
# no map at all where the line is as long as the turn.
_Map = tuple[Sequence[int], Sequence[int] | None]


def _as_made(form: Normalised) -> _Map:
    return form.origin, form.ends


def _span(where: _Map | None, turn: int, start: int, end: int) -> tuple[int, int, int]:
    if where is None:
        return turn, start, end
    origin, ends = where
    return turn, origin[start], origin[end - 1] + 1 if ends is None else ends[end - 1]


def chinese_turns(turns: Sequence[str]) -> TurnText:
    out = TurnText(turns)
    raw = SEPARATOR.join(turns)
    if raw.count(SEPARATOR) >= len(turns) > 0:
        raw = SEPARATOR.join(t.translate(_NO_LINE_FEED) for t in turns)
    plain = raw.translate(COMPACT)
    lines = plain.split(SEPARATOR)
    if COMPLEX.search(plain) is None:
        out.normal, out.chars = plain.translate(_FOLD), plain + PADDING
        out.normal_starts = out.symbol_starts = _starts(lines)
    else:
        said = list(lines)
        starts = _starts(lines)
        for i in sorted({bisect_right(starts, m.start()) - 1 for m in COMPLEX.finditer(plain)}):
            line = lines[i]
            out._rewritten.add(i)
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
    out = TurnText(turns)
    lines = []
    for i, turn in enumerate(turns):
        words = words_of(turn)
        lines.append("".join(vocabulary.get(w, UNKNOWN_WORD) for w, _, _ in words))
        where = ([start for _, start, _ in words], [end for _, _, end in words])
        out._normal_maps[i] = out._symbol_maps[i] = where
    out.normal = SEPARATOR.join(lines)
    out.symbols = out.chars = out.normal + PADDING
    out.normal_starts = out.symbol_starts = _starts(lines)
    return out


def _starts(lines: Sequence[str]) -> list[int]:
    return list(accumulate((len(line) + 1 for line in lines), initial=0))[: len(lines)]
