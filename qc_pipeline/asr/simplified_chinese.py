"""Simplified characters out, whatever the model wrote."""

from __future__ import annotations

from functools import cache
from typing import Any


@cache
def _converter() -> Any:
    from opencc import OpenCC

    return OpenCC("t2s")


def simplified(text: str) -> str:
    """Traditional characters made simplified; everything else as it is."""
    return str(_converter().convert(text)) if not text.isascii() else text
