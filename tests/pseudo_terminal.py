"""A program at a terminal: what it wrote, and what of that a person still sees in the end."""

from __future__ import annotations

import os
import re
import select
import struct
import subprocess
import sys
import time
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pytest

fcntl = pytest.importorskip("fcntl", reason="a pseudo-terminal needs POSIX")
pty = pytest.importorskip("pty", reason="a pseudo-terminal needs POSIX")
termios = pytest.importorskip("termios", reason="a pseudo-terminal needs POSIX")

_AT_MOST_S = 60.0
_CONTROL = re.compile(r"\x1b\[([0-9;?]*)([A-Za-z])|[\r\n]|[^\x1b\r\n]+")
_SETTINGS = ("COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """`written` is every byte as text, `code` the exit status."""

    written: str
    code: int

    @property
    def screen(self) -> list[str]:
        """The lines that stand there in the end. Knows what rich writes, and nothing else."""
        lines, row, column = [""], 0, 0
        for found in _CONTROL.finditer(self.written):
            what, argument, letter = found[0], found[1], found[2]
            match letter or what:
                case "\n":
                    row += 1
                    lines += [""] * (row + 1 - len(lines))
                case "\r":
                    column = 0
                case "A":
                    row -= int(argument or 1)
                case "K":
                    assert argument == "2"
                    lines[row] = ""
                case "m" | "h" | "l":
                    pass
                case text:
                    assert letter is None, f"unknown to this screen: {found[0]!r}"
                    # A column is not a character, but nothing is written over but whole lines.
                    assert column == 0 or len(lines[row]) == column, lines[row]
                    lines[row] = lines[row][:column] + text
                    column += len(text)
        return [line.rstrip() for line in lines]


def at_terminal(
    words: Sequence[str],
    *,
    width: int = 80,
    env: Mapping[str, str] | None = None,
    interrupt_at: str = "",
    out: int | None = None,
) -> Shown:
    """A program whose input, output and errors are one terminal `width` columns wide.

    Ctrl-C is pressed there once `interrupt_at` was written. Output goes to the file `out` instead.
    """
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, width, 0, 0))
    kept = {k: v for k, v in os.environ.items() if k not in _SETTINGS}
    job = subprocess.Popen(
        words,
        stdin=theirs,
        stdout=theirs if out is None else out,
        stderr=theirs,
        env={**kept, "TERM": "xterm-256color", "PYTHONUTF8": "1", **(env or {})},
        start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
    )
    os.close(theirs)
    got, until = b"", time.monotonic() + _AT_MOST_S
    while time.monotonic() < until:
        if not select.select([ours], [], [], 0.1)[0]:
            continue
        try:
            piece = os.read(ours, 1 << 16)
        except OSError:  # the last one there has closed it
            piece = b""
        if not piece:
            break
        got += piece
        if interrupt_at and interrupt_at in got.decode(errors="replace"):
            os.write(ours, b"\x03")
            interrupt_at = ""
    else:
        job.kill()
    os.close(ours)
    code = job.wait(_AT_MOST_S)
    return Shown(written=got.decode().replace("\r\n", "\n\r"), code=code)


def qc_at_terminal(*words: str, width: int = 80, env: Mapping[str, str] | None = None) -> Shown:
    """`qc WORDS` at a terminal."""
    return at_terminal([sys.executable, "-m", "qc_pipeline", *words], width=width, env=env)


def cells(text: str) -> int:
    """How many columns of a terminal a text takes, by Unicode's own table of widths."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)
