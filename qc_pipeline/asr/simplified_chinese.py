"""Simplified characters out, whatever the model wrote."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import accumulate
from typing import Any


@cache
def _converter() -> Any:
    from opencc import OpenCC

    # With the variants of Taiwan, as models write them: 帶著 is 带着 there, 著名 stays 著名.
    return OpenCC("tw2s")


def simplified(text: str) -> str:
    """Traditional characters made simplified; everything else as it is.

    By phrases, so give a whole turn where you can: 瞭解 is 了解, and 瞭 alone stays 瞭.
    """
    return str(_converter().convert(text)) if not text.isascii() else text


def simplified_words(words: Sequence[str]) -> list[str]:
    """The words of a turn made simplified, by phrases that go across them."""
    whole = "".join(words)
    made = simplified(whole)
    if len(made) != len(whole):
        return [simplified(word) for word in words]
    ends = list(accumulate(len(word) for word in words))
    return [made[end - len(word) : end] for word, end in zip(words, ends, strict=True)]
