"""A simple regular expression in words: what a person may say for it to be found.

我是.{0,3}(先生|女士) → 我是…先生, 我是…女士. Only what people write by hand is read: literals,
groups, alternatives, classes of characters, `?` and counts. Where there are too many wordings to
list, one example stands for them; where nothing can be said, nothing is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import product
from typing import NamedTuple

from qc_pipeline.scoring.evidence.terms import compiled

GAP = "…"
MOST_WORDINGS = 8
_LONGEST = 300
_MOST_REPEATS = 40
_COUNT = re.compile(r"\{(\d{1,3})(,(\d{0,3}))?\}")
_CLASSES = {"d": "0123456789", "s": " "}
_SPECIAL = frozenset("^$*+?{}[]|()\\.")


class _CannotSayError(Exception):
    """More than this reads."""


class _Part(NamedTuple):
    """All wordings of a piece (None: too many to list), and one that stands for them."""

    all: tuple[str, ...] | None
    one: str


def wordings(regex: str) -> tuple[str, ...]:
    """All wordings that an expression spans, with … for what may stand between; () if too many."""
    part = _read(regex)
    if part is None or not part.all or len(part.all) > MOST_WORDINGS:
        return ()
    found = tuple(dict.fromkeys(part.all))
    return found if all(w.strip(GAP) and _matches(regex, w) for w in found) else ()


def example(regex: str) -> str | None:
    """One wording that an expression finds."""
    part = _read(regex)
    if part is None or not part.one.strip(GAP):
        return None
    return part.one if _matches(regex, part.one) else None


def _matches(regex: str, wording: str) -> bool:
    fills = ("", "某", "某某")
    return any(compiled(regex).search(wording.replace(GAP, fill)) for fill in fills)


def _read(regex: str) -> _Part | None:
    if len(regex) > _LONGEST:
        return None
    reader = _Reader(regex)
    try:
        part = reader.alternatives()
    except _CannotSayError:
        return None
    return part if reader.at == len(regex) else None


class _Reader:
    """Reads an expression from left to right; groups are as deep as their brackets."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.digits: Iterator[int] = iter(range(_LONGEST * _MOST_REPEATS))

    def alternatives(self) -> _Part:
        parts = [self.row()]
        while self.peek() == "|":
            self.at += 1
            parts.append(self.row())
        lists = [p.all for p in parts]
        known = tuple(w for one in lists if one is not None for w in one)
        return _Part(known if None not in lists else None, parts[0].one)

    def row(self) -> _Part:
        parts = []
        while (char := self.peek()) and char not in "|)":
            parts.append(self.repeated())
        return _joined(parts)

    def repeated(self) -> _Part:
        start = self.at
        part = self.piece()
        low, high = self.count()
        end = self.at
        if part.one == GAP:
            return part if (low, high) != (1, 1) else _Part((GAP,), GAP)
        if (low, high) == (0, 1) and part.all is not None:
            return _Part(("", *part.all), "")
        if low > _MOST_REPEATS:
            raise _CannotSayError
        ones = [part.one]
        while len(ones) < low:
            # Read again, so that digits of an example differ: 0123, not 0000.
            self.at = start
            ones.append(self.piece().one)
        self.at = end
        if low == high == 1:
            return part
        many = low == high and part.all is not None and len(part.all) == 1
        return _Part((part.one * low,) if many else None, "".join(ones[:low]))

    def piece(self) -> _Part:
        char = self.text[self.at]
        self.at += 1
        if char == "(":
            for mark in ("?:", "?i:"):
                if self.text.startswith(mark, self.at):
                    self.at += len(mark)
            if self.peek() == "?":
                raise _CannotSayError
            part = self.alternatives()
            self.expect(")")
            return part
        if char == "[":
            return self.klass()
        if char == ".":
            return _Part((GAP,), GAP)
        if char in "^$":
            return _Part(("",), "")
        if char == "\\":
            char = self.peek()
            self.at += 1
            if char in _CLASSES:
                return self.chosen(_CLASSES[char])
            if char.isalnum() or not char:
                raise _CannotSayError
            return _Part((char,), char)
        if char in _SPECIAL:
            raise _CannotSayError
        return _Part((char,), char)

    def klass(self) -> _Part:
        end = self.text.find("]", self.at + 1)
        body = self.text[self.at : end]
        if end < 0 or body.startswith("^") or "\\" in body or "[" in body:
            raise _CannotSayError
        self.at = end + 1
        members = ""
        while body:
            if len(body) > 2 and body[1] == "-":
                first, last = ord(body[0]), ord(body[2])
                if last - first > _LONGEST:
                    raise _CannotSayError
                members += "".join(map(chr, range(first, last + 1)))
                body = body[3:]
            else:
                members, body = members + body[0], body[1:]
        return self.chosen(members)

    def chosen(self, members: str) -> _Part:
        if not members:
            raise _CannotSayError
        one = members[next(self.digits) % len(members)] if members.isdigit() else members[0]
        return _Part(tuple(members) if len(members) <= MOST_WORDINGS else None, one)

    def count(self) -> tuple[int, int | None]:
        char = self.peek()
        low_high: tuple[int, int | None] = (1, 1)
        if char and char in "?*+":
            self.at += 1
            low_high = {"?": (0, 1), "*": (0, None), "+": (1, None)}[char]
        elif found := _COUNT.match(self.text, self.at):
            self.at = found.end()
            low = int(found[1])
            low_high = (low, low if found[2] is None else int(found[3]) if found[3] else None)
        if low_high != (1, 1) and self.peek() == "?":
            self.at += 1
        return low_high

    def peek(self) -> str:
        return self.text[self.at : self.at + 1]

    def expect(self, char: str) -> None:
        if self.peek() != char:
            raise _CannotSayError
        self.at += 1


def _joined(parts: list[_Part]) -> _Part:
    one = "".join(p.one for p in parts)
    lists = [p.all for p in parts if p.all is not None]
    size = 1
    for listed in lists:
        size *= len(listed)
    if len(lists) < len(parts) or size > MOST_WORDINGS:
        return _Part(None, _gaps(one))
    return _Part(tuple(_gaps("".join(row)) for row in product(*lists)), _gaps(one))


def _gaps(text: str) -> str:
    return re.sub(f"{GAP}+", GAP, text)
