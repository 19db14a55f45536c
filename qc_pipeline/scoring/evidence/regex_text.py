"""The turns of calls in the form that `matches` searches, made as cheaply as the words allow."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import cached_property, lru_cache
from typing import Any

import numpy as np

from qc_pipeline.scoring.evidence.terms import compiled
from qc_pipeline.text.hanzi import printed_form
from qc_pipeline.text.normalise import (
    Normalised,
    numbers_as_digits,
    regex_form,
    regex_form_in_digits,
)
from qc_pipeline.text.numerals import DIGIT_WORDS, number_form
from qc_pipeline.text.turn_codes import CodeTable, codes_of, text_of

# What can make one number of several characters.
_UNITS = re.compile("十|[0-9零一幺二两三四五六七八九][百千万亿]|[壹贰叁肆伍陆柒捌玖拾佰仟]{2}")
_CLASS_OR_NUMBER = re.compile(r"\[[^\]]*\]|[零一幺二两三四五六七八九十百千万亿]+")
_EACH_DIGIT = str.maketrans(DIGIT_WORDS)
# Ends of the text, and flags that change which ends "^" and "$" are.
_OF_TEXT = re.compile(r"\\[Az]|\(\?[a-zA-Z]*-?[a-zA-Z]*m")
_LINE = "\n"
_NO_ONE_CHARACTER = 1


def _printed(char: str) -> int:
    """The code of a character's printed form, single number words as digits."""
    form = _LINE if char == _LINE else printed_form(char)
    form = DIGIT_WORDS.get(form, form)
    return ord(form) if len(form) == 1 and form > "\x01" else _NO_ONE_CHARACTER


_ZH = CodeTable(_printed)


Found = tuple[int, int, int]


class PrintedCalls:
    """The turns of many calls, a line each, searched together.

    `first[i]` is the number of the first turn of call i, counted over all of them.
    """

    def __init__(self, texts: Sequence[str], first: Sequence[int], language: str) -> None:
        self._texts = texts
        self._first = first
        self._language = language
        # The way back of lines that are not character by character, worked out when asked for.
        self._where: dict[int, Normalised | None] = {}
        self._found: dict[str, list[list[Found]]] = {}

    @cached_property
    def _lines(self) -> list[str]:
        """The printed form of every turn."""
        texts, language = self._texts, self._language
        joined = _LINE.join(texts)
        if language != "zh" or joined.count(_LINE) >= len(texts):
            lines, special = [""] * len(texts), set(range(len(texts)))
        else:
            codes = _ZH.of(codes_of(joined))
            together = text_of(codes)
            starts = np.concatenate(([0], np.flatnonzero(codes == ord(_LINE)) + 1))
            odd = [m.start() for m in _UNITS.finditer(together)]
            odd += np.flatnonzero(codes == _NO_ONE_CHARACTER).tolist()
            special = set((np.searchsorted(starts, odd, side="right") - 1).tolist())
            lines = together.split(_LINE)
        # Not character by character: numbers of several, something dropped.
        own = sorted(special)
        self._where = dict.fromkeys(own)
        if language == "zh":
            forms = ["".join(map(printed_form, texts[i])) for i in own]
            forms = numbers_as_digits(_LINE.join(forms)).split(_LINE)
        else:
            forms = [regex_form(texts[i], language).text for i in own]
        for i, form in zip(own, forms, strict=False):
            lines[i] = form
        return lines

    @cached_property
    def _encoded(self) -> tuple[bytes, list[int]]:
        """All lines as RE2 reads them, and where each begins."""
        encoded = _LINE.join(self._lines).encode()
        ends = np.flatnonzero(np.frombuffer(encoded, dtype=np.uint8) == ord(_LINE))
        return encoded, [0, *(ends + 1).tolist()]

    def found(self, regex: str) -> list[list[Found]]:
        """By call: (turn, start, end) of every place that an expression finds, in order, none
        empty; turns are counted in their call.

        Places are those of the turns as they were written; the ends of a turn are the ends of its
        text, and no place goes over them.
        """
        found = self._found.get(regex)
        if found is None:
            found = self._found[regex] = [[] for _ in self._first]
            places = [
                (turn, *self._written(turn, start, end))
                for turn, start, end in self._search(regex)
                if start < end
            ]
            for turn, start, end in [*places, *self._in_digits(regex, places)]:
                number = bisect_right(self._first, turn) - 1
                found[number].append((turn - self._first[number], start, end))
            if self._spelled:
                for own in found:
                    own.sort()
        return found

    @cached_property
    def _spelled(self) -> dict[int, Normalised]:
        """English turns that hold numbers of several words, with those as digits."""
        if self._language != "en":
            return {}
        forms = ((i, regex_form_in_digits(text)) for i, text in enumerate(self._texts))
        return {i: form for i, form in forms if form is not None}

    def _in_digits(self, regex: str, places: Sequence[Found]) -> Iterator[Found]:
        """What an expression finds where numbers are digits and did not find in the words."""
        taken: dict[int, list[tuple[int, int]]] = {}
        for turn, start, end in places:
            taken.setdefault(turn, []).append((start, end))
        for turn, form in self._spelled.items():
            for match in searcher(regex).finditer(form.text):
                if match.start() == match.end():
                    continue
                start, end = form.span(*match.span())
                if all(end <= a or b <= start for a, b in taken.get(turn, ())):
                    yield turn, start, end

    def _search(self, regex: str) -> Iterator[Found]:
        if _OF_TEXT.search(regex):
            # Ends that no flag makes ends of a line: every turn is searched alone.
            one = searcher(regex)
            for i, line in enumerate(self._lines):
                for match in one.finditer(line):
                    yield (i, *match.span())
            return
        text, starts = self._encoded
        for match in searcher(regex, lines=True).finditer(text):
            start, end = match.span()
            turn = bisect_right(starts, start) - 1
            before = len(text[starts[turn] : start].decode())
            yield turn, before, before + len(text[start:end].decode())

    def _written(self, turn: int, start: int, end: int) -> tuple[int, int]:
        if turn not in self._where:
            return start, end
        where = self._where[turn]
        if where is None:
            where = self._where[turn] = regex_form(self._texts[turn], self._language)
        return where.span(start, end)

    def turn_has(self, turn: int, regex: str) -> bool:
        """Whether an expression finds something in a turn."""
        one = searcher(regex)
        spelled = self._spelled.get(turn)
        return one.search(self._lines[turn]) is not None or (
            spelled is not None and one.search(spelled.text) is not None
        )


class PrintedTurns:
    """The turns of one of `PrintedCalls`."""

    def __init__(self, calls: PrintedCalls, number: int, first: int) -> None:
        self._calls = calls
        self._number = number
        self._first = first

    def found(self, regex: str) -> list[Found]:
        """As `PrintedCalls.found`, for this call."""
        return self._calls.found(regex)[self._number]

    def turn_has(self, turn: int, regex: str) -> bool:
        """Whether an expression finds something in a turn."""
        return self._calls.turn_has(self._first + turn, regex)


@lru_cache(maxsize=1024)
def searcher(regex: str, *, lines: bool = False) -> Any:
    """The expression, made one form as the text is: width, script, case, digits.

    With `lines` for turns in lines: their ends are the ends of a text, which no match goes over.
    """
    form = "".join(c if c.isascii() else printed_form(c) or c for c in regex)
    form = _CLASS_OR_NUMBER.sub(_digits, form)
    return compiled(f"(?{'im' if lines else 'i'}){form}", lines=lines)


def _digits(match: re.Match[str]) -> str:
    text = match[0]
    return text.translate(_EACH_DIGIT) if text.startswith("[") else number_form(text)
