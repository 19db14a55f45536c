"""The turns of a call in the form that `matches` searches, made as cheaply as the words allow."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from qc_pipeline.scoring.rules.base import compiled
from qc_pipeline.text.characters import printed_form
from qc_pipeline.text.normal import Normalised, numbers_as_digits, regex_form
from qc_pipeline.text.numerals import DIGIT_WORDS, number_form
from qc_pipeline.text.turns import CodeTable, codes_of, text_of

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


class PrintedCall:
    """The turns of a call, a line each, searched together."""

    def __init__(self, texts: Sequence[str], language: str) -> None:
        self._texts = texts
        self._language = language
        # The way back of lines that are not character by character, worked out when asked for.
        self._where: dict[int, Normalised | None] = {}
        joined = _LINE.join(texts)
        lines: list[str] | None = None
        if language == "zh" and joined.count(_LINE) < len(texts):
            codes = _ZH.of(codes_of(joined))
            together = text_of(codes)
            special = {joined.count(_LINE, 0, m.start()) for m in _UNITS.finditer(together)}
            odd = np.flatnonzero(codes == _NO_ONE_CHARACTER).tolist()
            special.update([joined.count(_LINE, 0, at) for at in odd])
            if special:
                lines = together.split(_LINE)
        else:
            lines, special = [""] * len(texts), set(range(len(texts)))
        if lines is not None:
            for i in sorted(special):
                # Not character by character: numbers of several, something dropped.
                self._where[i] = None
                if language == "zh":
                    lines[i] = numbers_as_digits("".join(map(printed_form, texts[i])))
                else:
                    lines[i] = regex_form(texts[i], language).text
            together = _LINE.join(lines)
        self._together = together
        self._encoded = together.encode()
        self._lines = lines

    def found(self, regex: str) -> list[tuple[int, int, int]]:
        """(turn, start, end) of every place that an expression finds, in order, none empty.

        Places are those of the turns as they were written; the ends of a turn are the ends of its
        text, and no place goes over them.
        """
        if _OF_TEXT.search(regex):
            # Ends that no flag makes ends of a line: every turn is searched alone.
            one = searcher(regex)
            found = [
                (i, *match.span())
                for i, line in enumerate(self._together.split(_LINE))
                for match in one.finditer(line)
            ]
        else:
            found = []
            for match in searcher(regex, lines=True).finditer(self._encoded):
                start, end = match.span()
                begin = self._encoded.rfind(b"\n", 0, start) + 1
                before = len(self._encoded[begin:start].decode())
                length = len(self._encoded[start:end].decode())
                turn = self._encoded.count(b"\n", 0, start)
                found.append((turn, before, before + length))
        return [self._written(*place) for place in found if place[1] < place[2]]

    def _written(self, turn: int, start: int, end: int) -> tuple[int, int, int]:
        if turn not in self._where:
            return turn, start, end
        where = self._where[turn]
        if where is None:
            where = self._where[turn] = regex_form(self._texts[turn], self._language)
        return (turn, *where.span(start, end))

    def turn_has(self, turn: int, regex: str) -> bool:
        """Whether an expression finds something in a turn."""
        if self._lines is None:
            self._lines = self._together.split(_LINE)
        return searcher(regex).search(self._lines[turn]) is not None


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
