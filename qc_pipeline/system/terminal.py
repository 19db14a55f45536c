"""What the terminal is that is written to."""

from __future__ import annotations

import os
from typing import TextIO


def redraws(stream: TextIO) -> bool:
    """Whether a line there can be written over: a terminal, and not a dumb one."""
    return stream.isatty() and os.environ.get("TERM", "").lower() not in ("dumb", "unknown")
