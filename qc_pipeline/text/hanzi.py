"""One character made comparable: width, script, case, and what is no word at all dropped."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from itertools import compress
from typing import Any

# A difference in one of these turns a sentence round.
NEGATIONS = frozenset("不没别未无非")
# Signs that stand for a digit, which Unicode counts as symbols or letters.
_ALIASES = {"○": "零", "〇": "零", "Ο": "o"}
# One word in many spellings; which of them a recogniser writes says nothing. 著 is how 着 is
# written in traditional texts; 妳 is 你.
_ONE_FORM = {"著": "着", "妳": "你", "祢": "你", "牠": "它", "祂": "他"}


@lru_cache(maxsize=1)
def _simplifier() -> Any:
    import opencc

    return opencc.OpenCC("t2s")


@lru_cache(maxsize=65536)
def simplified(char: str) -> str:
    """The simplified form of one character."""
    if char < "\u2e80" or 0xD800 <= ord(char) <= 0xDFFF:
        return char
    return str(_simplifier().convert(char))


@lru_cache(maxsize=65536)
def compact_form(char: str) -> str:
    """The normal form of one character: "" for punctuation, spaces, signs and marks."""
    if char in _ALIASES:
        return _ALIASES[char]
    if unicodedata.category(char) == "Cs":
        return ""
    out = []
    for part in unicodedata.normalize("NFKC", char):
        for piece in simplified(part).casefold():
            category = unicodedata.category(piece)[0]
            if category == "N":
                value = unicodedata.digit(piece, None)
                out.append(piece if value is None else str(value))
            elif category == "L":
                out.append(_ONE_FORM.get(piece, piece))
    return "".join(out)


@lru_cache(maxsize=65536)
def printed_form(char: str) -> str:
    """As `compact_form`, with punctuation, spaces and signs kept (half width, one space)."""
    form = compact_form(char)
    if form:
        return form
    if char.isspace():
        return " "
    if unicodedata.category(char)[0] in "CM":
        return ""
    return _PUNCTUATION.get(char) or unicodedata.normalize("NFKC", char)


# What NFKC leaves alone, as it is typed in a regular expression.
_PUNCTUATION = {"’": "'", "‘": "'", "“": '"', "”": '"'}


class FormTable(dict[int, str]):
    """For `str.translate`: code point → compact form, worked out when first met.

    The line feed stays: it separates turns. `longer` are the characters met so far whose form is
    more than one character; in a text without them, and as long as its form, nothing moved.
    """

    def __init__(self) -> None:
        super().__init__()
        self.longer: set[str] = set()

    def __missing__(self, code: int) -> str:
        char = chr(code)
        form = "\n" if code == 10 else compact_form(char)
        if len(form) > 1:
            self.longer.add(char)
        self[code] = form
        return form


class LengthTable(dict[str, int]):
    """Character → how many characters its compact form has."""

    def __missing__(self, char: str) -> int:
        length = self[char] = len(compact_form(char))
        return length


COMPACT = FormTable()
COMPACT_LENGTH = LengthTable()
_KEPT = LengthTable({"\n": 1})


def origin_of_compact(text: str, separator: str = "") -> list[int]:
    """Of every character of the compact form of `text`, the index it comes from.

    With a `separator` (a line feed, as in `COMPACT`) that character is kept.
    """
    if COMPACT.longer.isdisjoint(text):
        lengths = map((_KEPT if separator else COMPACT_LENGTH).__getitem__, text)
        return list(compress(range(len(text)), lengths))
    table = _KEPT if separator else COMPACT_LENGTH
    return [i for i, char in enumerate(text) for _ in range(table[char])]
