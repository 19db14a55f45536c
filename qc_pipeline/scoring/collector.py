"""Python's collector of cycles, held off where thousands of values are made and none is a cycle."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def held_off() -> Iterator[None]:
    """No collection of cycles inside; afterwards as it was.

    The collector walks all that lives after so many new values, however much that is: in a process
    that has loaded a recogniser one walk takes longer than reading a rubric or judging ten calls.
    """
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()
