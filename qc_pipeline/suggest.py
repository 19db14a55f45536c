"""The nearest allowed word to a mistyped one."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from difflib import get_close_matches


def did_you_mean(found: str, allowed: Iterable[str]) -> str | None:
    """A hint such as `did you mean "budget_calls"?`, or None where nothing is near."""
    near = get_close_matches(found, list(allowed), n=1, cutoff=0.6)
    if not near:
        return None
    foreign = [c for c in found if not c.isascii()] if near[0].isascii() else []
    alike = f" ({', '.join(map(_named, foreign[:2]))} stands in it)" if foreign else ""
    return f'did you mean "{near[0]}"?{alike}'


def _named(char: str) -> str:
    """A character that may look like another one, by its name: Cyrillic а is no Latin a."""
    return unicodedata.name(char, f"U+{ord(char):04X}").lower()
