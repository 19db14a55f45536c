"""English as words: case-folded, contractions opened, number words as digits."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

Word = tuple[str, int, int]

_TOKEN = re.compile(r"[^\W_]+(?:'[^\W_]+)*'?", re.UNICODE)
_APOSTROPHES = str.maketrans({"’": "'", "‘": "'", "ʼ": "'", "＇": "'"})

# Whole words first, then endings. "'s" is opened only where it cannot be a possessive.
_WHOLE = {
    "can't": ("can", "not"), "cannot": ("can", "not"), "won't": ("will", "not"),
    "shan't": ("shall", "not"), "ain't": ("is", "not"), "let's": ("let", "us"),
    "y'all": ("you", "all"), "gonna": ("going", "to"), "wanna": ("want", "to"),
    "gotta": ("got", "to"), "ma'am": ("madam",), "o'clock": ("o'clock",),
    "goodbye": ("good", "bye"), "ok": ("okay",), "alright": ("all", "right"),
}  # fmt: skip
_IS = frozenset(
    [
        "it",
        "that",
        "what",
        "where",
        "who",
        "how",
        "here",
        "there",
        "he",
        "she",
        "this",
        "everything",
        "something",
        "nothing",
        "when",
        "why",
    ]
)
_ENDINGS = (("n't", "not"), ("'re", "are"), ("'ve", "have"), ("'ll", "will"), ("'m", "am"))
_WOULD = frozenset(["i", "you", "he", "she", "it", "we", "they", "who", "that", "there"])

ONES = {
    w: i
    for i, w in enumerate(
        [
            "zero",
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
            "thirteen",
            "fourteen",
            "fifteen",
            "sixteen",
            "seventeen",
            "eighteen",
            "nineteen",
        ]
    )
}
_TENS = {
    w: (i + 2) * 10
    for i, w in enumerate(
        ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
    )
}
_SCALES = {"hundred": 100, "thousand": 1000, "million": 1_000_000}
_NUMBER_WORDS = re.compile(rf"\b(?:{'|'.join([*ONES, *_TENS])})\b", re.IGNORECASE)
NEGATIONS = frozenset(["not", "no", "never", "none", "nothing", "without", "neither", "nor"])


@lru_cache(maxsize=1)
def _stemmer() -> Any:
    import snowballstemmer

    return snowballstemmer.stemmer("english")


@lru_cache(maxsize=65536)
def stem(word: str) -> str:
    """What the forms of a word share (help, helps, helped, helping), by Snowball's English rules
    (Porter 2001); a word with digits is its own.
    """
    return str(_stemmer().stemWord(word)) if word.isalpha() else word


def words_of(text: str) -> list[Word]:
    """(word, start, end) of every word; several words may share one place ("I'm")."""
    out: list[Word] = []
    numbers = False
    for token in _TOKEN.finditer(text.translate(_APOSTROPHES)):
        start, end = token.span()
        for word in _open(token[0]):
            out.append((word, start, end))
            numbers = numbers or word in ONES or word in _TENS or word.isdigit()
    return _numbers(out) if numbers else out


def spoken_pieces(text: str) -> list[Word]:
    """As `words_of`, with every part of a number in its own place: 415 in three, 55 in one.

    "Oh" stands for 0 only beside another digit; elsewhere it stays a word.
    """
    opened = [
        (word, *token.span())
        for token in _TOKEN.finditer(text.translate(_APOSTROPHES))
        for word in _open(token[0])
    ]
    out: list[Word] = []
    for run in _number_runs(opened):
        out += [run] if isinstance(run, tuple) else _pieces(run)
    return out


def read_numbers(text: str) -> list[Word]:
    """The numbers of several words in a text, as digits, each where it stands; one word alone (one
    moment, ten) stays a word.
    """
    if _NUMBER_WORDS.search(text) is None:
        return []
    opened = [
        (word, *token.span())
        for token in _TOKEN.finditer(text.translate(_APOSTROPHES))
        for word in _open(token[0])
    ]
    out: list[Word] = []
    for run in _number_runs(opened):
        if isinstance(run, list) and len(run) > 1:
            digits = "".join(d for d, _, _ in _pieces(run))
            out.append((digits, run[0][1], run[-1][2]))
    return out


@lru_cache(maxsize=65536)
def _open(token: str) -> tuple[str, ...]:
    """The words of a token: folded, contractions opened; none of a lone sign."""
    word = unicodedata.normalize("NFKC", token).casefold().strip("'")
    return tuple(w for w in _contraction(word) if w)


def _contraction(word: str) -> tuple[str, ...]:
    if word in _WHOLE:
        return _WHOLE[word]
    for ending, opened in _ENDINGS:
        if word.endswith(ending) and len(word) > len(ending):
            return (word.removesuffix(ending), opened)
    stem = word[:-2]
    if word.endswith("'s") and stem in _IS:
        return (stem, "is")
    if word.endswith("'d") and stem in _WOULD:
        return (stem, "would")
    return (word.removesuffix("'s").replace("'", ""),) if word.endswith("'s") else (word,)


def _numbers(words: list[Word]) -> list[Word]:
    """Runs of number words as digits: twenty four → 24, one two three → 123, four oh five → 405."""
    out: list[Word] = []
    for run in _number_runs(words):
        if isinstance(run, tuple):
            out.append(run)
            continue
        read = _pieces(run)
        out.append(("".join(digits for digits, _, _ in read), run[0][1], run[-1][2]))
    return out


def _number_runs(words: list[Word]) -> Iterator[Word | list[Word]]:
    """Words that belong to no number one by one, those of a number together."""
    at = 0
    while at < len(words):
        end = at
        while end < len(words) and _is_number(words[end][0], words[end - 1][0] if end > at else ""):
            end += 1
        while end > at and words[end - 1][0] in ("and", "oh", "o"):
            end -= 1
        if end == at:
            yield words[at]
            at += 1
            continue
        yield words[at:end]
        at = end


def _is_number(word: str, before: str) -> bool:
    """Whether a word belongs to a number; `before` is the word of that number before it, if any."""
    if word in ONES or word in _TENS or (word.isascii() and word.isdigit()):
        return True
    if word == "and":  # one hundred and five
        return before in _SCALES
    return bool(before) and (word in _SCALES or word in ("oh", "o"))


def _pieces(words: list[Word]) -> list[Word]:
    """A number's words as digits, as far as they are spoken in one, each with its own place.

    Numbers that follow each other are read one after the other: twenty one five → 21 5. After a
    scale single digits in a row stand for themselves: eight hundred five five five → 800 5 5 5, as
    telephone numbers are read, but eight hundred five → 805.
    """
    out: list[Word] = []
    total = current = 0
    first: int | None = None
    last = 0
    open_tens = False

    def close() -> None:
        nonlocal total, current, first, open_tens
        if first is not None:
            out.append((str(total + current), first, last))
        total, current, first, open_tens = 0, 0, None, False

    for number, (word, start, end) in enumerate(words):
        if word == "and":
            continue
        started = first is not None
        if word in _SCALES and started:
            scale = _SCALES[word]
            if scale == 100:
                current *= 100
            else:
                total, current = total + current * scale, 0
            open_tens, last = False, end
            continue
        if word in ("oh", "o") or word.isdigit() or word in _SCALES:
            close()
            digits = "0" if word in ("oh", "o") else word
            out.append((str(_SCALES[word]) if word in _SCALES else digits, start, end))
            continue
        tens = word in _TENS
        value = _TENS[word] if tens else ONES[word]
        scaled = started and not open_tens and current % 100 == 0 and bool(current or total)
        joins = started and value < 10 and open_tens
        if scaled and value < 10:
            scaled = words[number - 1][0] == "and" or not _a_digit(words, number + 1)
        if not (joins or scaled):
            close()
        current, open_tens, last = current + value, tens, end
        if first is None:
            first = start
    close()
    return out


def _a_digit(words: list[Word], number: int) -> bool:
    """Whether a word of a number is a single digit, or the scale of the one before it is over."""
    if number >= len(words):
        return False
    word = words[number][0]
    return word in ("oh", "o") or ONES.get(word, 10) < 10 or (word.isdigit() and len(word) == 1)
