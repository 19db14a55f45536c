"""Text made comparable before any match, with the way back to the original characters.

Width (NFKC), traditional to simplified (OpenCC), case, punctuation and spaces dropped, digits and
number words one form. English is words: case-folded, contractions opened, one space between.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from qc_pipeline.text.english import read_numbers, words_of
from qc_pipeline.text.hanzi import COMPACT, compact_form, origin_of_compact, printed_form
from qc_pipeline.text.numerals import (
    COMPLEX,
    DIGIT_WORDS,
    FORMAL,
    NUMBER_RUN,
    number_form,
    spoken_form,
)

_DIGITS = str.maketrans(DIGIT_WORDS)
_FORMAL_RUN = re.compile("[壹贰叁肆伍陆柒捌玖拾佰仟]{2,}")
_ASCII_DIGITS = re.compile("[0-9]+")
# Signs that are spoken: "5%" is 百分之五, "3.5" is 三点五.
SIGNS = re.compile(r"(?P<number>\d{1,9}(?:[.\uff0e]\d{1,9})?)\s*[%\uff05]|(?<=\d)[.\uff0e](?=\d)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Normalised:
    """Normalised text; its character i comes from `original[origin[i]:ends[i]]`.

    Both never fall. A number made one form points, with each of its digits, at all of the number.
    """

    text: str
    origin: tuple[int, ...]
    ends: tuple[int, ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The original offsets of normalised characters `start` to `end` (not empty)."""
        return self.origin[start], self.ends[end - 1]


_Piece = tuple[str, int, int]


def _join(pieces: Iterable[_Piece]) -> Normalised:
    """Pieces of text, each with the original offsets it stands for."""
    chars: list[str] = []
    origin: list[int] = []
    ends: list[int] = []
    for text, start, end in pieces:
        chars.append(text)
        origin.extend([start] * len(text))
        ends.extend([end] * len(text))
    return Normalised(text="".join(chars), origin=tuple(origin), ends=tuple(ends))


def normalise(text: str, language: str = "zh") -> Normalised:
    """The form in which two texts are compared. Raises nothing, whatever the text."""
    if language == "en":
        words = words_of(text)
        spaced: list[_Piece] = []
        for i, (word, start, end) in enumerate(words):
            if i:
                _, before, until = words[i - 1]
                between = (until, start) if start >= until else (before, end)
                spaced.append((" ", *between))
            spaced.append((word, start, end))
        return _join(spaced)
    return with_numbers(opened(text))


def opened(text: str) -> Normalised:
    """Chinese characters made one form, numbers as they were written, spoken signs as words."""
    signs = {m.start(): m for m in SIGNS.finditer(text)}
    if not signs:
        compact = text.translate(COMPACT).replace("\n", "")
        origin = tuple(origin_of_compact(text))
        return Normalised(text=compact, origin=origin, ends=tuple([i + 1 for i in origin]))
    pieces: list[_Piece] = []
    at = 0
    while at < len(text):
        sign = signs.get(at)
        if sign is None:
            pieces.append((compact_form(text[at]), at, at + 1))
            at += 1
        elif sign["number"] is None:
            pieces.append(("点", at, at + 1))
            at += 1
        else:
            share = "".join(compact_form(c) or "点" for c in sign["number"])
            words = "百分之" + ("百" if share == "100" else share)
            pieces.append((words, at, sign.end()))
            at = sign.end()
    return _join(pieces)


def with_numbers(plain: Normalised) -> Normalised:
    """The digits and number words of an `opened` text in one form: digits."""
    text = _FORMAL_RUN.sub(lambda m: m[0].translate(FORMAL), plain.text)
    if COMPLEX.search(text) is None:
        return Normalised(text=text.translate(_DIGITS), origin=plain.origin, ends=plain.ends)
    return _replace_runs(plain, text, NUMBER_RUN, number_form)


def numbers_as_digits(plain: str) -> str:
    """The text of `with_numbers`."""
    text = _FORMAL_RUN.sub(lambda m: m[0].translate(FORMAL), plain)
    return NUMBER_RUN.sub(lambda m: number_form(m[0]), text)


def spoken(plain: Normalised) -> Normalised:
    """An `opened` text with its digits spelled out as they are read, for syllables."""
    if _ASCII_DIGITS.search(plain.text) is None:
        return plain
    return _replace_runs(plain, plain.text, _ASCII_DIGITS, spoken_form)


def digits_spelled_out(plain: str) -> str:
    """The text of `spoken`."""
    return _ASCII_DIGITS.sub(lambda m: spoken_form(m[0]), plain)


def _replace_runs(
    plain: Normalised, text: str, runs: re.Pattern[str], form: Callable[[str], str]
) -> Normalised:
    chars: list[str] = []
    origin: list[int] = []
    ends: list[int] = []
    at = 0
    for run in runs.finditer(text):
        new = form(run[0])
        start, end = run.span()
        same = end if len(new) == end - start else start
        chars += (text[at:start], new)
        origin += plain.origin[at:same]
        ends += plain.ends[at:same]
        if same == start:
            origin += [plain.origin[start]] * len(new)
            ends += [plain.ends[end - 1]] * len(new)
        at = end
    chars.append(text[at:])
    return Normalised(
        text="".join(chars),
        origin=(*origin, *plain.origin[at:]),
        ends=(*ends, *plain.ends[at:]),
    )


def regex_form(text: str, language: str = "zh") -> Normalised:
    """The text that `matches` searches: width, script, case and digits one form, signs kept."""
    forms = [printed_form(c) for c in text]
    printed = "".join(forms)
    if len(printed) == len(text) and "" not in forms:
        form = Normalised(
            text=printed, origin=tuple(range(len(text))), ends=tuple(range(1, len(text) + 1))
        )
    else:
        form = _join((f, i, i + 1) for i, f in enumerate(forms))
    if language == "en" or NUMBER_RUN.search(printed) is None:
        return form
    return with_numbers(form)


def regex_form_in_digits(text: str) -> Normalised | None:
    """English as `regex_form`, numbers of several words as digits (four one five → 415); None where
    there are none.
    """
    numbers = {start: (digits, end) for digits, start, end in read_numbers(text)}
    if not numbers:
        return None
    pieces: list[tuple[str, int, int]] = []
    at = 0
    while at < len(text):
        digits, end = numbers.get(at, (printed_form(text[at]), at + 1))
        pieces.append((digits, at, end))
        at = end
    return _join(pieces)
