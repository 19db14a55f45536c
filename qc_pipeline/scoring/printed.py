"""The turns of a call in the form that `matches` searches, made as cheaply as the words allow."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from qc_pipeline.text.characters import printed_form
from qc_pipeline.text.normal import Normalised, regex_form
from qc_pipeline.text.numerals import DIGIT_WORDS

# What can make one number of several characters.
_UNITS = re.compile("十|[0-9零一幺二两三四五六七八九][百千万亿]|[壹贰叁肆伍陆柒捌玖拾佰仟]{2}")


class _Printed(dict[int, str]):
    """For `str.translate`: code point → printed form, single number words as digits."""

    def __missing__(self, code: int) -> str:
        form = "\n" if code == 10 else printed_form(chr(code))
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


class PrintedCall:
    """The turns of a call; each is made ready only where a search of all together finds one."""

    def __init__(self, texts: Sequence[str], language: str) -> None:
        self._texts = texts
        self._language = language
        self._turns: dict[int, PrintedTurn] = {}
        self._together = self._joined()

    def _joined(self) -> str:
        joined = "\n".join(self._texts)
        if self._language != "zh" or joined.count("\n") >= len(self._texts):
            return "\n".join(regex_form(t, self._language).text for t in self._texts)
        lines = joined.translate(_ZH).split("\n")
        return "\n".join(
            self.turn(i).text if _UNITS.search(line) else line for i, line in enumerate(lines)
        )

    def turn(self, number: int) -> PrintedTurn:
        if number not in self._turns:
            self._turns[number] = PrintedTurn(self._texts[number], self._language)
        return self._turns[number]

    def may_match(self, searcher: Any) -> bool:
        """Whether an expression (where ^ and $ stand for a turn's ends) finds something at all."""
        return searcher.search(self._together) is not None
