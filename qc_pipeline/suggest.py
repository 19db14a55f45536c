"""The nearest allowed word to a mistyped one."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def did_you_mean(found: str, allowed: Iterable[str]) -> str | None:
    """A hint such as `did you mean "budget_calls"?`, or None where nothing is near."""
    near = get_close_matches(found, list(allowed), n=1, cutoff=0.6)
    return f'did you mean "{near[0]}"?' if near else None
