"""A turn in the form that `matches` searches, made as cheaply as its text allows."""

from __future__ import annotations

import re

from qc_pipeline.text.characters import printed_form
from qc_pipeline.text.normal import Normalised, regex_form
from qc_pipeline.text.numerals import DIGIT_WORDS

# What can make one number of several characters.
_UNITS = re.compile("[十百千万亿壹贰叁肆伍陆柒捌玖拾佰仟]")


class _Printed(dict[int, str]):
    """For `str.translate`: code point → printed form, single number words as digits."""

    def __missing__(self, code: int) -> str:
        form = printed_form(chr(code))
        self[code] = DIGIT_WORDS.get(form, form)
        return self[code]


_ZH = _Printed()


class PrintedTurn:
    """`text` is searched; `span` gives the original characters of a place in it."""

    __slots__ = ("_where", "text")

    def __init__(self, text: str, language: str) -> None:
        self._where: Normalised | None = None
        plain = text.translate(_ZH) if language == "zh" else ""
        if len(plain) == len(text) and _UNITS.search(plain) is None:
            # Character by character: no number of several characters, nothing dropped.
            self.text = plain
        else:
            self._where = regex_form(text, language)
            self.text = self._where.text

    def span(self, start: int, end: int) -> tuple[int, int]:
        return (start, end) if self._where is None else self._where.span(start, end)
