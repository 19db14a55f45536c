"""Lines made to fit a terminal, where Chinese characters are two columns wide."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator, Sequence

# No line begins with one of these, and none ends with one of those.
_NOT_FIRST = frozenset("、，。；：？！）”’》】,.;:?!)]}%")
_NOT_LAST = frozenset("（“‘《【([{")
NARROWEST = 40


def terminal_width() -> int | None:
    """The columns of the terminal that is written to; None where it is none (a pipe, a file)."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def columns(text: str) -> int:
    """How wide a text stands in a terminal."""
    from rich.cells import cell_len

    return cell_len(text)


def fitted(line: str, width: int | None) -> Iterator[str]:
    """A line in pieces of at most `width` columns, the further ones indented two deeper.

    Breaks between Chinese characters and at spaces, never inside a Latin word or a number that
    fits; without a width the line stays whole.
    """
    if width is None or columns(line) <= width:
        yield line
        return
    start = len(line) - len(line.lstrip(" "))
    yield from broken(line, max(width, NARROWEST), " " * (start + 2))


def print_fitted(line: str) -> None:
    """Print a sentence, at a terminal in lines that fit it."""
    print(*fitted(line, terminal_width()), sep="\n")


def broken(line: str, width: int, indent: str = "") -> Iterator[str]:
    """A line in pieces of at most `width` columns, the further ones after `indent`."""
    rest = line
    while columns(rest) > width:
        cut = _cut(rest, width)
        yield rest[:cut].rstrip()
        rest = indent + rest[cut:].lstrip()
    yield rest


def _cut(text: str, width: int) -> int:
    """Where to break: the last good place within the width, else the last character of it."""
    used, last, good = 0, 1, 0
    indent = len(text) - len(text.lstrip(" "))
    for at, char in enumerate(text):
        if at > indent and used <= width and _between(text[at - 1], char):
            good = at
        used += columns(char)
        if used > width:
            break
        last = at + 1
    return good or max(last, indent + 1)


def _between(before: str, after: str) -> bool:
    if after in _NOT_FIRST or before in _NOT_LAST:
        return False
    return " " in (before, after) or columns(before) == 2 or columns(after) == 2


def packed(pieces: Sequence[str], width: int, indent: str = "  ") -> Iterator[str]:
    """Short pieces side by side, as many in a line as fit."""
    line = ""
    for piece in pieces:
        if line and columns(line) + 3 + columns(piece) > width:
            yield line
            line = ""
        line = f"{line} · {piece}" if line else indent + piece
    if line:
        yield line
