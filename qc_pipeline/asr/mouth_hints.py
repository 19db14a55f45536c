"""What the words of a mono call say about whose they are: set phrases, and questions.

Only hints: sound tells voices apart better than words do. But where the sound leaves two divisions
about as likely, 请问您怎么称呼 and 我要投诉 in one mouth decide against one of them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
import numpy.typing as npt

from qc_pipeline.audio.phrases import Phrases
from qc_pipeline.audio.two_voices import PAUSE_S, Hints, change_costs

Float64 = npt.NDArray[np.float64]

_FIRST_SPEAKER = 0.6  # as in roles.py: in outbound calls it is the customer's 喂
_MOST = 2.5  # log odds that words say about one phrase
_ANSWERED = 1.0  # by so much a change costs less after a question
_CHEAPEST = 0.2
_ASKED = -2.0  # what it costs after the agent's: staying is what is unlikely there
_TAIL = 16  # characters before the pause in which a question is politely asked
_QUESTION = re.compile(
    r"([?？]|吗|呢|什么|多少|几点|时候|怎么称呼|贵姓|可以帮您|可以帮你)[，。？！,.!\s]*$"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PhrasedWords:
    """The words of a call, in order, each with the number of its phrase."""

    texts: Sequence[str]
    phrases: Sequence[int]


@cache
def _weighted() -> tuple[tuple[str, float], ...]:
    """(phrase, log odds of the agent) from data/mouth_phrases.txt, the longest first."""
    text = (files("qc_pipeline.asr") / "data" / "mouth_phrases.txt").read_text(encoding="utf-8")
    rows = (line.split("#")[0].split() for line in text.splitlines())
    found = [(_plain("".join(row[1:])), float(row[0])) for row in rows if row]
    return tuple(sorted(found, key=lambda pair: -len(pair[0])))


def agent_odds(said: PhrasedWords, count: int, company_phrases: Sequence[str] = ()) -> Float64:
    """Log odds that the agent said each of `count` phrases, by set phrases; shape (count,).

    A set phrase that reaches over two phrases of the sound counts for each by its share.
    """
    owners: list[int] = []
    text = ""
    for word, number in zip(said.texts, said.phrases, strict=True):
        plain = _plain(word)
        text += plain
        owners += [number] * len(plain)
    odds = np.zeros(count)
    taken = np.zeros(len(text), dtype=np.bool_)
    company = [(_plain(phrase), 1.5) for phrase in company_phrases]
    for phrase, weight in sorted([*company, *_weighted()], key=lambda pair: -len(pair[0])):
        at = text.find(phrase) if phrase else -1
        while at >= 0:
            part = slice(at, at + len(phrase))
            if not taken[part].any():
                taken[part] = True
                for owner in owners[at : at + len(phrase)]:
                    odds[owner] += weight / len(phrase)
            at = text.find(phrase, at + 1)
    return np.clip(odds, -_MOST, _MOST)


def hints_of(said: PhrasedWords, phrases: Phrases, company_phrases: Sequence[str] = ()) -> Hints:
    """What is known from the words about the phrases of a call."""
    costs = change_costs(phrases)
    pauses_s = phrases.pauses_s
    texts = _texts(said, len(phrases.pieces))
    asked = set(questions(said, phrases))
    for number in range(1, len(texts)):
        if number - 1 in asked:
            costs[number] = _ASKED
        elif pauses_s[number] >= PAUSE_S and _QUESTION.search(texts[number - 1]):
            costs[number] = max(costs[number] - _ANSWERED, _CHEAPEST)
    return Hints(
        odds=agent_odds(said, len(texts), company_phrases),
        change_costs=costs,
        first=_FIRST_SPEAKER if said.texts else 0.0,
    )


def questions(said: PhrasedWords, phrases: Phrases) -> list[int]:
    """The phrases that end a question of the agent's, with a pause after it: 请问您贵姓."""
    texts = _texts(said, len(phrases.pieces))
    pauses_s = phrases.pauses_s
    found = []
    tail = ""
    for number in range(len(texts) - 1):
        tail = (tail + texts[number])[-_TAIL:]
        if pauses_s[number + 1] >= PAUSE_S and _QUESTION.search(texts[number]):
            if "请问" in tail or "您" in tail:
                found.append(number)
            tail = ""
    return found


def _texts(said: PhrasedWords, count: int) -> list[str]:
    """What is said in each phrase."""
    texts = [""] * count
    for word, number in zip(said.texts, said.phrases, strict=True):
        texts[number] += word
    return texts


def _plain(text: str) -> str:
    return "".join(c for c in text.lower() if c.isalnum())
