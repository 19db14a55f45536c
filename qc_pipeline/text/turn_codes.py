"""Turns of a call as one text for the phrase index, with the way back to their characters."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from qc_pipeline.text.english import words_of
from qc_pipeline.text.hanzi import compact_form
from qc_pipeline.text.normalise import (
    SIGNS,
    Normalised,
    digits_spelled_out,
    numbers_as_digits,
    opened,
    spoken,
    with_numbers,
)
from qc_pipeline.text.numerals import COMPLEX, DIGIT_WORDS
from qc_pipeline.text.syllables import SEPARATOR

Codes = NDArray[Any]
Places = NDArray[np.int64]

# 您 and 你 are one here; phrases that tell them apart are compared once more.
POLITE = str.maketrans("您", "你")
UNKNOWN_WORD = "\uffff"
# The voice of a phrase that is looked for in everybody's words; those of the parties count on.
ANYBODY = 0
_LINE = ord(SEPARATOR)
_CODE_POINTS = 0x110000
# Marks of `CodeTable`: not met yet, no character of its own, more than one.
_UNMET, _DROPPED, _LONGER = 0, 1, 2


def codes_of(text: str) -> Codes:
    """The code points of a text."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")


def text_of(codes: Codes) -> str:
    return codes.astype("<u4").tobytes().decode("utf-32-le", "surrogatepass")


class CodeTable:
    """A number for every code point, worked out when first met; 0 is none.

    The whole of Unicode is addressed, and memory taken only for what is met.
    """

    def __init__(self, work_out: Callable[[str], int], kind: Any = np.uint32) -> None:
        self._work_out = work_out
        self._table = np.zeros(_CODE_POINTS, dtype=kind)

    def of(self, codes: Codes) -> Codes:
        found = self._table[codes]
        if not found.all():
            for code in np.unique(codes[found == _UNMET]).tolist():
                self._table[code] = self._work_out(chr(code))
            found = self._table[codes]
        return found


def _one_code(char: str) -> int:
    if char == SEPARATOR:
        return _LINE
    form = compact_form(char)
    if len(form) == 1:
        return ord(form)
    return _LONGER if form else _DROPPED


_FORMS = CodeTable(_one_code)
_FOLDS = {c: ord(to) for c, to in (*DIGIT_WORDS.items(), ("您", "你"))}
_FOLDED = CodeTable(lambda char: _FOLDS.get(char, ord(char) or _DROPPED))
_FOLD = str.maketrans(_FOLDS)


# Origins and ends of the characters of a line.
_Map = tuple[Sequence[int], Sequence[int]]


class SpokenLine(NamedTuple):
    """Characters of a turn as they are compared, and where in it each begins and ends."""

    text: str
    starts: Sequence[int]
    ends: Sequence[int]


class TurnText:
    """Turns, each a line of two texts.

    `normal` is the normal form (您 as 你), `normal_codes` the same with 您 as it was; `symbols` are
    the code points of what is spoken (a word each in English). Up to `shared` both are the same
    characters at the same places, a line a turn; turns whose numbers are rewritten are blank
    there, and stand behind it in lines of their own (`alike`: the same lines in both).
    """

    __slots__ = (
        "_lines",
        "_maps",
        "_normal_starts",
        "_origin",
        "_others",
        "_own",
        "_plain",
        "_symbol_starts",
        "_whole",
        "alike",
        "normal",
        "normal_codes",
        "shared",
        "symbols",
        "turns",
    )

    def __init__(
        self,
        turns: Sequence[str],
        main: Codes,
        starts: Places,
        origin: Places,
        others: Sequence[int],
        normals: Sequence[str],
        spokens: Sequence[str],
        plain: Mapping[int, str],
    ) -> None:
        """`main` are the lines of all turns, `starts` where they begin and `origin` where in a
        turn each character stands; `others` the turns that have lines of their own: `normals` and
        `spokens`. `plain` has what stood in `main` before of those of them that differ from it by
        their numbers alone.
        """
        self.turns = turns
        self.shared = len(main)
        self.alike = normals is spokens
        self._origin = origin
        self._others = np.asarray(others, dtype=np.int64)
        self._own = frozenset(others)
        self._lines = len(starts)
        # The lines that are one text, made a text when first asked for.
        self._whole: SpokenLine | None = None
        self._plain = plain
        self._maps: dict[tuple[int, bool], _Map] = {}
        behind = SEPARATOR.join(("", *normals)), SEPARATOR.join(("", *spokens))
        self.normal = text_of(_FOLDED.of(main)) + behind[0].translate(_FOLD)
        self.normal_codes = np.concatenate((main, codes_of(behind[0])))
        self.symbols = np.concatenate((main, codes_of(behind[1])))
        self._normal_starts = np.concatenate((starts, self.shared + _starts_of(behind[0])))
        self._symbol_starts = np.concatenate((starts, self.shared + _starts_of(behind[1])))

    def keep_map(self, turn: int, where: _Map) -> None:
        """The way back from both lines of a turn, where it is known already."""
        self._maps[turn, True] = self._maps[turn, False] = where

    def line(self, turn: int) -> SpokenLine:
        """What is spoken in a Chinese turn: as `spoken(opened(turn))`."""
        if turn in self._own:
            plain = spoken(self._opened(turn))
            return SpokenLine(plain.text, plain.origin, plain.ends)
        if self._whole is None:
            main = self.symbols[: self.shared]
            ends = (self._origin + 1).tolist()
            self._whole = SpokenLine(text_of(main), self._origin.tolist(), ends)
        start = int(self._symbol_starts[turn])
        # The end of the line lies between it and the next.
        behind = self._symbol_starts[turn + 1] - 1 if turn + 1 < self._lines else self.shared
        text, starts, ends = self._whole
        return SpokenLine(text[start:behind], starts[start:behind], ends[start:behind])

    def by_symbol(self, of_turns: NDArray[Any]) -> NDArray[Any]:
        """What is known of every turn, by every one of `symbols`; 0 before the first line."""
        if not len(of_turns):
            return np.zeros(len(self.symbols), dtype=of_turns.dtype)
        starts = self._symbol_starts
        lines = np.concatenate((of_turns[: self._lines], of_turns[self._others]))
        known = np.repeat(lines, np.diff(starts, append=len(self.symbols)))
        return np.concatenate((np.zeros(starts[0], dtype=known.dtype), known))

    def spans(
        self, begins: Places, stops: Places, *, normal: bool
    ) -> tuple[Places, Places, Places]:
        """(turn, original start, original end) of places of `normal` or of `symbols`."""
        starts = self._normal_starts if normal else self._symbol_starts
        lines = np.searchsorted(starts, begins, side="right") - 1
        own = begins >= self.shared
        if not own.any():
            return lines, self._origin[begins], self._origin[stops - 1] + 1
        turns = np.where(own, self._others[np.where(own, lines - self._lines, 0)], lines)
        first = self._origin[np.where(own, 0, begins)] if self.shared else begins.copy()
        last = self._origin[np.where(own, 0, stops - 1)] + 1 if self.shared else stops.copy()
        for i in np.flatnonzero(own).tolist():
            origin, ends = self._own_map(int(turns[i]), normal)
            base = int(starts[lines[i]])
            first[i] = origin[int(begins[i]) - base]
            last[i] = ends[int(stops[i]) - 1 - base]
        return turns, first, last

    def _own_map(self, turn: int, normal: bool) -> _Map:
        where = self._maps.get((turn, normal))
        if where is None:
            plain = self._opened(turn)
            line = with_numbers(plain) if normal else spoken(plain)
            where = self._maps[turn, normal] = (line.origin, line.ends)
        return where

    def _opened(self, turn: int) -> Normalised:
        line = self._plain.get(turn)
        if line is None:
            return opened(self.turns[turn])
        start = int(self._normal_starts[turn])
        origin = self._origin[start : start + len(line)]
        return Normalised(
            text=line, origin=tuple(origin.tolist()), ends=tuple((origin + 1).tolist())
        )


