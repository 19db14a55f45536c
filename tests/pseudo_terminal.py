"""A program at a terminal: what it wrote, and what of that a person still sees in the end."""

from __future__ import annotations

import os
import re
import select
import signal
import struct
import subprocess
import sys
import time
import traceback
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NoReturn

import pytest

from tests.in_process import COMMAND
from tests.workspaces import take_interrupts

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
    ours, theirs = _terminal(width)
    job = subprocess.Popen(
        words,
        stdin=theirs,
        stdout=theirs if out is None else out,
        stderr=theirs,
        env=_environment(env),
        start_new_session=True,
        preexec_fn=_take_terminal,
    )
    os.close(theirs)
    written = _written(ours, job.pid, interrupt_at)
    return Shown(written=written, code=job.wait(_AT_MOST_S))


def here_at_terminal(
    work: Callable[[], object],
    *,
    width: int = 80,
    env: Mapping[str, str] | None = None,
    interrupt_at: str = "",
    out: int | None = None,
    answers: Sequence[tuple[str, str]] = (),
) -> Shown:
    """As `at_terminal`, in a copy of this process: what is loaded is not loaded again. `answers`
    are (what is asked, what is typed then), in order.
    """
    ours, theirs = _terminal(width)
    child = os.fork()
    if not child:
        _live(work, theirs, theirs if out is None else out, _environment(env))
    os.close(theirs)
    written = _written(ours, child, interrupt_at, answers)
    _, status = os.waitpid(child, 0)
    return Shown(written=written, code=os.waitstatus_to_exitcode(status))


def qc_at_terminal(
    *words: str,
    width: int = 80,
    env: Mapping[str, str] | None = None,
    answers: Sequence[tuple[str, str]] = (),
) -> Shown:
    """`qc WORDS` at a terminal, in a copy of this process."""
    return here_at_terminal(
        lambda: COMMAND.main(list(words), prog_name="qc"), width=width, env=env, answers=answers
    )


def _live(work: Callable[[], object], terminal: int, out: int, env: Mapping[str, str]) -> NoReturn:
    """A child's life: streams and environment as a shell would give them, an end as Python's."""
    code = 0
    try:
        os.setsid()
        for stream, to in enumerate((terminal, out, terminal)):
            os.dup2(to, stream)
        _take_terminal()
        signal.signal(signal.SIGINT, signal.default_int_handler)
        sys.stdin = os.fdopen(0, encoding="utf-8")
        sys.stdout = sys.__stdout__ = os.fdopen(1, "w", encoding="utf-8")
        if os.isatty(1):
            sys.stdout.reconfigure(line_buffering=True)
        sys.stderr = sys.__stderr__ = os.fdopen(2, "w", buffering=1, encoding="utf-8")
        os.environ.clear()
        os.environ.update(env)
        work()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    except BaseException:
        code = 1
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _terminal(width: int) -> tuple[int, int]:
    """Our end and the program's."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, width, 0, 0))
    return ours, theirs


def _take_terminal() -> None:
    """Input's terminal becomes the program's own, and Ctrl-C there ends it, even where the tests
    run in the background.
    """
    take_interrupts()
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def _environment(env: Mapping[str, str] | None) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if k not in _SETTINGS}
    return {**kept, "TERM": "xterm-256color", "PYTHONUTF8": "1", **(env or {})}


def _written(
    ours: int, process: int, interrupt_at: str = "", answers: Sequence[tuple[str, str]] = ()
) -> str:
    """What comes until the program has closed its end; it is killed after a minute."""
    got, until, seen = b"", time.monotonic() + _AT_MOST_S, 0
    waiting = list(answers)
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
        text = got.decode(errors="replace")
        if waiting and waiting[0][0] in text[seen:]:
            seen = len(text)
            os.write(ours, waiting.pop(0)[1].encode() + b"\n")
    else:
        os.kill(process, signal.SIGKILL)
    os.close(ours)
    return got.decode().replace("\r\n", "\n\r")


def cells(text: str) -> int:
    """How many columns of a terminal a text takes, by Unicode's own table of widths."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)
