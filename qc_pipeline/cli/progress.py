"""What the command line prints while and after it works."""

from __future__ import annotations

import json
import sys
import time
from typing import Any

from qc_pipeline.message import Message

LANGUAGE = "en"
"""Of the command line."""
PLAIN_LINE_EVERY_S = 3.0


def print_json(value: Any) -> None:
    print(json.dumps(value, ensure_ascii=False, indent=2))


def told(what: str | Message) -> str:
    """A message as the command line says it; ids and sentences of its own as they are."""
    if isinstance(what, str):
        return what
    from qc_pipeline.report.words.translate import Translator

    return Translator(LANGUAGE).told(what)


def say(text: str) -> None:
    """A remark beside the result."""
    print(text, file=sys.stderr)


class TerminalProgress:
    """Progress on stderr: one line that is rewritten at a terminal, a plain line now and then
    elsewhere. What went wrong is always a line of its own.
    """

    def __init__(self) -> None:
        self._live = sys.stderr.isatty()
        self._name = ""
        self._total = 0
        self._count = 0
        self._last = 0.0

    def stage(self, name: str, total: int) -> None:
        self._end_line()
        self._name, self._total, self._count = name, total, 0
        self._last = time.monotonic()

    def step(self, what: str | Message, *more: Message) -> None:
        self._count += 1
        if isinstance(what, Message) and what.code == "progress.failed":
            self.say(what)
            return
        now = time.monotonic()
        if self._live:
            text = "; ".join(told(m) for m in (what, *more))
            line = f"{self._name} {self._count}/{self._total}  {text}"
            sys.stderr.write("\r\x1b[K" + line[:100])
            sys.stderr.flush()
        elif now - self._last >= PLAIN_LINE_EVERY_S:
            self._last = now
            print(f"{self._name} {self._count}/{self._total}", file=sys.stderr, flush=True)

    def say(self, what: str | Message) -> None:
        self._end_line()
        print(told(what), file=sys.stderr, flush=True)

    def close(self) -> None:
        self._end_line()

    def _end_line(self) -> None:
        if self._live and self._count:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
