"""Telephone, identity-card and bank numbers, mail and home addresses and names, hidden.

Masking keeps the length of a text: every hidden character becomes "*", so places in a text (of
words, of evidence) stay what they were. Numbers are found as digits and as spoken digits
(幺三八…, one three eight …), also where a party says them in pieces over several turns. Names are
found by what stands around them (`qc_pipeline.text.masking.names`), addresses by theirs
(`qc_pipeline.text.masking.addresses`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from qc_pipeline.text.masking.addresses import address_spans
from qc_pipeline.text.masking.names import name_spans
from qc_pipeline.text.numbers import digit_runs

CharSpan = tuple[int, int]

STAR = "*"
SPOKEN = "零〇一幺二两三四五六七八九"
_DIGIT = f"[0-9０-９{SPOKEN}]"
_GAP = r"[\s,，、.。·\-—–_/]{0,3}"
_RUN = re.compile(f"{_DIGIT}(?:{_GAP}{_DIGIT})*(?:{_GAP}[xXＸ](?![A-Za-z]))?")
_IS_DIGIT = re.compile(_DIGIT + "|[xXＸ]")
_ONE = re.compile(_DIGIT)
_THREE = re.compile(f"{_DIGIT}(?:{_GAP}{_DIGIT}){{2}}")
_DATE = re.compile(
    r"(?<![0-9-])(?:19|20)[0-9]{2}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])(?![0-9-])"
)
"""A day as the record writes it; it is nobody's number."""
_HEX = re.compile(r"[0-9a-f]{12,}")
_EMAIL = re.compile(
    r"[A-Za-z0-9_.+-]+\s*(?:@|艾特|\bat\b)\s*[A-Za-z0-9_-]+"
    r"(?:\s*(?:\.|点|\bdot\b)\s*[A-Za-z0-9-]{2,})+",
    re.IGNORECASE,
)
_ENGLISH_DIGIT = re.compile(
    r"\b(?:zero|oh|one|two|three|four|five|six|seven|eight|nine|double|triple)\b", re.IGNORECASE
)

LEAST_DIGITS = 7
"""From here on a run of digits is taken for somebody's number (a local telephone number)."""

