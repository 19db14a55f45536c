"""The bank of sentences for synthetic calls: wordings by act, and the part kept out of training.

About a quarter of all sentences are held out: the sample calls use only those, the sample
recogniser is trained only on the others. Which is which follows from the sentence alone.
The wordings stand in `agent.txt` and `customer.txt`: `[act]`, then one wording a line, with
slots in braces (see `slots.py`).
"""

from __future__ import annotations

import functools
import hashlib
import random
import string
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from tools.speech.slots import SLOTS

CLAUSE_MARK = ","
HELD_OUT_SHARE = 0.25
_PUNCTUATION = frozenset(
    string.punctuation + string.whitespace + "\uff0c。？！、；：…—“”‘’（）《》"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One thing people do in a call (greet, promise, refuse), with all its wordings."""

    name: str
    speaker: Literal["agent", "customer"]
    templates: tuple[str, ...]


@functools.cache
def acts() -> Mapping[str, Act]:
    """Return every act by its name, `agent:greeting` or `customer:bye`, in a fixed order."""
    bank: dict[str, Act] = {}
    speakers: tuple[Literal["agent", "customer"], ...] = ("agent", "customer")
    for speaker in speakers:
        block = Path(__file__).with_name(f"{speaker}.txt").read_text(encoding="utf-8")
        for part in block.split("[")[1:]:
            heading, _, wordings = part.partition("]\n")
            templates = tuple(line for line in wordings.splitlines() if line)
            name = f"{speaker}:{heading}"
            bank[name] = Act(name=name, speaker=speaker, templates=templates)
    return MappingProxyType(bank)


def fill(template: str, rng: random.Random) -> str:
    """Return the template with every slot filled; the same generator state gives the same text.

    Clauses are parted by an ASCII comma; there is no other punctuation and no Latin letter.
    Raises KeyError for a slot that is not in `SLOTS`.
    """
    out: list[str] = []
    for literal, slot, _, _ in string.Formatter().parse(template):
        out.append(literal)
        if slot is not None:
            out.append(SLOTS[slot](rng))
    return "".join(out)


def bare(text: str) -> str:
    """Return the text without punctuation and white space."""
    return "".join(c for c in text if c not in _PUNCTUATION)


def held_out(text: str) -> bool:
    """Return whether this sentence is kept out of training (about one in four).

    Decided by the SHA-256 of the sentence without punctuation, so it is the same everywhere.
    """
    digest = hashlib.sha256(bare(text).encode()).digest()
    return int.from_bytes(digest[:4], "big") < HELD_OUT_SHARE * 2**32


def held_out_examples(
    act: str, rng: random.Random, wanted: int, tries: int = 4000
) -> tuple[str, ...]:
    """Return up to `wanted` different held-out sentences of an act, wordings mixed.

    Raises KeyError for an unknown act.
    """
    templates = acts()[act].templates
    found: dict[str, None] = {}
    for attempt in range(tries):
        text = fill(templates[attempt % len(templates)], rng)
        if held_out(text):
            found.setdefault(text)
            if len(found) == wanted:
                break
    return tuple(found)
