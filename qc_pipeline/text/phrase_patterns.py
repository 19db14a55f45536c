"""Patterns in phrases: alternatives and gaps (docs/rubrics.md, "Patterns").

`还有(什么|没有|)(其他|别的)…(可以帮|需要)`: of the alternatives in brackets one is said, where one
of them is empty none need be; "…" is a gap of up to four syllables (English: words) inside the
clause, "…8…" of up to eight. A pattern is opened into its wordings once, when a rubric is read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from math import prod
from typing import NamedTuple

MOST_WORDINGS = 256
GAP = 4
LONGEST_GAP = 8
_HALF_WIDTH = str.maketrans("（）｜", "()|")
_ELLIPSIS = r"(?:…+|\.{3,}|。{3,})"
_TOKEN = re.compile(
    rf"\((?P<options>[^()]*\|[^()]*)\)|{_ELLIPSIS}(?:\s*(?P<size>[0-9]+)\s*{_ELLIPSIS})?"
)


class PatternError(ValueError):
    """A phrase that is no good pattern; the text says why, `hint` what would be."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Wording:
    """One way of saying a phrase: literal `parts` in order, between them gaps of at most so many
    syllables or words each (`gaps`, one less than the parts).
    """

    parts: tuple[str, ...]
    gaps: tuple[int, ...]

    @property
    def text(self) -> str:
        """As people read it: the parts with "…" for the gaps."""
        return "…".join(self.parts)


class _Gap(NamedTuple):
    size: int


def is_pattern(text: str) -> bool:
    """Whether a phrase has alternatives or a gap between words."""
    return _TOKEN.search(text.translate(_HALF_WIDTH).strip(" .…。")) is not None


@lru_cache(maxsize=16384)
def wordings(text: str) -> tuple[Wording, ...]:
    """The ways of saying a phrase, the first of its alternatives first; the phrase itself for one
    that is no pattern.

    Raises `PatternError` for nested brackets, more than MOST_WORDINGS of them, a gap that is too
    long, and a pattern of which nothing need be said.
    """
    plain = text.translate(_HALF_WIDTH)
    if not is_pattern(text):
        return (Wording((text,), ()),)
    pieces = _pieces(plain)
    count = 1
    for piece in pieces:
        count *= len(piece)
        if count > MOST_WORDINGS:
            raise PatternError(
                f"this phrase has more than {MOST_WORDINGS} wordings", "write two phrases of it"
            )
    found: dict[Wording, None] = {}
    for chosen in product(*pieces):
        wording = _joined(chosen)
        if wording is None:
            raise PatternError(
                "nothing of this phrase need be said", "leave at least one part without (…|)"
            )
        found[wording] = None
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Segments:
    """Wordings of one form: of each segment one of its parts is said, in order, with gaps of at
    most so many syllables or words between.
    """

    parts: tuple[tuple[str, ...], ...]
    gaps: tuple[int, ...]


@lru_cache(maxsize=16384)
def segments(text: str) -> tuple[Segments, ...]:
    """The wordings of a phrase taken together: as many forms as it has ways to leave a segment
    out. Raises `PatternError` as `wordings` does.
    """
    forms: dict[tuple[int, ...], list[Wording]] = {}
    for wording in wordings(text):
        forms.setdefault(wording.gaps, []).append(wording)
    found: list[Segments] = []
    for gaps, ways in forms.items():
        columns = tuple(tuple(dict.fromkeys(c)) for c in zip(*[w.parts for w in ways], strict=True))
        if prod(map(len, columns)) == len(ways):
            found.append(Segments(columns, gaps))
        else:
            found += [Segments(tuple((part,) for part in way.parts), gaps) for way in ways]
    return tuple(found)


def first_wording(text: str) -> str:
    """A phrase as people read it in a sentence: its first wording; as written where it is wrong."""
    try:
        return wordings(text)[0].text
    except PatternError:
        return text


def readable(text: str) -> str:
    """A phrase with its alternatives as a list that people read: 还有[什么/没有/-]其他…问题."""
    plain = text.translate(_HALF_WIDTH)

    def shown(token: re.Match[str]) -> str:
        options = token["options"]
        if options is None:
            return "…"
        named = [o.strip() for o in options.split("|")]
        return f"[{'/'.join(o for o in named if o)}{'/-' if '' in named else ''}]"

    return _TOKEN.sub(shown, plain) if is_pattern(text) else text


def options_of(line: str) -> tuple[str, ...]:
    """A script's line in its wordings: "|" parts them, but not inside brackets."""
    out, deep, start = [], 0, 0
    for at, char in enumerate(line):
        if char in "(（":
            deep += 1
        elif char in ")）":
            deep = max(0, deep - 1)
        elif char in "|｜" and not deep:
            out.append(line[start:at])
            start = at + 1
    out.append(line[start:])
    return tuple(part.strip() for part in out)


def _pieces(plain: str) -> list[tuple[str | _Gap, ...]]:
    pieces: list[tuple[str | _Gap, ...]] = []
    at = 0
    for token in _TOKEN.finditer(plain):
        pieces.append((_literal(plain[at : token.start()]),))
        at = token.end()
        if token["options"] is None:
            size = int(token["size"]) if token["size"] else GAP
            if not 1 <= size <= LONGEST_GAP:
                raise PatternError(
                    f"a gap of {size} is too long", f"…1… to …{LONGEST_GAP}…, or … for {GAP}"
                )
            pieces.append((_Gap(size),))
        else:
            pieces.append(tuple(dict.fromkeys(token["options"].split("|"))))
    pieces.append((_literal(plain[at:]),))
    return pieces


def _literal(text: str) -> str:
    if "|" in text:
        # A bracket is open, closed twice or stands inside another.
        raise PatternError(
            "a '|' stands outside of brackets", "(a|b) once, with no brackets inside brackets"
        )
    return text


def _joined(chosen: tuple[str | _Gap, ...]) -> Wording | None:
    """The wording of chosen pieces: gaps at the ends say nothing, two of them are one."""
    parts: list[str] = []
    gaps: list[int] = []
    gap = 0
    for piece in chosen:
        if isinstance(piece, _Gap):
            gap = max(gap, piece.size) if parts else 0
        elif not any(c.isalnum() for c in piece):
            if parts and not gap:
                parts[-1] += piece
        elif gap:
            gaps.append(gap)
            parts.append(piece)
            gap = 0
        elif parts:
            parts[-1] += piece
        else:
            parts.append(piece)
    if not parts:
        return None
    return Wording(tuple(p.strip() for p in parts), tuple(gaps))


__all__ = [
    "GAP",
    "LONGEST_GAP",
    "MOST_WORDINGS",
    "PatternError",
    "Segments",
    "Wording",
    "first_wording",
    "is_pattern",
    "options_of",
    "readable",
    "segments",
    "wordings",
]
