"""What the command line prints while and after it works."""

from __future__ import annotations

import json
import sys
import time
from typing import TYPE_CHECKING, Any, Self

from qc_pipeline.message import Message
from qc_pipeline.system.terminal import redraws

if TYPE_CHECKING:
    from qc_pipeline.cli.progress_bar import ProgressBar

LANGUAGE = "en"
"""Of the command line."""
PLAIN_LINE_EVERY_S = 3.0


def print_json(value: Any) -> None:
    print(json.dumps(value, ensure_ascii=False, indent=2))


def told(what: str | Message, language: str = LANGUAGE) -> str:
    """A message as the command line says it; ids and sentences of its own as they are."""
    if isinstance(what, str):
        return what
    from qc_pipeline.report.words.translate import Translator

    return Translator(language).told(what)


def say(text: str) -> None:
    """A remark beside the result."""
    print(text, file=sys.stderr)


class TerminalProgress:
    """Progress on stderr: at a terminal a bar in the reader's language, elsewhere a plain line now
    and then. What went wrong is always a line of its own.

    The bar goes when the block is left, however that comes about.
    """

    def __init__(self, language: str) -> None:
        self._live = redraws(sys.stderr)
        self._language = language
        self._bar: ProgressBar | None = None
        self._name = ""
        self._total = 0
        self._count = 0
        self._last = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def stage(self, name: str, total: int) -> None:
        self.close()
        self._name, self._total, self._count = name, total, 0
        self._last = time.monotonic()
        if self._live and total:
            from qc_pipeline.cli.progress_bar import ProgressBar

            self._bar = ProgressBar(name, total, self._language)

    def step(self, what: str | Message, *more: Message) -> None:
        self._count += 1
        failed = isinstance(what, Message) and what.code == "progress.failed"
        if self._bar is not None:
            doing = () if failed else (what, *more)
            self._bar.step("; ".join(told(m, self._language) for m in doing))
        if failed:
            self.say(what)
            return
        now = time.monotonic()
        if not self._live and now - self._last >= PLAIN_LINE_EVERY_S:
            self._last = now
            print(f"{self._name} {self._count}/{self._total}", file=sys.stderr, flush=True)

    def say(self, what: str | Message) -> None:
        text = told(what)
        if self._bar is not None:
            self._bar.say(text)
            return
        if sys.stderr.isatty():
            from qc_pipeline.cli.card_text import plain

            text = "\n".join(map(plain, text.splitlines()))
        print(text, file=sys.stderr, flush=True)

    def close(self) -> None:
        bar, self._bar = self._bar, None
        if bar is not None:
            bar.close()