def chinese_turns(turns: Sequence[str]) -> TurnText:
    raw = SEPARATOR.join(turns)
    if raw.count(SEPARATOR) >= len(turns) > 0:
        raw = SEPARATOR.join([t.replace(SEPARATOR, " ") for t in turns])
    codes = codes_of(raw)
    forms = _FORMS.of(codes)
    kept = np.flatnonzero(forms > _LONGER)
    main = forms[kept]
    starts, raw_starts = _starts(main), _starts(codes)
    origin = kept - np.repeat(raw_starts, np.diff(starts, append=len(main) + 1))[: len(main)]
    places = [m.start() for m in COMPLEX.finditer(text_of(main))]
    others = set((np.searchsorted(starts, places, side="right") - 1).tolist())
    longer = np.flatnonzero(forms == _LONGER)
    if len(longer):
        others.update((np.searchsorted(raw_starts, longer, side="right") - 1).tolist())
    ordered = sorted(others)
    if not ordered:
        return TurnText(turns, main, starts, origin, (), (), (), {})
    lines = text_of(main).split(SEPARATOR)
    plain = {
        turn: lines[turn]
        for turn in ordered
        if not len(longer) and SIGNS.search(turns[turn]) is None
    }
    own = [plain[turn] if turn in plain else opened(turns[turn]).text for turn in ordered]
    rewritten = np.zeros(len(starts), dtype=bool)
    rewritten[ordered] = True
    lengths = np.diff(starts, append=len(main) + 1)
    main[np.repeat(rewritten, lengths)[: len(main)]] = _LINE
    together = SEPARATOR.join(own)
    normals = numbers_as_digits(together).split(SEPARATOR)
    spokens = digits_spelled_out(together).split(SEPARATOR)
    return TurnText(turns, main, starts, origin, ordered, normals, spokens, plain)


def _starts_of(behind: str) -> Places:
    """Where the lines begin that stand behind the first separator of a text."""
    return np.flatnonzero(codes_of(behind) == _LINE) + 1


def _starts(codes: Codes) -> Places:
    """Where the lines begin."""
    return np.concatenate(([0], np.flatnonzero(codes == _LINE) + 1))


def english_turns(turns: Sequence[str], symbol_of: Callable[[str], str]) -> TurnText:
    """As `chinese_turns`, a word a symbol (`symbol_of`)."""
    lines, maps = [], []
    for turn in turns:
        words = words_of(turn)
        lines.append("".join([symbol_of(w) for w, _, _ in words]))
        maps.append(([start for _, start, _ in words], [end for _, _, end in words]))
    none = np.zeros(0, dtype=np.int64)
    text = TurnText(turns, none.astype("<u4"), none, none, range(len(turns)), lines, lines, {})
    for number, where in enumerate(maps):
        text.keep_map(number, where)
    return text
