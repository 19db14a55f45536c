"""Choose the words of a turn from the bank, only from the part kept out of training."""

from __future__ import annotations

import functools
import random
import re
from collections.abc import Mapping
from dataclasses import dataclass

from tools.samples.extra_lines import EXTRA
from tools.speech.lines import acts, fill, held_out

_ROUNDS = 24
_PREFIXES = {"agent": ("好的,", "好,", "嗯,"), "customer": ("嗯,", "那个,", "好,")}
_PREFIXED_SHARE = 0.2
# Where such a word is natural even if there is a plain wording, and where it never is.
_OFTEN_PREFIXED = frozenset(
    {"agree", "ack", "no-more", "bye", "disagree", "ask-business", "ask-time", "closing"}
)
_NEVER_PREFIXED = frozenset({"greeting", "hello"})
_OPENED = ("嗯", "好", "是", "对", "哦", "喂", "行", "没问题", "明白", "那个", "你好", "您好")
_SLOT = re.compile(r"\{(\w+)\}")


class NoWordingError(Exception):
    """No held-out sentence of an act satisfies what this place in the dialogue asks for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pick:
    """What is wanted of one sentence: its act, and patterns it must and must not contain."""

    act: str
    need: str = ""
    avoid: str = ""


def pick(act: str, need: str = "", avoid: str = "") -> Pick:
    """Shorthand for `Pick`, since dialogues are full of them."""
    return Pick(act=act, need=need, avoid=avoid)


@functools.cache
def _templates(name: str) -> tuple[str, ...]:
    bank = acts().get(name)
    return (*(bank.templates if bank else ()), *EXTRA.get(name, ()))


def sentence(
    speaker: str,
    wanted: Pick,
    *,
    fixed: Mapping[str, tuple[str, ...]],
    banned_slots: frozenset[str],
    avoid: str,
    said: set[str],
    rng: random.Random,
) -> str:
    """Return one held-out sentence of the act for `speaker`, slots in `fixed` filled from there.

    A wording used before in the call (`said` keeps them, and this one is added) comes only where
    no other fits. Now and then, or where nothing plain is held out, a short word of agreement
    from the bank is put before it. Raises NoWordingError when none fits.
    """
    templates = [
        t
        for t in _templates(f"{speaker}:{wanted.act}")
        if not banned_slots.intersection(_SLOT.findall(t))
    ]
    rng.shuffle(templates)
    fresh = [t for t in templates if t not in said]
    ways = (False, True) if wanted.act not in _NEVER_PREFIXED else (False,)
    if wanted.act in _OFTEN_PREFIXED and rng.random() < _PREFIXED_SHARE:
        ways = (True, False)
    for pool in (fresh, templates):
        for prefixed in ways:
            for template in pool * _ROUNDS:
                text = fill(_fix(template, fixed, rng), rng)
                if prefixed and not text.startswith(_OPENED):
                    text = rng.choice(_PREFIXES[speaker]) + text
                if held_out(text) and text not in said and _fits(text, wanted, avoid):
                    said.update((text, template))
                    return text
    raise NoWordingError(f"{speaker}:{wanted.act} need={wanted.need!r} avoid={avoid!r}")


def _fits(text: str, wanted: Pick, avoid: str) -> bool:
    if wanted.need and not re.search(wanted.need, text):
        return False
    return not any(p and re.search(p, text) for p in (wanted.avoid, avoid))


def _fix(template: str, fixed: Mapping[str, tuple[str, ...]], rng: random.Random) -> str:
    return _SLOT.sub(lambda m: rng.choice(fixed[m[1]]) if m[1] in fixed else m[0], template)


def spoken_digits(number: str) -> str:
    """Return a number as it is said on the telephone, digit by digit, 幺 for one."""
    return "".join("零幺二三四五六七八九"[int(d)] for d in number)
