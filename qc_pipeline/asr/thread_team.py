"""Works done side by side in threads, where whoever has no more of his own helps the others."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from functools import partial
from typing import TypeVar

Result = TypeVar("Result")


class ThreadTeam:
    """So many threads for works, begun in their order.

    A work may be in parts that do not need each other (`share`). A thread that finds no work left
    takes parts of those that are still going on, so that all end at about the same time.
    """

    def __init__(self, count: int) -> None:
        self.count = count
        self._parts: deque[Callable[[], None]] = deque()
        self._news = threading.Condition()

    def do(self, works: Sequence[Callable[[], Result]]) -> list[Result]:
        """The results of `works`, in their order. The first error ends it and is raised.

        Ctrl-C is heard at once. What the threads call may hold them for a minute with a large
        model; the threads left behind by Ctrl-C end with the process.
        """
        futures, calls = _promised(works)
        waiting = deque(calls)
        busy = 0

        def failed() -> bool:
            return any(future.done() and future.exception() for future in futures)

        def run() -> None:
            nonlocal busy
            while True:
                with self._news:
                    while busy and not (waiting or self._parts or failed()):
                        self._news.wait()
                    if failed() or not (waiting or self._parts):
                        return
                    call = (self._parts or waiting).popleft()
                    busy += 1
                call()
                with self._news:
                    busy -= 1
                    self._news.notify_all()

        threads = [
            threading.Thread(target=run, name="recogniser", daemon=True)
            for _ in range(min(self.count, len(works)))
        ]
        for thread in threads:
            thread.start()
        try:
            for thread in threads:
                while thread.is_alive():
                    thread.join(0.2)
        finally:
            waiting.clear()
        # Works before one that failed were begun before it, so their results are there.
        return [future.result() for future in futures]

    def share(self, parts: Sequence[Callable[[], Result]]) -> list[Result]:
        """The results of parts of a work, in their order; whoever is free takes some of them."""
        futures, calls = _promised(parts)
        with self._news:
            self._parts.extend(calls)
            self._news.notify_all()
        while not all(future.done() for future in futures):
            try:
                part = self._parts.popleft()
            except IndexError:  # the rest is in others' hands
                break
            part()
        return [future.result() for future in futures]


def _promised(
    works: Sequence[Callable[[], Result]],
) -> tuple[list[Future[Result]], list[Callable[[], None]]]:
    """A future for each work, and the calls that fulfil them."""
    futures: list[Future[Result]] = [Future() for _ in works]
    return futures, [partial(fulfil, f, work) for f, work in zip(futures, works, strict=True)]


def fulfil(future: Future[Result], work: Callable[[], Result]) -> None:
    """Do a work; its result or its error, whatever it is, is for whoever asks the future."""
    try:
        future.set_result(work())
    except BaseException as error:
        future.set_exception(error)
