"""Which of two voices is the agent, by what they say and who speaks first."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from qc_pipeline.call import Turn

_FIRST_SPEAKER = 0.6
_COMPANY_PHRASE = 2.0
_OPENING_TURNS = 3
_MOST = 12.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """Which of the two voices (0 or 1) is the agent; `certainty` in [0.5, 1]."""

    agent: int
    certainty: float


@cache
def _phrases() -> tuple[tuple[str, float], ...]:
    """(phrase, log odds of the agent) from data/role_phrases.txt."""
    text = (files("qc_pipeline.asr") / "data" / "role_phrases.txt").read_text(encoding="utf-8")
    rows = (line.split("#")[0].split() for line in text.splitlines())
    return tuple((" ".join(row[1:]), float(row[0])) for row in rows if row)


def agent_odds(turns: Sequence[Turn], company_phrases: Sequence[str] = ()) -> float:
    """The log odds that these turns are the agent's, by their phrases; 0 where they have none."""
    return _odds(turns, company_phrases)


def decide_roles(
    voices: tuple[Sequence[Turn], Sequence[Turn]], company_phrases: Sequence[str] = ()
) -> Role:
    """The agent among two voices.

    Each phrase that a voice says moves the log odds by its weight, counted twice at most, more in
    the first turns; who speaks first is a weak sign (in outbound calls it is the customer's 喂).
    """
    odds = [_odds(turns, company_phrases) for turns in voices]
    firsts = [turns[0].start_s if turns else math.inf for turns in voices]
    total = odds[0] - odds[1]
    if firsts[0] != firsts[1]:
        total += _FIRST_SPEAKER if firsts[0] < firsts[1] else -_FIRST_SPEAKER
    total = min(max(total, -_MOST), _MOST)
    return Role(agent=0 if total >= 0 else 1, certainty=1 / (1 + math.exp(-abs(total))))


def _odds(turns: Sequence[Turn], company_phrases: Sequence[str]) -> float:
    opening = _plain("".join(t.text for t in turns[:_OPENING_TURNS]))
    whole = _plain("".join(t.text for t in turns))
    weighted = [*_phrases(), *((phrase, _COMPANY_PHRASE) for phrase in company_phrases)]
    total = 0.0
    for phrase, weight in weighted:
        plain = _plain(phrase)
        count = min(whole.count(plain), 2)
        total += weight * (count + (0.5 if plain in opening else 0.0))
    return total


def _plain(text: str) -> str:
    return "".join(c for c in text.lower() if c.isalnum())