PIECE_GAP = 4
"""Hidden characters nearer than this are one stretch of sound."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HiddenNames:
    """Names and numbers to be hidden word for word, with the lengths they have."""

    words: frozenset[str] = frozenset()
    lengths: tuple[int, ...] = ()


NO_NAMES = HiddenNames()


def number_spans(text: str) -> tuple[CharSpan, ...]:
    """The characters to hide of every run of seven digits or more, and of mail addresses."""
    spans: list[CharSpan] = []
    text = _DATE.sub(lambda day: "#" * len(day.group()), text)
    if _THREE.search(text):
        hexes = [m.span() for m in _HEX.finditer(text) if not m.group().isdigit()]
        for run in _RUN.finditer(text):
            if any(a <= run.start() and run.end() <= b for a, b in hexes):
                continue
            places = _digit_places(text, run.span())
            if len(places) >= LEAST_DIGITS:
                spans += _hidden(places)
    if len(_ENGLISH_DIGIT.findall(text)) >= 2:
        spans += _spoken_english([text])[0]
    if "@" in text or "艾特" in text or "dot" in text.lower():
        spans += [m.span() for m in _EMAIL.finditer(text)]
    return tuple(spans)


def _spoken_english(texts: Sequence[str]) -> list[list[CharSpan]]:
    """The words to hide of numbers spoken in English, by text."""
    hidden: list[list[CharSpan]] = [[] for _ in texts]
    for run in digit_runs(texts, "en"):
        if len(run.text) >= LEAST_DIGITS:
            # Words are hidden whole: no last digits of theirs are left to read.
            for digit in run.digits:
                hidden[digit.turn].append((digit.start, digit.end))
    return hidden


def private_spans(text: str, names: HiddenNames = NO_NAMES) -> list[CharSpan]:
    """All that is to be hidden in a text that stands alone."""
    return [
        *number_spans(text),
        *name_spans(text),
        *address_spans(text),
        *exact_spans(text, names),
    ]


def turn_spans(
    turns: Sequence[tuple[str, str]], names: HiddenNames = NO_NAMES, language: str = "zh"
) -> tuple[tuple[CharSpan, ...], ...]:
    """What to hide in each turn of a call, given (speaker, text); numbers in pieces included.

    A number in pieces: digits of one party that follow one another with nothing but feedback
    words between, over however many turns (`qc_pipeline.text.numbers.digit_runs`).
    """
    hidden: list[list[CharSpan]] = [private_spans(text, names) for _, text in turns]
    for speaker in dict.fromkeys(s for s, _ in turns):
        own = [i for i, (who, _) in enumerate(turns) if who == speaker]
        if language == "zh" and sum(len(_ONE.findall(turns[i][1])) for i in own) < LEAST_DIGITS:
            continue
        for run in digit_runs([turns[i][1] for i in own], language):
            if len(run.text) < LEAST_DIGITS:
                continue
            every = language == "en"
            places = range(len(run.digits)) if every else _hidden_places(len(run.digits))
            for digit in (run.digits[place] for place in places):
                hidden[own[digit.turn]].append((digit.start, digit.end))
    return tuple(tuple(sorted(set(spans))) for spans in hidden)


def names_of(words: Iterable[str]) -> HiddenNames:
    kept = frozenset(w for w in words if w)
    return HiddenNames(words=kept, lengths=tuple(sorted({len(w) for w in kept}, reverse=True)))


def exact_spans(text: str, names: HiddenNames) -> list[CharSpan]:
    """Where given names or numbers stand word for word."""
    return [
        (i, i + length)
        for length in names.lengths
        for i in range(len(text) - length + 1)
        if text[i : i + length] in names.words
    ]


def hide(text: str, spans: Iterable[CharSpan]) -> str:
    """`text` with the characters of `spans` replaced by stars; its length is kept."""
    letters: list[str] | None = None
    for start, end in spans:
        letters = list(text) if letters is None else letters
        for i in range(start, min(end, len(text))):
            if not text[i].isspace():
                letters[i] = STAR
    return text if letters is None else "".join(letters)


def mask(text: str, names: HiddenNames = NO_NAMES) -> str:
    """`text` without numbers of seven digits or more, addresses, people's names, and `names`."""
    return hide(text, private_spans(text, names))


_MOBILE = re.compile(r"1[3-9]\d{9}")
_LANDLINE = re.compile(r"(?<!\d)0\d{2,3}-?\d{7,8}(?!\d)")
_CARD = re.compile(r"(?<!\d)\d{15,19}[xX]?(?!\d)")
_SHA256 = re.compile(r"(?<![0-9A-Za-z])(?=[0-9]*[a-f])[0-9a-f]{64}(?![0-9A-Za-z])")
"""A hash as the record writes it: who checks it needs all of it, and its digits are nobody's."""


def mask_identifier(text: str) -> str:
    """A recording id, file name or path with the numbers in it hidden that can be somebody's.

    Ids are made of dates and counters, so only what looks like a mobile or land-line number, an
    identity card or a bank card is hidden, a mobile number also inside a longer run of digits. A
    sha256 (64 hex digits that stand alone) is left whole.
    """
    whole = text
    text = _SHA256.sub(lambda found: "#" * len(found.group()), text)
    spans: list[CharSpan] = [m.span() for m in _CARD.finditer(text) if not _stamp(m.group())]
    spans += [(m.start() + 3, m.end() - 4) for m in _MOBILE.finditer(text)]
    spans += [(m.start(), m.end() - 4) for m in _LANDLINE.finditer(text)]
    return hide(whole, spans)


def _stamp(digits: str) -> bool:
    """Whether a run of digits reads as a time to the second or finer (20261116093012345)."""
    return (
        re.match(r"20\d\d(0[1-9]|1[0-2])([0-2]\d|3[01])([01]\d|2[0-3])[0-5]\d", digits) is not None
    )


def _digit_places(text: str, span: CharSpan) -> list[int]:
    return [i for i in range(*span) if _IS_DIGIT.match(text[i])]


def _hidden(places: Sequence[int]) -> list[CharSpan]:
    return [(places[i], places[i] + 1) for i in _hidden_places(len(places))]


def _hidden_places(count: int) -> range:
    """Of eleven digits (a mobile) the middle four, of more all but four, of less all but two."""
    if count == 11:
        return range(3, 7)
    return range(count - 4) if count > 11 else range(count - 2)
